// DifferentialEngine.swift — engines that run generated modules, as processes that print lines.
// Hosted. Imports NovaToolchain and TestSupport.

import NovaToolchain
import TestSupport

/// An engine, and which modules it is given.
public struct DifferentialEngine: Sendable {
  enum Kind: Sendable {
    /// Our player, behind what starts it; it runs in all ways what the stride divides.
    case player([String], wayStride: Int)
    /// The program over wasmtime's library.
    case wasmtime(String)
    /// WasmKit's command, a process for each module, of which only `through` is called.
    case wasmKit(String)
  }

  /// Its name.
  public let name: String
  let kind: Kind
  /// It is given modules whose number this divides.
  public var stride: Int

  /// Our interpreter, built for this system: what others are compared with.
  public static func hosted(_ program: String, wayStride: Int) -> DifferentialEngine {
    DifferentialEngine(
      name: "hosted", kind: .player([program], wayStride: wayStride), stride: 1)
  }

  /// Our interpreter without an operating system's library, under the emulator of its CPU.
  ///
  /// - Throws: `GuestError.missing` when the guest was not built.
  public static func guest(_ cpu: GuestCPU, stride: Int) throws(GuestError) -> DifferentialEngine {
    DifferentialEngine(
      name: "\(cpu)",
      kind: .player(
        [cpu.emulator, try Guests.path(of: "differential", on: cpu)], wayStride: 4 * stride),
      stride: stride)
  }

  /// wasmtime; nil where `make differential` did not build the program over its library.
  public static var wasmtime: DifferentialEngine? {
    let program = "\(Guests.root)/build/differential/wasmtime"
    guard Files.exists(program) else { return nil }
    return DifferentialEngine(name: "wasmtime", kind: .wasmtime(program), stride: 1)
  }

  /// WasmKit; nil where the toolchain has no such command.
  public static func wasmKit(stride: Int) -> DifferentialEngine? {
    guard let program = findExecutable(named: "wasmkit") else { return nil }
    return DifferentialEngine(name: "WasmKit", kind: .wasmKit(program), stride: stride)
  }

  var isWasmKit: Bool {
    if case .wasmKit = kind { true } else { false }
  }

  /// The same, running every module in all ways.
  public var inAllWays: DifferentialEngine {
    guard case .player(let words, _) = kind else { return self }
    return DifferentialEngine(name: name, kind: .player(words, wayStride: 1), stride: stride)
  }

  /// The lines that the engine prints of a batch, and how its process ended if not well.
  func lines(of batch: DifferentialBatch) throws(GuestError) -> (lines: [String], end: String?) {
    let arguments: [String]
    let program: String
    switch kind {
    case .player(let words, let wayStride):
      program = words[0]
      arguments =
        words.dropFirst() + [batch.modulePath, "\(batch.first)", "\(stride)", "\(wayStride)"]
    case .wasmtime(let path):
      program = path
      arguments = [batch.wasmPath, "\(batch.first)"]
    case .wasmKit(let path): return (try wasmKitLines(of: batch, path), nil)
    }
    let completion = try Completion.run(program, arguments: arguments, environment: [])
    let lines = completion.output.split(separator: "\n").map(String.init)
    guard completion.status != 0 else { return (lines, nil) }
    return (lines, "status \(completion.status) \(completion.errorOutput.suffix(2000))")
  }

  // MARK: WasmKit

  private func wasmKitLines(
    of batch: DifferentialBatch, _ program: String
  ) throws(GuestError) -> [String] {
    var lines: [String] = []
    for (index, module) in batch.modules.enumerated()
    where (batch.first + index) % stride == 0 && !module.isExtended {
      let path = "\(batch.wasmPath).single"
      do { try Files.write(module.bytes, to: path) } catch {
        throw .missing(path: path)
      }
      defer { Files.remove(path) }
      let completion = try Completion.run(
        program, arguments: ["run", path, "through"], environment: [])
      lines.append("\(batch.first + index): \(Self.outcome(completion))")
    }
    return lines
  }

  /// What `through` came to, as the lines of others tell it.
  private static func outcome(_ completion: Completion) -> String {
    if completion.status == 0,
      let digits = completion.output.split(separator: "i64(").last?.split(separator: ")").first,
      let value = UInt64(digits)
    {
      return " " + String(value, radix: 16)
    }
    let traps = [
      ("Trap: unreachable", "unreachable"), ("undefined element", "table"),
      ("uninitialized element", "null"), ("indirect call type mismatch", "type"),
      ("out of bounds table access", "table"), ("out of bounds memory access", "memory"),
      ("integer divide by zero", "division"), ("integer overflow", "overflow"),
      ("invalid conversion to integer", "conversion"), ("call stack exhausted", "stack"),
    ]
    let text = completion.errorOutput
    guard let trap = traps.first(where: { text.contains($0.0) }) else {
      return "status \(completion.status): \(text.prefix(300))"
    }
    return "!\(trap.1)"
  }

  /// What a line of the hosted player says that this engine says as well.
  func comparable(_ line: String) -> String {
    guard case .wasmKit = kind, line.hasPrefix("ok") else { return line }
    return String(line.split(separator: "^").last ?? "")
  }

  /// Whether the engine runs a module.
  func runs(_ number: Int, _ module: GeneratedModule) -> Bool {
    if case .wasmKit = kind, module.isExtended { return false }
    return number % stride == 0
  }
}
