// ModuleBuild.swift — a module becomes a static program for one CPU, without a compiler.
// Hosted. Imports NovaAssembler and NovaWasm. Design: Decisions/0017-a-module-as-a-program.md.

import NovaAssembler
import NovaWasm

/// Why a module could not be made into a program; nothing was written.
public enum ModuleBuildError: Error {
  /// The module's file could not be read.
  case module(FileError)
  /// The file is assembly, and wrong.
  case assembly(AssemblyError, text: [UInt8])
  /// The file is WebAssembly that can't be translated.
  case translation(WasmError)
  /// The file is nothing that a module can be made of.
  case foreign(ForeignFile)
  /// The file is no module, or one that may not run.
  case refused(ModuleRefusal)
  /// The module at a path has a segment that fits nowhere.
  case misplaced(String, MisplacedSegment)
  case installation(InstallationError)
  /// The runner could not be read.
  case runner(FileError)
  /// The runner that was found, and why it takes no module.
  case image(path: String, ModuleImageError)
  /// The runner that was found is for another CPU.
  case otherCPU(path: String, found: Target)
  case pruning(PruningError)
  case native(NativeBuildError)
  /// One of the modules beside the program's own, and why it was not taken.
  indirect case linked(path: String, ModuleBuildError)
  /// Two modules have one name.
  case duplicateName(String)
  /// A module imports another that the program would not have.
  case missingModule(importer: String, name: String)
  /// A module imports what another one of the program does not export.
  case missingExport(importer: String, module: String, name: String, wanted: String)
  /// A module imports what another one of the program exports with another type.
  case mistypedImport(
    importer: String, module: String, name: String, wanted: String, found: String)
  /// A module imports what WASI does not have, or the runner not.
  case missingWASIFunction(importer: String, name: String)
  /// Something was to be granted through WASI, and no module imports any of it.
  case importsNoWASI
  case output(FileChangeError)
}

/// One build of a program from a module.
public struct ModuleBuild: Sendable {
  /// The CPU to build for.
  public var target: Target
  /// What the bootstrap record says in place of the runner's.
  ///
  /// Unless drivers' grants are among it, the program has console and arguments: without the grant
  /// of arguments it takes no options, and its course does not depend on them.
  public var settings = BuildSettings()
  /// Leaves out the runner's symbols, and the modules' names, lines and custom sections.
  public var isStripped = false
  /// Leaves out the handlers of operations that the module does not use; needs a linker.
  public var isPruned = false
  /// Compiles the program's own module; needs `nova-native` and a linker.
  public var isNative = false
  /// How much is done to make native code fast; nil for the usual.
  public var nativeEffort: NativeBuildEffort?
  /// Path of `nova-native`; nil for the one beside the command, in the installation or on PATH.
  public var nativeCompiler: String?

  /// Modules that the program's own, or one of them, imports.
  ///
  /// Each one's name and `.nvc` or `.nvasm` file; the program's own is named `program`.
  public var linked: [(name: String, path: String)] = []
  /// Told what of a module was left out that no module needs, as a sentence without an end.
  public var note: @Sendable (String) -> Void = { _ in }

  /// What modules that import WASI are granted through it; nil for nothing.
  public var wasiGrants: WASIGrants?
  /// The functions of WASI that the runner has.
  public var wasiFunctions: Set<String> = []

  /// Is told how far the translation of a WebAssembly file is.
  public var progress: TranslationProgress?

  /// How much of the stack is made before `main` unless the settings say how: modules have stacks
  /// of their own, and each page takes as long as thousands of instructions.
  static let initialWindowByteCount: UInt64 = 16 * 1024

  /// A build of everything, with symbols.
  public init(target: Target) { self.target = target }

  /// Verifies the module and writes the program.
  ///
  /// - Parameters:
  ///   - module: path of a `.nvc`, `.nvasm` or `.wasm` file.
  ///   - output: path of the program; what is there is replaced as a whole, or not at all.
  ///   - installation: where the runner is.
  /// - Throws: `ModuleBuildError`.
  public func run(
    module: String, output: String, installation: Installation
  ) throws(ModuleBuildError) {
    let bytes = try program(module: module, installation: installation)
    do { try Files.write(bytes, to: output, mode: 0o777) } catch { throw .output(error) }
  }

