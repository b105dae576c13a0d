// WASIOptions.swift — what a module is granted through WASI, on the command line.
// Hosted. Imports ArgumentParser, NovaModules, NovaToolchain and NovaWASI.

import ArgumentParser
import NovaModules
import NovaToolchain
import NovaWASI

/// A folder as `HOST::GUEST`, or one name for both.
struct DirectoryOption: ExpressibleByArgument {
  let directory: WASIDirectory

  init?(argument: String) {
    let bytes = Array(argument.utf8)
    let colon = UInt8(ascii: ":")
    let place = bytes.indices.dropLast().first { bytes[$0] == colon && bytes[$0 + 1] == colon }
    let host = place.map { Array(bytes[..<$0]) } ?? bytes
    let guest = place.map { Array(bytes[($0 + 2)...]) } ?? bytes
    guard !host.isEmpty, !guest.isEmpty else { return nil }
    directory = WASIDirectory(host: host, guest: guest)
  }
}

/// A variable as `NAME=VALUE`.
struct VariableOption: ExpressibleByArgument {
  let text: String

  init?(argument: String) {
    guard let place = argument.firstIndex(of: "="), place != argument.startIndex else {
      return nil
    }
    text = argument
  }
}

/// What a module that imports WASI is granted, besides what `--grant` says.
struct WASIOptions: ParsableArguments {
  @Option(
    name: .customLong("dir"),
    help: ArgumentHelp(
      "Of a module: grant a folder, with all that is in it, under a name of the module's.",
      valueName: "host::guest"))
  var directories: [DirectoryOption] = []

  @Option(
    name: .customLong("env"),
    help: ArgumentHelp("Of a module: set a variable of its environment.", valueName: "name=value"))
  var variables: [VariableOption] = []

  @Flag(name: .customLong("stdin"), help: "Of a module: let it read the standard input.")
  var input = false

  /// Whether any was given.
  var isUsed: Bool { !directories.isEmpty || !variables.isEmpty || input }

  /// What programs made of the module are to have of WASI.
  func state(in build: inout ModuleBuild) {
    build.wasiFunctions = Set(WASISystem.functionNames.map { "\($0)" })
    guard isUsed else { return }
    var grants = WASIGrants()
    grants.folders = directories.map {
      WASIGrants.Folder(host: $0.directory.host, guest: $0.directory.guest)
    }
    grants.variables = variables.map { Array($0.text.utf8) }
    grants.hasInput = input
    build.wasiGrants = grants
  }

  /// Registers WASI for a module that imports it, or whose imported modules do.
  ///
  /// The module's arguments are the program's name and `words`.
  ///
  /// - Returns: nil when none of the modules imports anything of it.
  func system(
    for module: Module, in loader: ModuleLoader, words: [String], grants: DriverGrants
  ) throws -> WASISystem? {
    guard loader.modules.contains(where: \.importsWASI) else {
      guard !isUsed else {
        throw Failure(
          "\(module.name) imports nothing of WASI; leave out --dir, --env and --stdin")
      }
      return nil
    }
    var configuration = WASIConfiguration()
    configuration.arguments = [WASIConfiguration.programName] + words.map { Array($0.utf8) }
    configuration.environment = variables.map { Array($0.text.utf8) }
    configuration.addEnvironment(grants)
    configuration.directories = directories.map(\.directory)
    configuration.hasInput = input
    configuration.grants = grants
    let system: WASISystem
    do { system = try WASISystem(configuration) } catch { throw describe(error) }
    try system.add(to: loader, for: loader.modules)
    return system
  }
}

private func describe(_ error: WASIError) -> Failure {
  func text(_ bytes: [UInt8]) -> String { String(decoding: bytes, as: UTF8.self) }
  return switch error {
  case .directory(let directory, let error):
    Failure(
      "--dir \(text(directory.host)): \(systemMessage(error.errno)); name a folder that is there")
  case .badText(let bytes): Failure("'\(text(bytes))' is empty or holds a zero; give a name")
  case .tooManyDirectories(let maximum):
    Failure("--dir was given more than \(maximum) times; grant a folder above them")
  }
}
