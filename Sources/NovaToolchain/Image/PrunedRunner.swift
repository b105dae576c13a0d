// PrunedRunner.swift — a runner linked anew, with the handlers of the operations a module uses.
// Hosted. Imports NovaABI, NovaBytecode. Design: Decisions/0017-a-module-as-a-program.md.
//
// `make runners` keeps the runner also as one relocatable object, each function in a section of its
// own. Handlers are referred to by the tables of handlers and by nothing else; where a table's
// relocation names the handler of an operation that the module does not use, it is made to name
// that of `unreachable`, and the linker leaves the handler out.

import NovaBytecode

/// Why a runner could not be pruned; nothing was written.
public enum PruningError: Error, Equatable {
  /// The runner's object was not built or installed.
  case noObject(target: Target, path: String)
  case file(FileError)
  case copy(FileChangeError)
  /// The object is no ELF file that can be read.
  case object(path: String, ELFError)
  /// The object does not hold the tables of handlers where they are looked for.
  case noTable(path: String, symbol: String)
  /// `ld.lld` is neither beside the compiler nor on PATH.
  case noLinker(name: String)
  case process(ProcessError)
  /// The linker refused; what it wrote.
  case link(output: String)
}

/// A runner's object, and what of it a module needs.
struct PrunedRunner {
  /// Path of the object.
  let objectPath: String
  private let script: String
  private let object: ELFFile

  /// The tables of handlers, and beside each the numbers of the operations that its places are for.
  ///
  /// Names as Swift mangles them, up to the type's arguments: other symbols begin with the same
  /// name.
  private static let tables = [
    (
      handlers: "$e15NovaInterpreter11handlerLists11InlineArrayV",
      numbers: "$e15NovaInterpreter14handlerNumberss11InlineArrayV"
    ),
    (
      handlers: "$e15NovaInterpreter18chargedHandlerLists11InlineArrayV",
      numbers: "$e15NovaInterpreter21chargedHandlerNumberss11InlineArrayV"
    ),
  ]
  /// Stands for the handlers of operations that are not used.
  private static let unused = "nova_do_unreachable"
  private static let handlerByteCount = 8
  private static let numberByteCount = 2
  private static let linker = "ld.lld"
  private static let timeLimitMilliseconds = 60_000

  /// Reads the object of the installation's runner.
  init(for target: Target, _ installation: Installation) throws(PruningError) {
    let path = "\(installation.runnerFolder(for: target))/runner.o"
    guard Files.exists(path) else { throw .noObject(target: target, path: path) }
    let bytes: [UInt8]
    do { bytes = try readFile(path) } catch { throw .file(error) }
    do { object = try ELFFile(bytes) } catch { throw .object(path: path, error) }
    objectPath = path
    script = "\(installation.root)/linker/nova.ld"
  }

  /// The runner with the handlers that a module needs, and no others.
  ///
  /// - Parameter module: the bytes of a verified module.
  /// - Returns: the runner's file.
  /// - Throws: `PruningError`.
  func linked(for module: [UInt8]) throws(PruningError) -> [UInt8] {
    let changed = try objectBytes(keeping: UsedOperations(of: module))
    guard let linker = CompilerTool.find(Self.linker) else { throw .noLinker(name: Self.linker) }
    let folder: String
    do { folder = try Files.makeTemporaryFolder("nova-prune") } catch { throw .copy(error) }
    let (input, output) = ("\(folder)/runner.o", "\(folder)/runner")
    defer { for path in [input, output, folder] { Files.remove(path) } }
    do { try Files.write(changed, to: input) } catch { throw .copy(error) }
    var request = ProcessRequest(
      linker,
      [
        "-static", "--gc-sections", "--icf=all", "--build-id=sha1", "-z", "noexecstack",
        "-z", "separate-code", "--defsym", "main=runner_main", "-T", script, input, "-o", output,
      ])
    request.timeLimitMilliseconds = Self.timeLimitMilliseconds
    let outcome: ProcessOutcome
    do { outcome = try NovaToolchain.run(request) } catch { throw .process(error) }
    guard outcome.isSuccess else { throw .link(output: outcome.errorText) }
    do { return try readFile(output) } catch { throw .file(error) }
  }

