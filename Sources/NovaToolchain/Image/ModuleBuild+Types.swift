// ModuleBuild+Types.swift — what modules of one program import of each other, compared by type.
// Hosted. Imports NovaAssembler and NovaBytecode.

import NovaAssembler
import NovaBytecode

extension ModuleBuild {
  /// Refuses an import that the module which it names does not export, or with another type.
  ///
  /// Sizes of tables and memories are left to the program's loader.
  static func check(
    _ entry: ModuleImport, of importer: (name: String, contents: ModuleContents),
    in exporter: (name: String, contents: ModuleContents)
  ) throws(ModuleBuildError) {
    let name = String(decoding: entry.name, as: UTF8.self)
    let wanted = importer.contents.typeText(entry.wanted)
    guard let export = exporter.contents.exports.first(where: { $0.name == entry.name }) else {
      throw .missingExport(
        importer: importer.name, module: exporter.name, name: name, wanted: wanted)
    }
    let found = exporter.contents.typeText(export)
    guard found == wanted else {
      throw .mistypedImport(
        importer: importer.name, module: exporter.name, name: name, wanted: wanted, found: found)
    }
  }
}

extension ModuleContents {
  /// What an export is, such as `function (i32) -> (i64)`.
  fileprivate func typeText(_ export: ModuleExport) -> String {
    let imported = imports.filter { $0.wanted.kind == export.kind }
    guard Int(export.index) >= imported.count else {
      return typeText(imported[Int(export.index)].wanted)
    }
    let own = Int(export.index) - imported.count
    return switch export.kind {
    case .function: typeText(.function(typeIndex: functions[own].typeIndex))
    case .table: typeText(.table(tables[own]))
    case .memory: typeText(.memory(memories[own]))
    case .global: typeText(.global(globals[own].type))
    }
  }

  fileprivate func typeText(_ wanted: ModuleImport.Wanted) -> String {
    switch wanted {
    case .function(let typeIndex):
      let type = types[Int(typeIndex)]
      return "function \(text(type.parameters)) -> \(text(type.results))"
    case .table(let type): return "table of \(type.element.name)"
    case .memory: return "memory"
    case .global(let type):
      return (type.isMutable ? "mutable global " : "global ") + "\(type.value.name)"
    }
  }

  private func text(_ types: [ValueType]) -> String {
    "(" + types.map { "\($0.name)" }.joined(separator: ", ") + ")"
  }
}
