// CodeGenerator.swift — the code of a generated function: its frame, labels and calls.
// Hosted. Imports TestSupport. Source: WebAssembly Core Specification 2.0, section 5.4
// "Instructions".

import TestSupport

/// Makes the code of a function, which ends.
///
/// Calls and rounds of loops that may be repeated from within use up global 0; other loops count
/// down a local of their own. What a float that is not a number looks like is not told: values are
/// made exact before they are stored, reinterpreted, or lend their sign.
struct CodeGenerator {
  /// A block that code is inside of.
  struct Label {
    /// What a branch to it takes.
    let types: [WasmType]
    /// Whether code inside may branch to it.
    let isTarget: Bool
  }

  var random: SeededGenerator
  let declarations: ModuleDeclarations
  var types: [Signature]
  let signature: Signature
  /// Parameters and locals that code sets and reads.
  var locals: [WasmType]
  /// The outermost first.
  var labels: [Label] = []
  var code: [UInt8] = []
  /// Values and statements that are still to be made, about.
  var budget: Int
  /// Loops that are counted and that code is inside of.
  var counterCount = 0

  static let counterCountMax = 3
  /// Labels inside of which no value makes more.
  static let labelCountMax = 12

  init(
    _ random: SeededGenerator, _ declarations: ModuleDeclarations, _ signature: Signature,
    types: [Signature]
  ) {
    self.random = random
    self.declarations = declarations
    self.types = types
    self.signature = signature
    locals = signature.parameters
    for _ in 0..<self.random.pick(8) { locals.append(self.random.type()) }
    budget = 20 + self.random.pick(self.random.isOne(in: 10) ? 1500 : 250)
  }

  /// The function's body with its byte count, as a code section has it.
  mutating func function() -> [UInt8] {
    labels = [Label(types: signature.results, isTarget: true)]
    useFuel()
    statements(1 + random.pick(6), level: 0)
    finish(signature.results)
    emit(0x0b)
    let own = locals.dropFirst(signature.parameters.count).map(\.rawValue)
    // Behind them a local of each type for values in passing, and the counters.
    let all =
      own + WasmType.allCases.map(\.rawValue)
      + [UInt8](repeating: 0x7f, count: Self.counterCountMax)
    var groups: [(count: Int, type: UInt8)] = []
    for type in all {
      if groups.last?.type == type {
        groups[groups.count - 1].count += 1
      } else {
        groups.append((1, type))
      }
    }
    let bytes =
      WasmBytes.unsigned(groups.count)
      + groups.flatMap { WasmBytes.unsigned($0.count) + [$0.type] } + code
    return WasmBytes.unsigned(bytes.count) + bytes
  }

  // MARK: Bytes

  mutating func emit(_ bytes: UInt8...) { code += bytes }

  mutating func emit(_ operation: UInt8, index: Int) {
    code.append(operation)
    code += WasmBytes.unsigned(index)
  }

  mutating func emitConstant(_ value: Int) {
    code.append(0x41)
    code += WasmBytes.signed(Int64(value))
  }

  /// A local for a value in passing.
  func scratch(_ type: WasmType) -> Int {
    locals.count + (WasmType.allCases.firstIndex(of: type) ?? 0)
  }

  func counter(_ level: Int) -> Int { locals.count + WasmType.allCases.count + level }

  mutating func local(of type: WasmType) -> Int? {
    let indices = locals.indices.filter { locals[$0] == type }
    return indices.isEmpty ? nil : random.pick(of: indices)
  }

  mutating func typeIndex(_ signature: Signature) -> Int {
    if let index = types.firstIndex(of: signature) { return index }
    types.append(signature)
    return types.count - 1
  }

  mutating func emitBlockType(_ block: Signature) {
    if block.parameters.isEmpty, block.results.count < 2, !random.isOne(in: 8) {
      code.append(block.results.first?.rawValue ?? 0x40)
    } else {
      code += WasmBytes.signed(Int64(typeIndex(block)))
    }
  }

  // MARK: Ends

  /// Takes one call or round from global 0; where none is left the function ends.
  mutating func useFuel() {
    emit(0x23, 0, 0x45, 0x04, 0x40)
    if random.isOne(in: 10) {
      emit(0x00)
    } else {
      for type in signature.results { code += random.constant(type) }
      emit(0x0f)
    }
    emit(0x0b, 0x23, 0, 0x41, 1, 0x6b, 0x24, 0)
  }

