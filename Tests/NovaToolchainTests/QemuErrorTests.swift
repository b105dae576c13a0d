// QemuErrorTests.swift — why a program cannot be observed is told by cause, with what was found.

import Glibc
import NovaABI
import TestSupport
import Testing

@testable import NovaToolchain

/// A copy of a guest whose bootstrap record says something else; removed with the value.
struct PatchedGuest {
  let path: String
  let target: Target
  private let folder: TemporaryFolder

  init(_ guest: String, on cpu: GuestCPU, _ values: [nova_key: UInt64]) throws {
    let bytes = try readFile(try Guests.path(of: guest, on: cpu))
    let image = try ELFFile(bytes)
    folder = try TemporaryFolder()
    path = "\(folder.path)/\(guest)"
    try Files.write(try Self.patched(bytes, image, values), to: path, mode: 0o755)
    target = image.target
  }

  private static func patched(
    _ bytes: [UInt8], _ image: ELFFile, _ values: [nova_key: UInt64]
  ) throws -> [UInt8] {
    var bytes = bytes
    let record = try image.bootstrapRecord()
    let content = try #require(
      image.segments.first {
        $0.kind == .load && $0.address <= record.address
          && record.address < $0.address + $0.fileByteCount
      })
    let start = Int(content.fileOffset + record.address - content.address)
    var patched: Set<UInt32> = []
    for place in stride(from: start, to: bytes.count - 15, by: 16)
    where patched.count < values.count {
      for (key, value) in values
      where bytes[place..<place + 8].elementsEqual(littleEndian(UInt64(key.rawValue))) {
        bytes.replaceSubrange(place + 8..<place + 16, with: littleEndian(value))
        patched.insert(key.rawValue)
      }
    }
    try #require(patched.count == values.count)
    return bytes
  }
}

private func littleEndian(_ value: UInt64) -> [UInt8] {
  (0..<8).map { UInt8(truncatingIfNeeded: value >> (8 * $0)) }
}

@Suite struct QemuErrorTests {
  @Test func `a missing emulator is named with its package`() throws {
    let program = try Guests.path(of: "hello", on: .riscv64)
    #expect(
      throws: ProbeError.emulatorMissing(name: "qemu-of-nobody", package: "qemu-user")
    ) {
      try QemuProbe(target: .riscv64, program: program, emulator: "qemu-of-nobody")
    }
  }

  @Test func `a program of another CPU is refused`() throws {
    let program = try Guests.path(of: "hello", on: .riscv64)
    #expect(
      throws: ProbeError.wrongCPU(path: program, found: .riscv64, expected: .x86_64)
    ) {
      try QemuProbe(target: .x86_64, program: program)
    }
  }

  @Test func `files that are not ours are refused`() throws {
    let folder = try TemporaryFolder()
    let missing = "\(folder.path)/missing"
    #expect(throws: ProbeError.file(.unreadable(path: missing, errno: ENOENT))) {
      try QemuProbe(target: .x86_64, program: missing)
    }
    #expect(throws: ProbeError.notOurs(path: "/etc/passwd", .notELF(.unknown))) {
      try QemuProbe(target: .x86_64, program: "/etc/passwd")
    }
    #expect(throws: ProbeError.notOurs(path: "/bin/sh", .noBootstrapNote)) {
      try QemuProbe(target: .x86_64, program: "/bin/sh")
    }
  }

  @Test(arguments: GuestCPU.allCases)
  func `a program that ends before main is told by its status and message`(
    cpu: GuestCPU
  ) throws {
    let guest = try PatchedGuest("hello", on: cpu, [NOVA_KEY_stack_byte_count: 1])
    let probe = try QemuProbe(
      target: guest.target, program: guest.path, plugIn: QemuProbe.plugIn(in: Guests.root))
    func refused(_ observe: () throws -> Void) throws {
      let error = #expect(throws: ProbeError.self) { try observe() }
      guard case .neverReachedMain(let ending, let message) = error else {
        Issue.record("another error: \(String(describing: error))")
        return
      }
      #expect(ending == .exited(NOVA_STATUS_bad_bootstrap))
      #expect(message.contains("stack size"))
    }
    try refused { _ = try probe.observe(perturbation("b")) }
    try refused { _ = try probe.runForTrace(perturbation("b"), ScratchFolder(in: "/tmp")) }
    var bare = probe
    bare.plugIn = nil
    let withoutPlugIn = bare
    try refused {
      _ = try withoutPlugIn.runForTrace(perturbation("b"), ScratchFolder(in: "/tmp"))
    }
  }

  @Test(arguments: GuestCPU.allCases)
  func `a program that does not end is killed after the limit`(cpu: GuestCPU) throws {
    var probe = try probe("observed", on: cpu)
    probe.timeLimitMilliseconds = 300
    #expect(throws: ProbeError.timedOut(stage: .program, limitMilliseconds: 300)) {
      try probe.observe(perturbation("spin", "spin"))
    }
    #expect(throws: ProbeError.timedOut(stage: .program, limitMilliseconds: 300)) {
      try probe.runForTrace(perturbation("spin", "spin"), ScratchFolder(in: "/tmp"))
    }
  }

  @Test func `a CPU model that qemu does not know is refused in qemu's words`() throws {
    var wrong = perturbation("model")
    wrong.cpuModel = "abacus"
    let probe = try probe("hello", on: .aarch64)
    let error = #expect(throws: ProbeError.self) { try probe.observe(wrong) }
    guard case .emulatorFailed(.exited(1), let message) = error else {
      Issue.record("another error: \(String(describing: error))")
      return
    }
    #expect(message.contains("abacus"))
  }

  @Test func `what qemu cannot pass on is refused`() throws {
    let probe = try probe("hello", on: .riscv64)
    for variable in ["QEMU_LOG=a,b", "nothing"] {
      var wrong = perturbation("variable")
      wrong.environment = [variable]
      #expect(throws: ProbeError.unpassableVariable(variable)) { try probe.observe(wrong) }
    }
    var closed = perturbation("closed")
    closed.closedDescriptors = [0]
    var bare = probe
    bare.plugIn = nil
    let withoutPlugIn = bare
    #expect(throws: ProbeError.cannotCloseDescriptors) { try withoutPlugIn.observe(closed) }
  }

  @Test func `a folder that cannot be used is named`() throws {
    let folder = try TemporaryFolder()
    let missing = "\(folder.path)/missing"
    var moved = try probe("hello", on: .riscv64)
    moved.scratchFolder = missing
    let nowhere = moved
    #expect(throws: ProbeError.scratch(path: missing, errno: ENOENT)) {
      try nowhere.observe(perturbation("b"))
    }
    let probe = try probe("hello", on: .riscv64)
    var wrong = perturbation("folder")
    wrong.workingDirectory = missing
    #expect(
      throws: ProbeError.process(
        .refused(step: .workingDirectory, executable: probe.emulator, errno: ENOENT))
    ) {
      try probe.observe(wrong)
    }
  }

  @Test func `nothing is left behind`() throws {
    let folder = try TemporaryFolder()
    var probe = try probe("observed", on: .riscv64)
    probe.scratchFolder = folder.path
    probe.timeLimitMilliseconds = 300
    _ = try probe.observe(perturbation("b"))
    _ = try? probe.observe(perturbation("spin", "spin"))
    #expect(try folder.names().isEmpty)
  }
}
