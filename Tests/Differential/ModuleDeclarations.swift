// ModuleDeclarations.swift — what a generated module has besides code.
// Hosted. Imports TestSupport. Source: WebAssembly Core Specification 2.0, section 5.5 "Modules".

import TestSupport

/// A table, its element type and size.
struct GeneratedTable {
  let type: WasmType
  let minimum: Int
  let maximum: Int?
}

/// A global, with the expression of its first value.
struct GeneratedGlobal {
  let type: WasmType
  let isMutable: Bool
  let initial: [UInt8]
}

/// Functions, or null, that are put into tables.
struct GeneratedElements {
  enum Mode {
    case active(table: Int, offset: [UInt8])
    case passive
    case declarative
  }

  let mode: Mode
  let type: WasmType
  let items: [Int?]
}

/// Bytes that are put into memories.
struct GeneratedData {
  /// Of an active segment.
  let place: (memory: Int, offset: [UInt8])?
  let bytes: [UInt8]
}

/// A module's declarations, which its code refers to.
///
/// Global 0 is how many calls and rounds of loops are left to a step. Functions are numbered before
/// what `StepGenerator` adds.
struct ModuleDeclarations {
  let isExtended: Bool
  var types: [Signature] = []
  var functionTypes: [Signature] = []
  var tables: [GeneratedTable] = []
  /// Least and most pages.
  var memories: [(minimum: Int, maximum: Int)] = []
  var globals: [GeneratedGlobal] = []
  var elements: [GeneratedElements] = []
  var data: [GeneratedData] = []
  /// What the tables hold in the beginning, where it is known.
  var known: [(table: Int, index: Int, function: Int)] = []

  var functionCount: Int { functionTypes.count }

  init(_ random: inout SeededGenerator, isExtended: Bool) {
    self.isExtended = isExtended
    for _ in 0..<2 + random.pick(6) {
      functionTypes.append(
        Signature(
          parameters: random.types(atMost: 4), results: random.types(atMost: random.pick(4) + 1)))
    }
    // Some types are those of several functions.
    functionTypes += functionTypes.prefix(random.pick(3))
    types = functionTypes.prefix(random.pick(functionTypes.count + 1)).map(\.self)
    addStores(&random)
    addGlobals(&random)
    addElements(&random)
    addData(&random)
  }

  /// The number of a type, which is added if it is new.
  mutating func typeIndex(_ signature: Signature) -> Int {
    if let index = types.firstIndex(of: signature) { return index }
    types.append(signature)
    return types.count - 1
  }

  private mutating func addStores(_ random: inout SeededGenerator) {
    for _ in 0..<1 + random.pick(3) {
      let minimum = random.pick(12)
      let maximum = random.isOne(in: 4) ? nil : minimum + random.pick(8)
      let type = random.isOne(in: 3) ? WasmType.externref : .funcref
      tables.append(GeneratedTable(type: type, minimum: minimum, maximum: maximum))
    }
    for _ in 0..<(random.isOne(in: 8) ? 0 : isExtended ? 1 + random.pick(3) : 1) {
      let minimum = random.isOne(in: 20) ? 0 : 1
      memories.append((minimum, minimum + random.pick(3)))
    }
  }

  private mutating func addGlobals(_ random: inout SeededGenerator) {
    globals.append(GeneratedGlobal(type: .i32, isMutable: true, initial: [0x41, 0x20]))
    for _ in 0..<2 + random.pick(8) {
      let type = random.type()
      var initial = random.constant(type)
      if type == .funcref && random.isOne(in: 2) {
        initial = [0xd2] + WasmBytes.unsigned(random.pick(functionCount))
      } else if isExtended && (type == .i32 || type == .i64) {
        let isWide: UInt8 = type == .i64 ? 0x12 : 0
        initial += random.constant(type) + [random.pick(of: [0x6a, 0x6b, 0x6c]) + isWide]
      }
      globals.append(
        GeneratedGlobal(type: type, isMutable: !random.isOne(in: 4), initial: initial))
    }
  }

  /// The expression of an offset, seldom beyond `size` less `count`.
  private func offset(
    _ random: inout SeededGenerator, size: Int, count: Int
  ) -> (value: Int, code: [UInt8]) {
    let value =
      random.isOne(in: 100) ? size + 1 : size >= count ? random.pick(size - count + 1) : size
    let first = isExtended ? random.pick(1000) : 0
    let code = [0x41] + WasmBytes.signed(Int64(value - first))
    guard isExtended else { return (value, code) }
    return (value, code + [0x41] + WasmBytes.signed(Int64(first)) + [0x6a])
  }

