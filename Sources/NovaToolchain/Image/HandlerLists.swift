// HandlerLists.swift — the lists of handlers in a runner's object, shortened in place.
// Hosted. Design: Decisions/0017-a-module-as-a-program.md; the lists: NovaInterpreter/Generated.
//
// A list is an array of handlers' addresses, so of relocations, beside one of their operations'
// numbers, at whose end a number that no operation has stands. Arrays of handlers follow each other
// to the end of their section, and those of numbers to the end of theirs: what is not used is taken
// out, the rest moves up, and sections, relocations and symbols are made as long as what is left.

/// The lists of an object, of which each keeps what a program needs.
struct HandlerLists {
  private let object: ELFFile
  private let path: String
  private var handlers: [Part] = []
  private var numbers: [Part] = []

  /// An array: where it was, and what is left of it, by places in the section.
  private struct Part {
    let symbol: Int
    let range: Range<Int>
    let kept: [Int]
    let elementByteCount: Int
  }

  /// The lists of handlers, beside each that of the numbers that its places are for, and whether
  /// the handlers charge fuel.
  ///
  /// Names as Swift mangles them, up to the type's arguments: other symbols begin with the same
  /// name.
  static let names = [
    (
      handlers: "$e15NovaInterpreter11handlerLists11InlineArrayV",
      numbers: "$e15NovaInterpreter14handlerNumberss11InlineArrayV",
      areCharged: false
    ),
    (
      handlers: "$e15NovaInterpreter18chargedHandlerLists11InlineArrayV",
      numbers: "$e15NovaInterpreter21chargedHandlerNumberss11InlineArrayV",
      areCharged: true
    ),
  ]

  private static let handlerByteCount = 8
  private static let numberByteCount = 2
  private static let relocationByteCount = 24
  private static let symbolByteCount = 24
  private static let sectionByteCount = 64
  private static let end: UInt16 = 0xffff

  init(_ object: ELFFile, _ path: String) {
    self.object = object
    self.path = path
  }

  /// Adds a list, in the order in which they lie.
  ///
  /// - Parameters:
  ///   - handlers: what the name of the array of handlers begins with.
  ///   - numbers: the same of the array of numbers.
  ///   - isUsed: whether the program needs the handler of this number.
  /// - Throws: `PruningError.noTable`.
  mutating func add(
    handlers: String, numbers: String, isUsed: (UInt16) -> Bool
  ) throws(PruningError) {
    let (first, second) = (try symbol(handlers), try symbol(numbers))
    let (addresses, words) = (object.symbols[first], object.symbols[second])
    let bytes = object.bytes(of: object.sections[Int(words.sectionNumber)])
    var (keptHandlers, keptNumbers): ([Int], [Int]) = ([], [])
    let start = Int(words.address)
    let count = Int(words.byteCount) / Self.numberByteCount
    guard start + Int(words.byteCount) <= bytes.count,
      Int(addresses.byteCount) == (count - 1) * Self.handlerByteCount
    else { throw .noTable(path: path, symbol: words.name) }
    for index in 0..<count {
      let place = bytes.startIndex + start + index * Self.numberByteCount
      let number = UInt16(bytes[place]) | UInt16(bytes[place + 1]) << 8
      guard number == Self.end || isUsed(number) else { continue }
      keptNumbers.append(start + index * Self.numberByteCount)
      if number != Self.end {
        keptHandlers.append(Int(addresses.address) + index * Self.handlerByteCount)
      }
    }
    self.handlers.append(
      Part(
        symbol: first, range: Self.range(addresses), kept: keptHandlers,
        elementByteCount: Self.handlerByteCount))
    self.numbers.append(
      Part(
        symbol: second, range: Self.range(words), kept: keptNumbers,
        elementByteCount: Self.numberByteCount))
  }

  /// The object with the lists as they are now.
  func objectBytes() throws(PruningError) -> [UInt8] {
    var bytes = object.bytes
    try shorten(handlers, &bytes)
    try shorten(numbers, &bytes)
    return bytes
  }

  private static func range(_ symbol: ELFSymbol) -> Range<Int> {
    Int(symbol.address)..<Int(symbol.address + symbol.byteCount)
  }

