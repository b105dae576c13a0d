// SizeTests.swift — how large the samples are at most, without symbols.

import NovaToolchain
import TestSupport
import Testing

@Suite struct SizeTests {
  /// Bytes on x86_64; `classes` has classes, arrays and closures, and hashes no string.
  static let byteCountMax = ["hello": 8192, "classes": 32768]

  @Test(arguments: byteCountMax.keys.sorted())
  func `a stripped sample is small`(name: String) throws {
    let guest = try PatchedGuest(name, on: .x86_64)
    let strip = try #require(Self.stripper, "install binutils")
    let outcome = try run(ProcessRequest(strip, ["--strip-all", guest.path]))
    #expect(outcome.isSuccess, "\(outcome.errorText)")
    let bytes = try readFile(guest.path)
    let file = try ELFFile(bytes)
    #expect(file.symbols.isEmpty)
    let byteCountMax = try #require(Self.byteCountMax[name])
    #expect(bytes.count <= byteCountMax)
    if name == "hello" { #expect(try run(ProcessRequest(guest.path)).outputText == "hello\n") }
  }

  /// The compiler's own llvm-objcopy knows every CPU; binutils know this machine's.
  private static var stripper: String? {
    let compiler = findExecutable(named: "swift").flatMap { Files.resolve($0) }
    let ownFolder = compiler.map { Files.parent(of: $0) }
    return ownFolder.flatMap { findExecutable(named: "\($0)/llvm-objcopy") }
      ?? findExecutable(named: "llvm-objcopy") ?? findExecutable(named: "strip")
  }
}
