// PrunedProgramTests.swift — a pruned program whose modules import nothing from outside has no
// loader, and says and does what a whole one does.

import TestSupport
import Testing

@Suite struct PrunedProgramTests {
  /// Runs of one program, by their arguments.
  private func compare(
    _ files: [String: String], _ build: [String], _ runs: [[String]], on cpu: GuestCPU = .x86_64,
    sourceLocation: SourceLocation = #_sourceLocation
  ) throws {
    let folder = try TemporaryFolder()
    for (name, text) in files { try folder.write(text, to: name) }
    for (name, options) in [("whole", []), ("pruned", ["--prune"])] {
      let made = try Command.nova(
        ["build"] + build + ["-o", name, "--target", "\(cpu)"] + options, in: folder.path)
      try #require(made.status == 0, "\(made.errorOutput)", sourceLocation: sourceLocation)
    }
    for words in runs {
      let (whole, pruned) = (
        try Completion.run(
          cpu.emulator, arguments: ["\(folder.path)/whole"] + words, environment: []),
        try Completion.run(
          cpu.emulator, arguments: ["\(folder.path)/pruned"] + words, environment: [])
      )
      #expect(whole == pruned, "\(words)", sourceLocation: sourceLocation)
    }
  }

  @Test(arguments: CorpusProgram.all)
  func `a program of the corpus does the same when it is pruned`(program: CorpusProgram) throws {
    guard case .run(let expectation) = program.expectation else { return }
    // NAME(TYPE VALUE, …) = …
    let parts = expectation.split(separator: "(", maxSplits: 1)
    let values = parts[1].prefix { $0 != ")" }.split(separator: ",")
    let call = ["--invoke", String(parts[0])] + values.map { String($0.split(separator: " ")[1]) }
    let host = Corpus.bytes(of: "\(Corpus.folder)/Providers/host.nvasm")
    try compare(
      ["program.nvasm": program.text, "host.nvasm": String(decoding: host, as: UTF8.self)],
      ["program.nvasm", "--with", "host=host.nvasm"],
      [call, ["--fuel", "3"] + call, [], ["--invoke", "none"]])
  }

  /// A memory, a table and limits on both.
  private static let growing = """
    .type    leaf () -> i32
    .memory  1 40
    .table   leaves funcref 2 50
    .elem    at 0 one, one
    .data    at 65530 "edge"
    .export  func grow
    .export  func elements
    .export  func spin
    .export  func deep
    .start   begin
    .global  begun mut i32 = 1

    .func begin ()
        .reg        two
        const32     two, 2
        global.set  two, begun
        ret0
    .end
    .func one () -> i32
        .reg        value
        const32     value, 1
        ret         value
    .end
    .func grow (pages: i32) -> i32
        .reg        before, size, begun
        memory.grow before, pages, 0
        memory.size size, 0
        i32.muli    size, size, 100
        i32.add     before, before, size
        ret         before
    .end
    .func elements (count: i32) -> i32
        .reg        before, element
        const32     before, 1
        table.get   element, before, leaves
        table.grow  before, element, count, leaves
        ret         before
    .end
    .func spin ()
    again:
        jmp         again
    .end
    .func deep () -> i32
        .reg        result
        .window     w
        call        w, deep
        mov         result, w
        ret         result
    .end

    """

  @Test(arguments: GuestCPU.allCases)
  func `limits and growth are the same`(cpu: GuestCPU) throws {
    var runs: [[String]] = [["--invoke", "deep"], ["--fuel", "100", "--invoke", "spin"]]
    for memory in [[], ["--memory", "64K"], ["--memory", "320K"], ["--memory", "100G"]] {
      for pages in ["0", "1", "4", "39", "40", "-1"] {
        runs.append(memory + ["--invoke", "grow", pages])
      }
    }
    for (option, value) in [("--memory", "1"), ("--memory", "65552"), ("--fuel", "0")] {
      runs.append([option, value, "--invoke", "elements", "3"])
    }
    for count in ["0", "48", "49", "-1"] { runs.append(["--invoke", "elements", count]) }
    runs += [["--depth", "10", "--invoke", "deep"], ["--depth", "3"], ["--fule", "1"]]
    for (limit, count) in [("1", "1"), ("9", "7"), ("9", "8")] {
      runs.append(["--table", limit, "--invoke", "elements", count])
    }
    runs += [["--timeout", "20", "--invoke", "spin"], ["--invoke", "grow"], ["--invoke"]]
    runs += [["--invoke", "grow", "x"], ["--fuel", "x"]]
    try compare(["program.nvasm": Self.growing], ["program.nvasm"], runs, on: cpu)
  }
}
