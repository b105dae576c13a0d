// Assembler+Verify.swift — what the reader and the verifier refuse, told at the text's line.
// Hosted. Imports NovaBytecode.

import NovaBytecode

extension Assembler {
  /// Reads and verifies what was assembled.
  static func verify(
    _ bytes: [UInt8], _ source: SourceText, _ lines: CodeLines
  ) throws(AssemblyError) {
    let file = ModuleFile(bytes)
    let refusal: (line: Int, text: String)?
    do throws(FormatError) {
      refusal = try file.withView { view in
        do throws(VerifierError) {
          try file.verify(view)
          return nil
        } catch {
          let line = lines.line(
            function: error.function - view.importedFunctionCount, word: error.wordOffset)
          return (Int(line), error.reasonText(in: view))
        }
      }
    } catch {
      refusal = (0, "the module would not be well-formed: \(error.text)")
    }
    guard let refusal else { return }
    let span = source.statement(onLine: refusal.line)
    throw AssemblyError(diagnostics: [Diagnostic(span: span, cause: .refused(refusal.text))])
  }
}
