// RunModule.swift — `nova run MODULE`: a module in this process, or in a program under qemu.
// Hosted. Imports ArgumentParser, Glibc, NovaModules, NovaToolchain and NovaWASI.

import ArgumentParser
import Glibc
import NovaModules
import NovaToolchain
import NovaWASI

/// What a module may be granted is chosen on the command line; this process has all there is.
@section("nova_driver_grants") @used private let processGrants: UInt64 = 0x3f

/// What `nova run` asks of a module.
struct ModuleOptions: ParsableArguments {
  @Option(
    parsing: .upToNextOption,
    help: ArgumentHelp(
      "Of a module: call this function with these values and print its results. (default: main)",
      valueName: "function value"))
  var invoke: [String] = []

  @Option(help: "Of a module: units of fuel; one for each taken branch and each call.")
  var fuel: UInt64?

  @Option(
    help: "Of a module: bytes of all its memories and tables, such as 16M.",
    transform: { text in
      guard let size = byteCount(text) else {
        throw ValidationError("give a number of bytes, such as 65536, 64K, 1M or 1G")
      }
      return size
    })
  var memory: UInt64?

  @Option(help: "Of a module: milliseconds that a call may take.")
  var timeout: UInt64?

  @Option(
    name: .customLong("with"),
    help: ArgumentHelp("Of a module: load another one that it imports.", valueName: "name=file"))
  var linked: [LinkedModuleOption] = []

  @Flag(help: "Of a module: print each instruction before it happens, on the standard error.")
  var trace = false

  /// Whether any was given.
  var isUsed: Bool {
    !invoke.isEmpty || fuel != nil || memory != nil || timeout != nil || trace
      || !linked.isEmpty
  }

  var limits: ModuleLimits {
    ModuleLimits(
      fuel: fuel,
      timeoutNanoseconds: timeout.map {
        let (product, overflows) = $0.multipliedReportingOverflow(by: 1_000_000)
        return overflows ? .max : product
      }, memoryByteCount: memory.map { Int(clamping: $0) })
  }

  /// The same, as a program that is made of a module takes them.
  var arguments: [String] {
    let call = invoke.map { $0.hasPrefix("+-") ? String($0.dropFirst()) : $0 }
    return (fuel.map { ["--fuel", "\($0)"] } ?? []) + (memory.map { ["--memory", "\($0)"] } ?? [])
      + (timeout.map { ["--timeout", "\($0)"] } ?? [])
      + (call.isEmpty ? [] : ["--invoke"] + call)
  }

  /// The command line with `-5` behind `--invoke` as `+-5`, which is no option.
  static func shielded(_ arguments: [String]) -> [String] {
    var isValue = false
    return arguments.map { word in
      if word == "--" { isValue = false }
      if word == "--invoke" { isValue = true }
      let second = word.dropFirst().first
      let isNegative = word.hasPrefix("-") && second.map { $0.isNumber || $0 == "." } ?? false
      return isValue && isNegative ? "+" + word : word
    }
  }
}

extension Run {
  /// The bytes of a module, when the file holds one, its text or WebAssembly; null for a program.
  func moduleBytes(_ path: String) throws(Failure) -> [UInt8]? {
    let bytes = try readInput(path)
    guard isModule(bytes) || path.hasSuffix(".nvasm") || path.hasSuffix(".nvc") else { return nil }
    return try translated(bytes, path)
  }

  /// Runs a module in this process; ends it with the module's status.
  func runModule(_ bytes: [UInt8], path: String) throws -> Never {
    let runtime: NovaRuntime
    do throws(BootstrapError) {
      runtime = try NovaRuntime(from: bootstrap())
    } catch {
      throw Failure("the runtime did not start: \(error)")
    }
    let status: Int32
    do {
      status = try call(bytes, path: path, in: runtime)
    } catch let failure as ModuleFailure {
      fflush(nil)
      report("nova: \(path): \(failure)")
      if case .refused = failure { Glibc.exit(Status.impossible.rawValue) }
      Glibc.exit(Status.failed.rawValue)
    } catch let error as ModuleError {
      throw Failure("\(path): \(error)")
    }
    guard fflush(nil) == 0 else { Glibc.exit(Status.failed.rawValue) }
    Glibc.exit(status)
  }

