// ReferencePage.swift — the book's page on operations: one line for each.
// Hosted. Imports OperationTable.

import OperationTable

/// `Operations.md`, from the trees.
enum ReferencePage {
  static var file: GeneratedFile {
    GeneratedFile(path: "Sources/NovaCore/NovaCore.docc/Operations.md", text: introduction + tables)
  }

  private static let introduction = """
    # Operations

    Every operation of the bytecode: number, operands, forwarded forms, meaning.

    This page is written by `swift run nova-operations` from `Sources/OperationTable`, the one
    description from which handlers, descriptors and the verifier's tables are made as well.

    ## Reading the tables

    An instruction is one little-endian word of 64 bits, or two:

    ```text
    word 0   | 63      48 | 47      32 | 31  24 | 23  16 | 15       0 |
             |     c      |     b      |   a1   |   a0   | operation  |
             |     c      |     b      |        a        | operation  |
             |          imm32          |        a        | operation  |
    word 1   |    x3      |    x2      |       x1        |     x0     |
             |           xhi           |            xlo               |
             |                         x                              |
    ```

    Bits 0–9 of the operation are the number below. Bits 10–11 are 0, or say that the first (`.x`),
    second (`.y`) or third (`.z`) register that is read is taken from the last result, as the column
    *forms* allows; bits 12–15 are 0. A forwarded form means what its base form means: the verifier
    admits it only where that register was the last one written. Fields that no operand uses are 0.

    `R[a]` is the register that field `a` names, 64 bits without a type. `.i32` and `.f32` read its
    low half, `.i64` and `.f64` all of it; results of 32 bits clear the upper half. `M[p, n]` are
    `n` bytes of memory at `p`, little-endian, at any address; outside the memory's bytes the
    instruction traps. `G` are globals. `ᵤ` marks what takes its operands for unsigned. Fields are
    zero-extended unless `signed`; branch targets are words from the end of the instruction, signed.

    Operators mean what WebAssembly 2.0 (section 4.3) says of them. Integers wrap; shift and
    rotation counts are taken modulo the width; divisions trap on zero, and where the quotient does
    not fit; `trunc` traps on NaN and where the integer does not fit, `trunc_sat` gives 0 and the
    nearest bound. Float arithmetic rounds to nearest, ties to even, each operation by itself; a
    result that is a NaN is the canonical one. `neg`, `abs`, `copysign`, moves, loads and
    `reinterpret` keep bits.

    **An instruction reads all of its registers before it writes any, and one that traps has changed
    nothing.**

    What WebAssembly has and this list has not is another name for what is here: `i64.load32_u` is
    `i32.load`, `i64.store8` is `i32.store8`, `i64.extend_i32_u` is `i32.wrap_i64`,
    `i64.extend_i32_s` is `i64.extend32_s`, `eqz` is `eqi` with 0, `gt` and `ge` of floats are `lt`
    and `le` with the operands exchanged.

    """

  private static var tables: String {
    var text = ""
    for section in OperationTable.sections where section.title != "Internal" {
      text += """

        ## \(section.title)

        | number | operation | operands | forms | meaning |
        |---:|---|---|---|---|

        """
      for operation in OperationTable.operations where section.numbers.contains(operation.number) {
        text += row(operation)
      }
    }
    return text
  }

  private static func row(_ operation: OperationSpecification) -> String {
    let operands = operation.operands.map { operand in
      "\(operand.place) \(words(operand.role))"
    }.joined(separator: ", ")
    let forms = operation.forwardable.map { [".x", ".y", ".z"][$0] }.joined(separator: " ")
    let meaning = operation.meaning.split(separator: "|", omittingEmptySubsequences: false)
      .joined(separator: "\\|")
    return "| \(operation.number) | `\(operation.name)` | \(operands) | \(forms) | \(meaning) |\n"
  }

  private static func words(_ role: Role) -> String {
    switch role {
    case .readInt: "read"
    case .readFloat: "read float"
    case .writeInt: "write"
    case .writeFloat: "write float"
    case .updateInt: "update"
    case .updateFloat: "update float"
    case .writeRange: "first written"
    case .signed, .unsigned, .bits, .branch, .function, .import, .type, .global, .memory, .table,
      .data, .element, .count:
      "\(role)"
    case .memoryOffset: "offset"
    case .importedGlobal: "imported global"
    case .windowBase: "window"
    }
  }
}
