// OperationTable+Problems.swift — what a mistake in the description would break.
// Hosted. Imports nothing. The generator writes nothing while there is one.

extension OperationTable {
  /// One line for each mistake; empty when the description is sound.
  package static var problems: [String] {
    var found: [String] = []
    var names: Set<String> = []
    var numbers: Set<Int> = []
    for operation in operations {
      let name = operation.name
      if !names.insert(name).inserted { found.append("\(name): the name is taken") }
      if !numbers.insert(operation.number).inserted || operation.number >= numberCount {
        found.append("\(name): number \(operation.number) is taken or too large")
      }
      if operation.operands.count > operandCountMax {
        found.append("\(name): more than \(operandCountMax) operands")
      }
      found += overlaps(operation)
      for index in operation.forwardable where index >= min(operation.readOperands.count, 3) {
        found.append("\(name): read operand \(index) cannot be forwarded")
      }
    }
    for name in names where [".x", ".y", ".z"].contains(where: { name.hasSuffix($0) }) {
      found.append("\(name): the name is that of a forwarded form")
    }
    return found
  }

  /// Operands that a descriptor has room for.
  package static let operandCountMax = 6

  private static func overlaps(_ operation: OperationSpecification) -> [String] {
    var bits: Set<Int> = Set(0..<16)
    var found: [String] = []
    for operand in operation.operands {
      let range = operand.place.bitOffset..<operand.place.bitOffset + operand.place.bitCount
      if !bits.isDisjoint(with: range) {
        found.append("\(operation.name): \(operand.place) overlaps another operand")
      }
      bits.formUnion(range)
    }
    return found
  }
}
