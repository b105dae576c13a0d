// IR.swift — a module of LLVM's in the making: types, constants and the instructions that are used.
// Hosted. Imports CLLVM, CLLVMShim. Design: Decisions/0019-compiled-code.md.

import CLLVM
import CLLVMShim
import OperationTrees

typealias Value = LLVMValueRef
typealias IRType = LLVMTypeRef
typealias Block = LLVMBasicBlockRef

/// One LLVM module with a builder; both end with it, and so does the context.
final class IR {
  let context: LLVMContextRef
  let module: LLVMModuleRef
  let builder: LLVMBuilderRef
  let i1: IRType
  let i8: IRType
  let i32: IRType
  let i64: IRType
  let f32: IRType
  let f64: IRType
  let pointer: IRType
  let void: IRType
  private var tags: [Region: LLVMMetadataRef] = [:]

  init(_ name: String) {
    context = LLVMContextCreate()
    module = LLVMModuleCreateWithNameInContext(name, context)
    builder = LLVMCreateBuilderInContext(context)
    i1 = LLVMInt1TypeInContext(context)
    i8 = LLVMInt8TypeInContext(context)
    i32 = LLVMInt32TypeInContext(context)
    i64 = LLVMInt64TypeInContext(context)
    f32 = LLVMFloatTypeInContext(context)
    f64 = LLVMDoubleTypeInContext(context)
    pointer = nova_llvm_pointer_type(context)
    void = LLVMVoidTypeInContext(context)
  }

  deinit {
    LLVMDisposeBuilder(builder)
    LLVMDisposeModule(module)
    LLVMContextDispose(context)
  }

  func type(_ kind: Kind) -> IRType {
    switch kind {
    case .i32: i32
    case .i64: i64
    case .f32: f32
    case .f64: f64
    }
  }

  func integer(bits: Int) -> IRType { LLVMIntTypeInContext(context, UInt32(bits)) }

  func functionType(_ result: IRType, _ parameters: [IRType]) -> IRType {
    var all: [IRType?] = parameters
    return LLVMFunctionType(result, &all, UInt32(all.count), 0)
  }

  func structType(_ fields: [IRType]) -> IRType {
    var all: [IRType?] = fields
    return LLVMStructTypeInContext(context, &all, UInt32(all.count), 0)
  }

  // MARK: Constants

  func constant(_ value: UInt64, _ type: IRType? = nil) -> Value {
    LLVMConstInt(type ?? i64, value, 0)
  }

  /// A float of these bits.
  func float(bits: UInt64, _ kind: Kind) -> Value {
    LLVMConstBitCast(constant(bits, integer(bits: kind.bitCount)), type(kind))
  }

  /// A float of this value, which `kind` holds exactly.
  func float(_ value: Double, _ kind: Kind) -> Value { LLVMConstReal(type(kind), value) }

  // MARK: Functions

  func addFunction(_ name: String, _ type: IRType) -> Value { LLVMAddFunction(module, name, type) }

  func addAttributes(_ function: Value, _ names: String...) {
    for name in names {
      let kind = LLVMGetEnumAttributeKindForName(name, name.utf8.count)
      precondition(kind != 0, "LLVM knows the attribute \(name)")
      LLVMAddAttributeAtIndex(
        function, UInt32(bitPattern: Int32(LLVMAttributeFunctionIndex)),
        LLVMCreateEnumAttribute(context, kind, 0))
    }
  }

  func addAttribute(_ function: Value, _ name: String, _ value: String) {
    LLVMAddAttributeAtIndex(
      function, UInt32(bitPattern: Int32(LLVMAttributeFunctionIndex)),
      LLVMCreateStringAttribute(
        context, name, UInt32(name.utf8.count), value, UInt32(value.utf8.count)))
  }

  func addBlock(_ function: Value, _ name: String = "") -> Block {
    LLVMAppendBasicBlockInContext(context, function, name)
  }

  func position(at block: Block) { LLVMPositionBuilderAtEnd(builder, block) }

  var block: Block { LLVMGetInsertBlock(builder) }

  /// Whether the block that is built has its last instruction.
  var isTerminated: Bool { LLVMGetBasicBlockTerminator(block) != nil }

