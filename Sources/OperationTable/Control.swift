// Control.swift — branches, calls, moves, and what concerns globals, memories, tables, references.
// Hosted. Imports nothing. Design: NovaCore.docc/Operations.md.

extension OperationTable {
  static let control: [Draft] = [
    Draft("unreachable", [], [.trapUnreachable]),
    Draft("nop", [], []),
    Draft("jmp", [Operand(.imm32, .branch)], [.branch(.imm32, when: nil)]),
    Draft(
      "br_if", [Operand(.a, .readInt), Operand(.imm32, .branch)],
      [.branch(.imm32, when: .i32(.a).isNotZero)]),
    Draft(
      "br_unless", [Operand(.a, .readInt), Operand(.imm32, .branch)],
      [.branch(.imm32, when: .i32(.a).isZero)]),
    Draft(
      "br_table", [Operand(.a, .readInt), Operand(.b, .count)],
      [.branchTable(index: .i32(.a), last: .b)]),
    Draft(
      "call", [Operand(.a, .windowBase), Operand(.imm32, .function)],
      [.call(base: .a, function: .imm32)]),
    Draft(
      "call_import", [Operand(.a, .windowBase), Operand(.imm32, .import)], [.slow(.importCall)]),
    Draft(
      "call_indirect", [Operand(.a, .windowBase), Operand(.b, .readInt), Operand(.c, .type)],
      [.callIndirect(base: .a, index: .i32(.b), type: .c, table: nil)]),
    Draft(
      "call_indirect.far",
      [
        Operand(.a, .windowBase), Operand(.b, .readInt), Operand(.xlo, .type),
        Operand(.xhi, .table),
      ],
      [.callIndirect(base: .a, index: .i32(.b), type: .xlo, table: .xhi)]),
    Draft("ret0", [], [.leave(nil)]),
    Draft("ret", [Operand(.a, .readInt)], [.leave(.i64(.a))]),
    Draft("ret.float", [Operand(.a, .readFloat)], [.leave(.register(.a, .f64))]),
    Draft("retn", [], [.leave(nil)]),
    Draft("return_call", [Operand(.imm32, .function)], [.tailCall(function: .imm32)]),
    Draft("return_call_import", [Operand(.imm32, .import)], [.slow(.importTailCall)]),
    Draft(
      "return_call_indirect", [Operand(.a, .readInt), Operand(.imm32, .type)],
      [.tailCallIndirect(index: .i32(.a), type: .imm32, table: nil)]),
    Draft(
      "return_call_indirect.far",
      [Operand(.a, .readInt), Operand(.xlo, .type), Operand(.xhi, .table)],
      [.tailCallIndirect(index: .i32(.a), type: .xlo, table: .xhi)]),
  ]

  static let moves: [Draft] = [
    Draft("mov", [Operand(.a, .writeInt), Operand(.b, .readInt)], [.set(.a, .i64(.b))]),
    Draft(
      "mov.float", [Operand(.a, .writeFloat), Operand(.b, .readFloat)],
      [.set(.a, .register(.b, .f64))]),
    Draft(
      "const32", [Operand(.a, .writeInt), Operand(.imm32, .bits)],
      [.set(.a, .unsigned(.imm32))]),
    Draft(
      "const32_s", [Operand(.a, .writeInt), Operand(.imm32, .signed)],
      [.set(.a, .signed(.imm32, .i64))]),
    Draft(
      "const64", [Operand(.a, .writeInt), Operand(.x, .bits)], [.set(.a, .unsigned(.x, .i64))]),
    Draft(
      "f32.const", [Operand(.a, .writeFloat), Operand(.imm32, .bits)],
      [.set(.a, .convert(.reinterpret, from: .i32, to: .f32, .unsigned(.imm32)))]),
    Draft(
      "f64.const", [Operand(.a, .writeFloat), Operand(.x, .bits)],
      [.set(.a, .convert(.reinterpret, from: .i64, to: .f64, .unsigned(.x, .i64)))]),
    Draft(
      "zero", [Operand(.a, .writeRange), Operand(.b, .count)],
      [.zeroRange(first: .a, count: .b)]),
    Draft(
      "select",
      [
        Operand(.a, .writeInt), Operand(.b, .readInt), Operand(.c, .readInt),
        Operand(.x0, .readInt),
      ],
      [.set(.a, .choose(.i64, when: .i32(.x0), .i64(.b), .i64(.c)))]),
    Draft(
      "select.float",
      [
        Operand(.a, .writeFloat), Operand(.b, .readFloat), Operand(.c, .readFloat),
        Operand(.x0, .readInt),
      ],
      [
        .set(
          .a,
          .choose(.f64, when: .i32(.x0), .register(.b, .f64), .register(.c, .f64)))
      ]),
  ]

