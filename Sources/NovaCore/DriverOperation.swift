// DriverOperation.swift — one thing that a driver written in Swift does.
// Freestanding. Imports NovaMemory. Design: NovaCore.docc/Drivers.md.

import NovaMemory

/// What a call moves to an operation that takes no handles, and back.
public enum DriverTransfer: Sendable {
  /// Input; nothing comes back.
  case input
  /// Output, of an input or of none.
  case output
}

/// An operation of a driver, by its place in the driver's table and by its name.
public struct DriverOperation: Sendable {
  /// What an operation does: takes handles and bytes, appends bytes to the output.
  ///
  /// Any thread may call, several at once. The caller holds a reference to each handle's memory
  /// until the function returns.
  public typealias Body =
    @Sendable (
      _ handles: Span<MemoryHandle>, _ input: Span<UInt8>, _ output: inout OutputSpan<UInt8>
    ) throws(DriverFailure) -> Void

  /// 1 … 32 bytes.
  public let name: StaticString
  /// What it moves, for modules that import it with another type to be refused; nil when it may be
  /// imported with any.
  public let transfer: DriverTransfer?
  let body: Body

  /// An operation of this name.
  ///
  /// The function's captures, if it has any, draw on Swift's heap.
  public init(
    _ name: StaticString, _ transfer: DriverTransfer? = nil, _ body: @escaping Body
  ) {
    self.name = name
    self.transfer = transfer
    self.body = body
  }
}
