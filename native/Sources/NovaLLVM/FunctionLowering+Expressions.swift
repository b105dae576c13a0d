// FunctionLowering+Expressions.swift — what an operation computes.
// Hosted. Imports CLLVM, NovaInterpreter. The same steps as nova-operations/HandlerRenderer, so
// that traps and bits are the interpreter's.

import CLLVM
import NovaInterpreter
import OperationTrees

extension FunctionLowering {
  mutating func evaluate(_ expression: Expression) -> Value {
    switch expression {
    case .register(let place, let kind): return register(place, kind)
    case .immediate(let place, let kind, let isSigned):
      let bits =
        isSigned ? UInt64(bitPattern: instruction.signed(place)) : instruction.field(place)
      return ir.truncate(ir.constant(bits), ir.type(kind))
    case .constant(let value, let kind): return ir.constant(value, ir.type(kind))
    case .bound(let name, _):
      guard let value = bound[name] else {
        preconditionFailure("an operation names what it has bound")
      }
      return value
    case .unary(let operation, let kind, let operand):
      let keepsBits = [.negate, .absolute].contains(operation)
      return unary(operation, kind, keepsBits ? evaluate(operand) : evaluateLoosely(operand))
    case .binary(let operation, let kind, let left, let right):
      guard operation != .copySign else {
        return binary(operation, kind, evaluate(left), evaluate(right))
      }
      return binary(operation, kind, evaluateLoosely(left), evaluateLoosely(right))
    case .compare: return ir.extend(condition(expression), ir.i32)
    case .convert(let conversion, let from, let to, let operand):
      guard conversion != .reinterpret else {
        return convert(conversion, from, to, evaluate(operand))
      }
      return convert(conversion, from, to, evaluateLoosely(operand))
    case .load(let access, let address, let memory): return load(access, address, memory)
    case .choose(_, let when, let first, let second):
      return ir.select(condition(when), evaluate(first), evaluate(second))
    case .state(let value): return state(value)
    }
  }

  /// The value for an operator to which every NaN is the same.
  ///
  /// So a chain of float arithmetic has no test for NaN in it: only what looks at bits waits for
  /// one.
  private mutating func evaluateLoosely(_ expression: Expression) -> Value {
    guard case .register(let place, let kind) = expression, kind.isFloat,
      let value = readLoosely(instruction.index(place), kind)
    else { return evaluate(expression) }
    return value
  }

  /// Whether the expression is not 0.
  mutating func condition(_ expression: Expression) -> Value {
    guard case .compare(let comparison, let kind, let left, let right) = expression else {
      return ir.compare(LLVMIntNE, evaluate(expression), ir.constant(0, ir.type(expression.kind)))
    }
    let (x, y) = (evaluateLoosely(left), evaluateLoosely(right))
    return kind.isFloat
      ? ir.compare(comparison.floatPredicate, x, y)
      : ir.compare(comparison.integerPredicate, x, y)
  }

  /// The expression's value, with the canonical NaN for any that arithmetic may have made.
  func canonical(_ value: Value, of expression: Expression) -> Value {
    guard expression.canMakeNaN else { return value }
    let kind = expression.kind
    let quiet: UInt64 = kind == .f32 ? 0x7fc0_0000 : 0x7ff8_0000_0000_0000
    let result = ir.select(
      ir.compare(LLVMRealUNO, value, value), ir.float(bits: quiet, kind), value)
    // A jump that is not taken costs less than masks.
    ir.markUnlikely(result)
    return result
  }

  private func register(_ place: Place, _ kind: Kind) -> Value {
    let word = read(instruction.index(place))
    switch kind {
    case .i32: return ir.truncate(word, ir.i32)
    case .i64: return word
    case .f32: return ir.bits(ir.truncate(word, ir.i32), as: ir.f32)
    case .f64: return ir.bits(word, as: ir.f64)
    }
  }

  private func state(_ value: StateValue) -> Value {
    switch value {
    case .memoryPageCount(let place):
      let record = record(CompiledLayout.memories, instruction.index(place))
      let pages: Value = LLVMBuildLShr(ir.builder, ir.load(ir.i64, record, 8), ir.constant(16), "")
      return ir.truncate(pages, ir.i32)
    case .tableElementCount(let place):
      let record = record(CompiledLayout.tables, instruction.index(place))
      return ir.truncate(ir.load(ir.i64, record, 8), ir.i32)
    case .global(let place):
      let globals = instanceWord(CompiledLayout.globals, ir.pointer)
      return ir.load(ir.i64, globals, instruction.index(place) * 8)
    case .importedGlobal(let place): return ir.load(ir.i64, importedGlobal(place), 0)
    }
  }

  // MARK: Memory

