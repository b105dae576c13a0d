// ProcessTests.swift — a program starts with exactly what was asked, and every refusal is named.

import Glibc
import TestSupport
import Testing

@testable import NovaToolchain

@Suite struct ProcessTests {
  /// A shell script with exactly this environment.
  private func shell(_ script: String, _ arguments: [String] = []) -> ProcessRequest {
    var request = ProcessRequest("/bin/sh", ["-c", script, "sh"] + arguments)
    request.environment = ["PATH=/usr/bin:/bin"]
    return request
  }

  @Test func `arguments, environment and folder arrive, and nothing else`() throws {
    var request = ProcessRequest("/usr/bin/env", ["-u", "unset"])
    request.environment = ["A=1", "B=two words"]
    #expect(try run(request).outputText == "A=1\nB=two words\n")
    request = shell("printf '%s|' \"$@\"; pwd", ["a b", "", "ü"])
    request.workingDirectory = "/usr"
    #expect(try run(request).outputText == "a b||ü|/usr\n")
  }

  @Test func `statuses, signals and both outputs are told apart`() throws {
    let outcome = try run(shell("echo out; echo error >&2; exit 7"))
    #expect(outcome.ending == .exited(7))
    #expect(outcome.outputText == "out\n")
    #expect(outcome.errorText == "error\n")
    #expect(try run(shell("kill -9 $$")).ending == .killed(signal: 9))
  }

  @Test func `input comes from bytes, a file, a pipe or nowhere`() throws {
    var request = ProcessRequest("/bin/cat")
    #expect(try run(request).output.isEmpty)
    request.input = .bytes([UInt8](repeating: 0x78, count: 300_000))
    #expect(try run(request).output.count == 300_000)
    request.input = .file("/proc/self/comm")
    #expect(try run(request).outputText.hasSuffix("\n"))
    request.input = .pipe
    var child = try ChildProcess(request)
    let text = "through the pipe"
    // SAFETY: the bytes live during the call.
    let count = unsafe write(child.input, text, text.utf8.count)
    #expect(count == text.utf8.count)
    child.closeInput()
    let outcome = try child.collect(timeLimitMilliseconds: 10_000, outputByteCountMax: 100)
    #expect(outcome.outputText == text)
  }

  @Test func `only the descriptors asked for are open`() throws {
    // Reads its own table, so that the shell's redirections do not matter.
    var request = ProcessRequest("/bin/ls", ["/proc/self/fd"])
    #expect(try run(request).outputText == "0\n1\n2\n3\n")
    request.input = .closed
    request.errorOutput = .closed
    // Descriptor 0 is the folder that `ls` reads.
    #expect(try run(request).outputText == "0\n1\n")
  }

  @Test func `output goes to a file in memory or on disk`() throws {
    var request = shell("echo kept")
    request.output = .memory
    #expect(try run(request).outputText == "kept\n")
    let folder = try TemporaryFolder()
    let path = "\(folder.path)/output"
    request.output = .file(path)
    #expect(try run(request).output.isEmpty)
    var reader = ProcessRequest("/bin/cat")
    reader.input = .file(path)
    #expect(try run(reader).outputText == "kept\n")
  }

  @Test func `limits and personality are the program's`() throws {
    var request = shell("ulimit -s; ulimit -v; cat /proc/self/personality")
    request.stackLimitBytes = 1 << 20
    request.addressSpaceLimitBytes = 1 << 30
    request.randomisesAddresses = false
    #expect(try run(request).outputText == "1024\n1048576\n00040000\n")
  }

  @Test func `skipped process numbers are consumed`() throws {
    func number(skipping count: Int) throws -> Int {
      var request = shell("echo $$")
      request.skippedProcessCount = count
      return try #require(Int(run(request).outputText.dropLast()))
    }
    let first = try number(skipping: 0)
    let second = try number(skipping: 50)
    // Numbers wrap around at the system's maximum.
    #expect(second < first || second - first > 50)
  }

  @Test func `a program past its time is killed, and what it wrote is kept`() throws {
    var request = shell("echo begun; exec sleep 100")
    request.timeLimitMilliseconds = 300
    #expect(
      throws: ProcessError.timedOut(
        milliseconds: 300, output: Array("begun\n".utf8), errorOutput: [])
    ) { try run(request) }
  }

  @Test func `a program that writes too much is killed`() {
    var request = ProcessRequest("/usr/bin/yes")
    request.outputByteCountMax = 1 << 20
    #expect(throws: ProcessError.tooMuchOutput(byteCountMax: 1 << 20)) { try run(request) }
  }

  @Test func `a grandchild that holds the pipe does not hold us`() throws {
    #expect(try run(shell("sleep 5 & echo done")).outputText == "done\n")
  }

  @Test func `each refused step is named with its cause`() {
    #expect(
      throws: ProcessError.refused(step: .execute, executable: "/absent", errno: ENOENT)
    ) { try run(ProcessRequest("/absent")) }
    #expect(
      throws: ProcessError.refused(step: .execute, executable: "/etc/passwd", errno: EACCES)
    ) { try run(ProcessRequest("/etc/passwd")) }
    var request = shell("true")
    request.workingDirectory = "/absent"
    #expect(
      throws: ProcessError.refused(step: .workingDirectory, executable: "/bin/sh", errno: ENOENT)
    ) { try run(request) }
    request = shell("true")
    request.input = .file("/absent")
    #expect(throws: ProcessError.unopenable(path: "/absent", errno: ENOENT)) { try run(request) }
    #expect(throws: ProcessError.embeddedNull("a\0b")) { try run(shell("true", ["a\0b"])) }
  }

  @Test func `executables are found on PATH as a shell finds them`() {
    #expect(findExecutable(named: "sh")?.hasSuffix("/sh") == true)
    #expect(findExecutable(named: "/bin/sh") == "/bin/sh")
    #expect(findExecutable(named: "no-such-program-anywhere") == nil)
    #expect(findExecutable(named: "/etc") == nil)
  }
}
