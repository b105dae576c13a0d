// PlainCall.swift — calls of a plain program's functions: slices of fuel, the clock, growth, traps.
// Freestanding. Imports NovaInterpreter, NovaModules. Design: Decisions/0017.

import NovaInterpreter
import NovaModules

/// The start functions and the one that was asked for, within the same limits.
@safe struct PlainCall: ~Copyable {
  private(set) var program: PlainProgram
  let context: ExecutionContext
  private let isCharged: Bool
  // Of the monotonic clock.
  private let deadline: Int64?
  private let fuelPerSlice: UInt64
  private var handedFuel: UInt64 = 0
  private var isUnderWay = false

  /// A call in a linked program; its time begins now.
  init(_ program: consuming PlainProgram) {
    let limits = program.limits
    deadline = limits.timeoutNanoseconds.map {
      let (sum, overflow) = System.monotonicNanoseconds.addingReportingOverflow(
        Int64(clamping: $0))
      return overflow ? .max : sum
    }
    isCharged = limits.fuel != nil || limits.timeoutNanoseconds != nil
    var weight = 1
    for place in 0..<program.linkedCount {
      weight = unsafe max(
        weight, program.parts[program.order[place]].module.functionWeightMax)
    }
    fuelPerSlice = max(
      1, min(ModuleLimits.fuelPerSlice, UInt64(ModuleLimits.weightPerSlice / weight)))
    let controlByteCount = unsafe limits.callDepth * ExecutionContext.controlByteCountPerCall
    let registerByteCount = limits.registerCount * 8
    let contextByteCount = unsafe (ExecutionContext.byteCount + 63) & ~63
    // SAFETY: the block has room for all three, and stays as long as the process.
    let base = unsafe lend(contextByteCount + controlByteCount + registerByteCount)
    unsafe context = unsafe ExecutionContext(
      storage: base,
      registers: UnsafeMutableRawBufferPointer(
        start: base + contextByteCount + controlByteCount, count: registerByteCount),
      controls: UnsafeMutableRawBufferPointer(
        start: base + contextByteCount, count: controlByteCount),
      instances: UnsafeMutableBufferPointer(
        start: program.records, count: program.linkedCount + 1),
      mode: ExecutionMode(isCharged: isCharged))
    self.program = program
    handOutFuel()
  }

  /// Where the results of the last call are.
  var window: UnsafeMutablePointer<UInt64> {
    // SAFETY: in the stack's registers, more than a type may have parameters or results.
    unsafe context.window
  }

  /// Where the next call's arguments go.
  var emptyWindow: UnsafeMutablePointer<UInt64> {
    // SAFETY: nothing is under way.
    unsafe context.reset()
    return unsafe context.window
  }

  /// Runs the modules' start functions, the imported modules' first.
  ///
  /// - Returns: false when one of them ended the module.
  mutating func runStart() -> Bool {
    for place in 0..<program.linkedCount {
      let part = unsafe program.parts + program.order[place]
      guard let start = unsafe part.pointee.module.view.startFunction else { continue }
      guard unsafe run(part.pointee.descriptor(Int(start))) else { return false }
    }
    return true
  }

  /// Runs a function of the program's own module to its end.
  ///
  /// - Returns: false when it ended the module.
  mutating func run(function index: Int) -> Bool {
    unsafe run(program.parts[0].descriptor(index))
  }

  @inline(never) private mutating func run(
    _ function: UnsafePointer<FunctionDescriptor>
  ) -> Bool {
    unsafe context.reset()
    isUnderWay = true
    // SAFETY: only verified modules are linked, whose instances hold what they declare; arguments
    // are as many as the function's type says, and the context has room for them.
    var outcome = unsafe Interpreter.call(context, function)
    while true {
      var answer: UInt32 = 0
      switch unsafe outcome {
      case .returned:
        isUnderWay = false
        return true
      case .trapped(let trap):
        stop(trap.kind == .stackExhausted ? Stop.stack : trap.kind.summary)
      case .fuelExhausted:
        checkDeadline()
        handOutFuel()
      case .growMemory(let record, let pages):
        answer = unsafe program.growMemory(record, by: pages)
        // A memory that moves takes long, and is charged nothing.
        checkDeadline()
      case .growTable(let record, let count, let cell):
        answer = unsafe program.growTable(record, by: count, cell: cell)
        checkDeadline()
      case .hostCall(let call):
        // SAFETY: whoever bound the import knows its number, and what its function takes.
        let goesOn = unsafe withUnsafeMutablePointer(to: &self) {
          unsafe nova_call_outside($0, call.function.pointee.index, call.window)
        }
        guard goesOn else { return false }
        checkDeadline()
      case .observed: preconditionFailure("a plain program is not observed")
      }
      // SAFETY: as above; what the outcome asked for was done.
      unsafe outcome = unsafe Interpreter.resume(context, answer: answer)
    }
  }

