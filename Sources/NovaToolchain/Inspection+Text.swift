// Inspection+Text.swift — an inspection for people and for machines; equal files give equal text.
// Hosted. Imports nothing.

extension Inspection {
  /// The inspection for people, in columns; ends with a line break.
  public var text: String {
    var lines: [String] = []
    let identifier = buildIdentifier.map { ", build id \($0)" } ?? ""
    lines.append(
      "\(target.rawValue) \(kind.text), \(fileByteCount) bytes, entry \(hexadecimal(entry))"
        + identifier)
    lines += ["", "checks"]
    lines += properties.map {
      $0.holds ? "  yes  \($0.name)" : "  NO   \($0.name): \($0.exception)"
    }
    lines += ["", "segments"]
    lines += columns(
      segments.filter { $0.kind == .load }.map {
        [
          hexadecimal($0.address), $0.permissions.description, "\($0.memoryByteCount)",
          "\($0.fileByteCount) in the file",
        ]
      })
    lines += ["", "sections"]
    lines += columns(
      sections.filter { $0.byteCount > 0 && $0.isLoaded }.map {
        [$0.name, hexadecimal($0.address), "\($0.byteCount)"]
      })
    let unloaded = sections.filter { !$0.isLoaded }.reduce(0) { $0 + $1.fileByteCount }
    if unloaded > 0 {
      lines.append("  not loaded: \(unloaded) bytes of symbols and debug information")
    }
    lines += symbolLines
    lines += ["", "bootstrap record"]
    if let settings {
      lines += columns(settings.map { [$0.name, $0.meaning] })
    } else {
      lines.append("  none: not linked with NovaCore's linker script")
    }
    if let wasiGrants {
      lines += ["", "what the module is granted"]
      lines += columns(wasiGrants.rows.map { [$0.name, $0.value] })
    }
    return lines.joined(separator: "\n") + "\n"
  }

  private var symbolLines: [String] {
    if groups.isEmpty { return ["", "sizes by symbol", "  none: the file is stripped"] }
    let header = ["", "code", "constants", "variables"]
    let rows = groups.map {
      [
        $0.origin.rawValue, "\($0.codeByteCount)", "\($0.constantByteCount)",
        "\($0.variableByteCount)",
      ]
    }
    return ["", "bytes by origin"] + columns([header] + rows) + ["", "largest symbols"]
      + columns(
        largest.map { ["\($0.byteCount)", $0.section, $0.origin.rawValue, $0.name] })
  }

  private func hexadecimal(_ value: UInt64) -> String { "0x" + String(value, radix: 16) }

  /// The inspection as JSON; ends with a line break.
  ///
  /// - Parameter module: of the module that the program carries.
  /// - Returns: one object.
  public func json(module: ModuleInspection? = nil) -> String {
    let value = JSONValue.object([
      ("target", .text(target.rawValue)), ("kind", .text(kind.text)),
      ("entry", .text(hexadecimal(entry))), ("fileByteCount", .number(fileByteCount)),
      ("buildIdentifier", buildIdentifier.map { .text($0) } ?? .null),
      ("properties", .list(properties.map(json))), ("segments", .list(segments.map(json))),
      ("sections", .list(sections.map(json))), ("groups", .list(groups.map(json))),
      ("largest", .list(largest.map(json))),
      ("settings", settings.map { .list($0.map(json)) } ?? .null),
      (
        "wasiGrants",
        wasiGrants.map { .object($0.rows.map { ($0.name, .text($0.value)) }) } ?? .null
      ),
      ("module", module?.jsonValue ?? .null),
    ])
    return value.rendered() + "\n"
  }

  private func json(_ property: Property) -> JSONValue {
    .object([
      ("name", .text(property.name)), ("holds", .truth(property.holds)),
      ("exception", .text(property.exception)),
    ])
  }

  private func json(_ segment: ELFSegment) -> JSONValue {
    .object([
      ("type", .number(UInt64(segment.kind.rawValue))),
      ("permissions", .text(segment.permissions.description)),
      ("address", .text(hexadecimal(segment.address))),
      ("memoryByteCount", .number(segment.memoryByteCount)),
      ("fileOffset", .number(segment.fileOffset)),
      ("fileByteCount", .number(segment.fileByteCount)),
    ])
  }

  private func json(_ section: Section) -> JSONValue {
    .object([
      ("name", .text(section.name)), ("address", .text(hexadecimal(section.address))),
      ("byteCount", .number(section.byteCount)),
      ("fileByteCount", .number(section.fileByteCount)), ("isLoaded", .truth(section.isLoaded)),
    ])
  }

  private func json(_ group: Group) -> JSONValue {
    .object([
      ("origin", .text(group.origin.rawValue)), ("codeByteCount", .number(group.codeByteCount)),
      ("constantByteCount", .number(group.constantByteCount)),
      ("variableByteCount", .number(group.variableByteCount)),
    ])
  }

  private func json(_ symbol: Symbol) -> JSONValue {
    .object([
      ("name", .text(symbol.name)), ("address", .text(hexadecimal(symbol.address))),
      ("byteCount", .number(symbol.byteCount)), ("section", .text(symbol.section)),
      ("origin", .text(symbol.origin.rawValue)),
    ])
  }

  private func json(_ setting: Setting) -> JSONValue {
    .object([
      ("name", .text(setting.name)), ("value", .number(setting.value)),
      ("meaning", .text(setting.meaning)),
    ])
  }
}

extension ELFFile.Kind {
  fileprivate var text: String {
    switch self {
    case .relocatable: "relocatable"
    case .executable: "executable"
    case .positionIndependent: "position-independent"
    }
  }
}
