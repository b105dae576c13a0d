// NativeCompiler.swift — a verified module to an object file's bytes.
// Hosted. Imports CLLVM, NovaBytecode. Design: Decisions/0019-compiled-code.md.

import CLLVM
import NovaBytecode

/// Compiles verified modules.
public struct NativeCompiler: Sendable {
  /// How much is done to make the code fast.
  public var effort = NativeEffort.standard
  /// Whether the code counts fuel.
  public var isCharged = false
  /// The record's symbol; what else the object defines is its own.
  public var symbol = "nova_native_main"

  /// A compiler with the usual settings.
  public init() {}

  /// Compiles a module for a CPU, as an object that is linked into a program.
  ///
  /// - Returns: an ELF object; the same for the same module, settings and version of LLVM. It
  ///   refers to `memset`, `memcpy` and `memmove`, or to nothing.
  /// - Throws: `NativeError`.
  public func object(
    _ module: borrowing VerifiedModule, for target: NativeTarget
  ) throws(NativeError) -> [UInt8] {
    try object(module.view, for: try TargetMachine.target(target, effort))
  }

  /// The same for this process, at any address.
  func hostObject(_ view: ModuleView) throws(NativeError) -> [UInt8] {
    try object(view, for: try TargetMachine.host(effort))
  }

  private func object(
    _ view: ModuleView, for machine: TargetMachine
  ) throws(NativeError) -> [UInt8] {
    var callByteCount = NativeLimits.callByteCountMin
    while callByteCount <= NativeLimits.callByteCountMax {
      if let bytes = try object(view, for: machine, callByteCount: callByteCount) { return bytes }
      callByteCount *= 4
    }
    throw .frameTooLarge(maximum: NativeLimits.callByteCountMax)
  }

  /// The object; nil when a function's frame is larger than calls are given.
  private func object(
    _ view: ModuleView, for machine: TargetMachine, callByteCount: Int
  ) throws(NativeError) -> [UInt8]? {
    let lowering = ModuleLowering(
      view, isCharged: isCharged, isOptimized: effort != .fast, callByteCount: callByteCount,
      leaveConvention: machine.target.leaveConvention)
    let ir = lowering.ir
    let diagnostics = Diagnostics()
    diagnostics.listen(to: ir)
    LLVMSetTarget(ir.module, machine.triple)
    let layout = LLVMCreateTargetDataLayout(machine.machine)
    LLVMSetModuleDataLayout(ir.module, layout)
    LLVMDisposeTargetData(layout)
    if let abi = machine.abi {
      let flag = "target-abi"
      LLVMAddModuleFlag(
        ir.module, LLVMModuleFlagBehaviorError, flag, flag.utf8.count,
        LLVMMDStringInContext2(ir.context, abi, abi.utf8.count))
    }
    try lowering.lower(symbol: symbol)
    var message: UnsafeMutablePointer<CChar>?
    guard LLVMVerifyModule(ir.module, LLVMReturnStatusAction, &message) == 0 else {
      throw .llvm(TargetMachine.text(message))
    }
    LLVMDisposeMessage(message)
    let options = LLVMCreatePassBuilderOptions()
    defer { LLVMDisposePassBuilderOptions(options) }
    try TargetMachine.check(
      LLVMRunPasses(ir.module, effort.passes, machine.machine, options))
    var buffer: LLVMMemoryBufferRef?
    guard
      LLVMTargetMachineEmitToMemoryBuffer(
        machine.machine, ir.module, LLVMObjectFile, &message, &buffer) == 0
    else { throw .llvm(TargetMachine.text(message)) }
    defer { LLVMDisposeMemoryBuffer(buffer) }
    if let error = diagnostics.error { throw .llvm(error) }
    guard !diagnostics.hasLargeFrame else { return nil }
    let start = UnsafeRawPointer(LLVMGetBufferStart(buffer))
    return Array(UnsafeRawBufferPointer(start: start, count: LLVMGetBufferSize(buffer)))
  }
}

/// What LLVM says while it makes code.
private final class Diagnostics {
  /// A frame has more bytes than its function's attribute allows.
  var hasLargeFrame = false
  var error: String?

  /// Until the module's context ends, before which this stays.
  func listen(to ir: IR) {
    LLVMContextSetDiagnosticHandler(
      ir.context,
      { diagnostic, listener in
        guard let listener else { return }
        let diagnostics = Unmanaged<Diagnostics>.fromOpaque(listener).takeUnretainedValue()
        diagnostics.take(
          LLVMGetDiagInfoSeverity(diagnostic),
          TargetMachine.text(LLVMGetDiagInfoDescription(diagnostic)))
      }, Unmanaged.passUnretained(self).toOpaque())
  }

  private func take(_ severity: LLVMDiagnosticSeverity, _ text: String) {
    if text.contains("stack") && text.contains("exceed") {
      hasLargeFrame = true
    } else if severity == LLVMDSError {
      error = error ?? text
    }
  }
}
