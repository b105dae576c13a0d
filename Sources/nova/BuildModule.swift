// BuildModule.swift — `nova build MODULE`: a module becomes a program, without a compiler.
// Hosted. Imports NovaAssembler and NovaToolchain.

import NovaAssembler
import NovaToolchain

extension Build {
  /// Makes a program of the module at `path`.
  func runModule(_ path: String) throws(Failure) {
    var build = ModuleBuild(target: try options.chosenTarget())
    build.note = { report("nova: \($0)") }
    build.settings = settings.settings
    build.isStripped = strip
    build.isPruned = prune
    build.isNative = native
    build.nativeEffort = effort.value
    build.linked = linked.map { ($0.name, $0.path) }
    wasiOptions.state(in: &build)
    let program = output ?? Self.programName(of: path)
    try refuseToReplace(path, by: program)
    let installation = try locateInstallation()
    let progress = ImportProgress(path)
    build.progress = { progress.show($0, of: $1) }
    do {
      defer { progress.clear() }
      try build.run(module: path, output: program, installation: installation)
    } catch { throw describe(error, module: path) }
    print(program)
  }

  /// The module's name without its ending, in the current folder.
  private static func programName(of path: String) -> String {
    let name = Files.name(of: path)
    for ending in [".nvc", ".nvasm", ".wasm"]
    where name.hasSuffix(ending) && name.count > ending.count {
      return String(name.dropLast(ending.count))
    }
    return name + ".program"
  }
}

/// What is said of an import that WASI does not have here.
func missingWASIText(_ importText: String) -> String {
  "\(importText), which NovaCore does not have: the book's page WASI lists what there is"
}

func describe(_ error: ModuleBuildError, module: String) -> Failure {
  switch error {
  case .module(let error): describe(error)
  case .assembly(let error, let text): Failure(error.text(of: SourceText(text), path: module))
  case .translation(let error): describe(error, in: module)
  case .foreign(let file): describe(file, module, not: "a module")
  case .refused(let error): describe(error, in: module)
  case .misplaced(let path, let segment): Failure("\(path): \(segment.text)")
  case .installation(let error): describe(error)
  case .runner(let error): describe(error)
  case .image(let path, let error): describe(error, runner: path)
  case .otherCPU(let path, let found):
    Failure("\(path) is a runner for \(found.rawValue); run make runners in a checkout")
  case .pruning(let error): describe(error)
  case .native(let error): describe(error, native: module)
  case .linked(let path, let error): describe(error, module: path)
  case .duplicateName(let name):
    Failure("there are two modules of the name \(name); 'program' is the first one's")
  case .missingWASIFunction(let importer, let name):
    Failure(missingWASIText("\(importer) imports \(name) of \(WASIGrants.moduleName)"))
  case .importsNoWASI:
    Failure("\(module) imports nothing of WASI; leave out --dir, --env and --stdin")
  case .missingModule(let importer, let name):
    Failure(
      "\(importer) imports from \(name), which the program would not have; "
        + "give it: --with \(name)=FILE")
  case .missingExport(let importer, let module, let name, let wanted):
    Failure(
      "\(importer) imports \(name) of \(module), which has no such export; it wants a \(wanted)")
  case .mistypedImport(let importer, let module, let name, let wanted, let found):
    Failure("\(importer) imports \(name) of \(module) as a \(wanted), which is a \(found)")
  case .output(let error): describe(error)
  }
}

private func describe(_ error: ModuleImageError, runner: String) -> Failure {
  let remedy = "run make runners in a checkout, or install NovaCore again"
  return switch error {
  case .runner(let error): describe(error, in: runner)
  case .notARunner: Failure("\(runner) takes no module; \(remedy)")
  case .occupied(let byteCount):
    Failure("\(runner) carries a module of \(byteCount) bytes already; \(remedy)")
  case .moduleTooLarge(let byteCount):
    Failure(
      "the module has \(byteCount) bytes, more than the \(ModuleImage.moduleByteCountMax) that a "
        + "program carries; load it from a file")
  case .noModule: Failure("the module has no bytes; give a .nvc file")
  case .noRoomForSetting(let key):
    Failure("\(runner) has no room for setting 0x\(String(key, radix: 16)); \(remedy)")
  case .badName(let name):
    Failure(
      "'\(String(decoding: name, as: UTF8.self))' is no name for a module in a program: "
        + "give 1 to \(LinkedModuleFile.nameByteCountMax) bytes")
  case .badGrant(let text):
    Failure(
      "'\(String(decoding: text, as: UTF8.self))' is empty or holds a zero; give --dir and --env "
        + "names without")
  case .settings(let error): describe(error)
  }
}

private func describe(_ error: PruningError) -> Failure {
  let remedy = "run make runners in a checkout, install NovaCore again, or leave out --prune"
  return switch error {
  case .noObject(let target, let path):
    Failure("there is no runner to prune for \(target.rawValue) at \(path); \(remedy)")
  case .file(let error): describe(error)
  case .copy(let error): describe(error)
  case .object(let path, let error): Failure("\(describe(error, in: path).message); \(remedy)")
  case .noTable(let path, let symbol): Failure("\(path) has no table \(symbol); \(remedy)")
  case .noLinker(let name):
    Failure(
      "--prune needs \(name), which comes with Swift's toolchain and with Debian's package lld; "
        + "install it, or leave out --prune: the program then has every operation's handler")
  case .process(let error): describe(error)
  case .link(let output): Failure("the linker failed:\n\(output)", status: .failed)
  }
}

func describe(_ error: NativeBuildError, native module: String) -> Failure {
  switch error {
  case .noCompiler(let name):
    Failure(
      "native code needs \(name), which is neither beside nova nor on PATH; run make native-deps "
        + "native in NovaCore's folder, which installs LLVM and builds it")
  case .compiler(let output): Failure("\(module) was not compiled: \(output)", status: .failed)
  case .noObject(let target, let path):
    Failure(
      "there is no runner for native code for \(target.rawValue) at \(path); run make native "
        + "in a checkout, or leave out --native")
  case .noLinker(let name):
    Failure(
      "--native needs \(name), which comes with Swift's toolchain and with Debian's package lld; "
        + "install it, or leave out --native")
  case .link(let output): Failure("the linker failed:\n\(output)", status: .failed)
  case .importsWASI:
    Failure("\(module) imports WASI, which native programs do not have; leave out --native")
  case .file(let error): describe(error)
  case .copy(let error): describe(error)
  case .process(let error): describe(error)
  }
}