  /// Verifies the module and makes the program, without writing it.
  ///
  /// - Parameters: as for `run(module:output:installation:)`.
  /// - Returns: the bytes of the program's file.
  /// - Throws: `ModuleBuildError`.
  public func program(
    module: String, installation: Installation
  ) throws(ModuleBuildError) -> [UInt8] {
    let bytes = try file(module)
    let others = try linkedFiles()
    let importsWASI = try checkImports(
      [(module, bytes)] + zip(linked, others).map { ($0.name, $1.bytes) })
    guard importsWASI || wasiGrants == nil else { throw .importsNoWASI }
    try Self.checkSegments([(module, bytes)] + zip(linked, others).map { ($0.path, $1.bytes) })
    let statement = try Self.statement(of: [bytes] + others.map(\.bytes))
    let runner = try runner(
      for: [bytes] + others.map(\.bytes), importsWASI: importsWASI, installation)
    let settings = stated(importsWASI: importsWASI)
    do throws(ModuleImageError) {
      return try ModuleImage(
        module: bytes, linked: others, statement: statement,
        grants: importsWASI ? wasiGrants ?? WASIGrants() : nil, runner: runner.bytes,
        settings: settings, keepsSymbols: !isStripped
      ).bytes
    } catch { throw .image(path: runner.path, error) }
  }

  /// The settings, with what they say unless they say otherwise.
  private func stated(importsWASI: Bool) -> BuildSettings {
    var settings = settings
    if settings.driverGrants == nil { settings.driverGrants = [.console, .arguments] }
    if settings.initialWindowByteCount == nil, settings.stackPolicy == nil {
      settings.initialWindowByteCount = Self.initialWindowByteCount
    }
    // Granted, random bytes are random.
    let hasEntropy = importsWASI && settings.driverGrants?.contains(.entropy) == true
    if hasEntropy, settings.entropyPolicy == nil {
      settings.entropyPolicy = .kernel
    }
    return settings
  }

  /// Refuses modules that could never begin.
  private static func checkSegments(
    _ modules: [(path: String, bytes: [UInt8])]
  ) throws(ModuleBuildError) {
    for (path, bytes) in modules {
      if let segment = ModuleFile(bytes).misplacedSegment { throw .misplaced(path, segment) }
    }
  }

  /// What is true of all of them, which are verified for it.
  private static func statement(of modules: [[UInt8]]) throws(ModuleBuildError) -> UInt64 {
    var statement: UInt64 = 0
    for module in modules {
      do { statement = max(statement, try Modules.verify(module).statement) } catch {
        throw .refused(error)
      }
    }
    return statement
  }

  /// A module as the program carries it.
  private func file(_ path: String) throws(ModuleBuildError) -> [UInt8] {
    let bytes = try Self.verifiedBytes(
      path, note: { note("\(path): \($0)") }, progress: progress)
    guard isStripped else { return bytes }
    do { return try Modules.stripped(bytes) } catch { throw .refused(error) }
  }

  private func linkedFiles() throws(ModuleBuildError) -> [LinkedModuleFile] {
    var files: [LinkedModuleFile] = []
    var names: Set<String> = [Self.programModuleName]
    for (name, path) in linked {
      guard names.insert(name).inserted else { throw .duplicateName(name) }
      do {
        files.append(
          LinkedModuleFile(name: Array(name.utf8), bytes: try file(path)))
      } catch { throw .linked(path: path, error) }
    }
    return files
  }

  /// As what a program registers its own module; see the runner.
  private static let programModuleName = "program"
  /// How the name of a driver's module begins.
  private static let driverPrefix = "driver:"

  /// Refuses modules that import what the program would not have, or with another type.
  ///
  /// - Returns: whether one of them imports WASI.
  private func checkImports(
    _ modules: [(name: String, bytes: [UInt8])]
  ) throws(ModuleBuildError) -> Bool {
    let known = Set(linked.map(\.name))
    var parts: [(name: String, contents: ModuleContents)] = []
    for (name, bytes) in modules {
      do { parts.append((name, try Modules.contents(of: bytes))) } catch { throw .refused(error) }
    }
    noteConsole(parts.map(\.contents))
    var importsWASI = false
    for part in parts {
      let importer = part.name
      for entry in part.contents.imports {
        let name = String(decoding: entry.module, as: UTF8.self)
        if name == WASIGrants.moduleName, !known.contains(name) {
          let function = String(decoding: entry.name, as: UTF8.self)
          guard wasiFunctions.contains(function) else {
            throw .missingWASIFunction(importer: importer, name: function)
          }
          importsWASI = true
          continue
        }
        guard known.contains(name) || name.hasPrefix(Self.driverPrefix) else {
          throw .missingModule(importer: importer, name: name)
        }
        if let exporter = parts.dropFirst().first(where: { $0.name == name }) {
          try Self.check(entry, of: part, in: exporter)
        }
      }
    }
    return importsWASI
  }