  /// Where an access goes, after a trap for what is not within the memory.
  mutating func checked(
    _ access: Access, _ address: Expression, _ memory: Place?
  ) -> (base: Value, offset: Value) {
    guard let memory else {
      let (base, size) = memory0
      return (base, checked(access, address, size))
    }
    let offset = evaluate(address)
    let byteCount = ir.constant(UInt64(access.byteCount))
    let record = record(CompiledLayout.memories, instruction.index(memory))
    let (base, size) = (ir.load(ir.pointer, record, 0), ir.load(ir.i64, record, 8))
    // Addresses are below 2³⁴, so that the sum does not wrap.
    trap(
      .memoryOutOfBounds, when: ir.compare(LLVMIntUGT, ir.add(offset, byteCount), size))
    return (base, offset)
  }

  /// The address of an access to memory 0, checked.
  ///
  /// What is added to the address is taken from the size instead, as far as the size is known at
  /// least: that is the same all through a loop.
  private mutating func checked(_ access: Access, _ address: Expression, _ size: Value) -> Value {
    let (start, constant) = parts(of: address)
    let end = constant + UInt64(access.byteCount)
    let isWithin = end <= module.memoryByteCountMin
    guard let start else {
      let offset = ir.constant(constant)
      if !isWithin {
        trap(.memoryOutOfBounds, when: ir.compare(LLVMIntUGT, ir.constant(end), size))
      }
      return offset
    }
    let value = evaluate(start)
    let offset = constant == 0 ? value : ir.add(value, ir.constant(constant))
    let register = start.widenedRegister.map { instruction.index($0) }
    if let register {
      guard knownByteCounts[register, default: 0] < end else { return offset }
      knownByteCounts[register] = end
    }
    let isOutside =
      isWithin
      ? ir.compare(LLVMIntUGT, value, LLVMBuildNUWSub(ir.builder, size, ir.constant(end), ""))
      : ir.compare(LLVMIntUGT, ir.add(value, ir.constant(end)), size)
    trap(.memoryOutOfBounds, when: isOutside)
    return offset
  }

  /// An address as what is computed, nil for nothing, and what is added to it.
  private func parts(of address: Expression) -> (Expression?, UInt64) {
    switch address {
    case .binary(.add, .i64, let start, .immediate(let place, _, signed: false)):
      (start, instruction.field(place))
    case .convert(.extendUnsigned, _, _, .immediate(let place, _, signed: false)):
      (nil, instruction.field(place) & 0xffff_ffff)
    default: (address, 0)
    }
  }

  private mutating func load(
    _ access: Access, _ address: Expression, _ memory: Place?
  ) -> Value {
    let place = checked(access, address, memory)
    let bits = ir.load(
      ir.integer(bits: access.byteCount * 8), place.base, place.offset, alignment: 1, of: .memory)
    let integer = access.kind.bitCount == 32 ? ir.i32 : ir.i64
    let extended = access.isSigned ? ir.extendSigned(bits, integer) : ir.extend(bits, integer)
    return ir.bits(extended, as: ir.type(access.kind))
  }
}

extension Expression {
  /// The register whose low half this is.
  fileprivate var widenedRegister: Place? {
    guard case .convert(.extendUnsigned, .i32, .i64, .register(let place, _)) = self else {
      return nil
    }
    return place
  }
}

extension Comparison {
  var integerPredicate: LLVMIntPredicate {
    switch self {
    case .equal: LLVMIntEQ
    case .notEqual: LLVMIntNE
    case .lessSigned: LLVMIntSLT
    case .lessUnsigned: LLVMIntULT
    case .lessOrEqualSigned: LLVMIntSLE
    case .lessOrEqualUnsigned: LLVMIntULE
    case .greaterSigned: LLVMIntSGT
    case .greaterUnsigned: LLVMIntUGT
    case .greaterOrEqualSigned: LLVMIntSGE
    case .greaterOrEqualUnsigned: LLVMIntUGE
    case .less, .lessOrEqual, .notLess, .notLessOrEqual:
      preconditionFailure("it compares floats")
    }
  }

  var floatPredicate: LLVMRealPredicate {
    switch self {
    case .equal: LLVMRealOEQ
    case .notEqual: LLVMRealUNE
    case .less: LLVMRealOLT
    case .lessOrEqual: LLVMRealOLE
    case .notLess: LLVMRealUGE
    case .notLessOrEqual: LLVMRealUGT
    case .lessSigned, .lessUnsigned, .lessOrEqualSigned, .lessOrEqualUnsigned, .greaterSigned,
      .greaterUnsigned, .greaterOrEqualSigned, .greaterOrEqualUnsigned:
      preconditionFailure("it compares integers")
    }
  }
}
