// WASIFunction+Transfers.swift — reading, writing and moving in files.
// Freestanding. Imports NovaABI, NovaSystem. Source: WASI snapshot preview 1.

import NovaABI
import NovaSystem

extension WASIFunction {
  /// What moves bytes, and where the next ones are.
  static var transfers: [WASIFunction] {
    [
      WASIFunction("fd_pread", "iiiIi:i") { (system, call) throws(WASIErrno) in
        let offset = try call.fileSize(3)
        try system.read(call, at: offset, countAt: call.u32(4))
      },
      WASIFunction("fd_pwrite", "iiiIi:i") { (system, call) throws(WASIErrno) in
        let offset = try call.fileSize(3)
        try system.write(call, at: offset, countAt: call.u32(4))
      },
      WASIFunction("fd_read", "iiii:i") { (system, call) throws(WASIErrno) in
        try system.read(call, at: nil, countAt: call.u32(3))
      },
      WASIFunction("fd_write", "iiii:i") { (system, call) throws(WASIErrno) in
        try system.write(call, at: nil, countAt: call.u32(3))
      },
      WASIFunction("fd_seek", "iIii:i") { (system, call) throws(WASIErrno) in
        let origin = call.u32(2)
        let offset = Int64(bitPattern: call.u64(1))
        // To ask where it stands is no more than fd_tell does.
        let file = try system.file(call, offset == 0 && origin == 1 ? .tell : .seek)
        guard origin <= 2 else { throw .invalid }
        let place = try asSystem { () throws(SystemError) in
          try System.seek(file.host, by: offset, from: Int32(origin))
        }
        try call.memory.store(place, call.u32(3))
      },
      WASIFunction("fd_tell", "ii:i") { (system, call) throws(WASIErrno) in
        let file = try system.file(call, .tell)
        let place = try asSystem { () throws(SystemError) in
          try System.seek(file.host, by: 0, from: 1)
        }
        try call.memory.store(place, call.u32(1))
      },
    ]
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
    // SAFETY: each place lies in the module's memory, which stays for the call.
    let vectors = try unsafe vectors(call)
    // What the program has printed comes before it waits for an answer.
    if file.host == 0 { flush() }
    let count = try asSystem { () throws(SystemError) in
      try unsafe vectors.withUnsafeBufferPointer { buffer throws(SystemError) in
        try unsafe System.read(from: file.host, into: buffer, at: offset)
      }
    }
    try call.memory.store(UInt32(count), result)
  }

  fileprivate func write(
    _ call: WASICall, at offset: Int64?, countAt result: UInt32
  ) throws(WASIErrno) {
    let file = try transferred(call, .write, isPlaced: offset != nil)
    try call.memory.check(result, 4)
    // SAFETY: each place lies in the module's memory, which stays for the call.
    let vectors = try unsafe vectors(call)
    // Behind what the program has printed.
    if file.host == 1 || file.host == 2 { flush() }
    let count = try asSystem { () throws(SystemError) in
      try unsafe vectors.withUnsafeBufferPointer { buffer throws(SystemError) in
        try unsafe System.write(buffer, to: file.host, at: offset)
      }
    }
    try call.memory.store(UInt32(count), result)
  }

  private func flush() {
    // Lost output shows in the exit status.
    do throws(SystemError) { try System.flush() } catch {}
  }

  /// The places that arguments 1, an address, and 2, a count, list; as many as one call takes and
  /// together no more than a count of 32 bits tells.
  ///
  /// - Safety: they must not be used longer than the call's memory.
  @unsafe private func vectors(_ call: WASICall) throws(WASIErrno) -> [ByteVector] {
    let (address, count) = (call.u32(1), call.u32(2))
    guard count <= UInt32(Int32.max) / 8 else { throw .invalid }
    try call.memory.check(address, Int(count) * 8)
    var vectors: [ByteVector] = unsafe []
    var total = 0
    for index in 0..<Int(count) {
      let start = try call.memory.load(UInt32.self, address, offset: index * 8)
      let byteCount = Int(try call.memory.load(UInt32.self, address, offset: index * 8 + 4))
      // SAFETY: only stored; the range is the module's, and lives for the call.
      let place = try unsafe call.memory.range(start, byteCount)
      let taken = min(byteCount, Int(Int32.max) - total)
      guard unsafe vectors.count < System.vectorCountMax else { break }
      total += taken
      unsafe vectors.append(ByteVector(bytes: place.baseAddress, byte_count: taken))
    }
    return unsafe vectors
  }
}
