// PlainTypes.swift — one number for each function type, whichever module of the program has it.
// Freestanding. Imports NovaModules. As NovaModules' FunctionTypeTable, for types that stay.

import NovaModules

/// The function types of a plain program's modules, each once, by number and in order.
///
/// Types are found by their order: no choice of types makes that slower, as it would a hash.
@safe struct PlainTypes {
  // By number; `order` has the numbers by the order of their types. Both as many as all types.
  private let types: UnsafeMutablePointer<PlainType>
  private let order: UnsafeMutablePointer<UInt32>
  private var count = 0

  init(capacity: Int) {
    // SAFETY: both stay as long as the process, and have room for `capacity` elements.
    unsafe types = unsafe lend(capacity * MemoryLayout<PlainType>.stride)
      .assumingMemoryBound(to: PlainType.self)
    unsafe order = unsafe lend(capacity * 4).assumingMemoryBound(to: UInt32.self)
  }

  /// The number of a type, its own or a new one.
  mutating func number(of type: PlainType) -> UInt32 {
    var (low, high) = (0, count)
    while low < high {
      let middle = low + (high - low) / 2
      // SAFETY: places and numbers below `count` are filled.
      let difference = unsafe types[Int(order[middle])].order(type)
      if difference == 0 { return unsafe order[middle] }
      if difference < 0 { low = middle + 1 } else { high = middle }
    }
    // SAFETY: there are no more numbers than types, for which there is room.
    unsafe (order + low + 1).update(from: order + low, count: count - low)
    unsafe order[low] = UInt32(count)
    unsafe (types + count).initialize(to: type)
    count += 1
    return UInt32(count - 1)
  }
}

/// A function type as it stands in a module.
struct PlainType {
  let parameterCount: Int
  /// Of parameters, then of results.
  let valueTypes: PoolBytes

  /// Below zero, zero or above as it comes before, is or comes after `other`: by the count of
  /// parameters, then by the types, of which a prefix comes first.
  func order(_ other: PlainType) -> Int {
    let difference = parameterCount - other.parameterCount
    return difference != 0 ? difference : PoolBytes.compare(valueTypes, other.valueTypes)
  }
}

extension PlainPart {
  /// The type at an index of the module's types.
  @inline(never) func type(_ index: Int) -> PlainType {
    let entry = unsafe module.view.types[index]
    let count = UInt32(entry.parameterCount) + UInt32(entry.resultCount)
    return unsafe PlainType(
      parameterCount: Int(entry.parameterCount),
      valueTypes: module.view.poolBytes(
        .valueTypes, PoolRange(first: entry.firstValueType, count: count)))
  }

  /// The name of the export at an index when it is a function, and which function that is.
  @inline(never) func functionExport(_ index: Int) -> (name: PoolBytes, function: Int)? {
    let export = unsafe module.view.exports[index]
    guard export.kind == ExternalKind.function.rawValue else { return nil }
    return unsafe (module.view.string(export.name), Int(export.index))
  }
}
