// Machine.swift — a small instance of hand-encoded words: 16 registers, 256 bytes, two globals.
// Freestanding and hosted. Imports NovaBytecode and NovaInterpreter.

import NovaBytecode
import NovaInterpreter

/// How a run ended, and what it left.
public struct RunResult: Equatable {
  /// 0: returned; 1: fuel exhausted; 16 and more: trapped, kind on top; 2: anything else.
  public var outcome: Int
  /// Of the trap, in words from the function's beginning.
  public var wordOffset: Int
  /// All of the frame.
  public var registers: [UInt64]
  /// All of memory 0.
  public var memory: [UInt8]
  /// Both.
  public var globals: [UInt64]

  /// What a run came to.
  public init(
    outcome: Int, wordOffset: Int, registers: [UInt64], memory: [UInt8], globals: [UInt64]
  ) {
    self.outcome = outcome
    self.wordOffset = wordOffset
    self.registers = registers
    self.memory = memory
    self.globals = globals
  }
}

/// One instance with one function, which each run gives other code.
@safe public final class Machine {
  /// Of the one function.
  public static let registerCount = 16
  /// Of memory 0, which memory 1 is as well.
  public static let memoryByteCount = 256

  private let code: UnsafeMutablePointer<UInt64>
  private let codeWordCount = 16
  private let bytes: UnsafeMutableRawPointer
  private let memory: UnsafeMutablePointer<MemoryRecord>
  private let globals: UnsafeMutablePointer<UInt64>
  private let function: UnsafeMutablePointer<FunctionDescriptor>
  /// What runs it.
  public let context: ExecutionContext

  /// Makes everything in storage of the process.
  public init() {
    unsafe code = .allocate(capacity: 16)
    unsafe bytes = .allocate(byteCount: Self.memoryByteCount, alignment: 16)
    unsafe globals = .allocate(capacity: 2)
    let globalImports = UnsafeMutablePointer<UnsafeMutablePointer<UInt64>>
      .allocate(capacity: 2)
    let types = UnsafeMutablePointer<UInt32>.allocate(capacity: 1)
    unsafe types[0] = 7
    unsafe memory = .allocate(capacity: 1)
    unsafe memory.initialize(
      to: MemoryRecord(bytes: bytes, byteCount: UInt64(Self.memoryByteCount)))
    let memories = UnsafeMutablePointer<UnsafeMutablePointer<MemoryRecord>>
      .allocate(capacity: 2)
    let cells = UnsafeMutablePointer<UInt64>.allocate(capacity: 3)
    let table = UnsafeMutablePointer<TableRecord>.allocate(capacity: 1)
    unsafe table.initialize(
      to: TableRecord(cells: cells, elementCount: 3, kind: .function))
    let tables = UnsafeMutablePointer<UnsafeMutablePointer<TableRecord>>
      .allocate(capacity: 1)
    unsafe tables[0] = table
    let instance = UnsafeMutablePointer<InstanceRecord>.allocate(capacity: 1)
    unsafe function = .allocate(capacity: 1)
    unsafe function.initialize(
      to: FunctionDescriptor(
        code: UnsafeRawPointer(code), frameByteCount: UInt64(Self.registerCount * 8),
        typeIdentifier: 7, index: 0, instance: instance))
    unsafe cells[0] = UInt64(UInt(bitPattern: function))
    unsafe cells[1] = 0
    unsafe cells[2] = UInt64(UInt(bitPattern: function))
    var value = unsafe InstanceRecord(number: 1)
    unsafe value.functionCount = 1
    unsafe value.functions = function
    unsafe value.globals = globals
    for index in 0..<2 {
      unsafe globalImports[index] = globals + index
      unsafe memories[index] = memory
    }
    unsafe value.importedGlobals = globalImports
    unsafe value.typeIdentifiers = UnsafePointer(types)
    unsafe value.memories = memories
    unsafe value.memoryCount = 2
    unsafe value.tables = tables
    unsafe value.tableCount = 1
    unsafe instance.initialize(to: value)
    unsafe context = Self.makeContext(instance)
  }

