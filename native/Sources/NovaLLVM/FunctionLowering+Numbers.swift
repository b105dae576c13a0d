// FunctionLowering+Numbers.swift — operators and conversions.
// Hosted. Imports CLLVM, NovaInterpreter. Source of the meanings: WebAssembly 2.0, section 4.3.

import CLLVM
import NovaInterpreter
import OperationTrees

extension FunctionLowering {
  func unary(_ operation: UnaryOperator, _ kind: Kind, _ x: Value) -> Value {
    let type = ir.type(kind)
    switch operation {
    case .countLeadingZeros: return ir.intrinsic("llvm.ctlz", [type], [x, ir.constant(0, ir.i1)])
    case .countTrailingZeros: return ir.intrinsic("llvm.cttz", [type], [x, ir.constant(0, ir.i1)])
    case .populationCount: return ir.intrinsic("llvm.ctpop", [type], [x])
    case .extend8: return ir.extendSigned(ir.truncate(x, ir.i8), type)
    case .extend16: return ir.extendSigned(ir.truncate(x, ir.integer(bits: 16)), type)
    case .extend32: return ir.extendSigned(ir.truncate(x, ir.i32), type)
    case .negate: return LLVMBuildFNeg(ir.builder, x, "")
    case .absolute: return magnitude(x, kind)
    case .squareRoot: return ir.intrinsic("llvm.sqrt", [type], [x])
    case .ceiling, .floor, .truncate, .nearest: return rounded(operation, kind, x)
    }
  }

  func binary(_ operation: BinaryOperator, _ kind: Kind, _ x: Value, _ y: Value) -> Value {
    let builder = ir.builder
    switch operation {
    case .add: return kind.isFloat ? LLVMBuildFAdd(builder, x, y, "") : ir.add(x, y)
    case .subtract: return kind.isFloat ? LLVMBuildFSub(builder, x, y, "") : ir.subtract(x, y)
    case .multiply: return kind.isFloat ? LLVMBuildFMul(builder, x, y, "") : ir.multiply(x, y)
    case .divide: return LLVMBuildFDiv(builder, x, y, "")
    case .divideSigned, .divideUnsigned, .remainderSigned, .remainderUnsigned:
      return divide(operation, kind, x, y)
    case .and: return ir.and(x, y)
    case .or: return ir.or(x, y)
    case .exclusiveOr: return ir.exclusiveOr(x, y)
    case .shiftLeft: return LLVMBuildShl(builder, x, shiftCount(y, kind), "")
    case .shiftRightSigned: return LLVMBuildAShr(builder, x, shiftCount(y, kind), "")
    case .shiftRightUnsigned: return LLVMBuildLShr(builder, x, shiftCount(y, kind), "")
    case .rotateLeft: return ir.intrinsic("llvm.fshl", [ir.type(kind)], [x, x, y])
    case .rotateRight: return ir.intrinsic("llvm.fshr", [ir.type(kind)], [x, x, y])
    case .minimum: return extremum(kind, x, y, isMinimum: true)
    case .maximum: return extremum(kind, x, y, isMinimum: false)
    case .copySign: return ir.intrinsic("llvm.copysign", [ir.type(kind)], [x, y])
    }
  }

  private func shiftCount(_ count: Value, _ kind: Kind) -> Value {
    ir.and(count, ir.constant(UInt64(kind.bitCount - 1), ir.type(kind)))
  }

  private func divide(
    _ operation: BinaryOperator, _ kind: Kind, _ x: Value, _ y: Value
  ) -> Value {
    let type = ir.type(kind)
    let minusOne: Value = LLVMConstAllOnes(type)
    trap(.integerDivisionByZero, when: ir.compare(LLVMIntEQ, y, ir.constant(0, type)))
    let isMinusOne = ir.compare(LLVMIntEQ, y, minusOne)
    switch operation {
    case .divideSigned:
      let least = ir.constant(1 << UInt64(kind.bitCount - 1), type)
      trap(.integerOverflow, when: ir.and(isMinusOne, ir.compare(LLVMIntEQ, x, least)))
      return LLVMBuildSDiv(ir.builder, x, y, "")
    case .remainderSigned:
      // The remainder of the least by -1 is 0, and the machine's division would fail.
      let divisor = ir.select(isMinusOne, ir.constant(1, type), y)
      return LLVMBuildSRem(ir.builder, x, divisor, "")
    case .divideUnsigned: return LLVMBuildUDiv(ir.builder, x, y, "")
    default: return LLVMBuildURem(ir.builder, x, y, "")
    }
  }

  // MARK: Floats

  private func magnitude(_ x: Value, _ kind: Kind) -> Value {
    ir.intrinsic("llvm.fabs", [ir.type(kind)], [x])
  }

  private func signed(_ x: Value, as y: Value, _ kind: Kind) -> Value {
    ir.intrinsic("llvm.copysign", [ir.type(kind)], [x, y])
  }

