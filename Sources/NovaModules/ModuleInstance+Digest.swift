// ModuleInstance+Digest.swift — one number for all that calls of an instance can change.
// Freestanding. Imports NovaBytecode, NovaInterpreter. Design: NovaCore.docc/Modules.md.

import NovaBytecode
import NovaInterpreter

extension ModuleInstance {
  /// A number made of all that calls can change: memories, tables, globals, and which segments were
  /// dropped, of the instance's module and of those that it imports.
  ///
  /// Equal calls of equal modules leave equal digests, whatever the engine and the CPU: a reference
  /// counts as what it names, not as where that lies. It tells states apart that differ by
  /// accident, not those that somebody made so. Nobody may be inside of the instance on another
  /// thread.
  ///
  /// - Complexity: O(bytes of memories and tables).
  public var stateDigest: UInt64 {
    var digest = StateDigest()
    for instance in space.instances { instance.add(to: &digest) }
    return digest.value
  }
}

/// Words that were added, in their order.
///
/// Source of the mixing: Steele, Lea, Flood, "Fast Splittable Pseudorandom Number Generators",
/// OOPSLA 2014.
struct StateDigest {
  private(set) var value: UInt64 = 0

  mutating func add(_ word: UInt64) {
    // Wrapping is the method's.
    var mixed = (value ^ word) &+ 0x9e37_79b9_7f4a_7c15
    mixed = (mixed ^ mixed >> 30) &* 0xbf58_476d_1ce4_e5b9
    mixed = (mixed ^ mixed >> 27) &* 0x94d0_49bb_1331_11eb
    value = mixed ^ mixed >> 31
  }
}

extension LinkedInstance {
  /// Adds what is the instance's own; what it imports is added by who made it.
  func add(to digest: inout StateDigest) {
    for index in 0..<view.globals.count {
      // SAFETY: the index is an own global's.
      digest.add(unsafe global(own: index).pointee)
    }
    for memory in memories[view.importedMemoryCount...] {
      digest.add(UInt64(memory.byteCount))
      // SAFETY: nobody is inside of the instance, which the caller promised.
      digest.add(unsafe ContentHash.ofWords(UnsafeRawBufferPointer(memory.bytes)).low)
    }
    for table in tables[view.importedTableCount...] {
      digest.add(UInt64(table.count))
      for index in 0..<table.count { digest.add(table.reference(at: index)) }
    }
    // SAFETY: the layout has a record for each segment.
    for index in 0..<view.dataSegments.count {
      digest.add(unsafe record.pointee.dataSegments.unsafelyUnwrapped[index].count)
    }
    for index in 0..<view.elementSegments.count {
      digest.add(unsafe record.pointee.elementSegments.unsafelyUnwrapped[index].count)
    }
  }
}

extension LinkedTable {
  /// What a register would hold of an element: for a function its numbers, not its address.
  func reference(at index: Int) -> UInt64 {
    precondition(index < count, "the table has no element of this index")
    // SAFETY: the index was just compared; a cell of functions that is not 0 is the address of a
    // descriptor of a linked instance, or of a bound host's.
    let cell = unsafe cells[index]
    guard kind == .function,
      let function = unsafe UnsafePointer<FunctionDescriptor>(bitPattern: UInt(cell))
    else { return cell }
    let number = unsafe function.pointee.instance?.pointee.number ?? 0
    return unsafe UInt64(number) << 32 | UInt64(function.pointee.index) &+ 1
  }
}
