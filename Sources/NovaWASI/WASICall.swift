// WASICall.swift — one call of a WASI function.
// Freestanding. Imports nothing. Design: NovaCore.docc/WASI.md.

/// The arguments of a call, and the caller's memory.
@safe struct WASICall {
  // As many as the function's type says, in the caller's registers.
  private let words: UnsafePointer<UInt64>
  let memory: GuestMemory

  /// - Safety: the words must stay, and be as many as the function has parameters, while this value
  ///   is used.
  @unsafe init(_ words: UnsafePointer<UInt64>, _ memory: GuestMemory) {
    unsafe self.words = words
    self.memory = memory
  }

  /// The argument at `index` as an address, a size, a descriptor or flags.
  func u32(_ index: Int) -> UInt32 { UInt32(truncatingIfNeeded: u64(index)) }

  /// The argument at `index` as a number of 64 bits.
  func u64(_ index: Int) -> UInt64 {
    // SAFETY: functions ask for parameters that they have.
    unsafe words[index]
  }

  /// An argument that the system takes as a place or a size in a file.
  ///
  /// - Throws: `WASIErrno.invalid` when it needs all 64 bits.
  func fileSize(_ index: Int) throws(WASIErrno) -> Int64 {
    guard let size = Int64(exactly: u64(index)) else { throw .invalid }
    return size
  }

  /// A path: the bytes that the arguments at `index` and behind it, address and size, say.
  func path(_ index: Int) throws(WASIErrno) -> [UInt8] {
    guard u32(index + 1) <= PathWalk.byteCountMax else { throw .nameTooLong }
    return try memory.copy(u32(index), u32(index + 1))
  }
}