  /// Adding and taking away 2 to the power of the fraction's width rounds to an integer, ties to
  /// even; larger magnitudes are integers already, and NaNs are left as they are.
  private func rounded(_ operation: UnaryOperator, _ kind: Kind, _ x: Value) -> Value {
    let whole = ir.float(kind == .f32 ? 0x1p23 : 0x1p52, kind)
    let one = ir.float(1, kind)
    let size = magnitude(x, kind)
    let sum: Value = LLVMBuildFAdd(ir.builder, size, whole, "")
    let nearest: Value = LLVMBuildFSub(ir.builder, sum, whole, "")
    let result: Value
    switch operation {
    case .truncate:
      let less: Value = LLVMBuildFSub(ir.builder, nearest, one, "")
      let isMore = ir.compare(LLVMRealOGT, nearest, size)
      result = signed(ir.select(isMore, less, nearest), as: x, kind)
    case .floor:
      let near = signed(nearest, as: x, kind)
      let less: Value = LLVMBuildFSub(ir.builder, near, one, "")
      result = signed(
        ir.select(ir.compare(LLVMRealOGT, near, x), less, near), as: x, kind)
    case .ceiling:
      let near = signed(nearest, as: x, kind)
      let more: Value = LLVMBuildFAdd(ir.builder, near, one, "")
      result = signed(
        ir.select(ir.compare(LLVMRealOLT, near, x), more, near), as: x, kind)
    default: result = signed(nearest, as: x, kind)
    }
    return ir.select(ir.compare(LLVMRealOLT, size, whole), result, x)
  }

  private func extremum(_ kind: Kind, _ x: Value, _ y: Value, isMinimum: Bool) -> Value {
    let predicate = isMinimum ? LLVMRealOLT : LLVMRealOGT
    let integer = ir.integer(bits: kind.bitCount)
    let (a, b) = (ir.bits(x, as: integer), ir.bits(y, as: integer))
    // Zeros of different signs are equal; a NaN comes of the sum.
    let zero = ir.bits(isMinimum ? ir.or(a, b) : ir.and(a, b), as: ir.type(kind))
    let sum: Value = LLVMBuildFAdd(ir.builder, x, y, "")
    let rest = ir.select(ir.compare(LLVMRealOEQ, x, y), zero, sum)
    let second = ir.select(ir.compare(predicate, y, x), y, rest)
    return ir.select(ir.compare(predicate, x, y), x, second)
  }

  // MARK: Conversions

  func convert(_ conversion: Conversion, _ from: Kind, _ to: Kind, _ x: Value) -> Value {
    let type = ir.type(to)
    let builder = ir.builder
    switch conversion {
    case .wrap: return ir.truncate(x, type)
    case .extendUnsigned: return ir.extend(x, type)
    case .extendSigned: return ir.extendSigned(x, type)
    case .convertSigned: return LLVMBuildSIToFP(builder, x, type, "")
    case .convertUnsigned: return LLVMBuildUIToFP(builder, x, type, "")
    case .demote: return LLVMBuildFPTrunc(builder, x, type, "")
    case .promote: return LLVMBuildFPExt(builder, x, type, "")
    case .reinterpret: return ir.bits(x, as: type)
    case .truncateSigned: return truncated(from, to, x, isSigned: true, saturates: false)
    case .truncateUnsigned: return truncated(from, to, x, isSigned: false, saturates: false)
    case .saturateSigned: return truncated(from, to, x, isSigned: true, saturates: true)
    case .saturateUnsigned: return truncated(from, to, x, isSigned: false, saturates: true)
    }
  }

  /// Both kinds of floats by way of f64, in which all bounds are exact.
  private func truncated(
    _ from: Kind, _ to: Kind, _ operand: Value, isSigned: Bool, saturates: Bool
  ) -> Value {
    let type = ir.type(to)
    let x: Value = from == .f32 ? LLVMBuildFPExt(ir.builder, operand, ir.f64, "") : operand
    let power = Double(sign: .plus, exponent: to.bitCount - (isSigned ? 1 : 0), significand: 1)
    // The greatest value that is too small: beyond -2³¹ by one, beyond -2⁶³ by the next f64.
    let least: Double = !isSigned ? -1 : to == .i32 ? -2_147_483_649 : (-power).nextDown
    let isAbove = ir.compare(LLVMRealOGT, x, ir.float(least, .f64))
    let isBelow = ir.compare(LLVMRealOLT, x, ir.float(power, .f64))
    let holds = ir.and(isAbove, isBelow)
    let isNaN = ir.compare(LLVMRealUNO, x, x)
    if !saturates {
      trap(.invalidConversion, when: isNaN)
      trap(.integerOverflow, when: LLVMBuildNot(ir.builder, holds, ""))
    }
    let integer: Value =
      isSigned
      ? LLVMBuildFPToSI(ir.builder, x, type, "") : LLVMBuildFPToUI(ir.builder, x, type, "")
    guard saturates else { return integer }
    let bits = UInt64(to.bitCount)
    let most = isSigned ? UInt64.max >> (65 - bits) : UInt64.max >> (64 - bits)
    let lowest: UInt64 = isSigned ? 1 << (bits - 1) : 0
    let bound = ir.select(isAbove, ir.constant(most, type), ir.constant(lowest, type))
    return ir.select(holds, integer, ir.select(isNaN, ir.constant(0, type), bound))
  }
}
