// MathTests.swift — crt/math.c against glibc, bit for bit, on every CPU.
// The guest: qemu/programs/Sources/math. Operands come from MathInputs on both sides.

import Glibc
import MathInputsHosted
import TestSupport
import Testing

@Suite struct MathTests {
  @Test(arguments: GuestCPU.allCases)
  func `every function gives glibc's result`(cpu: GuestCPU) throws {
    let seed = TestSeed.value
    let completion = try Guests.run("math", on: cpu, environment: ["NOVA_SEED=\(seed)"])
    #expect(completion.status == 0, "\(completion)")
    let expected = Self.expectedC(UInt64(seed)) + Self.expectedSwift(UInt64(seed))
    let lines = expected.map { "\($0) \($1)" }
    #expect(
      completion.output.split(separator: "\n").map(String.init) == lines, "NOVA_SEED=\(seed)")
  }

  /// What crt promises where IEEE 754 leaves the bits open: the first NaN among the operands,
  /// quiet, or the positive one.
  private static func settled(_ result: Double, _ operands: Double...) -> UInt64 {
    guard result.isNaN else { return result.bitPattern }
    let nan = operands.first { $0.isNaN } ?? .nan
    return nan.bitPattern | 1 << 51
  }

  private static func settled(_ result: Float, _ operands: Float...) -> UInt32 {
    guard result.isNaN else { return result.bitPattern }
    let nan = operands.first { $0.isNaN } ?? .nan
    return nan.bitPattern | 1 << 22
  }

  /// glibc 2.36 gives some remainders that are zero the wrong sign; IEEE 754 says the dividend's.
  private static func signed<Value: BinaryFloatingPoint>(_ rest: Value, like dividend: Value)
    -> Value
  {
    rest == 0 ? Value(signOf: dividend, magnitudeOf: 0) : rest
  }

  private static func expectedC(_ seed: UInt64) -> [(String, UInt64)] {
    [
      ("floor", digest64(seed) { x, _, _ in settled(Glibc.floor(x), x) }),
      ("ceil", digest64(seed) { x, _, _ in settled(Glibc.ceil(x), x) }),
      ("trunc", digest64(seed) { x, _, _ in settled(Glibc.trunc(x), x) }),
      ("round", digest64(seed) { x, _, _ in settled(Glibc.round(x), x) }),
      ("rint", digest64(seed) { x, _, _ in settled(Glibc.rint(x), x) }),
      ("nearbyint", digest64(seed) { x, _, _ in settled(Glibc.nearbyint(x), x) }),
      ("roundeven", digest64(seed) { x, _, _ in settled(Glibc.rint(x), x) }),
      ("sqrt", digest64(seed) { x, _, _ in settled(Glibc.sqrt(x), x) }),
      ("fmod", digest64(seed) { x, y, _ in settled(Glibc.fmod(x, y), x, y) }),
      (
        "remainder",
        digest64(seed) { x, y, _ in settled(signed(Glibc.remainder(x, y), like: x), x, y) }
      ),
      ("fma", digest64(seed) { x, y, z in settled(Glibc.fma(x, y, z), x, y, z) }),
      ("floorf", digest32(seed) { x, _, _ in settled(Glibc.floorf(x), x) }),
      ("ceilf", digest32(seed) { x, _, _ in settled(Glibc.ceilf(x), x) }),
      ("truncf", digest32(seed) { x, _, _ in settled(Glibc.truncf(x), x) }),
      ("roundf", digest32(seed) { x, _, _ in settled(Glibc.roundf(x), x) }),
      ("rintf", digest32(seed) { x, _, _ in settled(Glibc.rintf(x), x) }),
      ("nearbyintf", digest32(seed) { x, _, _ in settled(Glibc.nearbyintf(x), x) }),
      ("roundevenf", digest32(seed) { x, _, _ in settled(Glibc.rintf(x), x) }),
      ("sqrtf", digest32(seed) { x, _, _ in settled(Glibc.sqrtf(x), x) }),
      ("fmodf", digest32(seed) { x, y, _ in settled(Glibc.fmodf(x, y), x, y) }),
      (
        "remainderf",
        digest32(seed) { x, y, _ in settled(signed(Glibc.remainderf(x, y), like: x), x, y) }
      ),
      ("fmaf", digest32(seed) { x, y, z in settled(Glibc.fmaf(x, y, z), x, y, z) }),
    ]
  }

  private static func expectedSwift(_ seed: UInt64) -> [(String, UInt64)] {
    var halves = Digest()
    for pattern in 0...UInt16.max { halves.add(UInt64(bits(Float(Float16(bitPattern: pattern))))) }
    return expectedSwift64(seed) + expectedSwift32(seed) + [
      ("Float16(Double)", digest64(seed) { x, _, _ in UInt64(bits(Float16(x))) }),
      ("Float16(Float)", digest32(seed) { x, _, _ in UInt32(bits(Float16(x))) }),
      ("Float(Float16)", halves.value),
      ("Double(String)", digestTexts(seed) { bits(Double($0) ?? .nan) }),
      ("Float(String)", digestTexts(seed) { UInt64(bits(Float($0) ?? .nan)) }),
    ]
  }

  private static func expectedSwift64(_ seed: UInt64) -> [(String, UInt64)] {
    [
      ("down", digest64(seed) { x, _, _ in bits(x.rounded(.down)) }),
      ("up", digest64(seed) { x, _, _ in bits(x.rounded(.up)) }),
      ("towardZero", digest64(seed) { x, _, _ in bits(x.rounded(.towardZero)) }),
      ("awayFromZero", digest64(seed) { x, _, _ in bits(x.rounded(.awayFromZero)) }),
      ("nearestOrAway", digest64(seed) { x, _, _ in bits(x.rounded()) }),
      ("nearestOrEven", digest64(seed) { x, _, _ in bits(x.rounded(.toNearestOrEven)) }),
      ("squareRoot", digest64(seed) { x, _, _ in bits(x.squareRoot()) }),
      (
        "truncatingRemainder",
        digest64(seed) { x, y, _ in bits(x.truncatingRemainder(dividingBy: y)) }
      ),
      (
        "ieeeRemainder",
        digest64(seed) { x, y, _ in bits(signed(x.remainder(dividingBy: y), like: x)) }
      ),
      ("addingProduct", digest64(seed) { x, y, z in bits(z.addingProduct(x, y)) }),
    ]
  }

  private static func expectedSwift32(_ seed: UInt64) -> [(String, UInt64)] {
    [
      ("downf", digest32(seed) { x, _, _ in bits(x.rounded(.down)) }),
      ("upf", digest32(seed) { x, _, _ in bits(x.rounded(.up)) }),
      ("towardZerof", digest32(seed) { x, _, _ in bits(x.rounded(.towardZero)) }),
      ("awayFromZerof", digest32(seed) { x, _, _ in bits(x.rounded(.awayFromZero)) }),
      ("nearestOrAwayf", digest32(seed) { x, _, _ in bits(x.rounded()) }),
      ("nearestOrEvenf", digest32(seed) { x, _, _ in bits(x.rounded(.toNearestOrEven)) }),
      ("squareRootf", digest32(seed) { x, _, _ in bits(x.squareRoot()) }),
      (
        "truncatingRemainderf",
        digest32(seed) { x, y, _ in bits(x.truncatingRemainder(dividingBy: y)) }
      ),
      (
        "ieeeRemainderf",
        digest32(seed) { x, y, _ in bits(signed(x.remainder(dividingBy: y), like: x)) }
      ),
      ("addingProductf", digest32(seed) { x, y, z in bits(z.addingProduct(x, y)) }),
    ]
  }
}
