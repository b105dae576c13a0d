// SymbolizeTests.swift — real reports of the guest `crash`, turned into functions and lines.

import Glibc
import Testing
import TestSupport

@testable import NovaToolchain

@Suite struct SymbolizeTests {
  private func report(_ kind: String, on cpu: GuestCPU) throws -> String {
    try Guests.run("crash", on: cpu, arguments: [kind]).errorOutput
  }

  private func symbolized(_ kind: String, on cpu: GuestCPU) throws -> String {
    try Symbolizer.symbolize(
      report: report(kind, on: cpu), program: Guests.path(of: "crash", on: cpu))
  }

  /// What of `names` stands in `text`, each behind the one before.
  private func ordered(_ names: [String], in text: String) -> [String] {
    var rest = text.split(separator: "\n")[...]
    return names.filter { name in
      guard let index = rest.firstIndex(where: { $0.contains(name) }) else { return false }
      rest = rest[(index + 1)...]
      return true
    }
  }

  /// The guest's argument, and functions and lines from the fault outwards.
  static let faults: [(kind: String, functions: [String])] = [
    (
      "chain",
      [
        "#0 ", " crash_c_leaf_of at ", "fromC(_:) at ", "closure #1 in static Faults.chain()",
        " crash_c_between at ", "static Faults.chain() at ", " crash()", " crash_main at ",
      ]
    ),
    ("c-null", [" crash_c_null at ", " crash()", " crash_main at "]),
    ("c-copy", [" mem", " crash_c_copy at ", " crash()", " crash_main at "]),
    ("c-recursion", [" crash_c_recursion at ", "#62 ", "#63 "]),
    ("c-call-null", [" outside the program's code", " crash_c_call at ", " crash()"]),
    ("c-abort", ["#0 ", " abort at ", " crash_c_abort at ", " crash()", " crash_main at "]),
    // The overrun took the frame of crash_c_smash's caller with it.
    ("c-smash", ["#0 ", " __stack_chk_fail at ", " crash_c_smash at "]),
    ("c-trap", [" crash_c_illegal at ", " crash()", " crash_main at "]),
    ("swift-recursion", ["#0 ", "recursion(_:) at ", "recursion(_:) at ", "recursion(_:) at "]),
    ("swift-array-bounds", ["arrayBounds(_:)", " crash()", " crash_main at "]),
    ("swift-integer-overflow", ["integerOverflow(_:)", " crash()", " crash_main at "]),
    ("swift-fatal", ["fatal()", " crash()", " crash_main at "]),
  ]

  @Test(arguments: GuestCPU.allCases, SymbolizeTests.faults.map(\.kind))
  func `a backtrace names functions of C and Swift in order`(cpu: GuestCPU, kind: String) throws {
    let functions = try #require(Self.faults.first { $0.kind == kind }?.functions)
    let text = try symbolized(kind, on: cpu)
    #expect(ordered(functions, in: text) == functions, "\(text)")
    #expect(!text.contains("$e"), "every Swift name is demangled")
  }

  @Test(arguments: GuestCPU.allCases)
  func `a leaf's fault names its line and the caller behind it`(cpu: GuestCPU) throws {
    let lines = try symbolized("chain", on: cpu).split(separator: "\n")
    func frame(_ index: Int) throws -> ArraySlice<Substring> {
      let first = try #require(lines.firstIndex { $0.hasPrefix("    #\(index) ") })
      return lines[first...].prefix { $0.hasPrefix("    #\(index) ") || $0.hasPrefix("     ") }
    }
    let leaf = try #require(try frame(0).first { $0.contains(" crash_c_null at ") })
    #expect(leaf.contains("/CCrash/crash.c:24"))
    #expect(try frame(1).contains { $0.contains(" crash_c_leaf_of at ") })
  }

  @Test(arguments: GuestCPU.allCases)
  func `a debug build's backtrace names the same functions`(cpu: GuestCPU) throws {
    let release = try Guests.path(of: "crash", on: cpu)
    let program = release.split(separator: "/", omittingEmptySubsequences: false)
      .map { $0 == "release" ? "debug" : $0 }.joined(separator: "/")
    for (kind, functions) in Self.faults where kind != "swift-fatal" {
      let end = try Completion.run(cpu.emulator, arguments: [program, kind], environment: [])
      let text = try Symbolizer.symbolize(report: end.errorOutput, program: program)
      #expect(ordered(functions, in: text) == functions, "\(text)")
    }
    let end = try Completion.run(
      cpu.emulator, arguments: [program, "swift-fatal"], environment: [])
    #expect(end.output == "before the fault\ncrash/main.swift:31: Fatal error: asked for\n")
    let text = try Symbolizer.symbolize(report: end.errorOutput, program: program)
    let functions = [" static Faults.fatal() at ", " crash() at ", " crash_main at "]
    #expect(ordered(functions, in: text) == functions, "\(text)")
  }

