// GeneratedModule.swift — valid WebAssembly modules out of a seed, for several engines to run.
// Hosted. Imports TestSupport.
// A generator of our own: wasm-smith and binaryen's `wasm-opt -ttf` make valid modules too, but the
// first is a Rust program over a dozen crates, the second another package, and `make test` has to
// work with the Swift toolchain alone. Neither makes code that mostly ends without a trap, whose
// results depend on no engine's NaNs, and which an engine that can only call and print can tell of.

import TestSupport

/// A module that calls itself, and tells what it holds.
///
/// Exports: `step0` … call a function each, with arguments of their own, and give its results;
/// `digest` gives a number that depends on all memories, tables and globals; `through` does all
/// steps and gives a number that depends on their results and the digest. Each ends, and gives the
/// same in every engine but for the bits of floats that are not numbers, which only steps give.
public struct GeneratedModule: Sendable {
  /// The file.
  public let bytes: [UInt8]
  /// Whether it uses what version 2.0 of WebAssembly has not.
  public let isExtended: Bool

  /// A module that was generated, and perhaps made smaller since.
  public init(_ bytes: [UInt8]) {
    self.bytes = bytes
    isExtended = false
  }

  /// The module of a number in the sequence of a seed.
  public init(seed: UInt64, number: Int) {
    var seeds = SeededGenerator(seed: seed)
    var random = SeededGenerator(seed: seeds.next() &+ UInt64(number))
    isExtended = number % 4 == 3
    var declarations = ModuleDeclarations(&random, isExtended: isExtended)
    var bodies: [[UInt8]] = []
    for index in 0..<declarations.functionCount {
      var code = CodeGenerator(
        random, declarations, declarations.functionTypes[index], types: declarations.types)
      bodies.append(code.function())
      random = code.random
      declarations.types = code.types
    }
    var steps = StepGenerator(random, declarations)
    bytes = steps.file(bodies)
  }
}

/// A value's type.
enum WasmType: UInt8, CaseIterable {
  case i32 = 0x7f
  case i64 = 0x7e
  case f32 = 0x7d
  case f64 = 0x7c
  case funcref = 0x70
  case externref = 0x6f

  var isReference: Bool { self == .funcref || self == .externref }
  var isFloat: Bool { self == .f32 || self == .f64 }
}

/// A function's or block's type.
struct Signature: Equatable {
  var parameters: [WasmType] = []
  var results: [WasmType] = []

  var bytes: [UInt8] { WasmBytes.type(parameters.map(\.rawValue), results.map(\.rawValue)) }
}

extension SeededGenerator {
  /// A number below `count`.
  mutating func pick(_ count: Int) -> Int { Int.random(in: 0..<count, using: &self) }

  /// Once in `count` times.
  mutating func isOne(in count: Int) -> Bool { pick(count) == 0 }

  /// An element, of which there is one.
  mutating func pick<Element>(of elements: [Element]) -> Element { elements[pick(elements.count)] }

  /// A value's type; numbers are more frequent.
  mutating func type() -> WasmType {
    pick(of: [
      .i32, .i32, .i32, .i32, .i64, .i64, .i64, .f32, .f32, .f64, .f64, .f64, .funcref, .externref,
    ])
  }

  mutating func types(atMost count: Int) -> [WasmType] {
    var types: [WasmType] = []
    for _ in 0..<pick(count + 1) { types.append(type()) }
    return types
  }

  /// A constant instruction; a reference is null.
  mutating func constant(_ type: WasmType) -> [UInt8] {
    switch type {
    case .i32: return [0x41] + WasmBytes.signed(Int64(Int32(truncatingIfNeeded: integer())))
    case .i64: return [0x42] + WasmBytes.signed(integer())
    case .f32: return [0x43] + bytes(of: UInt64(float32().bitPattern), count: 4)
    case .f64: return [0x44] + bytes(of: float64().bitPattern, count: 8)
    case .funcref, .externref: return [0xd0, type.rawValue]
    }
  }

  /// An integer: small, at an edge of a width, or any bits.
  mutating func integer() -> Int64 {
    switch pick(4) {
    case 0: return Int64(pick(20)) - 4
    case 1:
      let edge = Int64(1) << Int64(pick(of: [7, 8, 14, 15, 16, 31, 32, 47, 63]))
      // Wraps at the last edge.
      return pick(of: [edge, edge &- 1, 0 &- edge, ~edge])
    case 2: return Int64(truncatingIfNeeded: next()) >> Int64(pick(64))
    default: return Int64(truncatingIfNeeded: next())
    }
  }

  private mutating func float32() -> Float {
    switch pick(4) {
    case 0: return Float(pick(20)) - 4
    case 1:
      return pick(of: [
        0, -0.0, .infinity, -.infinity, .nan, .signalingNaN, .leastNonzeroMagnitude,
        .leastNormalMagnitude, .greatestFiniteMagnitude, 2_147_483_648, -2_147_483_904,
        4_294_967_296, 0x1p63, -0x1p63, 0x1p64, 0.5, 1.5, 8_388_607.5,
      ])
    case 2: return Float(integer())
    default: return Float(bitPattern: UInt32(truncatingIfNeeded: next()))
    }
  }

  private mutating func float64() -> Double {
    switch pick(4) {
    case 0: return Double(pick(20)) - 4
    case 1:
      return pick(of: [
        0, -0.0, .infinity, -.infinity, .nan, .signalingNaN, .leastNonzeroMagnitude,
        .leastNormalMagnitude, .greatestFiniteMagnitude, 2_147_483_647.5, -2_147_483_648.9,
        4_294_967_295.5, 0x1p63, -0x1p63, 0x1p64, 0.5, 2.5, 4_503_599_627_370_495.5,
      ])
    case 2: return Double(integer())
    default: return Double(bitPattern: next())
    }
  }

  private func bytes(of bits: UInt64, count: Int) -> [UInt8] {
    (0..<count).map { UInt8(truncatingIfNeeded: bits >> (8 * UInt64($0))) }
  }
}