  @discardableResult func call(
    _ type: IRType, _ function: Value, _ arguments: [Value], isFast: Bool = false
  ) -> Value {
    var all: [Value?] = arguments
    let call: Value = LLVMBuildCall2(builder, type, function, &all, UInt32(all.count), "")
    if isFast { LLVMSetInstructionCallConv(call, LLVMFastCallConv.rawValue) }
    return call
  }

  /// Calls an intrinsic that is overloaded by the types given.
  func intrinsic(_ name: String, _ types: [IRType], _ arguments: [Value]) -> Value {
    let number = LLVMLookupIntrinsicID(name, name.utf8.count)
    precondition(number != 0, "LLVM knows \(name)")
    var overloads: [IRType?] = types
    let function: Value = LLVMGetIntrinsicDeclaration(
      module, number, &overloads, overloads.count)
    var again: [IRType?] = types
    return call(
      LLVMIntrinsicGetType(context, number, &again, again.count), function, arguments)
  }

  // MARK: Memory

  /// The address, `offset` bytes further, as a pointer to `type`.
  private func address(_ base: Value, _ offset: Value, _ type: IRType) -> Value {
    var index: [Value?] = [offset]
    let bytes: Value = LLVMBuildGEP2(builder, i8, base, &index, 1, "")
    return nova_llvm_cast_pointer(builder, bytes, type)
  }

  func load(
    _ type: IRType, _ base: Value, _ offset: Value, alignment: Int, of region: Region = .runtime
  ) -> Value {
    let value: Value = LLVMBuildLoad2(builder, type, address(base, offset, type), "")
    LLVMSetAlignment(value, UInt32(alignment))
    mark(value, "tbaa", tag(region))
    return value
  }

  func store(
    _ value: Value, _ base: Value, _ offset: Value, alignment: Int, of region: Region = .runtime
  ) {
    let store: Value = LLVMBuildStore(builder, value, address(base, offset, LLVMTypeOf(value)))
    LLVMSetAlignment(store, UInt32(alignment))
    mark(store, "tbaa", tag(region))
  }

  /// What bytes belong to; none belongs to both.
  enum Region: String {
    case memory, runtime
  }

  /// An access of a type that aliases itself and nothing else.
  private func tag(_ region: Region) -> LLVMMetadataRef? {
    if let tag = tags[region] { return tag }
    let zero = LLVMValueAsMetadata(constant(0))
    var root = [string("nova")]
    var type = [string(region.rawValue), LLVMMDNodeInContext2(context, &root, root.count), zero]
    let node = LLVMMDNodeInContext2(context, &type, type.count)
    var access = [node, node, zero]
    let tag: LLVMMetadataRef? = LLVMMDNodeInContext2(context, &access, access.count)
    tags[region] = tag
    return tag
  }

  func string(_ text: String) -> LLVMMetadataRef? {
    LLVMMDStringInContext2(context, text, text.utf8.count)
  }

  func mark(_ instruction: Value, _ name: String, _ node: LLVMMetadataRef?) {
    let kind = LLVMGetMDKindIDInContext(context, name, UInt32(name.utf8.count))
    LLVMSetMetadata(instruction, kind, LLVMMetadataAsValue(context, node))
  }

  /// A word of a record, at a multiple of its size.
  func load(_ type: IRType, _ base: Value, _ offset: Int) -> Value {
    load(type, base, constant(UInt64(bitPattern: Int64(offset))), alignment: byteCount(type))
  }

  func store(_ value: Value, _ base: Value, _ offset: Int) {
    store(
      value, base, constant(UInt64(bitPattern: Int64(offset))),
      alignment: byteCount(LLVMTypeOf(value)))
  }

  private func byteCount(_ type: IRType) -> Int { type == i32 || type == f32 ? 4 : 8 }

  /// Says that whoever loads there always finds the same.
  func markInvariant(_ load: Value) {
    mark(load, "invariant.load", LLVMMDNodeInContext2(context, nil, 0))
  }

  func pointer(_ address: Value) -> Value {
    LLVMBuildIntToPtr(builder, address, pointer, "")
  }
}
