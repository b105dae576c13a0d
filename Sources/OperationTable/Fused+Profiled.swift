// Fused+Profiled.swift — fused operations chosen by what a corpus of programs runs most.
// Hosted. Imports nothing. The corpus: Benchmarks/Bytecode/tuning; the counts: Decisions/0015.

extension OperationTable {
  /// Appended to `fused`; never reordered.
  static let profiled: [Draft] =
    profiledLoops + profiledAddresses + profiledUpdates + profiledSums + profiledChoices
    + profiledBranches + profiledRest

  private static let byteValue = Operand(.a0, .writeInt)

  /// The end of a loop with a counter and a pointer.
  private static let profiledLoops: [Draft] = {
    var drafts: [Draft] = []
    for (name, comparison) in comparisonNames where ["ne", "lt_s", "lt_u"].contains(name) {
      for (suffix, role, limit) in [
        ("", Role.readInt, Expression.i32(.b)), ("i", .signed, .signed(.b)),
      ] {
        drafts.append(
          Draft(
            "br.i32.addi2_\(name)\(suffix)",
            [
              Operand(.a0, .updateInt), Operand(.x0, .signed), Operand(.a1, .updateInt),
              Operand(.x1, .signed), Operand(.b, role), Operand(.c, .branch),
            ],
            [
              .set(.a0, Expression.i32(.a0).plus(.signed(.x0))),
              .bind("value", Expression.i32(.a1).plus(.signed(.x1))),
              .set(.a1, .bound("value", .i32)),
              .branch(.c, when: .compare(comparison, .i32, .bound("value", .i32), limit)),
            ], forwardable: []))
      }
    }
    return drafts
  }()

  /// Addresses that wrap at 32 bits, since a compiler could not prove that they don't.
  private static let profiledAddresses: [Draft] = {
    var drafts: [Draft] = []
    let shifted = Expression.i32(.b).shiftedLeft(.unsigned(.a1)).plus(.signed(.c)).widened
    let summed = Expression.i32(.a1).plus(.i32(.b)).plus(.signed(.c)).widened
    let shiftedOperands = [
      Operand(.b, .readInt), Operand(.a1, .bits), Operand(.c, .signed),
    ]
    let summedOperands = [
      Operand(.a1, .readInt), Operand(.b, .readInt), Operand(.c, .signed),
    ]
    for (name, access) in loadNames
    where ["i32.load", "i32.load8_u", "i32.load16_u", "i64.load", "f32.load", "f64.load"]
      .contains(name)
    {
      for (suffix, operands, address) in [
        ("shifted_wrapping", shiftedOperands, shifted),
        ("summed_wrapping", summedOperands, summed),
      ] {
        drafts.append(
          Draft(
            "\(name).\(suffix)", [Operand(.a0, .write(access.kind))] + operands,
            [.set(.a0, .load(access, address: address, memory: nil))]))
      }
    }
    for (name, access) in storeNames {
      let value = Operand(.a0, .read(access.kind))
      drafts.append(
        Draft(
          "\(name).shifted_wrapping", [value] + shiftedOperands,
          [
            .store(
              access, address: shifted, memory: nil, value: .register(.a0, access.kind))
          ]))
    }
    return drafts
  }()

  /// A number in memory that is added to.
  private static let profiledUpdates: [Draft] = {
    var drafts: [Draft] = []
    for (suffix, role, address) in [
      ("", Role.memoryOffset, offset(.b, .c)),
      ("_wrapping", .signed, Expression.i32(.b).plus(.signed(.c)).widened),
    ] {
      let place = [Operand(.b, .readInt), Operand(.c, role)]
      func draft(_ name: String, _ operand: Role, _ access: Access, _ value: Expression) {
        drafts.append(
          Draft(
            name + suffix, [Operand(.a, operand)] + place,
            [.store(access, address: address, memory: nil, value: value)]))
      }
      for (type, access) in [
        ("i32", Access(.i32, 4)), ("f64", Access(.f64, 8)), ("f32", Access(.f32, 4)),
      ] {
        let old = Expression.load(access, address: address, memory: nil)
        let term = Expression.register(.a, access.kind)
        draft("\(type).add_to", .read(access.kind), access, old.plus(term))
        if access.kind.isFloat {
          draft("\(type).sub_from", .read(access.kind), access, old.minus(term))
        } else {
          draft("\(type).addi_to", .signed, access, old.plus(.signed(.a)))
        }
      }
    }
    return drafts
  }()

