// ModuleValue.swift — values that pass between a program and a module.
// Freestanding. Imports NovaBytecode, NovaMemory. Design: NovaCore.docc/Modules.md.

import NovaBytecode
import NovaMemory

/// An argument or a result of a module's function.
public enum ModuleValue: Sendable {
  /// A 32-bit integer; a module has no signs, its operations have.
  case i32(Int32)
  /// A 64-bit integer.
  case i64(Int64)
  /// A binary32.
  case f32(Float)
  /// A binary64.
  case f64(Double)
  /// A function of the same instance or of one that it imports, as a module sees it; 0 for none.
  case function(UInt64)
  /// 64 bits of the program's own; 0 for none.
  case external(UInt64)
  /// Memory of a contract; the contract checks it at each use.
  case handle(MemoryHandle)

  /// The value's type.
  public var type: ValueType {
    switch self {
    case .i32: .i32
    case .i64: .i64
    case .f32: .f32
    case .f64: .f64
    case .function: .funcref
    case .external: .externref
    case .handle: .handle
    }
  }

  /// The value as a register holds it: 32-bit values in the low half, the upper half zero.
  public var bits: UInt64 {
    switch self {
    case .i32(let value): UInt64(UInt32(bitPattern: value))
    case .i64(let value): UInt64(bitPattern: value)
    case .f32(let value): UInt64(value.bitPattern)
    case .f64(let value): value.bitPattern
    case .function(let bits), .external(let bits): bits
    case .handle(let handle): handle.rawValue
    }
  }

  /// What a register holds, read as a value of this type.
  public init(_ type: ValueType, bits: UInt64) {
    let low = UInt32(truncatingIfNeeded: bits)
    switch type {
    case .i32: self = .i32(Int32(bitPattern: low))
    case .i64: self = .i64(Int64(bitPattern: bits))
    case .f32: self = .f32(Float(bitPattern: low))
    case .f64: self = .f64(Double(bitPattern: bits))
    case .funcref: self = .function(bits)
    case .externref: self = .external(bits)
    case .handle: self = .handle(MemoryHandle(rawValue: bits))
    }
  }
}

extension ModuleValue: Equatable {
  /// Whether both have the same type and bits; so a NaN equals itself, and -0 is not 0.
  public static func == (left: ModuleValue, right: ModuleValue) -> Bool {
    left.type == right.type && left.bits == right.bits
  }
}

extension ModuleValue: CustomStringConvertible {
  /// The value as a number; references in hexadecimal.
  public var description: String {
    switch self {
    case .i32(let value): "\(value)"
    case .i64(let value): "\(value)"
    case .f32(let value): "\(value)"
    case .f64(let value): "\(value)"
    case .function(let bits): "funcref 0x\(String(bits, radix: 16))"
    case .external(let bits): "externref 0x\(String(bits, radix: 16))"
    case .handle(let handle): "\(handle)"
    }
  }
}
