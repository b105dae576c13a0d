// ModuleInstance+Calls.swift — call an instance's exports, and look at what it exports.
// Freestanding. Imports NovaBytecode, NovaInterpreter, NovaMemory. Design:
// NovaCore.docc/Modules.md.

import NovaBytecode
import NovaInterpreter
import NovaMemory

extension ModuleInstance {
  /// Calls an exported function.
  ///
  /// A driver or host function that the module called may call it too, on the same thread, up to
  /// `ModuleLimits.nestedCallCountMax` inside of each other.
  ///
  /// - Parameters:
  ///   - function: an export's name.
  ///   - arguments: of the function's types.
  ///   - limits: of this call: fuel, time, depth and registers; nil for the instance's.
  /// - Returns: the function's results.
  /// - Throws: `ModuleFailure.refused`, before anything ran, or `.trapped`; the instance can be
  ///   called again then, in the state that the trap left it in.
  public func call(
    _ function: ModuleName, _ arguments: [ModuleValue] = [], limits: ModuleLimits? = nil
  ) throws(ModuleFailure) -> [ModuleValue] {
    try run(
      function, arguments, limits: limits ?? self.limits, withStart: false,
      on: InterpreterBackend.self)
  }

  /// As the other `call`, by an engine of the caller's choice.
  public func call<Backend: ModuleBackend & ~Copyable>(
    _ function: ModuleName, _ arguments: [ModuleValue] = [], limits: ModuleLimits? = nil,
    on backend: Backend.Type
  ) throws(ModuleFailure) -> [ModuleValue] {
    try run(
      function, arguments, limits: limits ?? self.limits, withStart: false, on: Backend.self)
  }

  /// As `call`, of a function that a part of the instance exports.
  func call(
    _ function: ModuleName, of part: LinkedInstance, _ arguments: [ModuleValue],
    limits: ModuleLimits
  ) throws(ModuleFailure) -> [ModuleValue] {
    let target: CallTarget
    do throws(ModuleError) {
      target = try part.target(function, arguments)
    } catch {
      throw .refused(error)
    }
    return try run([target], limits: limits)
  }

  /// Queues a call of an exported function on an executor; nobody else may call until it is over,
  /// and nobody who is inside of the instance may queue one.
  ///
  /// - Returns: whom to join.
  /// - Throws: as `call`, before anything ran; `ModuleError.executor` when the executor refuses.
  @discardableResult
  public func callAsync(
    _ function: ModuleName, _ arguments: [ModuleValue] = [], limits: ModuleLimits? = nil,
    on executor: TaskExecutor
  ) throws(ModuleFailure) -> ModuleTask {
    let call: ModuleCall<InterpreterBackend> = try prepare(
      function, arguments, limits: limits ?? self.limits, withStart: false, isSliced: true)
    do throws(ModuleError) {
      return try ModuleTask(call, on: executor)
    } catch {
      call.end()
      throw .refused(error)
    }
  }

  /// Calls `body` with the bytes of an exported memory, which stay until it returns.
  ///
  /// Nobody may be inside of the instance on another thread.
  ///
  /// - Throws: `ModuleError.exportMissing` or `.exportMistyped`.
  public func withMemory<Result>(
    _ name: ModuleName, _ body: (UnsafeMutableRawBufferPointer) -> Result
  ) throws(ModuleError) -> Result {
    let index = try root.export(name, .memory)
    // SAFETY: promised by the caller.
    return unsafe root.memories[index].withBytes(body)
  }

  /// The handle of an exported memory's block in the instance's contract, until it grows; nil
  /// when it has no bytes.
  ///
  /// - Throws: `ModuleError.exportMissing` or `.exportMistyped`.
  public func memoryHandle(_ name: ModuleName) throws(ModuleError) -> MemoryHandle? {
    root.memories[try root.export(name, .memory)].handle
  }

  /// The value of an exported global.
  ///
  /// - Throws: `ModuleError.exportMissing` or `.exportMistyped`.
  public func global(_ name: ModuleName) throws(ModuleError) -> ModuleValue {
    try root.globalValue(name)
  }

  // MARK: Calls

  /// Runs the start functions.
  func runStart() throws(ModuleFailure) {
    try runStart(of: space.instances[...], limits: limits)
  }

  /// Runs the start functions of some parts.
  func runStart(
    of parts: ArraySlice<LinkedInstance>, limits: ModuleLimits
  ) throws(ModuleFailure) {
    let targets = Self.startTargets(of: parts)
    guard !targets.isEmpty else { return }
    _ = try run(targets, limits: limits)
  }

