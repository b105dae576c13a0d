// System.swift — what a program asks of the system, in Swift: output, pages, random bytes, the end.
// Freestanding. Imports NovaABI. Design: NovaCore.docc/Embedded.md.

import NovaABI

/// The system below the program: Linux itself when freestanding, the host's libc when hosted.
public enum System {
  /// Bytes per page; a power of two.
  public static var pageByteCount: Int { nova_page_byte_count() }

  /// `byteCount` rounded up to whole pages; nil when that overflows or `byteCount` is negative.
  public static func pageRounded(_ byteCount: Int) -> Int? {
    let mask = pageByteCount - 1
    let (sum, overflow) = byteCount.addingReportingOverflow(mask)
    return overflow || byteCount < 0 ? nil : sum & ~mask
  }

  /// Writes to a descriptor, unbuffered, once.
  ///
  /// - Returns: how many of the bytes were written; it may be fewer than there are.
  /// - Throws: `SystemError` of `.write`.
  @discardableResult
  public static func write(_ bytes: Span<UInt8>, to descriptor: Int32) throws(SystemError) -> Int {
    // SAFETY: the buffer lives for the call, which reads no more than its count.
    let result = unsafe bytes.withUnsafeBufferPointer { buffer in
      unsafe nova_write(descriptor, buffer.baseAddress, buffer.count)
    }
    return try SystemError.check(result, of: .write)
  }

  /// Reads from a descriptor, once.
  ///
  /// - Parameters:
  ///   - descriptor: open for reading.
  ///   - bytes: what is read goes to their front; the rest stays as it is.
  /// - Returns: how many bytes were read; 0 at the end.
  /// - Throws: `SystemError` of `.read`.
  public static func read(
    from descriptor: Int32, into bytes: inout MutableSpan<UInt8>
  ) throws(SystemError) -> Int {
    // SAFETY: the buffer lives for the call, which writes no more than its count.
    let result = unsafe bytes.withUnsafeMutableBufferPointer { buffer in
      unsafe nova_read(descriptor, buffer.baseAddress, buffer.count)
    }
    return try SystemError.check(result, of: .read)
  }

  /// Appends to the buffered standard output.
  ///
  /// - Throws: `SystemError` of `.print` when the descriptor refused bytes; those are dropped.
  public static func print(_ bytes: Span<UInt8>) throws(SystemError) {
    // SAFETY: the buffer lives for the call, which reads no more than its count.
    let result = unsafe bytes.withUnsafeBufferPointer { buffer in
      unsafe nova_print(buffer.baseAddress, buffer.count)
    }
    _ = try SystemError.check(result, of: .print)
  }

  /// Empties the standard output's buffer.
  ///
  /// - Throws: `SystemError` of `.flush` when the descriptor refused bytes; those are dropped.
  public static func flush() throws(SystemError) {
    _ = try SystemError.check(nova_flush(), of: .flush)
  }

  /// Maps zeroed, readable, writable, unshared pages.
  ///
  /// - Parameters:
  ///   - byteCount: above 0; a partial page counts as one.
  ///   - address: where, on a page; nil lets the system choose.
  /// - Returns: the pages' first byte; theirs until `unmap`.
  /// - Throws: `SystemError` of `.map`: `EEXIST` when `address` is taken, `ENOMEM` when the
  ///   system has no room. Nothing is mapped then.
  public static func map(
    byteCount: Int, at address: UInt? = nil
  ) throws(SystemError) -> UnsafeMutableRawPointer {
    let result = nova_map(address ?? 0, byteCount)
    let mapped = try SystemError.check(result, of: .map)
    // SAFETY: the system just mapped these pages, which nobody else knows.
    guard let pointer = unsafe UnsafeMutableRawPointer(bitPattern: mapped) else {
      preconditionFailure("the system mapped page 0")
    }
    return unsafe pointer
  }

  /// Unmaps pages.
  ///
  /// - Throws: `SystemError` of `.unmap`; the pages are unchanged.
  /// - Safety: nothing may use the pages afterwards.
  @unsafe
  public static func unmap(
    _ address: UnsafeMutableRawPointer, byteCount: Int
  ) throws(SystemError) {
    _ = try SystemError.check(nova_unmap(UInt(bitPattern: address), byteCount), of: .unmap)
  }

  /// Fills `bytes` with random bytes: constants in a freestanding program that does not ask for
  /// entropy (`nova_entropy_policy`), the kernel's otherwise.
  public static func random(into bytes: inout MutableSpan<UInt8>) {
    // SAFETY: the buffer lives for the call, which writes no more than its count.
    unsafe bytes.withUnsafeMutableBufferPointer { buffer in
      unsafe nova_random(buffer.baseAddress, buffer.count)
    }
  }

  /// Runs exit hooks, flushes the standard output and ends the process.
  ///
  /// - Parameter status: its low 8 bits are the exit status.
  public static func exit(_ status: Int32) -> Never {
    nova_exit(status)
  }

  /// Calls `hook(context)` at exit; the hook registered last is called first.
  ///
  /// - Throws: `ExitHookError.exhausted` when all places are taken.
  /// - Safety: `context` must be valid until the process ends.
  @unsafe
  public static func atExit(
    context: UnsafeMutableRawPointer?, _ hook: @escaping ExitHook
  ) throws(ExitHookError) {
    guard unsafe nova_at_exit(hook, context) else {
      throw .exhausted(capacity: Int(NOVA_EXIT_HOOK_COUNT_MAX))
    }
  }
}

/// A function without captures that is called when the process ends.
public typealias ExitHook = @convention(c) (_ context: UnsafeMutableRawPointer?) -> Void

/// Why an exit hook was refused.
public enum ExitHookError: Error, Equatable {
  /// All `capacity` places are taken.
  case exhausted(capacity: Int)
}
