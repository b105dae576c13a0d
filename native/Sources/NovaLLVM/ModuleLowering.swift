// ModuleLowering.swift — a verified module as LLVM's: functions, entries, and what describes them.
// Hosted. Imports CLLVM, NovaBytecode, NovaInterpreter. Design: Decisions/0019-compiled-code.md.

import CLLVM
import NovaABI
import NovaBytecode
import NovaInterpreter
import OperationTrees

/// How a function's arguments and results travel between compiled functions.
///
/// Registers are untyped 64 bits, and an argument may have more bits set than its type has: so all
/// but `f64` are passed as 64-bit integers.
struct CallShape {
  /// Direct arguments; the others are in the callee's frame.
  static let argumentCountMax = 6
  /// The same in modules with tail calls: with three words more, what x86_64 has registers for.
  static let uniformArgumentCountMax = 3
  /// Results in machine registers; with more, all are in the callee's frame.
  static let resultCountMax = 2

  let parameters: [ValueType]
  let results: [ValueType]
  /// Direct arguments at most.
  let directCount: Int

  init(_ view: ModuleView, type index: Int, isUniform: Bool) {
    directCount = isUniform ? Self.uniformArgumentCountMax : Self.argumentCountMax
    let type = view.functionType(index)
    parameters = (0..<type.parameterCount).map { type.parameter($0) }
    results = (0..<type.resultCount).map { type.result($0) }
  }

  var directParameters: ArraySlice<ValueType> { parameters.prefix(directCount) }
  var hasDirectResults: Bool { results.count <= Self.resultCountMax }
}

/// Lowers one module; used once.
final class ModuleLowering {
  let view: ModuleView
  let ir: IR
  let isCharged: Bool
  /// Whether all functions have one LLVM type, between which LLVM can make any call a tail call.
  let isUniform: Bool
  /// Nil for modules without lines.
  let lines: DebugLines?
  /// Bytes that memory 0 has at least.
  let memoryByteCountMin: UInt64
  /// One for each own function: context, frame, control stack, then direct arguments.
  private(set) var bodies: [Value] = []
  private var shapes: [CallShape] = []
  private let callByteCount: Int
  private let leaveType: IRType

  // Cold functions that every other one shares.
  private(set) var leaveFunction: Value
  private(set) var trapFunction: Value
  /// Addresses of `bodies` by index.
  private(set) var bodyTable: Value?

  /// How `leaveFunction` is called.
  private let leaveConvention: LLVMCallConv

  init(
    _ view: ModuleView, isCharged: Bool, isOptimized: Bool, callByteCount: Int,
    leaveConvention: LLVMCallConv
  ) {
    self.view = view
    self.leaveConvention = leaveConvention
    self.isCharged = isCharged
    isUniform = view.needs(.tailCalls)
    memoryByteCountMin =
      view.memoryCount > 0 ? view.memoryLimits(0).minimum * NativeLimits.pageByteCount : 0
    self.callByteCount = callByteCount
    ir = IR("nova")
    lines = DebugLines(ir, view, isOptimized: isOptimized)
    leaveType = ir.functionType(ir.void, [ir.pointer, ir.i64, ir.i64, ir.i64, ir.i64])
    leaveFunction = ir.addFunction("nova.leave", leaveType)
    trapFunction = ir.addFunction("nova.trap", leaveType)
  }

  /// Builds everything; the symbol is that of the record.
  func lower(symbol: String) throws(NativeError) {
    buildLeave(leaveFunction, returns: true)
    buildLeave(trapFunction, returns: false)
    shapes = (0..<view.types.count).map { CallShape(view, type: $0, isUniform: isUniform) }
    for index in 0..<view.functions.count { bodies.append(declare(index)) }
    bodyTable = addTable("nova.bodies", bodies)
    for index in 0..<view.functions.count {
      let wordCount = Int(view.functions[index].wordCount)
      guard wordCount <= NativeLimits.functionWordCountMax else {
        throw .functionTooLarge(
          function: index, wordCount: wordCount, maximum: NativeLimits.functionWordCountMax)
      }
      var function = FunctionLowering(self, index)
      function.lower()
      lines?.endFunction()
    }
    lines?.finish()
    let entries = (0..<view.functions.count).map { buildEntry($0) }
    addRecord(symbol, addTable("nova.entries", entries))
  }

