// Fused.swift — operations that mean several others, with one dispatch.
// Hosted. Imports nothing. Design: NovaCore.docc/Operations.md.

extension OperationTable {
  static let fused: [Draft] =
    fusedIntegers + fusedBranches + fusedLoops + fusedMoves + fusedLoads + fusedFloats + profiled

  /// Two or three 32-bit operations: `A0 := f(B, C, A1)`.
  private static let fusedIntegers: [Draft] = {
    let x = Expression.i32(.b)
    let c = Expression.i32(.c)
    let r = Expression.i32(.a1)
    let mask = Expression.unsigned(.c)
    let count = Expression.unsigned(.a1)
    let small = Expression.signed(.a1)
    let rules: [(String, Role, Role, Expression)] = [
      ("shr_u_xor", .readInt, .bits, x.shiftedRight(count).xor(c)),
      ("shl_add", .readInt, .bits, x.shiftedLeft(count).plus(c)),
      ("shr_u_and", .unsigned, .bits, x.shiftedRight(count).and(mask)),
      ("shl_and", .unsigned, .bits, x.shiftedLeft(count).and(mask)),
      ("rotl_xor", .readInt, .bits, x.rotatedLeft(count).xor(c)),
      ("muli_add", .signed, .readInt, x.times(.signed(.c)).plus(r)),
      ("add_and", .unsigned, .readInt, x.plus(r).and(mask)),
      ("xor_and", .unsigned, .readInt, x.xor(r).and(mask)),
      ("addi_and", .unsigned, .signed, x.plus(small).and(mask)),
      ("and_addi", .unsigned, .signed, x.and(mask).plus(small)),
      ("and_shl", .unsigned, .bits, x.and(mask).shiftedLeft(count)),
      ("add_add", .readInt, .readInt, x.plus(c).plus(r)),
      ("and_xor", .readInt, .readInt, x.and(c).xor(r)),
      ("xor_xor", .readInt, .readInt, x.xor(c).xor(r)),
      ("add_addi", .readInt, .signed, x.plus(c).plus(small)),
      ("mul_add", .readInt, .readInt, x.times(c).plus(r)),
      ("shl_or", .readInt, .bits, x.shiftedLeft(count).or(c)),
      ("xor_shr_u", .readInt, .bits, x.xor(c).shiftedRight(count)),
      ("add_shr_u", .readInt, .bits, x.plus(c).shiftedRight(count)),
    ]
    return rules.map { name, wide, narrow, value in
      Draft(
        "i32.\(name)",
        [
          Operand(.a0, .writeInt), Operand(.b, .readInt), Operand(.c, wide),
          Operand(.a1, narrow),
        ],
        [.set(.a0, value)], forwardable: [0])
    }
  }()

  /// A load or a test, and a branch on it.
  private static let fusedBranches: [Draft] = {
    var drafts: [Draft] = []
    let conditions = [("eq", Comparison.equal), ("ne", .notEqual)]
    for (load, access) in loadNames
    where ["i32.load8_u", "i32.load", "i32.load16_u", "i32.load16_s"].contains(load) {
      for (name, comparison) in conditions {
        drafts.append(
          Draft(
            "br.\(load).\(name)i",
            [
              Operand(.a0, .readInt), Operand(.b, .memoryOffset), Operand(.a1, .signed),
              Operand(.c, .branch),
            ],
            [
              .branch(
                .c,
                when: .compare(
                  comparison, .i32, .load(access, address: offset(.a0, .b), memory: nil),
                  .signed(.a1)))
            ]))
      }
    }
    for (name, comparison) in conditions {
      drafts.append(
        Draft(
          "br.i32.and_\(name)z",
          [Operand(.a, .readInt), Operand(.b, .unsigned), Operand(.c, .branch)],
          [
            .branch(
              .c,
              when: .compare(
                comparison, .i32, Expression.i32(.a).and(.unsigned(.b)), .constant(0, .i32)))
          ]))
    }
    for (load, access) in loadNames where ["i32.load8_u", "i32.load"].contains(load) {
      for (name, comparison) in conditions {
        drafts.append(
          Draft(
            "\(load).br_\(name)z",
            [
              Operand(.a0, .writeInt), Operand(.a1, .readInt), Operand(.b, .memoryOffset),
              Operand(.c, .branch),
            ],
            [
              .bind("value", .load(access, address: offset(.a1, .b), memory: nil)),
              .set(.a0, .bound("value", .i32)),
              .branch(
                .c, when: .compare(comparison, .i32, .bound("value", .i32), .constant(0, .i32))),
            ]))
      }
    }
    return drafts
  }()

  /// The end of a counting loop: add, compare, branch.
  private static let fusedLoops: [Draft] = comparisonNames.filter {
    ["ne", "lt_s", "lt_u"].contains($0.0)
  }.flatMap { name, comparison in
    [("", Role.readInt, Expression.i32(.b)), ("i", .signed, .signed(.b))].map {
      suffix, role, limit in
      Draft(
        "br.i32.addi_\(name)\(suffix)",
        [
          Operand(.a, .updateInt), Operand(.xlo, .signed), Operand(.b, role),
          Operand(.c, .branch),
        ],
        [
          .bind("value", Expression.i32(.a).plus(.signed(.xlo))),
          .set(.a, .bound("value", .i32)),
          .branch(.c, when: .compare(comparison, .i32, .bound("value", .i32), limit)),
        ], forwardable: [0])
    }
  }

