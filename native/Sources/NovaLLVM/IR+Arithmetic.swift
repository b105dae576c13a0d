// IR+Arithmetic.swift — instructions without memory, by short names.
// Hosted. Imports CLLVM.

import CLLVM

extension IR {
  func add(_ x: Value, _ y: Value) -> Value { LLVMBuildAdd(builder, x, y, "") }
  func subtract(_ x: Value, _ y: Value) -> Value { LLVMBuildSub(builder, x, y, "") }
  func multiply(_ x: Value, _ y: Value) -> Value { LLVMBuildMul(builder, x, y, "") }
  func and(_ x: Value, _ y: Value) -> Value { LLVMBuildAnd(builder, x, y, "") }
  func or(_ x: Value, _ y: Value) -> Value { LLVMBuildOr(builder, x, y, "") }
  func exclusiveOr(_ x: Value, _ y: Value) -> Value { LLVMBuildXor(builder, x, y, "") }

  func compare(_ predicate: LLVMIntPredicate, _ x: Value, _ y: Value) -> Value {
    LLVMBuildICmp(builder, predicate, x, y, "")
  }

  func compare(_ predicate: LLVMRealPredicate, _ x: Value, _ y: Value) -> Value {
    LLVMBuildFCmp(builder, predicate, x, y, "")
  }

  func select(_ condition: Value, _ first: Value, _ second: Value) -> Value {
    LLVMBuildSelect(builder, condition, first, second, "")
  }

  func extend(_ value: Value, _ type: IRType) -> Value {
    LLVMTypeOf(value) == type ? value : LLVMBuildZExt(builder, value, type, "")
  }

  func extendSigned(_ value: Value, _ type: IRType) -> Value {
    LLVMTypeOf(value) == type ? value : LLVMBuildSExt(builder, value, type, "")
  }

  func truncate(_ value: Value, _ type: IRType) -> Value {
    LLVMTypeOf(value) == type ? value : LLVMBuildTrunc(builder, value, type, "")
  }

  func bits(_ value: Value, as type: IRType) -> Value {
    LLVMTypeOf(value) == type ? value : LLVMBuildBitCast(builder, value, type, "")
  }

  func branch(_ target: Block) { LLVMBuildBr(builder, target) }

  func branch(_ condition: Value, _ first: Block, _ second: Block, isLikely: Bool = true) {
    let branch: Value = LLVMBuildCondBr(builder, condition, first, second)
    if !isLikely { markUnlikely(branch) }
  }

  /// Says of a branch or select that its condition hardly ever holds.
  func markUnlikely(_ instruction: Value) {
    var parts: [LLVMMetadataRef?] = [
      string("branch_weights"), LLVMValueAsMetadata(constant(1, i32)),
      LLVMValueAsMetadata(constant(1 << 20, i32)),
    ]
    mark(instruction, "prof", LLVMMDNodeInContext2(context, &parts, parts.count))
  }
}
