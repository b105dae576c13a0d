// ModuleLoader+Program.swift — the modules that `nova build` verified and put into the program.
// Freestanding. Imports NovaBytecode, NovaSystem. Design: Decisions/0018-verified-when-built.md.

import NovaBytecode
import NovaSystem

extension ModuleLoader {
  /// Loads the modules that `nova build` put into the program's own file, where they lie.
  ///
  /// It takes no bytes: those of the program's file alone were verified before they became a part
  /// of it, which nobody can write. Every other way to load a module verifies it.
  ///
  /// - Parameter name: for the program's module; those that it was built with have their own.
  /// - Returns: the program's module; nil when there is none, or when it was verified by a version
  ///   of the format that this program does not continue.
  /// - Throws: `ModuleError.duplicate`, `.nameOutOfRange`, `.memory`, `.wrongLinkedModule`.
  public func loadBuiltIn(_ name: ModuleName) throws(ModuleError) -> Module? {
    guard let bytes = ProgramModule.bytes else { return nil }
    try Self.check(name)
    if let linked = ProgramModule.linked {
      // SAFETY: the bytes stay as long as the process.
      try unsafe linked.withUnsafeBytes { section throws(ModuleError) in
        var offset = 0
        while offset < section.count {
          guard let head = unsafe LinkedModule(section, at: offset),
            case let range = unsafe UnsafeRawBufferPointer(rebasing: section[head.range]),
            unsafe try load(builtIn: head.name, range) != nil
          else { throw .wrongLinkedModule(byteOffset: offset) }
          offset = head.next
        }
      }
    }
    // SAFETY: as above.
    return try unsafe bytes.withUnsafeBytes { bytes throws(ModuleError) in
      try unsafe load(builtIn: name, bytes)
    }
  }

  /// - Safety: the bytes are of a module in the program's own file.
  @unsafe private func load(
    builtIn name: ModuleName, _ bytes: UnsafeRawBufferPointer
  ) throws(ModuleError) -> Module? {
    // SAFETY: `nova build` stated that it verified them, and they are in a segment that nobody
    // writes.
    let verified = unsafe VerifiedModule(
      builtIn: ModuleBytes(unchanging: bytes), statement: ProgramModule.statement)
    guard let verified else { return nil }
    return try register(name, verified, .immortal)
  }
}