  private static let fusedMoves: [Draft] = [
    Draft(
      "mov2",
      [
        Operand(.a0, .writeInt), Operand(.a1, .readInt), Operand(.b, .writeInt),
        Operand(.c, .readInt),
      ],
      [.set(.a0, .i64(.a1)), .set(.b, .i64(.c))], forwardable: []),
    Draft(
      "const32.jmp",
      [Operand(.a, .writeInt), Operand(.b, .signed), Operand(.c, .branch)],
      [.set(.a, .signed(.b)), .branch(.c, when: nil)]),
    Draft(
      "mov.jmp", [Operand(.a, .writeInt), Operand(.b, .readInt), Operand(.c, .branch)],
      [.set(.a, .i64(.b)), .branch(.c, when: nil)]),
    Draft(
      "mov.br_eqz", movedBranch, [.set(.a0, .i64(.a1)), .branch(.c, when: .i32(.b).isZero)],
      forwardable: [1]),
    Draft(
      "mov.br_nez", movedBranch, [.set(.a0, .i64(.a1)), .branch(.c, when: .i32(.b).isNotZero)],
      forwardable: [1]),
    Draft(
      "i32.addi2",
      [
        Operand(.a0, .updateInt), Operand(.b, .signed), Operand(.a1, .updateInt),
        Operand(.c, .signed),
      ],
      [
        .set(.a0, Expression.i32(.a0).plus(.signed(.b))),
        .set(.a1, Expression.i32(.a1).plus(.signed(.c))),
      ], forwardable: []),
    Draft(
      "select.and",
      [
        Operand(.a, .writeInt), Operand(.b, .readInt), Operand(.c, .readInt),
        Operand(.x0, .readInt), Operand(.x1, .unsigned),
      ],
      [
        .set(
          .a,
          .choose(
            .i64, when: Expression.i32(.x0).and(.unsigned(.x1)), .i64(.b), .i64(.c)))
      ], forwardable: [2]),
  ]

  private static let movedBranch = [
    Operand(.a0, .writeInt), Operand(.a1, .readInt), Operand(.b, .readInt),
    Operand(.c, .branch),
  ]

  /// A pointer's pointer, and a product with what is in memory.
  private static let fusedLoads: [Draft] = {
    var drafts: [Draft] = []
    let pointer = Expression.load(
      Access(.i32, 4), address: offset(.a1, .b), memory: nil)
    for (name, access) in loadNames
    where ["i32.load8_u", "i32.load", "i32.load16_u", "i32.load16_s"].contains(name) {
      drafts.append(
        Draft(
          "\(name).through",
          [
            Operand(.a0, .writeInt), Operand(.a1, .readInt), Operand(.b, .memoryOffset),
            Operand(.c, .memoryOffset),
          ],
          [
            .bind("pointer", pointer),
            .set(
              .a0,
              .load(
                access,
                address: Expression.bound("pointer", .i32).widened.plus(.unsigned(.c, .i64)),
                memory: nil)),
          ]))
    }
    for (name, access) in loadNames where ["i32.load", "i32.load16_s"].contains(name) {
      drafts.append(
        Draft(
          "i32.mul_\(name.dropFirst(4))",
          [
            Operand(.a0, .writeInt), Operand(.a1, .readInt), Operand(.b, .readInt),
            Operand(.c, .memoryOffset),
          ],
          [
            .set(
              .a0,
              Expression.i32(.a1).times(.load(access, address: offset(.b, .c), memory: nil)))
          ], forwardable: [0]))
    }
    return drafts
  }()

  /// A product and a sum that round twice, and sums with what is in memory.
  private static let fusedFloats: [Draft] = {
    var drafts: [Draft] = []
    let product = Expression.register(.b, .f64).times(.register(.c, .f64))
    let factors = [Operand(.b, .readFloat), Operand(.c, .readFloat)]
    let sum = Expression.register(.a, .f64)
    let term = Expression.register(.a1, .f64)
    let target = Operand(.a0, .writeFloat)
    drafts += [
      Draft(
        "f64.muladd", [Operand(.a, .updateFloat)] + factors, [.set(.a, sum.plus(product))],
        forwardable: [0, 1]),
      Draft(
        "f64.mulsub", [Operand(.a, .updateFloat)] + factors, [.set(.a, sum.minus(product))],
        forwardable: [0, 1]),
      Draft(
        "f64.muladd4", [target, Operand(.a1, .readFloat)] + factors,
        [.set(.a0, term.plus(product))], forwardable: [0, 1]),
      Draft(
        "f64.mulsub4", [target, Operand(.a1, .readFloat)] + factors,
        [.set(.a0, term.minus(product))], forwardable: [0, 1]),
    ]
    let loaded = Expression.load(Access(.f64, 8), address: offset(.b, .c), memory: nil)
    for (name, value) in [
      ("mul_load", term.times(loaded)), ("add_load", term.plus(loaded)),
      ("sub_load", term.minus(loaded)), ("load_sub", loaded.minus(term)),
    ] {
      drafts.append(
        Draft(
          "f64.\(name)",
          [
            target, Operand(.a1, .readFloat), Operand(.b, .readInt),
            Operand(.c, .memoryOffset),
          ],
          [.set(.a0, value)], forwardable: [0]))
    }
    return drafts
  }()
}