  private mutating func addElements(_ random: inout SeededGenerator) {
    for (table, declared) in tables.enumerated()
    where declared.minimum > 0 && !random.isOne(in: 8) {
      var items: [Int?] = []
      for _ in 0..<1 + random.pick(declared.minimum) {
        let isNull = declared.type == .externref || random.isOne(in: 8)
        items.append(isNull ? nil : random.pick(functionCount))
      }
      let (start, code) = offset(&random, size: declared.minimum, count: items.count)
      elements.append(
        GeneratedElements(
          mode: .active(table: table, offset: code), type: declared.type, items: items))
      for (index, item) in items.enumerated() {
        if let item { known.append((table, start + index, item)) }
      }
    }
    for _ in 0..<random.pick(3) {
      let type = random.isOne(in: 3) ? WasmType.externref : .funcref
      var items: [Int?] = []
      for _ in 0..<random.pick(8) {
        let isNull = type == .externref || random.isOne(in: 4)
        items.append(isNull ? nil : random.pick(functionCount))
      }
      elements.append(GeneratedElements(mode: .passive, type: type, items: items))
    }
    // What code may name.
    elements.append(
      GeneratedElements(
        mode: .declarative, type: .funcref, items: Array(0..<functionCount)))
  }

  private mutating func addData(_ random: inout SeededGenerator) {
    for _ in 0..<random.pick(4) {
      var bytes: [UInt8] = []
      for _ in 0..<random.pick(40) { bytes.append(UInt8(truncatingIfNeeded: random.next())) }
      let memory = random.pick(max(memories.count, 1))
      guard memory < memories.count, memories[memory].minimum > 0, !random.isOne(in: 3) else {
        data.append(GeneratedData(place: nil, bytes: bytes))
        continue
      }
      let size = memories[memory].minimum * 65_536
      let code = offset(&random, size: size, count: bytes.count).code
      data.append(GeneratedData(place: (memory, code), bytes: bytes))
    }
  }
}

// MARK: Sections

extension GeneratedTable {
  var bytes: [UInt8] { [type.rawValue] + limits(minimum, maximum) }
}

extension GeneratedGlobal {
  var bytes: [UInt8] { [type.rawValue, isMutable ? 1 : 0] + initial + [0x0b] }
}

/// Least and most, as tables and memories have them.
func limits(_ minimum: Int, _ maximum: Int?) -> [UInt8] {
  guard let maximum else { return [0] + WasmBytes.unsigned(minimum) }
  return [1] + WasmBytes.unsigned(minimum) + WasmBytes.unsigned(maximum)
}

extension GeneratedElements {
  /// The segment in the shortest of its forms, or with expressions if `asExpressions`.
  func bytes(asExpressions: Bool) -> [UInt8] {
    let needsExpressions = asExpressions || type == .externref || items.contains(nil)
    let list =
      WasmBytes.unsigned(items.count)
      + items.flatMap { item -> [UInt8] in
        guard needsExpressions else { return WasmBytes.unsigned(item ?? 0) }
        guard let item else { return [0xd0, type.rawValue, 0x0b] }
        return [0xd2] + WasmBytes.unsigned(item) + [0x0b]
      }
    let form: UInt8 = needsExpressions ? 4 : 0
    let kind: UInt8 = needsExpressions ? type.rawValue : 0
    switch mode {
    case .passive: return [form | 1, kind] + list
    case .declarative: return [form | 3, kind] + list
    case .active(let table, let offset):
      guard table == 0, type == .funcref else {
        return [form | 2] + WasmBytes.unsigned(table) + offset + [0x0b, kind] + list
      }
      return [form] + offset + [0x0b] + list
    }
  }
}

extension GeneratedData {
  var segment: [UInt8] {
    let list = WasmBytes.unsigned(bytes.count) + bytes
    guard let place else { return [1] + list }
    guard place.memory > 0 else { return [0] + place.offset + [0x0b] + list }
    return [2] + WasmBytes.unsigned(place.memory) + place.offset + [0x0b] + list
  }
}
