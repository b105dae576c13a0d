// ModuleInspection+Text.swift — a module's inspection for people and for machines.
// Hosted. Imports nothing.

extension ModuleInspection {
  /// The inspection for people, in columns; ends with a line break.
  public var text: String {
    var lines = [
      "module, \(fileByteCount) bytes, hash \(contentHash)",
      refusal.map { "NOT VERIFIED: \($0)" } ?? "verified", "", "sections",
    ]
    lines += columns(
      sections.map { [$0.name, "\($0.byteCount)", "\($0.entryCount) entries", "at \($0.offset)"] })
    if sections.isEmpty { lines.append("  none") }
    lines += ["", "imports"]
    lines += columns(imports.map { [$0.kind, printable("\($0.module).\($0.name)"), $0.type] })
    if imports.isEmpty { lines.append("  none") }
    lines += ["", "exports"]
    lines += columns(exports.map { [$0.kind, printable($0.name), $0.type] })
    if exports.isEmpty { lines.append("  none") }
    lines += ["", "functions of its own: \(functionCount)"]
    if !largest.isEmpty { lines += ["", "largest functions"] }
    lines += columns(
      largest.map {
        ["\($0.byteCount)", "\($0.registerCount) registers", "\($0.index)", printable($0.name)]
      })
    return lines.joined(separator: "\n") + "\n"
  }

  /// The inspection as JSON; ends with a line break.
  public var json: String { jsonValue.rendered() + "\n" }

  var jsonValue: JSONValue {
    .object([
      ("kind", .text("module")), ("fileByteCount", .number(UInt64(fileByteCount))),
      ("contentHash", .text(contentHash)), ("verified", .truth(refusal == nil)),
      ("refusal", refusal.map { .text($0) } ?? .null), ("sections", .list(sections.map(json))),
      ("imports", .list(imports.map(json))), ("exports", .list(exports.map(json))),
      ("functionCount", .number(UInt64(functionCount))), ("largest", .list(largest.map(json))),
    ])
  }

  private func json(_ section: Section) -> JSONValue {
    .object([
      ("name", .text(section.name)), ("offset", .number(section.offset)),
      ("byteCount", .number(section.byteCount)), ("entryCount", .number(section.entryCount)),
    ])
  }

  private func json(_ external: External) -> JSONValue {
    .object([
      ("kind", .text(external.kind)),
      ("module", external.module.isEmpty ? .null : .text(external.module)),
      ("name", .text(external.name)), ("type", .text(external.type)),
    ])
  }

  private func json(_ function: Function) -> JSONValue {
    .object([
      ("index", .number(UInt64(function.index))), ("name", .text(function.name)),
      ("byteCount", .number(UInt64(function.byteCount))),
      ("registerCount", .number(UInt64(function.registerCount))),
    ])
  }
}
