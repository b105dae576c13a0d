// ModuleImageTests.swift — a module inside a program: its bytes, its place, the tables around it.

import Glibc
import NovaABI
import TestSupport
import Testing

@testable import NovaToolchain

@Suite struct ModuleImageTests {
  private static func carrier(_ cpu: GuestCPU) throws -> [UInt8] {
    try readFile(Guests.path(of: "embedded", on: cpu))
  }

  private static func module(byteCount: Int) -> [UInt8] {
    (0..<byteCount).map { UInt8(truncatingIfNeeded: $0 &* 167 &+ $0 >> 8 &+ byteCount) }
  }

  private static func fowlerNollVo(_ bytes: [UInt8]) -> UInt64 {
    bytes.reduce(0xcbf2_9ce4_8422_2325) { ($0 ^ UInt64($1)) &* 0x100_0000_01b3 }
  }

  private func run(_ image: ModuleImage, on cpu: GuestCPU) throws -> Completion {
    let folder = try TemporaryFolder()
    defer { withExtendedLifetime(folder) {} }
    let path = "\(folder.path)/program"
    try Files.write(image.bytes, to: path, mode: 0o755)
    return try Completion.run(cpu.emulator, arguments: [path], environment: [])
  }

  @Test(arguments: GuestCPU.allCases, [1, 4095, 4096, 70_001])
  func `a program finds the module's bytes at a multiple of 64`(
    cpu: GuestCPU, byteCount: Int
  ) throws {
    let module = Self.module(byteCount: byteCount)
    let image = try ModuleImage(module: module, runner: Self.carrier(cpu))
    let ended = try run(image, on: cpu)
    let places = stride(from: 0, to: 4096, by: 64)
    let hash = Self.fowlerNollVo(module)
    #expect(
      places.contains { ended.output == "module of \(byteCount) bytes at \($0): \(hash)\n" },
      "\(ended)")
  }

  @Test(arguments: GuestCPU.allCases)
  func `without a module a program finds none`(cpu: GuestCPU) throws {
    #expect(try Guests.run("embedded", on: cpu).output == "no module\n")
  }

  @Test(arguments: GuestCPU.allCases)
  func `the new file is a program like others, with one segment more`(cpu: GuestCPU) throws {
    let module = Self.module(byteCount: 5000)
    let carrier = try ELFFile(Self.carrier(cpu))
    let file = try ELFFile(ModuleImage(module: module, runner: carrier.bytes).bytes)
    let loaded = file.segments.filter { $0.kind == .load }
    #expect(loaded.map(\.permissions.description) == ["r-x", "rw-", "r--"])
    #expect(loaded.map(\.address) == loaded.map(\.address).sorted())
    let segment = try #require(loaded.last)
    #expect(segment.address % segment.alignment == segment.fileOffset % segment.alignment)
    #expect(segment.address % 64 == 0)
    // Even on a kernel with the largest pages, no page is shared with what may be written.
    #expect(loaded[1].address + loaded[1].memoryByteCount <= segment.address & ~0xffff)
    #expect(file.entry == carrier.entry)
    #expect(try file.bootstrapRecord() == carrier.bootstrapRecord())
    #expect(try file.moduleBytes().map(Array.init) == module)
    #expect(try carrier.moduleBytes() == nil)
    let section = try #require(file.sections.first { $0.name == ModuleImage.sectionName })
    #expect(Array(file.bytes(of: section)) == module)
    #expect(try Inspection(file).properties.allSatisfy(\.holds))
  }

  @Test func `symbols name the same functions, or are left out`() throws {
    let carrier = try ELFFile(Self.carrier(.x86_64))
    let module = Self.module(byteCount: 64)
    let kept = try ELFFile(ModuleImage(module: module, runner: carrier.bytes).bytes)
    for name in ["_start", "nova_end", "nova_module", "main"] {
      let old = try #require(carrier.symbols.first { $0.name == name })
      let new = try #require(kept.symbols.first { $0.name == name })
      #expect(new.address == old.address)
      let sections = [
        carrier.sections[Int(old.sectionNumber)], kept.sections[Int(new.sectionNumber)],
      ]
      #expect(sections[0].name == sections[1].name)
    }
    // What debuggers read stays and goes with the symbols.
    let debugged = carrier.sections.filter { $0.name.hasPrefix(".debug") }
    #expect(!debugged.isEmpty)
    for old in debugged {
      let new = try #require(kept.sections.first { $0.name == old.name })
      #expect(kept.bytes(of: new).elementsEqual(carrier.bytes(of: old)))
    }
    let left = try ELFFile(
      ModuleImage(module: module, runner: carrier.bytes, keepsSymbols: false).bytes)
    #expect(left.symbols.isEmpty)
    #expect(left.sections.allSatisfy { !$0.name.hasPrefix(".debug") })
    #expect(left.bytes.count < kept.bytes.count)
    #expect(try left.moduleBytes().map(Array.init) == module)
  }

  @Test func `equal inputs make equal files, other modules another build`() throws {
    let carrier = try Self.carrier(.x86_64)
    let module = Self.module(byteCount: 100)
    let first = try ModuleImage(module: module, runner: carrier)
    #expect(try ModuleImage(module: module, runner: carrier).bytes == first.bytes)
    let other = try ModuleImage(module: module.reversed(), runner: carrier)
    let identifiers = try [carrier, first.bytes, other.bytes].map {
      try ELFFile($0).buildIdentifier
    }
    #expect(Set(identifiers).count == 3)
    #expect(identifiers.allSatisfy { $0?.count == 20 })
  }

  @Test func `settings are stated in the record, as a link would`() throws {
    var settings = BuildSettings()
    settings.heapByteCount = 0x20_0000
    settings.driverGrants = [.console, .arguments]
    let image = try ModuleImage(
      module: [1], runner: Self.carrier(.x86_64), settings: settings)
    let record = try ELFFile(image.bytes).bootstrapRecord()
    #expect(record[NOVA_KEY_heap_byte_count] == 0x20_0000)
    #expect(record[NOVA_KEY_driver_grants] == UInt64(NOVA_GRANT_console | NOVA_GRANT_arguments))
    #expect(record[NOVA_KEY_worker_count] == 0)
    #expect(try run(image, on: .x86_64).status == 0)
  }

  @Test func `what makes no program is refused`() throws {
    let carrier = try Self.carrier(.x86_64)
    #expect(throws: ModuleImageError.noModule) { try ModuleImage(module: [], runner: carrier) }
    #expect(throws: ModuleImageError.notARunner) {
      try ModuleImage(module: [1], runner: readFile(Guests.path(of: "hello", on: .x86_64)))
    }
    #expect(throws: ModuleImageError.runner(.notELF(.script))) {
      try ModuleImage(module: [1], runner: Array("#!/bin/sh".utf8))
    }
    var grants = WASIGrants()
    grants.variables = [[1, 0, 2]]
    #expect(throws: ModuleImageError.badGrant([1, 0, 2])) {
      try ModuleImage(module: [1], grants: grants, runner: carrier)
    }
    let full = try ModuleImage(module: [1, 2, 3], runner: carrier).bytes
    #expect(throws: ModuleImageError.occupied(byteCount: 3)) {
      try ModuleImage(module: [1], runner: full)
    }
    var settings = BuildSettings()
    settings.heapByteCount = 1
    #expect(
      throws: ModuleImageError.settings(
        .outOfRange(option: "--heap-size", value: 1, minimum: 0x10000, maximum: 0x10_0000_0000))
    ) { try ModuleImage(module: [1], runner: carrier, settings: settings) }
  }

  @Test func `a lying module note is named`() throws {
    let full = try ModuleImage(module: [1, 2, 3], runner: Self.carrier(.x86_64)).bytes
    let file = try ELFFile(full)
    let place = try #require(try file.modulePlace())
    let note = try #require(file.notes.first { $0.name == "NovaCore.module" })
    var copy = full
    copy[Int(place.fileOffset) + 15] = 0x7f
    #expect(
      throws: ELFError.badModuleBounds(address: place.address, byteCount: 0x7f << 56 | 3)
    ) { try ELFFile(copy).moduleBytes() }
    copy = full
    // As long as it and the note behind it, the build id.
    copy[Int(note.fileOffset) + 4] = 32 + 36
    #expect(throws: ELFError.badModuleNote(offset: note.fileOffset)) {
      try ELFFile(copy).modulePlace()
    }
  }
}
