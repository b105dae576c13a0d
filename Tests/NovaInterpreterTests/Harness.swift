// Harness.swift — instances of hand-encoded functions, that call each other and the host.
// Hosted. Imports NovaBytecode and NovaInterpreter.

import NovaBytecode
import NovaInterpreter

/// A function to be: its code and frame.
struct HandFunction {
  var words: [UInt64]
  var registerCount = 8
  var type: UInt32 = 1
}

/// Storage for a context and two instances; everything is freed with it.
@safe final class Harness {
  let context: ExecutionContext
  let functions: [UnsafeMutablePointer<FunctionDescriptor>]
  let records: [UnsafeMutablePointer<InstanceRecord>]
  let memory: UnsafeMutablePointer<MemoryRecord>
  let table: UnsafeMutablePointer<TableRecord>
  let instances: UnsafeMutableBufferPointer<UnsafeMutablePointer<InstanceRecord>?>
  private let rooms: Rooms

  static let memoryByteCount = 4096
  static let tableElementCount = 8
  static let data: [UInt8] = [10, 20, 30, 40, 50]

  /// - Parameters:
  ///   - own: functions of instance 1.
  ///   - other: functions of instance 2; import 0 of instance 1 is its function 0.
  ///   - callDepth: entries of the control stack.
  ///   - registerBytes: of the register stack.
  init(
    _ own: [HandFunction], other: [HandFunction] = [], callDepth: Int = 64,
    registerBytes: Int = 8192
  ) {
    let rooms = Rooms()
    unsafe memory = rooms.make(1, of: MemoryRecord.self)
    unsafe memory.initialize(
      to: MemoryRecord(
        bytes: rooms.make(Self.memoryByteCount, of: UInt8.self),
        byteCount: UInt64(Self.memoryByteCount)))
    unsafe table = rooms.make(1, of: TableRecord.self)
    unsafe table.initialize(
      to: TableRecord(
        cells: rooms.make(64, of: UInt64.self), elementCount: UInt64(Self.tableElementCount),
        kind: .function))
    unsafe instances = .init(
      start: rooms.make(3, of: UnsafeMutablePointer<InstanceRecord>?.self), count: 3)
    unsafe records = [[], own, other].enumerated().map { number, group in
      unsafe Self.instance(number, group, rooms)
    }
    for (number, record) in unsafe records.enumerated() { unsafe instances[number] = record }
    let first = unsafe records[1].pointee.functions
    unsafe functions = own.indices.compactMap { index in unsafe first.map { unsafe $0 + index } }
    let imports = unsafe rooms.make(2, of: UnsafePointer<FunctionDescriptor>.self)
    for (index, number) in [2, 0].enumerated() {
      if let function = unsafe records[number].pointee.functions {
        unsafe imports[index] = UnsafePointer(function)
      }
    }
    unsafe records[1].pointee.imports = imports
    for record in unsafe records {
      unsafe Self.fill(record, memory, table, functions[0], rooms)
    }
    unsafe context = ExecutionContext(
      storage: rooms.make(ExecutionContext.byteCount, of: UInt8.self),
      registers: .init(start: rooms.make(registerBytes, of: UInt8.self), count: registerBytes),
      controls: .init(
        start: rooms.make(callDepth * 16, of: UInt8.self), count: callDepth * 16),
      instances: instances)
    self.rooms = rooms
  }

  /// An instance with descriptors and code; the host, number 0, has one function of type 1.
  private static func instance(
    _ number: Int, _ group: [HandFunction], _ rooms: Rooms
  ) -> UnsafeMutablePointer<InstanceRecord> {
    let record = unsafe rooms.make(1, of: InstanceRecord.self)
    unsafe record.initialize(to: InstanceRecord(number: UInt32(number)))
    let descriptors = unsafe rooms.make(group.count, of: FunctionDescriptor.self)
    unsafe descriptors.initialize(
      to: FunctionDescriptor(
        code: nil, frameByteCount: 0, typeIdentifier: 1, index: 0, instance: record))
    var code = unsafe rooms.make(group.reduce(0) { $0 + $1.words.count }, of: UInt64.self)
    for (index, function) in group.enumerated() {
      unsafe (descriptors + index).initialize(
        to: FunctionDescriptor(
          code: UnsafeRawPointer(code), frameByteCount: UInt64(function.registerCount * 8),
          typeIdentifier: function.type, index: UInt32(index), instance: record))
      for word in function.words {
        unsafe code.pointee = word
        unsafe code += 1
      }
    }
    unsafe record.pointee.functions = descriptors
    unsafe record.pointee.functionCount = UInt32(max(group.count, 1))
    return unsafe record
  }

