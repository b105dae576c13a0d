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
    // SAFETY: promised by the caller.
    let verified = unsafe BuiltInModules.verified(bytes)
    guard let verified else { return nil }
    return try register(name, verified, .immortal)
  }
}

/// The modules that `nova build` put into the program, for who needs no loader: its own, then those
/// that it was built with, each by the name that others import it by.
public struct BuiltInModules {
  // In the bytes behind the program's own module, which comes first; nil before it.
  private var offset: Int?
  /// Whether what came last was not whole.
  public private(set) var isDamaged = false

  /// All of them, from the first on.
  public init() {}

  /// The next one, without a name when it is the program's own; nil behind the last, and where
  /// there is none that was verified by a version which this one continues.
  public mutating func next() -> (name: PoolBytes?, module: VerifiedModule)? {
    guard let start = offset else {
      offset = 0
      guard let bytes = ProgramModule.bytes,
        // SAFETY: as in `loadBuiltIn`.
        let module = unsafe bytes.withUnsafeBytes({ unsafe Self.verified($0) })
      else { return nil }
      return (nil, module)
    }
    guard let bytes = ProgramModule.linked else { return nil }
    // SAFETY: as in `loadBuiltIn`.
    return unsafe bytes.withUnsafeBytes { section in
      guard start < section.count else { return nil }
      guard let head = unsafe LinkedModule(section, at: start),
        case let range = unsafe UnsafeRawBufferPointer(rebasing: section[head.range]),
        let module = unsafe Self.verified(range)
      else {
        isDamaged = true
        return nil
      }
      offset = head.next
      return (head.nameBytes, module)
    }
  }

  /// - Safety: the bytes are of a module in the program's own file.
  @unsafe fileprivate static func verified(_ bytes: UnsafeRawBufferPointer) -> VerifiedModule? {
    // SAFETY: `nova build` stated that it verified them, and they are in a segment that nobody
    // writes.
    unsafe VerifiedModule(
      builtIn: ModuleBytes(unchanging: bytes), statement: ProgramModule.statement)
  }
}
