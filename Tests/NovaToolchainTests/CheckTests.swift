// CheckTests.swift — the plan is complete, digests are right, files are replaced whole, errors
// help.

import Glibc
import Synchronization
import TestSupport
import Testing

@testable import NovaToolchain

@Suite struct CheckTests {
  @Test(arguments: [
    ("", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"),
    ("abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"),
    (
      "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
      "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1"
    ),
    (
      String(repeating: "a", count: 1_000_000),
      "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0"
    ),
  ])
  func `SHA-256 gives the standard's digests`(message: String, digest: String) {
    var hash = SHA256()
    hash.update(message.utf8)
    #expect(hash.hexadecimal() == digest)
  }

  @Test(arguments: Target.allCases)
  func `a plan varies every input alone and all together, in 32 runs or more`(target: Target) throws
  {
    let runs = PerturbationPlan(target: target, isNative: true).runs
    let names = runs.map { "\($0.engine) \($0.perturbation.name)" }
    #expect(Set(names).count == names.count)
    for engine in [Engine.qemu, .native] {
      let mine = runs.filter { $0.engine == engine }.map { $0.perturbation }
      let baseline = try #require(mine.first)
      #expect(baseline.name == "baseline")
      let varied = mine.map { $0.inputs(variedFrom: baseline) }
      var inputs: [StartInput] = [
        .arguments, .environment, .workingDirectory, .closedDescriptors, .stackLimit,
      ]
      inputs += engine == .qemu ? [.randomBytes, .cpuModel, .programPath] : [.addresses]
      for input in inputs { #expect(varied.contains([input]), "\(engine): \(input) alone") }
      #expect(varied.contains { $0.count >= 5 })
      // What no run can hold is seen in runs that vary nothing else.
      #expect(varied.count { $0.isEmpty } >= 3)
    }
    #expect(runs.count { $0.engine == .qemu } >= 32)
  }

  @Test func `a check tells how far it is, run by run`() throws {
    let steps = Mutex<[CheckProgress]>([])
    let result = try Checked.guest("hello", on: .x86_64) { step in
      steps.withLock { $0.append(step) }
    }
    let seen = steps.withLock { $0 }
    let runCount = result.qemuRunCount + result.nativeRunCount
    #expect(seen.first == .planned(runCount: runCount))
    #expect(seen.last == .comparing)
    let counts = seen.compactMap { step in
      if case .ran(_, _, let count, _) = step { count } else { nil }
    }
    #expect(counts == Array(1...runCount))
  }

  @Test func `a differing manifest is shown line by line with what is around it`() throws {
    let old = (1...20).map { "line \($0)" }.joined(separator: "\n") + "\n"
    let new = old.replacing("line 10\n", with: "line ten\n")
    let difference = try #require(ManifestDifference(expected: old, found: new))
    #expect(
      difference.lines == [" line 8", " line 9", "-line 10", "+line ten", " line 11", " line 12"])
    #expect(ManifestDifference(expected: old, found: old) == nil)
  }

  @Test func `a manifest file is replaced whole or not at all`() throws {
    let folder = try TemporaryFolder()
    let file = ManifestFile(path: "\(folder.path)/hello.manifest")
    try file.replace(with: "one\n")
    try file.replace(with: "two\n")
    #expect(try file.read() == "two\n")
    #expect(try folder.names() == ["hello.manifest"])
    let nowhere = ManifestFile(path: "\(folder.path)/missing/hello.manifest")
    #expect(throws: CheckError.unwritable(path: nowhere.path, errno: ENOENT)) {
      try nowhere.replace(with: "x")
    }
    #expect(throws: CheckError.unreadable(path: nowhere.path, errno: ENOENT)) {
      try nowhere.difference(from: "x")
    }
    #expect(try folder.names() == ["hello.manifest"])
  }

  @Test func `what cannot be checked is refused with the remedy`() throws {
    let folder = try TemporaryFolder()
    #expect(throws: CheckError.self) { try StartupCheck(program: "\(folder.path)/missing") }
    do {
      _ = try StartupCheck(program: "/bin/sh")
      Issue.record("a program of somebody else's was accepted")
    } catch {
      #expect("\(error)".contains("nova build"))
    }
    let hello = try Guests.path(of: "hello", on: .riscv64)
    #expect(throws: CheckError.wrongTarget(path: hello, found: .riscv64, wanted: .x86_64)) {
      try StartupCheck(program: hello, target: .x86_64)
    }
    let copy = "\(folder.path)/not-executable"
    try Files.write(try readFile(hello), to: copy, mode: 0o644)
    let refused = CheckError.program(
      path: copy, reason: "it may not be executed", remedy: "chmod +x \(copy)")
    #expect(throws: refused) { try StartupCheck(program: copy) }
  }

  @Test func `a run that needs the plug-in says so without it`() throws {
    let hello = try Guests.path(of: "hello", on: .aarch64)
    do {
      _ = try StartupCheck(program: hello).run { _ in }
      Issue.record("descriptors cannot be closed without the plug-in")
    } catch {
      #expect("\(error)".contains("make plugin"))
    }
  }

  @Test func `the JSON form holds the verdict, the digest and every input`() throws {
    let result = try Checked.guest("hello", on: .aarch64)
    #expect(result.json.contains("\"verdict\": \"same\""))
    #expect(result.json.contains(result.manifest.digest))
    for input in result.manifest.inputs { #expect(result.json.contains(input.name)) }
  }
}
