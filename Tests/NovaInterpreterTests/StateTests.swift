// StateTests.swift — calls of the host, growth, bulk work on memories and tables, references.

import NovaBytecode
import NovaInterpreter
import Testing

@Suite struct StateTests {
  @Test func `the host answers a call and may call back in between`() {
    let top = HandFunction(words: [
      word(.mov, 2, 0), word(.callImport, 2, wide: 1), word(.i32Add, 0, 0, 2), word(.ret0),
    ])
    let square = HandFunction(words: [word(.i32Mul, 0, 0, 0), word(.ret0)])
    let harness = Harness([top, square])
    let outcome = harness.call(6)
    guard case .hostCall(let call) = unsafe outcome else {
      Issue.record("\(text(outcome))")
      return
    }
    #expect(unsafe call.window[0] == 6)
    let suspension = unsafe harness.context.suspend(call, keeping: 1)
    unsafe harness.context.window[0] = call.window[0]
    let nested = unsafe Interpreter.call(
      harness.context, UnsafePointer(harness.functions[1]))
    #expect(text(nested) == "returned")
    let squared = harness.result()
    unsafe harness.context.restore(suspension)
    unsafe call.window[0] = squared
    #expect(text(unsafe Interpreter.resume(harness.context)) == "returned")
    #expect(harness.result() == 42)
  }

  @Test func `an indirect call may reach the host and another instance`() {
    let top = HandFunction(words: [
      word(.callIndirect, 2, 0, 1), word(.mov, 0, 2), word(.ret0),
    ])
    let foreign = HandFunction(words: [word(.const32, 0, wide: 77), word(.ret0)])
    let harness = Harness([top], other: [foreign])
    harness.setElement(0, unsafe harness.records[0].pointee.functions)
    harness.setElement(1, unsafe harness.records[2].pointee.functions)
    let outcome = harness.call(0)
    #expect(text(outcome) == "host 0")
    guard case .hostCall(let call) = unsafe outcome else { return }
    unsafe call.window[0] = 5
    #expect(text(unsafe Interpreter.resume(harness.context)) == "returned")
    #expect(harness.result() == 5)
    #expect(text(harness.call(1)) == "returned")
    #expect(harness.result() == 77)
  }

  @Test func `growth is the host's decision`() {
    let grow = HandFunction(words: [word(.memoryGrow, 0, 0, 0), word(.ret0)])
    let harness = Harness([grow])
    #expect(text(harness.call(3)) == "memory 3")
    #expect(text(unsafe Interpreter.resume(harness.context, answer: .max)) == "returned")
    #expect(harness.result() == 0xffff_ffff)

    let table = HandFunction(words: [word(.tableGrow, 0, 1, 0), extra(0), word(.ret0)])
    let other = Harness([table])
    #expect(text(other.call(2, 0)) == "table 2 0")
    #expect(text(unsafe Interpreter.resume(other.context, answer: 8)) == "returned")
    #expect(other.result() == 8)
    #expect(text(other.call(2, 9 << 32 | 1)) == "invalidReference 1:0:0")
  }

  @Test func `a memory that grew is seen at once`() {
    let function = HandFunction(words: [
      word(.memoryGrow, 1, 0, 0), word(.i32Load8UAbsolute, 0, wide: 5000), word(.ret0),
    ])
    let harness = Harness([function])
    #expect(text(harness.call(1)) == "memory 1")
    let larger = UnsafeMutableRawPointer.allocate(byteCount: 8192, alignment: 16)
    defer { unsafe larger.deallocate() }
    unsafe larger.initializeMemory(as: UInt8.self, repeating: 9, count: 8192)
    unsafe harness.memory.pointee.bytes = larger
    unsafe harness.memory.pointee.byteCount = 8192
    #expect(text(unsafe Interpreter.resume(harness.context, answer: 1)) == "returned")
    #expect(harness.result() == 9)
  }

