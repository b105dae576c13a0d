// Primitives.swift — the memory primitives as C declares them, and a mapping between guard pages.
// Freestanding. Imports nothing.

@_extern(c, "memcpy")
func memcpy(
  _ to: UnsafeMutableRawPointer, _ from: UnsafeRawPointer, _ byteCount: Int
) -> UnsafeMutableRawPointer
@_extern(c, "memmove")
func memmove(
  _ to: UnsafeMutableRawPointer, _ from: UnsafeRawPointer, _ byteCount: Int
) -> UnsafeMutableRawPointer
@_extern(c, "memset")
func memset(
  _ start: UnsafeMutableRawPointer, _ value: Int32, _ byteCount: Int
) -> UnsafeMutableRawPointer
@_extern(c, "memcmp")
func memcmp(_ left: UnsafeRawPointer, _ right: UnsafeRawPointer, _ byteCount: Int) -> Int32
@_extern(c, "bcmp")
func bcmp(_ left: UnsafeRawPointer, _ right: UnsafeRawPointer, _ byteCount: Int) -> Int32

@_extern(c, "nova_map") func map(_ address: UInt, _ byteCount: Int) -> Int64
@_extern(c, "nova_unmap") func unmap(_ address: UInt, _ byteCount: Int) -> Int64

/// Bytes of which the first follows and the last precedes an unmapped page.
@safe struct Region {
  /// At least as large as a page of every kernel.
  static let guardByteCount = 65536

  let bytes: UnsafeMutablePointer<UInt8>
  let count: Int

  /// Maps `count` bytes, a multiple of `guardByteCount`; traps when the kernel refuses.
  init(count: Int) {
    let whole = count + 2 * Self.guardByteCount
    let start = map(0, whole)
    precondition(start > 0, "the kernel refused \(whole) bytes")
    precondition(unmap(UInt(start), Self.guardByteCount) == 0)
    let high = UInt(start) + UInt(Self.guardByteCount + count)
    precondition(unmap(high, Self.guardByteCount) == 0)
    let low = UInt(start) + UInt(Self.guardByteCount)
    guard let bytes = unsafe UnsafeMutablePointer<UInt8>(bitPattern: low) else {
      preconditionFailure("a mapping at address zero")
    }
    // SAFETY: the address is that of the mapping's part between the guards.
    unsafe self.bytes = bytes
    self.count = count
  }

  /// The address of byte `index`, `0 … count`.
  func at(_ index: Int) -> UnsafeMutableRawPointer {
    precondition(index >= 0 && index <= count)
    // SAFETY: the index was just checked.
    return unsafe UnsafeMutableRawPointer(bytes + index)
  }

  subscript(index: Int) -> UInt8 {
    get {
      assert(index >= 0 && index < count)
      // SAFETY: callers stay in 0 ..< count; debug builds check it, and this is the inner loop.
      return unsafe bytes[index]
    }
    nonmutating set {
      assert(index >= 0 && index < count)
      // SAFETY: as above.
      unsafe bytes[index] = newValue
    }
  }

  /// Writes `pattern(index, seed)` to every byte of `range`.
  func paint(_ range: Range<Int>, _ seed: Int) {
    for index in range { self[index] = pattern(index, seed) }
  }

  /// How many bytes of `range` are not `pattern(index + shift, seed)`.
  func strays(_ range: Range<Int>, _ seed: Int, shift: Int = 0) -> Int {
    var count = 0
    for index in range where self[index] != pattern(index + shift, seed) { count += 1 }
    return count
  }
}

/// What byte `index` holds under `seed`; two seeds differ at every index.
func pattern(_ index: Int, _ seed: Int) -> UInt8 {
  UInt8(truncatingIfNeeded: (index &* 167) ^ (index >> 7) ^ (seed &* 85 &+ 1))
}
