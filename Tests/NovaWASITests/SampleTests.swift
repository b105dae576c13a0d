// SampleTests.swift — C, Rust and Swift as WebAssembly: what the samples print, run and built.

import NovaToolchain
import TestSupport
import Testing

/// A program of Samples/WebAssembly.
struct WebAssemblySample: CustomTestStringConvertible {
  var name: String
  /// A file that only its compiler's packages bring.
  var needed: String
  var input = ""
  var words: [String] = []
  /// What it is granted.
  var options: [String] = []
  var output: String
  /// What it leaves in the file `report`.
  var report: String?

  var testDescription: String { name }
  var isBuildable: Bool { Files.exists(needed) && WASIPrograms.areInstalled }

  static let inventory = WebAssemblySample(
    name: "inventory", needed: "/usr/lib/wasm32-wasi/libc.a",
    input: "bolt 100 5\nnut 200 3\nbolt 50 6\nwasher 1000 1\ngear 3 1250\nnut 10 4\n",
    words: ["input", "report", "2"], options: ["--dir", ".::/"],
    output: "6 deliveries, 4 articles\n9 cents\n",
    report: """
      gear              3        37.50
      washer         1000        10.00
      bolt            150         8.00
      nut             210         6.40

      """)

  static let genealogy = WebAssemblySample(
    name: "genealogy", needed: "/usr/lib/rustlib/wasm32-wasi",
    input: "Ada Bob\nAda Cy\nBob Dee\nBob Eve\nCy Fay\nFay Gus\n", options: ["--stdin"],
    output: """
        0 (1)     Ada
        1 (2)     Bob, Cy
        2 (3)     Dee, Eve, Fay
        3 (1)     Gus
      7 people, 1.500 children of each parent

      """)

  static let shapes = WebAssemblySample(
    name: "shapes", needed: "/usr/lib/wasm32-wasi/libc.a",
    output: """
      a square of 900 mm²
      a sheet of 2756 mm² with 12 holes
      a rectangle of 4000 mm²
      15 shapes, 7656 mm²
      0 shapes are left

      """)

  static let all = [inventory, genealogy, shapes]

  /// Builds it and puts its input beside it; null when a tool is missing, which is told.
  func build(in folder: TemporaryFolder) throws -> Bool {
    guard isBuildable else {
      print("skipped: \(name) is not built; Samples/WebAssembly/build FOLDER \(name) says why")
      return false
    }
    let made = try Command.run(
      "\(Guests.root)/Samples/WebAssembly/build", [folder.path, name], in: folder.path)
    try #require(made.status == 0, "\(made.errorOutput)")
    try folder.write(input, to: "input")
    return true
  }

  func expect(_ ended: Completion, in folder: TemporaryFolder) throws {
    #expect(ended == Completion(status: 0, output: output), "\(ended.errorOutput)")
    guard let report else { return }
    #expect(String(decoding: try readFile("\(folder.path)/report"), as: UTF8.self) == report)
  }
}

@Suite(.serialized) struct SampleTests {
  @Test(arguments: WebAssemblySample.all)
  func `a sample runs from its file`(sample: WebAssemblySample) throws {
    let folder = try TemporaryFolder()
    guard try sample.build(in: folder) else { return }
    let ended = try Command.nova(
      ["run", "\(sample.name).wasm"] + sample.options + ["--"] + sample.words, in: folder.path,
      input: "\(folder.path)/input")
    try sample.expect(ended, in: folder)
  }

  @Test(arguments: WebAssemblySample.all, GuestCPU.allCases)
  func `a sample is a program`(sample: WebAssemblySample, cpu: GuestCPU) throws {
    let folder = try TemporaryFolder()
    guard try sample.build(in: folder) else { return }
    let made = try Command.nova(
      ["build", "\(sample.name).wasm", "-o", "program", "--target", "\(cpu)"] + sample.options,
      in: folder.path)
    try #require(made.status == 0, "\(made.errorOutput)")
    let emulator = try #require(findExecutable(named: cpu.emulator))
    let ended = try Command.run(
      emulator, ["program"] + sample.words, in: folder.path, input: "\(folder.path)/input")
    try sample.expect(ended, in: folder)
  }

  @Test(arguments: GuestCPU.allCases)
  func `a sample starts the same way in every run, whatever its streams are`(
    cpu: GuestCPU
  ) throws {
    let folder = try TemporaryFolder()
    guard try WebAssemblySample.shapes.build(in: folder) else { return }
    let made = try Command.nova(
      ["build", "shapes.wasm", "-o", "program", "--target", "\(cpu)"], in: folder.path)
    try #require(made.status == 0, "\(made.errorOutput)")
    // Its output is another pipe in each run, whose number its stack may not keep.
    let checked = try Command.nova(["check", "program"], in: folder.path)
    #expect(checked.status == 0, "\(checked)")
    #expect(checked.output.contains("verdict                     the same in every run\n"))
  }

  @Test func `a trap of the C sample names its lines`() throws {
    let folder = try TemporaryFolder()
    guard try WebAssemblySample.inventory.build(in: folder) else { return }
    let words = ["input", "report", "0"]
    let built = try Command.nova(
      ["build", "inventory.wasm", "-o", "program", "--dir", ".::/"], in: folder.path)
    try #require(built.status == 0, "\(built.errorOutput)")
    let stopped = try Command.run("\(folder.path)/program", words, in: folder.path)
    #expect(stopped.status == 1)
    #expect(
      stopped.errorOutput.hasPrefix(
        """
        the module was stopped: an integer was divided by zero
          at main (main.c:65), word \

        """), "\(stopped.errorOutput)")
    let ended = try Command.nova(
      ["run", "inventory.wasm", "--dir", ".::/", "--"] + words, in: folder.path)
    #expect(ended.status == 1)
    // The function that divides is inlined into its caller; the line is its own.
    #expect(
      ended.errorOutput.hasPrefix(
        """
        nova: inventory.wasm: an integer was divided by zero
          at main (main.c:65) in inventory.wasm, word \

        """), "\(ended.errorOutput)")
  }
}
