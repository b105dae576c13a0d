// Disassembler.swift — a module's file to text that makes the same file again.
// Hosted. Imports NovaBytecode. The grammar: Assembly.md in the book.

import NovaBytecode

/// Why a module cannot be shown.
public enum DisassemblyError: Error, Equatable {
  /// The bytes are no module.
  case format(FormatError)
  /// A function's words are no instructions.
  case code(CodeError)
}

/// Makes text from modules.
public enum Disassembler {
  /// The text of a module: assembled, it gives the same bytes.
  ///
  /// Names that the file has stand where they name something; what has none is shown by its index,
  /// and labels as `$1`, `$2`, … which no file keeps.
  ///
  /// - Parameters:
  ///   - bytes: a file.
  ///   - showsWords: whether a comment behind each instruction says in which word of its function
  ///     it begins, as traps do.
  /// - Returns: the text; equal files give equal text.
  /// - Throws: `DisassemblyError` for bytes that no verified module has.
  /// - Complexity: O(bytes).
  public static func text(
    of bytes: [UInt8], showsWords: Bool = false
  ) throws(DisassemblyError) -> String {
    let contents: ModuleContents
    do { contents = try ModuleFile(bytes).withView { ModuleContents($0) } } catch {
      throw .format(error)
    }
    do { return try text(of: contents, showsWords: showsWords) } catch { throw .code(error) }
  }

  /// The text of a module's values.
  static func text(
    of contents: ModuleContents, showsWords: Bool = false
  ) throws(CodeError) -> String {
    var writer = TextWriter(contents)
    writer.showsWords = showsWords
    writer.writeModule()
    writer.writeDefinitions()
    writer.writeSegments()
    for index in contents.functions.indices { try writer.writeFunction(index) }
    writer.writeTools()
    return writer.text
  }
}

/// Writes the text of one module.
struct TextWriter {
  let contents: ModuleContents
  let names: NameTable
  /// Whether instructions tell their words.
  var showsWords = false
  private(set) var text = ""
  /// The first index of each signature; others of it are shown by index.
  let firstTypes: [FunctionSignature: Int]

  init(_ contents: ModuleContents) {
    self.contents = contents
    names = NameTable(contents)
    var first: [FunctionSignature: Int] = [:]
    for (index, type) in contents.types.enumerated() where first[type] == nil {
      first[type] = index
    }
    firstTypes = first
  }

  mutating func line(_ line: String = "") {
    if line.isEmpty {
      // One blank line between groups, none at the beginning.
      if !text.isEmpty, !text.hasSuffix("\n\n") { text += "\n" }
    } else {
      text += line + "\n"
    }
  }
}

extension TextWriter {
  mutating func writeModule() {
    if let name = names.moduleName { line(".module \(quoted(name))") }
    if contents.features != 0 { line(".features \(hexadecimal(contents.features))") }
    if contents.flags.contains(.nativeNaN) { line(".flags native_nan") }
    line()
    for (index, type) in contents.types.enumerated() {
      line(".type \(named(.type, index))\(signature(type))")
    }
    line()
    for (index, item) in contents.imports.enumerated() { writeImport(item, at: index) }
    line()
  }

  private mutating func writeImport(_ item: ModuleImport, at index: Int) {
    let earlier = contents.imports[..<index].count { $0.wanted.kind == item.wanted.kind }
    let start = ".import \(quoted(item.module)) \(quoted(item.name)) "
    switch item.wanted {
    case .function(let typeIndex):
      line(start + "func \(named(.function, earlier))\(typeUse(typeIndex))")
    case .table(let type): line(start + "table \(named(.table, earlier))\(tableText(type))")
    case .memory(let limits): line(start + "memory \(named(.memory, earlier))\(text(limits))")
    case .global(let type): line(start + "global \(named(.global, earlier))\(globalText(type))")
    }
  }

  mutating func writeDefinitions() {
    for (index, table) in contents.tables.enumerated() {
      let name = named(.table, contents.importCount(.table) + index)
      line(".table \(name)\(tableText(table))")
    }
    for (index, memory) in contents.memories.enumerated() {
      line(".memory \(named(.memory, contents.importCount(.memory) + index))\(text(memory))")
    }
    for (index, global) in contents.globals.enumerated() {
      let name = named(.global, contents.importCount(.global) + index)
      line(".global \(name)\(globalText(global.type)) = \(constant(global.initial))")
    }
    line()
    for export in contents.exports {
      let (word, kind): (String, NameKind) =
        switch export.kind {
        case .function: ("func", .function)
        case .table: ("table", .table)
        case .memory: ("memory", .memory)
        case .global: ("global", .global)
        }
      line(".export \(quoted(export.name)) \(word) \(reference(kind, UInt64(export.index)))")
    }
    if let start = contents.startFunction {
      line(".start \(reference(.function, UInt64(start)))")
    }
    line()
  }