  /// The type of a function that an instance has; nil when it has none of these numbers.
  func type(of function: BackendFunction) -> ModuleFunctionType? {
    guard function.instance >= 1, function.instance <= space.instances.count else { return nil }
    let part = space.instances[function.instance - 1]
    guard function.index >= 0, function.index < part.view.functions.count else { return nil }
    return part.functionType(part.view.importedFunctionCount + function.index)
  }

  /// Runs calls to their ends; the results of the last.
  func run(
    _ targets: [CallTarget], limits: ModuleLimits
  ) throws(ModuleFailure) -> [ModuleValue] {
    let call: ModuleCall<InterpreterBackend> = try prepare(
      targets, limits: limits, isSliced: false)
    defer { call.end() }
    while true {
      if let results = try call.runSlice() { return results }
    }
  }

  /// Runs a call to its end.
  func run<Backend: ModuleBackend & ~Copyable>(
    _ function: ModuleName, _ arguments: [ModuleValue], limits: ModuleLimits, withStart: Bool,
    on backend: Backend.Type
  ) throws(ModuleFailure) -> [ModuleValue] {
    let call: ModuleCall<Backend> = try prepare(
      function, arguments, limits: limits, withStart: withStart, isSliced: false)
    defer { call.end() }
    while true {
      if let results = try call.runSlice() { return results }
    }
  }

  /// A call that the instance has let in, of a function after the start functions.
  func prepare<Backend: ModuleBackend & ~Copyable>(
    _ function: ModuleName, _ arguments: [ModuleValue], limits: ModuleLimits, withStart: Bool,
    isSliced: Bool
  ) throws(ModuleFailure) -> ModuleCall<Backend> {
    let target: CallTarget
    do throws(ModuleError) {
      target = try root.target(function, arguments)
    } catch {
      throw .refused(error)
    }
    return try prepare(
      (withStart ? Self.startTargets(of: space.instances[...]) : []) + [target], limits: limits,
      isSliced: isSliced)
  }

  private func prepare<Backend: ModuleBackend & ~Copyable>(
    _ targets: [CallTarget], limits: ModuleLimits, isSliced: Bool
  ) throws(ModuleFailure) -> ModuleCall<Backend> {
    do throws(ModuleError) {
      try limits.check()
      try enter(isQueued: isSliced)
      do throws(ModuleError) {
        return try ModuleCall(self, targets, limits, isSliced: isSliced)
      } catch {
        leave()
        throw error
      }
    } catch {
      throw .refused(error)
    }
  }

  private static func startTargets(of parts: ArraySlice<LinkedInstance>) -> [CallTarget] {
    parts.compactMap { instance in
      guard let start = instance.view.startFunction else { return nil }
      switch instance.binding(.function, Int(start)) {
      case .function(let linked, let own):
        return CallTarget(
          function: BackendFunction(instance: Int(linked.number), index: own), arguments: [],
          results: [])
      case .host(let index):
        return CallTarget(
          function: BackendFunction(instance: 0, index: index), arguments: [], results: [],
          caller: instance)
      default: preconditionFailure("a start function is a function")
      }
    }
  }

  // MARK: What an engine asks for

  /// Lets the memory of this record grow; how many pages it had, or nil.
  func growMemory(_ record: UnsafeRawPointer, by pages: UInt32) -> Int? {
    // SAFETY: the engine was given the records of this instance's memories, and no others.
    unsafe LinkedMemory.of(record: record).grow(by: pages)
  }

  /// Lets the table of this record grow; how many elements it had, or nil.
  func growTable(_ record: UnsafeRawPointer, by count: UInt32, cell: UInt64) -> Int? {
    // SAFETY: as in `growMemory`.
    unsafe LinkedTable.of(record: record).grow(by: count, cell: cell)
  }

  /// A place as a trap tells it.
  func frame(_ frame: BackendFrame) -> ModuleFrame {
    let linked = space.instances[frame.function.instance - 1]
    return ModuleFrame(
      linked.module, ownFunction: frame.function.index, wordOffset: frame.wordOffset)
  }
}

/// What a call calls.
struct CallTarget {
  /// Of instance 0 a host's function, which only a module's start can be.
  let function: BackendFunction
  let arguments: [UInt64]
  let results: [ValueType]
  /// Who calls the host's function.
  var caller: LinkedInstance?
}
