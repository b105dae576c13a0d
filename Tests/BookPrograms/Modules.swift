// Modules.swift — calls what the blocks of the page Modules declare.

import BookModulesC
import NovaModules

@main
enum Program {
  static func main() {
    do throws(BootstrapError) {
      let runtime = try NovaRuntime.bootstrap()
      do throws(ModuleFailure) {
        try run(on: runtime)
      } catch {
        print("\(error)")
        System.exit(1)
      }
    } catch {
      print("\(error)")
      System.exit(2)
    }
  }

  static func run(on runtime: borrowing NovaRuntime) throws(ModuleFailure) {
    let loader: ModuleLoader
    let (module, power): (Module, Module)
    do throws(ModuleError) {
      loader = try ModuleLoader(runtime)
      try addLogarithm(to: loader)
      try addLog(to: loader)
      // SAFETY: the loader lives longer than the call.
      print("\(unsafe book_add_count(loader.cPointer))")
      module = try loader.loadModuleFile("Modules.nvc").module
      power = try loader.loadModuleFile("power.nvc").module
    } catch {
      throw .refused(error)
    }
    let instance = try loader.instantiate(module)
    print("\(try area(of: instance))")
    print("\(try instance.call("logarithm", [.i64(1000)])[0])")
    print("\(try instance.call("spaces")[0])")
    // SAFETY: the instance lives longer than the call.
    print("\(unsafe book_call_add(instance.cPointer, 3, 4))")
    try both(power, on: runtime)
  }
}
