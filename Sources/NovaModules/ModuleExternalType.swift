// ModuleExternalType.swift — what an import wants and an export is, in values that outlive both.
// Freestanding. Imports NovaBytecode. Design: NovaCore.docc/Modules.md.

import NovaBytecode

/// Parameters and results of a function.
public struct ModuleFunctionType: Equatable, Sendable {
  /// The parameters' types, in order.
  public let parameters: [ValueType]
  /// The results' types, in order.
  public let results: [ValueType]

  /// The type of functions that take and give these.
  public init(parameters: [ValueType] = [], results: [ValueType] = []) {
    self.parameters = parameters
    self.results = results
  }

  /// A copy of a type that stands in a module.
  init(_ type: FunctionType) {
    parameters = (0..<type.parameterCount).map { type.parameter($0) }
    results = (0..<type.resultCount).map { type.result($0) }
  }
}

/// The type of what a module imports or exports.
public enum ModuleExternalType: Equatable, Sendable {
  /// A function.
  case function(ModuleFunctionType)
  /// A table of `minimum` elements, and at most `maximum`.
  case table(ValueType, minimum: UInt64, maximum: UInt64?)
  /// A memory of `minimum` pages of 64 KiB, and at most `maximum`.
  case memory(minimum: UInt64, maximum: UInt64?)
  /// A global.
  case global(ValueType, isMutable: Bool)

  /// The type at `index` of a module's index space.
  init(_ kind: ExternalKind, _ index: Int, in view: ModuleView) {
    switch kind {
    case .function:
      self = .function(
        ModuleFunctionType(view.functionType(view.typeIndex(ofFunction: index))))
    case .table:
      let type = view.tableType(index)
      self = .table(
        Self.valueType(type.elementType), minimum: type.limits.minimum,
        maximum: Self.maximum(type.limits))
    case .memory:
      let limits = view.memoryLimits(index)
      self = .memory(minimum: limits.minimum, maximum: Self.maximum(limits))
    case .global:
      let type = view.globalType(index)
      self = .global(Self.valueType(type.valueType), isMutable: type.isMutable)
    }
  }

  /// Whether what has this type, and of a table or memory the size `current`, is what `wanted`
  /// asks for.
  ///
  /// Source: WebAssembly 2.0 §3.2.6, "Import Subtyping".
  func serves(_ wanted: ModuleExternalType, current: UInt64) -> Bool {
    switch (self, wanted) {
    case (.function(let own), .function(let other)): own == other
    case (.global(let own, let isMutable), .global(let other, let mustBeMutable)):
      own == other && isMutable == mustBeMutable
    case (.table(let own, _, let maximum), .table(let other, let minimum, let most)):
      own == other && Self.fits(current, maximum, minimum, most)
    case (.memory(_, let maximum), .memory(let minimum, let most)):
      Self.fits(current, maximum, minimum, most)
    default: false
    }
  }

  private static func fits(
    _ current: UInt64, _ maximum: UInt64?, _ minimum: UInt64, _ most: UInt64?
  ) -> Bool {
    guard current >= minimum else { return false }
    guard let most else { return true }
    guard let maximum else { return false }
    return maximum <= most
  }

  private static func maximum(_ limits: SizeLimits) -> UInt64? {
    limits.maximum == SizeLimits.none ? nil : limits.maximum
  }

  static func valueType(_ byte: UInt8) -> ValueType {
    guard let type = ValueType(rawValue: byte) else {
      preconditionFailure("the reader lets no other bytes through")
    }
    return type
  }
}

extension ModuleFunctionType: CustomStringConvertible {
  /// Such as `(i32, i64) -> (f64)`.
  public var description: String { "\(parameterText) -> (\(list(results)))" }

  /// The parameters alone, such as `(i32, i64)`.
  var parameterText: String { "(\(list(parameters)))" }

  private func list(_ types: [ValueType]) -> String {
    var text = ""
    for (index, type) in types.enumerated() {
      if index > 0 { text += ", " }
      text += "\(type.name)"
    }
    return text
  }
}

extension ModuleExternalType: CustomStringConvertible {
  /// Such as `function (i32) -> ()` or `memory of 1 to 16 pages`.
  public var description: String {
    switch self {
    case .function(let type): "function \(type)"
    case .table(let type, let minimum, let maximum):
      "table of \(minimum)\(upTo(maximum)) \(type.name)"
    case .memory(let minimum, let maximum): "memory of \(minimum)\(upTo(maximum)) pages"
    case .global(let type, let isMutable):
      isMutable ? "mutable global \(type.name)" : "global \(type.name)"
    }
  }

  private func upTo(_ maximum: UInt64?) -> String {
    guard let maximum else { return " or more" }
    return " to \(maximum)"
  }
}