  static let stateAccess: [Draft] = [
    Draft(
      "global.get", [Operand(.a, .writeInt), Operand(.imm32, .global)],
      [.set(.a, .state(.global(.imm32)))]),
    Draft(
      "global.set", [Operand(.a, .readInt), Operand(.imm32, .global)],
      [.setGlobal(.imm32, .i64(.a))]),
    Draft(
      "global.get.far", [Operand(.a, .writeInt), Operand(.imm32, .importedGlobal)],
      [.set(.a, .state(.importedGlobal(.imm32)))]),
    Draft(
      "global.set.far", [Operand(.a, .readInt), Operand(.imm32, .importedGlobal)],
      [.setImportedGlobal(.imm32, .i64(.a))]),
    Draft(
      "memory.size", [Operand(.a, .writeInt), Operand(.imm32, .memory)],
      [.set(.a, .state(.memoryPageCount(.imm32)))]),
    slow(
      "memory.grow", [Operand(.a, .writeInt), Operand(.b, .readInt), Operand(.c, .memory)],
      .memoryGrow),
    slow(
      "memory.copy", three + [Operand(.x0, .memory), Operand(.x1, .memory)], .memoryCopy),
    slow("memory.fill", three + [Operand(.x0, .memory)], .memoryFill),
    slow("memory.init", three + [Operand(.x0, .memory), Operand(.xhi, .data)], .memoryInit),
    slow("data.drop", [Operand(.imm32, .data)], .dataDrop),
    slow(
      "table.get", [Operand(.a, .writeInt), Operand(.b, .readInt), Operand(.c, .table)],
      .tableGet),
    slow(
      "table.set", [Operand(.a, .readInt), Operand(.b, .readInt), Operand(.c, .table)],
      .tableSet),
    Draft(
      "table.size", [Operand(.a, .writeInt), Operand(.imm32, .table)],
      [.set(.a, .state(.tableElementCount(.imm32)))]),
    slow(
      "table.grow",
      [
        Operand(.a, .writeInt), Operand(.b, .readInt), Operand(.c, .readInt),
        Operand(.x0, .table),
      ], .tableGrow),
    slow("table.copy", three + [Operand(.x0, .table), Operand(.x1, .table)], .tableCopy),
    slow("table.fill", three + [Operand(.x0, .table)], .tableFill),
    slow("table.init", three + [Operand(.x0, .table), Operand(.xhi, .element)], .tableInit),
    slow("elem.drop", [Operand(.imm32, .element)], .elementDrop),
    slow(
      "ref.func", [Operand(.a, .writeInt), Operand(.imm32, .function)], .functionReference),
    slow(
      "ref.import", [Operand(.a, .writeInt), Operand(.imm32, .import)], .importReference),
    Draft(
      "ref.is_null", [Operand(.a, .writeInt), Operand(.b, .readInt)], [.set(.a, .i64(.b).isZero)]),
  ]

  /// Destination, source or value, count: the operands of bulk work.
  private static let three = [
    Operand(.a, .readInt), Operand(.b, .readInt), Operand(.c, .readInt),
  ]

  /// Nothing is forwarded into what the outer loop does.
  private static func slow(
    _ name: String, _ operands: [Operand], _ reason: SlowReason
  ) -> Draft {
    Draft(name, operands, [.slow(reason)], forwardable: [])
  }
}
