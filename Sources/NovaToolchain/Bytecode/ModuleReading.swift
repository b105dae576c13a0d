// ModuleReading.swift — a module's file, read and verified, or the words why not.
// Hosted. Imports NovaAssembler, NovaBytecode and NovaWasm.

import NovaAssembler
import NovaBytecode
import NovaWasm

/// Why a file is no module that may run.
public enum ModuleRefusal: Error, Equatable {
  /// It is no module, or damaged.
  case format(FormatError)
  /// Its code may not run; `text` names function, offset and reason.
  case verifier(VerifierError, text: String)
  /// Its words are no instructions.
  case code(CodeError)

  /// What is wrong and what to do, as a sentence without an end.
  public var text: String {
    switch self {
    case .format(let error): "\(error.text); \(error.remedy)"
    case .verifier(_, let text): "\(text); make the module again from its source"
    case .code(let error):
      "function \(error.function), word \(error.word): no verified module has such code; "
        + "make the module again from its source"
    }
  }
}

/// Is called now and then while a WebAssembly file is translated: bytes done, and all of them.
public typealias TranslationProgress = @Sendable (_ byteCount: Int, _ total: Int) -> Void

/// What modules hold, for the command.
public enum Modules {
  /// A WebAssembly file, known by its first bytes, as a module; other files as they are.
  ///
  /// - Parameters:
  ///   - bytes: the file.
  ///   - note: told what was left out that no module needs, as a sentence without an end.
  ///   - progress: told how far it is.
  /// - Returns: a module's file, if the bytes are one or become one.
  /// - Throws: `WasmError`, when it is WebAssembly that can't be translated.
  public static func translated(
    _ bytes: [UInt8], note: (String) -> Void = { _ in }, progress: TranslationProgress? = nil
  ) throws(WasmError) -> [UInt8] {
    guard FileKind(magic: bytes) == .webAssembly else { return bytes }
    let translation = try WasmImporter.translation(of: bytes, progress: progress)
    if let error = translation.lineTableError {
      note("traps will name no lines, since its table of lines is damaged: \(error.text)")
    }
    return translation.module
  }

  /// Copies what a module says.
  ///
  /// - Throws: `ModuleRefusal.format` when the bytes are no module.
  public static func contents(of bytes: [UInt8]) throws(ModuleRefusal) -> ModuleContents {
    do { return try ModuleFile(bytes).withView { ModuleContents($0) } } catch {
      throw .format(error)
    }
  }

  /// Reads and verifies a module.
  ///
  /// - Returns: how many functions of its own it has, how many words of code, and what `nova build`
  ///   states of it.
  /// - Throws: `ModuleRefusal` with the first fault.
  @discardableResult
  public static func verify(
    _ bytes: [UInt8]
  ) throws(ModuleRefusal) -> (functionCount: Int, wordCount: Int, statement: UInt64) {
    let file = ModuleFile(bytes)
    let result: Result<(Int, Int, UInt64), ModuleRefusal>
    do throws(FormatError) {
      result = try file.withView { view in
        do throws(VerifierError) {
          let statement = try file.verify(view).buildStatement
          return .success((view.functions.count, view.codeWordCount, statement))
        } catch {
          return .failure(.verifier(error, text: error.text(in: view)))
        }
      }
    } catch {
      throw .format(error)
    }
    return try result.get()
  }

  /// A module's text; with the word of each instruction in a comment, if so wanted.
  ///
  /// - Throws: `ModuleRefusal` when the bytes are no module, or its code no instructions.
  public static func text(
    of bytes: [UInt8], showsWords: Bool = false
  ) throws(ModuleRefusal) -> String {
    do { return try Disassembler.text(of: bytes, showsWords: showsWords) } catch {
      switch error {
      case .format(let error): throw .format(error)
      case .code(let error): throw .code(error)
      }
    }
  }

  /// A module without names, lines, source files and custom sections.
  ///
  /// - Throws: `ModuleRefusal.format` when the bytes are no module.
  public static func stripped(_ bytes: [UInt8]) throws(ModuleRefusal) -> [UInt8] {
    let contents = try contents(of: bytes).stripped
    guard let stripped = try? contents.fileBytes() else {
      preconditionFailure("less than a file has its place in one")
    }
    return stripped
  }
}
