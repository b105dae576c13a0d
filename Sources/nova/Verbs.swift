// Verbs.swift — `nova new`, `build`, `run` and `doctor`: arguments in, one call, text out.
// Hosted. Imports ArgumentParser and NovaToolchain.

import ArgumentParser
import NovaToolchain

struct New: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Make a package that builds at once, hosted and for three CPUs.")

  @Argument(help: "The package's name, and the folder that is made for it.")
  var name: String

  @Option(help: "Depend on NovaCore at this URL rather than on the installed one.")
  var url: String?

  @Option(help: "The exact version at the URL.")
  var version = Nova.configuration.version

  func validate() throws {
    guard url != "" else { throw ValidationError("--url is empty; leave it out, or name a place.") }
  }

  func run() throws {
    let source: NewPackage.Source
    if let url {
      source = .url(url, version: version)
    } else {
      source = .path(try locateInstallation().root)
    }
    do { try NewPackage(name: name, source: source).write(in: ".") } catch {
      throw describe(error)
    }
    print("made \(name); next: cd \(name) && nova run")
  }
}

struct Build: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Build the package in the current folder, or a module, into static programs.",
    discussion: """
      Prints the path of each program. Equal sources give equal files, wherever built.

      A module, .nvc, .nvasm or .wasm, is verified and becomes a program that runs it; the book's \
      page Images tells how it is called. No compiler is needed for that. One that imports WASI \
      has what --dir, --env, --stdin and --grant say, and nothing else.
      """)

  @Argument(
    help: "A module. (default: build the package in the current folder)",
    completion: .file(extensions: ["nvc", "nvasm", "wasm"]))
  var module: String?

  @OptionGroup var options: TargetOptions
  @OptionGroup(title: "WASI") var wasiOptions: WASIOptions
  @OptionGroup(title: "Bootstrap record") var settings: SettingsOptions

  @Flag(
    help: "Leave out symbols and what debuggers read; nova symbolize takes the file beside it.")
  var strip = false

  @Flag(help: "Of a module: leave out what runs operations that it does not use; needs ld.lld.")
  var prune = false

  @Flag(help: "Of a module: compile it through LLVM; needs nova-native and ld.lld.")
  var native = false

  @OptionGroup(title: "Native code") var effort: NativeEffortOptions

  @Option(
    name: .customLong("with"),
    help: ArgumentHelp("Of a module: put in another one that it imports.", valueName: "name=file"))
  var linked: [LinkedModuleOption] = []

  @Option(
    name: [.short, .long],
    help: "Also copy the program to this file; of a module, write it there.", completion: .file())
  var output: String?

  func validate() throws {
    if module == nil, prune {
      throw ValidationError("--prune is for modules; give one, or leave it out.")
    }
    if native, module == nil || prune {
      throw ValidationError("--native is for modules, and without --prune.")
    }
    if effort.value != nil, !native {
      throw ValidationError("--fast and -O go with --native.")
    }
    if module == nil, !linked.isEmpty {
      throw ValidationError("--with is for modules; give one, or leave it out.")
    }
    if module == nil, wasiOptions.isUsed {
      throw ValidationError("--dir, --env and --stdin are for modules; give one.")
    }
    guard module != nil else { return }
    let idle: [(String, Bool)] = [
      ("--product", options.product != nil), ("--scratch-path", options.scratchPath != nil),
      ("--configuration", options.configuration != .release),
    ]
    for (option, isGiven) in idle where isGiven {
      throw ValidationError("\(option) is for packages; leave it out, or leave out the module.")
    }
  }

  func run() throws {
    if let module { return try runModule(module) }
    var build = try options.packageBuild()
    build.settings = settings.settings
    build.isStripped = strip
    build.showsProgress = true
    let programs: [PackageBuild.Program]
    do {
      programs = try build.run(folder: ".", installation: try locateInstallation())
    } catch let error as PackageBuildError {
      throw describe(error)
    }
    guard let output else {
      for program in programs { print(program.path) }
      return
    }
    guard programs.count == 1 else { throw describe(.severalPrograms(programs.map(\.name))) }
    try copy(programs[0].path, to: output)
    print(output)
  }

  private func copy(_ program: String, to output: String) throws(Failure) {
    do { try Files.write(try readFile(program), to: output, mode: 0o777) } catch {
      throw (error as? FileChangeError).map(describe) ?? describe(error as? FileError)
    }
  }
}

struct Run: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Run a program or a module: natively where it can be, else under qemu.",
    discussion: """
      Ends with the program's own exit status. A module runs in this process, or with --target in \
      a program made of it: status 1 when it traps, 2 when it can't be loaded, bound or called; \
      else 0, or of main its first i32 result.
      """)

  @Argument(
    help: "A program or module. (default: what the package in the current folder makes)",
    completion: .file())
  var file: String?

  @OptionGroup var options: TargetOptions
  @OptionGroup(title: "Module") var moduleOptions: ModuleOptions
  @OptionGroup(title: "WASI") var wasiOptions: WASIOptions
  @OptionGroup(title: "Bootstrap record") var settings: SettingsOptions

  @Argument(
    parsing: .postTerminator, help: ArgumentHelp("Arguments of the program.", valueName: "word"))
  var words: [String] = []

  func run() throws {
    if let file, let bytes = try moduleBytes(file) {
      if let target = options.target { try runModule(bytes, path: file, target: target) }
      try runModule(bytes, path: file)
    }
    guard !wasiOptions.isUsed else {
      throw Failure("--dir, --env and --stdin are for modules; give one")
    }
    guard !moduleOptions.isUsed else {
      throw Failure(
        "--invoke, \(ModuleOptions.limitNames), --with and --trace are for modules; give one")
    }
    let program = try options.program(file: file, settings: settings.settings)
    do {
      try ProgramRun(program.path, target: program.target, arguments: words).replaceProcess()
    } catch {
      throw describe(error)
    }
  }
}

struct DoctorCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "doctor",
    abstract: "Say what is installed, what is missing, and the package to install.",
    discussion: "Exit status 1 when something is missing.")

  func run() throws {
    let requirements = Doctor.examine()
    let width = requirements.map(\.name.count).max() ?? 0
    for requirement in requirements {
      let name = requirement.name + String(repeating: " ", count: width - requirement.name.count)
      if let found = requirement.found {
        print("ok       \(name)  \(found)")
      } else {
        print("MISSING  \(name)  \(requirement.purpose): \(requirement.remedy)")
      }
    }
    guard requirements.allSatisfy({ $0.found != nil }) else {
      throw Failure("", status: .failed)
    }
  }
}
