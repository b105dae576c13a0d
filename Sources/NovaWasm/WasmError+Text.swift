// WasmError+Text.swift — a refusal in words.
// Hosted. Imports NovaAssembler. Design: NovaCore.docc/WebAssembly.md.

import NovaAssembler

extension WasmError {
  /// The place, what is wrong there and, where there is one, the remedy; without an end.
  public var text: String {
    var place = "byte \(offset)"
    if let function {
      let named = function.name.map { "\($0) (\(function.index))" } ?? "\(function.index)"
      place = "function \(named), \(place)"
    }
    return "\(place): \(cause.text)"
  }
}

extension WasmError.Cause {
  /// What is wrong, without the place.
  public var text: String {
    switch self {
    case .notWasm: "the file does not begin with \\0asm and is no WebAssembly module"
    case .unknownVersion(let version):
      "version \(version) of the binary format; compile for version 1"
    case .truncated: "the file, a section or a function's code ends inside of a value"
    case .malformedInteger: "an integer has more bytes or bits than its type allows"
    case .malformedName: "a name is not UTF-8"
    case .unknownSection(let id): "there is no section \(id)"
    case .sectionOrder(let id): "section \(id) comes twice or too late"
    case .excessBytes(let count): "\(count) bytes more than the section or code says it has"
    case .malformedForm(let byte): "byte 0x\(hexadecimal(UInt32(byte))) has no meaning here"
    case .bodyCount(let functions, let bodies):
      "\(functions) functions are declared and \(bodies) have code"
    case .dataCount(let announced, let found):
      "\(announced) data segments are announced and there are \(found)"
    case .dataCountMissing: "code names data segments, and no data count section announces any"
    case .unknownOperation(let number): "there is no operation 0x\(hexadecimal(number))"
    case .localCount(let count): "\(count) locals; a function has less than 2^32"
    case .misplacedElse: "an else belongs to no if"
    default: ruleText
    }
  }

  /// Of those causes that are no matter of form.
  private var ruleText: String {
    switch self {
    case .indexOutOfRange(let space, let index, let count):
      "\(space) \(index) does not exist; there are \(count)"
    case .typeMismatch(let expected, let found):
      "a value of type \(expected) is wanted, and there is one of type \(found)"
    case .wrongKindOfType(let type): "a value of type \(type) is not allowed here"
    case .missingValue: "the stack has no value here where one is wanted"
    case .excessValues(let count): "\(count) values more are on the stack than the block gives"
    case .branchArity(let expected, let found):
      "a label takes \(found) values, the last one \(expected)"
    case .tailCallResults: "the function called in place of this one gives other results"
    case .missingElse: "an if without else has results that are not its parameters"
    case .selectArity(let count): "select names \(count) types; it takes one"
    case .immutableGlobal(let index): "global \(index) is constant and can't be set"
    case .alignment(let exponent, let maximum):
      "an alignment of 2^\(exponent) bytes; at most 2^\(maximum) are possible"
    case .sizesReversed(let minimum, let maximum):
      "a size of at least \(minimum) and at most \(maximum)"
    case .memoryTooLarge(let pages):
      "a memory of \(pages) pages; at most \(WasmLimits.memoryPageCountMax) are possible"
    case .secondMemory: "a second memory"
    case .duplicateExport(let name): "two exports are named \(name)"
    case .startType: "the start function takes or gives values"
    case .constantRequired: "an initial value is no constant expression"
    case .undeclaredReference(let index):
      "a reference to function \(index), which nothing outside of code names"
    case .unsupported(let feature): feature.text
    case .tooManyLocals(let count):
      "\(count) locals; at most \(WasmLimits.localCountMax) are translated: split the function"
    case .tooManyRegisters(let count):
      "the function needs \(count) registers; at most \(BuilderLimits.registerCountMax - 1) are "
        + "there: split the function"
    case .module(let error): "the module can't be written: \(error.cause)"
    default: preconditionFailure("text has the rest")
    }
  }

  private func hexadecimal(_ number: UInt32) -> String { String(number, radix: 16) }
}

extension WasmFeature {
  /// What it is, and how to do without.
  var text: String {
    switch self {
    case .simd: "vectors are not supported; compile without simd128"
    case .threads: "shared memories and atomics are not supported; compile without atomics"
    case .exceptions: "exception handling is not supported; compile without exceptions"
    case .tailCalls: "tail calls are not supported; compile without tail-call"
    case .typedReferences:
      "typed references, structures and arrays are not supported; compile for WebAssembly 2.0"
    case .memory64: "64-bit memories and tables are not supported; compile for wasm32"
    case .computedConstant:
      "an initial value computed from an imported global is not supported; link statically"
    }
  }
}
