// Parser+Directives.swift — directives of the module; functions: FunctionParser.swift.
// Hosted. Imports NovaBytecode. The grammar: Assembly.md in the book.

import NovaBytecode

extension Parser {
  typealias Directive =
    @Sendable (inout Parser) throws(StatementAbandoned) -> Void

  /// What each directive of a module does with the rest of its statement.
  static let directives: [String: Directive] = [
    ".module": { (parser: inout Parser) throws(StatementAbandoned) in try parser.module() },
    ".features": { (parser: inout Parser) throws(StatementAbandoned) in try parser.features() },
    ".flags": { (parser: inout Parser) throws(StatementAbandoned) in try parser.flags() },
    // The first pass has read it.
    ".type": { (parser: inout Parser) throws(StatementAbandoned) in parser.rest = [] },
    ".import": { (parser: inout Parser) throws(StatementAbandoned) in try parser.importItem() },
    ".table": { (parser: inout Parser) throws(StatementAbandoned) in try parser.table() },
    ".memory": { (parser: inout Parser) throws(StatementAbandoned) in try parser.memory() },
    ".global": { (parser: inout Parser) throws(StatementAbandoned) in try parser.global() },
    ".export": { (parser: inout Parser) throws(StatementAbandoned) in try parser.export() },
    ".start": { (parser: inout Parser) throws(StatementAbandoned) in try parser.start() },
    ".elem": { (parser: inout Parser) throws(StatementAbandoned) in try parser.elements() },
    ".data": { (parser: inout Parser) throws(StatementAbandoned) in try parser.data() },
    ".file": { (parser: inout Parser) throws(StatementAbandoned) in try parser.file() },
    ".custom": { (parser: inout Parser) throws(StatementAbandoned) in try parser.custom() },
    ".section": { (parser: inout Parser) throws(StatementAbandoned) in try parser.section() },
    ".name": { (parser: inout Parser) throws(StatementAbandoned) in try parser.extraName() },
  ]

  /// Notes a directive that may be there once; false when it was there.
  private mutating func once(_ directive: String) throws(StatementAbandoned) {
    let token = statements[statement - 1].first ?? end
    if let line = firstLines[directive] {
      throw fail(.repeated(directive, firstLine: line), at: token)
    }
    firstLines[directive] = token.span.line
  }

  /// Reads `.module "name"`.
  private mutating func module() throws(StatementAbandoned) {
    try once(".module")
    builder.contents.names.append(ModuleName(.module, name: try string("the module's name")))
  }

  /// Reads `.features BITS`.
  private mutating func features() throws(StatementAbandoned) {
    try once(".features")
    builder.contents.features = try whole(through: .max)
  }

  /// Reads `.flags native_nan`.
  private mutating func flags() throws(StatementAbandoned) {
    try once(".flags")
    try expect("native_nan")
    builder.contents.flags = .nativeNaN
  }

  /// Reads `.type [NAME] (TYPES) [-> TYPES]`, from behind the name on.
  mutating func type() throws(StatementAbandoned) {
    let (signature, _) = try signature()
    builder.appendType(signature)
    try finishStatement()
  }

  /// Reads `.import "module" "name" KIND [NAME] …`.
  private mutating func importItem() throws(StatementAbandoned) {
    let module = try string("the name of a module")
    _ = accept(",")
    let name = try string("a name in the module")
    let kindToken = next
    let wanted: ModuleImport.Wanted
    switch kindToken.text {
    case "func":
      advance()
      _ = self.name()
      wanted = .function(typeIndex: try typeUse().index)
    case "table":
      advance()
      _ = self.name()
      wanted = .table(
        ModuleTable(try referenceType(), try limits(FormatLimits.tableElementCountMax)))
    case "memory":
      advance()
      _ = self.name()
      wanted = .memory(try limits(FormatLimits.memoryPageCountMax))
    case "global":
      advance()
      _ = self.name()
      wanted = .global(try globalType())
    default:
      throw fail(
        .expected("func, table, memory or global"), at: kindToken,
        suggestion: Suggestion.nearest(
          to: kindToken.text, in: ["func", "table", "memory", "global"]))
    }
    builder.contents.imports.append(ModuleImport(module: module, name: name, wanted: wanted))
  }

  /// Reads `.table [NAME] TYPE MINIMUM [MAXIMUM]`.
  private mutating func table() throws(StatementAbandoned) {
    _ = name()
    let element = try referenceType()
    builder.contents.tables.append(
      ModuleTable(element, try limits(FormatLimits.tableElementCountMax)))
  }

  /// Reads `.memory [NAME] MINIMUM [MAXIMUM]`.
  private mutating func memory() throws(StatementAbandoned) {
    _ = name()
    builder.contents.memories.append(try limits(FormatLimits.memoryPageCountMax))
  }

  /// Reads `.global [NAME] [mut] TYPE = CONSTANT`.
  private mutating func global() throws(StatementAbandoned) {
    _ = name()
    let type = try globalType()
    try expect("=")
    builder.contents.globals.append(
      ModuleGlobal(type, initial: try constant(of: type.value)))
  }

