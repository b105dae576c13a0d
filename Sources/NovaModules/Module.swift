// Module.swift — a module that was verified, with the bytes that it lies in.
// Freestanding. Imports NovaBytecode, NovaMemory, NovaSystem. Design: NovaCore.docc/Modules.md.

import NovaBytecode
import NovaMemory
import NovaSystem

/// A verified module; its bytes stay, unchanged, until the last reference to it and to its
/// instances is gone.
///
/// The runtime outlives it.
public final class Module: @unchecked Sendable {
  /// Who gives the bytes back.
  @safe enum Backing {
    /// A handle of the runtime's contract; the module holds a reference.
    case handle(MemoryHandle)
    /// Pages of a sealed memory file.
    case pages(UnsafeMutableRawPointer, byteCount: Int)
    /// Somebody whose bytes stay: the program's own file, say.
    case immortal
  }

  /// The name under which it was loaded.
  public let name: ModuleName
  /// What was verified: the proof that the module can be run.
  public let verified: VerifiedModule
  /// The numbers of its function types in the core, a `UInt32` each, in the runtime's contract.
  let typeNumbers: MemoryHandle?

  let core: LoaderCore
  private let backing: Backing
  // Set by `attach` before calls begin.
  var fastCode: NativeCode?
  var chargedCode: NativeCode?

  /// The memory that the module's bytes lie in, of which it holds a reference; nil when they are
  /// not the runtime's: those of the program's own file, or of a sealed memory file.
  public var handle: MemoryHandle? {
    if case .handle(let handle) = backing { handle } else { nil }
  }

  /// The module's sections.
  public var view: ModuleView { verified.view }

  /// Whether the module's name still stands for it; otherwise calls that began end, and no others
  /// begin.
  public var isLoaded: Bool { core.contains(self) }

  init(
    _ name: ModuleName, _ verified: VerifiedModule, typeNumbers: MemoryHandle?, _ core: LoaderCore,
    _ backing: Backing
  ) {
    self.name = name
    self.verified = verified
    self.typeNumbers = typeNumbers
    self.core = core
    self.backing = backing
  }

  deinit {
    if let typeNumbers { core.forgetTypes(typeNumbers, count: view.types.count) }
    backing.end(core)
  }

  /// What the export of a name is; nil when there is none.
  public func exportType(_ name: ModuleName) -> ModuleExternalType? {
    guard let (kind, index) = export(name) else { return nil }
    return ModuleExternalType(kind, index, in: view)
  }

  /// Kind and index of the export of a name.
  func export(_ name: ModuleName) -> (ExternalKind, Int)? {
    guard let entry = name.withPoolBytes({ view.export(named: $0) }),
      let kind = ExternalKind(rawValue: entry.kind)
    else { return nil }
    return (kind, Int(entry.index))
  }
}

extension Module.Backing {
  /// Gives the bytes back.
  func end(_ core: LoaderCore) {
    switch self {
    case .handle(let handle): core.release(handle)
    case .pages(let address, let byteCount):
      do throws(SystemError) {
        // SAFETY: nobody uses the bytes of a module that has ended.
        try unsafe System.unmap(address, byteCount: byteCount)
      } catch {
        preconditionFailure("the system refused to unmap a module")
      }
    case .immortal: break
    }
  }
}

extension LoaderCore {
  /// Gives a reference back that the caller holds.
  func release(_ handle: MemoryHandle) {
    do throws(MemoryError) {
      try memory.release(handle)
    } catch {
      preconditionFailure("memory of a module was released by somebody else")
    }
  }

  /// The bytes of a handle that the caller holds a reference to, as long as it does.
  ///
  /// - Safety: not to be used beyond that.
  @unsafe func bytes(of handle: MemoryHandle) -> UnsafeMutableRawBufferPointer {
    do throws(MemoryError) {
      // SAFETY: a block never moves, and stays for the caller's reference.
      return try unsafe memory.withBytes(of: handle) { unsafe $0 }
    } catch {
      preconditionFailure("memory of a module was released by somebody else")
    }
  }

  /// Lends bytes, or says which module wanted them.
  func allocate(
    byteCount: Int, alignment: Int = 16, for module: ModuleName
  ) throws(ModuleError) -> MemoryHandle {
    do throws(MemoryError) {
      return try memory.allocateArc(byteCount: byteCount, alignment: alignment, tag: .module)
    } catch {
      throw .memory(module, error)
    }
  }
}
