// ModuleRepresentable.swift — Swift's types that stand for those of a module's values.
// Freestanding. Imports NovaBytecode, NovaMemory. Design: NovaCore.docc/Modules.md.

import NovaBytecode
import NovaMemory

/// What a typed function gives: one value, or a `ModulePair` of more.
public protocol ModuleResults: Sendable {
  /// Appends the types of the results, in order.
  static func appendTypes(to types: inout [ValueType])
  /// Reads the results from `values[index]` on, which have these types.
  init(_ values: [ModuleValue], at index: Int)
  /// Sets the results of a call from `index` on.
  func set(in call: borrowing HostCall, at index: Int)
}

/// A type that stands for one of a module's value types, for typed functions.
///
/// `Int32` and `UInt32` are both `i32`: a module's integers have no signs. A `Bool` is an `i32`,
/// true unless it is 0.
public protocol ModuleRepresentable: ModuleResults {
  /// The module's type.
  static var moduleType: ValueType { get }
  /// The value as a register holds it: 32-bit values in the low half, the upper half zero.
  var moduleBits: UInt64 { get }
  /// The value that a register holds.
  init(moduleBits: UInt64)
}

extension ModuleRepresentable {
  /// Appends the one type.
  @inlinable public static func appendTypes(to types: inout [ValueType]) {
    types.append(moduleType)
  }

  /// Reads the one result.
  @inlinable public init(_ values: [ModuleValue], at index: Int) {
    self.init(moduleBits: values[index].bits)
  }

  /// Sets the one result.
  @inlinable public func set(in call: borrowing HostCall, at index: Int) {
    call.setResult(index, ModuleValue(Self.moduleType, bits: moduleBits))
  }
}

/// Two results, or more where one is a pair again.
@frozen public struct ModulePair<First: ModuleResults, Second: ModuleResults>: ModuleResults {
  /// Before the second.
  public let first: First
  /// Behind the first.
  public let second: Second

  /// A pair of these.
  @inlinable public init(_ first: First, _ second: Second) {
    self.first = first
    self.second = second
  }

  /// Appends the types of both.
  @inlinable public static func appendTypes(to types: inout [ValueType]) {
    First.appendTypes(to: &types)
    Second.appendTypes(to: &types)
  }

  /// Reads both.
  @inlinable public init(_ values: [ModuleValue], at index: Int) {
    self.init(First(values, at: index), Second(values, at: index + Self.count(First.self)))
  }

  /// Sets both.
  @inlinable public func set(in call: borrowing HostCall, at index: Int) {
    first.set(in: call, at: index)
    second.set(in: call, at: index + Self.count(First.self))
  }

  @inlinable static func count<Results: ModuleResults>(_ results: Results.Type) -> Int {
    var types: [ValueType] = []
    Results.appendTypes(to: &types)
    return types.count
  }
}

extension ModulePair: Equatable where First: Equatable, Second: Equatable {}

extension Int32: ModuleRepresentable {
  /// `i32`.
  @inlinable public static var moduleType: ValueType { .i32 }
  /// Zero-extended.
  @inlinable public var moduleBits: UInt64 { UInt64(UInt32(bitPattern: self)) }
  /// The low half.
  @inlinable public init(moduleBits: UInt64) { self.init(truncatingIfNeeded: moduleBits) }
}

extension UInt32: ModuleRepresentable {
  /// `i32`.
  @inlinable public static var moduleType: ValueType { .i32 }
  /// Zero-extended.
  @inlinable public var moduleBits: UInt64 { UInt64(self) }
  /// The low half.
  @inlinable public init(moduleBits: UInt64) { self.init(truncatingIfNeeded: moduleBits) }
}

extension Int64: ModuleRepresentable {
  /// `i64`.
  @inlinable public static var moduleType: ValueType { .i64 }
  /// The bits.
  @inlinable public var moduleBits: UInt64 { UInt64(bitPattern: self) }
  /// The bits.
  @inlinable public init(moduleBits: UInt64) { self.init(bitPattern: moduleBits) }
}

extension UInt64: ModuleRepresentable {
  /// `i64`.
  @inlinable public static var moduleType: ValueType { .i64 }
  /// The bits.
  @inlinable public var moduleBits: UInt64 { self }
  /// The bits.
  @inlinable public init(moduleBits: UInt64) { self = moduleBits }
}

extension Float: ModuleRepresentable {
  /// `f32`.
  @inlinable public static var moduleType: ValueType { .f32 }
  /// The bits, in the low half.
  @inlinable public var moduleBits: UInt64 { UInt64(bitPattern) }
  /// The low half.
  @inlinable public init(moduleBits: UInt64) {
    self.init(bitPattern: UInt32(truncatingIfNeeded: moduleBits))
  }
}

extension Double: ModuleRepresentable {
  /// `f64`.
  @inlinable public static var moduleType: ValueType { .f64 }
  /// The bits.
  @inlinable public var moduleBits: UInt64 { bitPattern }
  /// The bits.
  @inlinable public init(moduleBits: UInt64) { self.init(bitPattern: moduleBits) }
}

extension Bool: ModuleRepresentable {
  /// `i32`.
  @inlinable public static var moduleType: ValueType { .i32 }
  /// 1 or 0.
  @inlinable public var moduleBits: UInt64 { self ? 1 : 0 }
  /// Whether the low half is another number than 0.
  @inlinable public init(moduleBits: UInt64) { self = UInt32(truncatingIfNeeded: moduleBits) != 0 }
}

extension MemoryHandle: ModuleRepresentable {
  /// `handle`.
  @inlinable public static var moduleType: ValueType { .handle }
  /// The handle's number.
  @inlinable public var moduleBits: UInt64 { rawValue }
  /// A handle that the contract checks at each use.
  @inlinable public init(moduleBits: UInt64) { self.init(rawValue: moduleBits) }
}

/// A reference that a module keeps and hands back, but can't look into: 64 bits of the program's.
@frozen public struct ExternalReference: ModuleRepresentable, Hashable, Sendable {
  /// 0 for none.
  public let rawValue: UInt64

  /// The reference of these bits.
  @inlinable public init(rawValue: UInt64) { self.rawValue = rawValue }

  /// `externref`.
  @inlinable public static var moduleType: ValueType { .externref }
  /// The bits.
  @inlinable public var moduleBits: UInt64 { rawValue }
  /// The bits.
  @inlinable public init(moduleBits: UInt64) { rawValue = moduleBits }
}
