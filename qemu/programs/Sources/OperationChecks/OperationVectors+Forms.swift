// OperationVectors+Forms.swift — reads vectors, and applies each to every form of its operation.
// Freestanding and hosted. Imports NovaBytecode. What forms there are: NovaCore.docc/Operations.md.

import NovaBytecode

/// One instruction by hand and what it must come to.
public struct OperationVector {
  /// What it comes to.
  public enum Result: Equatable, Sendable {
    /// The written register's bits, or whether the branch is taken.
    case value(UInt64)
    /// A `TrapKind`'s raw value.
    case trap(UInt8)
    /// Bytes of memory from `address` on, the first one in the highest bits that are used.
    case stored(UInt64, at: UInt64, byteCount: Int)
  }

  /// Base operation or a form of it.
  public var operation: Operation
  /// What the text has behind the name, but for written registers, branches and memory 0.
  public var operands: [UInt64]
  /// What it must come to.
  public var result: Result

  /// A vector of one form.
  public init(operation: Operation, operands: [UInt64], result: Result) {
    self.operation = operation
    self.operands = operands
    self.result = result
  }
}

extension OperationVectors {
  /// Every vector of every table, in each form that an operation of its meaning has.
  ///
  /// - Parameters:
  ///   - unknown: told a name that no operation has.
  ///   - body: given one vector after the other.
  public static func forEach(
    unknown: ([UInt8]) -> Void, _ body: (OperationVector) -> Void
  ) {
    for table in tables {
      var line = VectorLine(table)
      while line.next() {
        let known = apply(line.name, line.operands, line.result, line.resultByteCount, body)
        if !known { unknown(line.name) }
      }
    }
  }

  private static func operation(_ name: [UInt8]) -> Operation? {
    Operation(nameByteCount: name.count) { name[$0] }
  }

  /// Whether `name` begins a name of operations that the vector could be applied to.
  private static func apply(
    _ name: [UInt8], _ operands: [UInt64], _ result: OperationVector.Result, _ byteCount: Int,
    _ body: (OperationVector) -> Void
  ) -> Bool {
    if let access = AddressedAccess(name) {
      return access.forEach(name, operands, result, byteCount, body)
    }
    let branch = bytes(of: "br.") + name
    let immediate = operands.count == 2 ? shortened(name, operands[1]) : nil
    var isKnown = false
    for (candidate, isImmediate) in [
      (name, false), (branch, false), (name + [UInt8(ascii: "i")], true),
      (branch + [UInt8(ascii: "i")], true),
    ] {
      guard let operation = operation(candidate), !isImmediate || immediate != nil else { continue }
      isKnown = true
      var operands = operands
      if isImmediate, let immediate { operands[1] = immediate }
      forEachForm(OperationVector(operation: operation, operands: operands, result: result), body)
    }
    return isKnown
  }

  /// A right operand as a field of 16 bits that is sign-extended; nil when it is none.
  static func shortened(_ name: [UInt8], _ value: UInt64) -> UInt64? {
    let isNarrow = name.starts(with: bytes(of: "i32"))
    let signed =
      isNarrow ? Int64(Int32(truncatingIfNeeded: value)) : Int64(bitPattern: value)
    return (-32768...32767).contains(signed) ? UInt64(bitPattern: signed) & 0xffff : nil
  }

  static func forEachForm(_ vector: OperationVector, _ body: (OperationVector) -> Void) {
    body(vector)
    for index in 0..<3 {
      guard let form = vector.operation.forwarding(index) else { continue }
      var copy = vector
      copy.operation = form
      body(copy)
    }
  }
}

/// A text's bytes; a guest has no use for more of Unicode.
func bytes(of text: StaticString) -> [UInt8] {
  var bytes: [UInt8] = []
  // SAFETY: the index is below the count.
  for index in 0..<text.utf8CodeUnitCount { unsafe bytes.append(text.utf8Start[index]) }
  return bytes
}

/// Goes through a table vector by vector.
struct VectorLine {
  private let text: [UInt8]
  private var index = 0
  private(set) var name: [UInt8] = []
  private(set) var operands: [UInt64] = []
  private(set) var result = OperationVector.Result.value(0)
  /// Half of the result's digits.
  private(set) var resultByteCount = 0

  init(_ table: StaticString) { text = bytes(of: table) }

  private static let blank = UInt8(ascii: " ")
  private static let lineEnd = UInt8(ascii: "\n")

  /// Reads the next vector; false at the table's end.
  mutating func next() -> Bool {
    operands = []
    while let word = word() {
      if word.last == UInt8(ascii: ":") {
        name = Array(word.dropLast())
      } else if word == [UInt8(ascii: "=")] {
        guard let text = self.word() else { return false }
        read(text.last == UInt8(ascii: ",") ? Array(text.dropLast()) : text)
        return true
      } else {
        operands.append(Self.hexadecimal(word))
      }
    }
    return false
  }

  private mutating func word() -> [UInt8]? {
    while index < text.count, text[index] == Self.blank || text[index] == Self.lineEnd {
      index += 1
    }
    guard index < text.count else { return nil }
    let first = index
    while index < text.count, text[index] != Self.blank, text[index] != Self.lineEnd {
      index += 1
    }
    return Array(text[first..<index])
  }

  private mutating func read(_ word: [UInt8]) {
    guard word.first == UInt8(ascii: "!") else {
      result = .value(Self.hexadecimal(word))
      resultByteCount = word.count / 2
      return
    }
    let names: [(StaticString, UInt8)] = [("zero", 1), ("overflow", 2), ("nan", 3), ("memory", 4)]
    guard let kind = names.first(where: { bytes(of: $0.0) == Array(word.dropFirst()) }) else {
      preconditionFailure("a vector's trap has a name that none has")
    }
    result = .trap(kind.1)
  }

  private static func hexadecimal(_ word: [UInt8]) -> UInt64 {
    var value: UInt64 = 0
    for byte in word {
      let isDigit = byte <= UInt8(ascii: "9")
      let digit = isDigit ? byte &- UInt8(ascii: "0") : byte &- UInt8(ascii: "a") &+ 10
      precondition(digit < 16, "a vector's numbers are hexadecimal")
      value = value << 4 | UInt64(digit)
    }
    return value
  }
}
