// ModuleCall.swift — a call under way: slices of fuel, the clock, growth, calls of the host.
// Freestanding. Imports NovaBytecode, NovaInterpreter, NovaMemory, NovaSystem. Design:
// NovaCore.docc/Modules.md.

import NovaBytecode
import NovaInterpreter
import NovaMemory
import NovaSystem

/// A call of an instance's function, after the start functions if they have not run.
///
/// One thread at a time runs it; between two slices it may go to another.
final class ModuleCall<Backend: ModuleBackend & ~Copyable>: @unchecked Sendable {
  let instance: ModuleInstance
  var core: LoaderCore { instance.core }
  private let limits: ModuleLimits
  private let isCharged: Bool
  private let isSliced: Bool
  private let deadline: CallDeadline?
  private var backend: Backend
  // Those that are left, in order; the first is under way when `isUnderWay`.
  private var targets: [CallTarget]
  private var isUnderWay = false
  // Units that were handed to the backend so far.
  private var handedFuel: UInt64 = 0
  private var answer: UInt32 = 0
  private var hasEnded = false

  /// A call that the instance has let in.
  init(
    _ instance: ModuleInstance, _ targets: [CallTarget], _ limits: ModuleLimits, isSliced: Bool
  ) throws(ModuleError) {
    self.instance = instance
    self.targets = targets
    self.limits = limits
    self.isSliced = isSliced
    // A call inside of another ends with that one's time.
    deadline = CallDeadline.earlier(
      limits.timeoutNanoseconds.map { CallDeadline($0) }, instance.deadline)
    isCharged = isSliced || limits.fuel != nil || deadline != nil
    backend = try Backend(instance, limits: limits, isCharged: isCharged)
  }

  /// Lets the instance go; once, after the last slice.
  func end() {
    guard !hasEnded else { return }
    hasEnded = true
    instance.leave()
  }

  /// Runs one slice.
  ///
  /// - Returns: the results of the last function; nil when there is more to do.
  func runSlice() throws(ModuleFailure) -> [ModuleValue]? {
    try instance.whileRunning(until: deadline) { () throws(ModuleFailure) in
      guard handOutFuel() else { throw trap(.fuelExhausted(limits.fuel ?? 0)) }
      while let target = targets.first {
        guard try advance(target) else {
          try checkDeadline()
          return nil
        }
        targets.removeFirst()
        isUnderWay = false
        if targets.isEmpty { return results(target) }
      }
      return []
    }
  }

  private func results(_ target: CallTarget) -> [ModuleValue] {
    let bits = backend.results(count: target.results.count)
    return target.results.indices.map { ModuleValue(target.results[$0], bits: bits[$0]) }
  }

  /// Runs until the target has returned; false when the slice's fuel is used up.
  private func advance(_ target: CallTarget) throws(ModuleFailure) -> Bool {
    if let caller = target.caller {
      if let kind = start(target.function.index, from: caller) { throw trap(kind) }
      return true
    }
    var outcome: BackendOutcome
    if isUnderWay {
      outcome = backend.resume(answer: answer)
    } else {
      isUnderWay = true
      outcome = backend.begin(target.function, arguments: target.arguments)
    }
    while true {
      switch outcome {
      case .returned: return true
      case .fuelExhausted: return false
      case .trapped(let kind): throw trap(.machine(kind))
      case .hostCall(let index, let window):
        // SAFETY: the window is the backend's, until it goes on.
        if let kind = unsafe callHost(index, window) { throw trap(kind) }
        answer = 0
        try checkDeadline()
      case .growMemory(let record, let pages):
        answer = UInt32(truncatingIfNeeded: unsafe instance.growMemory(record, by: pages) ?? -1)
        // A memory that moves takes long, and is charged nothing.
        try checkDeadline()
      case .growTable(let record, let count, let cell):
        answer = UInt32(
          truncatingIfNeeded: unsafe instance.growTable(record, by: count, cell: cell) ?? -1)
        try checkDeadline()
      }
      outcome = backend.resume(answer: answer)
    }
  }

  // MARK: Limits

  /// Gives the backend another slice, on top of what a charge was too large for.
  ///
  /// - Returns: false when all of the limit was given before.
  private func handOutFuel() -> Bool {
    guard isCharged else { return true }
    let rest = (limits.fuel ?? .max) - handedFuel
    // Without fuel, a function still runs up to its first charge.
    guard rest > 0 || !isUnderWay else { return false }
    let slice = isSliced || deadline != nil ? min(rest, instance.fuelPerSlice) : rest
    handedFuel += slice
    backend.fuel += slice
    return true
  }

  private func checkDeadline() throws(ModuleFailure) {
    guard let deadline, System.monotonicNanoseconds >= deadline.time else { return }
    throw trap(.deadlineExceeded(nanoseconds: deadline.nanoseconds))
  }

  /// The trap of this kind where the backend stands.
  private func trap(_ kind: ModuleTrap.Kind) -> ModuleFailure {
    var frames: [ModuleFrame] = []
    var depth = 0
    // Before anything has begun there are no frames.
    guard isUnderWay else { return .trapped(ModuleTrap(kind, frames: [], depth: 0)) }
    backend.backtrace { frame in
      if frames.count < ModuleLimits.backtraceFrameCountMax {
        frames.append(instance.frame(frame))
      }
      depth += 1
      return true
    }
    return .trapped(ModuleTrap(kind, frames: frames, depth: depth))
  }

  // MARK: Calls of the host

  /// Calls a function outside of modules.
  ///
  /// - Returns: nil, or why the module traps.
  private func callHost(
    _ index: Int, _ window: UnsafeMutablePointer<UInt64>
  ) -> ModuleTrap.Kind? {
    var caller = instance.root
    backend.backtrace { frame in
      caller = instance.space.instances[frame.function.instance - 1]
      return false
    }
    let bound = instance.hosts[index]
    switch bound.body {
    case .driver(let driver): return unsafe driver.call(from: caller, window)
    case .function(let function):
      // SAFETY: the window has room for arguments and results, which the verifier checked.
      return unsafe call(function, type: bound.type, from: caller, window)
    }
  }

  /// Calls a host's function that a module names as its start.
  private func start(_ index: Int, from caller: LinkedInstance) -> ModuleTrap.Kind? {
    guard case .function(let function) = instance.hosts[index].body else {
      preconditionFailure("drivers have a result, and start functions have none")
    }
    var nothing: UInt64 = 0
    // SAFETY: the reader checked that a start function takes and gives nothing.
    return unsafe withUnsafeMutablePointer(to: &nothing) {
      unsafe call(function, type: instance.hosts[index].type, from: caller, $0)
    }
  }

  private func call(
    _ function: HostFunction, type: ModuleFunctionType, from caller: LinkedInstance,
    _ window: UnsafeMutablePointer<UInt64>
  ) -> ModuleTrap.Kind? {
    // SAFETY: promised by `callHost`. What other calls left in the window is nobody's.
    for index in type.parameters.count..<max(type.parameters.count, type.results.count) {
      unsafe window[index] = 0
    }
    let call = unsafe HostCall(instance: instance, caller: caller, type: type, window: window)
    do throws(HostFailure) {
      try function.body(call)
    } catch {
      return .host(error)
    }
    // An argument's bits that stayed may be wider than the result.
    for (index, result) in type.results.enumerated() where result == .i32 || result == .f32 {
      unsafe window[index] = unsafe UInt64(UInt32(truncatingIfNeeded: window[index]))
    }
    return nil
  }
}
