// CompileModule.swift — `nova compile MODULE`: a module's native code as an object file.
// Hosted. Imports ArgumentParser and NovaToolchain.

import ArgumentParser
import NovaToolchain

/// How much is done to make native code fast.
struct NativeEffortOptions: ParsableArguments {
  @Flag(help: "Compile to native code in little time; it is slower.")
  var fast = false

  @Flag(name: [.customShort("O"), .long], help: "Compile to the fastest native code.")
  var optimize = false

  var value: NativeBuildEffort? { fast ? .fast : optimize ? .optimized : nil }

  func validate() throws {
    if fast, optimize { throw ValidationError("--fast and -O are opposites; give one of them.") }
  }
}

struct Compile: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Compile a module to native code, as an object to be linked into a program.",
    discussion: """
      The object defines nova_native_main, which a program gives to the module that it was \
      compiled from; 'nova build' makes whole programs of such code. Needs nova-native, which \
      'make native-deps native' builds in NovaCore's folder.
      """)

  @Argument(help: "A module.", completion: .file(extensions: ["nvc", "nvasm", "wasm"]))
  var module: String

  @Option(
    name: [.short, .long], help: "The object. (default: the module's name with .o)",
    completion: .file())
  var output: String?

  @Option(help: "The CPU to compile for. (default: this machine's)")
  var target: Target?

  @OptionGroup var effort: NativeEffortOptions

  @Flag(help: "The code counts fuel; without this, calls with fuel are interpreted.")
  var fuel = false

  func run() throws {
    let name = Files.name(of: module)
    let stem = name.lastIndex(of: ".").map { String(name[..<$0]) } ?? name
    let object = output ?? stem + ".o"
    try refuseToReplace(module, by: object)
    let cpu = try orHost(target)
    let installation = try locateInstallation()
    let bytes: [UInt8]
    do { bytes = try ModuleBuild.verifiedBytes(module, note: { report("nova: \($0)") }) } catch {
      throw describe(error, module: module)
    }
    let code: [UInt8]
    do throws(NativeBuildError) {
      var tool = try NativeTool(installation)
      tool.effort = effort.value
      tool.countsFuel = fuel
      code = try tool.object(of: bytes, for: cpu)
    } catch { throw describe(error, native: module) }
    try writeOutput(code, to: object)
    print(object)
  }
}
