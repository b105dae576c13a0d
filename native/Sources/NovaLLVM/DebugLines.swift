// DebugLines.swift — a module's lines as DWARF's, so that debuggers stop at them.
// Hosted. Imports CLLVM, NovaBytecode.

import CLLVM
import NovaBytecode

/// What says which instruction came from which line; for modules that have lines.
final class DebugLines {
  private let ir: IR
  private let view: ModuleView
  private let builder: LLVMDIBuilderRef
  private var files: [LLVMMetadataRef?] = []
  private let type: LLVMMetadataRef?
  private let isOptimized: LLVMBool

  private static let dwarfVersion: UInt64 = 4

  /// Begins; nil for a module without lines.
  init?(_ ir: IR, _ view: ModuleView, isOptimized: Bool) {
    guard view.lines.count > 0, view.sourceFiles.count > 0 else { return nil }
    (self.ir, self.view) = (ir, view)
    self.isOptimized = isOptimized ? 1 : 0
    builder = LLVMCreateDIBuilder(ir.module)
    for index in 0..<view.sourceFiles.count {
      let path = Self.text(view.debugString(view.sourceFiles[index].name))
      let parts = path.split(separator: "/", omittingEmptySubsequences: false)
      let name = String(parts.last ?? "")
      let folder = parts.dropLast().joined(separator: "/")
      files.append(
        LLVMDIBuilderCreateFile(builder, name, name.utf8.count, folder, folder.utf8.count))
    }
    let producer = "NovaCore"
    _ = LLVMDIBuilderCreateCompileUnit(
      builder, LLVMDWARFSourceLanguageC, files[0], producer, producer.utf8.count, self.isOptimized,
      "", 0, 0, "", 0, LLVMDWARFEmissionFull, 0, 0, 0, "", 0, "", 0)
    var none: LLVMMetadataRef?
    type = LLVMDIBuilderCreateSubroutineType(builder, files[0], &none, 0, LLVMDIFlagZero)
    for (flag, value) in [
      ("Debug Info Version", UInt64(LLVMDebugMetadataVersion())),
      ("Dwarf Version", Self.dwarfVersion),
    ] {
      LLVMAddModuleFlag(
        ir.module, LLVMModuleFlagBehaviorWarning, flag, flag.utf8.count,
        LLVMValueAsMetadata(ir.constant(value, ir.i32)))
    }
  }

  deinit { LLVMDisposeDIBuilder(builder) }

  /// Tells LLVM where an own function begins; nil when none of its instructions has a line.
  func scope(_ index: Int, _ function: Value) -> LLVMMetadataRef? {
    let start = Int(view.functions[index].firstWord)
    guard let first = firstLine(from: start, count: Int(view.functions[index].wordCount)) else {
      return nil
    }
    let number = UInt32(view.importedFunctionCount + index)
    let name = view.name(.function, number).map { Self.text($0) } ?? "function \(number)"
    let scope: LLVMMetadataRef? = LLVMDIBuilderCreateFunction(
      builder, files[Int(first.fileIndex)], name, name.utf8.count, "", 0,
      files[Int(first.fileIndex)], first.line, type, 1, 1, first.line, LLVMDIFlagZero, isOptimized)
    LLVMSetSubprogram(function, scope)
    return scope
  }

  private func firstLine(from start: Int, count: Int) -> LineEntry? {
    for word in start..<start + count {
      if let line = view.line(atWord: word) { return line }
    }
    return nil
  }

  /// Says that what is built from now on came from a word of a function; line 0 for none.
  func comeFrom(word: Int, of index: Int, in scope: LLVMMetadataRef) {
    let line = view.line(atWord: Int(view.functions[index].firstWord) + word)
    LLVMSetCurrentDebugLocation2(
      ir.builder,
      LLVMDIBuilderCreateDebugLocation(
        ir.context, line?.line ?? 0, line?.column ?? 0, scope, nil))
  }

  /// Ends a function.
  func endFunction() { LLVMSetCurrentDebugLocation2(ir.builder, nil) }

  /// Ends the module; before it is verified.
  func finish() { LLVMDIBuilderFinalize(builder) }

  private static func text(_ bytes: PoolBytes) -> String {
    String(decoding: (0..<bytes.count).map { bytes[$0] }, as: UTF8.self)
  }
}
