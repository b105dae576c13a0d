// ELFTests.swift — real guests are read whole; no lie in a file goes unnamed or crashes the reader.

import Glibc
import NovaABI
import Testing
import TestSupport

@testable import NovaToolchain

@Suite struct ELFTests {
  private static func guest(_ cpu: GuestCPU) throws -> [UInt8] {
    try readFile(Guests.path(of: "hello", on: cpu))
  }

  @Test(arguments: GuestCPU.allCases)
  func `a guest's header, segments, symbols and record are read`(cpu: GuestCPU) throws {
    let file = try ELFFile(Self.guest(cpu))
    #expect(file.target.rawValue == cpu.rawValue)
    #expect(file.kind == .executable)
    let loaded = file.segments.filter { $0.kind == .load }
    #expect(loaded.map(\.permissions.description) == ["r-x", "rw-"])
    #expect(file.symbols.first { $0.name == "_start" }?.address == file.entry)
    #expect(file.sections.contains { $0.name == ".text" && $0.isAllocated })
    let record = try file.bootstrapRecord()
    let main = try #require(record.main)
    #expect(file.symbol(at: main)?.address == main)
    let programText = try #require(record.programText)
    #expect(programText.contains(main))
    #expect(record.startText?.contains(file.entry) == true)
    #expect(record.end == file.symbols.first { $0.name == "nova_end" }?.address)
    #expect(record[NOVA_KEY_stack_policy] == UInt64(NOVA_STACK_initial.rawValue))
    #expect(record[NOVA_KEY_none] == nil)
  }

  @Test func `the last layer of the record wins`() {
    let record = BootstrapRecord(
      address: 0, entries: [.init(key: 0x100, value: 1), .init(key: 0x100, value: 2)])
    #expect(record[NOVA_KEY_stack_byte_count] == 2)
  }

