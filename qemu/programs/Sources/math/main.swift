// main.swift — prints a digest of each mathematics function's results over the seed NOVA_SEED.
// The test draws the same operands and asks glibc.

import CMath
import MathInputs
import NovaCore

func report(_ name: StaticString, _ digest: UInt64) {
  print(name, terminator: " ")
  print(digest)
}

/// The decimal number in NOVA_SEED, or 1.
func chosenSeed() -> UInt64 {
  guard let text = ProgramEnvironment.current.value(of: "NOVA_SEED") else { return 1 }
  var seed: UInt64 = 0
  for index in text.indices { seed = seed &* 10 &+ UInt64(text[index] &- 48) }
  return seed
}

/// The C functions by name, bit for bit.
func reportC(_ seed: UInt64) {
  report("floor", digest64(seed) { x, _, _ in call_floor(x).bitPattern })
  report("ceil", digest64(seed) { x, _, _ in call_ceil(x).bitPattern })
  report("trunc", digest64(seed) { x, _, _ in call_trunc(x).bitPattern })
  report("round", digest64(seed) { x, _, _ in call_round(x).bitPattern })
  report("rint", digest64(seed) { x, _, _ in call_rint(x).bitPattern })
  report("nearbyint", digest64(seed) { x, _, _ in call_nearbyint(x).bitPattern })
  report("roundeven", digest64(seed) { x, _, _ in call_roundeven(x).bitPattern })
  report("sqrt", digest64(seed) { x, _, _ in call_sqrt(x).bitPattern })
  report("fmod", digest64(seed) { x, y, _ in call_fmod(x, y).bitPattern })
  report("remainder", digest64(seed) { x, y, _ in call_remainder(x, y).bitPattern })
  report("fma", digest64(seed) { x, y, z in call_fma(x, y, z).bitPattern })
  report("floorf", digest32(seed) { x, _, _ in call_floorf(x).bitPattern })
  report("ceilf", digest32(seed) { x, _, _ in call_ceilf(x).bitPattern })
  report("truncf", digest32(seed) { x, _, _ in call_truncf(x).bitPattern })
  report("roundf", digest32(seed) { x, _, _ in call_roundf(x).bitPattern })
  report("rintf", digest32(seed) { x, _, _ in call_rintf(x).bitPattern })
  report("nearbyintf", digest32(seed) { x, _, _ in call_nearbyintf(x).bitPattern })
  report("roundevenf", digest32(seed) { x, _, _ in call_roundevenf(x).bitPattern })
  report("sqrtf", digest32(seed) { x, _, _ in call_sqrtf(x).bitPattern })
  report("fmodf", digest32(seed) { x, y, _ in call_fmodf(x, y).bitPattern })
  report("remainderf", digest32(seed) { x, y, _ in call_remainderf(x, y).bitPattern })
  report("fmaf", digest32(seed) { x, y, z in call_fmaf(x, y, z).bitPattern })
}

/// What Swift says, by instruction or by function; a NaN's bits are the CPU's own affair.
func reportSwift(_ seed: UInt64) {
  report("down", digest64(seed) { x, _, _ in bits(x.rounded(.down)) })
  report("up", digest64(seed) { x, _, _ in bits(x.rounded(.up)) })
  report("towardZero", digest64(seed) { x, _, _ in bits(x.rounded(.towardZero)) })
  report("awayFromZero", digest64(seed) { x, _, _ in bits(x.rounded(.awayFromZero)) })
  report("nearestOrAway", digest64(seed) { x, _, _ in bits(x.rounded()) })
  report("nearestOrEven", digest64(seed) { x, _, _ in bits(x.rounded(.toNearestOrEven)) })
  report("squareRoot", digest64(seed) { x, _, _ in bits(x.squareRoot()) })
  report(
    "truncatingRemainder", digest64(seed) { x, y, _ in bits(x.truncatingRemainder(dividingBy: y)) })
  report("ieeeRemainder", digest64(seed) { x, y, _ in bits(x.remainder(dividingBy: y)) })
  report("addingProduct", digest64(seed) { x, y, z in bits(z.addingProduct(x, y)) })
  report("downf", digest32(seed) { x, _, _ in bits(x.rounded(.down)) })
  report("upf", digest32(seed) { x, _, _ in bits(x.rounded(.up)) })
  report("towardZerof", digest32(seed) { x, _, _ in bits(x.rounded(.towardZero)) })
  report("awayFromZerof", digest32(seed) { x, _, _ in bits(x.rounded(.awayFromZero)) })
  report("nearestOrAwayf", digest32(seed) { x, _, _ in bits(x.rounded()) })
  report("nearestOrEvenf", digest32(seed) { x, _, _ in bits(x.rounded(.toNearestOrEven)) })
  report("squareRootf", digest32(seed) { x, _, _ in bits(x.squareRoot()) })
  report(
    "truncatingRemainderf", digest32(seed) { x, y, _ in bits(x.truncatingRemainder(dividingBy: y)) }
  )
  report("ieeeRemainderf", digest32(seed) { x, y, _ in bits(x.remainder(dividingBy: y)) })
  report("addingProductf", digest32(seed) { x, y, z in bits(z.addingProduct(x, y)) })
  report("Float16(Double)", digest64(seed) { x, _, _ in UInt64(bits(Float16(x))) })
  report("Float16(Float)", digest32(seed) { x, _, _ in UInt32(bits(Float16(x))) })
  var digest = Digest()
  for pattern in 0...UInt16.max { digest.add(UInt64(bits(Float(Float16(bitPattern: pattern))))) }
  report("Float(Float16)", digest.value)
  report("Double(String)", digestTexts(seed) { bits(Double($0) ?? .nan) })
  report("Float(String)", digestTexts(seed) { UInt64(bits(Float($0) ?? .nan)) })
}

let seed = chosenSeed()
reportC(seed)
reportSwift(seed)
