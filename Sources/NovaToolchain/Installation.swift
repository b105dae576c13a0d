// Installation.swift — where NovaCore's sources, linker script and SDK bundle lie.
// Hosted. Imports Glibc.

import Glibc

/// Why NovaCore was not found.
public enum InstallationError: Error, Equatable {
  /// NOVACORE_ROOT names a folder that does not hold NovaCore.
  case notInRoot(path: String)
  /// None of the folders beside the command holds NovaCore.
  case notFound(searched: [String])
  /// No runner for `target` was built or installed.
  case noRunner(target: Target, path: String)
  /// The bundle could not be made; what `linker/make-sdk` wrote.
  case bundle(output: String)
  case process(ProcessError)
  case file(FileChangeError)
}

/// NovaCore on this machine: a checkout, or what `make install` copied.
public struct Installation: Sendable, Equatable {
  /// The folder of Package.swift; absolute, without links.
  public let root: String

  /// Finds the installation: NOVACORE_ROOT, else beside the running command.
  ///
  /// A command in `…/bin` belongs to `…/share/novacore`; one below a checkout belongs to it.
  public static func locate() throws(InstallationError) -> Installation {
    if let root = environmentVariable("NOVACORE_ROOT") {
      guard let found = Installation(at: root) else { throw .notInRoot(path: root) }
      return found
    }
    var folder = Files.parent(of: Files.resolve("/proc/self/exe") ?? "/")
    var searched = [Files.parent(of: folder) + "/share/novacore"]
    if let found = Installation(at: searched[0]) { return found }
    while folder != "/" {
      searched.append(folder)
      if let found = Installation(at: folder) { return found }
      folder = Files.parent(of: folder)
    }
    throw .notFound(searched: searched)
  }

  /// The installation in `folder`; null when the folder does not hold one.
  init?(at folder: String) {
    let parts = ["Package.swift", "linker/nova.ld", "linker/make-sdk", "crt/include/nova_abi.h"]
    guard let root = Files.resolve(folder), parts.allSatisfy({ Files.exists("\(root)/\($0)") })
    else { return nil }
    self.root = root
  }

  /// Makes the Swift SDK bundle where it is missing or older than what it is made from.
  ///
  /// - Parameter fallback: a folder for the bundle when the installation cannot be written.
  /// - Returns: the folder that holds the bundle, for `--swift-sdks-path`.
  /// - Throws: `InstallationError` when the bundle cannot be made; no half of one is left.
  public func prepareBundle(fallback: String) throws(InstallationError) -> String {
    let own = "\(root)/build/sdks"
    if let made = Files.modificationTime(Self.stamp(own)), made >= sourcesChanged { return own }
    let isOwnWritable = Files.isWritable(Files.exists(own) ? own : buildFolder)
    let folder = isOwnWritable ? own : fallback
    do { try Files.makeFolder(folder) } catch { throw .file(error) }
    let bundle = "\(folder)/novacore.artifactbundle"
    let outcome: ProcessOutcome
    do {
      outcome = try NovaToolchain.run(
        ProcessRequest("\(root)/linker/make-sdk", ["--output", bundle]))
    } catch { throw .process(error) }
    guard outcome.isSuccess else { throw .bundle(output: outcome.errorText) }
    return folder
  }

  /// The tracing plug-in for qemu; built where it is missing and the installation can be written.
  ///
  /// - Returns: null when it is missing and cannot be built.
  public func preparePlugIn() -> String? {
    if let plugIn = QemuProbe.plugIn(in: root) { return plugIn }
    guard Files.isWritable(buildFolder) else { return nil }
    let request = ProcessRequest("\(root)/qemu/build-plugin", ["--output", "\(root)/build"])
    guard let outcome = try? NovaToolchain.run(request), outcome.isSuccess else { return nil }
    return QemuProbe.plugIn(in: root)
  }

  /// The program that runs the module put into it.
  ///
  /// - Parameters:
  ///   - target: the CPU.
  ///   - kind: what its modules import.
  /// - Returns: the path of its file.
  /// - Throws: `InstallationError.noRunner`.
  public func runner(
    for target: Target, _ kind: ModuleRunner = .drivers
  ) throws(InstallationError) -> String {
    let path = runnerPath(for: target, kind)
    guard Files.exists(path) else { throw .noRunner(target: target, path: path) }
    return path
  }

  /// Where a CPU's runner lies; with `.o`, what it is linked from.
  func runnerPath(for target: Target, _ kind: ModuleRunner) -> String {
    "\(root)/build/runners/\(target.rawValue)/\(kind.rawValue)"
  }

  private var buildFolder: String {
    Files.exists("\(root)/build") ? "\(root)/build" : root
  }

  private static func stamp(_ folder: String) -> String {
    "\(folder)/novacore.artifactbundle/info.json"
  }

  private var sourcesChanged: Int64 {
    ["linker/nova.ld", "linker/make-sdk"]
      .compactMap { Files.modificationTime("\(root)/\($0)") }.max() ?? 0
  }
}

extension Target {
  /// The compiler's name for the CPU without an operating system.
  public var triple: String {
    switch self {
    case .x86_64: "x86_64-unknown-none-elf"
    case .aarch64: "aarch64-none-none-elf"
    case .riscv64: "riscv64-none-none-eabi"
    }
  }

  /// The name of its Swift SDK in the bundle.
  public var sdkName: String { "\(rawValue)-nova" }

  /// The name of its user-mode emulator.
  public var emulator: String { "qemu-\(rawValue)" }
}

/// The programs that modules are put into, by what the modules import besides each other.
public enum ModuleRunner: String, Sendable {
  /// Nothing.
  case plain
  /// WASI.
  case wasi
  /// Drivers.
  case drivers = "runner"
  /// Both.
  case wasiAndDrivers = "runner-wasi"
  /// The module's compiled code.
  case native = "runner-native"

  /// What the linker is told when the program is pruned: `main`, and for programs without a loader
  /// what does what is outside of their modules; of whole ones build-runners tells it.
  ///
  /// - Parameter isCommand: whether all words of the command line are the module's.
  /// - Returns: symbols, and those whose addresses they have.
  func prunedSymbols(isCommand: Bool) -> [(name: String, value: String)] {
    func outside(_ kind: String) -> [(name: String, value: String)] {
      ["bind", "call", "stop"].map { ("nova_\($0)_outside", "nova_\($0)_\(kind)") }
    }
    return switch self {
    case .plain: [("main", "nova_pruned_main")] + outside("nothing")
    case .wasi:
      [("main", isCommand ? "nova_pruned_command_main" : "nova_pruned_wasi_main")]
        + outside("wasi")
    case .drivers: [("main", "runner_main")]
    case .wasiAndDrivers: [("main", "nova_wasi_drivers_main")]
    case .native: [("main", "runner_native_main")]
    }
  }
}
