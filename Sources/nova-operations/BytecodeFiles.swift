// BytecodeFiles.swift — NovaBytecode's tables: numbers, names, packed descriptors.
// Hosted. Imports OperationTable. Read by NovaBytecode/Operation*.swift.

import OperationTable

/// The generated files of NovaBytecode.
enum BytecodeFiles {
  static let folder = "Sources/NovaBytecode/Generated"

  static var files: [GeneratedFile] {
    [
      GeneratedFile(path: "\(folder)/OperationNumbers.swift", text: numbers),
      GeneratedFile(path: "\(folder)/OperationKinds.swift", text: kinds),
      GeneratedFile(path: "\(folder)/OperationNames.swift", text: names),
      GeneratedFile(path: "\(folder)/OperationRecords.swift", text: records),
      GeneratedFile(path: "\(folder)/OperationChecks.swift", text: CheckFile.text),
    ]
  }

  /// `br.i32.lt_si` as Swift spells it: `brI32LtSi`.
  static func identifier(_ name: String) -> String {
    let words = name.split { $0 == "." || $0 == "_" }
    let joined = words.dropFirst().reduce(String(words[0])) {
      $0 + $1.prefix(1).uppercased() + $1.dropFirst()
    }
    return joined
  }

  private static func escaped(_ name: String) -> String {
    ["import", "internal"].contains(name) ? "`\(name)`" : name
  }

  private static var numbers: String {
    var text = Generate.header("OperationNumbers.swift", "every base operation by its Swift name")
    text += "\nextension Operation {\n"
    for operation in OperationTable.operations {
      text += """
          /// `\(operation.name)`: \(operation.meaning).
          @inlinable public static var \(identifier(operation.name)): Operation { \
        Operation(rawValue: \(operation.number)) }

        """
    }
    return text + "}\n"
  }

  private static var kinds: String {
    var text = Generate.header("OperationKinds.swift", "places, roles and flags")
    text += """

      /// Where an operand stands in the one or two words of an instruction.
      public enum OperandPlace: UInt8, Sendable {

      """
    for place in Place.allCases { text += "  case \(place) = \(place.rawValue)\n" }
    text += """
      }

      extension OperandPlace {
        /// The field's first bit within the instruction; 64 and more is word 1.
        @inlinable public var bitOffset: Int {
          switch self {

      """
    for place in Place.allCases { text += "    case .\(place): \(place.bitOffset)\n" }
    text += """
          }
        }

        /// The field's width in bits.
        @inlinable public var bitCount: Int {
          switch self {

      """
    for place in Place.allCases { text += "    case .\(place): \(place.bitCount)\n" }
    text += "    }\n  }\n}\n\n/// What an operand is for.\n"
    text += "public enum OperandRole: UInt8, Sendable {\n"
    for role in Role.allCases {
      text += "  case \(escaped("\(role)")) = \(role.rawValue)\n"
    }
    text += "}\n\nextension OperandRole {\n"
    for (name, summary, property) in [
      ("reads", "Whether the register that the field names is read.", \Role.reads),
      ("writes", "Whether the register that the field names is written.", \Role.writes),
      ("isFloat", "Whether the float forwarding register is concerned.", \Role.isFloat),
    ] {
      let cases = Role.allCases.filter { $0[keyPath: property] }.map { ".\($0)" }
      text += """
          /// \(summary)
          @inlinable public var \(name): Bool {
            switch self {
            case \(cases.joined(separator: ", ")): true
            default: false
            }
          }

        """
    }
    text += "}\n\nextension OperationFlags {\n"
    for (name, summary, flag) in OperationFlags.named {
      text += """
          /// \(summary)
          @inlinable public static var \(escaped(name)): Self { Self(rawValue: \(flag.rawValue)) }

        """
    }
    return text + "}\n"
  }