  func shape(ofType index: Int) -> CallShape { shapes[index] }

  func shape(ofFunction own: Int) -> CallShape { shapes[Int(view.functions[own].typeIndex)] }

  // MARK: Functions

  func type(of value: ValueType) -> IRType {
    value == .f64 && !isUniform ? ir.f64 : ir.i64
  }

  func functionType(_ shape: CallShape) -> IRType {
    let arguments =
      isUniform
      ? Array(repeating: ir.i64, count: shape.directCount)
      : shape.directParameters.map { type(of: $0) }
    return ir.functionType(resultType(shape), [ir.pointer, ir.i64, ir.i64] + arguments)
  }

  private func resultType(_ shape: CallShape) -> IRType {
    guard !isUniform else {
      return ir.structType(Array(repeating: ir.i64, count: CallShape.resultCountMax))
    }
    guard shape.hasDirectResults, let first = shape.results.first else { return ir.void }
    return shape.results.count == 1
      ? type(of: first) : ir.structType(shape.results.map { type(of: $0) })
  }

  private func declare(_ index: Int) -> Value {
    let function = ir.addFunction("nova.\(index)", functionType(shape(ofFunction: index)))
    LLVMSetLinkage(function, LLVMInternalLinkage)
    LLVMSetFunctionCallConv(function, LLVMFastCallConv.rawValue)
    ir.addAttributes(function, "nounwind")
    ir.addAttribute(function, "frame-pointer", "all")
    // What is more is told, and compiled again with more.
    let registers = Int(view.functions[index].registerCount)
    let byteCount = callByteCount + registers * Int(NOVA_NATIVE_REGISTER_BYTE_COUNT)
    ir.addAttribute(function, "warn-stack-size", "\(byteCount - 16)")
    return function
  }

  /// What the host calls: arguments and results in the frame.
  private func buildEntry(_ index: Int) -> Value {
    let shape = shape(ofFunction: index)
    let type = ir.functionType(ir.void, [ir.pointer, ir.i64, ir.i64])
    let entry = ir.addFunction("nova.entry.\(index)", type)
    LLVMSetLinkage(entry, LLVMInternalLinkage)
    ir.addAttributes(entry, "nounwind")
    ir.addAttribute(entry, "frame-pointer", "all")
    ir.position(at: ir.addBlock(entry))
    let context: Value = LLVMGetParam(entry, 0)
    let (frame, control): (Value, Value) = (LLVMGetParam(entry, 1), LLVMGetParam(entry, 2))
    let base = ir.pointer(frame)
    var arguments = [context, frame, control]
    for (number, parameter) in shape.directParameters.enumerated() {
      arguments.append(ir.load(self.type(of: parameter), base, number * 8))
    }
    let result = call(bodies[index], shape, arguments)
    for (number, part) in parts(of: result, shape).enumerated() {
      ir.store(part, base, number * 8)
    }
    // Where the host looks for the results.
    ir.store(frame, context, CompiledLayout.savedFrame)
    ir.store(ir.subtract(control, ir.constant(16)), context, CompiledLayout.savedControl)
    LLVMBuildRetVoid(ir.builder)
    return entry
  }

  /// Calls a compiled function, with as many direct arguments as its shape has.
  func call(_ body: Value, _ shape: CallShape, _ arguments: [Value]) -> Value {
    let type = functionType(shape)
    let count = Int(LLVMCountParamTypes(type))
    let unused: Value = LLVMGetUndef(ir.i64)
    let padding = Array(repeating: unused, count: count - arguments.count)
    return ir.call(type, body, arguments + padding, isFast: true)
  }

  /// The direct results of a call.
  func parts(of result: Value, _ shape: CallShape) -> [Value] {
    guard shape.hasDirectResults else { return [] }
    guard isUniform || shape.results.count > 1 else { return shape.results.map { _ in result } }
    return shape.results.indices.map { LLVMBuildExtractValue(ir.builder, result, UInt32($0), "") }
  }

  // MARK: Leaving

