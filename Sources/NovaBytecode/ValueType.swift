// ValueType.swift — the types of values that cross a module's edge.
// Freestanding. Imports nothing. Design: NovaCore.docc/Bytecode.md.
// Source: WebAssembly 2.0 §5.3, "Types", for the bytes of all but `handle`.

/// The type of a parameter, result, global or table element.
///
/// Registers have none: a register is 64 bits, and operations say how they read them.
public enum ValueType: UInt8, Sendable {
  /// 32-bit integer, in a register's low half, upper half zero.
  case i32 = 0x7f
  /// 64-bit integer.
  case i64 = 0x7e
  /// IEEE 754 binary32, in a register's low half, upper half zero.
  case f32 = 0x7d
  /// IEEE 754 binary64.
  case f64 = 0x7c
  /// A function of any instance, or null.
  case funcref = 0x70
  /// 64 bits of the host's, or null.
  case externref = 0x6f
  /// A `MemoryHandle`'s 64 bits, checked by the contract at each use.
  case handle = 0x60

  /// Whether tables can hold it.
  @inlinable public var isReference: Bool { self == .funcref || self == .externref }

  /// The type as text spells it.
  public var name: StaticString {
    switch self {
    case .i32: "i32"
    case .i64: "i64"
    case .f32: "f32"
    case .f64: "f64"
    case .funcref: "funcref"
    case .externref: "externref"
    case .handle: "handle"
    }
  }
}

/// What an import or export is; WebAssembly's numbers.
public enum ExternalKind: UInt8, Sendable {
  /// A function: an index of imported functions, then own ones.
  case function = 0
  /// A table: an index of imported tables, then own ones.
  case table = 1
  /// A memory: an index of imported memories, then own ones.
  case memory = 2
  /// A global: an index of imported globals, then own ones.
  case global = 3

  /// The kind as text spells it.
  public var name: StaticString {
    switch self {
    case .function: "function"
    case .table: "table"
    case .memory: "memory"
    case .global: "global"
    }
  }
}

/// How a segment comes to its memory or table; WebAssembly's meanings.
public enum SegmentMode: UInt8, Sendable {
  /// Copied at instantiation, then dropped.
  case active = 0
  /// Copied by `memory.init` or `table.init`.
  case passive = 1
  /// Elements only: names functions that `ref.func` takes, and is dropped at once.
  case declared = 2
}

/// What computes a constant; WebAssembly's constant expressions.
public enum ConstantKind: UInt8, Sendable {
  /// No constant: segments that aren't active.
  case none = 0
  /// The value's low half.
  case i32 = 1
  /// The value.
  case i64 = 2
  /// The bits of the value's low half.
  case f32 = 3
  /// The value's bits.
  case f64 = 4
  /// A null reference or handle of the type that is wanted; the value is zero.
  case null = 5
  /// The function of that index.
  case function = 6
  /// What the imported, immutable global of that index holds.
  case global = 7
}
