// Instance.swift — the least that runs a module: memory, table, globals, functions; no imports.
// Hosted. What a program would use instead is NovaCore's ModuleLoader.

import Glibc
import NovaBytecode
import NovaInterpreter

/// One instance in memory of its own, ready to be called.
@safe final class Instance {
  let view: ModuleView
  let context: ExecutionContext
  private let arena: UnsafeMutableRawPointer
  private let arenaByteCount: Int
  private let record: UnsafeMutablePointer<InstanceRecord>

  /// Room for everything but the linear memory.
  private static let roomByteCount = 4 << 20
  private static let registerByteCount = 1 << 20
  private static let controlByteCount = 1 << 20

  init(_ module: VerifiedModule) {
    view = module.view
    let pages = view.memories.count > 0 ? Int(view.memories[0].limits.minimum) : 0
    arenaByteCount = Self.roomByteCount + pages << 16
    let flags = MAP_PRIVATE | MAP_ANONYMOUS
    guard let arena = unsafe mmap(nil, arenaByteCount, PROT_READ | PROT_WRITE, flags, -1, 0)
    else { fatalError("no memory") }
    unsafe self.arena = arena
    var next = unsafe arena
    func take<Element>(_ type: Element.Type, _ count: Int) -> UnsafeMutablePointer<Element> {
      defer { unsafe next += (count * MemoryLayout<Element>.stride + 63) & ~63 }
      return unsafe next.bindMemory(to: type, capacity: count)
    }
    unsafe record = take(InstanceRecord.self, 1)
    unsafe record.initialize(to: InstanceRecord(number: 1))
    let instances = unsafe take(UnsafeMutablePointer<InstanceRecord>?.self, 2)
    unsafe instances[0] = nil
    unsafe instances[1] = record
    let storage = unsafe take(UInt8.self, ExecutionContext.byteCount)
    let registers = unsafe take(UInt8.self, Self.registerByteCount)
    let controls = unsafe take(UInt8.self, Self.controlByteCount)
    unsafe context = ExecutionContext(
      storage: UnsafeMutableRawPointer(storage),
      registers: UnsafeMutableRawBufferPointer(start: registers, count: Self.registerByteCount),
      controls: UnsafeMutableRawBufferPointer(start: controls, count: Self.controlByteCount),
      instances: UnsafeMutableBufferPointer(start: instances, count: 2))
    let view = view
    let record = unsafe record
    unsafe Self.makeFunctions(view, record) { unsafe take(FunctionDescriptor.self, $0) }
    let identifiers = unsafe take(UInt32.self, view.types.count)
    for type in 0..<view.types.count { unsafe identifiers[type] = UInt32(type) }
    unsafe record.pointee.typeIdentifiers = UnsafePointer(identifiers)
    let globals = unsafe take(UInt64.self, view.globals.count)
    for global in 0..<view.globals.count {
      unsafe globals[global] = view.globals[global].initial.value
    }
    unsafe record.pointee.globals = globals
    if view.tables.count > 0 {
      let count = Int(view.tables[0].limits.minimum)
      let cells = unsafe take(UInt64.self, count)
      let tables = unsafe take(UnsafeMutablePointer<TableRecord>.self, 1)
      let table = unsafe take(TableRecord.self, 1)
      unsafe table.initialize(
        to: TableRecord(cells: cells, elementCount: UInt64(count), kind: .function))
      unsafe tables[0] = table
      unsafe record.pointee.tables = tables
      unsafe record.pointee.tableCount = 1
      unsafe fill(cells)
    }
    if pages > 0 {
      let memories = unsafe take(UnsafeMutablePointer<MemoryRecord>.self, 1)
      let memory = unsafe take(MemoryRecord.self, 1)
      let bytes = unsafe arena + Self.roomByteCount
      unsafe memory.initialize(to: MemoryRecord(bytes: bytes, byteCount: UInt64(pages << 16)))
      unsafe memories[0] = memory
      unsafe record.pointee.memories = memories
      unsafe record.pointee.memoryCount = 1
      unsafe copyData(to: bytes)
    }
  }

