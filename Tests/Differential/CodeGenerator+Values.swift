// CodeGenerator+Values.swift — code of a generated function that leaves values on the stack.
// Hosted. Imports TestSupport. Source: WebAssembly Core Specification 2.0, section 5.4
// "Instructions".

import TestSupport

extension CodeGenerator {
  /// Makes values of these types, or all of them in one block.
  mutating func values(_ types: [WasmType], depth: Int) {
    if types.count > 1, depth > 1, budget > 0, labels.count < Self.labelCountMax,
      random.isOne(in: 5)
    {
      let block = Signature(parameters: random.types(atMost: 2), results: types)
      values(block.parameters, depth: depth - 1)
      self.block(block, isLoop: random.isOne(in: 3), level: 2)
    } else {
      for type in types { value(type, depth: depth) }
    }
  }

  /// Makes a value of this type; a float may be any that is not a number.
  mutating func value(_ type: WasmType, depth: Int) {
    budget -= 1
    guard depth > 0, budget > 0 else { return leaf(type) }
    switch random.pick(labels.count < Self.labelCountMax ? 18 : 10) {
    case 0: leaf(type)
    case 1...6: operation(type, depth)
    case 7, 8: load(type, depth)
    case 9: selection(type, depth)
    case 10: condition(Signature(results: [type]), depth: depth - 1, level: 2)
    case 11: block(Signature(results: [type]), isLoop: random.isOne(in: 3), level: 2)
    case 12: callGiving(type, depth)
    case 13:
      guard let local = local(of: type) else { return leaf(type) }
      value(type, depth: depth - 1)
      emit(0x22, index: local)
    case 14: fromStores(type, depth)
    case 15:
      // Out of a block with what its label takes.
      emit(0x02)
      emitBlockType(Signature(results: [type]))
      labels.append(Label(types: [type], isTarget: true))
      value(type, depth: depth - 1)
      value(.i32, depth: depth - 1)
      emit(0x0d, 0)
      if random.isOne(in: 2) {
        emit(0x1a)
        value(type, depth: depth - 1)
      }
      labels.removeLast()
      emit(0x0b)
    case 16:
      let inner = Signature(parameters: random.types(atMost: 3), results: [type])
      values(inner.parameters, depth: depth - 1)
      random.isOne(in: 3)
        ? condition(inner, depth: depth - 1, level: 2)
        : block(inner, isLoop: random.isOne(in: 3), level: 2)
    default: if let local = local(of: type) { emit(0x20, index: local) } else { leaf(type) }
    }
  }

  /// A constant, or what a local or global holds.
  private mutating func leaf(_ type: WasmType) {
    if !random.isOne(in: 3), let local = local(of: type) { return emit(0x20, index: local) }
    let globals = declarations.globals.indices.dropFirst().filter {
      declarations.globals[$0].type == type
    }
    if !globals.isEmpty, random.isOne(in: 3) {
      return emit(0x23, index: random.pick(of: globals))
    }
    if type == .funcref, !random.isOne(in: 3) {
      return emit(0xd2, index: random.pick(declarations.functionCount))
    }
    code += random.constant(type)
  }

  private mutating func operation(_ type: WasmType, _ depth: Int) {
    let operators = GeneratedOperators.giving(type)
    guard !operators.isEmpty else { return leaf(type) }
    var chosen = random.pick(of: operators)
    // Traps end a step.
    while chosen.kind == .truncation && !random.isOne(in: 30) {
      chosen = random.pick(of: operators)
    }
    for (index, operand) in chosen.operands.enumerated() {
      if chosen.kind == .exact, index == chosen.operands.count - 1 {
        exact(operand, depth: depth - 1)
      } else if index == 1, operand == .i32 || operand == .i64, random.isOne(in: 3) {
        // What becomes an immediate, or does not.
        code += random.constant(operand)
      } else {
        value(operand, depth: depth - 1)
      }
    }
    if chosen.kind == .division, !random.isOne(in: 20) {
      code += type == .i32 ? [0x41, 1, 0x72] : [0x42, 1, 0x84]
    }
    code += chosen.code
  }

  /// Makes a value whose bits every engine knows.
  mutating func exact(_ type: WasmType, depth: Int) {
    guard type.isFloat else { return value(type, depth: depth) }
    switch random.pick(5) {
    case 0: code += random.constant(type)
    case 1 where depth > 0:
      value(type == .f32 ? .i32 : .i64, depth: depth - 1)
      emit(type == .f32 ? 0xbe : 0xbf)
    case 2 where depth > 0 && !declarations.memories.isEmpty: load(type, depth)
    case 3 where depth > 0:
      exact(type, depth: depth - 1)
      emit(type == .f32 ? random.pick(of: [0x8b, 0x8c]) : random.pick(of: [0x99, 0x9a]))
    default:
      value(type, depth: depth)
      let local = scratch(type)
      emit(0x22, index: local)
      code += type == .f32 ? [0x43, 0, 0, 0xc0, 0x7f] : [0x44, 0, 0, 0, 0, 0, 0, 0xf8, 0x7f]
      emit(0x20, index: local)
      emit(0x20, index: local)
      emit(type == .f32 ? 0x5b : 0x61, 0x1b)
    }
  }

