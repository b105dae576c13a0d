// ModuleFile.swift — a file's bytes at an address that the reader takes, read and verified.
// Hosted. Imports NovaBytecode.

import NovaBytecode

/// Bytes of a file, copied to a place where a module may lie; freed with the last reference.
@safe public final class ModuleFile {
  private let buffer: UnsafeMutableRawBufferPointer

  /// How many bytes there are.
  public let byteCount: Int

  /// Copies bytes.
  public init(_ bytes: [UInt8]) {
    // SAFETY: the buffer has as many bytes as are copied, and lives until `deinit`.
    unsafe buffer = .allocate(
      byteCount: max(1, bytes.count), alignment: SectionKind.code.alignment)
    unsafe buffer.copyBytes(from: bytes)
    byteCount = bytes.count
  }

  /// The bytes, as long as this lives.
  public var bytes: ModuleBytes {
    // SAFETY: nothing writes to the buffer after `init`; users keep the file alive.
    unsafe ModuleBytes(
      unchanging: UnsafeRawBufferPointer(rebasing: UnsafeRawBufferPointer(buffer)[..<byteCount]))
  }

  /// Reads the structure and looks at it.
  ///
  /// - Throws: `FormatError` when the bytes are no module.
  public func withView<Result>(_ body: (ModuleView) -> Result) throws(FormatError) -> Result {
    let view = try ModuleReader.read(bytes)
    return withExtendedLifetime(self) { body(view) }
  }

  /// Verifies the code of a view of this file.
  ///
  /// - Returns: the verified module, as long as this file.
  /// - Throws: `VerifierError` with the first fault.
  @discardableResult
  public func verify(_ view: ModuleView) throws(VerifierError) -> VerifiedModule {
    let byteCount = Verifier.scratchByteCount(for: view)
    // SAFETY: the scratch lives to the end of this call, and only the verifier has it.
    let scratch = UnsafeMutableRawBufferPointer.allocate(
      byteCount: max(8, byteCount), alignment: 8)
    defer { unsafe scratch.deallocate() }
    return try unsafe Verifier.verify(view, scratch: scratch)
  }

  deinit {
    // SAFETY: `init` allocated it, and nobody has it but this.
    unsafe buffer.deallocate()
  }
}
