// Operators.swift — WebAssembly's operators by what they give.
// Hosted. Imports nothing. Source: WebAssembly Core Specification 2.0, section 5.4 "Instructions".

/// An operator that takes values from the stack and puts one there.
struct GeneratedOperator {
  /// How it differs from others for a generator.
  enum Kind {
    case plain
    /// A divisor may be zero.
    case division
    /// Traps for most floats.
    case truncation
    /// The bits of its last operand can be told from the result.
    case exact
  }

  let code: [UInt8]
  let operands: [WasmType]
  let result: WasmType
  var kind: Kind = .plain
}

/// A load or store, and the exponent of its width in bytes.
struct GeneratedAccess {
  let code: UInt8
  let type: WasmType
  let exponent: Int
}

enum GeneratedOperators {
  /// Those that give a value of each type.
  static func giving(_ type: WasmType) -> [GeneratedOperator] { byResult[type] ?? [] }

  private static let byResult = Dictionary(grouping: all, by: \.result)

  private static func run(
    _ codes: ClosedRange<UInt8>, _ operands: [WasmType], _ result: WasmType,
    _ kind: GeneratedOperator.Kind = .plain
  ) -> [GeneratedOperator] {
    codes.map { GeneratedOperator(code: [$0], operands: operands, result: result, kind: kind) }
  }

  private static let all: [GeneratedOperator] = comparisons + integers + floats + conversions

  private static let comparisons =
    run(0x45...0x45, [.i32], .i32) + run(0x46...0x4f, [.i32, .i32], .i32)
    + run(0x50...0x50, [.i64], .i32) + run(0x51...0x5a, [.i64, .i64], .i32)
    + run(0x5b...0x60, [.f32, .f32], .i32) + run(0x61...0x66, [.f64, .f64], .i32)

  private static let integers =
    run(0x67...0x69, [.i32], .i32) + run(0x6a...0x6c, [.i32, .i32], .i32)
    + run(0x6d...0x70, [.i32, .i32], .i32, .division) + run(0x71...0x78, [.i32, .i32], .i32)
    + run(0x79...0x7b, [.i64], .i64) + run(0x7c...0x7e, [.i64, .i64], .i64)
    + run(0x7f...0x82, [.i64, .i64], .i64, .division) + run(0x83...0x8a, [.i64, .i64], .i64)
    + run(0xc0...0xc1, [.i32], .i32) + run(0xc2...0xc4, [.i64], .i64)

  private static let floats =
    run(0x8b...0x91, [.f32], .f32) + run(0x92...0x97, [.f32, .f32], .f32)
    + run(0x98...0x98, [.f32, .f32], .f32, .exact) + run(0x99...0x9f, [.f64], .f64)
    + run(0xa0...0xa5, [.f64, .f64], .f64) + run(0xa6...0xa6, [.f64, .f64], .f64, .exact)

  private static let conversions =
    run(0xa7...0xa7, [.i64], .i32) + run(0xa8...0xa9, [.f32], .i32, .truncation)
    + run(0xaa...0xab, [.f64], .i32, .truncation) + run(0xac...0xad, [.i32], .i64)
    + run(0xae...0xaf, [.f32], .i64, .truncation) + run(0xb0...0xb1, [.f64], .i64, .truncation)
    + run(0xb2...0xb3, [.i32], .f32) + run(0xb4...0xb5, [.i64], .f32)
    + run(0xb6...0xb6, [.f64], .f32) + run(0xb7...0xb8, [.i32], .f64)
    + run(0xb9...0xba, [.i64], .f64) + run(0xbb...0xbb, [.f32], .f64)
    + run(0xbc...0xbc, [.f32], .i32, .exact) + run(0xbd...0xbd, [.f64], .i64, .exact)
    + run(0xbe...0xbe, [.i32], .f32) + run(0xbf...0xbf, [.i64], .f64)
    + (UInt8(0)...7).map {
      GeneratedOperator(
        code: [0xfc, $0], operands: [$0 & 2 == 0 ? .f32 : .f64], result: $0 < 4 ? .i32 : .i64)
    }

  static let loads: [GeneratedAccess] = [
    GeneratedAccess(code: 0x28, type: .i32, exponent: 2),
    GeneratedAccess(code: 0x29, type: .i64, exponent: 3),
    GeneratedAccess(code: 0x2a, type: .f32, exponent: 2),
    GeneratedAccess(code: 0x2b, type: .f64, exponent: 3),
    GeneratedAccess(code: 0x2c, type: .i32, exponent: 0),
    GeneratedAccess(code: 0x2d, type: .i32, exponent: 0),
    GeneratedAccess(code: 0x2e, type: .i32, exponent: 1),
    GeneratedAccess(code: 0x2f, type: .i32, exponent: 1),
    GeneratedAccess(code: 0x30, type: .i64, exponent: 0),
    GeneratedAccess(code: 0x31, type: .i64, exponent: 0),
    GeneratedAccess(code: 0x32, type: .i64, exponent: 1),
    GeneratedAccess(code: 0x33, type: .i64, exponent: 1),
    GeneratedAccess(code: 0x34, type: .i64, exponent: 2),
    GeneratedAccess(code: 0x35, type: .i64, exponent: 2),
  ]

  static let stores: [GeneratedAccess] = [
    GeneratedAccess(code: 0x36, type: .i32, exponent: 2),
    GeneratedAccess(code: 0x37, type: .i64, exponent: 3),
    GeneratedAccess(code: 0x38, type: .f32, exponent: 2),
    GeneratedAccess(code: 0x39, type: .f64, exponent: 3),
    GeneratedAccess(code: 0x3a, type: .i32, exponent: 0),
    GeneratedAccess(code: 0x3b, type: .i32, exponent: 1),
    GeneratedAccess(code: 0x3c, type: .i64, exponent: 0),
    GeneratedAccess(code: 0x3d, type: .i64, exponent: 1),
    GeneratedAccess(code: 0x3e, type: .i64, exponent: 2),
  ]
}
