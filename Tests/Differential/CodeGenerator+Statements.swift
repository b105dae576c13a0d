// CodeGenerator+Statements.swift — code of a generated function that leaves the stack as it was.
// Hosted. Imports TestSupport. Source: WebAssembly Core Specification 2.0, section 5.4
// "Instructions".

import TestSupport

extension CodeGenerator {
  /// Makes statements inside of `level` others.
  mutating func statements(_ count: Int, level: Int) {
    for _ in 0..<count where budget > 0 { statement(level: level) }
  }

  private mutating func statement(level: Int) {
    budget -= 2
    let depth = 1 + random.pick(4)
    switch random.pick(20) {
    case 0...3:
      guard !locals.isEmpty else { return emit(0x01) }
      let local = random.pick(locals.count)
      value(locals[local], depth: depth)
      emit(0x21, index: local)
    case 4: setGlobal(depth)
    case 5...8: store(depth)
    case 9: bulkMemory(depth)
    case 10: bulkTable(depth)
    case 11, 12:
      let function = random.pick(declarations.functionCount)
      if random.isOne(in: 2) || !callIndirect(function) { call(function) }
      take(declarations.functionTypes[function].results)
    case 13: drop(depth)
    case 14: branchIf(depth)
    case 15 where level < 4: condition(Signature(), depth: depth, level: level)
    case 16 where level < 4: block(Signature(), isLoop: random.isOne(in: 2), level: level)
    case 17 where level < 4: multiBlock(depth, level: level)
    case 18 where level < 3: selectBranch(depth, level: level)
    case 19 where level < 4 && counterCount < Self.counterCountMax: countedLoop(level: level)
    default: emit(0x01)
    }
  }

  private mutating func setGlobal(_ depth: Int) {
    let globals = declarations.globals.indices.dropFirst().filter {
      declarations.globals[$0].isMutable
    }
    guard !globals.isEmpty else { return emit(0x01) }
    let global = random.pick(of: globals)
    value(declarations.globals[global].type, depth: depth)
    emit(0x24, index: global)
  }

  private mutating func drop(_ depth: Int) {
    // Seldom a trap.
    guard !random.isOne(in: 40) else { return emit(0x41, 0, 0x04, 0x40, 0x00, 0x0b) }
    value(random.type(), depth: depth)
    emit(0x1a)
  }

  private mutating func store(_ depth: Int) {
    guard let memory = memory() else { return emit(0x01) }
    let access = random.pick(of: GeneratedOperators.stores)
    address(memory, depth: depth)
    exact(access.type, depth: depth)
    emit(access.code)
    emitPlace(memory, access.exponent)
  }

  // MARK: Many bytes or elements at once

  /// A count of bytes, seldom a large one.
  private mutating func byteCount(_ depth: Int) {
    if random.isOne(in: 50) { return code += random.constant(.i32) }
    value(.i32, depth: depth)
    emitConstant(random.pick(of: [0x1f, 0x1f, 0x7f, 0xfff]))
    emit(0x71)
  }

  private mutating func bulkMemory(_ depth: Int) {
    guard let memory = memory() else { return emit(0x01) }
    switch random.pick(8) {
    case 0, 1, 2:
      address(memory, depth: 1)
      value(.i32, depth: 1)
      byteCount(1)
      emit(0xfc, 11, UInt8(memory))
    case 3, 4, 5:
      let source = random.pick(declarations.memories.count)
      address(memory, depth: 1)
      address(source, depth: 1)
      byteCount(1)
      emit(0xfc, 10, UInt8(memory), UInt8(source))
    case 6:
      guard !declarations.data.isEmpty else { return emit(0x01) }
      let segment = random.pick(declarations.data.count)
      // An active segment is empty from the beginning.
      let count =
        declarations.data[segment].place == nil ? declarations.data[segment].bytes.count : 0
      address(memory, depth: 1)
      let first = random.pick(count + 1)
      emitConstant(first)
      emitConstant(random.pick(count - first + (random.isOne(in: 40) ? 2 : 1)))
      emit(0xfc, 8, UInt8(segment), UInt8(memory))
    default:
      guard !declarations.data.isEmpty, random.isOne(in: 8) else { return emit(0x01) }
      emit(0xfc, 9, UInt8(random.pick(declarations.data.count)))
    }
  }

