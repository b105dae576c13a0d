// SpecificationBytes.swift — scripts as bytes, for programs that read no JSON.
// Freestanding; also built hosted. Imports NovaModules.
//
// Numbers are little-endian; a string is its byte count, 32 bits, and its bytes.

import NovaModules

extension SpecificationScript {
  /// The script as bytes; several follow each other.
  public var bytes: [UInt8] {
    var writer = SpecificationWriter()
    writer.string(name)
    writer.byte(isShared ? 1 : 0)
    writer.number(UInt32(commands.count))
    for (line, command) in commands {
      writer.number(line)
      writer.command(command)
    }
    return writer.bytes
  }

  /// Reads the script at the beginning of `bytes`, and takes it off; nil when there is none.
  public init?(taking bytes: inout ArraySlice<UInt8>) {
    var reader = SpecificationReader(bytes: bytes)
    guard let name = reader.string(), let shared = reader.byte(),
      let count: UInt32 = reader.number()
    else { return nil }
    var commands: [(line: UInt32, command: SpecificationCommand)] = []
    for _ in 0..<count {
      guard let line: UInt32 = reader.number(), let command = reader.command() else { return nil }
      commands.append((line, command))
    }
    bytes = reader.bytes
    self.init(name: name, isShared: shared == 1, commands: commands)
  }
}

private struct SpecificationWriter {
  var bytes: [UInt8] = []

  mutating func byte(_ byte: UInt8) { bytes.append(byte) }

  mutating func number<Number: FixedWidthInteger>(_ number: Number) {
    for shift in 0..<Number.bitWidth / 8 {
      bytes.append(UInt8(truncatingIfNeeded: number >> (8 * shift)))
    }
  }

  mutating func string(_ string: [UInt8]) {
    number(UInt32(string.count))
    bytes += string
  }

  mutating func optional(_ string: [UInt8]?) {
    byte(string == nil ? 0 : 1)
    if let string { self.string(string) }
  }

  mutating func value(_ value: ModuleValue) {
    byte(value.type.rawValue)
    number(value.bits)
  }

  mutating func expected(_ expected: ExpectedValue) {
    switch expected {
    case .value(let value):
      byte(0)
      self.value(value)
    case .canonicalNaN(let isDouble): bytes += [1, isDouble ? 1 : 0]
    case .arithmeticNaN(let isDouble): bytes += [2, isDouble ? 1 : 0]
    }
  }

  mutating func action(_ action: SpecificationAction) {
    optional(action.module)
    string(action.field)
    byte(action.arguments == nil ? 0 : 1)
    guard let arguments = action.arguments else { return }
    number(UInt32(arguments.count))
    for argument in arguments { value(argument) }
  }

  mutating func command(_ command: SpecificationCommand) {
    switch command {
    case .module(let file, let name):
      byte(0)
      string(file)
      optional(name)
    case .register(let module, let name):
      byte(1)
      optional(module)
      string(name)
    case .perform(let action, let expected):
      byte(2)
      self.action(action)
      byte(expected == nil ? 0 : 1)
      guard let expected else { return }
      number(UInt32(expected.count))
      for value in expected { self.expected(value) }
    case .performTrapping(let action, let failure):
      byte(3)
      self.action(action)
      byte(failure.rawValue)
    case .refuse(let file, let failure):
      byte(4)
      string(file)
      byte(failure.rawValue)
    }
  }
}

/// Takes what was written off the front; nil where there is something else.
private struct SpecificationReader {
  var bytes: ArraySlice<UInt8>

  mutating func byte() -> UInt8? { bytes.popFirst() }

  mutating func number<Number: FixedWidthInteger>() -> Number? {
    var number: Number = 0
    for shift in 0..<Number.bitWidth / 8 {
      guard let byte = byte() else { return nil }
      number |= Number(truncatingIfNeeded: byte) << (8 * shift)
    }
    return number
  }

  mutating func string() -> [UInt8]? {
    guard let count: UInt32 = number(), Int(count) <= bytes.count else { return nil }
    defer { bytes = bytes.dropFirst(Int(count)) }
    return Array(bytes.prefix(Int(count)))
  }

  /// Whether there is a string, and it; nil when the bytes are something else.
  mutating func optional() -> (exists: Bool, string: [UInt8]?)? {
    guard let exists = byte() else { return nil }
    guard exists == 1 else { return (false, nil) }
    guard let string = string() else { return nil }
    return (true, string)
  }

  mutating func value() -> ModuleValue? {
    guard let byte = byte(), let type = ValueType(rawValue: byte), let bits: UInt64 = number()
    else { return nil }
    return ModuleValue(type, bits: bits)
  }

  mutating func expected() -> ExpectedValue? {
    switch byte() {
    case 0: value().map { .value($0) }
    case 1: byte().map { .canonicalNaN(isDouble: $0 == 1) }
    case 2: byte().map { .arithmeticNaN(isDouble: $0 == 1) }
    default: nil
    }
  }

  mutating func failure() -> ExpectedFailure? { byte().flatMap { ExpectedFailure(rawValue: $0) } }

  mutating func action() -> SpecificationAction? {
    guard let module = optional(), let field = string(), let isCall = byte() else { return nil }
    guard isCall == 1 else {
      return SpecificationAction(module: module.string, field: field, arguments: nil)
    }
    guard let count: UInt32 = number() else { return nil }
    var arguments: [ModuleValue] = []
    for _ in 0..<count {
      guard let value = value() else { return nil }
      arguments.append(value)
    }
    return SpecificationAction(module: module.string, field: field, arguments: arguments)
  }

  mutating func command() -> SpecificationCommand? {
    switch byte() {
    case 0:
      guard let file = string(), let name = optional() else { return nil }
      return .module(file, name: name.string)
    case 1:
      guard let module = optional(), let name = string() else { return nil }
      return .register(module: module.string, name: name)
    case 2:
      guard let action = action(), let isCompared = byte() else { return nil }
      guard isCompared == 1 else { return .perform(action, expected: nil) }
      guard let count: UInt32 = number() else { return nil }
      var expected: [ExpectedValue] = []
      for _ in 0..<count {
        guard let value = self.expected() else { return nil }
        expected.append(value)
      }
      return .perform(action, expected: expected)
    case 3:
      guard let action = action(), let failure = failure() else { return nil }
      return .performTrapping(action, failure)
    case 4:
      guard let file = string(), let failure = failure() else { return nil }
      return .refuse(file, failure)
    default: return nil
    }
  }
}
