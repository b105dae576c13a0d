// HandlerRenderer.swift — an operation's tree as the body of a Swift handler.
// Hosted. Imports OperationTable. Design: NovaCore.docc/Interpreter.md.

import OperationTable

/// Renders one form of one operation.
///
/// First everything is computed, traps included; then fuel is charged; then registers and memory
/// are written; then the next handler is called as the last thing.
struct HandlerRenderer {
  let operation: OperationSpecification
  /// The read operand that is taken from the last result.
  let forwarded: Int?
  let isCharged: Bool
  let checks: HandlerChecks

  private var lines: [String] = []
  private var writes: [String] = []
  private var temporaryCount = 0
  private var integerResult = "acc"
  private var floatResult = "facc"

  init(
    _ operation: OperationSpecification, forwarded: Int?, isCharged: Bool, checks: HandlerChecks
  ) {
    self.operation = operation
    self.forwarded = forwarded
    self.isCharged = isCharged
    self.checks = checks
  }

  /// Arguments that every handler takes and passes on.
  static let arguments = "pc, fp, mem, acc, cs, ctx, facc"
  static let parameters =
    "_ pc: UInt, _ fp: UInt, _ mem: UInt, _ acc: UInt64, _ cs: UInt, _ ctx: UInt, _ facc: Double"

  /// The symbol of the handler.
  var symbol: String {
    let base = String(operation.name.map { $0 == "." ? "_" : $0 })
    let form = forwarded.map { "_" + ["x", "y", "z"][$0] } ?? ""
    return "\(isCharged ? "nova_fuel" : "nova_do")_\(base)\(form)"
  }

  /// The handler's text, a function of C's convention.
  mutating func render() -> String {
    var end: [String] = []
    for statement in operation.body { end += render(statement) }
    if end.isEmpty { end = [go(next)] }
    let body = (lines + end).map { "  \($0)\n" }.joined()
    return "@c func \(symbol)(\(Self.parameters)) -> UInt64 {\n\(body)}\n"
  }

  private var next: String { "pc &+ \(operation.wordCount * 8)" }

  private func go(_ pc: String, fp: String = "fp", cs: String = "cs") -> String {
    "return go(\(pc), \(fp), mem, \(integerResult), \(cs), ctx, \(floatResult))"
  }

  private static func exit(_ name: String) -> String {
    // Only what can be resumed needs the last results; the others need not keep them.
    let isResumed = name == "exit_fuel" || name.hasPrefix("canonical")
    let passed = isResumed ? arguments : "pc, fp, mem, 0, cs, ctx, facc"
    return "return leave(\(HandlerExits.offset(name)), \(passed))"
  }

  private mutating func charge() {
    guard isCharged else { return }
    lines.append("let left = fuel(ctx) &- 1")
    // The last result is needed on resumption only where this form takes it, or keeps it.
    let keeps = forwarded != nil || !operation.flags.contains(.writesInt)
    let exit = Self.exit("exit_fuel").replacing(", acc,", with: keeps ? ", acc," : ", 0,")
    lines.append("if slow(left < 0) { \(exit) }")
    lines.append("setFuel(ctx, left)")
  }