  /// Saves where a function stands, and goes to the caller's stack with a reason.
  private func buildLeave(_ function: Value, returns: Bool) {
    LLVMSetLinkage(function, LLVMInternalLinkage)
    ir.addAttributes(function, "nounwind", "cold", "noinline")
    ir.addAttribute(function, "frame-pointer", "all")
    if returns {
      LLVMSetFunctionCallConv(function, leaveConvention.rawValue)
    } else {
      ir.addAttributes(function, "noreturn")
    }
    ir.position(at: ir.addBlock(function))
    let context: Value = LLVMGetParam(function, 0)
    let place: Value = LLVMGetParam(function, 3)
    let number: Value = LLVMBuildLShr(ir.builder, place, ir.constant(32), "")
    let word = ir.and(place, ir.constant(0xffff_ffff))
    let functions = ir.load(ir.pointer, context, CompiledLayout.functions)
    let code = ir.load(
      ir.i64, functions, ir.multiply(number, ir.constant(32)), alignment: 8)
    let counter = ir.add(code, ir.multiply(word, ir.constant(8)))
    ir.store(counter, context, CompiledLayout.savedCounter)
    ir.store(LLVMGetParam(function, 1), context, CompiledLayout.savedFrame)
    ir.store(LLVMGetParam(function, 2), context, CompiledLayout.savedControl)
    let type = ir.functionType(ir.i64, [ir.pointer, ir.i64, ir.i64])
    let address = ir.load(ir.i64, context, CompiledLayout.stackSwitch)
    let there = ir.load(ir.i64, context, CompiledLayout.callerStack)
    let target: Value = LLVMBuildIntToPtr(ir.builder, address, LLVMPointerType(type, 0), "")
    var offset: [Value?] = [
      ir.constant(UInt64(bitPattern: Int64(CompiledLayout.compiledStack)))
    ]
    let here: Value = LLVMBuildGEP2(ir.builder, ir.i8, context, &offset, 1, "")
    ir.call(type, target, [here, there, LLVMGetParam(function, 4)])
    if returns { LLVMBuildRetVoid(ir.builder) } else { LLVMBuildUnreachable(ir.builder) }
  }

  func callTrap(_ arguments: [Value]) { ir.call(leaveType, trapFunction, arguments) }

  func callLeave(_ arguments: [Value]) {
    let call = ir.call(leaveType, leaveFunction, arguments)
    LLVMSetInstructionCallConv(call, leaveConvention.rawValue)
  }

  // MARK: Data

  private func addTable(_ name: String, _ functions: [Value]) -> Value {
    var addresses: [Value?] = functions.map { LLVMConstBitCast($0, ir.pointer) }
    if addresses.isEmpty { addresses = [LLVMConstNull(ir.pointer)] }
    let table: Value = LLVMConstArray(ir.pointer, &addresses, UInt32(addresses.count))
    return addConstant(name, table, linkage: LLVMInternalLinkage)
  }

  private func addConstant(_ name: String, _ value: Value, linkage: LLVMLinkage) -> Value {
    let global: Value = LLVMAddGlobal(ir.module, LLVMTypeOf(value), name)
    LLVMSetInitializer(global, value)
    LLVMSetGlobalConstant(global, 1)
    LLVMSetLinkage(global, linkage)
    LLVMSetAlignment(global, 8)
    return global
  }

  /// The fields of `nova_native_code`.
  private func addRecord(_ symbol: String, _ entries: Value) {
    let flags = isCharged ? UInt64(NOVA_NATIVE_charged.rawValue) : 0
    let words: [UInt64] = [
      UInt64(NOVA_NATIVE_MAGIC), UInt64(NOVA_NATIVE_VERSION), view.contentHash.low,
      view.contentHash.high, flags, UInt64(view.functions.count), UInt64(callByteCount),
    ]
    var fields: [Value?] = words.map { ir.constant($0) }
    fields.append(LLVMConstBitCast(entries, ir.pointer))
    let record: Value = LLVMConstStructInContext(ir.context, &fields, UInt32(fields.count), 0)
    _ = addConstant(symbol, record, linkage: LLVMExternalLinkage)
  }
}
