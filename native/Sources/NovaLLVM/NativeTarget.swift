// NativeTarget.swift — CPUs that code is made for, as LLVM names them.
// Hosted. Imports CLLVM, CLLVMShim. The same levels and ABIs as linker/make-sdk gives Swift and C.

import CLLVM
import CLLVMShim

/// A CPU that code is compiled for.
public enum NativeTarget: String, CaseIterable, Sendable {
  case x86_64
  case aarch64
  case riscv64

  var triple: String { "\(rawValue)-unknown-none-elf" }

  var cpu: String {
    switch self {
    case .x86_64: "x86-64"
    case .aarch64: "generic"
    case .riscv64: "generic-rv64"
    }
  }

  var features: String {
    switch self {
    case .x86_64: ""
    case .aarch64: "+neon,+fp-armv8"
    case .riscv64: "+m,+a,+c,+f,+d"
    }
  }

  /// Of riscv64, floats travel in integer registers, as in the rest of a program.
  var abi: String? { self == .riscv64 ? "lp64" : nil }

  /// How compiled code leaves its stack, which seldom happens, from amidst what happens often: by a
  /// function that keeps the registers itself, as many as LLVM 14 knows how to.
  var leaveConvention: LLVMCallConv {
    switch self {
    case .x86_64: LLVMPreserveAllCallConv
    case .aarch64: LLVMPreserveMostCallConv
    case .riscv64: LLVMCCallConv
    }
  }

  /// The CPU that this compiler runs on.
  static var host: NativeTarget {
    #if arch(arm64)
      .aarch64
    #elseif arch(riscv64)
      .riscv64
    #else
      .x86_64
    #endif
  }
}

/// How much is done to make code fast.
public enum NativeEffort: String, CaseIterable, Sendable {
  /// As little as possible: for code that runs once.
  case fast
  /// What pays for most code.
  case standard
  /// What LLVM does at -O2.
  case optimized

  /// LLVM's passes, each of which 14 and 19 know.
  var passes: String {
    switch self {
    case .fast: "function(sroa)"
    case .standard:
      "function(sroa,early-cse<memssa>,\(Self.combine),simplifycfg,gvn,loop-mssa(licm),"
        + "\(Self.combine),simplifycfg)"
    case .optimized: "default<O2>"
    }
  }

  private static let combine = String(cString: nova_llvm_combine_pass())

  var level: LLVMCodeGenOptLevel {
    self == .fast ? LLVMCodeGenLevelNone : LLVMCodeGenLevelDefault
  }
}

/// LLVM's description of a machine.
final class TargetMachine {
  let machine: LLVMTargetMachineRef
  let triple: String
  /// The CPU.
  let target: NativeTarget
  let abi: String?

  private init(
    _ machine: LLVMTargetMachineRef, triple: String, target: NativeTarget, abi: String?
  ) {
    self.machine = machine
    self.triple = triple
    self.target = target
    self.abi = abi
  }

  deinit { LLVMDisposeTargetMachine(machine) }

  private static let isReady: Bool = {
    guard nova_llvm_is_consistent() else { return false }
    nova_llvm_initialise()
    return true
  }()

  /// For objects that are linked into a program.
  static func target(
    _ target: NativeTarget, _ effort: NativeEffort
  ) throws(NativeError) -> TargetMachine {
    let found = try find(target.triple, target)
    // What lies at 64 GiB is near the code that names it.
    let model = target == .riscv64 ? LLVMCodeModelMedium : LLVMCodeModelSmall
    let machine: LLVMTargetMachineRef = nova_llvm_machine(
      found, target.triple, target.cpu, target.features, target.abi, effort.level, LLVMRelocStatic,
      model)
    return TargetMachine(machine, triple: target.triple, target: target, abi: target.abi)
  }

  /// For code of this process.
  static func host(_ effort: NativeEffort) throws(NativeError) -> TargetMachine {
    let triple = text(LLVMGetDefaultTargetTriple())
    let found = try find(triple, .host)
    let (cpu, features) = (text(LLVMGetHostCPUName()), text(LLVMGetHostCPUFeatures()))
    let machine: LLVMTargetMachineRef = nova_llvm_machine(
      found, triple, cpu, features, nil, effort.level, LLVMRelocPIC, LLVMCodeModelJITDefault)
    return TargetMachine(machine, triple: triple, target: .host, abi: nil)
  }

  private static func find(
    _ triple: String, _ target: NativeTarget
  ) throws(NativeError) -> LLVMTargetRef? {
    guard isReady else { throw .otherLLVM(compiled: Int(nova_llvm_version())) }
    var found: LLVMTargetRef?
    var message: UnsafeMutablePointer<CChar>?
    guard LLVMGetTargetFromTriple(triple, &found, &message) == 0 else {
      throw .noTarget(target, text(message))
    }
    return found
  }

  /// LLVM's text, which is given back.
  static func text(_ message: UnsafeMutablePointer<CChar>?) -> String {
    guard let message else { return "" }
    defer { LLVMDisposeMessage(message) }
    return String(cString: message)
  }

  /// Throws what LLVM complains of.
  static func check(_ error: LLVMErrorRef?) throws(NativeError) {
    guard let error else { return }
    let message: UnsafeMutablePointer<CChar> = LLVMGetErrorMessage(error)
    defer { LLVMDisposeErrorMessage(message) }
    throw .llvm(String(cString: message))
  }
}
