// LineTableTests.swift — lines of DWARF's tables come to instructions; damaged tables are left out.

import NovaAssembler
import NovaToolchain
import Testing

@testable import NovaWasm

@Suite struct LineTableTests {
  private typealias Bytes = WasmBytes

  /// A function of (i32, i32) → i32: parameter 0 stored and divided by parameter 1.
  ///
  /// By the bytes behind the code section's first: `local.get`s at 3, 5; store at 7; `local.get`s
  /// at 10, 12; division at 14; end at 15.
  private static let code: [UInt8] = [
    0x20, 0, 0x20, 0, 0x36, 2, 0, 0x20, 0, 0x20, 1, 0x6d,
  ]

  private func custom(_ name: String, _ content: [UInt8]) -> [UInt8] {
    let bytes = Bytes.unsigned(name.utf8.count) + Array(name.utf8) + content
    return [0] + Bytes.unsigned(bytes.count) + bytes
  }

  private func word(_ value: Int) -> [UInt8] { (0..<4).map { UInt8(value >> ($0 * 8) & 0xff) } }

  /// A unit of version `version` with `lists` of files and `program`.
  private func unit(
    _ version: UInt8, _ lists: [UInt8], _ program: [UInt8], lineRange: UInt8 = 14
  ) -> [UInt8] {
    let steps: [UInt8] =
      [1] + (version >= 4 ? [1] : []) + [1, 0xfb, lineRange, 13]
      + [0, 1, 1, 1, 1, 0, 0, 0, 1, 0, 0, 1]
    let head = steps + lists
    let body = [version, 0] + (version >= 5 ? [4, 0] : []) + word(head.count) + head + program
    return word(body.count) + body
  }

  /// From `address` on line 7 of file 1; from `address + 7` on line 9 of file 2, for 6 bytes.
  private func program(at address: Int) -> [UInt8] {
    [0, 5, 2] + word(address) + [3, 6, 1, 2, 7, 4, 2, 3, 2, 1, 2, 6, 0, 1, 1]
  }

  private var lists4: [UInt8] {
    Array("include\0\0a.c\0".utf8) + [0, 0, 0] + Array("b.h\0".utf8) + [1, 0, 0, 0]
  }

  private func module(_ lines: [UInt8], _ others: [(String, [UInt8])] = []) -> [UInt8] {
    Bytes.module([Bytes.body(Self.code)]) + custom(".debug_line", lines)
      + others.flatMap { custom($0.0, $0.1) }
  }

  /// Operations with the file and the line that they come from.
  private func lines(of bytes: [UInt8], isOptimized: Bool = true) throws -> [String] {
    var options = WasmImporter.Options()
    if !isOptimized { options.optimizer = nil }
    let translation = try WasmImporter.translation(of: bytes, options: options)
    #expect(translation.lineTableError == nil)
    let contents = try Modules.contents(of: translation.module)
    return contents.functions[0].places.map { entry in
      let file = String(decoding: contents.sourceFiles[Int(entry.place.file)], as: UTF8.self)
      return "\(entry.word) \(file):\(entry.place.line)"
    }
  }

  private func error(_ lines: [UInt8], _ others: [(String, [UInt8])] = []) -> LineTableError.Cause?
  {
    let bytes = module(lines, others)
    let translation = try? WasmImporter.translation(of: bytes)
    #expect(translation?.module == (try? WasmImporter.module(from: module([]))))
    #expect(translation?.lineTableError?.text.hasPrefix("byte ") ?? true)
    return translation?.lineTableError?.cause
  }

  @Test(arguments: [2, 3, 4] as [UInt8])
  func `instructions come from the lines of an old table`(version: UInt8) throws {
    let table = unit(version, lists4, program(at: 3))
    #expect(try lines(of: module(table)) == ["0 a.c:7", "1 include/b.h:9"])
  }

