// NativeCode.swift — a module's compiled code, bound to the module that it was made from.
// Freestanding. Imports NovaABI and NovaBytecode. Design: Decisions/0019-compiled-code.md.

import NovaABI
import NovaBytecode

/// Why compiled code was refused; the module runs as before.
public enum NativeCodeError: Error, Equatable, Sendable {
  /// What lies there is no compiled code.
  case notNative
  /// It was made for another version of the runtime.
  case version(found: UInt64, supported: UInt64)
  /// It was made from a module of another hash.
  case otherModule(found: ContentHash, wanted: ContentHash)
  /// It has another number of functions than the module.
  case functionCount(found: UInt64, wanted: Int)
}

/// Compiled code that stays where it is as long as the process.
@safe public struct NativeCode: @unchecked Sendable {
  private let record: UnsafePointer<nova_native_code>

  /// Takes what a compiler made, ahead of time or in the process.
  ///
  /// - Parameter record: a `nova_native_code`, as nova_native.h lays it out.
  /// - Throws: `notNative` or `version`.
  /// - Safety: what begins with the magic number is a record whose code stays and was compiled for
  ///   this CPU.
  @unsafe public init(_ record: UnsafeRawPointer) throws(NativeCodeError) {
    // SAFETY: promised by the caller.
    let code = unsafe record.assumingMemoryBound(to: nova_native_code.self)
    guard unsafe code.pointee.magic == UInt64(NOVA_NATIVE_MAGIC) else { throw .notNative }
    let (found, supported) = unsafe (code.pointee.version, UInt64(NOVA_NATIVE_VERSION))
    guard found == supported else { throw .version(found: found, supported: supported) }
    unsafe self.record = code
  }

  /// Whether it counts fuel.
  public var isCharged: Bool {
    // SAFETY: promised to `init`.
    unsafe record.pointee.flags & UInt64(NOVA_NATIVE_charged.rawValue) != 0
  }

  /// The entry of an own function.
  func entry(_ index: Int) -> UnsafeRawPointer {
    // SAFETY: promised to `init`; `check` compared the count with the module's.
    unsafe record.pointee.entries[index].unsafelyUnwrapped
  }

  /// Bytes of stack that suffice for calls within limits.
  func stackByteCount(_ limits: ModuleLimits) -> Int {
    // SAFETY: promised to `init`.
    unsafe limits.callDepth * Int(record.pointee.call_byte_count)
      + limits.registerCount * Int(NOVA_NATIVE_REGISTER_BYTE_COUNT)
      + Int(NOVA_NATIVE_RESERVED_BYTE_COUNT)
  }

  /// Refuses code that was made from another module.
  func check(_ view: ModuleView) throws(NativeCodeError) {
    // SAFETY: promised to `init`.
    let found = unsafe ContentHash(low: record.pointee.hash_low, high: record.pointee.hash_high)
    guard found == view.contentHash else {
      throw .otherModule(found: found, wanted: view.contentHash)
    }
    let count = unsafe record.pointee.function_count
    guard count == UInt64(view.functions.count) else {
      throw .functionCount(found: count, wanted: view.functions.count)
    }
  }
}

extension Module {
  /// Gives the module compiled code, which `NativeBackend` runs from then on.
  ///
  /// One that counts fuel, one that doesn't, or both: calls with limits want the former. No call of
  /// the module may be under way.
  ///
  /// - Throws: `NativeCodeError` when the code is not this module's.
  public func attach(_ code: NativeCode) throws(NativeCodeError) {
    try code.check(view)
    if code.isCharged { chargedCode = code } else { fastCode = code }
  }

  /// The compiled code that counts fuel, or that does not.
  func code(isCharged: Bool) -> NativeCode? { isCharged ? chargedCode : fastCode }
}