  mutating func writeSegments() {
    for (index, segment) in contents.elementSegments.enumerated() {
      let type = segment.type == .funcref ? "" : "\(segment.type.text) "
      let placement = placementText(segment.placement, .table)
      writeItems(
        ".elem \(named(.elementSegment, index))\(type)\(placement)", segment.items.map(constant))
    }
    line()
    for (index, segment) in contents.dataSegments.enumerated() {
      line(
        ".data \(named(.dataSegment, index))\(placementText(segment.placement, .memory))")
      writeBytes(segment.bytes)
    }
    line()
    for file in contents.sourceFiles { line(".file \(quoted(file))") }
    line()
  }

  /// Items behind a directive, as many on each line as fit.
  private mutating func writeItems(_ start: String, _ items: [String]) {
    var current = start
    for (index, item) in items.enumerated() {
      let separated = item + (index == items.count - 1 ? "" : ",")
      if current.count + separated.count + 1 > 96, index > 0 {
        line(current)
        current = "    " + separated
      } else {
        current += " " + separated
      }
    }
    line(current)
  }

  /// Bytes on lines of their own: strings where they can be read, else numbers.
  private mutating func writeBytes(_ bytes: [UInt8]) {
    var rest = bytes[...]
    while !rest.isEmpty {
      let zeros = rest.prefix { $0 == 0 }.count
      if zeros >= 16 {
        line("    zero \(zeros)")
        rest = rest.dropFirst(zeros)
        continue
      }
      let chunk = rest.prefix(16)
      let readable = chunk.count { (0x20..<0x7f).contains($0) }
      if readable * 4 >= chunk.count * 3 {
        let long = rest.prefix(48)
        line("    \(quotedBytes(Array(long)))")
        rest = rest.dropFirst(long.count)
      } else {
        line("    i8 " + chunk.map { hexadecimal(UInt64($0)) }.joined(separator: ", "))
        rest = rest.dropFirst(chunk.count)
      }
    }
  }

  mutating func writeTools() {
    for custom in contents.customs {
      line()
      line(".custom \(quoted(custom.name))")
      writeBytes(custom.bytes)
    }
    for section in contents.unknownSections {
      line()
      line(".section \(section.kind) \(section.entryByteCount)")
      writeBytes(section.bytes)
    }
    line()
    for name in names.leftOver {
      let hasPart = name.kind == .register || name.kind == .label
      let part = hasPart ? " \(name.part)" : ""
      line(".name \(name.kind.word) \(name.index)\(part) \(quoted(name.name))")
    }
    while text.hasSuffix("\n\n") { text.removeLast() }
  }
}

// Pieces of statements.
extension TextWriter {
  /// The name of something and a blank; nothing where it has none.
  func named(_ kind: NameKind, _ index: Int) -> String {
    names.name(kind, UInt64(index)).map { "\(nameText($0)) " } ?? ""
  }

  /// What text calls something: its name, else its index.
  func reference(_ kind: NameKind, _ index: UInt64) -> String {
    names.name(kind, index).map { nameText($0) } ?? "\(index)"
  }

  func signature(_ type: FunctionSignature, names: [Int: [UInt8]] = [:]) -> String {
    let parameters = type.parameters.enumerated().map { index, type in
      names[index].map { "\(registerNameText($0)): \(type.text)" } ?? type.text
    }
    let start = "(\(parameters.joined(separator: ", ")))"
    switch type.results.count {
    case 0: return start
    case 1: return "\(start) -> \(type.results[0].text)"
    default: return "\(start) -> (\(type.results.map(\.text).joined(separator: ", ")))"
    }
  }

  /// Whether the signature alone says which type is meant.
  func isFirst(_ typeIndex: UInt32) -> Bool {
    Int(typeIndex) < contents.types.count
      && firstTypes[contents.types[Int(typeIndex)]] == Int(typeIndex)
  }

  func typeUse(_ typeIndex: UInt32) -> String {
    isFirst(typeIndex)
      ? signature(contents.types[Int(typeIndex)]) : "type \(reference(.type, UInt64(typeIndex)))"
  }

  func text(_ limits: SizeLimits) -> String {
    limits.maximum == SizeLimits.none
      ? "\(limits.minimum)" : "\(limits.minimum) \(limits.maximum)"
  }

  func tableText(_ table: ModuleTable) -> String {
    "\(table.element.text) \(text(table.limits))"
  }

  func globalText(_ type: ModuleGlobalType) -> String {
    (type.isMutable ? "mut " : "") + type.value.text
  }

  func constant(_ constant: Constant) -> String {
    switch ConstantKind(rawValue: constant.kind) {
    case .i32: "\(Int32(truncatingIfNeeded: constant.value))"
    case .i64: "\(Int64(bitPattern: constant.value))"
    case .f32: floatText(Float(bitPattern: UInt32(truncatingIfNeeded: constant.value)))
    case .f64: floatText(Double(bitPattern: constant.value))
    case .function: "func \(reference(.function, constant.value))"
    case .global: "global \(reference(.global, constant.value))"
    case .null, .some(.none), nil: "null"
    }
  }

  func placementText(_ placement: SegmentPlacement, _ kind: NameKind) -> String {
    switch placement {
    case .passive: return "passive"
    case .declared: return "declared"
    case .active(let target, let offset):
      let place = "at \(constant(offset))"
      return target == 0 ? place : place + " in \(reference(kind, UInt64(target)))"
    }
  }
}