  /// Arithmetic with what is in memory.
  private static let profiledSums: [Draft] = {
    var drafts: [Draft] = []
    let plain = ("", Role.memoryOffset, offset(.b, .c))
    let wrapping = ("_wrapping", Role.signed, Expression.i32(.b).plus(.signed(.c)).widened)
    func add(
      _ name: String, _ kind: Kind, _ form: (String, Role, Expression),
      _ value: (Expression) -> Expression, _ access: Access
    ) {
      drafts.append(
        Draft(
          name + form.0,
          [
            Operand(.a0, .write(kind)), Operand(.a1, .read(kind)), Operand(.b, .readInt),
            Operand(.c, form.1),
          ], [.set(.a0, value(.load(access, address: form.2, memory: nil)))]))
    }
    for (name, access) in [("load", Access(.i32, 4)), ("load8_u", Access(.i32, 1))] {
      for form in [plain, wrapping] {
        add("i32.add_\(name)", .i32, form, { Expression.i32(.a1).plus($0) }, access)
      }
    }
    for (kind, byteCount, forms) in [
      (Kind.f64, 8, [wrapping]), (.f32, 4, [plain, wrapping]),
    ] {
      let term = Expression.register(.a1, kind)
      let access = Access(kind, byteCount)
      for form in forms {
        add("\(kind.rawValue).mul_load", kind, form, { term.times($0) }, access)
        add("\(kind.rawValue).add_load", kind, form, { term.plus($0) }, access)
        add("\(kind.rawValue).sub_load", kind, form, { term.minus($0) }, access)
        add("\(kind.rawValue).load_sub", kind, form, { $0.minus(term) }, access)
      }
    }
    return drafts
  }()

  /// A comparison that chooses between two values.
  private static let profiledChoices: [Draft] = comparisonNames.flatMap { name, comparison in
    [("", Role.readInt, Expression.i32(.x1)), ("i", .signed, .signed(.x1))].map {
      suffix, role, right in
      Draft(
        "select.i32.\(name)\(suffix)",
        [
          Operand(.a, .writeInt), Operand(.b, .readInt), Operand(.c, .readInt),
          Operand(.x0, .readInt), Operand(.x1, role),
        ],
        [
          .set(
            .a,
            .choose(
              .i64, when: .compare(comparison, .i32, .i32(.x0), right), .i64(.b), .i64(.c)))
        ], forwardable: [0, 1, 2])
    }
  }

  /// A number in memory that is compared with a register.
  private static let profiledBranches: [Draft] = {
    var drafts: [Draft] = []
    for (name, access) in loadNames where ["i32.load8_u", "i32.load"].contains(name) {
      for (condition, comparison) in comparisonNames
      where name == "i32.load" || condition == "eq" || condition == "ne" {
        for (suffix, role, address) in [
          ("", Role.memoryOffset, offset(.a0, .b)),
          ("_wrapping", .signed, Expression.i32(.a0).plus(.signed(.b)).widened),
        ] {
          drafts.append(
            Draft(
              "br.\(name)\(suffix).\(condition)",
              [
                Operand(.a0, .readInt), Operand(.b, role), Operand(.a1, .readInt),
                Operand(.c, .branch),
              ],
              [
                .branch(
                  .c,
                  when: .compare(
                    comparison, .i32, .load(access, address: address, memory: nil),
                    .i32(.a1)))
              ]))
        }
      }
    }
    return drafts
  }()

  private static let profiledRest: [Draft] = {
    let wide = Expression.i64(.b)
    let count = Expression.unsigned(.a1, .i64)
    let wideOperands = [
      Operand(.a0, .writeInt), Operand(.b, .readInt), Operand(.c, .readInt),
      Operand(.a1, .bits),
    ]
    return [
      Draft(
        "const2",
        [
          Operand(.a0, .writeInt), Operand(.b, .signed), Operand(.a1, .writeInt),
          Operand(.c, .signed),
        ], [.set(.a0, .signed(.b)), .set(.a1, .signed(.c))], forwardable: []),
      Draft(
        "i32.addi.jmp",
        [
          Operand(.a0, .writeInt), Operand(.a1, .readInt), Operand(.b, .signed),
          Operand(.c, .branch),
        ],
        [.set(.a0, Expression.i32(.a1).plus(.signed(.b))), .branch(.c, when: nil)]),
      Draft(
        "i64.shr_u_xor", wideOperands,
        [.set(.a0, wide.shiftedRight(count).xor(.i64(.c)))], forwardable: [0]),
      Draft(
        "i64.shl_xor", wideOperands, [.set(.a0, wide.shiftedLeft(count).xor(.i64(.c)))],
        forwardable: [0]),
      Draft(
        "i64.shl_add", wideOperands, [.set(.a0, wide.shiftedLeft(count).plus(.i64(.c)))],
        forwardable: [0]),
      Draft(
        "i32.shl_ori",
        [
          Operand(.a0, .writeInt), Operand(.b, .readInt), Operand(.a1, .bits),
          Operand(.c, .unsigned),
        ],
        [
          .set(
            .a0, Expression.i32(.b).shiftedLeft(.unsigned(.a1)).or(.unsigned(.c)))
        ], forwardable: [0]),
    ]
  }()
}
