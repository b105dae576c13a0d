// HandlerFiles.swift — NovaInterpreter's handlers and the list of them.
// Hosted. Imports OperationTable. Read by NovaInterpreter/HandlerTable.swift.

import OperationTable

/// What handlers look at besides what an operation means; a benchmark measures what it costs.
struct HandlerChecks {
  /// Whether accesses to memory are within it.
  var bounds = true
  /// Whether a float result is a NaN, to make it the canonical one.
  var nan = true
}

/// The generated files of NovaInterpreter.
enum HandlerFiles {
  static let folder = "Sources/NovaInterpreter/Generated"

  /// A handler's symbol and its place in the table.
  private struct Entry {
    let number: Int
    let symbol: String
  }

  static func files(_ checks: HandlerChecks) -> [GeneratedFile] {
    var files: [GeneratedFile] = []
    var entries: [Entry] = []
    var charged: [Entry] = []
    for section in OperationTable.sections {
      let operations = OperationTable.operations.filter { section.numbers.contains($0.number) }
      let name = "Handlers\(identifier(section.title)).swift"
      var text = Generate.header(name, "handlers: \(section.title.lowercased())")
      text += HandlerPrelude.text
      for operation in operations {
        for form in [nil] + operation.forwardable.map({ Optional($0) }) {
          let number = form.map(operation.number(forwarding:)) ?? operation.number
          var fast = HandlerRenderer(operation, forwarded: form, isCharged: false, checks: checks)
          text += "\n" + fast.render()
          entries.append(Entry(number: number, symbol: fast.symbol))
          guard operation.cost > 0, !operation.flags.contains(.slow) else { continue }
          var fuelled = HandlerRenderer(operation, forwarded: form, isCharged: true, checks: checks)
          text += "\n" + fuelled.render()
          charged.append(Entry(number: number, symbol: fuelled.symbol))
        }
      }
      files.append(GeneratedFile(path: "\(folder)/\(name)", text: text))
    }
    files.append(
      GeneratedFile(
        path: "\(folder)/HandlerList.swift", text: list(entries: entries, charged: charged)))
    return files
  }

  private static func identifier(_ title: String) -> String {
    title.split { !($0.isLetter || $0.isNumber) }
      .map { $0.prefix(1).uppercased() + $0.dropFirst() }.joined()
  }

  private static func list(entries: [Entry], charged: [Entry]) -> String {
    var text = Generate.header("HandlerList.swift", "every handler and its number")
    let exits = HandlerExits.names.map { "nova_\($0)" }
    text += """

      /// Stands behind the last number of each list; a pruned program's lists end before.
      let handlersEnd: UInt16 = 0xffff

      /// What handlers leave to others, by falling address below the context's header.
      let handlerExitList: InlineArray<\(exits.count), Handler> = [
      \(BytecodeFiles.rows(exits))
      ]

      """
    for (name, summary, rows) in [
      ("handler", "Every operation in every form.", entries),
      ("chargedHandler", "The forms that charge fuel instead.", charged),
    ] {
      text += """

        /// \(summary)
        let \(name)List: InlineArray<\(rows.count), Handler> = [
        \(BytecodeFiles.rows(rows.map(\.symbol)))
        ]

        let \(name)Numbers: InlineArray<\(rows.count + 1), UInt16> = [
        \(BytecodeFiles.rows(rows.map { "\($0.number)" } + ["handlersEnd"]))
        ]

        """
    }
    return text
  }
}
