// Parser+Declarations.swift — the first pass: every name of the module gets its index.
// Hosted. Imports NovaBytecode.

import NovaBytecode

extension Parser {
  /// Gives indices to everything that has one, imports first, and says all types that have a
  /// directive, so that text may use what comes later.
  mutating func declare() {
    for kind in [SymbolKind.function, .table, .memory, .global] {
      symbols.importedCounts[kind] = statements.count { importedKind($0) == kind }
    }
    symbols.counts = symbols.importedCounts
    var imported: [SymbolKind: Int] = [:]
    var isInFunction = false
    for tokens in statements {
      begin(tokens)
      let first = next
      if first.text == ".end" { isInFunction = false }
      if first.text == ".func" { isInFunction = true }
      guard first.text == ".func" || !isInFunction else { continue }
      if let kind = importedKind(tokens) {
        rest = rest.dropFirst(1)
        while !rest.isEmpty, next.kind != .word { advance() }
        advance()
        declareName(kind, index: imported[kind, default: 0])
        imported[kind, default: 0] += 1
      } else if let kind = Self.declaring[first.text] {
        advance()
        declareName(kind, index: symbols.counts[kind, default: 0])
        symbols.counts[kind, default: 0] += 1
        // A fault in it was noted; what uses the type may be right nevertheless.
        if kind == .type { do { try type() } catch { continue } }
      }
    }
  }

  private static let declaring: [String: SymbolKind] = [
    ".type": .type, ".func": .function, ".table": .table, ".memory": .memory,
    ".global": .global, ".data": .data, ".elem": .element,
  ]

  /// What an `.import` imports; null for other statements.
  private func importedKind(_ tokens: ArraySlice<Token>) -> SymbolKind? {
    guard tokens.first?.text == ".import" else { return nil }
    switch tokens.dropFirst().first(where: { $0.kind == .word })?.text {
    case "func": return .function
    case "table": return .table
    case "memory": return .memory
    case "global": return .global
    default: return nil
    }
  }

  /// Notes the name that is next, if there is one; the file keeps it but for `$…`.
  private mutating func declareName(_ kind: SymbolKind, index: Int) {
    let token = next
    guard let (name, span) = name() else { return }
    if let line = symbols.define(kind, name, index: UInt32(index), line: span.line) {
      let text = String(decoding: name, as: UTF8.self)
      return note(.duplicateName(kind, text, firstLine: line), at: span)
    }
    guard let nameKind = kind.nameKind, isKept(token) else { return }
    builder.contents.names.append(ModuleName(nameKind, index: UInt32(index), name: name))
  }

  /// Whether a name goes into the file: those in quotes do, and bare ones without `$`.
  func isKept(_ token: Token) -> Bool { !token.text.hasPrefix("$") }
}

extension SymbolKind {
  /// As the file calls it.
  var nameKind: NameKind? {
    switch self {
    case .type: .type
    case .function: .function
    case .memory: .memory
    case .table: .table
    case .global: .global
    case .data: .dataSegment
    case .element: .elementSegment
    case .label: .label
    case .register: .register
    }
  }
}