  /// Becomes a program that is made of the module, under an emulator where need be.
  func runModule(path: String, target: Target) throws -> Never {
    let arguments = moduleOptions.arguments + (words.isEmpty ? [] : ["--"] + words)
    guard !moduleOptions.trace else {
      throw Failure("--trace shows instructions in this process; leave out --target")
    }
    if let grants = settings.settings.driverGrants, !grants.contains(.arguments),
      !arguments.isEmpty
    {
      throw Failure(
        "a program without the grant 'arguments' takes no options; add it to --grant, or leave out "
          + "--invoke, --fuel, --memory, --timeout and words")
    }
    var build = ModuleBuild(target: target)
    build.settings = settings.settings
    build.linked = moduleOptions.linked.map { ($0.name, $0.path) }
    let installation = try locateInstallation()
    let program: [UInt8]
    do throws(ModuleBuildError) {
      program = try build.program(module: path, installation: installation)
    } catch { throw describe(error, module: path) }
    do throws(ProgramRunError) {
      let file = try ProgramRun.memoryFile(program, name: Files.name(of: path))
      try ProgramRun(file, target: target, arguments: arguments, name: path).replaceProcess()
    } catch { throw describe(error) }
  }

  private func bootstrap() throws(BootstrapError) -> RuntimeBootstrap {
    let chosen = settings.settings
    var builder = RuntimeBootstrap.Builder()
    if let byteCount = chosen.heapByteCount {
      builder = builder.heap(byteCount: Int(clamping: byteCount))
    }
    if let count = chosen.workerCount { builder = builder.workers(count: Int(clamping: count)) }
    let grants = chosen.driverGrants.map { $0.reduce(0) { $0 | $1.word } }
    builder = builder.drivers(granted: grants.map { DriverGrants(rawValue: $0) } ?? .console)
    return try builder.build()
  }

  private func call(
    _ bytes: [UInt8], path: String, in runtime: borrowing NovaRuntime
  ) throws -> Int32 {
    let loader = ModuleLoader(empty: runtime)
    for linked in moduleOptions.linked {
      let bytes: [UInt8]
      do { bytes = try ModuleBuild.verifiedBytes(linked.path) } catch {
        throw describe(error, module: linked.path)
      }
      try loader.load(NovaModules.ModuleName(linked.name), copying: bytes.span)
    }
    let module = try loader.load(NovaModules.ModuleName(Files.name(of: path)), copying: bytes.span)
    let system = try wasiOptions.system(
      for: module, in: loader, arguments: [path] + words, grants: runtime.bootstrap.driverGrants)
    do {
      return try call(module, in: loader, path: path)
    } catch ModuleFailure.trapped(let trap) {
      guard case .host = trap.kind, let status = system?.exitStatus else {
        throw ModuleFailure.trapped(trap)
      }
      return Int32(status & 0xff)
    }
  }

  private func call(_ module: Module, in loader: ModuleLoader, path: String) throws -> Int32 {
    let instance = try loader.instantiate(module, limits: moduleOptions.limits, observer: observer)
    var name = NovaModules.ModuleName(moduleOptions.invoke.first ?? "main")
    if module.importsWASI {
      // Source: WASI's "application ABI": a command is called once, a reactor initialises itself.
      if module.exportType("_initialize") != nil { _ = try instance.call("_initialize", []) }
      if moduleOptions.invoke.isEmpty, module.exportType("_start") != nil { name = "_start" }
    }
    if moduleOptions.invoke.isEmpty, module.exportType(name) == nil,
      module.view.startFunction != nil
    {
      return 0
    }
    guard case .function(let type)? = module.exportType(name) else {
      throw Failure(
        "\(path) exports no function \(name); --invoke may name \(functions(of: module))")
    }
    let results = try instance.call(name, try values(type, name))
    if moduleOptions.invoke.isEmpty {
      if case .i32(let status)? = results.first { return status & 0xff }
      return 0
    }
    for result in results { print(result) }
    return 0
  }

  private func functions(of module: Module) -> String {
    var names: [String] = []
    for index in 0..<module.view.exports.count {
      let entry = module.view.exports[index]
      guard entry.kind == ExternalKind.function.rawValue else { continue }
      let name = module.view.string(entry.name)
      names.append(
        String(decoding: (0..<name.count).map { name[$0] }, as: UTF8.self))
    }
    return names.isEmpty ? "none: it exports no function" : names.joined(separator: ", ")
  }

  private func values(
    _ type: ModuleFunctionType, _ name: NovaModules.ModuleName
  ) throws(Failure) -> [ModuleValue] {
    let words = moduleOptions.invoke.dropFirst()
    guard words.count == type.parameters.count else {
      throw Failure(
        "\(name) is a function \(type); give it \(type.parameters.count) values, not \(words.count)"
      )
    }
    var values: [ModuleValue] = []
    for (word, type) in zip(words, type.parameters) {
      // See `shielded`.
      let word = word.hasPrefix("+-") ? String(word.dropFirst()) : word
      guard let value = WrittenNumber.value(Array(word.utf8).span, type) else {
        throw Failure("'\(word)' is no \(type.name), which \(name) takes there")
      }
      values.append(value)
    }
    return values
  }

  private var observer: ModuleObserver? {
    guard moduleOptions.trace else { return nil }
    return { frame, code in
      let operation = Operation(rawValue: UInt16(truncatingIfNeeded: code))
      report("\(frame): \(operation.name)")
    }
  }
}
