// Numbers.swift — integers, floats and the conversions between them.
// Hosted. Imports nothing. Source of the meanings: WebAssembly 2.0, section 4.3.

extension OperationTable {
  private static let binaryNames: [(String, BinaryOperator)] = [
    ("add", .add), ("sub", .subtract), ("mul", .multiply), ("and", .and), ("or", .or),
    ("xor", .exclusiveOr), ("shl", .shiftLeft), ("shr_s", .shiftRightSigned),
    ("shr_u", .shiftRightUnsigned), ("rotl", .rotateLeft), ("rotr", .rotateRight),
  ]

  private static let divisionNames: [(String, BinaryOperator)] = [
    ("div_s", .divideSigned), ("div_u", .divideUnsigned), ("rem_s", .remainderSigned),
    ("rem_u", .remainderUnsigned),
  ]

  static let comparisonNames: [(String, Comparison)] = [
    ("eq", .equal), ("ne", .notEqual), ("lt_s", .lessSigned), ("lt_u", .lessUnsigned),
    ("le_s", .lessOrEqualSigned), ("le_u", .lessOrEqualUnsigned), ("gt_s", .greaterSigned),
    ("gt_u", .greaterUnsigned), ("ge_s", .greaterOrEqualSigned),
    ("ge_u", .greaterOrEqualUnsigned),
  ]

  /// Register forms, forms with a 16-bit immediate, comparisons, compare and branch.
  static func integers(_ kind: Kind) -> [Draft] {
    var drafts: [Draft] = []
    let write = Operand(.a, .writeInt)
    let left = Expression.register(.b, kind)
    let right = Expression.register(.c, kind)
    for (name, operation) in binaryNames + divisionNames {
      drafts.append(
        Draft(
          "\(kind.rawValue).\(name)", [write, Operand(.b, .readInt), Operand(.c, .readInt)],
          [.set(.a, .binary(operation, kind, left, right))],
          forwardable: operation.isCommutative ? [0] : nil))
    }
    // What `sub` with an immediate would do, `add` with the negated one does.
    for (name, operation) in binaryNames where operation != .subtract {
      drafts.append(
        Draft(
          "\(kind.rawValue).\(name)i",
          [write, Operand(.b, .readInt), Operand(.c, .signed)],
          [.set(.a, .binary(operation, kind, left, .signed(.c, kind)))]))
    }
    for (name, comparison) in comparisonNames {
      drafts += comparisons(kind, name, comparison)
    }
    for (name, operation) in [
      ("clz", UnaryOperator.countLeadingZeros), ("ctz", .countTrailingZeros),
      ("popcnt", .populationCount), ("extend8_s", .extend8), ("extend16_s", .extend16),
      ("extend32_s", .extend32),
    ] where operation != .extend32 || kind == .i64 {
      drafts.append(
        Draft(
          "\(kind.rawValue).\(name)", [write, Operand(.b, .readInt)],
          [.set(.a, .unary(operation, kind, left))]))
    }
    return drafts
  }

  // Every comparison has its mirror image, so that only the first operand need be forwarded.
  private static func comparisons(
    _ kind: Kind, _ name: String, _ comparison: Comparison
  ) -> [Draft] {
    let first = Expression.register(.a, kind)
    let left = Expression.register(.b, kind)
    let write = Operand(.a, .writeInt)
    return [
      Draft(
        "\(kind.rawValue).\(name)", [write, Operand(.b, .readInt), Operand(.c, .readInt)],
        [.set(.a, .compare(comparison, kind, left, .register(.c, kind)))], forwardable: [0]),
      Draft(
        "\(kind.rawValue).\(name)i", [write, Operand(.b, .readInt), Operand(.c, .signed)],
        [.set(.a, .compare(comparison, kind, left, .signed(.c, kind)))]),
      Draft(
        "br.\(kind.rawValue).\(name)",
        [Operand(.a, .readInt), Operand(.b, .readInt), Operand(.c, .branch)],
        [.branch(.c, when: .compare(comparison, kind, first, .register(.b, kind)))],
        forwardable: [0]),
      Draft(
        "br.\(kind.rawValue).\(name)i",
        [Operand(.a, .readInt), Operand(.b, .signed), Operand(.c, .branch)],
        [.branch(.c, when: .compare(comparison, kind, first, .signed(.b, kind)))]),
    ]
  }

