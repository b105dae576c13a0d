// VerifierError+Text.swift — why code may not run, in words.
// Hosted. Imports NovaBytecode.

import NovaBytecode

extension VerifierError {
  /// Function, offset and reason as one sentence without an end.
  public func text(in view: ModuleView) -> String {
    let name = view.name(.function, UInt32(function)).map { " '\(string($0))'" } ?? ""
    return "function \(function)\(name), word \(wordOffset): \(reasonText(in: view))"
  }

  /// The reason alone, with the names that the module has.
  public func reasonText(in view: ModuleView) -> String {
    switch reason {
    case .unknownOperation: "operation \(value) does not exist"
    case .unknownForm: "operation \(value) does not exist in this form"
    case .unusedBits: "bits without a meaning are set: \(hexadecimal(value))"
    case .truncatedInstruction(let available):
      "the instruction has \(value) words, and \(available) are left"
    case .targetOutOfRange(let count) where value == UInt64(count):
      "the branch leads behind the function's last instruction; write one behind the label, such "
        + "as ret0"
    case .targetOutOfRange(let count):
      "the branch leads to word \(Int64(bitPattern: value)) of \(count)"
    case .targetInsideInstruction: "the branch leads to word \(value), within an instruction"
    case .noTerminator:
      "control would go on behind the function's end; end it with ret, jmp or unreachable"
    case .indexOutOfRange(let role, let count):
      "there is no \(role.noun) \(value); there are \(count)"
    case .immutableGlobal: "the global is a constant; declare it mut to set it"
    case .noMemory: "the module has no memory; declare one with .memory"
    case .notFunctionTable: "table \(value) holds no functions"
    case .wrongElementType: "the two hold references of different types"
    case .wrongResultCount(let expected):
      "the function gives \(counted(expected, "result")); return with \(returnText(expected))"
    case .featureNotNamed(let feature):
      "the header doesn't name the feature \(feature.name); add "
        + ".features 0x\(String(feature.bit, radix: 16))"
    case .registerOutOfRange(let count):
      "\(register(view)) is out of range; the frame has \(counted(count, "register"))"
    case .undefinedRegister: undefinedText(in: view)
    case .notForwarded:
      "\(register(view)) is not the last result here; use the operation without .x, .y or .z"
    case .windowBelowBase(let base):
      "the call's window begins at \(register(view)), below r\(base), where windows begin"
    case .windowBeyondRegisters(let count, let needed):
      "the call's window at \(register(view)) needs \(counted(needed, "register")), and the frame "
        + "ends at r\(count)"
    case .rangeOutOfRange(let count, let registerCount):
      "\(counted(count, "register")) from \(register(view)) on do not fit a frame of "
        + "\(registerCount)"
    case .unreachable: "no control reaches this; remove it, or branch to it"
    case .undefinedAtLoop(let target):
      "\(register(view)) may have no value on the way back to word \(target); write it before the "
        + "loop"
    case .lineInsideInstruction: "line \(value) begins within an instruction"
    case .functionTooLarge(let limit): "the function has \(value) words, more than \(limit)"
    case .scratchTooSmall(let needed):
      "verifying takes \(needed) bytes of scratch, and there are \(value)"
    }
  }

  private func undefinedText(in view: ModuleView) -> String {
    guard let call = callThatTook(in: view) else {
      return "\(register(view)) may not have a value here; write it on every way to this place"
    }
    return "\(register(view)) has no value behind the call at word \(call.word), which took the "
      + "registers from r\(call.base) on; keep what lasts below the window (.window), or write it "
      + "again"
  }

  /// The last call before the instruction that took the register after it was written.
  private func callThatTook(in view: ModuleView) -> (word: Int, base: UInt64)? {
    let entry = view.functions[function - view.importedFunctionCount]
    let first = Int(entry.firstWord)
    let words = (first..<first + Int(entry.wordCount)).map(view.codeWord)
    guard let code = try? CodeDecoder(words, function: UInt32(function)) else { return nil }
    var isWritten = value < view.types[Int(entry.typeIndex)].parameterCount
    var call: (word: Int, base: UInt64)?
    for instruction in code.instructions.prefix(while: { $0.word < wordOffset }) {
      for (operand, field) in zip(
        instruction.operands, OperationForm.of(instruction.operation).fields)
      {
        if field.role.writes, operand == value { (isWritten, call) = (true, nil) }
        if field.role == .windowBase, operand <= value, isWritten {
          (isWritten, call) = (false, (instruction.word, operand))
        }
      }
    }
    return call
  }

  private func register(_ view: ModuleView) -> String {
    let part = UInt32(truncatingIfNeeded: value)
    guard let name = view.name(.register, UInt32(function), part: part) else {
      return "r\(value)"
    }
    return "'\(string(name))' (r\(value))"
  }

  private func returnText(_ count: Int) -> String {
    switch count {
    case 0: "ret0"
    case 1: "ret or ret.float"
    default: "retn"
    }
  }
}

extension OperandRole {
  fileprivate var noun: String {
    switch self {
    case .function: "function of its own"
    case .import: "imported function"
    case .global: "global of its own"
    case .importedGlobal: "imported global"
    case .element: "element segment"
    case .data: "data segment"
    default: "\(self)"
    }
  }
}

/// A name of the file.
func string(_ bytes: PoolBytes) -> String { String(decoding: [UInt8](bytes), as: UTF8.self) }
