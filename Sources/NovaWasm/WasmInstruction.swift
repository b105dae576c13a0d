// WasmInstruction.swift — an instruction with its immediates, as it stands in a function's code.
// Hosted. Imports nothing. Source: WebAssembly Core Specification 2.0, section 2.4 "Instructions".

/// A block's type: values are those of a function type, or of one value, or none.
enum BlockType: Equatable {
  case empty
  case value(WasmValueType)
  /// By number.
  case function(UInt32)
}

/// One instruction; plain words, which are copied freely.
enum WasmInstruction {
  case unreachable
  case nop
  case block(BlockType)
  case loop(BlockType)
  case conditional(BlockType)
  case alternative
  case end
  case branch(UInt32)
  case branchIf(UInt32)
  /// To one of the decoder's `labels`; the last is the one for all other numbers.
  case branchTable
  case `return`
  case call(UInt32)
  case callIndirect(type: UInt32, table: UInt32)
  case returnCall(UInt32)
  case returnCallIndirect(type: UInt32, table: UInt32)
  case drop
  case select
  /// With how many types are named, and the first.
  case selectTyped(count: Int, WasmValueType?)
  case localGet(UInt32)
  case localSet(UInt32)
  case localTee(UInt32)
  case globalGet(UInt32)
  case globalSet(UInt32)
  case tableGet(UInt32)
  case tableSet(UInt32)
  case load(MemoryOperator, MemoryArgument)
  case store(MemoryOperator, MemoryArgument)
  case memorySize(UInt32)
  case memoryGrow(UInt32)
  /// i32 sign-extended, f32 zero-extended.
  case constant(WasmValueType, Int64)
  case numeric(NumericOperator)
  case refNull(WasmValueType)
  case refIsNull
  case refFunc(UInt32)
  case memoryInit(segment: UInt32, memory: UInt32)
  case dataDrop(UInt32)
  case memoryCopy(to: UInt32, from: UInt32)
  case memoryFill(UInt32)
  case tableInit(segment: UInt32, table: UInt32)
  case elementDrop(UInt32)
  case tableCopy(to: UInt32, from: UInt32)
  case tableGrow(UInt32)
  case tableSize(UInt32)
  case tableFill(UInt32)
}

/// Where a load or a store goes.
struct MemoryArgument {
  /// Of the alignment that is promised, which changes nothing.
  let alignmentExponent: UInt32
  let memory: UInt32
  let offset: UInt32
}