  private mutating func selection(_ type: WasmType, _ depth: Int) {
    value(type, depth: depth - 1)
    value(type, depth: depth - 1)
    value(.i32, depth: depth - 1)
    if type.isReference || random.isOne(in: 4) {
      emit(0x1c, 1, type.rawValue)
    } else {
      emit(0x1b)
    }
  }

  /// A call of a function one of whose results is of this type.
  private mutating func callGiving(_ type: WasmType, _ depth: Int) {
    let functions = (0..<declarations.functionCount).filter {
      declarations.functionTypes[$0].results.contains(type)
    }
    guard !functions.isEmpty else { return operation(type, depth) }
    let function = random.pick(of: functions)
    if random.isOne(in: 2) || !callIndirect(function) { call(function) }
    let results = declarations.functionTypes[function].results
    guard let kept = results.firstIndex(of: type) else { return }
    take(Array(results[(kept + 1)...]))
    guard kept > 0 else { return }
    emit(0x21, index: scratch(type))
    take(Array(results[..<kept]))
    emit(0x20, index: scratch(type))
  }

  // MARK: Memories and tables

  /// An address, seldom beyond the memory's end.
  mutating func address(_ memory: Int, depth: Int) {
    let byteCount = declarations.memories[memory].minimum * 65_536
    switch random.pick(60) {
    case 0: value(.i32, depth: depth)
    case 1: emitConstant(max(0, byteCount - random.pick(12)))
    case 2...14: emitConstant(random.pick(max(1, byteCount - 1300)))
    case 15...28:
      // A sum, which may be taken for an address with an offset.
      value(.i32, depth: depth)
      emitConstant(0xff)
      emit(0x71)
      emitConstant(random.pick(300))
      emit(0x6a)
    default:
      value(.i32, depth: depth)
      emitConstant(random.pick(of: [0xff, 0xfff, 0x7fff, 0xff8, 0xe000]))
      emit(0x71)
    }
  }

  /// Alignment, memory and offset of an access.
  mutating func emitPlace(_ memory: Int, _ exponent: Int) {
    let alignment = UInt8(random.pick(exponent + 1))
    if memory > 0 || random.isOne(in: 6) && declarations.isExtended {
      emit(alignment | 0x40, UInt8(memory))
    } else {
      emit(alignment)
    }
    let offset =
      random.isOne(in: 150)
      ? random.pick(of: [65_532, 65_535, 65_536, 0x7fff_ffff, 0xffff_ffff])
      : random.pick(random.isOne(in: 3) ? 1000 : 16)
    code += WasmBytes.unsigned(offset)
  }

  mutating func memory() -> Int? {
    declarations.memories.isEmpty ? nil : random.pick(declarations.memories.count)
  }

  private mutating func load(_ type: WasmType, _ depth: Int) {
    guard let memory = memory(), !type.isReference else {
      guard let table = table(type) else { return leaf(type) }
      index(table, depth: depth - 1)
      return emit(0x25, index: table)
    }
    let access = random.pick(of: GeneratedOperators.loads.filter { $0.type == type })
    address(memory, depth: depth - 1)
    emit(access.code)
    emitPlace(memory, access.exponent)
  }

  mutating func table(_ type: WasmType) -> Int? {
    let tables = declarations.tables.indices.filter { declarations.tables[$0].type == type }
    return tables.isEmpty ? nil : random.pick(of: tables)
  }

  /// An index, seldom beyond the table's end.
  mutating func index(_ table: Int, depth: Int) {
    let count = declarations.tables[table].minimum
    if count > 0 && !random.isOne(in: 12) { return emitConstant(random.pick(count)) }
    value(.i32, depth: depth)
    if !random.isOne(in: 3) { emit(0x41, 7, 0x71) }
  }

  /// A value that sizes, growth or tests of references give.
  private mutating func fromStores(_ type: WasmType, _ depth: Int) {
    guard type == .i32 else { return type.isReference ? load(type, depth) : operation(type, depth) }
    switch random.pick(5) {
    case 0, 1:
      let reference = random.pick(of: [WasmType.funcref, .externref])
      value(reference, depth: depth - 1)
      emit(0xd1)
    case 2:
      guard let memory = memory() else { return leaf(type) }
      emit(0x3f, UInt8(memory))
    case 3:
      guard let memory = memory() else { return leaf(type) }
      code += random.isOne(in: 4) ? random.constant(.i32) : [0x41, UInt8(random.pick(3))]
      emit(0x40, UInt8(memory))
    default:
      let table = random.pick(declarations.tables.count)
      guard random.isOne(in: 2) else { return emit(0xfc, 16, UInt8(table)) }
      value(declarations.tables[table].type, depth: depth - 1)
      // A table without a maximum must not ask for more than an engine has.
      if declarations.tables[table].maximum != nil, random.isOne(in: 4) {
        code += random.constant(.i32)
      } else {
        emitConstant(random.pick(4))
      }
      emit(0xfc, 15, UInt8(table))
    }
  }
}