  /// What ends the handler, when the statement does.
  private mutating func render(_ statement: Statement) -> [String] {
    switch statement {
    case .bind(let name, let value):
      lines.append("let \(name): \(value.kind.swift) = \(render(value))")
    case .set(let place, let value): set(place, value)
    case .store(let access, let address, let memory, let value):
      let bytes = checks.nan && value.canMakeNaN ? "canonical(\(render(value)))" : render(value)
      let place = check(access, address, memory)
      let bits = "UInt\(access.byteCount * 8)"
      switch access.kind {
      case .f32: writes.append("storeFloat(\(place), \(bytes))")
      case .f64: writes.append("store(\(place), \(bytes).bitPattern)")
      case .i32, .i64:
        writes.append("store(\(place), \(bits)(truncatingIfNeeded: \(bytes)))")
      }
      lines += flush()
    case .setGlobal(let place, let value):
      lines.append("storeWord(globals(ctx) &+ \(place.index) &* 8, \(render(value)))")
    case .setImportedGlobal(let place, let value):
      lines.append("storeWord(importedGlobal(ctx, \(place.index)), \(render(value)))")
    case .zeroRange(let first, let count):
      lines.append("zero(fp, \(first.index), \(count.index), ctx)")
    case .branch(let place, let condition): return branch(place, condition)
    case .branchTable(let index, let last):
      charge()
      lines.append("let entry = UInt(min(\(render(index)), UInt32(\(last.index))))")
      return [go("pc &+ 8 &+ UInt(bitPattern: s32(pc &+ 8 &+ entry &* 4) &* 8)")]
    case .call(let base, let function):
      charge()
      lines.append("let callee = functions(ctx) &+ \(function.index) &* 32")
      return call(base)
    case .callIndirect(let base, let index, let type, let table):
      charge()
      element(index, type, table)
      return call(base)
    case .tailCall(let function):
      charge()
      lines.append("let callee = functions(ctx) &+ \(function.index) &* 32")
      return tailCall()
    case .tailCallIndirect(let index, let type, let table):
      charge()
      element(index, type, table)
      return tailCall()
    case .leave(let value): return leave(value)
    case .trapUnreachable: return [Self.exit("trap_unreachable")]
    case .exit: return [Self.exit("exit_done")]
    case .exitInstance: return [Self.exit("exit_instance")]
    case .slow: return [Self.exit("exit_slow")]
    }
    let isLast = operation.body.last == statement
    return isLast ? flush() + [go(next)] : []
  }

  private mutating func flush() -> [String] {
    defer { writes = [] }
    return writes
  }

  private mutating func set(_ place: Place, _ value: Expression) {
    let kind = value.kind
    let name = temporary(kind, render(value))
    if checks.nan, value.canMakeNaN {
      // The jump keeps the test off the path from operand to result.
      precondition(operation.body.count == 1 && operation.wordCount == 1)
      let width = kind.bitCount
      lines.append(
        "if isNaN(\(name)) { \(Self.exit("canonical_f\(width)_\(place.name)")) }")
    }
    switch kind {
    case .i32: integerResult = temporary(.i64, "UInt64(\(name))")
    case .i64: integerResult = name
    case .f32: floatResult = temporary(.f64, "widened(\(name))")
    case .f64: floatResult = name
    }
    let stored = kind.isFloat ? "\(floatResult).bitPattern" : integerResult
    writes.append("storeWord(fp &+ \(place.index) &* 8, \(stored))")
  }

  private mutating func branch(_ place: Place, _ condition: Expression?) -> [String] {
    let target = "pc &+ \(operation.wordCount * 8) &+ UInt(bitPattern: \(place.signed) &* 8)"
    guard let condition else {
      charge()
      return flush() + [go(target)]
    }
    lines.append("let taken = \(self.condition(condition))")
    guard isCharged else {
      return flush() + ["if taken { \(go(target)) }", go(next)]
    }
    let stores = flush()
    let before = lines
    lines = []
    charge()
    var taken = (lines + stores + [go(target)]).map { "  \($0)" }
    lines = before
    if stores.isEmpty, operation.wordCount == 1, place.signed == Self.sharedDisplacement {
      // A program that shall be small has this once; elsewhere its jumps are told apart by where
      // they are.
      taken =
        ["  #if Small", "    return nova_fuel_taken(\(Self.arguments))", "  #else"]
        + taken.map { "  \($0)" } + ["  #endif"]
    }
    return ["if taken {"] + taken + ["}"] + stores + [go(next)]
  }

  /// Where most branches of one word have their displacement, and `nova_fuel_taken` reads it.
  private static let sharedDisplacement = "s16(pc &+ 6)"

  private mutating func element(_ index: Expression, _ type: Place, _ table: Place?) {
    lines.append("let index = UInt64(\(render(index)))")
    if let table {
      lines.append("let table = tableRecord(ctx, \(table.index))")
    }
    let count = table == nil ? "tableCount(ctx)" : "loadWord(table &+ 8)"
    let cells = table == nil ? "tableCells(ctx)" : "UInt(loadWord(table))"
    lines.append("if slow(index >= \(count)) { \(Self.exit("trap_element")) }")
    lines.append("let callee = UInt(loadWord(\(cells) &+ UInt(index) &* 8))")
    lines.append("if slow(callee == 0) { \(Self.exit("trap_null")) }")
    lines.append(
      "if slow(half(callee &+ 16) != typeIdentifier(ctx, \(type.index))) "
        + "{ \(Self.exit("trap_type")) }")
    lines.append(
      "if slow(UInt(loadWord(callee &+ 24)) != instance(ctx)) { \(Self.exit("exit_call")) }")
  }

