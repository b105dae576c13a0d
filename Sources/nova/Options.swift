// Options.swift — what `build`, `run` and `check` share on the command line.
// Hosted. Imports ArgumentParser and NovaToolchain.

import ArgumentParser
import NovaToolchain

extension Target: ExpressibleByArgument {}
extension BuildConfiguration: ExpressibleByArgument {}
extension StackPolicy: ExpressibleByArgument {}
extension EntropyPolicy: ExpressibleByArgument {}
extension CPUPolicy: ExpressibleByArgument {}

/// A driver grant, or `none` of them.
struct GrantOption: ExpressibleByArgument {
  /// Null: none.
  let grant: DriverGrant?

  init?(argument: String) {
    guard argument != "none" else {
      grant = nil
      return
    }
    guard let grant = DriverGrant(rawValue: argument) else { return nil }
    self.grant = grant
  }

  static var allValueStrings: [String] { DriverGrant.allCases.map(\.rawValue) + ["none"] }
}

/// A module that another one imports, as `NAME=FILE`.
struct LinkedModuleOption: ExpressibleByArgument {
  let name: String
  let path: String

  init?(argument: String) {
    guard let place = argument.firstIndex(of: "="), place != argument.startIndex else {
      return nil
    }
    name = String(argument[..<place])
    path = String(argument[argument.index(after: place)...])
    guard !path.isEmpty else { return nil }
  }
}

/// A size in bytes, as `65536`, `64K`, `1M` or `1G`.
private func size(_ argument: String) throws -> UInt64 {
  guard let size = byteCount(argument) else {
    throw ValidationError("give a number of bytes, such as 65536, 64K, 1M or 1G")
  }
  return size
}

/// For which CPU, and from what.
struct TargetOptions: ParsableArguments {
  @Option(help: "The CPU to build for. (default: this machine's)")
  var target: Target?

  @Option(help: "The program to build, where the package makes several.")
  var product: String?

  @Option(name: [.short, .long], help: "Whether the compiler optimises.")
  var configuration = BuildConfiguration.release

  @Option(
    help: "Where everything built lies. (default: .build/nova in the package)",
    completion: .directory)
  var scratchPath: String?
}

/// What is written into the program's bootstrap record.
struct SettingsOptions: ParsableArguments {
  @Option(help: "Bytes reserved for the main stack: 64K to 1G.", transform: size)
  var stackSize: UInt64?

  @Option(help: "How much of the stack is committed and zeroed before main.")
  var stackPolicy: StackPolicy?

  @Option(
    help: "Bytes of the stack that the policy 'initial' commits and zeroes.", transform: size)
  var initialWindow: UInt64?

  @Option(help: "Bytes of the heap's arena: 64K to 64G.", transform: size)
  var heapSize: UInt64?

  @Option(help: "Extra workers of the executor: 0 to 256.")
  var workers: UInt64?

  @Flag(help: "Stop when a fixed address is taken, rather than start elsewhere.")
  var strict = false

  @Option(help: "Where hash seeds and random numbers come from.")
  var entropy: EntropyPolicy?

  @Option(help: "Whether memory primitives may use what the CPU offers.")
  var cpuPolicy: CPUPolicy?

  @Option(
    help: ArgumentHelp(
      "What drivers may reach, in place of the console; repeat it for several, or say 'none'.",
      valueName: "grant"))
  var grant: [GrantOption] = []

  func validate() throws {
    guard grant.count <= 1 || grant.allSatisfy({ $0.grant != nil }) else {
      throw ValidationError("--grant none stands alone; leave it out, or the other grants")
    }
  }

  var settings: BuildSettings {
    var settings = BuildSettings()
    settings.stackByteCount = stackSize
    settings.stackPolicy = stackPolicy
    settings.initialWindowByteCount = initialWindow
    settings.heapByteCount = heapSize
    settings.workerCount = workers
    settings.isStrict = strict
    settings.entropyPolicy = entropy
    settings.cpuPolicy = cpuPolicy
    settings.driverGrants = grant.isEmpty ? nil : Set(grant.compactMap(\.grant))
    return settings
  }
}

extension TargetOptions {
  /// The CPU that was asked for, or this machine's.
  func chosenTarget() throws(Failure) -> Target { try orHost(target) }

  /// A build of the package in the current folder.
  func packageBuild() throws(Failure) -> PackageBuild {
    var build = PackageBuild(target: try chosenTarget())
    build.configuration = configuration
    build.product = product
    build.scratchFolder = scratchPath.map(absolutePath)
    return build
  }

  /// The program that a verb means: the file, or what the package in the current folder makes.
  func program(
    file: String?, settings: BuildSettings = BuildSettings()
  ) throws(Failure) -> (path: String, target: Target) {
    if let file {
      let found = try readProgram(file).target
      if let target, target != found {
        throw Failure(
          "\(file) is a program for \(found.rawValue), not for \(target.rawValue); leave out "
            + "--target, or build it again for \(target.rawValue)")
      }
      return (file, found)
    }
    var build = try packageBuild()
    build.settings = settings
    let programs: [PackageBuild.Program]
    do {
      programs = try build.run(folder: ".", installation: try locateInstallation())
    } catch {
      throw error as? Failure ?? describe(error as? PackageBuildError)
    }
    guard programs.count == 1 else {
      throw describe(.severalPrograms(programs.map(\.name)))
    }
    return (programs[0].path, build.target)
  }
}

/// The path from the root; one that is absolute stays.
func absolutePath(_ path: String) -> String {
  path.hasPrefix("/") ? path : "\(Files.currentFolder)/\(path)"
}

/// The CPU that was said, or this machine's.
func orHost(_ target: Target?) throws(Failure) -> Target {
  guard let chosen = target ?? Target.host else {
    throw Failure(
      "programs for this machine's CPU cannot be built; say --target x86_64, aarch64 or riscv64")
  }
  return chosen
}

func locateInstallation() throws(Failure) -> Installation {
  do { return try Installation.locate() } catch { throw describe(error) }
}

/// Reads a program; refuses everything that is not an ELF program.
func readProgram(_ path: String) throws(Failure) -> ELFFile {
  let bytes: [UInt8]
  do { bytes = try readFile(path) } catch { throw describe(error) }
  let file: ELFFile
  do { file = try ELFFile(bytes) } catch {
    if case .notELF = error, let foreign = ForeignFile(bytes) {
      throw describe(foreign, path, not: "a program")
    }
    throw describe(error, in: path)
  }
  guard file.kind == .executable else {
    throw Failure(
      "\(path) is \(file.kind == .relocatable ? "an object file" : "position-independent"), not a "
        + "static program; give a program that nova build made")
  }
  return file
}
