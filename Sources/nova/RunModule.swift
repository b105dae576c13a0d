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

  @Option(
    help: "Of a module: units of fuel; one for each taken branch and each call.",
    transform: wholeNumber)
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

  @Option(help: "Of a module: milliseconds that a call may take.", transform: wholeNumber)
  var timeout: UInt64?

  @Option(
    help: "Of a module: calls that may be inside of each other.",
    transform: { try wholeNumber($0, in: depthRange) })
  var depth: UInt64?

  @Option(
    help: "Of a module: elements that each of its tables may have.",
    transform: { try wholeNumber($0, in: 0...UInt64(UInt32.max)) })
  var table: UInt64?

  @Option(
    name: .customLong("with"),
    help: ArgumentHelp("Of a module: load another one that it imports.", valueName: "name=file"))
  var linked: [LinkedModuleOption] = []

  @Flag(help: "Of a module: print each instruction before it happens, on the standard error.")
  var trace = false

  /// The limits' options, in a sentence.
  static let limitNames = "--fuel, --memory, --timeout, --depth, --table"

  /// Whether any was given.
  var isUsed: Bool {
    !arguments.isEmpty || trace || !linked.isEmpty
  }

  var limits: ModuleLimits {
    var limits = ModuleLimits(
      fuel: fuel,
      timeoutNanoseconds: timeout.map {
        let (product, overflows) = $0.multipliedReportingOverflow(by: 1_000_000)
        return overflows ? .max : product
      }, memoryByteCount: memory.map { Int(clamping: $0) })
    if let depth { limits.allowDepth(Int(depth)) }
    if let table { limits.tableElementCount = Int(table) }
    return limits
  }

  /// The same, as a program that is made of a module takes them.
  var arguments: [String] {
    let call = invoke.map { $0.hasPrefix("+-") ? String($0.dropFirst()) : $0 }
    let limits = [
      ("--fuel", fuel), ("--memory", memory), ("--timeout", timeout), ("--depth", depth),
      ("--table", table),
    ]
    return limits.flatMap { name, value in value.map { [name, "\($0)"] } ?? [] }
      + (call.isEmpty ? [] : ["--invoke"] + call)
  }

  /// The command line with `-5` behind `--invoke` as `+-5`, which is no option, and behind another
  /// option as its value: `--fuel=-5`, so that the fault is told by what the option takes.
  static func shielded(_ arguments: [String]) -> [String] {
    var isValue = false
    var isEnd = false
    var words: [String] = []
    for word in arguments {
      if word == "--" { (isValue, isEnd) = (false, true) }
      if word == "--invoke" { isValue = true }
      let second = word.dropFirst().first
      let isNegative = word.hasPrefix("-") && second.map { $0.isNumber || $0 == "." } ?? false
      if !isNegative || isEnd {
        words.append(word)
      } else if isValue {
        words.append("+" + word)
      } else if let option = words.last, option.hasPrefix("--"), !option.contains("=") {
        words[words.count - 1] = option + "=" + word
      } else {
        words.append(word)
      }
    }
    return words
  }
}

/// The depths of calls that an instance can be made for.
private let depthRange = UInt64(ModuleLimits.callDepthMin)...UInt64(ModuleLimits.callDepthMax)

/// A number of an option.
private func wholeNumber(_ text: String) throws -> UInt64 {
  try wholeNumber(text, in: 0...UInt64.max)
}