  /// Says that grants took the console away from modules that could use it.
  private func noteConsole(_ modules: [ModuleContents]) {
    guard let grants = settings.driverGrants, !grants.isEmpty, !grants.contains(.console) else {
      return
    }
    let providers = [WASIGrants.moduleName, Self.driverPrefix + DriverGrant.console.rawValue]
    let canPrint = modules.contains { module in
      module.imports.contains { entry in
        providers.contains { entry.module.elementsEqual($0.utf8) }
      }
    }
    if canPrint { note(Self.consoleNote) }
  }

  /// What is said of a module whose grants leave out the console, which it has otherwise.
  public static let consoleNote =
    "--grant takes the console's place, and so the module has none; add --grant console for it to "
    + "print"

  private func runner(
    for modules: [[UInt8]], importsWASI: Bool, _ installation: Installation
  ) throws(ModuleBuildError) -> (path: String, bytes: [UInt8]) {
    if isNative {
      do throws(NativeBuildError) {
        guard !importsWASI else { throw .importsWASI }
        var tool = try NativeTool(at: nativeCompiler, installation)
        tool.effort = nativeEffort
        let runner = try NativeRunner(for: target, installation)
        let code = try tool.object(of: modules[0], for: target)
        return (runner.objectPath, try runner.linked(with: code))
      } catch { throw .native(error) }
    }
    let needs = ModuleNeeds(of: modules, named: Set(linked.map(\.name)), wasiGrants)
    let kind: ModuleRunner =
      importsWASI
      ? needs.hasOutsideImports ? .wasiAndDrivers : .wasi
      : needs.hasOutsideImports ? .drivers : .plain
    if isPruned {
      do throws(PruningError) {
        let pruned = try PrunedRunner(for: target, kind, wasiFunctions, installation)
        return (pruned.objectPath, try pruned.linked(for: needs))
      } catch { throw .pruning(error) }
    }
    let path: String
    do { path = try installation.runner(for: target, kind) } catch {
      throw .installation(error)
    }
    let bytes: [UInt8]
    do { bytes = try readFile(path) } catch { throw .runner(error) }
    guard let file = try? ELFFile(bytes) else { return (path, bytes) }
    guard file.target == target else { throw .otherCPU(path: path, found: file.target) }
    return (path, HandlerLists.shortened(file) { needs.contains($0) })
  }

  /// The bytes of a module's file, assembled if it is text, translated if it is WebAssembly, and
  /// verified; `note` is told what was left out, `progress`
  /// how far it is.
  public static func verifiedBytes(
    _ path: String, note: (String) -> Void = { _ in }, progress: TranslationProgress? = nil
  ) throws(ModuleBuildError) -> [UInt8] {
    let bytes: [UInt8]
    do { bytes = try readFile(path) } catch { throw .module(error) }
    let module = try moduleBytes(bytes, path, note: note, progress: progress)
    do { try Modules.verify(module) } catch { throw .refused(error) }
    return module
  }

  /// The module that `bytes` of the file at `path` are: assembled if the path ends with `.nvasm`,
  /// translated if they are WebAssembly; `note` is told what was left out.
  ///
  /// - Throws: `ModuleBuildError.assembly`, `.translation` or `.foreign`.
  public static func moduleBytes(
    _ bytes: [UInt8], _ path: String, note: (String) -> Void = { _ in },
    progress: TranslationProgress? = nil
  ) throws(ModuleBuildError) -> [UInt8] {
    let foreign = ForeignFile(bytes)
    guard path.hasSuffix(".nvasm"), foreign?.isText == true else {
      if let foreign { throw .foreign(foreign) }
      do { return try Modules.translated(bytes, note: note, progress: progress) } catch {
        throw .translation(error)
      }
    }
    do throws(AssemblyError) {
      return try Assembler.assemble(
        bytes, options: Assembler.Options(recordsLines: true, fileName: Files.name(of: path)))
    } catch { throw .assembly(error, text: bytes) }
  }
}
