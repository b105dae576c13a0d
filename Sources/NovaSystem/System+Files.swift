// System+Files.swift — files that are read, and memory files that nobody can change any more.
// Freestanding. Imports NovaABI. Source: Linux's fcntl(2), "File Sealing".

import NovaABI

extension System {
  /// Opens a file for reading.
  ///
  /// - Parameter path: its bytes, ending with a zero, the only one.
  /// - Returns: a descriptor, the caller's until `close`.
  /// - Throws: `SystemError` of `.open`: `ENOENT` (2), `EACCES` (13) or another of Linux's.
  public static func open(path: Span<UInt8>) throws(SystemError) -> Int32 {
    precondition(path.count > 0 && path[path.count - 1] == 0, "a path ends with a zero")
    // SAFETY: the path lives for the call, which reads up to the zero that was just looked at.
    let result = unsafe path.withUnsafeBufferPointer { buffer in
      unsafe nova_open(
        UnsafeRawPointer(buffer.baseAddress.unsafelyUnwrapped).assumingMemoryBound(to: CChar.self))
    }
    return Int32(truncatingIfNeeded: try SystemError.check(result, of: .open))
  }

  /// Gives a descriptor back.
  ///
  /// - Throws: `SystemError` of `.close`.
  public static func close(_ descriptor: Int32) throws(SystemError) {
    _ = try SystemError.check(nova_close(descriptor), of: .close)
  }

  /// How many bytes a file has now; the next read begins at its first.
  ///
  /// - Throws: `SystemError` of `.fileByteCount`: `ESPIPE` (29) for a pipe or a terminal.
  public static func fileByteCount(of descriptor: Int32) throws(SystemError) -> Int {
    try SystemError.check(nova_file_byte_count(descriptor), of: .fileByteCount)
  }

  /// Maps bytes of a memory file that is sealed against writing, growing and shrinking: nobody can
  /// change them any more, also through the descriptor.
  ///
  /// - Parameters:
  ///   - descriptor: may be closed afterwards.
  ///   - byteCount: from the file's first byte; above 0.
  /// - Returns: the bytes, whole pages of them, to be read; theirs until `unmap`.
  /// - Throws: `SystemError` of `.mapSealed`: `EPERM` (1) when a seal is missing, `EINVAL` (22)
  ///   when it is no memory file.
  public static func mapSealed(
    _ descriptor: Int32, byteCount: Int
  ) throws(SystemError) -> UnsafeMutableRawPointer {
    let mapped = try SystemError.check(nova_map_sealed(descriptor, byteCount), of: .mapSealed)
    // SAFETY: the system just mapped these pages, which nobody else knows.
    guard let pointer = unsafe UnsafeMutableRawPointer(bitPattern: mapped) else {
      preconditionFailure("the system mapped page 0")
    }
    return unsafe pointer
  }
}