  /// Memory, table, types, segments and globals: the same for every instance, but its own globals.
  private static func fill(
    _ record: UnsafeMutablePointer<InstanceRecord>, _ memory: UnsafeMutablePointer<MemoryRecord>,
    _ table: UnsafeMutablePointer<TableRecord>,
    _ function: UnsafeMutablePointer<FunctionDescriptor>, _ rooms: Rooms
  ) {
    let memories = unsafe rooms.make(1, of: UnsafeMutablePointer<MemoryRecord>.self)
    let tables = unsafe rooms.make(1, of: UnsafeMutablePointer<TableRecord>.self)
    let types = unsafe rooms.make(4, of: UInt32.self)
    let segments = unsafe rooms.make(1, of: SegmentRecord.self)
    let elements = unsafe rooms.make(1, of: SegmentRecord.self)
    unsafe memories[0] = memory
    unsafe tables[0] = table
    for type in 0..<4 { unsafe types[type] = UInt32(type) }
    let bytes = unsafe rooms.make(Self.data.count, of: UInt8.self)
    for (index, byte) in Self.data.enumerated() { unsafe bytes[index] = byte }
    let cells = unsafe rooms.make(2, of: UInt64.self)
    unsafe cells[0] = UInt64(UInt(bitPattern: function))
    unsafe segments.initialize(
      to: SegmentRecord(start: UnsafeRawPointer(bytes), count: UInt64(Self.data.count)))
    unsafe elements.initialize(to: SegmentRecord(start: UnsafeRawPointer(cells), count: 2))
    unsafe record.pointee.memories = memories
    unsafe record.pointee.memoryCount = 1
    unsafe record.pointee.tables = tables
    unsafe record.pointee.tableCount = 1
    unsafe record.pointee.typeIdentifiers = UnsafePointer(types)
    unsafe record.pointee.dataSegments = segments
    unsafe record.pointee.elementSegments = elements
    unsafe record.pointee.globals = rooms.make(4, of: UInt64.self)
  }

  /// Calls own function 0.
  func call(_ arguments: UInt64...) -> Outcome {
    for (index, argument) in arguments.enumerated() {
      unsafe context.window[index] = argument
    }
    return unsafe Interpreter.call(context, UnsafePointer(functions[0]))
  }

  func result(_ index: Int = 0) -> UInt64 { unsafe context.window[index] }

  func setElement(_ index: Int, _ function: UnsafeMutablePointer<FunctionDescriptor>?) {
    unsafe table.pointee.cells[index] = UInt64(UInt(bitPattern: function))
  }

  /// Every frame, innermost first, as "instance:function:word".
  var backtrace: [String] {
    var frames: [String] = []
    unsafe context.backtrace { frame in
      frames.append("\(frame.instanceNumber):\(frame.functionIndex):\(frame.wordOffset)")
      return true
    }
    return frames
  }
}

/// What an outcome says, comparable.
func text(_ outcome: Outcome) -> String {
  switch unsafe outcome {
  case .returned: "returned"
  case .trapped(let trap):
    "\(trap.kind) \(trap.instanceNumber):\(trap.functionIndex):\(trap.wordOffset)"
  case .fuelExhausted: "fuel"
  case .hostCall(let call): unsafe "host \(call.function.pointee.index)"
  case .growMemory(_, let pages): "memory \(pages)"
  case .growTable(_, let count, let cell): "table \(count) \(cell)"
  case .observed(let frame): "observed \(frame.functionIndex):\(frame.wordOffset)"
  }
}

/// Zeroed storage that lives as long as this does.
@safe final class Rooms {
  private var all: [UnsafeMutableRawPointer] = []

  func make<Value>(_ count: Int, of _: Value.Type) -> UnsafeMutablePointer<Value> {
    let byteCount = max(count, 1) * MemoryLayout<Value>.stride
    let bytes = UnsafeMutableRawPointer.allocate(byteCount: byteCount, alignment: 64)
    unsafe bytes.initializeMemory(as: UInt8.self, repeating: 0, count: byteCount)
    unsafe all.append(bytes)
    return unsafe bytes.bindMemory(to: Value.self, capacity: max(count, 1))
  }

  deinit { for bytes in unsafe all { unsafe bytes.deallocate() } }
}