  private static var names: String {
    var text = Generate.header("OperationNames.swift", "names and the order of names")
    let operations = OperationTable.operations
    let pool = operations.map(\.name).joined()
    var offset = 0
    var offsets: [Int] = Array(repeating: 0, count: OperationTable.numberCount)
    for operation in operations {
      offsets[operation.number] = offset << 6 | operation.name.utf8.count
      offset += operation.name.utf8.count
    }
    let sorted = operations.sorted {
      Array($0.name.utf8).lexicographicallyPrecedes(Array($1.name.utf8))
    }
    text += """

      /// All names, one after the other.
      let operationNamePool: StaticString = "\(pool)"

      /// By number: offset in the pool << 6 | byte count; 0 where there is no operation.
      let operationNameRanges: InlineArray<\(offsets.count), UInt32> = [
      \(rows(offsets.map { "\($0)" }))
      ]

      /// Numbers in the order of their names' bytes.
      let operationNumbersByName: InlineArray<\(sorted.count), UInt16> = [
      \(rows(sorted.map { "\($0.number)" }))
      ]

      """
    return text
  }

  static func rows(_ words: [String]) -> String {
    var lines: [String] = []
    var line = " "
    for word in words {
      if line.count + word.count + 2 > 100 {
        lines.append(line)
        line = " "
      }
      line += " \(word),"
    }
    lines.append(line)
    return lines.joined(separator: "\n")
  }

  private static var records: String {
    var shapes: [Shape] = []
    var records: [UInt64] = []
    for operation in OperationTable.operations {
      let shape = Shape(operation)
      if !shapes.contains(shape) { shapes.append(shape) }
    }
    // What no operation has is a shape of its own behind the others.
    records = Array(repeating: UInt64(shapes.count), count: OperationTable.numberCount)
    for operation in OperationTable.operations {
      let index = shapes.firstIndex(of: Shape(operation)) ?? shapes.count
      var mask: UInt64 = 0
      for forwardable in operation.forwardable { mask |= 1 << UInt64(forwardable) }
      var flags = operation.flags
      if operation.number >= OperationTable.firstFused,
        operation.number < OperationTable.firstInternal
      {
        flags.insert(.fused)
      }
      records[operation.number] =
        UInt64(index) | UInt64(operation.cost) << 8 | mask << 16 | 1 << 19
        | CheckFile.marks(of: operation) | UInt64(flags.rawValue) << 32
    }
    let words = shapes.flatMap(\.words) + [0, 0, 0, 0, 0, 1, ~0, 0]
    var text = Generate.header("OperationRecords.swift", "packed descriptors")
    text += """

      /// By number: shape 0–7, cost 8–15, forwardable read operands 16–18, 19 set where there is
      /// an operation, 20–27 what `QuickCheck` asks, flags 32–63.
      let operationRecords: InlineArray<\(records.count), UInt64> = [
      \(rows(records.map { $0 == 0 ? "0" : "0x" + String($0, radix: 16) }))
      ]

      /// Eight words for each: operands (count in bits 60–63, then ten bits each:
      /// place | role << 4), registers read and written in word 0, the same in word 1, the word
      /// count, bits of word 0 and of word 1 that must be zero.
      let operationShapes: InlineArray<\(words.count), UInt64> = [
      \(rows(words.map { $0 == 0 ? "0" : "0x" + String($0, radix: 16) }))
      ]

      """
    return text
  }
}

/// What operations with the same operands and the same forms share.
struct Shape: Hashable {
  /// Operands, read and write mask of word 0, the same of word 1, word count, unused bits of both.
  let words: [UInt64]
  let forwardable: [Int]

  init(_ operation: OperationSpecification) {
    var packed = UInt64(operation.operands.count) << 60
    var masks: [UInt64] = [0, 0, 0, 0]
    // The operation and its form.
    var used: [UInt64] = [0xfff, 0]
    for (index, operand) in operation.operands.enumerated() {
      let code = UInt64(operand.place.rawValue) | UInt64(operand.role.rawValue) << 4
      packed |= code << UInt64(index * 10)
      let word = operand.place.bitOffset / 64
      let mask = CheckFile.mask(operand)
      if operand.role.reads { masks[word * 2] |= mask }
      if operand.role.writes { masks[word * 2 + 1] |= mask }
      used[word] |= mask
    }
    words = [packed] + masks + [UInt64(operation.wordCount), ~used[0], ~used[1]]
    forwardable = operation.forwardable
  }
}