  @Test func `bulk work on memory checks its bounds before it moves a byte`() {
    let copy = HandFunction(words: [word(.memoryCopy, 0, 1, 2), extra(0, 0), word(.ret0)])
    let fill = HandFunction(words: [word(.memoryFill, 0, 1, 2), extra(0), word(.ret0)])
    let load = HandFunction(words: [word(.memoryInit, 0, 1, 2), extra(0, 0, 0, 0), word(.ret0)])
    let filled = Harness([fill])
    #expect(text(filled.call(4090, 7, 6)) == "returned")
    #expect(unsafe filled.memory.pointee.bytes.load(fromByteOffset: 4095, as: UInt8.self) == 7)
    #expect(text(filled.call(4090, 8, 7)) == "memoryOutOfBounds 1:0:0")
    #expect(unsafe filled.memory.pointee.bytes.load(fromByteOffset: 4090, as: UInt8.self) == 7)
    let loaded = Harness([load])
    #expect(text(loaded.call(8, 1, 4)) == "returned")
    let bytes = unsafe loaded.memory.pointee.bytes
    #expect(
      (8..<12).map { unsafe bytes.load(fromByteOffset: $0, as: UInt8.self) } == [20, 30, 40, 50])
    #expect(text(loaded.call(8, 2, 4)) == "memoryOutOfBounds 1:0:0")
    let copied = Harness([copy])
    let start = unsafe copied.memory.pointee.bytes
    for index in 0..<8 {
      unsafe start.storeBytes(of: UInt8(index), toByteOffset: index, as: UInt8.self)
    }
    // Overlapping, upwards.
    #expect(text(copied.call(2, 0, 6)) == "returned")
    #expect(
      (0..<8).map { unsafe start.load(fromByteOffset: $0, as: UInt8.self) }
        == [0, 1, 0, 1, 2, 3, 4, 5])
    #expect(text(copied.call(0, 4096, 1)) == "memoryOutOfBounds 1:0:0")
    copied.context.reset()
    #expect(text(copied.call(0, 4096, 0)) == "returned")
    #expect(text(copied.call(0xffff_ffff, 0, 0xffff_ffff)) == "memoryOutOfBounds 1:0:0")
  }

  @Test func `bulk work is charged by what it moves`() {
    let fill = HandFunction(words: [word(.memoryFill, 0, 1, 2), extra(0), word(.ret0)])
    let harness = Harness([fill])
    harness.context.mode = ExecutionMode(isCharged: true)
    harness.context.fuel = 16
    #expect(text(harness.call(0, 1, 1024)) == "fuel")
    harness.context.fuel = 17
    #expect(text(unsafe Interpreter.resume(harness.context)) == "returned")
    #expect(harness.context.fuel == 0)
  }

  /// Bulk work of three pieces and a bit over `bytes`, resumed with as much fuel as a piece costs.
  ///
  /// - Returns: what it came to each time, and the fuel that it took.
  private func resumed(
    _ operation: Operation, _ arguments: (UInt64, UInt64, UInt64), over bytes: inout [UInt8]
  ) -> (outcomes: [String], fuel: UInt64) {
    let function = HandFunction(words: [word(operation, 0, 1, 2), extra(0, 0), word(.ret0)])
    let harness = Harness([function])
    harness.context.mode = ExecutionMode(isCharged: true)
    return bytes.withUnsafeMutableBytes { bytes in
      unsafe harness.memory.pointee = MemoryRecord(
        bytes: bytes.baseAddress.unsafelyUnwrapped, byteCount: UInt64(bytes.count))
      var outcomes: [String] = []
      var spent: UInt64 = 0
      harness.context.fuel = 1024
      var outcome = harness.call(arguments.0, arguments.1, arguments.2)
      while outcomes.count < 10 {
        outcomes.append(text(outcome))
        guard case .fuelExhausted = unsafe outcome else { break }
        harness.context.fuel += 1024
        spent += 1024
        unsafe outcome = Interpreter.resume(harness.context)
      }
      return (outcomes, spent + 1024 - harness.context.fuel)
    }
  }

  private static let pieceByteCount = 65536

  @Test func `bulk work stops between its pieces and goes on there`() {
    let count = 3 * Self.pieceByteCount + 100
    var bytes = [UInt8](repeating: 1, count: count + 30)
    let end = resumed(.memoryFill, (10, 0x1ff, UInt64(count)), over: &bytes)
    // The first piece costs one more than it was given at first.
    #expect(end.outcomes == ["fuel", "fuel", "fuel", "returned"])
    #expect(end.fuel == UInt64(1 + count / 64))
    #expect(bytes[..<10].allSatisfy { $0 == 1 } && bytes[(count + 10)...].allSatisfy { $0 == 1 })
    #expect(bytes[10..<count + 10].allSatisfy { $0 == 0xff })
  }

  @Test(arguments: [(0, 7), (7, 0), (0, 65536), (65536, 0), (3, 3)])
  func `pieces of a copy overlap as the whole would`(target: Int, source: Int) {
    let count = 3 * Self.pieceByteCount + 100
    var bytes = (0..<count + Self.pieceByteCount).map {
      UInt8(truncatingIfNeeded: $0 &* 7 ^ $0 >> 8)
    }
    var expected = bytes
    expected.replaceSubrange(target..<target + count, with: bytes[source..<source + count])
    let end = resumed(
      .memoryCopy, (UInt64(target), UInt64(source), UInt64(count)), over: &bytes)
    #expect(end.outcomes.count == 4 && end.outcomes.last == "returned")
    #expect(end.fuel == UInt64(1 + count / 64))
    #expect(bytes == expected)
  }

  @Test func `what was paid for of bulk work is done, and nothing of the next call is`() {
    let fill = HandFunction(words: [word(.memoryFill, 0, 1, 2), extra(0), word(.ret0)])
    let harness = Harness([fill])
    var bytes = [UInt8](repeating: 0, count: 3 * Self.pieceByteCount)
    bytes.withUnsafeMutableBytes { bytes in
      unsafe harness.memory.pointee = MemoryRecord(
        bytes: bytes.baseAddress.unsafelyUnwrapped, byteCount: UInt64(bytes.count))
      harness.context.mode = ExecutionMode(isCharged: true)
      harness.context.fuel = 1025 + 1023
      #expect(text(harness.call(0, 5, UInt64(bytes.count))) == "fuel")
      #expect(bytes[Self.pieceByteCount - 1] == 5 && bytes[Self.pieceByteCount] == 0)
      // Given up; another call begins at its own beginning.
      harness.context.reset()
      harness.context.fuel = 3
      #expect(text(harness.call(0, 6, 128)) == "returned")
      #expect(bytes[0] == 6 && bytes[127] == 6 && bytes[128] == 5)
      // Beyond the end nothing is done, however much would fit before it.
      harness.context.fuel = 10_000
      #expect(text(harness.call(1, 7, UInt64(bytes.count))) == "memoryOutOfBounds 1:0:0")
      #expect(bytes[1] == 6 && harness.context.fuel == 10_000)
    }
  }

  @Test func `pieces of a table are as large as those of a memory`() {
    let fill = HandFunction(words: [word(.tableFill, 0, 1, 2), extra(0), word(.ret0)])
    let harness = Harness([fill])
    var cells = [UInt64](repeating: 0, count: 20_000)
    cells.withUnsafeMutableBufferPointer { cells in
      unsafe harness.table.pointee = TableRecord(
        cells: cells.baseAddress.unsafelyUnwrapped, elementCount: UInt64(cells.count),
        kind: .external)
      harness.context.mode = ExecutionMode(isCharged: true)
      harness.context.fuel = 1025
      #expect(text(harness.call(0, 9, 20_000)) == "fuel")
      #expect(cells[8191] == 9 && cells[8192] == 0)
      harness.context.fuel = 1024 + 452
      #expect(text(unsafe Interpreter.resume(harness.context)) == "returned")
      #expect(cells.allSatisfy { $0 == 9 } && harness.context.fuel == 0)
    }
  }

  @Test func `a dropped segment is empty`() {
    let function = HandFunction(words: [
      word(.dataDrop, 0, wide: 0), word(.elemDrop, 0, wide: 0), word(.memoryInit, 0, 0, 0),
      extra(), word(.memoryInit, 0, 0, 1), extra(), word(.ret0),
    ])
    let harness = Harness([function])
    #expect(text(harness.call(0, 1)) == "memoryOutOfBounds 1:0:4")
    #expect(unsafe harness.records[1].pointee.elementSegments?.pointee.count == 0)
  }

  @Test func `references go through tables and keep no address`() {
    let function = HandFunction(words: [
      word(.refFunc, 1, wide: 0), word(.const32, 2, wide: 3), word(.tableSet, 2, 1, 0),
      word(.tableGet, 0, 2, 0), word(.refImport, 1, wide: 1), word(.tableSet, 2, 1, 0),
      word(.tableGet, 1, 2, 0), word(.const32, 3, wide: 0), word(.tableSet, 2, 3, 0),
      word(.tableGet, 2, 2, 0), word(.refIsNull, 2, 2), word(.ret0),
    ])
    let harness = Harness([function])
    #expect(text(harness.call()) == "returned")
    #expect(harness.result(0) == 1 << 32 | 1)
    #expect(harness.result(1) == 1)
    #expect(harness.result(2) == 1)
  }

  @Test(arguments: [0x1_0000_0000, 0x1_0000_0009, 0x3_0000_0001, .max] as [UInt64])
  func `a reference to nothing is refused where it is used`(reference: UInt64) {
    let function = HandFunction(words: [word(.tableSet, 0, 1, 0), word(.ret0)])
    #expect(text(Harness([function]).call(0, reference)) == "invalidReference 1:0:0")
  }

  @Test func `bulk work on tables checks its bounds`() {
    let fill = HandFunction(words: [word(.tableFill, 0, 1, 2), extra(0), word(.ret0)])
    let copy = HandFunction(words: [word(.tableCopy, 0, 1, 2), extra(0, 0), word(.ret0)])
    let load = HandFunction(words: [word(.tableInit, 0, 1, 2), extra(), word(.ret0)])
    let filled = Harness([fill])
    #expect(text(filled.call(6, 1 << 32 | 1, 2)) == "returned")
    #expect(unsafe filled.table.pointee.cells[7] != 0)
    #expect(text(filled.call(6, 1 << 32 | 1, 3)) == "tableOutOfBounds 1:0:0")
    let copied = Harness([copy])
    copied.setElement(0, copied.functions[0])
    #expect(text(copied.call(5, 0, 2)) == "returned")
    #expect(unsafe copied.table.pointee.cells[5] == copied.table.pointee.cells[0])
    #expect(text(copied.call(7, 0, 2)) == "tableOutOfBounds 1:0:0")
    let loaded = Harness([load])
    #expect(text(loaded.call(3, 0, 2)) == "returned")
    #expect(unsafe loaded.table.pointee.cells[3] == UInt64(UInt(bitPattern: loaded.functions[0])))
    #expect(text(loaded.call(3, 1, 2)) == "tableOutOfBounds 1:0:0")
  }
}