  // `cs` is where the next entry ends: so neither of the two needs an address of an entry that is
  // also the new `cs`, which would cost both an instruction on x86_64.

  private mutating func call(_ base: Place) -> [String] {
    lines += [
      "let frame = fp &+ \(base.index) &* 8",
      "if slow(frame > registerStackLimit(ctx) &- UInt(loadWord(callee &+ 8)) "
        + "|| cs > controlStackLimit(ctx)) { \(Self.exit("trap_stack")) }",
      "storeWord(cs &- 16, UInt64(\(next)))",
      "storeWord(cs &- 8, UInt64(fp))",
    ]
    // Nothing is forwarded into a function, and what is at hand costs no register.
    integerResult = "UInt64(callee)"
    return [go("UInt(loadWord(callee))", fp: "frame", cs: "cs &+ 16")]
  }

  /// The callee's frame is this one, which may grow; the entry of the control stack stays.
  private mutating func tailCall() -> [String] {
    lines.append(
      "if slow(fp > registerStackLimit(ctx) &- UInt(loadWord(callee &+ 8))) "
        + "{ \(Self.exit("trap_stack")) }")
    integerResult = "UInt64(callee)"
    return [go("UInt(loadWord(callee))")]
  }

  private mutating func leave(_ value: Expression?) -> [String] {
    if let value {
      let name = temporary(value.kind, render(value))
      let bits = value.kind.isFloat ? "\(name).bitPattern" : name
      lines.append("storeWord(fp, \(bits))")
    }
    return [
      go("UInt(loadWord(cs &- 32))", fp: "UInt(loadWord(cs &- 24))", cs: "cs &- 16")
    ]
  }
}

// Expressions.
extension HandlerRenderer {
  private mutating func temporary(_ kind: Kind, _ text: String) -> String {
    if text.allSatisfy({ $0.isLetter || $0.isNumber }), text.first?.isLetter == true {
      return text
    }
    temporaryCount += 1
    lines.append("let v\(temporaryCount): \(kind.swift) = \(text)")
    return "v\(temporaryCount)"
  }

  private mutating func condition(_ expression: Expression) -> String {
    guard case .compare(let comparison, let kind, let left, let right) = expression else {
      return "\(render(expression)) != 0"
    }
    return comparison.swift(kind, render(left), render(right))
  }

  private mutating func render(_ expression: Expression) -> String {
    switch expression {
    case .register(let place, let kind): return register(place, kind)
    case .immediate(let place, let kind, let isSigned):
      return "\(kind.swift)(truncatingIfNeeded: \(isSigned ? place.signed : place.index))"
    case .constant(let value, let kind): return "\(kind.swift)(\(value))"
    case .bound(let name, _): return name
    case .unary(let operation, let kind, let operand):
      return operation.swift(kind, render(operand))
    case .binary(let operation, let kind, let left, let right):
      return binary(operation, kind, render(left), render(right))
    case .compare: return "(\(condition(expression)) ? 1 : 0)"
    case .convert(let conversion, let from, let to, let operand):
      return convert(conversion, from, to, render(operand))
    case .load(let access, let address, let memory):
      return access.loaded(check(access, address, memory))
    case .choose(_, let when, let first, let second):
      return "(\(render(when)) != 0 ? \(render(first)) : \(render(second)))"
    case .state(.memoryPageCount(let place)):
      return "UInt32(truncatingIfNeeded: loadWord(memoryRecord(ctx, \(place.index)) &+ 8) &>> 16)"
    case .state(.tableElementCount(let place)):
      return "UInt32(truncatingIfNeeded: loadWord(tableRecord(ctx, \(place.index)) &+ 8))"
    case .state(.global(let place)): return "loadWord(globals(ctx) &+ \(place.index) &* 8)"
    case .state(.importedGlobal(let place)):
      return "loadWord(importedGlobal(ctx, \(place.index)))"
    }
  }

