// ProgramModule.swift — the module that `nova build` put into the program, as borrowed bytes.
// Freestanding. Imports NovaABI. Design: NovaCore.docc/Images.md.

import NovaABI

/// The module in the program's own file.
public enum ProgramModule {
  /// The module's bytes, at a multiple of 64; nil when the program carries none.
  ///
  /// They lie in a segment that nobody can write, and stay as long as the process. Hosted programs
  /// carry none.
  public static var bytes: Span<UInt8>? {
    @_lifetime(immortal)
    get {
      var byteCount = 0
      // SAFETY: the note states bytes of a loaded segment that is never written or unmapped.
      guard let start = unsafe nova_module(&byteCount), byteCount > 0 else { return nil }
      let bytes = unsafe UnsafeRawBufferPointer(start: start, count: byteCount)
      return unsafe _overrideLifetime(Span(_unsafeBytes: bytes), borrowing: ())
    }
  }
  /// The modules behind it, in the form of the section `nova_modules`; nil when there are none.
  public static var linked: Span<UInt8>? {
    @_lifetime(immortal)
    get {
      var byteCount = 0
      // SAFETY: as of `bytes`; they are of the same segment.
      guard let start = unsafe nova_built_modules(&byteCount), byteCount > 0 else { return nil }
      let bytes = unsafe UnsafeRawBufferPointer(start: start, count: byteCount)
      return unsafe _overrideLifetime(Span(_unsafeBytes: bytes), borrowing: ())
    }
  }

  /// What the program grants its module through WASI, as nova_module.h tells; nil when that was not
  /// said.
  public static var wasiGrants: Span<UInt8>? {
    @_lifetime(immortal)
    get {
      var byteCount = 0
      // SAFETY: as of `bytes`; they are of the same segment.
      guard let start = unsafe nova_wasi_grants(&byteCount) else { return nil }
      let bytes = unsafe UnsafeRawBufferPointer(start: start, count: byteCount)
      return unsafe _overrideLifetime(Span(_unsafeBytes: bytes), borrowing: ())
    }
  }

  /// What `nova build` stated when it had verified all of them; 0 when it had not.
  public static var statement: UInt64 { nova_module_statement() }
}
