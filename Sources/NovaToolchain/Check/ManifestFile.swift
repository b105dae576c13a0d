// ManifestFile.swift — manifests and pictures on disk: read whole, replaced whole.
// Hosted. Imports Glibc.

import Glibc

/// A text file that a check compares with or writes.
public struct ManifestFile: Sendable {
  /// Bytes of the largest manifest that is read; the real ones have a few thousand.
  public static let byteCountMax = 1 << 20

  /// Where the file is, or will be.
  public let path: String

  /// The file at `path`, which need not exist.
  public init(path: String) { self.path = path }

  /// Compares the file with a text.
  ///
  /// - Returns: null when they are equal.
  /// - Throws: `CheckError.unreadable`.
  public func difference(from found: String) throws(CheckError) -> ManifestDifference? {
    ManifestDifference(expected: try read(), found: found)
  }

  /// The file's text.
  ///
  /// - Throws: `CheckError.unreadable`; `EFBIG` when it is larger than `byteCountMax`.
  public func read() throws(CheckError) -> String {
    // SAFETY: open reads a null-terminated string that lives for the call.
    let descriptor = unsafe open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { throw .unreadable(path: path, errno: errno) }
    defer { close(descriptor) }
    var bytes: [UInt8] = []
    var block = [UInt8](repeating: 0, count: 1 << 16)
    while true {
      // SAFETY: the block holds `count` bytes.
      let count = unsafe block.withUnsafeMutableBytes { block in
        unsafe Glibc.read(descriptor, block.baseAddress, block.count)
      }
      if count < 0, errno == EINTR { continue }
      guard count >= 0 else { throw .unreadable(path: path, errno: errno) }
      if count == 0 { break }
      bytes += block[..<count]
      guard bytes.count <= Self.byteCountMax else { throw .unreadable(path: path, errno: EFBIG) }
    }
    return String(decoding: bytes, as: UTF8.self)
  }

  /// Replaces the file in one step: whoever reads it sees the old text or the new, never a part.
  ///
  /// - Throws: `CheckError.unwritable`; the file is unchanged then, and nothing is left beside it.
  public func replace(with text: String) throws(CheckError) {
    do throws(FileChangeError) {
      try Files.write(Array(text.utf8), to: path)
    } catch {
      throw .unwritable(path: path, errno: error.errno)
    }
  }
}
