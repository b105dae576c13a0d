// AddressedAccess.swift — a load or store by address, in every form that makes the address.
// Freestanding and hosted. Imports NovaBytecode. Source: WebAssembly 2.0, section 4.4.7: a base of
// 32 bits and an offset are added without wrapping.

import NovaBytecode

/// What a name says of an access to memory: how many bytes, and which way.
struct AddressedAccess {
  private let isStore: Bool
  private let byteCount: UInt64
  private let isInteger: Bool

  /// - Returns: nil when the name is no load's or store's.
  init?(_ name: [UInt8]) {
    let rest = name.dropFirst(4)
    isStore = rest.starts(with: bytes(of: "store"))
    guard isStore || rest.starts(with: bytes(of: "load")) else { return nil }
    var bits: UInt64 = 0
    for byte in rest where byte >= UInt8(ascii: "0") && byte <= UInt8(ascii: "9") {
      bits = bits * 10 + UInt64(byte - UInt8(ascii: "0"))
    }
    if bits == 0 { bits = name[1] == UInt8(ascii: "6") ? 64 : 32 }
    byteCount = bits / 8
    isInteger = name[0] == UInt8(ascii: "i")
  }

  /// Registers and offsets by which a form reaches an address; nil when it cannot.
  ///
  /// Upper halves of registers are not 0: an address is made of lower halves.
  private func operands(_ suffix: StaticString, _ address: UInt64) -> [UInt64]? {
    let dirt: UInt64 = 0xabcd_0123 << 32
    let low = address & 0xffff_ffff
    func wrapped(_ value: UInt64) -> UInt64 { value & 0xffff_ffff }
    // What a base and an offset of 16 bits reach: a bit more than 4 GiB.
    let base = address < 0x1_0000_0000 ? address - min(address, 3) : 0xffff_ffff
    let isBeyond = address != low
    let name = bytes(of: suffix)
    if name == bytes(of: "") || name == bytes(of: ".wide") { return [base | dirt, address - base] }
    if name == bytes(of: ".far") { return [base | dirt, address - base, 1] }
    if name == bytes(of: ".summed") {
      return [0xffff_fff0 | dirt, wrapped(base &+ 16) | dirt, address - base]
    }
    if name == bytes(of: ".shifted") {
      let even = isBeyond ? 0xffff_fffe : low & ~1
      return [even >> 1 | 0x8000_0000 | dirt, 1, address - even]
    }
    // What follows wraps at 4 GiB, and can't get beyond.
    if isBeyond { return nil }
    if name == bytes(of: ".absolute") { return [low] }
    if name == bytes(of: ".indexed") { return [wrapped(low &+ 5) | dirt, 0xffff_fffb | dirt] }
    if name == bytes(of: ".wrapping") { return [wrapped(low &+ 7) | dirt, 0xfff9] }
    // Scaled: the index's highest bit is shifted out.
    return [wrapped(low &- 2 * byteCount) | dirt, 0x8000_0002 | dirt]
  }

  private static let suffixes: [StaticString] = [
    "", ".wide", ".far", ".absolute", ".indexed", ".wrapping", ".summed", ".scaled", ".shifted",
  ]

  /// Gives every form to `body`; false when the plain form is no operation.
  func forEach(
    _ name: [UInt8], _ operands: [UInt64], _ result: OperationVector.Result, _ digits: Int,
    _ body: (OperationVector) -> Void
  ) -> Bool {
    var isKnown = false
    var wanted = result
    if isStore, case .value(let bytes) = result {
      precondition(UInt64(digits) == byteCount, "a store's vector names each byte")
      wanted = .stored(bytes, at: operands[0], byteCount: digits)
    }
    for suffix in Self.suffixes {
      guard let address = self.operands(suffix, operands[0]) else { continue }
      if let operation = Self.operation(name + bytes(of: suffix)) {
        isKnown = true
        OperationVectors.forEachForm(
          OperationVector(
            operation: operation, operands: (isStore ? [operands[1]] : []) + address,
            result: wanted), body)
      }
      // A store of a field of the instruction.
      guard isStore, isInteger, let value = OperationVectors.shortened(name, operands[1]),
        let operation = Self.operation(name + [UInt8(ascii: "i")] + bytes(of: suffix))
      else { continue }
      OperationVectors.forEachForm(
        OperationVector(operation: operation, operands: [value] + address, result: wanted), body)
    }
    return isKnown
  }

  private static func operation(_ name: [UInt8]) -> Operation? {
    Operation(nameByteCount: name.count) { name[$0] }
  }
}
