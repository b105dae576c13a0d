// Disassembler+Code.swift — functions as text: frames, labels, instructions, lines.
// Hosted. Imports NovaBytecode.

import NovaBytecode

extension TextWriter {
  /// `.func` to `.end`.
  mutating func writeFunction(_ own: Int) throws(CodeError) {
    let function = contents.functions[own]
    let index = UInt32(contents.importCount(.function) + own)
    let decoder = try CodeDecoder(function.words, function: index)
    let registers = names.registers(ofFunction: index, count: Int(function.registerCount))
    line()
    let name = named(.function, Int(index))
    let type = contents.types[Int(function.typeIndex)]
    let isFirst = isFirst(function.typeIndex)
    line(
      ".func \(name)"
        + (isFirst ? signature(type, names: registers) : typeUse(function.typeIndex)))
    line("  .registers \(function.registerCount)")
    line("  .window r\(function.windowBase)")
    let shown = isFirst ? type.parameters.count : 0
    for (register, name) in registers.sorted(by: { $0.key < $1.key }) where register >= shown {
      line("  .reg \(registerNameText(name)) = r\(register)")
    }
    var labels: [Int: String] = [:]
    for target in decoder.starts.sorted() {
      if let name = names.name(.label, UInt64(index), part: target) {
        labels[target] = nameText(name)
      } else if decoder.targets.contains(target) {
        labels[target] = "$\(labels.count { $0.value.hasPrefix("$") } + 1)"
      }
    }
    try writeCode(decoder, function, index, FunctionNames(registers: registers, labels: labels))
    line(".end")
  }

  private mutating func writeCode(
    _ decoder: CodeDecoder, _ function: FunctionContents, _ index: UInt32,
    _ local: FunctionNames
  ) throws(CodeError) {
    var places = function.places[...]
    for instruction in decoder.instructions {
      if let label = local.labels[instruction.word] { line("\(label):") }
      if let place = places.first, Int(place.word) < instruction.word + instruction.wordCount {
        guard Int(place.word) == instruction.word else {
          throw CodeError(function: index, word: Int(place.word), cause: .misplacedLine)
        }
        line("  \(placeText(place.place))")
        places = places.dropFirst()
        guard places.first.map({ Int($0.word) >= instruction.word + instruction.wordCount }) ?? true
        else {
          throw CodeError(function: index, word: Int(places[0].word), cause: .misplacedLine)
        }
      }
      let text = "    \(instructionText(instruction, local))"
      line(showsWords ? commented(text, "word \(instruction.word)") : text)
    }
  }

  /// A line with a comment, which stands in one column behind lines that are not long.
  private func commented(_ text: String, _ comment: String) -> String {
    let column = 48
    return text + String(repeating: " ", count: max(1, column - text.count)) + "; " + comment
  }

  private func placeText(_ place: SourcePlace) -> String {
    if place.file > 0 { return ".line \(place.line) \(place.column) \(place.file)" }
    return place.column > 0 ? ".line \(place.line) \(place.column)" : ".line \(place.line)"
  }

  private func instructionText(
    _ instruction: DecodedInstruction, _ local: FunctionNames
  ) -> String {
    let name = instruction.operation.name
    let form = OperationForm.of(instruction.operation)
    if instruction.operation.base == .brTable {
      let targets = instruction.targets.map { local.label($0) }
      return "\(name) "
        + ([local.register(instruction.operands[0])] + targets).joined(separator: ", ")
    }
    let operands = zip(instruction.operands, form.fields).map { value, field in
      operandText(value, field, instruction.operation, local)
    }
    if operands.isEmpty { return name }
    guard let address = form.address else { return "\(name) \(operands.joined(separator: ", "))" }
    let between = Array(operands[1...address.operandCount])
    let rest = operands.dropFirst(1 + address.operandCount)
    return ([name + " " + operands[0], "[\(addressText(between, address))]"] + rest)
      .joined(separator: ", ")
  }

  private func addressText(_ operands: [String], _ syntax: AddressSyntax) -> String {
    switch syntax {
    case .shifted: return "\(operands[0]) << \(operands[1]) + \(operands[2])"
    case .absolute: return operands[0]
    case .indexed, .summed: return operands.joined(separator: " + ")
    case .offset, .far:
      if operands[1] == "0" { return operands[0] }
      guard operands[1].hasPrefix("-") else { return "\(operands[0]) + \(operands[1])" }
      return "\(operands[0]) - \(operands[1].dropFirst())"
    }
  }

  private func operandText(
    _ value: UInt64, _ field: OperationForm.Field, _ operation: Operation, _ local: FunctionNames
  ) -> String {
    switch field.kind {
    case .register: return local.register(value)
    case .label: return local.label(Int(value))
    case .immediate: return immediateText(value, field, operation)
    case .index: return indexText(value, field.role)
    }
  }

  private func immediateText(
    _ value: UInt64, _ field: OperationForm.Field, _ operation: Operation
  ) -> String {
    if operation.takesFloat {
      return field.bitCount == 32
        ? floatText(Float(bitPattern: UInt32(truncatingIfNeeded: value)))
        : floatText(Double(bitPattern: value))
    }
    if field.role == .signed { return "\(Int64(bitPattern: value))" }
    guard field.role == .bits, field.bitCount >= 32 else { return "\(value)" }
    // A constant is as likely an address or a mask as a small number of either sign.
    let unused = Int64(64 - field.bitCount)
    let signed = Int64(bitPattern: value << UInt64(unused)) >> unused
    return (-65_536...65_536).contains(signed) ? "\(signed)" : hexadecimal(value)
  }

  private func indexText(_ value: UInt64, _ role: OperandRole) -> String {
    switch role {
    case .type:
      isFirst(UInt32(value)) && names.name(.type, value) == nil
        ? signature(contents.types[Int(value)]) : reference(.type, value)
    case .function: reference(.function, value + UInt64(contents.importCount(.function)))
    case .global: reference(.global, value + UInt64(contents.importCount(.global)))
    case .import: reference(.function, value)
    case .importedGlobal: reference(.global, value)
    case .memory: reference(.memory, value)
    case .table: reference(.table, value)
    case .data: reference(.dataSegment, value)
    default: reference(.elementSegment, value)
    }
  }
}

/// Names within a function.
private struct FunctionNames {
  let registers: [Int: [UInt8]]
  let labels: [Int: String]

  func register(_ number: UInt64) -> String {
    registers[Int(number)].map(registerNameText) ?? "r\(number)"
  }

  func label(_ word: Int) -> String { labels[word] ?? "\(word)" }
}
