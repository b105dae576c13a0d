// NativeProcess.swift — compiled code of this process, through LLVM's LLJIT.
// Hosted. Imports CLLVM, CLLVMShim, NovaModules. Design: Decisions/0019-compiled-code.md.

import CLLVM
import CLLVMShim
import Glibc
import NovaModules

/// Compiles modules into this process; what it compiled stays until it ends.
///
/// It outlives the modules that its code was attached to, and their calls.
public final class NativeProcess {
  private let jit: LLVMOrcLLJITRef
  private var compiledCount = 0

  /// Begins without code.
  public init() throws(NativeError) {
    _ = try TargetMachine.host(.fast)
    var jit: LLVMOrcLLJITRef?
    try TargetMachine.check(LLVMOrcCreateLLJIT(&jit, nil))
    guard let jit else { throw .llvm("no LLJIT was made") }
    self.jit = jit
    // All that compiled code may name.
    let memset: @convention(c) (UnsafeMutableRawPointer, CInt, Int) -> UnsafeMutableRawPointer? =
      { Glibc.memset($0, $1, $2) }
    let memcpy:
      @convention(c) (UnsafeMutableRawPointer, UnsafeRawPointer, Int) -> UnsafeMutableRawPointer? =
        { Glibc.memcpy($0, $1, $2) }
    let memmove:
      @convention(c) (UnsafeMutableRawPointer, UnsafeRawPointer, Int) -> UnsafeMutableRawPointer? =
        { Glibc.memmove($0, $1, $2) }
    try define("memset", unsafeBitCast(memset, to: UnsafeRawPointer.self))
    try define("memcpy", unsafeBitCast(memcpy, to: UnsafeRawPointer.self))
    try define("memmove", unsafeBitCast(memmove, to: UnsafeRawPointer.self))
  }

  deinit { LLVMConsumeError(LLVMOrcDisposeLLJIT(jit)) }

  private func define(_ name: String, _ address: UnsafeRawPointer) throws(NativeError) {
    try TargetMachine.check(nova_llvm_define(jit, name, address))
  }

  /// Compiles a module, and gives it the code.
  ///
  /// - Parameters:
  ///   - module: loaded; its instances run the code by `NativeBackend`.
  ///   - compiler: settings; the symbol is chosen here.
  /// - Throws: `NativeError`; the module runs as before then.
  public func attach(to module: Module, _ compiler: NativeCompiler) throws(NativeError) {
    var compiler = compiler
    compiler.symbol = "nova_native_\(compiledCount)"
    compiledCount += 1
    let bytes = try compiler.hostObject(module.view)
    let buffer = bytes.withUnsafeBytes { source in
      LLVMCreateMemoryBufferWithMemoryRangeCopy(
        source.baseAddress?.assumingMemoryBound(to: CChar.self), source.count, compiler.symbol)
    }
    try TargetMachine.check(
      LLVMOrcLLJITAddObjectFile(jit, LLVMOrcLLJITGetMainJITDylib(jit), buffer))
    var address: LLVMOrcExecutorAddress = 0
    try TargetMachine.check(LLVMOrcLLJITLookup(jit, &address, compiler.symbol))
    guard let record = UnsafeRawPointer(bitPattern: UInt(address)) else {
      throw .llvm("\(compiler.symbol) has no address")
    }
    do throws(NativeCodeError) {
      try module.attach(try NativeCode(record))
    } catch {
      preconditionFailure("code was compiled from another module than it is given to")
    }
  }
}