  private mutating func bulkTable(_ depth: Int) {
    let table = random.pick(declarations.tables.count)
    let type = declarations.tables[table].type
    switch random.pick(8) {
    case 0, 1, 2:
      index(table, depth: 1)
      value(type, depth: depth)
      emit(0x26, index: table)
    case 3:
      index(table, depth: 1)
      value(type, depth: depth)
      emitConstant(random.pick(3))
      emit(0xfc, 17, UInt8(table))
    case 4, 5:
      guard let source = self.table(type) else { return emit(0x01) }
      index(table, depth: 1)
      index(source, depth: 1)
      emitConstant(random.pick(3))
      emit(0xfc, 14, UInt8(table), UInt8(source))
    case 6:
      let segments = declarations.elements.indices.filter {
        declarations.elements[$0].type == type
      }
      guard !segments.isEmpty else { return emit(0x01) }
      let segment = random.pick(of: segments)
      var count = 0
      if case .passive = declarations.elements[segment].mode {
        count = declarations.elements[segment].items.count
      }
      index(table, depth: 1)
      let first = random.pick(count + 1)
      emitConstant(first)
      emitConstant(random.pick(count - first + (random.isOne(in: 40) ? 2 : 1)))
      emit(0xfc, 12, UInt8(segment), UInt8(table))
    default:
      guard random.isOne(in: 8) else { return emit(0x01) }
      emit(0xfc, 13, UInt8(random.pick(declarations.elements.count)))
    }
  }

  // MARK: Control

  /// Branches to a label, or goes on without what it takes.
  private mutating func branchIf(_ depth: Int) {
    let targets = labels.indices.filter { labels[$0].isTarget }
    guard !targets.isEmpty else { return emit(0x01) }
    let target = random.pick(of: targets)
    values(labels[target].types, depth: depth)
    value(.i32, depth: depth)
    // Seldom, or everything ends soon.
    if !random.isOne(in: 3) { emit(0x41, 7, 0x71, 0x45) }
    emit(0x0d, index: labels.count - 1 - target)
    take(labels[target].types)
  }

  /// A block that takes and gives several values.
  private mutating func multiBlock(_ depth: Int, level: Int) {
    let block = Signature(
      parameters: random.types(atMost: 3), results: random.types(atMost: 3))
    values(block.parameters, depth: depth)
    random.isOne(in: 3)
      ? condition(block, depth: depth, level: level)
      : self.block(block, isLoop: random.isOne(in: 3), level: level)
    take(block.results)
  }

  /// As a `switch`: blocks inside of each other, and a table of branches to their ends.
  private mutating func selectBranch(_ depth: Int, level: Int) {
    let count = 1 + random.pick(5)
    for _ in 0..<count {
      emit(0x02, 0x40)
      labels.append(Label(types: [], isTarget: true))
    }
    value(.i32, depth: depth)
    if !random.isOne(in: 4) { emit(0x41, 7, 0x71) }
    let targetCount = random.pick(8)
    emit(0x0e, index: targetCount)
    for _ in 0...targetCount { code += WasmBytes.unsigned(random.pick(count)) }
    for _ in 0..<count {
      labels.removeLast()
      emit(0x0b)
      statements(1, level: level + 1)
      if let label = labels.last, label.isTarget, label.types.isEmpty, random.isOne(in: 4) {
        value(.i32, depth: 1)
        emit(0x0d, 0)
      }
    }
  }

  private mutating func countedLoop(level: Int) {
    let counter = counter(counterCount)
    emitConstant(1 + random.pick(5))
    emit(0x21, index: counter)
    emit(0x03, 0x40)
    labels.append(Label(types: [], isTarget: false))
    counterCount += 1
    statements(1 + random.pick(3), level: level + 1)
    counterCount -= 1
    labels.removeLast()
    emit(0x20, index: counter)
    emit(0x41, 0x7f, 0x6a)
    emit(0x22, index: counter)
    emit(0x0d, 0, 0x0b)
  }
}
