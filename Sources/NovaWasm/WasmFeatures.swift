// WasmFeatures.swift — what a file may use beyond WebAssembly 2.0.
// Hosted. Imports nothing. Design: NovaCore.docc/WebAssembly.md.

/// Proposals behind version 2.0 that are translated, and can be refused.
public struct WasmFeatures: OptionSet, Sendable {
  /// One bit for each.
  public let rawValue: UInt32

  /// Features by their bits.
  public init(rawValue: UInt32) { self.rawValue = rawValue }

  /// More than one memory.
  public static let multipleMemories = WasmFeatures(rawValue: 1)
  /// Sums and products in constant expressions.
  public static let extendedConstants = WasmFeatures(rawValue: 2)
  /// Calls that take the caller's place.
  public static let tailCalls = WasmFeatures(rawValue: 4)
  /// All that are translated.
  public static let all: WasmFeatures = [.multipleMemories, .extendedConstants, .tailCalls]
}
