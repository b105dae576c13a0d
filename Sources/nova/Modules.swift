// Modules.swift — `nova asm`, `dis`, `verify`, `stats`, `strip` and `diff`: modules and their text.
// Hosted. Imports ArgumentParser, NovaAssembler, NovaToolchain and NovaWasm.

import ArgumentParser
import NovaAssembler
import NovaToolchain
import NovaWasm

struct Assemble: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "asm",
    abstract: "Make a module from assembly text or WebAssembly.",
    discussion: """
      Exit status 1 when the text has faults, or the WebAssembly breaks its rules; nothing is \
      written then.
      """)

  @Argument(
    help: "Assembly text, .nvasm, or WebAssembly, .wasm.",
    completion: .file(extensions: ["nvasm", "wasm"]))
  var file: String

  @Option(
    name: [.short, .long], help: "The module. (default: the file's name with .nvc)",
    completion: .file())
  var output: String?

  @Flag(name: [.customShort("O"), .long], help: "Forward results and fuse operations.")
  var optimize = false

  @Flag(name: [.customShort("g"), .long], help: "Record the text's lines, for traps.")
  var lines = false

  func run() throws {
    let text = try readInput(file)
    if FileKind(magic: text) == .webAssembly { return try translate(text) }
    guard !isModule(text) else {
      throw Failure("\(file) is a module, not text; nova run, dis and build take it as it is")
    }
    try Self.checkText(text, file)
    let options = Assembler.Options(
      isOptimized: optimize, recordsLines: lines, fileName: Files.name(of: file))
    let bytes: [UInt8]
    do { bytes = try Assembler.assemble(text, options: options) } catch {
      report(error.text(of: SourceText(text), path: file))
      let count = error.diagnostics.count
      throw Failure(
        "\(file) has \(count) fault\(count == 1 ? "" : "s"); nothing was written",
        status: .failed)
    }
    try checkSegments(bytes)
    try write(bytes, ending: ".nvasm")
  }

  /// Refuses what the assembler could only say unhelpful things of.
  private static func checkText(_ bytes: [UInt8], _ path: String) throws(Failure) {
    switch ForeignFile(bytes) {
    case .assembly?, .text?, .other(.empty)?: return
    case .webAssemblyText?: throw describe(.webAssemblyText, path, not: "NovaCore's assembly")
    case .other(let kind)?: throw describe(.other(kind), path, not: "text")
    case nil:
      throw Failure("\(path) is no text; give assembly text, .nvasm, or WebAssembly, .wasm")
    }
  }

  private func checkSegments(_ module: [UInt8]) throws(Failure) {
    guard let segment = ModuleFile(module).misplacedSegment else { return }
    throw Failure("\(file): \(segment.text)", status: .failed)
  }

  /// Names, and lines where there are any, come along.
  private func translate(_ bytes: [UInt8]) throws(Failure) {
    guard !optimize, !lines else {
      throw Failure(
        "-O and -g are for text; WebAssembly is always optimized, and keeps the lines that it has")
    }
    let module = try translated(bytes, file)
    do { try Modules.verify(module) } catch { throw describe(error, in: file) }
    try checkSegments(module)
    try write(module, ending: ".wasm")
  }

  private func write(_ module: [UInt8], ending: String) throws(Failure) {
    let stem = file.hasSuffix(ending) ? String(file.dropLast(ending.count)) : file
    let path = output ?? stem + ".nvc"
    try refuseToReplace(file, by: path)
    try writeOutput(module, to: path)
  }
}

struct Disassemble: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "dis",
    abstract: "Show a module as assembly text; assembled, it is the same module.")

  @Argument(help: "A module.", completion: .file())
  var file: String

  @Option(
    name: [.short, .long], help: "The text's file. (default: the standard output)",
    completion: .file())
  var output: String?

  @Flag(help: "Say behind each instruction in which word of its function it begins, as traps do.")
  var words = false

  func run() throws {
    let bytes = try readModule(file)
    let text: String
    do { text = try Modules.text(of: bytes, showsWords: words) } catch {
      throw describe(error, in: file)
    }
    guard let output else { return print(text, terminator: "") }
    try refuseToReplace(file, by: output)
    try writeOutput(Array(text.utf8), to: output)
  }
}