  /// `.export ["name"] KIND WHICH`; without a name, under its own.
  private mutating func export() throws(StatementAbandoned) {
    let first = next
    var exportName: [UInt8]?
    if case .string = next.kind { exportName = try string("the name for others") }
    let kindToken = next
    let kinds: [String: (ExternalKind, SymbolKind)] = [
      "func": (.function, .function), "table": (.table, .table), "memory": (.memory, .memory),
      "global": (.global, .global),
    ]
    guard let (kind, symbolKind) = kinds[kindToken.text] else {
      throw fail(
        .expected("func, table, memory or global"), at: kindToken,
        suggestion: Suggestion.nearest(to: kindToken.text, in: kinds.keys.sorted()))
    }
    advance()
    let token = next
    let index = try reference(symbolKind)
    if exportName == nil {
      switch token.kind {
      case .word: exportName = Array(token.text.utf8)
      case .string(let bytes): exportName = bytes
      default: throw fail(.expected("a name for others in quotes"), at: kindToken)
      }
    }
    let name = exportName ?? []
    if let line = exportLines[name] {
      let text = String(decoding: name, as: UTF8.self)
      throw fail(.repeated("the export \"\(text)\"", firstLine: line), at: first)
    }
    exportLines[name] = first.span.line
    builder.contents.exports.append(ModuleExport(name: name, kind: kind, index: index))
  }

  /// Reads `.start FUNCTION`.
  private mutating func start() throws(StatementAbandoned) {
    try once(".start")
    builder.contents.startFunction = try reference(.function)
  }

  /// Reads `.elem [NAME] [TYPE] PLACEMENT ITEM, …`.
  private mutating func elements() throws(StatementAbandoned) {
    _ = name()
    var type = ValueType.funcref
    if ["funcref", "externref"].contains(next.text) { type = try referenceType() }
    let placement = try self.placement(.table)
    var items: [Constant] = []
    while !rest.isEmpty {
      if !items.isEmpty { try expect(",") }
      if accept("null") {
        items.append(Constant(.null))
      } else if accept("global") {
        items.append(Constant(.global, UInt64(try reference(.global))))
      } else {
        _ = accept("func")
        items.append(Constant(.function, UInt64(try reference(.function))))
      }
    }
    builder.contents.elementSegments.append(
      ElementSegment(placement, type: type, items: items))
  }

  /// Reads `.data [NAME] PLACEMENT BYTES`.
  private mutating func data() throws(StatementAbandoned) {
    _ = name()
    let token = next
    let placement = try self.placement(.memory)
    guard placement != .declared else {
      throw fail(.expected("'at' or 'passive'"), at: token)
    }
    builder.contents.dataSegments.append(DataSegment(placement, bytes: try bytes()))
  }

  /// Reads `.file "name"`.
  private mutating func file() throws(StatementAbandoned) {
    builder.contents.sourceFiles.append(try string("the name of a source file"))
  }

  /// Reads `.custom "name" BYTES`.
  private mutating func custom() throws(StatementAbandoned) {
    let name = try string("the section's name")
    builder.contents.customs.append(CustomSection(name: name, bytes: try bytes()))
  }

  /// Reads `.section KIND ENTRY-BYTES BYTES`.
  private mutating func section() throws(StatementAbandoned) {
    let token = next
    let kind = UInt16(try whole(through: UInt64(UInt16.max)))
    let entryByteCount = UInt32(try whole(through: UInt64(UInt32.max)))
    let bytes = try bytes()
    guard Int(kind) >= SectionKind.end else {
      throw fail(.builder(.badSectionKind(kind)), at: token)
    }
    guard entryByteCount > 0, !bytes.isEmpty, bytes.count % Int(entryByteCount) == 0 else {
      throw fail(
        .builder(
          .badSectionByteCount(
            kind: kind, byteCount: bytes.count, entryByteCount: entryByteCount)),
        at: token)
    }
    builder.contents.unknownSections.append(
      UnknownSection(kind: kind, entryByteCount: entryByteCount, bytes: bytes))
  }

  /// Reads `.name KIND INDEX [PART] "name"`: a name that has no place of its own in the text.
  private mutating func extraName() throws(StatementAbandoned) {
    let token = next
    guard let kind = NameKind.named(token.text) else {
      throw fail(
        .expected("what is named"), at: token,
        suggestion: Suggestion.nearest(to: token.text, in: NameKind.words))
    }
    advance()
    let index = UInt32(try whole(through: UInt64(UInt32.max)))
    var part: UInt32 = 0
    if next.kind == .number { part = UInt32(try whole(through: UInt64(UInt32.max))) }
    builder.contents.names.append(
      ModuleName(kind, index: index, part: part, name: try string("the name")))
  }
}

extension NameKind {
  static let all: [(word: String, kind: NameKind)] = [
    ("module", .module), ("func", .function), ("register", .register), ("label", .label),
    ("type", .type), ("table", .table), ("memory", .memory), ("global", .global),
    ("elem", .elementSegment), ("data", .dataSegment),
  ]

  static let words = all.map(\.word)

  static func named(_ word: String) -> NameKind? { all.first { $0.word == word }?.kind }

  /// As text spells it.
  var word: String { Self.all.first { $0.kind == self }?.word ?? "" }
}
