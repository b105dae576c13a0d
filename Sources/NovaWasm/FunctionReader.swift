// FunctionReader.swift — one function: its locals, then each instruction decoded, checked, lowered.
// Hosted. Imports nothing. Design: NovaCore.docc/WebAssembly.md.
// Source: WebAssembly Core Specification 2.0, section 5.5.13 "Code Section".

enum FunctionReader {
  /// Reads and checks an own function of `module`, and translates it on the way.
  ///
  /// - Parameters:
  ///   - body: its number among own functions.
  ///   - module: the module.
  ///   - room: room for the instructions, which goes to what came out.
  /// - Returns: what came out, before any pass.
  /// - Throws: `WasmError`, which names the function.
  static func read(
    _ body: Int, of module: WasmModule, in room: inout [LoweredInstruction]
  ) throws(WasmError) -> FunctionTranslator {
    let function = module.importedFunctionCount + body
    do throws(WasmError) {
      return try read(function: function, module.bodies[body], of: module, in: &room)
    } catch {
      var named = error
      named.function = module.errorFunction(function)
      throw named
    }
  }

  private static func read(
    function: Int, _ range: Range<Int>, of module: WasmModule, in room: inout [LoweredInstruction]
  ) throws(WasmError) -> FunctionTranslator {
    var reader = WasmReader(module.bytes, from: range.lowerBound, to: range.upperBound)
    let type = module.functionType(function)
    let localTypes = try locals(&reader, parameters: type.parameters)
    var decoder = InstructionDecoder(module, reader)
    var validator = FunctionValidator(module, type: type, localTypes: localTypes)
    var instructions: [LoweredInstruction] = []
    swap(&instructions, &room)
    var translator = FunctionTranslator(
      module, type: type, localTypes: localTypes, in: instructions)
    while !validator.isAtEnd {
      let instruction = try decoder.next()
      try validator.check(instruction, at: decoder.offset, labels: decoder.labels)
      translator.offset = UInt32(truncatingIfNeeded: decoder.offset)
      translator.translate(instruction, labels: decoder.labels)
    }
    try decoder.reader.checkAtEnd()
    return translator
  }

  private static func locals(
    _ reader: inout WasmReader, parameters: [WasmValueType]
  ) throws(WasmError) -> [WasmValueType] {
    let start = reader.position
    var types = parameters
    var total = UInt64(parameters.count)
    for _ in 0..<(try reader.count()) {
      let count = try reader.unsigned32()
      let type = try reader.valueType()
      total += UInt64(count)
      guard total <= UInt64(UInt32.max) else { throw WasmError(.localCount(total), at: start) }
      if total <= UInt64(WasmLimits.localCountMax) {
        types.append(contentsOf: repeatElement(type, count: Int(count)))
      }
    }
    guard total <= UInt64(WasmLimits.localCountMax) else {
      throw WasmError(.tooManyLocals(total), at: start)
    }
    return types
  }
}