private func wholeNumber(_ text: String, in range: ClosedRange<UInt64>) throws -> UInt64 {
  guard let number = UInt64(text), range.contains(number) else {
    throw ValidationError("give a number from \(range.lowerBound) to \(range.upperBound)")
  }
  return number
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
      report("nova: \(Self.message(Self.text(of: failure), path))")
      if let remedy = remedy(for: failure, path) { report("nova: \(remedy)") }
      if case .refused = failure { Glibc.exit(Status.impossible.rawValue) }
      Glibc.exit(Status.failed.rawValue)
    } catch let error as ModuleError {
      throw refusal(error, of: bytes, path)
    }
    try flushOutput()
    Glibc.exit(status)
  }

  /// What the loader refused, in the words of `nova verify` where that would refuse it too.
  private func refusal(_ error: ModuleError, of bytes: [UInt8], _ path: String) -> Failure {
    switch error {
    case .format, .code:
      do { try Modules.verify(bytes) } catch { return Failure(describe(error, in: path).message) }
      return Failure(Self.message("\(error)", path))
    default: return Failure(Self.message("\(error)", path))
    }
  }

  /// The failure's text, in the words of `nova build` where that would refuse it too.
  private static func text(of failure: ModuleFailure) -> String {
    guard case .refused(.importMissing(let name, _)) = failure,
      "\(name.module)" == WASIGrants.moduleName
    else { return "\(failure)" }
    return missingWASIText("\(name)")
  }

  /// `text` with the module's path in front, in the place of its name where the text begins so.
  private static func message(_ text: String, _ path: String) -> String {
    let name = Files.name(of: path)
    return text.hasPrefix(name + " ") ? path + text.dropFirst(name.count) : "\(path): \(text)"
  }

  /// Becomes a program that is made of the module, under an emulator where need be.
  func runModule(_ bytes: [UInt8], path: String, target: Target) throws -> Never {
    let isCommand = isWASICommand(bytes)
    guard !isCommand || moduleOptions.arguments.isEmpty else {
      throw Failure(
        "all arguments of a program are its module's where that is a command of WASI, as \(path) "
          + "is; leave out \(ModuleOptions.limitNames) and --invoke, or --target")
    }
    let arguments =
      isCommand ? words : moduleOptions.arguments + (words.isEmpty ? [] : ["--"] + words)
    guard !moduleOptions.trace else {
      throw Failure("--trace shows instructions in this process; leave out --target")
    }
    if let grants = settings.settings.driverGrants, !grants.contains(.arguments),
      !arguments.isEmpty
    {
      throw Failure(
        "a program without the grant 'arguments' takes no options; add it to --grant, or leave out "
          + "\(ModuleOptions.limitNames), --invoke and words")
    }
    var build = ModuleBuild(target: target)
    build.note = { report("nova: \($0)") }
    build.settings = settings.settings
    build.linked = moduleOptions.linked.map { ($0.name, $0.path) }
    wasiOptions.state(in: &build)
    let installation = try locateInstallation()
    let progress = ImportProgress(path)
    build.progress = { progress.show($0, of: $1) }
    let program: [UInt8]
    do throws(ModuleBuildError) {
      defer { progress.clear() }
      program = try build.program(module: path, installation: installation)
    } catch { throw describe(error, module: path) }
    do throws(ProgramRunError) {
      let file = try ProgramRun.memoryFile(program, name: Files.name(of: path))
      try ProgramRun(file, target: target, arguments: arguments, name: path).replaceProcess()
    } catch { throw describe(error) }
  }

  /// Whether a program of the module leaves all of its command line to it; see the runner.
  private func isWASICommand(_ bytes: [UInt8]) -> Bool {
    guard let contents = try? Modules.contents(of: bytes) else { return false }
    let module = Array(WASIGrants.moduleName.utf8)
    return contents.imports.contains { $0.module == module }
      && contents.exports.contains { $0.name == Array("_start".utf8) }
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
      do {
        bytes = try ModuleBuild.verifiedBytes(linked.path) { report("nova: \(linked.path): \($0)") }
      } catch {
        throw describe(error, module: linked.path)
      }
      try loader.load(NovaModules.ModuleName(linked.name), copying: bytes.span)
    }
    let module = try loader.load(NovaModules.ModuleName(Files.name(of: path)), copying: bytes.span)
    noteConsole(in: loader)
    let system = try wasiOptions.system(
      for: module, in: loader, words: words, grants: runtime.bootstrap.driverGrants)
    do {
      return try call(module, in: loader, path: path)
    } catch ModuleFailure.trapped(let trap) {
      let status = system?.exitStatus.map { Int32($0 & 0xff) }
      if status != 0, let text = system?.refusalText {
        reportWithoutBreak(String(decoding: text, as: UTF8.self))
      }
      guard case .host = trap.kind, let status else { throw ModuleFailure.trapped(trap) }
      return status
    }
  }

  /// Says that grants took the console away from modules that import WASI; those that import the
  /// driver are refused, and told so.
  private func noteConsole(in loader: ModuleLoader) {
    guard let grants = settings.settings.driverGrants, !grants.isEmpty,
      !grants.contains(.console), loader.modules.contains(where: \.importsWASI)
    else { return }
    report("nova: \(ModuleBuild.consoleNote)")
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
        "\(name) is a function \(type); give it "
          + (type.parameters.count == 1 ? "1 value" : "\(type.parameters.count) values")
          + ", not \(words.count)")
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