  private static func makeContext(
    _ instance: UnsafeMutablePointer<InstanceRecord>
  ) -> ExecutionContext {
    let instances = UnsafeMutableBufferPointer<UnsafeMutablePointer<InstanceRecord>?>
      .allocate(capacity: 2)
    unsafe instances[0] = nil
    unsafe instances[1] = instance
    let registers = UnsafeMutableRawBufferPointer.allocate(byteCount: 4096, alignment: 16)
    let controls = UnsafeMutableRawBufferPointer.allocate(byteCount: 256, alignment: 16)
    return unsafe ExecutionContext(
      storage: .allocate(byteCount: ExecutionContext.byteCount, alignment: 64),
      registers: registers, controls: controls, instances: instances)
  }

  /// Runs at most 16 words from the beginning, with memory and globals as they always begin.
  public func run(
    _ words: [UInt64], _ registers: [UInt64], mode: ExecutionMode = ExecutionMode(),
    fuel: UInt64 = 0
  ) -> RunResult {
    precondition(words.count <= codeWordCount && registers.count == Self.registerCount)
    unsafe context.reset()
    if unsafe context.mode != mode { unsafe context.mode = mode }
    unsafe context.fuel = fuel
    for index in words.indices { unsafe code[index] = words[index] }
    for index in registers.indices { unsafe context.window[index] = registers[index] }
    for index in 0..<Self.memoryByteCount {
      unsafe bytes.storeBytes(of: Self.byte(index), toByteOffset: index, as: UInt8.self)
    }
    for index in 0..<2 { unsafe globals[index] = Self.global(index) }
    // Results are looked for at the bottom of the stack, where the frame was.
    let window = unsafe context.window
    var outcome = unsafe Interpreter.call(context, UnsafePointer(function))
    while case .observed = unsafe outcome { unsafe outcome = Interpreter.resume(context) }
    var result = RunResult(outcome: 2, wordOffset: 0, registers: [], memory: [], globals: [])
    switch unsafe outcome {
    case .returned: result.outcome = 0
    case .fuelExhausted: result.outcome = 1
    case .trapped(let trap):
      result.outcome = 16 + Int(trap.kind.rawValue)
      result.wordOffset = Int(trap.wordOffset)
    default: break
    }
    for index in registers.indices { unsafe result.registers.append(window[index]) }
    for index in 0..<Self.memoryByteCount {
      unsafe result.memory.append(bytes.load(fromByteOffset: index, as: UInt8.self))
    }
    for index in 0..<2 { unsafe result.globals.append(globals[index]) }
    return result
  }

  /// Runs code over another memory, whatever is there, until it returns or traps.
  ///
  /// - Safety: what the code touches of `bytes` is the caller's, or not there at all.
  @unsafe public func run(
    _ words: [UInt64], over bytes: UnsafeMutableRawPointer, byteCount: UInt64, mode: ExecutionMode
  ) -> Bool {
    precondition(words.count <= codeWordCount)
    unsafe memory.pointee = MemoryRecord(bytes: bytes, byteCount: byteCount)
    unsafe context.reset()
    unsafe context.mode = mode
    unsafe context.fuel = .max
    for index in words.indices { unsafe code[index] = words[index] }
    for index in 0..<Self.registerCount { unsafe context.window[index] = 0 }
    var outcome = unsafe Interpreter.call(context, UnsafePointer(function))
    while case .observed = unsafe outcome { unsafe outcome = Interpreter.resume(context) }
    if case .returned = unsafe outcome { return true }
    return false
  }

  /// Memory's byte before a run.
  public static func byte(_ index: Int) -> UInt8 { UInt8(truncatingIfNeeded: index &* 151 &+ 9) }
  /// A global before a run.
  public static func global(_ index: Int) -> UInt64 { 0x1122_3344_5566_7788 &* UInt64(index + 1) }
}
