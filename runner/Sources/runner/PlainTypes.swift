// PlainTypes.swift — one number for each function type, whichever module of the program has it.
// Freestanding. Imports NovaModules. As NovaModules' FunctionTypeTable, for types that stay.

import NovaModules

/// The function types of a plain program's modules, each once, by number and in order.
///
/// Types are found by their order: no choice of types makes that slower, as it would a hash.
@safe struct PlainTypes {
  // By number; `order` has the numbers by the order of their types. Both as many as all types.
  private let types: UnsafeMutablePointer<FunctionType>
  private let order: UnsafeMutablePointer<UInt32>
  private var count = 0

  init(capacity: Int) {
    // SAFETY: both stay as long as the process, and have room for `capacity` elements.
    unsafe types = unsafe lend(capacity * MemoryLayout<FunctionType>.stride)
      .assumingMemoryBound(to: FunctionType.self)
    unsafe order = unsafe lend(capacity * 4).assumingMemoryBound(to: UInt32.self)
  }

  /// The number of a type, its own or a new one.
  mutating func number(of type: FunctionType) -> UInt32 {
    var (low, high) = (0, count)
    while low < high {
      let middle = low + (high - low) / 2
      // SAFETY: places and numbers below `count` are filled.
      let difference = unsafe Self.order(types[Int(order[middle])], type)
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

  /// Below zero, zero or above as `left` comes before, is or comes after `right`: by the counts of
  /// parameters and results, then by the types themselves.
  static func order(_ left: FunctionType, _ right: FunctionType) -> Int {
    var difference = left.parameterCount - right.parameterCount
    if difference == 0 { difference = left.resultCount - right.resultCount }
    var index = 0
    while difference == 0, index < left.parameterCount {
      difference = Int(left.parameter(index).rawValue) - Int(right.parameter(index).rawValue)
      index += 1
    }
    index = 0
    while difference == 0, index < left.resultCount {
      difference = Int(left.result(index).rawValue) - Int(right.result(index).rawValue)
      index += 1
    }
    return difference
  }
}
