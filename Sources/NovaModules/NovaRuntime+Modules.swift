// NovaRuntime+Modules.swift — call a loaded module, now or queued.
// Freestanding. Imports NovaBytecode. Design: NovaCore.docc/Modules.md.

import NovaBytecode

extension NovaRuntime {
  /// Makes an instance of a module, calls a function of it, and ends the instance.
  ///
  /// - Parameters:
  ///   - module: loaded from a loader of this runtime.
  ///   - function: an export's name.
  ///   - arguments: of the function's types.
  ///   - limits: for the instance, its start functions and the call together.
  /// - Returns: the function's results.
  /// - Throws: `ModuleFailure.refused`, before anything ran, or `.trapped`.
  public borrowing func executeModule(
    _ module: Module, _ function: ModuleName, _ arguments: [ModuleValue] = [],
    limits: ModuleLimits = ModuleLimits()
  ) throws(ModuleFailure) -> [ModuleValue] {
    try executeModule(module, function, arguments, limits: limits, on: InterpreterBackend.self)
  }

  /// As the other `executeModule`, by an engine of the caller's choice.
  public borrowing func executeModule<Backend: ModuleBackend & ~Copyable>(
    _ module: Module, _ function: ModuleName, _ arguments: [ModuleValue] = [],
    limits: ModuleLimits = ModuleLimits(), on backend: Backend.Type
  ) throws(ModuleFailure) -> [ModuleValue] {
    let instance = try link(module, limits)
    return try instance.run(
      function, arguments, limits: limits, withStart: true, on: Backend.self)
  }

  /// Queues on the executor what `executeModule` does; `runLoop()` drains it.
  ///
  /// - Returns: whom to join.
  /// - Throws: as `executeModule` before anything ran; `ModuleError.executor` when the executor
  ///   refuses.
  @discardableResult
  public borrowing func executeAsync(
    _ module: Module, _ function: ModuleName, _ arguments: [ModuleValue] = [],
    limits: ModuleLimits = ModuleLimits()
  ) throws(ModuleFailure) -> ModuleTask {
    let instance = try link(module, limits)
    let call: ModuleCall<InterpreterBackend> = try instance.prepare(
      function, arguments, limits: limits, withStart: true, isSliced: true)
    do throws(ModuleError) {
      return try ModuleTask(call, on: executor)
    } catch {
      call.end()
      throw .refused(error)
    }
  }

  /// A fresh instance of a module of this runtime.
  private borrowing func link(
    _ module: Module, _ limits: ModuleLimits
  ) throws(ModuleFailure) -> ModuleInstance {
    do throws(ModuleError) {
      guard module.core.drivers == driverRegistry else { throw .foreign(module.name) }
      return try ModuleInstance(module, limits)
    } catch {
      throw .refused(error)
    }
  }
}

extension ModuleLoader {
  /// Makes an instance of a module and of all that it imports, and runs their start functions, the
  /// imported modules' first.
  ///
  /// - Parameters:
  ///   - module: one that this loader knows.
  ///   - limits: for the instance, for the start functions together, and for each call unless it
  ///     says otherwise.
  ///   - observer: is shown each instruction that the instance does; nil for none.
  /// - Returns: the instance.
  /// - Throws: `ModuleFailure.refused` when a module is missing, mistyped, unloaded or too large;
  ///   `.trapped` when a start function traps. Nothing stays lent then.
  public func instantiate(
    _ module: Module, limits: ModuleLimits = ModuleLimits(), observer: ModuleObserver? = nil
  ) throws(ModuleFailure) -> ModuleInstance {
    let instance: ModuleInstance
    do throws(ModuleError) {
      guard module.core === core else { throw .foreign(module.name) }
      instance = try ModuleInstance(module, limits, observer: observer)
    } catch {
      throw .refused(error)
    }
    try instance.runStart()
    return instance
  }
}
