// TemporaryFolder.swift — a folder of a test's own.
// Hosted. Imports Glibc and NovaToolchain.

import Glibc
import NovaToolchain

/// An empty folder that is removed with everything in it.
public final class TemporaryFolder {
  /// The system refused to make a folder.
  public struct NotMade: Error {
    let errno: Int32
  }

  /// Where it lies: in TMPDIR, or where such folders lie otherwise.
  public let path: String

  /// Makes the folder.
  public init() throws {
    var template = Array("\(environmentVariable("TMPDIR") ?? "/tmp")/nova-test-XXXXXX".utf8CString)
    // SAFETY: mkdtemp writes inside the null-terminated template.
    guard unsafe mkdtemp(&template) != nil else { throw NotMade(errno: errno) }
    path = String(decoding: template.dropLast().map(UInt8.init(bitPattern:)), as: UTF8.self)
    // Other users' builds come here too.
    // SAFETY: the path is a C string during the call.
    _ = unsafe chmod(path, 0o755)
  }

  deinit {
    _ = try? NovaToolchain.run(ProcessRequest("/bin/rm", ["-rf", path]))
  }

  /// Writes a file, and the folders above it.
  public func write(_ bytes: [UInt8], to name: String) throws {
    try Files.makeFolder(Files.parent(of: "\(path)/\(name)"))
    try Files.write(bytes, to: "\(path)/\(name)")
  }

  /// Writes a file of text.
  public func write(_ text: String, to name: String) throws {
    try write(Array(text.utf8), to: name)
  }

  /// The names in a folder of it, sorted.
  public func names(in folder: String = "") throws -> [String] {
    let listed = try NovaToolchain.run(ProcessRequest("/bin/ls", ["-A", "\(path)/\(folder)"]))
    return listed.outputText.split(separator: "\n").map(String.init).sorted()
  }
}
