// Assembler+Verify.swift — what the reader and the verifier refuse, told at the text's line.
// Hosted. Imports NovaBytecode.

import NovaBytecode

extension Assembler {
  /// Reads and verifies what was assembled.
  static func verify(
    _ bytes: [UInt8], _ source: SourceText, _ lines: CodeLines
  ) throws(AssemblyError) {
    let file = ModuleFile(bytes)
    do throws(FormatError) {
      _ = try file.withView { $0.functionCount }
    } catch {
      let text = "the module would not be well-formed: \(error.cause) at byte \(error.byteOffset)"
      let span = source.statement(onLine: 1)
      throw AssemblyError(diagnostics: [Diagnostic(span: span, cause: .refused(text))])
    }
  }
}