  private func register(_ place: Place, _ kind: Kind) -> String {
    if let forwarded, operation.readOperands[forwarded].place == place {
      switch kind {
      case .i32: return "UInt32(truncatingIfNeeded: acc)"
      case .i64: return "acc"
      case .f32: return "narrowed(facc)"
      case .f64: return "facc"
      }
    }
    let slot = "fp &+ \(place.index) &* 8"
    switch kind {
    case .i32: return "half(\(slot))"
    case .i64: return "loadWord(\(slot))"
    case .f32: return "load(\(slot), as: Float.self)"
    case .f64: return "load(\(slot), as: Double.self)"
    }
  }

  private mutating func binary(
    _ operation: BinaryOperator, _ kind: Kind, _ left: String, _ right: String
  ) -> String {
    guard
      [.divideSigned, .divideUnsigned, .remainderSigned, .remainderUnsigned].contains(operation)
    else { return operation.swift(kind, left, right) }
    let x = temporary(kind, left)
    let y = temporary(kind, right)
    lines.append("if slow(\(y) == 0) { \(Self.exit("trap_zero")) }")
    let signed = kind == .i32 ? "Int32" : "Int64"
    if operation == .divideSigned {
      lines.append(
        "if slow(\(y) == .max && \(x) == 1 &<< \(kind.bitCount - 1)) "
          + "{ \(Self.exit("trap_overflow")) }")
    }
    switch operation {
    case .divideUnsigned: return "(\(x) / \(y))"
    case .remainderUnsigned: return "(\(x) % \(y))"
    case .divideSigned:
      return "\(kind.swift)(bitPattern: \(signed)(bitPattern: \(x)) / \(signed)(bitPattern: \(y)))"
    default:
      return "(\(y) == .max ? 0 : \(kind.swift)(bitPattern: \(signed)(bitPattern: \(x)) % "
        + "\(signed)(bitPattern: \(y))))"
    }
  }

  private mutating func convert(
    _ conversion: Conversion, _ from: Kind, _ to: Kind, _ operand: String
  ) -> String {
    let isSigned = [.truncateSigned, .saturateSigned].contains(conversion)
    let bounds = Bounds(from: from, to: to, isSigned: isSigned)
    switch conversion {
    case .wrap: return "UInt32(truncatingIfNeeded: \(operand))"
    case .extendUnsigned: return "UInt64(\(operand))"
    case .extendSigned: return "UInt64(bitPattern: Int64(Int32(bitPattern: \(operand))))"
    case .convertSigned:
      return "\(to.swift)(\(from == .i32 ? "Int32" : "Int64")(bitPattern: \(operand)))"
    case .convertUnsigned, .demote, .promote: return "\(to.swift)(\(operand))"
    case .reinterpret:
      return to.isFloat ? "\(to.swift)(bitPattern: \(operand))" : "\(operand).bitPattern"
    case .truncateSigned, .truncateUnsigned:
      let x = temporary(.f64, bounds.widened(operand))
      lines += [
        "if !\(bounds.holds(x)) {",
        "  if \(x) != \(x) { \(Self.exit("trap_conversion")) }",
        "  \(Self.exit("trap_overflow"))", "}",
      ]
      return bounds.converted(x)
    case .saturateSigned, .saturateUnsigned:
      let x = temporary(.f64, bounds.widened(operand))
      return "(\(bounds.holds(x)) ? \(bounds.converted(x)) : \(bounds.nearest(x)))"
    }
  }

  /// Leaves when the access is outside; the expression for where it is.
  private mutating func check(
    _ access: Access, _ address: Expression, _ memory: Place?
  ) -> String {
    let place = temporary(.i64, render(address))
    guard let memory else {
      if checks.bounds {
        lines.append(
          "if slow(\(place) &+ \(access.byteCount) > memorySize(ctx)) "
            + "{ \(Self.exit("trap_memory")) }")
      }
      return "mem &+ UInt(\(place))"
    }
    lines.append("let memory = memoryRecord(ctx, \(memory.index))")
    if checks.bounds {
      // Both are below 2⁶³; one register fewer than the sum.
      lines += [
        "let room = Int64(bitPattern: loadWord(memory &+ 8) &- \(place))",
        "if slow(room < \(access.byteCount)) { \(Self.exit("trap_memory")) }",
      ]
    }
    return "UInt(loadWord(memory)) &+ UInt(\(place))"
  }
}
