// TreeEvaluator.swift — an operation's tree walked over plain arrays: handlers must agree with it.
// Hosted. Imports OperationTable. Numbers go by way of a wider type wherever there is one.

import OperationChecksHosted
import OperationTable

/// Why a tree stopped, by `TrapKind`'s raw value.
struct TreeTrap: Error, Equatable {
  let kind: Int
}

/// State that a tree reads and changes.
struct TreeEvaluator {
  let words: [UInt64]
  var registers: [UInt64]
  var memory: [UInt8]
  var globals: [UInt64]
  var isTaken = false
  private var bound: [String: UInt64] = [:]

  init(_ test: OperationCase) {
    words = test.words
    registers = test.registers
    memory = (0..<Machine.memoryByteCount).map(Machine.byte)
    globals = [Machine.global(0), Machine.global(1)]
  }

  /// All reads come before any write, so that a trap changes nothing.
  mutating func run(_ body: [Statement]) throws(TreeTrap) {
    var writes: [(inout TreeEvaluator) -> Void] = []
    for statement in body {
      switch statement {
      case .bind(let name, let value): bound[name] = try evaluate(value)
      case .set(let place, let value):
        let word = try evaluate(value)
        let register = Int(field(place))
        writes.append { $0.registers[register] = word }
      case .store(let access, let address, _, let value):
        let word = try evaluate(value)
        let start = try checked(address, access)
        writes.append { state in
          for index in 0..<access.byteCount {
            state.memory[start + index] = UInt8(truncatingIfNeeded: word >> UInt64(index * 8))
          }
        }
      case .setGlobal(let place, let value), .setImportedGlobal(let place, let value):
        let word = try evaluate(value)
        let index = Int(field(place))
        writes.append { $0.globals[index] = word }
      case .zeroRange(let first, let count):
        let range = Int(field(first))..<Int(field(first) + field(count))
        writes.append { for index in range { $0.registers[index] = 0 } }
      case .branch(_, nil): isTaken = true
      case .branch(_, let condition?): isTaken = try evaluate(condition) != 0
      case .trapUnreachable: throw TreeTrap(kind: 0)
      default: preconditionFailure("calls and slow operations have tests of their own")
      }
    }
    for write in writes { write(&self) }
  }

  private func field(_ place: Place) -> UInt64 {
    let word = words[place.bitOffset / 64] >> UInt64(place.bitOffset % 64)
    return place.bitCount == 64 ? word : word & (1 << UInt64(place.bitCount) - 1)
  }

  private func checked(_ address: Expression, _ access: Access) throws(TreeTrap) -> Int {
    let start = try evaluate(address)
    guard start < 1 << 40, Int(start) + access.byteCount <= memory.count else {
      throw TreeTrap(kind: 4)
    }
    return Int(start)
  }

  /// The value's bits, the upper half zero for kinds of 32 bits.
  func evaluate(_ expression: Expression) throws(TreeTrap) -> UInt64 {
    switch expression {
    case .register(let place, let kind):
      let word = registers[Int(field(place))]
      return kind.bitCount == 32 ? word & 0xffff_ffff : word
    case .immediate(let place, let kind, let isSigned):
      let unused = UInt64(64 - place.bitCount)
      let value = field(place)
      let signed = UInt64(bitPattern: Int64(bitPattern: value << unused) >> Int64(unused))
      let wide = isSigned ? signed : value
      return kind.bitCount == 32 ? wide & 0xffff_ffff : wide
    case .constant(let value, _): return value
    case .bound(let name, _): return bound[name] ?? 0
    case .unary(let operation, let kind, let operand):
      return Reference.unary(operation, kind, try evaluate(operand))
    case .binary(let operation, let kind, let left, let right):
      return try Reference.binary(operation, kind, evaluate(left), evaluate(right))
    case .compare(let comparison, let kind, let left, let right):
      let (x, y) = (try evaluate(left), try evaluate(right))
      return Reference.holds(comparison, kind, x, y) ? 1 : 0
    case .convert(let conversion, let from, let to, let operand):
      return try Reference.convert(conversion, from, to, evaluate(operand))
    case .load(let access, let address, _):
      let start = try checked(address, access)
      var word: UInt64 = 0
      for index in 0..<access.byteCount {
        word |= UInt64(memory[start + index]) << UInt64(index * 8)
      }
      return access.isSigned ? Reference.extended(word, access.byteCount * 8, access.kind) : word
    case .choose(_, let condition, let first, let second):
      let (x, y) = (try evaluate(first), try evaluate(second))
      return try evaluate(condition) != 0 ? x : y
    case .state(.memoryPageCount): return 0
    case .state(.tableElementCount): return 3
    case .state(.global(let place)), .state(.importedGlobal(let place)):
      return globals[Int(field(place))]
    }
  }
}
