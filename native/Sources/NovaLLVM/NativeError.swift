// NativeError.swift — why a module was not compiled.
// Hosted. Imports NovaBytecode. Rendered by nova-native.

import NovaBytecode

/// Why a module was not compiled; nothing was written then.
public enum NativeError: Error, Equatable, Sendable {
  /// LLVM says so; a mistake of ours, or a version that we do not know.
  case llvm(String)
  /// Compiled against one version of LLVM, and run with another.
  case otherLLVM(compiled: Int)
  /// LLVM was built without the CPU.
  case noTarget(NativeTarget, String)
  /// A function of `wordCount` words; `maximum` are compiled.
  case functionTooLarge(function: Int, wordCount: Int, maximum: Int)
  /// Compiled, a function's calls take more stack than `maximum` bytes.
  case frameTooLarge(maximum: Int)
}

/// What the compiler takes on.
public enum NativeLimits {
  /// Words of a function: what takes LLVM a few seconds.
  public static var functionWordCountMax: Int { 1 << 18 }
  /// Registers of a function that become values; with more of them all stay in the frame.
  public static var registerCountMax: Int { 1024 }
  /// Bytes of a memory's page.
  static var pageByteCount: UInt64 { 65536 }
  /// Bytes of stack that a call may take besides its registers, when tried the first time.
  public static var callByteCountMin: Int { 512 }
  /// The same, tried the last time.
  public static var callByteCountMax: Int { 32768 }
}
