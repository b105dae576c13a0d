// TraceTests.swift — `nova trace`: the same trace on every CPU and hosted, as JSON and picture, and
// what it says of programs and files without one. Guest: `scenario`.

import Glibc
import LoopScenarioHosted
import NovaConcurrency
import NovaCore
import NovaToolchain
import TestSupport
import Testing

@Suite(.serialized) struct TraceTests {
  private static let virtualNanosecondsMax: UInt64 = 10_000_000

  /// The bytes of the scenario's trace in this process.
  private func hostedTrace(seed: UInt64, file: String) throws -> [UInt8] {
    let runtime = try NovaRuntime(
      from: RuntimeBootstrap.current,
      tasks: TaskExecutor.Configuration(
        workerCount: 2, mode: .deterministic(seed: seed),
        traceEventCountMax: TraceRing.eventCountDefault))
    let end = try runScenario(runtime.executor, runtime.loop)
    #expect(end > 100_000 && end < Self.virtualNanosecondsMax)
    let descriptor = unsafe open(file, O_WRONLY | O_CREAT | O_TRUNC, 0o600)
    try #require(descriptor >= 0)
    defer { close(descriptor) }
    try runtime.executor.writeTrace(to: descriptor)
    return try readFile(file)
  }

  @Test(arguments: [1, 7, 4_000_000_000] as [UInt64])
  func `a seed gives the same trace on each CPU and hosted`(seed: UInt64) throws {
    let folder = try TemporaryFolder()
    let hosted = try hostedTrace(seed: seed, file: "\(folder.path)/hosted")
    let file = try TraceFile(hosted)
    #expect(file.isVirtual && file.rings.count == 3)
    #expect(file.rings.allSatisfy { $0.lostCount == 0 && !$0.events.isEmpty })
    for cpu in GuestCPU.allCases {
      let traced = try Command.nova(
        ["trace", try Guests.path(of: "scenario", on: cpu), "--binary", "\(folder.path)/\(cpu)"],
        environment: ["NOVA_SEED=\(seed)"])
      #expect(traced.status == 0, "\(traced)")
      #expect(traced.output == "\(file.endTime)\n")
      #expect(try readFile("\(folder.path)/\(cpu)") == hosted, "\(cpu)")
    }
  }

  @Test func `JSON is printed, and the program's output goes to the standard error`() throws {
    let program = try Guests.path(of: "scenario", on: .x86_64)
    let traced = try Command.nova(["trace", program])
    #expect(traced.status == 0, "\(traced.errorOutput)")
    #expect(traced.output.hasPrefix("{\n\"displayTimeUnit\": \"ns\",\n"))
    #expect(traced.output.contains("\"name\": \"worker 2\""))
    #expect(traced.output.contains("\"name\": \"stole\", \"ph\": \"i\""))
    #expect(traced.output.contains("\"name\": \"timer fired\""))
    #expect(UInt64(traced.errorOutput.dropLast()) != nil, "\(traced.errorOutput)")
  }

  @Test func `a trace that was kept is read again, and drawn`() throws {
    let folder = try TemporaryFolder()
    let program = try Guests.path(of: "scenario", on: .x86_64)
    let (binary, json) = ("\(folder.path)/kept", "\(folder.path)/trace.json")
    let traced = try Command.nova(
      ["trace", program, "--binary", binary, "--output", json, "--", "word"])
    // The program's own status, though it ended by System.exit.
    #expect(traced.status == 3 && traced.errorOutput.isEmpty, "\(traced)")
    let picture = "\(folder.path)/trace.svg"
    let read = try Command.nova(
      ["trace", "--read", binary, "--picture", picture, "-o", "\(folder.path)/again.json"])
    #expect(read.status == 0 && read.output.isEmpty && read.errorOutput.isEmpty, "\(read)")
    let drawn = String(decoding: try readFile(picture), as: UTF8.self)
    #expect(drawn.hasPrefix("<svg") && drawn.contains("worker 2"))
    let first = String(decoding: try readFile(json), as: UTF8.self)
    let again = String(decoding: try readFile("\(folder.path)/again.json"), as: UTF8.self)
    #expect(first.replacing("\"scenario\"", with: "\"kept\"") == again)
  }

  @Test func `without a trace the command says why`() throws {
    let hello = try Command.nova(["trace", try Guests.path(of: "hello", on: .x86_64)])
    #expect(hello.status == 2 && hello.output.isEmpty)
    #expect(hello.errorOutput.contains("left no trace (exit status 0)"), "\(hello.errorOutput)")
    let folder = try TemporaryFolder()
    try folder.write("NovaTrac", to: "short")
    let short = try Command.nova(["trace", "--read", "short"], in: folder.path)
    #expect(short.status == 2)
    #expect(
      short.errorOutput
        == "nova: short ends early: 32 bytes should follow offset 0, 8 do; record it again\n")
    let missing = try Command.nova(["trace", "--read", "nothing"], in: folder.path)
    #expect(missing.status == 2 && missing.errorOutput.contains("nothing"))
    let both = try Command.nova(["trace", "--read", "short", "program"], in: folder.path)
    #expect(both.status == 2 && both.errorOutput.contains("either a program or --read"))
    let copied = try Command.nova(
      ["trace", "--read", "short", "--binary", "copy"], in: folder.path)
    #expect(copied.status == 2 && copied.errorOutput.contains("--binary"))
  }

  @Test(arguments: GuestCPU.allCases)
  func `the environment does not make a freestanding program trace`(cpu: GuestCPU) throws {
    let ended = try Guests.run("scenario", on: cpu, environment: ["NOVA_TRACE=1"])
    #expect(ended.status == 0 && ended.errorOutput.isEmpty, "\(ended)")
    #expect(UInt64(ended.output.dropLast()) != nil, "\(ended)")
  }
}
