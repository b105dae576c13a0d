// LoaderCore.swift — what a loader and its modules share: memory, names, function types.
// Freestanding. Imports NovaBytecode, NovaMemory. Design: NovaCore.docc/Modules.md.

import NovaBytecode
import NovaMemory

/// Shared by a loader, its modules and their instances, whoever ends last.
final class LoaderCore: @unchecked Sendable {
  /// The runtime's memory by another name; the runtime outlives the core.
  let memory: Arena
  /// The runtime's drivers; also tells runtimes apart.
  let drivers: DriverRegistry

  private let lock = ModuleLock()
  // Under the lock.
  private var modules: [Module] = []
  private var hostFunctions: [HostFunction] = []
  private var types = FunctionTypeTable()
  private var hasEnded = false
  private var keptStacks: [(handle: MemoryHandle, byteCount: Int)] = []

  init(memory: consuming Arena, drivers: DriverRegistry) {
    self.memory = memory
    self.drivers = drivers
  }

  // MARK: Names

  /// Makes the module known by its name.
  func add(_ module: Module) throws(ModuleError) {
    try lock.withLock { () throws(ModuleError) in
      guard !hasEnded else { throw .unloaded(module.name) }
      guard index(of: module.name) == nil, !hasHostFunctions(module.name) else {
        throw .duplicate(module.name)
      }
      guard modules.count < ModuleLimits.moduleCountMax else {
        throw .modulesExhausted(maximum: ModuleLimits.moduleCountMax)
      }
      modules.append(module)
    }
  }

  /// Forgets the module's name.
  ///
  /// - Returns: the core's reference, for the caller to drop outside of the lock.
  func remove(_ module: Module) throws(ModuleError) -> Module {
    try lock.withLock { () throws(ModuleError) in
      guard let index = index(of: module.name), modules[index] === module else {
        throw .unloaded(module.name)
      }
      return modules.remove(at: index)
    }
  }

  /// The module of a name.
  func module(named name: ModuleName) -> Module? {
    lock.withLock { index(of: name).map { modules[$0] } }
  }

  /// Whether the module is known by its name still.
  func contains(_ module: Module) -> Bool {
    lock.withLock { index(of: module.name).map { modules[$0] === module } ?? false }
  }

  /// The modules that are known, in the order in which they were loaded.
  var allModules: [Module] { lock.withLock { modules } }

  /// Forgets everything: modules that nobody else has end here.
  func end() {
    let dropped = lock.withLock {
      hasEnded = true
      let all = (modules: modules, hostFunctions: hostFunctions, stacks: keptStacks)
      modules = []
      hostFunctions = []
      keptStacks = []
      return all
    }
    for stack in dropped.stacks { release(stack.handle) }
  }

  private func index(of name: ModuleName) -> Int? { modules.firstIndex { $0.name == name } }

  // MARK: Host functions

  func add(_ function: HostFunction) throws(ModuleError) {
    try lock.withLock { () throws(ModuleError) in
      guard !hasEnded else { throw .unloaded(function.module) }
      guard index(of: function.module) == nil else { throw .duplicate(function.module) }
      guard find(function.module, function.name) == nil else {
        throw .duplicateFunction(function.module, function.name)
      }
      hostFunctions.append(function)
    }
  }

  func hostFunction(_ module: ModuleName, _ name: ModuleName) -> HostFunction? {
    lock.withLock { find(module, name) }
  }

  /// Whether the name is one that host functions were given.
  func hasHostModule(_ name: ModuleName) -> Bool { lock.withLock { hasHostFunctions(name) } }

  private func hasHostFunctions(_ name: ModuleName) -> Bool {
    hostFunctions.contains { $0.module == name }
  }

  private func find(_ module: ModuleName, _ name: ModuleName) -> HostFunction? {
    hostFunctions.first { $0.module == module && $0.name == name }
  }

  // MARK: Stacks

  /// Takes a kept stack of this size.
  func keptStack(byteCount: Int) -> MemoryHandle? {
    lock.withLock {
      keptStacks.lastIndex { $0.byteCount == byteCount }.map { keptStacks.remove(at: $0).handle }
    }
  }

  /// Keeps a stack for the next call, or releases it.
  func giveBackStack(_ handle: MemoryHandle) {
    // SAFETY: only the count is used.
    let byteCount = unsafe bytes(of: handle).count
    let isKept = lock.withLock {
      guard !hasEnded, keptStacks.count < Self.keptStackCountMax else { return false }
      keptStacks.append((handle, byteCount))
      return true
    }
    if !isKept { release(handle) }
  }

  // MARK: Types

  /// The number of a function type, the same for all modules of the loader, until it is given back.
  func takeNumber(of type: ModuleFunctionType) throws(ModuleError) -> UInt32 {
    guard let number = lock.withLock({ types.take(type) }) else {
      throw .functionTypesExhausted(maximum: ModuleLimits.functionTypeCountMax)
    }
    return number
  }

  /// The number of a type that a module has which stays meanwhile.
  func knownNumber(of type: ModuleFunctionType) -> UInt32 {
    guard let number = lock.withLock({ types.find(type) }) else {
      preconditionFailure("a module's types have numbers as long as the module exists")
    }
    return number
  }

  /// Ends the use of numbers that `takeNumber` gave.
  func giveBackNumbers(_ numbers: UnsafeRawBufferPointer, count: Int) {
    lock.withLock {
      for index in 0..<count {
        // SAFETY: the caller's block holds as many numbers.
        types.giveBack(
          unsafe numbers.loadUnaligned(fromByteOffset: index * 4, as: UInt32.self))
      }
    }
  }
}