  /// Moves what is kept of a section's arrays together, and ends the section behind it.
  private func shorten(_ parts: [Part], _ bytes: inout [UInt8]) throws(PruningError) {
    guard let first = parts.first else { return }
    let sectionNumber = Int(object.symbols[first.symbol].sectionNumber)
    let section = object.sections[sectionNumber]
    // Where each byte that is kept goes.
    var places: [Int: Int] = [:]
    var end = first.range.lowerBound
    var expected = end
    for part in parts {
      let symbol = object.symbols[part.symbol]
      guard Int(symbol.sectionNumber) == sectionNumber, part.range.lowerBound == expected else {
        throw .noTable(path: path, symbol: symbol.name)
      }
      expected = part.range.upperBound
      let entry = try symbolPlace(part.symbol)
      Self.store(UInt64(end), at: entry + 8, &bytes)
      Self.store(UInt64(part.kept.count * part.elementByteCount), at: entry + 16, &bytes)
      for place in part.kept {
        for byte in 0..<part.elementByteCount {
          bytes[Int(section.fileOffset) + end + byte] =
            object.bytes[Int(section.fileOffset) + place + byte]
        }
        places[place] = end
        end += part.elementByteCount
      }
    }
    guard expected == Int(section.byteCount) else {
      throw .noTable(path: path, symbol: section.name)
    }
    Self.store(UInt64(end), at: sectionPlace(sectionNumber) + 32, &bytes)
    let moved = first.range.lowerBound..<expected
    for (number, relocations) in object.sections.enumerated()
    where relocations.kind == ELFSection.relocations
      && Int(relocations.information) == sectionNumber
    {
      var place = Int(relocations.fileOffset)
      for entry in stride(
        from: place, to: place + Int(relocations.byteCount), by: Self.relocationByteCount)
      {
        let offset = Int(ELFFile.word(object.bytes[entry..<entry + 8]))
        guard let new = moved.contains(offset) ? places[offset] : offset else { continue }
        for byte in 0..<Self.relocationByteCount {
          bytes[place + byte] = object.bytes[entry + byte]
        }
        Self.store(UInt64(new), at: place, &bytes)
        place += Self.relocationByteCount
      }
      Self.store(
        UInt64(place) - relocations.fileOffset, at: sectionPlace(number) + 32, &bytes)
    }
  }

  private func symbol(_ name: String) throws(PruningError) -> Int {
    let found = object.symbols.firstIndex {
      $0.kind == .object && $0.name.hasPrefix(name) && $0.byteCount > 0
        && Int($0.sectionNumber) < object.sections.count && $0.sectionNumber > 0
    }
    guard let found else { throw .noTable(path: path, symbol: name) }
    return found
  }

  /// Where the symbol's entry is in the file; the null symbol isn't kept.
  private func symbolPlace(_ index: Int) throws(PruningError) -> Int {
    guard let table = object.sections.first(where: { $0.kind == ELFSection.symbolTable }) else {
      throw .noTable(path: path, symbol: "symbols")
    }
    return Int(table.fileOffset) + (index + 1) * Self.symbolByteCount
  }

  private func sectionPlace(_ number: Int) -> Int {
    Int(ELFFile.word(object.bytes[40..<48])) + number * Self.sectionByteCount
  }

  private static func store(_ word: UInt64, at place: Int, _ bytes: inout [UInt8]) {
    for index in 0..<8 { bytes[place + index] = UInt8(truncatingIfNeeded: word >> (8 * index)) }
  }
}

extension HandlerLists {
  /// The bytes of a linked runner whose lists end behind what is needed.
  ///
  /// Nothing else changes; but a context's table is filled sooner then, and touches fewer pages.
  static func shortened(_ runner: ELFFile, isUsed: (UInt16) -> Bool) -> [UInt8] {
    var bytes = runner.bytes
    func place(_ name: String) -> Range<Int>? {
      runner.symbols.first {
        $0.kind == .object && $0.name.hasPrefix(name) && $0.byteCount > handlerByteCount
      }.flatMap { runner.bytes(at: $0.address, byteCount: $0.byteCount)?.indices }
    }
    for list in names {
      guard let handlers = place(list.handlers), let numbers = place(list.numbers) else { continue }
      var kept = 0
      for index in 0..<numbers.count / numberByteCount {
        let from = numbers.lowerBound + index * numberByteCount
        let number = UInt16(runner.bytes[from]) | UInt16(runner.bytes[from + 1]) << 8
        guard number == end || isUsed(number) else { continue }
        copy(numberByteCount, from, numbers.lowerBound + kept * numberByteCount, &bytes)
        guard number != end, (index + 1) * handlerByteCount <= handlers.count else { break }
        copy(
          handlerByteCount, handlers.lowerBound + index * handlerByteCount,
          handlers.lowerBound + kept * handlerByteCount, &bytes)
        kept += 1
      }
    }
    return bytes
  }

  /// Copies bytes to a place that is not behind theirs.
  private static func copy(_ count: Int, _ from: Int, _ to: Int, _ bytes: inout [UInt8]) {
    for index in 0..<count { bytes[to + index] = bytes[from + index] }
  }
}
