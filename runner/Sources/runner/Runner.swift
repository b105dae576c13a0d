// Runner.swift — loads the program's module where it lies, calls a function, prints its results.
// Freestanding. Imports NovaABI, NovaModules. Design: NovaCore.docc/Images.md.

import NovaABI
import NovaModules

/// One run of the program's module.
struct Runner<ModuleSystem: RunnerSystem> {
  private let module: Module
  private let loader: ModuleLoader

  /// Runs the module to its end.
  ///
  /// The module is loaded before the command line is looked at, so that the way there is the same
  /// in every run.
  ///
  /// - Returns: the program's exit status.
  static func run() throws(RunnerError) -> Int32 {
    let runtime: NovaRuntime
    do {
      let values = try RuntimeBootstrap.current
      runtime = try NovaRuntime(
        from: values,
        tasks: TaskExecutor.Configuration(
          workerCount: values.workerCount, taskCountMax: taskCountMax),
        loop: RunLoopConfiguration(jobCountMax: jobCountMax, timerCountMax: jobCountMax))
    } catch { throw .runtime }
    let isGranted = runtime.bootstrap.driverGrants.isSuperset(of: .arguments)
    let runner = try Runner(runtime)
    let system = try ModuleSystem(of: runner.module, runner.loader)
    let options = RunnerOptions(isGranted: isGranted && !system.isCommand)
    let status = try runner.call(options, system, in: runtime)
    // The process's end gives all memory back, without zeroing it first as a contract does. Only
    // the runtime's own end writes a trace.
    return withExtendedLifetime(runner) {
      // SAFETY: the start record lives as long as the process.
      if unsafe nova_started().pointee.trace_descriptor == 0 { System.exit(status) }
      return status
    }
  }

  /// Tasks, jobs and timers that can exist at once: modules begin none, drivers might.
  private static var taskCountMax: Int { 64 }
  private static var jobCountMax: Int { 16 }

  /// Loads the module, and those that it was built with.
  private init(_ runtime: borrowing NovaRuntime) throws(RunnerError) {
    loader = ModuleLoader(empty: runtime)
    let loaded: Module?
    do throws(ModuleError) {
      loaded = try loader.loadBuiltIn("program")
    } catch { throw .module(error) }
    guard let loaded else { throw .noModule }
    module = loaded
  }

  private func call(
    _ options: RunnerOptions, _ system: ModuleSystem, in runtime: borrowing NovaRuntime
  ) throws(RunnerError) -> Int32 {
    var function: ModuleName = system.isCommand ? "_start" : "main"
    if let index = options.function {
      function = ModuleName(copying: index)
    } else if module.exportType(function) == nil, module.view.startFunction != nil {
      do { _ = try loader.instantiate(module, limits: options.limits) } catch {
        throw .call(error)
      }
      return 0
    }
    let arguments = try arguments(of: function, options.words)
    let results: [ModuleValue]
    do {
      results = try system.call(module, function, arguments, options.limits, in: runtime)
    } catch {
      if let status = system.status(after: error) { return status }
      throw .call(error)
    }
    if options.function == nil { return status(results) }
    for result in results {
      var line = Line(to: 1)
      line.append(result)
      line.write()
    }
    return 0
  }

  /// `main` says the exit status with its first result, where that is an i32.
  private func status(_ results: [ModuleValue]) -> Int32 {
    if case .i32(let status)? = results.first { return status & 0xff }
    return 0
  }

  private func arguments(
    of function: ModuleName, _ words: Range<Int>
  ) throws(RunnerError) -> [ModuleValue] {
    guard case .function(let type)? = module.exportType(function) else {
      throw .noFunction(function, exported: functionNames)
    }
    guard words.count == type.parameters.count else {
      throw .wrongCount(function, wanted: type.parameters.count, found: words.count)
    }
    var values: [ModuleValue] = []
    for index in words {
      let type = type.parameters[index - words.lowerBound]
      guard let value = WrittenNumber.value(ProgramArguments.current[index], type) else {
        throw .badArgument(function, argument: index, type: type)
      }
      values.append(value)
    }
    return values
  }

  private var functionNames: [ModuleName] {
    let view = module.view
    var names: [ModuleName] = []
    for index in 0..<view.exports.count {
      let export = view.exports[index]
      guard export.kind == ExternalKind.function.rawValue else { continue }
      names.append(ModuleName(copying: view.string(export.name)))
    }
    return names
  }
}

extension ModuleName {
  init(copying name: PoolBytes) {
    var bytes: [UInt8] = []
    for index in 0..<name.count { bytes.append(name[index]) }
    self.init(bytes)
  }

  init(copying argument: Int) {
    let text = ProgramArguments.current[argument]
    var bytes: [UInt8] = []
    for index in 0..<text.count { bytes.append(text[index]) }
    self.init(bytes)
  }
}

extension Line {
  /// Appends a value as `nova run` prints it: numbers in decimal, references by their bits.
  mutating func append(_ value: ModuleValue) {
    switch value {
    case .i32(let value): append(Int64(value))
    case .i64(let value): append(value)
    case .f32(let value):
      append(float: UInt64(value.bitPattern), significandBitCount: 23, exponentBitCount: 8)
    case .f64(let value):
      append(float: value.bitPattern, significandBitCount: 52, exponentBitCount: 11)
    case .function(let bits):
      append("funcref ")
      append(hexadecimal: bits)
    case .external(let bits):
      append("externref ")
      append(hexadecimal: bits)
    case .handle(let handle):
      append("handle ")
      append(hexadecimal: handle.rawValue)
    }
  }
}
