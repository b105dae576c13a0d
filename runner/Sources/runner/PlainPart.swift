// PlainPart.swift — a module of a plain program: its view, and what the interpreter knows of it.
// Freestanding. Imports NovaInterpreter, NovaModules. Design: Decisions/0017.

import NovaInterpreter
import NovaModules

/// A module of a plain program, in memory that stays as long as the process.
@unsafe struct PlainPart {
  enum State { case unlinked, pending, linked }

  /// By which others import it; nil for the program's own.
  let name: PoolBytes?
  let module: VerifiedModule
  var state = State.unlinked
  /// The interpreter's record; its arrays are filled when the part is linked.
  let record: UnsafeMutablePointer<InstanceRecord>
  /// For each import the address of the descriptor, table, memory or global that it is bound to.
  var bindings: UnsafeMutablePointer<UInt>

  /// The address of what an index of a kind's index space names; the part is linked.
  func address(_ kind: ExternalKind, _ index: Int) -> UInt {
    // SAFETY: verified code and constants name only what there is; linking filled the arrays.
    if let place = unsafe module.view.importIndex(kind, index) { return unsafe bindings[place] }
    switch kind {
    case .function:
      return unsafe UInt(
        bitPattern: record.pointee.functions.unsafelyUnwrapped
          + (index - module.view.importedFunctionCount))
    case .table:
      return unsafe UInt(bitPattern: record.pointee.tables.unsafelyUnwrapped[index])
    case .memory:
      return unsafe UInt(bitPattern: record.pointee.memories.unsafelyUnwrapped[index])
    case .global:
      return unsafe UInt(
        bitPattern: record.pointee.globals.unsafelyUnwrapped
          + (index - module.view.importedGlobalCount))
    }
  }

  func descriptor(_ index: Int) -> UnsafeMutablePointer<FunctionDescriptor> {
    // SAFETY: the address of a function is that of its descriptor.
    unsafe UnsafeMutablePointer(bitPattern: address(.function, index)).unsafelyUnwrapped
  }

  func global(_ index: Int) -> UnsafeMutablePointer<UInt64> {
    // SAFETY: the address of a global is that of its 64 bits.
    unsafe UnsafeMutablePointer(bitPattern: address(.global, index)).unsafelyUnwrapped
  }

  func memory(_ index: Int) -> UnsafeMutablePointer<PlainMemory> {
    // SAFETY: all memories of a plain program were made as these.
    unsafe UnsafeMutablePointer(bitPattern: address(.memory, index)).unsafelyUnwrapped
  }

  func table(_ index: Int) -> UnsafeMutablePointer<PlainTable> {
    // SAFETY: all tables of a plain program were made as these.
    unsafe UnsafeMutablePointer(bitPattern: address(.table, index)).unsafelyUnwrapped
  }

  /// A constant's 64 bits.
  func value(of constant: Constant) -> UInt64 {
    switch ConstantKind(rawValue: constant.kind) {
    case .i32, .f32: return UInt64(UInt32(truncatingIfNeeded: constant.value))
    case .i64, .f64: return constant.value
    case .function:
      let function = unsafe descriptor(Int(constant.value))
      // SAFETY: a function of a plain program has an instance.
      unsafe function.pointee.isReferenced = true
      let number = unsafe function.pointee.instance.unsafelyUnwrapped.pointee.number
      return unsafe UInt64(number) << 32 | UInt64(function.pointee.index + 1)
    // SAFETY: the reader checked that the global is imported and never changes.
    case .global: return unsafe global(Int(constant.value)).pointee
    case .some(.none), .null, nil: return 0
    }
  }
}

/// A memory; the interpreter is given the address of its record, the first field.
@unsafe struct PlainMemory {
  var record: MemoryRecord
  /// Bytes that it may have.
  let maximumByteCount: Int
  /// Bytes of its block; 0 before it has one.
  var roomByteCount = 0
}

/// A table; the interpreter is given the address of its record, the first field.
@unsafe struct PlainTable {
  var record: TableRecord
  /// Elements that it may have.
  let maximumCount: Int
  /// Elements for which its block has room; 0 before it has one.
  var roomCount = 0
}