  deinit { unsafe munmap(arena, arenaByteCount) }

  private static func makeFunctions(
    _ view: ModuleView, _ record: UnsafeMutablePointer<InstanceRecord>,
    _ take: (Int) -> UnsafeMutablePointer<FunctionDescriptor>
  ) {
    let count = view.functions.count
    let functions = unsafe take(count)
    for index in 0..<count {
      let entry = view.functions[index]
      unsafe (functions + index).initialize(
        to: FunctionDescriptor(
          code: view.code + Int(entry.firstWord), frameByteCount: UInt64(entry.registerCount) * 8,
          typeIdentifier: entry.typeIndex, index: UInt32(index), instance: record))
    }
    unsafe record.pointee.functions = functions
    unsafe record.pointee.functionCount = UInt32(count)
  }

  private func fill(_ cells: UnsafeMutablePointer<UInt64>) {
    guard let functions = unsafe record.pointee.functions else { return }
    for segment in 0..<view.elementSegments.count {
      let entry = view.elementSegments[segment]
      for item in 0..<Int(entry.items.count) {
        let index = Int(view.elementItems[Int(entry.items.first) + item].index)
        let place = Int(entry.offset.value) + item
        unsafe cells[place] = UInt64(UInt(bitPattern: functions + index))
      }
    }
  }

  private func copyData(to memory: UnsafeMutableRawPointer) {
    for segment in 0..<view.dataSegments.count {
      let entry = view.dataSegments[segment]
      let bytes = unsafe view.poolBytes(.dataBytes, entry.bytes).buffer
      if let start = bytes.baseAddress {
        unsafe memcpy(memory + Int(entry.offset.value), start, bytes.count)
      }
    }
  }

  /// The function that is exported under `name`.
  func function(_ name: String) -> Int {
    for index in 0..<view.exports.count {
      let entry = view.exports[index]
      let bytes = view.string(entry.name)
      if bytes.count == name.utf8.count,
        zip(0..<bytes.count, name.utf8).allSatisfy({ bytes[$0] == $1 })
      {
        return Int(entry.index)
      }
    }
    fatalError("no function is exported as \(name)")
  }

  /// Calls a function of one i32 with one i32 as result; nil where it trapped.
  func call(_ function: Int, _ argument: Int32, fuel: UInt64? = nil) -> Int32? {
    guard let functions = unsafe record.pointee.functions else { return nil }
    if let fuel {
      unsafe context.mode = ExecutionMode(isCharged: true, isObserved: false)
      unsafe context.fuel = fuel
    }
    unsafe context.window[0] = UInt64(UInt32(bitPattern: argument))
    guard case .returned = unsafe Interpreter.call(context, functions + function) else {
      return nil
    }
    return unsafe Int32(truncatingIfNeeded: context.window[0])
  }

  /// Calls as `call` does, and counts how often each operation comes behind each other.
  func profile(_ function: Int, _ argument: Int32) -> [UInt32: Int] {
    guard let functions = unsafe record.pointee.functions else { return [:] }
    unsafe context.mode = ExecutionMode(isCharged: false, isObserved: true)
    unsafe context.window[0] = UInt64(UInt32(bitPattern: argument))
    var counts: [UInt32: Int] = [:]
    var last: UInt32 = 0xffff
    var outcome = unsafe Interpreter.call(context, functions + function)
    while case .observed(let frame) = unsafe outcome {
      let entry = view.functions[Int(frame.functionIndex)]
      let word = view.codeWord(Int(entry.firstWord) + Int(frame.wordOffset))
      let operation = UInt32(truncatingIfNeeded: word & 0xffff)
      counts[last << 16 | operation, default: 0] += 1
      last = operation
      unsafe outcome = Interpreter.resume(context)
    }
    return counts
  }
}