  // MARK: Limits

  /// Gives the interpreter another slice, on top of what a charge was too large for.
  @inline(never) private mutating func handOutFuel() {
    guard isCharged else { return }
    let rest = (program.limits.fuel ?? .max) - handedFuel
    // Without fuel, a function still runs up to its first charge.
    guard rest > 0 || !isUnderWay else { stop(Stop.fuel) }
    let slice = deadline == nil ? rest : min(rest, fuelPerSlice)
    handedFuel += slice
    unsafe context.fuel += slice
  }

  @inline(never) private func checkDeadline() {
    guard let deadline, System.monotonicNanoseconds >= deadline else { return }
    stop(Stop.deadline)
  }

  /// Ends the program: the module was stopped.
  private func stop(_ why: StaticString) -> Never {
    unsafe nova_stop_outside(program.outside)
    var line = Line(to: 2)
    line.append(Stop.beginning)
    line.append(why)
    var depth = 0
    let (parts, order) = unsafe (program.parts, program.order)
    unsafe context.backtrace { frame in
      depth += 1
      guard depth <= ModuleLimits.backtraceFrameCountMax else { return true }
      unsafe line.append(
        &parts[order[Int(frame.instanceNumber) - 1]], Int(frame.functionIndex),
        Int(frame.wordOffset))
      return true
    }
    if depth > ModuleLimits.backtraceFrameCountMax {
      line.append(Stop.more)
      line.append(depth - ModuleLimits.backtraceFrameCountMax)
    }
    if unsafe parts[0].module.view.lines.count == 0 { line.append(Stop.noLines) }
    line.write()
    System.exit(1)
  }
}

/// Calls what an import of no module was bound to; false when the module has ended itself.
///
/// The linker is told what does it in this program, as of all that is outside of its modules.
@_extern(c) func nova_call_outside(
  _ call: UnsafeMutableRawPointer, _ number: UInt32, _ window: UnsafeMutablePointer<UInt64>
) -> Bool

/// Tells what comes before the reason why the program is stopped.
@_extern(c) func nova_stop_outside(_ outside: UnsafeMutableRawPointer?)

/// Of programs whose modules import each other at most.
@c public func nova_call_nothing() -> Bool { false }

/// Of programs whose modules import each other at most.
@c public func nova_stop_nothing() {}

extension Line {
  /// Appends a frame: its function by the name for readers, or one under which it is exported.
  fileprivate mutating func append(
    _ part: inout PlainPart, _ ownFunction: Int, _ wordOffset: Int
  ) {
    let function = unsafe part.module.view.importedFunctionCount + ownFunction
    append(Stop.frame)
    if let name = unsafe part.module.view.name(.function, UInt32(function)) {
      append(name)
    } else if let name = unsafe part.exportName(of: function) {
      append(name)
    } else {
      append(Stop.function)
      append(function)
    }
    if unsafe part.module.view.lines.count > 0 {
      unsafe appendLine(
        Int(part.module.view.functions[ownFunction].firstWord) + wordOffset, &part)
    }
    append(Stop.word)
    append(wordOffset)
  }

  /// A function of its own, that a program is made without whose modules have no lines.
  @inline(never) private mutating func appendLine(_ word: Int, _ part: inout PlainPart) {
    guard let entry = unsafe part.module.view.line(atWord: word), entry.line != 0 else { return }
    append(" (")
    unsafe append(
      part.module.view.debugString(part.module.view.sourceFiles[Int(entry.fileIndex)].name))
    append(UInt8(ascii: ":"))
    append(Int(entry.line))
    append(UInt8(ascii: ")"))
  }
}

extension PlainPart {
  fileprivate func exportName(of function: Int) -> PoolBytes? {
    for index in 0..<(unsafe module.view.exports.count) {
      if let export = unsafe functionExport(index), export.function == function {
        return export.name
      }
    }
    return nil
  }
}