  /// `gt` and `ge` are `lt` and `le` with the operands exchanged.
  static func floats(_ kind: Kind) -> [Draft] {
    var drafts: [Draft] = []
    let left = Expression.register(.b, kind)
    for (name, operation) in [
      ("add", BinaryOperator.add), ("sub", .subtract), ("mul", .multiply), ("div", .divide),
      ("min", .minimum), ("max", .maximum), ("copysign", .copySign),
    ] {
      drafts.append(
        Draft(
          "\(kind.rawValue).\(name)",
          [Operand(.a, .writeFloat), Operand(.b, .readFloat), Operand(.c, .readFloat)],
          [.set(.a, .binary(operation, kind, left, .register(.c, kind)))],
          forwardable: operation.isCommutative ? [0] : nil))
    }
    for (name, operation) in [
      ("sqrt", UnaryOperator.squareRoot), ("neg", .negate), ("abs", .absolute),
      ("ceil", .ceiling), ("floor", .floor), ("trunc", .truncate), ("nearest", .nearest),
    ] {
      drafts.append(
        Draft(
          "\(kind.rawValue).\(name)", [Operand(.a, .writeFloat), Operand(.b, .readFloat)],
          [.set(.a, .unary(operation, kind, left))]))
    }
    for (name, comparison) in [
      ("eq", Comparison.equal), ("ne", .notEqual), ("lt", .less), ("le", .lessOrEqual),
    ] {
      drafts.append(
        Draft(
          "\(kind.rawValue).\(name)",
          [Operand(.a, .writeInt), Operand(.b, .readFloat), Operand(.c, .readFloat)],
          [.set(.a, .compare(comparison, kind, left, .register(.c, kind)))]))
    }
    for (name, comparison) in [
      ("eq", Comparison.equal), ("ne", .notEqual), ("lt", .less), ("le", .lessOrEqual),
      ("nlt", .notLess), ("nle", .notLessOrEqual),
    ] {
      drafts.append(
        Draft(
          "br.\(kind.rawValue).\(name)",
          [Operand(.a, .readFloat), Operand(.b, .readFloat), Operand(.c, .branch)],
          [
            .branch(
              .c, when: .compare(comparison, kind, .register(.a, kind), .register(.b, kind)))
          ]))
    }
    return drafts
  }

  /// `i64.extend_i32_u` is `i32.wrap_i64`, `i64.extend_i32_s` is `i64.extend32_s`.
  static let conversions: [Draft] = {
    var drafts = [conversion("i32.wrap_i64", .wrap, .i64, .i32)]
    for integer in [Kind.i32, .i64] {
      for float in [Kind.f32, .f64] {
        let (i, f) = (integer.rawValue, float.rawValue)
        drafts += [
          conversion("\(i).trunc_\(f)_s", .truncateSigned, float, integer),
          conversion("\(i).trunc_\(f)_u", .truncateUnsigned, float, integer),
          conversion("\(i).trunc_sat_\(f)_s", .saturateSigned, float, integer),
          conversion("\(i).trunc_sat_\(f)_u", .saturateUnsigned, float, integer),
          conversion("\(f).convert_\(i)_s", .convertSigned, integer, float),
          conversion("\(f).convert_\(i)_u", .convertUnsigned, integer, float),
        ]
      }
    }
    return drafts + [
      conversion("f32.demote_f64", .demote, .f64, .f32),
      conversion("f64.promote_f32", .promote, .f32, .f64),
      conversion("i32.reinterpret_f32", .reinterpret, .f32, .i32),
      conversion("i64.reinterpret_f64", .reinterpret, .f64, .i64),
      conversion("f32.reinterpret_i32", .reinterpret, .i32, .f32),
      conversion("f64.reinterpret_i64", .reinterpret, .i64, .f64),
    ]
  }()

  private static func conversion(
    _ name: String, _ conversion: Conversion, _ from: Kind, _ to: Kind
  ) -> Draft {
    Draft(
      name, [Operand(.a, .write(to)), Operand(.b, .read(from))],
      [.set(.a, .convert(conversion, from: from, to: to, .register(.b, from)))])
  }
}