  /// Ends a block with its results, or leaves it otherwise.
  mutating func finish(_ results: [WasmType]) {
    guard random.isOne(in: 8) else { return values(results, depth: 3) }
    leave()
    // What nothing reaches may take values that nobody made.
    if random.isOne(in: 3) { emit(0x6a, 0x1a) }
    if random.isOne(in: 3) { emit(0x7c, 0x50, 0x04, 0x40, 0x00, 0x0b) }
    if random.isOne(in: 2) { values(results, depth: 1) }
  }

  /// Branches out of a block, out of one of several, or returns.
  private mutating func leave() {
    let targets = labels.indices.filter { labels[$0].isTarget }
    guard let first = targets.isEmpty ? nil : random.pick(of: targets), !random.isOne(in: 12)
    else {
      values(signature.results, depth: 2)
      emit(0x0f)
      return
    }
    values(labels[first].types, depth: 2)
    if random.isOne(in: 2) {
      emit(0x0c, index: labels.count - 1 - first)
    } else {
      branchTable(like: first)
    }
  }

  /// A `br_table` to labels that take what label `first` takes, which lies on the stack.
  private mutating func branchTable(like first: Int) {
    let depths = labels.indices.filter {
      labels[$0].isTarget && labels[$0].types == labels[first].types
    }.map { labels.count - 1 - $0 }
    value(.i32, depth: 2)
    if !random.isOne(in: 4) { emit(0x41, 7, 0x71) }
    let count = random.pick(7)
    emit(0x0e, index: count)
    for _ in 0...count { code += WasmBytes.unsigned(random.pick(of: depths)) }
  }

  // MARK: Blocks and calls

  /// A block, or a loop that can be repeated, of parameters that lie on the stack.
  mutating func block(_ block: Signature, isLoop: Bool, level: Int) {
    emit(isLoop ? 0x03 : 0x02)
    emitBlockType(block)
    labels.append(Label(types: isLoop ? block.parameters : block.results, isTarget: true))
    if isLoop { useFuel() }
    take(block.parameters)
    statements(random.pick(3), level: level + 1)
    finish(block.results)
    labels.removeLast()
    emit(0x0b)
  }

  /// An `if` with both branches; its condition is made here.
  mutating func condition(_ block: Signature, depth: Int, level: Int) {
    value(.i32, depth: depth)
    emit(0x04)
    emitBlockType(block)
    labels.append(Label(types: block.results, isTarget: true))
    take(block.parameters)
    statements(random.pick(2), level: level + 1)
    finish(block.results)
    if block.parameters != block.results || random.isOne(in: 2) {
      emit(0x05)
      take(block.parameters)
      statements(random.pick(2), level: level + 1)
      finish(block.results)
    }
    labels.removeLast()
    emit(0x0b)
  }

  /// Calls a function; its results lie on the stack.
  mutating func call(_ function: Int) {
    values(declarations.functionTypes[function].parameters, depth: 2)
    emit(0x10, index: function)
  }

  /// Calls through a table what it holds in the beginning, or what it may hold, of a function's
  /// type; false where there is no table.
  mutating func callIndirect(_ function: Int) -> Bool {
    let tables = declarations.tables.indices.filter { declarations.tables[$0].type == .funcref }
    guard !tables.isEmpty else { return false }
    let wanted = declarations.functionTypes[function]
    let known = declarations.known.filter { declarations.functionTypes[$0.function] == wanted }
    values(wanted.parameters, depth: 2)
    var table = random.pick(of: tables)
    if !known.isEmpty && !random.isOne(in: 10) {
      let place = random.pick(of: known)
      table = place.table
      emitConstant(place.index)
    } else if random.isOne(in: 5) {
      value(.i32, depth: 1)
      emit(0x41, 7, 0x71)
    } else {
      // Seldom what it should be: a trap ends the step.
      for _ in wanted.parameters { emit(0x1a) }
      call(function)
      return true
    }
    emit(0x11, index: typeIndex(wanted))
    code += WasmBytes.unsigned(table)
    return true
  }

  /// Takes values from the stack.
  mutating func take(_ types: [WasmType]) {
    for type in types.reversed() {
      if let local = random.isOne(in: 4) ? nil : local(of: type) {
        emit(0x21, index: local)
      } else {
        emit(0x1a)
      }
    }
  }
}