  @Test func `a stripped guest keeps its record`() throws {
    let folder = try TemporaryFolder()
    defer { withExtendedLifetime(folder) {} }
    let path = "\(folder.path)/stripped"
    let tool = try #require(
      findExecutable(named: "llvm-objcopy") ?? findExecutable(named: "objcopy"))
    let outcome = try run(
      ProcessRequest(tool, ["--strip-all", Guests.path(of: "hello", on: .x86_64), path]))
    #expect(outcome.isSuccess, "\(outcome.errorText)")
    let stripped = try ELFFile(readFile(path))
    #expect(stripped.symbols.isEmpty)
    #expect(try stripped.bootstrapRecord() == ELFFile(Self.guest(.x86_64)).bootstrapRecord())
  }

  @Test func `other formats are named`() throws {
    #expect(throws: ELFError.notELF(.empty)) { try ELFFile([]) }
    #expect(throws: ELFError.notELF(.script)) { try ELFFile(Array("#!/bin/sh".utf8)) }
    #expect(throws: ELFError.notELF(.webAssembly)) { try ELFFile([0, 0x61, 0x73, 0x6d, 1]) }
    #expect(throws: ELFError.notELF(.unknown)) { try ELFFile(Array("hello".utf8)) }
    #expect(FileKind(magic: Array("!<arch>\n".utf8)) == .archive)
    #expect(FileKind(magic: [0x1f, 0x8b, 8]) == .gzip)
    #expect(FileKind(magic: [0x4d, 0x5a]) == .windowsExecutable)
    #expect(FileKind(magic: [0xcf, 0xfa, 0xed, 0xfe]) == .machO)
    #expect(FileKind(magic: [0x42, 0x43, 0xc0, 0xde]) == .llvmBitcode)
  }

  @Test func `wrong class, byte order, machine and type are named`() throws {
    let bytes = try Self.guest(.x86_64)
    func changed(_ offset: Int, _ new: [UInt8]) -> [UInt8] {
      var copy = bytes
      copy.replaceSubrange(offset..<offset + new.count, with: new)
      return copy
    }
    #expect(throws: ELFError.unsupportedClass(1)) { try ELFFile(changed(4, [1])) }
    #expect(throws: ELFError.unsupportedByteOrder(2)) { try ELFFile(changed(5, [2])) }
    #expect(throws: ELFError.unsupportedMachine(40)) { try ELFFile(changed(18, [40, 0])) }
    #expect(throws: ELFError.unsupportedType(4)) { try ELFFile(changed(16, [4, 0])) }
    #expect(
      throws: ELFError.badEntrySize(part: .segmentTable, offset: 54, found: 32, expected: 56)
    ) { try ELFFile(changed(54, [32, 0])) }
    #expect(
      throws: ELFError.badEntrySize(part: .sectionTable, offset: 58, found: 1, expected: 64)
    ) { try ELFFile(changed(58, [1, 0])) }
    #expect(throws: ELFError.badSectionNumber(0x7fff, offset: 62)) {
      try ELFFile(changed(62, [0xff, 0x7f]))
    }
    #expect(
      throws: ELFError.truncated(
        part: .segmentTable, offset: .max, byteCount: UInt64(bytes[56]) * 56,
        fileByteCount: UInt64(bytes.count))
    ) { try ELFFile(changed(32, [UInt8](repeating: 0xff, count: 8))) }
    // The first segment's memory size: larger than what is left of the address space.
    #expect(throws: ELFError.badRange(part: .segment, offset: 64)) {
      try ELFFile(changed(64 + 40, [UInt8](repeating: 0xff, count: 8)))
    }
    // The first section's name, past the end of the table of names.
    let table = try #require(ELFFile(bytes).sections.count > 1 ? sectionTable(bytes) : nil)
    #expect(throws: ELFError.badName(part: .sectionNames, offset: UInt64(table + 64))) {
      try ELFFile(changed(table + 64, [0xff, 0xff, 0xff, 0xff]))
    }
  }

  private func sectionTable(_ bytes: [UInt8]) -> Int {
    bytes[40..<48].reversed().reduce(0) { $0 << 8 | Int($1) }
  }

  @Test func `a lying note or record is named`() throws {
    let bytes = try Self.guest(.x86_64)
    let note = try #require(ELFFile(bytes).notes.first { $0.name == "NovaCore.bootstrap" })
    let start = Int(note.fileOffset)
    var copy = bytes
    copy[start + 12] = 0x58
    #expect(throws: ELFError.noBootstrapNote) { try ELFFile(copy).bootstrapRecord() }
    copy = bytes
    copy[start + 32] ^= 8
    let record = try ELFFile(bytes).bootstrapRecord()
    let end = record.address + UInt64(try entriesByteCount(bytes, note))
    #expect(throws: ELFError.badBootstrapBounds(start: record.address ^ 8, end: end)) {
      try ELFFile(copy).bootstrapRecord()
    }
    // A description that swallows all that follows it in the segment.
    copy = bytes
    let notes = try #require(ELFFile(bytes).segments.first { $0.kind == .note })
    copy[start + 4] = UInt8(notes.fileByteCount - 12 - 20)
    #expect(throws: ELFError.badBootstrapNote(offset: note.fileOffset)) {
      try ELFFile(copy).bootstrapRecord()
    }
    copy = bytes
    copy[start + 7] = 0x80
    #expect {
      try ELFFile(copy)
    } throws: {
      guard case .truncated(part: .notes, offset: note.fileOffset, _, _) = $0 as? ELFError else {
        return false
      }
      return true
    }
    // The version stands in the record's first entry.
    copy = bytes
    let segment = try #require(
      ELFFile(bytes).segments.first {
        $0.kind == .load && $0.address <= record.address
          && record.address < $0.address + $0.fileByteCount
      })
    copy[Int(segment.fileOffset + record.address - segment.address) + 8] = 99
    #expect(
      throws: ELFError.unsupportedVersion(found: 99, expected: UInt64(NOVA_ABI_VERSION))
    ) { try ELFFile(copy).bootstrapRecord() }
  }

  private func entriesByteCount(_ bytes: [UInt8], _ note: ELFNote) throws -> Int {
    func word(_ index: Int) -> Int {
      note.description[index..<index + 8].reversed().reduce(0) { $0 << 8 | Int($1) }
    }
    return word(8) - word(0)
  }

  @Test func `every truncation is refused or harmless`() throws {
    let bytes = try Self.guest(.x86_64)
    for count in stride(from: 0, to: bytes.count, by: bytes.count > 20_000 ? 17 : 1) {
      // A part of the file that no table speaks of may be missing; all else is an error, no crash.
      if let file = try? ELFFile(Array(bytes[..<count])) { exercise(file) }
    }
    #expect(throws: ELFError.self) { try ELFFile(Array(bytes[..<63])) }
  }

  @Test func `random damage never crashes the reader`() throws {
    // SAFETY: the string is copied at once.
    let given = unsafe getenv("NOVA_SEED").flatMap { unsafe UInt64(String(cString: $0)) }
    let seed = given ?? UInt64.random(in: 0...UInt64.max)
    print("NOVA_SEED=\(seed)")
    var state = seed
    func next(_ bound: Int) -> Int {
      // SplitMix64.
      state &+= 0x9e37_79b9_7f4a_7c15
      var mixed = state
      mixed = (mixed ^ mixed >> 30) &* 0xbf58_476d_1ce4_e5b9
      mixed = (mixed ^ mixed >> 27) &* 0x94d0_49bb_1331_11eb
      return Int((mixed ^ mixed >> 31) % UInt64(bound))
    }
    var refused = 0
    let bytes = try Self.guest(.x86_64)
    let table = sectionTable(bytes)
    let places = [0..<64, 64..<64 + 56 * Int(bytes[56]), table..<bytes.count, 0..<bytes.count]
    for _ in 0..<3000 {
      var copy = bytes
      let place = places[next(places.count)]
      for _ in 0...next(4) {
        let extreme: [UInt8] = [0, 1, 0x7f, 0x80, 0xff]
        let start = place.lowerBound + next(place.count)
        for index in start..<min(start + 1 + next(8), copy.count) {
          copy[index] = next(2) == 0 ? extreme[next(5)] : UInt8(next(256))
        }
      }
      if next(4) == 0 { copy.removeLast(next(copy.count)) }
      if let file = try? ELFFile(copy) { exercise(file) } else { refused += 1 }
    }
    #expect(refused > 100, "the damage is too harmless to test anything")
  }

  /// Everything that reads through offsets after parsing.
  private func exercise(_ file: ELFFile) {
    _ = try? file.bootstrapRecord()
    for section in file.sections { _ = file.bytes(of: section).count }
    for segment in file.segments { _ = file.bytes(at: segment.address, byteCount: 1) }
    _ = file.symbol(at: file.entry)
    _ = file.bytes(at: .max, byteCount: .max)
  }

  @Test func `unreadable files say why`() {
    #expect(throws: FileError.unreadable(path: "/absent", errno: ENOENT)) {
      try readFile("/absent")
    }
    #expect(throws: FileError.unreadable(path: "/etc", errno: EISDIR)) { try readFile("/etc") }
  }
}
