// LoaderCore+Verify.swift — bytes → VerifiedModule, in scratch of the runtime's contract.
// Freestanding. Imports NovaBytecode, NovaMemory. Design: NovaCore.docc/Modules.md.

import NovaBytecode
import NovaMemory

extension LoaderCore {
  /// Reads and verifies a module.
  func verify(
    _ name: ModuleName, _ bytes: ModuleBytes
  ) throws(ModuleError) -> VerifiedModule {
    let view: ModuleView
    do throws(FormatError) {
      view = try ModuleReader.read(bytes)
    } catch {
      throw .format(name, error)
    }
    let byteCount = Verifier.scratchByteCount(for: view)
    let scratch = try allocate(byteCount: byteCount, for: name)
    defer { release(scratch) }
    do throws(VerifierError) {
      // SAFETY: the scratch is this call's, until it returns.
      return try unsafe Verifier.verify(view, scratch: self.bytes(of: scratch))
    } catch {
      throw .code(name, error)
    }
  }
}
