// main.swift — a module from the program's own file: called, queued, trapped, limited.
// Freestanding. Imports NovaCore, CGuestModule.

import CGuestModule
import NovaModules

func show(_ name: String, _ body: () throws(ModuleFailure) -> [ModuleValue]) {
  do throws(ModuleFailure) {
    var text = name + ":"
    for value in try body() { text += " \(value)" }
    print(text)
  } catch {
    print("\(name): \(error)")
  }
}

func run(_ runtime: borrowing NovaRuntime) throws(ModuleError) {
  let loader = try ModuleLoader(runtime)
  let module = try loader.module(named: "numbers")
  print("in place: \(module.handle == nil)")
  show("fib") { () throws(ModuleFailure) in
    try runtime.executeModule(module, "fib", [.i32(20)])
  }
  show("root") { () throws(ModuleFailure) in
    // Not a number, of the same bits on each CPU.
    let results = try runtime.executeModule(module, "root", [.f64(-1)])
    return results.map { .i64(Int64(bitPattern: $0.bits)) }
  }
  show("divide") { () throws(ModuleFailure) in
    try runtime.executeModule(module, "divide", [.i32(1), .i32(0)])
  }
  show("spin") { () throws(ModuleFailure) in
    try runtime.executeModule(module, "spin", limits: ModuleLimits(fuel: 100_000))
  }
  show("grow") { () throws(ModuleFailure) in
    let limits = ModuleLimits(memoryByteCount: 3 * 65536)
    let instance = try loader.instantiate(module, limits: limits)
    let first = try instance.call("grow", [.i32(2)])
    return try first + instance.call("grow", [.i32(1)])
  }
  show("speak") { () throws(ModuleFailure) in try runtime.executeModule(module, "speak") }
  show("queued") { () throws(ModuleFailure) in
    let task = try runtime.executeAsync(module, "fib", [.i32(18)])
    do throws(LoopError) { try runtime.runLoop() } catch { print("\(error)") }
    return try task.join()
  }
  do throws(ModuleFailure) { try typed(loader) } catch { print("typed: \(error)") }
}

/// Functions with Swift's and C's own types: a module's that the program calls, and the program's
/// that the module calls.
func typed(_ loader: ModuleLoader) throws(ModuleFailure) {
  let add: ModuleFunction<(Int32, Double) -> Double>
  let instance: ModuleInstance
  do throws(ModuleError) {
    try loader.addFunction("env", "scale") { (call, factor: Int32, value: Double) in
      Double(factor) * value
    }
    try loader.addFunction("env", "log") {
      (call, text: GuestPointer<UInt8>, count: Int32) throws(HostFailure) in
      let first = try call.load(text)
      try call.withBytes(of: text, count: count) { bytes in
        print("log: \(bytes.count) bytes, \(first) to \(bytes[bytes.count - 1])")
      }
    }
    // SAFETY: the loader is kept, and nothing is written where there is no room.
    guard unsafe guest_functions_add(loader.cPointer, nil, 0) == 0 else { return }
    let module = try loader.module(named: "typed")
    instance = try linked(module, by: loader)
    add = try instance.function("run", as: ((Int32, Double) -> Double).self)
    do throws(ModuleError) {
      _ = try instance.function("run", as: ((Int32) -> Float).self)
    } catch { print("\(error)") }
  } catch { throw .refused(error) }
  print("run: \(try add(-3, 0.5))")
  var sum: Int64 = 0
  // SAFETY: the instance is kept, and the result is this call's.
  let status = unsafe guest_sum(instance.cPointer, 2, -44, &sum)
  print("sum: \(status) \(sum)")
}

func linked(_ module: Module, by loader: ModuleLoader) throws(ModuleError) -> ModuleInstance {
  do throws(ModuleFailure) { return try loader.instantiate(module) } catch {
    guard case .refused(let error) = error else { throw .unknown(module.name) }
    throw error
  }
}

do throws(BootstrapError) {
  let runtime = try NovaRuntime.bootstrap()
  let before = runtime.memoryContract.stats
  do throws(ModuleError) { try run(runtime) } catch { print("\(error)") }
  let after = runtime.memoryContract.stats
  let (handles, others) = (after.liveCount, after.addressedCount)
  print("handles left: \(handles - others - before.liveCount + before.addressedCount)")
} catch {
  print("\(error)")
}
