// Execution.swift — runs a translated module of one memory and no imports, for the tests.

import NovaBytecode
import NovaInterpreter

/// What a call came to.
enum Ending: Equatable {
  case value(UInt64)
  case trap(TrapKind)
  case refused
}

enum Execution {
  private static let stackByteCount = 1 << 16
  private static let memoryByteCount = 1 << 16

  /// Verifies a module and calls its first function.
  static func run(_ module: [UInt8], _ arguments: [UInt64]) -> Ending {
    let file = UnsafeMutableRawBufferPointer.allocate(byteCount: module.count, alignment: 64)
    defer { unsafe file.deallocate() }
    unsafe file.copyBytes(from: module)
    let scratch = UnsafeMutableRawBufferPointer.allocate(byteCount: 1 << 20, alignment: 64)
    defer { unsafe scratch.deallocate() }
    guard
      // SAFETY: nobody changes the bytes before they are freed.
      let view = try? ModuleReader.read(
        unsafe ModuleBytes(unchanging: UnsafeRawBufferPointer(file))),
      let verified = try? unsafe Verifier.verify(view, scratch: scratch)
    else { return .refused }
    return call(verified.view, arguments)
  }

  private static func call(_ view: ModuleView, _ arguments: [UInt64]) -> Ending {
    let record = UnsafeMutablePointer<InstanceRecord>.allocate(capacity: 1)
    let memory = UnsafeMutablePointer<MemoryRecord>.allocate(capacity: 1)
    let memories = UnsafeMutablePointer<UnsafeMutablePointer<MemoryRecord>>.allocate(capacity: 1)
    let functions = UnsafeMutablePointer<FunctionDescriptor>.allocate(
      capacity: view.functions.count)
    let cells = UnsafeMutablePointer<UnsafeMutablePointer<InstanceRecord>?>.allocate(capacity: 2)
    let instances = unsafe UnsafeMutableBufferPointer(start: cells, count: 2)
    let room = unsafe UnsafeMutableRawBufferPointer.allocate(
      byteCount: 2 * stackByteCount + memoryByteCount + ExecutionContext.byteCount, alignment: 64)
    defer {
      unsafe record.deallocate()
      unsafe memory.deallocate()
      unsafe memories.deallocate()
      unsafe functions.deallocate()
      unsafe cells.deallocate()
      unsafe room.deallocate()
    }
    unsafe room.initializeMemory(as: UInt8.self, repeating: 0)
    unsafe record.initialize(to: InstanceRecord(number: 1))
    for index in 0..<view.functions.count {
      let entry = view.functions[index]
      unsafe (functions + index).initialize(
        to: FunctionDescriptor(
          code: view.code + Int(entry.firstWord), frameByteCount: UInt64(entry.registerCount) * 8,
          typeIdentifier: entry.typeIndex, index: UInt32(index), instance: record))
    }
    unsafe record.pointee.functions = functions
    unsafe record.pointee.functionCount = UInt32(view.functions.count)
    let start = unsafe room.baseAddress.unsafelyUnwrapped
    unsafe memory.initialize(
      to: MemoryRecord(
        bytes: start + 2 * stackByteCount, byteCount: UInt64(memoryByteCount)))
    unsafe memories[0] = memory
    unsafe record.pointee.memories = memories
    unsafe record.pointee.memoryCount = 1
    unsafe instances[0] = nil
    unsafe instances[1] = record
    let context = unsafe ExecutionContext(
      storage: start + 2 * stackByteCount + memoryByteCount,
      registers: UnsafeMutableRawBufferPointer(start: start, count: stackByteCount),
      controls: UnsafeMutableRawBufferPointer(
        start: start + stackByteCount, count: stackByteCount),
      instances: instances)
    // Not even a random program runs for ever.
    unsafe context.mode = ExecutionMode(isCharged: true, isObserved: false)
    unsafe context.fuel = 1_000_000
    for (index, argument) in arguments.enumerated() {
      unsafe context.window[index] = argument
    }
    switch unsafe Interpreter.call(context, functions) {
    case .returned: return unsafe .value(context.window[0])
    case .trapped(let trap): return .trap(trap.kind)
    default: return .refused
    }
  }
}
