// BookPrograms.swift — the book's blocks of Swift and C as programs, compiled against the rooms
// that the tests, and the runners, were built with.
// Hosted. Imports NovaToolchain, TestSupport and Testing.

import NovaToolchain
import TestSupport
import Testing

/// The blocks of a page that are one program.
///
/// A block with `@main` is one alone. A page's other blocks are one with PAGE.swift of
/// Tests/BookPrograms, which calls what they declare, and with the page's C, behind which PAGE.c
/// stands.
struct BookProgram: Sendable, CustomTestStringConvertible {
  /// The page's name, with a number behind it for a block alone.
  let name: String
  let swift: [String]
  /// Empty where there is none.
  var c = ""
  var header = ""

  var testDescription: String { name }

  /// Where its files are written to.
  static let harnesses = "\(Guests.root)/Tests/BookPrograms"

  static func all() throws -> [BookProgram] {
    try Book.pages().filter { $0 != "README" }.flatMap(programs(of:))
  }

  private static func programs(of page: String) throws -> [BookProgram] {
    let blocks = try Book.blocks(of: page).filter {
      // A manifest is no program's source; a file of C with a name is for commands on its page.
      !$0.text.contains("import PackageDescription") && ($0.language != "c" || $0.fileName == nil)
    }
    let swift = blocks.filter { $0.language == "swift" }.map(\.text)
    let whole = swift.filter { $0.contains("@main") }
    let parts = swift.filter { !$0.contains("@main") }
    var programs = whole.enumerated().map { index, text in
      BookProgram(name: "\(page)\(index + 1)", swift: [text])
    }
    guard !parts.isEmpty else { return programs }
    var program = BookProgram(name: page, swift: parts + [try harness("\(page).swift")])
    let c = blocks.filter { $0.language == "c" }.map(\.text)
    if !c.isEmpty {
      program.c = try (c + [harness("\(page).c")]).joined()
      program.header = try harness("\(page).h")
    }
    programs.append(program)
    return programs
  }

  /// What a test adds to a page's blocks; empty where it adds nothing.
  private static func harness(_ name: String) throws -> String {
    let path = "\(harnesses)/\(name)"
    return Files.exists(path) ? String(decoding: try readFile(path), as: UTF8.self) : ""
  }

  /// Compiles it in a folder.
  ///
  /// - Returns: the program's path.
  func build(in folder: TemporaryFolder, for rooms: BuiltRooms) throws -> String {
    var files: [String] = []
    for (index, text) in swift.enumerated() {
      let file = "\(name)/Part\(index).swift"
      try folder.write(text, to: file)
      files.append("\(folder.path)/\(file)")
    }
    if !c.isEmpty {
      let place = "\(folder.path)/\(name)"
      try folder.write(header, to: "\(name)/Book\(name)C.h")
      try folder.write(
        "module Book\(name)C { header \"Book\(name)C.h\" }\n", to: "\(name)/module.modulemap")
      try folder.write(c, to: "\(name)/Blocks.c")
      try rooms.compile("\(place)/Blocks.c", to: "\(place)/Blocks.o")
      files += ["\(place)/Blocks.o", "-I", place]
    }
    let program = "\(folder.path)/\(name)/program"
    try rooms.compile(files, to: program, module: "Book\(name)")
    return program
  }
}

/// Rooms from NovaSystem to NovaWASI that were compiled for other programs.
struct BuiltRooms: Sendable {
  private let folder: String
  /// The program whose objects are taken, but for its own.
  private let program: String
  /// Of the Swift compiler, and of Clang.
  private let (swiftOptions, cOptions): ([String], [String])

  /// For this machine's system: those of the command, as `swift build` made them for the tests.
  static func hosted() -> BuiltRooms {
    BuiltRooms(
      folder: Files.parent(of: Command.path), program: "nova", swiftOptions: [], cOptions: [])
  }

  /// For x86_64 without an operating system: those of the runner that `make runners` built.
  static func freestanding() throws -> BuiltRooms {
    let target = Target.x86_64
    let bundle = "\(Guests.root)/build/sdks/novacore.artifactbundle/\(target.sdkName)"
    let text = String(decoding: try readFile("\(bundle)/toolset.json"), as: UTF8.self)
    func options(of tool: String) throws -> [String] {
      let line = try #require(text.split(separator: "\n").first { $0.contains("\"\(tool)\"") })
      let list = try #require(line.split(separator: "[").last).prefix { $0 != "]" }
      return list.split(separator: ",").map { String($0.filter { $0 != "\"" && $0 != " " }) }
    }
    let linker = try options(of: "linker").flatMap { ["-Xlinker", $0] }
    return BuiltRooms(
      folder: "\(Guests.root)/build/runners/.build/\(target.rawValue)/\(target.triple)/release",
      program: "runner",
      swiftOptions: try ["-target", target.triple] + options(of: "swiftCompiler")
        + ["-L", "\(bundle)/lib"] + linker,
      cOptions: try ["-target", target.triple] + options(of: "cCompiler"))
  }

  private var include: String { "\(Guests.root)/crt/include" }

  /// Swift files and objects become a program.
  func compile(_ files: [String], to output: String, module: String) throws {
    let list = "\(folder)/\(program).product/Objects.LinkFileList"
    try #require(Files.exists(list), "run make runners, and swift build")
    let notRooms = [
      program, "NovaAssembler", "NovaWasm", "NovaToolchain", "OperationTable", "CNovaProbe",
      "ArgumentParser", "ArgumentParserToolInfo",
    ]
    let objects = String(decoding: try readFile(list), as: UTF8.self).split(separator: "\n")
      .map { $0.filter { $0 != "'" } }
      .filter { path in !notRooms.contains { path.contains("/\($0).build/") } }
    let maps = ["\(include)/module.modulemap", "\(folder)/CNovaHost.build/module.modulemap"]
    try run(
      "swiftc",
      ["-swift-version", "6", "-parse-as-library", "-warnings-as-errors", "-module-name", module]
        + ["-I", "\(folder)/Modules"] + maps.flatMap { ["-Xcc", "-fmodule-map-file=\($0)"] }
        + swiftOptions + files + objects + ["-o", output])
  }

  /// A file of C becomes an object.
  func compile(_ file: String, to output: String) throws {
    try run(
      "clang",
      ["-std=gnu2x", "-Wall", "-Wextra", "-Werror", "-I", include] + cOptions
        + ["-c", file, "-o", output])
  }

  private func run(_ tool: String, _ arguments: [String]) throws {
    let ran = try Command.run(tool, arguments)
    try #require(ran.status == 0, "\(ran.output)\(ran.errorOutput)")
  }
}