  /// The object with the places of operations that are not used naming another handler.
  private func objectBytes(keeping used: UsedOperations) throws(PruningError) -> [UInt8] {
    guard let unused = object.symbols.firstIndex(where: { $0.name == Self.unused }) else {
      throw .noTable(path: objectPath, symbol: Self.unused)
    }
    var bytes = object.bytes
    for table in Self.tables {
      let handlers = try symbol(table.handlers)
      let numbers = try contents(of: symbol(table.numbers))
      for place in try relocations(of: handlers) {
        let slot = Int(place.offset - handlers.address) / Self.handlerByteCount
        let byte = slot * Self.numberByteCount
        guard byte + 1 < numbers.count else {
          throw .noTable(path: objectPath, symbol: table.numbers)
        }
        let number = UInt16(numbers[byte]) | UInt16(numbers[byte + 1]) << 8
        guard !used.contains(number) else { continue }
        // The symbol is the upper half of the relocation's second word; the null symbol isn't kept.
        let symbol = UInt32(unused + 1)
        for index in 0..<4 {
          bytes[place.fileOffset + 12 + index] = UInt8(truncatingIfNeeded: symbol >> (8 * index))
        }
      }
    }
    return bytes
  }

  private func symbol(_ name: String) throws(PruningError) -> ELFSymbol {
    let found = object.symbols.first {
      $0.kind == .object && $0.name.hasPrefix(name) && $0.byteCount > 0
        && Int($0.sectionNumber) < object.sections.count && $0.sectionNumber > 0
    }
    guard let found else { throw .noTable(path: objectPath, symbol: name) }
    return found
  }

  private func contents(of symbol: ELFSymbol) throws(PruningError) -> [UInt8] {
    let section = object.bytes(of: object.sections[Int(symbol.sectionNumber)])
    let (end, wraps) = symbol.address.addingReportingOverflow(symbol.byteCount)
    guard !wraps, end <= UInt64(section.count) else {
      throw .noTable(path: objectPath, symbol: symbol.name)
    }
    return Array(section.dropFirst(Int(symbol.address)).prefix(Int(symbol.byteCount)))
  }

  /// The relocations that lie within a symbol: offset in its section, and in the file.
  private func relocations(
    of symbol: ELFSymbol
  ) throws(PruningError) -> [(offset: UInt64, fileOffset: Int)] {
    let byteCount = 24
    let range = symbol.address..<symbol.address + symbol.byteCount
    var found: [(offset: UInt64, fileOffset: Int)] = []
    for section in object.sections
    where section.kind == ELFSection.relocations && section.information == symbol.sectionNumber {
      let bytes = object.bytes(of: section)
      for place in stride(from: bytes.startIndex, to: bytes.endIndex - byteCount + 1, by: byteCount)
      {
        let offset = ELFFile.word(bytes[place..<place + 8])
        if range.contains(offset) { found.append((offset, place)) }
      }
    }
    guard found.count == Int(symbol.byteCount) / Self.handlerByteCount else {
      throw .noTable(path: objectPath, symbol: symbol.name)
    }
    return found
  }
}

/// The operations that a module's code names, and those that every interpreter needs.
private struct UsedOperations {
  private var numbers: Set<UInt16> = []

  /// - Parameter module: the bytes of a verified module.
  init(of module: [UInt8]) {
    let copy = UnsafeMutableRawBufferPointer.allocate(
      byteCount: module.count, alignment: ModuleBytes.alignment)
    defer { unsafe copy.deallocate() }
    unsafe copy.copyBytes(from: module)
    // SAFETY: the copy stays until the end, when nothing is left that was made from it.
    let bytes = unsafe ModuleBytes(unchanging: UnsafeRawBufferPointer(copy))
    guard let view = try? ModuleReader.read(bytes) else {
      preconditionFailure("a module that was verified is one that can be read")
    }
    var word = 0
    while word < view.codeWordCount {
      let instruction = view.codeWord(word)
      let operation = Operation(rawValue: UInt16(truncatingIfNeeded: instruction))
      numbers.insert(operation.rawValue)
      word += operation.descriptor.wordCount
      if operation.base == .brTable { word += Self.branchTableWordCount(instruction) }
    }
  }

  /// Two targets a word; their number less one is field B.
  private static func branchTableWordCount(_ instruction: UInt64) -> Int {
    (Int(instruction >> 32 & 0xffff) + 2) / 2
  }

  func contains(_ number: UInt16) -> Bool {
    let operation = Operation(rawValue: number)
    return numbers.contains(number) || operation.descriptor.flags.contains(.internal)
  }
}