  @Test func `text around a report stays`() throws {
    let report = try report("c-null", on: .x86_64)
    let program = try Guests.path(of: "crash", on: .x86_64)
    let text = try Symbolizer.symbolize(
      report: "unfinished \(report)tail\n\(report)", program: program)
    let lines = text.split(separator: "\n")
    #expect(lines.first == "unfinished nova: fault: null dereference: address below 64 KiB")
    #expect(lines.contains("tail"))
    #expect(lines.filter { $0.contains(" crash_c_null at ") }.count == 2)
  }

  @Test func `a report whose lines end with CR LF is read`() throws {
    let report = try report("c-null", on: .x86_64)
    let program = try Guests.path(of: "crash", on: .x86_64)
    let text = String(report.map { $0 == "\n" ? "\r\n" : $0 })
    #expect(try Symbolizer.symbolize(report: text, program: program).contains(" crash_c_null at "))
  }

  @Test func `a stripped program is refused`() throws {
    let path = "/tmp/nova-symbolize-test-\(getpid())"
    // SAFETY: the path is a C string during the call.
    defer { unsafe unlink(path) }
    let tool = try #require(
      findExecutable(named: "llvm-objcopy") ?? findExecutable(named: "objcopy"))
    let guest = try Guests.path(of: "crash", on: .x86_64)
    try #require(try run(ProcessRequest(tool, ["--strip-all", guest, path])).isSuccess)
    #expect(throws: SymbolizeError.stripped(path: path)) {
      try Symbolizer.symbolize(report: try report("c-null", on: .x86_64), program: path)
    }
  }

  @Test func `another build is refused, with both identifiers`() throws {
    let hello = try Guests.path(of: "hello", on: .x86_64)
    let report = try report("c-null", on: .x86_64)
    func digits(_ name: String) throws -> String {
      let bytes = try #require(
        try ELFFile(readFile(Guests.path(of: name, on: .x86_64))).buildIdentifier)
      return bytes.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
    }
    let expected = SymbolizeError.otherBuild(
      report: try digits("crash"), program: try digits("hello"))
    #expect(throws: expected) { try Symbolizer.symbolize(report: report, program: hello) }
  }

  @Test func `another CPU is refused`() throws {
    let report = try report("c-null", on: .x86_64)
    let program = try Guests.path(of: "crash", on: .riscv64)
    #expect(throws: SymbolizeError.otherCPU(report: "x86_64", program: "riscv64")) {
      try Symbolizer.symbolize(report: report, program: program)
    }
  }

  @Test func `what is no program is refused`() throws {
    let report = try report("c-null", on: .x86_64)
    #expect(throws: SymbolizeError.file(.unreadable(path: "/nonexistent", errno: 2))) {
      try Symbolizer.symbolize(report: report, program: "/nonexistent")
    }
    #expect {
      try Symbolizer.symbolize(report: report, program: #filePath)
    } throws: { error in
      guard case SymbolizeError.program(#filePath, .notELF) = error else { return false }
      return true
    }
  }

  @Test func `what is no report is refused, with its line`() throws {
    let program = try Guests.path(of: "crash", on: .x86_64)
    func symbolize(_ text: String) throws {
      _ = try Symbolizer.symbolize(report: text, program: program)
    }
    let head = "nova: fault: words\n  report 1, cpu x86_64, build id 00\n"
    #expect(throws: SymbolizeError.noReport) { try symbolize("") }
    #expect(throws: SymbolizeError.noReport) { try symbolize("  report 1, cpu x86_64\n") }
    #expect(throws: SymbolizeError.unsupportedReport(version: "2")) {
      try symbolize("nova: fault: words\n  report 2, cpu x86_64, build id 00\n")
    }
    #expect(throws: SymbolizeError.malformedReport(line: 2, text: "  report 1, cpu x86_64")) {
      try symbolize("nova: fault: words\n  report 1, cpu x86_64\n")
    }
    #expect(throws: SymbolizeError.malformedReport(line: 4, text: "    #1 0x10")) {
      try symbolize(head + "  stack\n    #1 0x10\n  end of report\n")
    }
    #expect(throws: SymbolizeError.malformedReport(line: 3, text: "")) { try symbolize(head) }
  }

  @Test func `a tool's output that does not add up is refused`() {
    #expect(throws: SymbolizeError.toolFailed(name: "llvm-symbolizer", output: "main\n")) {
      try Symbolizer.parse("main\n")
    }
  }
}
