// Assembler.swift — text to the bytes of a module.
// Hosted. Imports NovaBytecode. The grammar: Assembly.md in the book.

import NovaBytecode

/// Makes modules from assembly text.
public enum Assembler {
  /// How a text is made into a module.
  public struct Options: Sendable {
    /// Whether `CodeOptimizer` works on the code.
    public var isOptimized: Bool
    /// Whether each instruction's line in the text is recorded, where no `.line` says another.
    public var recordsLines: Bool
    /// The text's name, recorded with its lines.
    public var fileName: String

    /// Options.
    public init(
      isOptimized: Bool = false, recordsLines: Bool = false, fileName: String = "text.nvasm"
    ) {
      self.isOptimized = isOptimized
      self.recordsLines = recordsLines
      self.fileName = fileName
    }
  }

  /// The module that a text describes, verified.
  ///
  /// - Parameters:
  ///   - text: UTF-8.
  ///   - options: what is done besides.
  /// - Returns: the bytes of the file, always the same for the same text and options.
  /// - Throws: `AssemblyError`, everything that is wrong, each with its place in the text.
  /// - Complexity: O(text) but for names, which take O(log n).
  public static func assemble(
    _ text: [UInt8], options: Options = Options()
  ) throws(AssemblyError) -> [UInt8] {
    let source = SourceText(text)
    if let place = source.firstInvalid {
      throw AssemblyError(diagnostics: [Diagnostic(span: place, cause: .notUTF8)])
    }
    var parser = Parser(text, options: options)
    parser.parse()
    guard parser.diagnostics.isEmpty else {
      throw AssemblyError(diagnostics: sorted(parser.diagnostics))
    }
    if options.isOptimized { parser.builder.optimizer = CodeOptimizer() }
    if options.recordsLines, parser.builder.contents.sourceFiles.isEmpty {
      parser.builder.contents.sourceFiles = [Array(options.fileName.utf8)]
    }
    let bytes: [UInt8]
    let lines: CodeLines
    do throws(BuilderError) {
      let (contents, found) = try parser.builder.finishedContentsWithLines()
      lines = found
      bytes = try contents.fileBytes()
    } catch {
      let span = source.statement(onLine: Int(error.textLine))
      throw AssemblyError(diagnostics: [Diagnostic(span: span, cause: .builder(error.cause))])
    }
    try verify(bytes, source, lines)
    return bytes
  }

  /// The module that a text describes.
  public static func assemble(
    _ text: String, options: Options = Options()
  ) throws(AssemblyError) -> [UInt8] {
    try assemble(Array(text.utf8), options: options)
  }

  private static func sorted(_ diagnostics: [Diagnostic]) -> [Diagnostic] {
    diagnostics.sorted { ($0.span.start, $0.span.end) < ($1.span.start, $1.span.end) }
  }
}
