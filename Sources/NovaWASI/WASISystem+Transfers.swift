// WASISystem+Transfers.swift — reading, writing and moving in files.
// Freestanding. Imports NovaABI, NovaSystem. Source: WASI snapshot preview 1.

import NovaABI
import NovaSystem

extension WASISystem {
  @inline(never) func fdPread(_ call: WASICall) throws(WASIErrno) {
    let offset = try call.fileSize(3)
    try read(call, at: offset, countAt: call.u32(4))
  }

  @inline(never) func fdPwrite(_ call: WASICall) throws(WASIErrno) {
    let offset = try call.fileSize(3)
    try write(call, at: offset, countAt: call.u32(4))
  }

  @inline(never) func fdRead(_ call: WASICall) throws(WASIErrno) {
    try read(call, at: nil, countAt: call.u32(3))
  }

  @inline(never) func fdWrite(_ call: WASICall) throws(WASIErrno) {
    try write(call, at: nil, countAt: call.u32(3))
  }

  @inline(never) func fdSeek(_ call: WASICall) throws(WASIErrno) {
    let origin = call.u32(2)
    let offset = Int64(bitPattern: call.u64(1))
    // To ask where it stands is no more than fd_tell does.
    let file = try file(call, offset == 0 && origin == 1 ? .tell : .seek)
    guard origin <= 2 else { throw .invalid }
    let place = try asSystem { () throws(SystemError) in
      try System.seek(file.host, by: offset, from: Int32(origin))
    }
    try call.memory.store(place, call.u32(3))
  }

  @inline(never) func fdTell(_ call: WASICall) throws(WASIErrno) {
    let file = try file(call, .tell)
    let place = try asSystem { () throws(SystemError) in
      try System.seek(file.host, by: 0, from: 1)
    }
    try call.memory.store(place, call.u32(1))
  }
}

extension WASISystem {
  private func transferred(
    _ call: WASICall, _ right: WASIRights, isPlaced: Bool
  ) throws(WASIErrno) -> WASIDescriptor {
    let entry = try table[call.u32(0)]
    guard entry.type != .directory else { throw .isDirectory }
    return try table.descriptor(call.u32(0), with: isPlaced ? [right, .seek] : right)
  }

  fileprivate func read(
    _ call: WASICall, at offset: Int64?, countAt result: UInt32
  ) throws(WASIErrno) {
    let file = try transferred(call, .read, isPlaced: offset != nil)
    try call.memory.check(result, 4)
    let count = try unsafe withVectors(call) { vectors throws(SystemError) in
      // What the program has printed comes before it waits for an answer.
      if file.host == 0 { flush() }
      // SAFETY: each place lies in the module's memory, which stays for the call.
      return try unsafe System.read(from: file.host, into: vectors, at: offset)
    }
    try call.memory.store(UInt32(count), result)
  }

  fileprivate func write(
    _ call: WASICall, at offset: Int64?, countAt result: UInt32
  ) throws(WASIErrno) {
    let file = try transferred(call, .write, isPlaced: offset != nil)
    try call.memory.check(result, 4)
    let count = try unsafe withVectors(call) { vectors throws(SystemError) in
      // Behind what the program has printed.
      if file.host == 1 || file.host == 2 { flush() }
      // SAFETY: each place lies in the module's memory, which stays for the call.
      return try unsafe System.write(vectors, to: file.host, at: offset)
    }
    try call.memory.store(UInt32(count), result)
  }

  private func flush() {
    // Lost output shows in the exit status.
    do throws(SystemError) { try System.flush() } catch {}
  }

  /// Calls `body` with the places that arguments 1, an address, and 2, a count, list; as many as
  /// one call takes and together no more than a count of 32 bits tells.
  private func withVectors(
    _ call: WASICall, _ body: (UnsafeBufferPointer<ByteVector>) throws(SystemError) -> Int
  ) throws(WASIErrno) -> Int {
    let (address, listed) = (call.u32(1), call.u32(2))
    guard listed <= UInt32(Int32.max) / 8 else { throw .invalid }
    try call.memory.check(address, Int(listed) * 8)
    let count = min(Int(listed), System.vectorCountMax)
    let vectors = UnsafeMutablePointer<ByteVector>.allocate(capacity: max(count, 1))
    defer { unsafe vectors.deallocate() }
    var total = 0
    for index in 0..<count {
      let start = try call.memory.load(UInt32.self, address, offset: index * 8)
      let byteCount = Int(try call.memory.load(UInt32.self, address, offset: index * 8 + 4))
      // SAFETY: only stored; the range is the module's, and lives for the call.
      let place = try unsafe call.memory.range(start, byteCount)
      let taken = min(byteCount, Int(Int32.max) - total)
      total += taken
      // SAFETY: there is room for `count`.
      unsafe (vectors + index).initialize(
        to: ByteVector(bytes: place.baseAddress, byte_count: taken))
    }
    do throws(SystemError) {
      // SAFETY: all of them were just filled.
      return try unsafe body(UnsafeBufferPointer(start: vectors, count: count))
    } catch { throw WASIErrno(error) }
  }
}
