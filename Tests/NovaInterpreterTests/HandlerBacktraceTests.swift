// HandlerBacktraceTests.swift — a fault in a handler is reported with everybody who called it.
// Runs the guest `crash-handler`: handlers keep no frame, so its reports are what could go wrong.

import NovaToolchain
import TestSupport
import Testing

@Suite struct HandlerBacktraceTests {
  /// The program's own functions between `main` and the interpreter, innermost first.
  private static let callers = [
    "Machine.run(", "Callers.interpret()", "crash_c_between", "Callers.outer()",
    "crash_handler_main",
  ]

  /// What the guest does, how it runs, and functions that its report names, innermost first.
  struct Crash: Sendable, CustomTestStringConvertible {
    var kind: String
    var mode: String
    /// One in each of the first frames, none of which may be missing.
    var innermost: [String]
    /// Further out; what lies between them is the compiler's choice.
    var interpreter: [String]

    init(_ kind: String, _ mode: String, _ innermost: [String], _ interpreter: [String] = []) {
      self.kind = kind
      self.mode = mode
      self.innermost = innermost
      self.interpreter = interpreter
    }

    var testDescription: String { "\(kind) \(mode)" }
  }

  static let crashes = [
    Crash("load", "fast", ["nova_do_i32_load", "Interpreter.interpret("], ["Interpreter.call("]),
    Crash("load", "charged", ["nova_do_i32_load", "Interpreter.interpret("], ["Interpreter.call("]),
    Crash(
      "load", "observed", ["nova_do_i32_load", "Interpreter.interpret("], ["Interpreter.resume("]),
    Crash("store", "fast", ["nova_do_i64_store", "Interpreter.interpret("], ["Interpreter.call("]),
    Crash("signal", "fast", ["nova_do_", "Interpreter.interpret("], ["Interpreter.call("]),
    // Of the branch there is a handler that charges.
    Crash("signal", "charged", ["nova_", "Interpreter.interpret("], ["Interpreter.call("]),
    // The signal may come between two handlers.
    Crash("signal", "observed", []),
    Crash(
      "bulk", "fast", ["memset", "fillMemory("],
      ["doSlowly(", "Interpreter.after(", "Interpreter.run(", "Interpreter.call("]),
  ]

  /// The functions of each frame of a report, a text a frame, innermost first.
  private func frames(_ report: String, of program: String) throws -> [String] {
    let text = try Symbolizer.symbolize(report: report, program: program)
    let stack = text.split(separator: "\n").drop { !$0.hasPrefix("  stack") }.dropFirst()
    var frames: [String] = []
    for line in stack.prefix(while: { $0.hasPrefix("    ") }) {
      if line.hasPrefix("    #") { frames.append("") }
      frames[frames.count - 1] += "\(line)\n"
    }
    return frames
  }

  private func expect(_ crash: Crash, _ end: Completion, of program: String) throws {
    #expect(end.status == 128 + 11, "\(end)")
    let frames = try frames(end.errorOutput, of: program)
    for (frame, name) in zip(frames, crash.innermost) {
      #expect(frame.contains(name), "\(crash): \(frames.joined())")
    }
    var rest = frames.dropFirst(max(crash.innermost.count - 1, 0))
    for name in crash.interpreter + Self.callers {
      let index = rest.firstIndex { $0.contains(name) }
      #expect(index != nil, "\(crash): no \(name) in \(frames.joined())")
      // A frame holds several functions where they were inlined.
      if let index { rest = rest[index...] }
    }
    #expect(frames.last?.contains("crash_handler_main") == true, "the chain ends at main")
  }

  @Test(arguments: GuestCPU.allCases, crashes) func `a fault in a handler names its callers`(
    cpu: GuestCPU, crash: Crash
  ) throws {
    let program = try Guests.path(of: "crash-handler", on: cpu)
    let end = try Guests.run("crash-handler", on: cpu, arguments: [crash.kind, crash.mode])
    try expect(crash, end, of: program)
  }

  #if arch(x86_64)
    @Test(arguments: crashes) func `the kernel's signals find the same callers`(
      crash: Crash
    ) throws {
      let program = try Guests.path(of: "crash-handler", on: .x86_64)
      let end = try Completion.run(
        program, arguments: [crash.kind, crash.mode], environment: [])
      try expect(crash, end, of: program)
    }
  #endif
}