struct Verify: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Say whether modules may run.",
    discussion: "Exit status 1 when one may not; each is told with function, offset and reason.")

  @Argument(help: "Modules.", completion: .file())
  var files: [String]

  func run() throws {
    var isRefused = false
    for file in files {
      let bytes = try readInput(file)
      do throws(Failure) {
        let (functions, words) = try Self.verify(bytes, file)
        print("\(file): verified; functions: \(functions), bytes of code: \(words * 8)")
      } catch {
        report("nova: \(error.message)")
        isRefused = true
      }
    }
    if isRefused { throw Failure("", status: .failed) }
  }

  private static func verify(
    _ bytes: [UInt8], _ file: String
  ) throws(Failure) -> (functionCount: Int, wordCount: Int) {
    let module = try translated(bytes, file)
    do {
      let verified = try Modules.verify(module)
      return (verified.functionCount, verified.wordCount)
    } catch { throw describe(error, in: file) }
  }
}

struct Stats: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Count a module's operations and the bytes of its sections.")

  @Argument(help: "A module.", completion: .file())
  var file: String

  @Flag(help: "Print the counts for machines, as JSON.")
  var json = false

  func run() throws {
    let bytes = try readModule(file)
    do {
      let statistics = try ModuleStatistics(bytes)
      print(json ? statistics.json : statistics.text, terminator: "")
    } catch {
      throw describe(error, in: file)
    }
  }
}

struct Strip: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Take names, lines and custom sections out of a module.",
    discussion: "What the module does is the same; its traps are told without names and lines.")

  @Argument(help: "A module.", completion: .file())
  var file: String

  @Option(
    name: [.short, .long], help: "The stripped module. (default: in the place of the other)",
    completion: .file())
  var output: String?

  func run() throws {
    let bytes = try readInput(file)
    let isOther = FileKind(magic: bytes) == .webAssembly || file.hasSuffix(".nvasm")
    guard !isOther || output != nil else {
      throw Failure("strip writes a module, .nvc, which \(file) is not; say where: --output FILE")
    }
    let module = try translated(bytes, file)
    let stripped: [UInt8]
    do { stripped = try Modules.stripped(module) } catch { throw describe(error, in: file) }
    if isOther, let output { try refuseToReplace(file, by: output) }
    try writeOutput(stripped, to: output ?? file)
  }
}

struct Diff: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Show how two modules differ, as text.",
    discussion: "Exit status 1 when they do.")

  @Argument(help: "A module.", completion: .file())
  var old: String

  @Argument(help: "Another module.", completion: .file())
  var new: String

  func run() throws {
    let (oldBytes, newBytes) = (try readModule(old), try readModule(new))
    let (oldText, newText) = (try text(oldBytes, old), try text(newBytes, new))
    guard oldBytes != newBytes else { return }
    print("--- \(old)\n+++ \(new)")
    print(TextDifference.text(oldText, newText), terminator: "")
    throw Failure("", status: .failed)
  }

  private func text(_ bytes: [UInt8], _ path: String) throws(Failure) -> String {
    do { return try Modules.text(of: bytes) } catch { throw describe(error, in: path) }
  }
}

/// Whether a file is a module, or becomes one, by its first bytes.
func isModule(_ bytes: [UInt8]) -> Bool {
  let kind = FileKind(magic: bytes)
  return kind == .novaModule || kind == .webAssembly
}

/// The module in a file, translated where that is WebAssembly, assembled where it is text.
func readModule(_ path: String) throws(Failure) -> [UInt8] {
  try translated(try readInput(path), path)
}

/// The module that `bytes` of the file at `path` are, or become.
func translated(_ bytes: [UInt8], _ path: String) throws(Failure) -> [UInt8] {
  let progress = ImportProgress(path)
  defer { progress.clear() }
  do {
    return try ModuleBuild.moduleBytes(
      bytes, path, note: { report("nova: \(path): \($0)") },
      progress: { progress.show($0, of: $1) })
  } catch {
    throw describe(error, module: path)
  }
}

/// `path` is the WebAssembly file.
func describe(_ error: WasmError, in path: String) -> Failure {
  Failure("\(path): \(error.text)")
}

func readInput(_ path: String) throws(Failure) -> [UInt8] {
  do { return try readFile(path) } catch { throw describe(error) }
}

/// What was read isn't lost to what is made of it.
func refuseToReplace(_ input: String, by output: String) throws(Failure) {
  guard let place = Files.resolve(output), place == Files.resolve(input) else { return }
  throw Failure("\(output) would take the place of what it is made of; give another --output")
}

func writeOutput(_ bytes: [UInt8], to path: String) throws(Failure) {
  do { try Files.write(bytes, to: path) } catch { throw describe(error) }
}

/// `path` is the file that was read.
func describe(_ error: ModuleRefusal, in path: String) -> Failure {
  Failure("\(path): \(error.text)", status: error.isRefusal ? .failed : .impossible)
}

extension ModuleRefusal {
  /// Whether it is a module whose code may not run, rather than no module.
  fileprivate var isRefusal: Bool {
    if case .format = self { false } else { true }
  }
}