  @Test func `names of a new table stand in sections of their own`() throws {
    let directories: [UInt8] = [1, 1, 0x1f, 2] + word(0) + word(5)
    let files: [UInt8] =
      [3, 1, 0x0e, 2, 0x0b, 5, 0x1e, 3] + word(0) + [0] + [UInt8](repeating: 1, count: 16)
      + word(4) + [0] + [UInt8](repeating: 2, count: 16) + word(8) + [1]
      + [UInt8](repeating: 3, count: 16)
    let table = unit(5, directories + files, program(at: 3))
    let others = [
      (".debug_line_str", Array("/src\0lib\0".utf8)), (".debug_str", Array("m.c\0n.c\0o.h\0".utf8)),
    ]
    #expect(try lines(of: module(table, others)) == ["0 n.c:7", "1 lib/o.h:9"])
  }

  @Test func `rows of functions that are not there say nothing`() throws {
    let gone = unit(4, lists4, program(at: 0) + program(at: 0xffff_fff0))
    #expect(try lines(of: module(gone)) == [])
    // Nor does what begins within another run.
    let within: [UInt8] = [0, 5, 2] + word(4) + [3, 1, 1, 2, 3, 0, 1, 1]
    let both = gone + unit(4, lists4, program(at: 3) + within)
    #expect(try lines(of: module(both)) == ["0 a.c:7", "1 include/b.h:9"])
  }

  @Test func `what fuses comes from where the part comes from that can trap`() throws {
    // A load of line 7, and its sum with a parameter of line 9.
    let code: [UInt8] = [0x20, 0, 0x28, 2, 0, 0x20, 1, 0x6a]
    let table = unit(4, lists4, [0, 5, 2] + word(3) + [3, 6, 1, 2, 5, 3, 2, 1, 2, 4, 0, 1, 1])
    let bytes = Bytes.module([Bytes.body(code)]) + custom(".debug_line", table)
    #expect(try lines(of: bytes, isOptimized: false).contains("0 a.c:7"))
    let fused = try lines(of: bytes)
    #expect(fused.first == "0 a.c:7")
  }

  @Test func `damaged tables are left out, and the module is good`() {
    let good = unit(4, lists4, program(at: 3))
    #expect(error([1, 2]) == .truncated)
    #expect(error(Array(good.dropLast())) == .truncated)
    #expect(error(unit(6, lists4, [])) == .unknownVersion(6))
    #expect(error(unit(4, lists4, [], lineRange: 0)) == .noLineRange)
    #expect(error(unit(4, Array("a".utf8), [])) == .truncated)
    let long = [UInt8](repeating: 0x61, count: WasmLimits.sourceNameByteCountMax + 1)
    #expect(error(unit(4, long + [0, 0, 0], [])) == .nameTooLong)
    #expect(error(unit(5, [1, 1, 0x19, 1, 0], [])) == .unknownForm(0x19))
    #expect(error(unit(5, [1, 1, 0x1f, 1] + word(3), [])) == .noString(3))
    #expect(error(unit(5, [0, 0x80, 0x80, 0x80, 0x80, 0x80, 1], [])) == .emptyEntries(1 << 35))
  }

  @Test func `the names of all files have a limit`() {
    let name = [UInt8](repeating: 0x61, count: WasmLimits.sourceNameByteCountMax)
    let count = WasmLimits.sourceNamesByteCountMax / name.count + 1
    var table = [UInt8(0)]
    for _ in 0..<count { table += name + [0, 0, 0, 0] }
    table.append(0)
    var rows: [UInt8] = [0, 5, 2] + word(1)
    for file in 1...count { rows += [4] + Bytes.unsigned(file) + [1, 2, 1] }
    rows += [0, 1, 1]
    // Of a function that is as long as there are files.
    let body = Bytes.body([UInt8](repeating: 0x01, count: count + 9) + [0x20, 0])
    let bytes = Bytes.module([body]) + custom(".debug_line", unit(4, table, rows))
    let translation = try? WasmImporter.translation(of: bytes)
    #expect(translation?.lineTableError?.cause == .tooManyNames)
  }

  @Test func `a table cut anywhere is read or left out`() throws {
    let good = unit(4, lists4, program(at: 3))
    for count in 0..<good.count { _ = error(Array(good.prefix(count))) }
    var damaged = good
    for index in damaged.indices {
      for value in [0, 1, 0x7f, 0xff] as [UInt8] {
        damaged[index] = value
        #expect((try? WasmImporter.translation(of: module(damaged))) != nil)
      }
      damaged[index] = good[index]
    }
  }
}
