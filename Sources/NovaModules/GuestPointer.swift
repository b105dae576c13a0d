// GuestPointer.swift — addresses in a module's memory, and what a host function does there.
// Freestanding. Imports NovaBytecode. Design: NovaCore.docc/Modules.md.

import NovaBytecode

/// A number that lies in a module's memory as it lies in Swift's: little-endian, every bit counts.
public protocol GuestStorable: BitwiseCopyable {}

extension Int8: GuestStorable {}
extension UInt8: GuestStorable {}
extension Int16: GuestStorable {}
extension UInt16: GuestStorable {}
extension Int32: GuestStorable {}
extension UInt32: GuestStorable {}
extension Int64: GuestStorable {}
extension UInt64: GuestStorable {}
extension Float: GuestStorable {}
extension Double: GuestStorable {}

/// An address in the memory 0 of the module that calls: an `i32`, and the type of what is there.
///
/// Only `HostCall` follows it, and checks each time that it lies within the memory.
@frozen public struct GuestPointer<Element: GuestStorable>: ModuleRepresentable, Hashable, Sendable
{
  /// In bytes from the memory's beginning.
  public let address: UInt32

  /// The pointer to this address.
  @inlinable public init(address: UInt32) { self.address = address }

  /// `i32`.
  @inlinable public static var moduleType: ValueType { .i32 }
  /// The address.
  @inlinable public var moduleBits: UInt64 { UInt64(address) }
  /// The low half.
  @inlinable public init(moduleBits: UInt64) { address = UInt32(truncatingIfNeeded: moduleBits) }

  /// The pointer to the element that lies `count` elements behind this one; it wraps, as the
  /// module's own sums do.
  @inlinable public func advanced(by count: Int32) -> GuestPointer {
    GuestPointer(
      address: address &+ UInt32(truncatingIfNeeded: Int(count) &* MemoryLayout<Element>.size))
  }
}

extension HostFailure {
  /// A `GuestPointer` leads out of the module's memory: status 14, as `EFAULT`.
  public static var badAddress: HostFailure { HostFailure(status: 14) }
}

extension HostCall {
  /// The element at `pointer`, aligned or not.
  ///
  /// - Throws: `HostFailure.badAddress`.
  public func load<Element>(
    _ pointer: GuestPointer<Element>
  ) throws(HostFailure) -> Element {
    let offset = Int(pointer.address)
    // SAFETY: the bytes are compared with the memory's, and any bits are an element.
    let element: Element? = unsafe withMemory { memory in
      guard memory.count - offset >= MemoryLayout<Element>.size else { return nil }
      return unsafe memory.loadUnaligned(fromByteOffset: offset, as: Element.self)
    }
    guard let element else { throw .badAddress }
    return element
  }

  /// Writes an element to `pointer`, aligned or not.
  ///
  /// - Throws: `HostFailure.badAddress`; nothing is written then.
  public func store<Element>(
    _ element: Element, to pointer: GuestPointer<Element>
  ) throws(HostFailure) {
    let offset = Int(pointer.address)
    // SAFETY: the bytes are compared with the memory's.
    let isWritten = unsafe withMemory { memory in
      guard memory.count - offset >= MemoryLayout<Element>.size else { return false }
      unsafe memory.storeBytes(of: element, toByteOffset: offset, as: Element.self)
      return true
    }
    guard isWritten else { throw .badAddress }
  }

  /// Calls `body` with the `count` bytes from `pointer` on, which stay until it returns.
  ///
  /// - Throws: `HostFailure.badAddress`, also for a count below 0, and what `body` throws.
  public func withBytes<Result>(
    of pointer: GuestPointer<UInt8>, count: Int32,
    _ body: (Span<UInt8>) throws(HostFailure) -> Result
  ) throws(HostFailure) -> Result {
    // SAFETY: `part` compares with the memory's bytes, which stay until the closure returns.
    let outcome: Swift.Result<Result, HostFailure> = unsafe withMemory { memory in
      guard let bytes = unsafe Self.part(memory, pointer, count) else {
        return .failure(.badAddress)
      }
      do throws(HostFailure) {
        return .success(try body(unsafe UnsafeBufferPointer(bytes).span))
      } catch { return .failure(error) }
    }
    return try outcome.get()
  }

  /// Calls `body` with the `count` bytes from `pointer` on, which it may change.
  ///
  /// - Throws: `HostFailure.badAddress`, also for a count below 0, and what `body` throws.
  public func withMutableBytes<Result>(
    of pointer: GuestPointer<UInt8>, count: Int32,
    _ body: (inout MutableSpan<UInt8>) throws(HostFailure) -> Result
  ) throws(HostFailure) -> Result {
    // SAFETY: `part` compares with the memory's bytes, which stay until the closure returns.
    let outcome: Swift.Result<Result, HostFailure> = unsafe withMemory { memory in
      guard let bytes = unsafe Self.part(memory, pointer, count) else {
        return .failure(.badAddress)
      }
      var span = unsafe bytes.mutableSpan
      do throws(HostFailure) {
        return .success(try body(&span))
      } catch { return .failure(error) }
    }
    return try outcome.get()
  }

  /// Bytes of the memory; nil when not all of them are.
  private static func part(
    _ memory: UnsafeMutableRawBufferPointer, _ pointer: GuestPointer<UInt8>, _ count: Int32
  ) -> UnsafeMutableBufferPointer<UInt8>? {
    let start = Int(pointer.address)
    guard count >= 0, start <= memory.count, Int(count) <= memory.count - start else {
      return nil
    }
    // SAFETY: start and count were just compared with the memory's bytes.
    return unsafe UnsafeMutableBufferPointer(
      rebasing: memory.assumingMemoryBound(to: UInt8.self)[start..<start + Int(count)])
  }
}
