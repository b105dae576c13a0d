// ModuleLoader.swift — modules by name: from bytes, files, memory files and the program itself.
// Freestanding. Imports NovaBytecode, NovaMemory, NovaSystem. Design: NovaCore.docc/Modules.md.

import NovaBytecode
import NovaMemory
import NovaSystem

/// The modules of a runtime, by name; made from a runtime by a program that wants to run modules.
///
/// Any thread may use it. It knows its modules until they are unloaded, or until it ends itself.
/// The runtime outlives the loader, its modules and their instances.
public final class ModuleLoader: Sendable {
  let core: LoaderCore

  /// A loader whose modules live in the memory of `runtime`, and call its drivers.
  ///
  /// It begins with the modules that the program was linked with, if it was, unless told otherwise.
  ///
  /// - Parameters:
  ///   - runtime: outlives the loader.
  ///   - linked: whether to load the modules of the section `nova_modules`.
  /// - Throws: why a linked module was refused.
  public convenience init(
    _ runtime: borrowing NovaRuntime, linked: Bool = true
  ) throws(ModuleError) {
    self.init(empty: runtime)
    if linked { try loadLinked() }
  }

  /// A loader that begins without a module; what links others in is spared where only this is used.
  ///
  /// - Parameter runtime: outlives the loader.
  public init(empty runtime: borrowing NovaRuntime) {
    core = LoaderCore(
      memory: runtime.memoryContract.alias(), drivers: runtime.driverRegistry)
  }

  deinit { core.end() }

  /// The module of a name.
  ///
  /// - Throws: `ModuleError.unknown`.
  public func module(named name: ModuleName) throws(ModuleError) -> Module {
    guard let module = core.module(named: name) else { throw .unknown(name) }
    return module
  }

  /// The modules that are loaded, in the order in which they were.
  public var modules: [Module] { core.allModules }

  /// Forgets a module's name: new instances are refused, those that exist go on.
  ///
  /// Its bytes are given back when the last instance and the last reference to it are gone, so at
  /// once if there are none.
  ///
  /// - Throws: `ModuleError.unloaded` when it was unloaded before, `.foreign` when it is another
  ///   loader's.
  public func unload(_ module: Module) throws(ModuleError) {
    guard module.core === core else { throw .foreign(module.name) }
    _ = try core.remove(module)
  }

  // MARK: Loading

  /// Loads a module from a copy of `bytes`.
  ///
  /// - Parameters:
  ///   - name: 1 … `ModuleName.byteCountMax` bytes; no other module's.
  ///   - bytes: a `.nvc` file.
  /// - Returns: the module.
  /// - Throws: `ModuleError`; nothing stays lent then.
  @discardableResult
  public func load(
    _ name: ModuleName, copying bytes: Span<UInt8>
  ) throws(ModuleError) -> Module {
    try Self.check(name)
    let handle = try core.allocate(
      byteCount: bytes.count, alignment: Self.alignment, for: name)
    // SAFETY: the block is this call's, and has room for all of the bytes.
    unsafe bytes.withUnsafeBytes { source in
      unsafe core.bytes(of: handle).copyMemory(from: source)
    }
    return try adopt(name, handle)
  }

  /// Loads a module from memory that the caller gives up, and runs it where it lies.
  ///
  /// - Parameters:
  ///   - name: as `load(_:copying:)` wants it.
  ///   - handle: memory of the runtime's contract that holds a `.nvc` file. Its one reference is
  ///     the module's from now on, also when the load is refused.
  /// - Returns: the module.
  /// - Throws: `ModuleError`; the memory was given back then.
  /// - Safety: nobody may change the bytes any more.
  @unsafe @discardableResult
  public func load(_ name: ModuleName, adopting handle: MemoryHandle) throws(ModuleError) -> Module
  {
    do throws(MemoryError) {
      _ = try core.memory.byteCount(of: handle)
    } catch {
      throw .memory(name, error)
    }
    return try adopt(name, handle)
  }

  /// Loads a module from bytes that stay as they are as long as the process, where they lie.
  ///
  /// - Safety: they must.
  @unsafe @discardableResult
  public func load(
    _ name: ModuleName, immortal bytes: UnsafeRawBufferPointer
  ) throws(ModuleError) -> Module {
    try unsafe register(name, ModuleBytes(unchanging: bytes), .immortal)
  }

  /// What an arena's block of a module is aligned to: the code within then is as well.
  static var alignment: Int { 64 }

  /// Makes a module of memory whose reference the loader was given.
  func adopt(_ name: ModuleName, _ handle: MemoryHandle) throws(ModuleError) -> Module {
    // SAFETY: the backing's reference keeps the bytes, which nobody else changes.
    let bytes = unsafe ModuleBytes(unchanging: UnsafeRawBufferPointer(core.bytes(of: handle)))
    return try register(name, bytes, .handle(handle))
  }

  /// Reads, verifies and registers; ends `backing` when one of them refuses.
  func register(
    _ name: ModuleName, _ bytes: ModuleBytes, _ backing: Module.Backing
  ) throws(ModuleError) -> Module {
    let verified: VerifiedModule
    do throws(ModuleError) {
      try Self.check(name)
      verified = try core.verify(name, bytes)
    } catch {
      backing.end(core)
      throw error
    }
    return try register(name, verified, backing)
  }

  /// Registers what was verified; ends `backing` when there is no room for it.
  func register(
    _ name: ModuleName, _ verified: VerifiedModule, _ backing: Module.Backing
  ) throws(ModuleError) -> Module {
    let typeNumbers: MemoryHandle?
    do throws(ModuleError) {
      typeNumbers = try core.internTypes(of: verified.view, name)
    } catch {
      backing.end(core)
      throw error
    }
    // From here on the module's end ends what it has.
    let module = Module(name, verified, typeNumbers: typeNumbers, core, backing)
    try core.add(module)
    return module
  }

  static func check(_ name: ModuleName) throws(ModuleError) {
    let maximum = ModuleName.byteCountMax
    guard !name.bytes.isEmpty, name.bytes.count <= maximum else {
      throw .nameOutOfRange(byteCount: name.bytes.count, maximum: maximum)
    }
  }
}

extension LoaderCore {
  /// Gives each of a module's function types its number.
  ///
  /// - Returns: the numbers, by the module's own indices; nil when it has no type.
  func internTypes(
    of view: ModuleView, _ name: ModuleName
  ) throws(ModuleError) -> MemoryHandle? {
    let count = view.types.count
    guard count > 0 else { return nil }
    let handle = try allocate(byteCount: count * 4, for: name)
    var taken = 0
    do throws(ModuleError) {
      while taken < count {
        let number = try takeNumber(of: ModuleFunctionType(view.functionType(taken)))
        // SAFETY: the block has room for `count` numbers.
        unsafe bytes(of: handle).storeBytes(of: number, toByteOffset: taken * 4, as: UInt32.self)
        taken += 1
      }
    } catch {
      forgetTypes(handle, count: taken)
      throw error
    }
    return handle
  }

  /// Gives back the numbers of a module's types, and where they stand.
  func forgetTypes(_ handle: MemoryHandle, count: Int) {
    // SAFETY: the block is the caller's, and holds as many numbers.
    unsafe giveBackNumbers(UnsafeRawBufferPointer(bytes(of: handle)), count: count)
    release(handle)
  }
}
