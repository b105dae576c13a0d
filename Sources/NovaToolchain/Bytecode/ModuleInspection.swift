// ModuleInspection.swift — what a module holds: sections, imports, exports, sizes.
// Hosted. Imports NovaAssembler and NovaBytecode.

import NovaAssembler
import NovaBytecode

/// An inspection of a module's file.
public struct ModuleInspection {
  /// A section of the file.
  public struct Section: Equatable {
    /// As messages spell it.
    public var name: String
    /// From the file's beginning.
    public var offset: UInt64
    /// Without padding.
    public var byteCount: UInt64
    /// How many entries it has.
    public var entryCount: UInt64
  }

  /// Something that crosses the module's edge.
  public struct External: Equatable {
    /// `func`, `table`, `memory` or `global`.
    public var kind: String
    /// Of an import: who gives it; empty for an export.
    public var module: String
    /// Its name for others.
    public var name: String
    /// As text has it.
    public var type: String
  }

  /// A function of the module's own.
  public struct Function: Equatable {
    /// Counted with imported ones.
    public var index: Int
    /// Its name, if the file has one.
    public var name: String
    /// Bytes of its code.
    public var byteCount: Int
    /// Registers of its frame.
    public var registerCount: Int
  }

  /// Bytes of the file.
  public var fileByteCount: Int
  /// The content hash's 32 digits.
  public var contentHash: String
  /// In the order of the file.
  public var sections: [Section] = []
  /// In the order of their indices.
  public var imports: [External] = []
  /// By name.
  public var exports: [External] = []
  /// The largest first.
  public var largest: [Function] = []
  /// How many functions the module has of its own.
  public var functionCount: Int
  /// Why the code may not run; null when it may.
  public var refusal: String?

  /// Inspects a file.
  ///
  /// - Parameters:
  ///   - bytes: the file.
  ///   - largestCount: how many functions are listed.
  /// - Throws: `ModuleRefusal.format` when the bytes are no module; code that is refused is told
  ///   in `refusal`.
  public init(_ bytes: [UInt8], largestCount: Int) throws(ModuleRefusal) {
    do throws(ModuleRefusal) {
      try Modules.verify(bytes)
      refusal = nil
    } catch {
      if case .format = error { throw error }
      refusal = error.text
    }
    let file = ModuleFile(bytes)
    let contents = try Modules.contents(of: bytes)
    fileByteCount = bytes.count
    functionCount = contents.functions.count
    do throws(FormatError) {
      (contentHash, sections) = try file.withView { view in
        (
          padded(view.contentHash.high) + padded(view.contentHash.low),
          (0..<view.sectionCount).map { Section(view.sections[$0]) }
        )
      }
    } catch {
      throw .format(error)
    }
    let types = ExternalTypes(contents)
    imports = contents.imports.map { item in
      External(
        kind: item.wanted.kind.word, module: name(item.module), name: name(item.name),
        type: types.text(item.wanted))
    }
    exports = contents.exports.map { export in
      External(
        kind: export.kind.word, module: "", name: name(export.name),
        type: types.text(export.kind, Int(export.index)))
    }
    largest = Self.functions(contents).sorted { $0.byteCount > $1.byteCount }
      .prefix(largestCount).map { $0 }
  }

  private static func functions(_ contents: ModuleContents) -> [Function] {
    let importedCount = contents.importCount(.function)
    var names: [UInt32: [UInt8]] = [:]
    for name in contents.names where name.kind == .function { names[name.index] = name.name }
    return contents.functions.enumerated().map { own, function in
      let index = importedCount + own
      return Function(
        index: index, name: names[UInt32(index)].map(name) ?? "",
        byteCount: function.words.count * 8, registerCount: Int(function.registerCount))
    }
  }
}

extension ModuleInspection.Section {
  fileprivate init(_ entry: SectionEntry) {
    self.init(
      name: SectionKind(rawValue: entry.kind).map { "\($0.name)" } ?? "unknown \(entry.kind)",
      offset: entry.offset, byteCount: entry.byteCount, entryCount: entry.entryCount)
  }
}

/// Types of what a module imports and exports.
struct ExternalTypes {
  private let contents: ModuleContents

  init(_ contents: ModuleContents) { self.contents = contents }

  func text(_ wanted: ModuleImport.Wanted) -> String {
    switch wanted {
    case .function(let typeIndex): signature(typeIndex)
    case .table(let table): "\(table.element.name) \(text(table.limits, "elements"))"
    case .memory(let limits): text(limits, "pages")
    case .global(let type): (type.isMutable ? "mut " : "") + "\(type.value.name)"
    }
  }

  /// Of what has this index, imports counted first.
  func text(_ kind: ExternalKind, _ index: Int) -> String {
    let imported = contents.imports.filter { $0.wanted.kind == kind }
    if index < imported.count { return text(imported[index].wanted) }
    let own = index - imported.count
    switch kind {
    case .function: return signature(contents.functions[own].typeIndex)
    case .table: return text(.table(contents.tables[own]))
    case .memory: return text(.memory(contents.memories[own]))
    case .global: return text(.global(contents.globals[own].type))
    }
  }

  private func signature(_ typeIndex: UInt32) -> String {
    let type = contents.types[Int(typeIndex)]
    let parameters = "(\(list(type.parameters)))"
    switch type.results.count {
    case 0: return parameters
    case 1: return "\(parameters) -> \(list(type.results))"
    default: return "\(parameters) -> (\(list(type.results)))"
    }
  }

  private func list(_ types: [ValueType]) -> String {
    types.map { "\($0.name)" }.joined(separator: ", ")
  }

  private func text(_ limits: SizeLimits, _ unit: String) -> String {
    limits.maximum == SizeLimits.none
      ? "\(limits.minimum) \(unit)" : "\(limits.minimum) to \(limits.maximum) \(unit)"
  }
}

extension ExternalKind {
  /// As text spells it.
  var word: String { self == .function ? "func" : "\(name)" }
}

private func name(_ bytes: [UInt8]) -> String { String(decoding: bytes, as: UTF8.self) }

private func padded(_ value: UInt64) -> String {
  let digits = String(value, radix: 16)
  return String(repeating: "0", count: 16 - digits.count) + digits
}
