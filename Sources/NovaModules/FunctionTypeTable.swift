// FunctionTypeTable.swift — one number for each function type, whichever module has it.
// Freestanding. Imports NovaBytecode. Design: NovaCore.docc/Modules.md.

import NovaBytecode

/// The function types of a loader's modules, each once; under the loader's lock.
///
/// A call through a table compares two of these numbers. They are never given back while the
/// loader lives, so that a number means one type for ever.
struct FunctionTypeTable {
  private var types: [ModuleFunctionType] = []
  // A number of `types`, or -1; open addressing, a power of two and at most half full.
  private var places: [Int32] = []

  /// How many there are.
  var count: Int { types.count }

  /// The type of a number.
  subscript(number: UInt32) -> ModuleFunctionType { types[Int(number)] }

  /// The number of `type`, the next one when it is new; nil when there are too many.
  mutating func number(of type: ModuleFunctionType) -> UInt32? {
    if (types.count + 1) * 2 > places.count { grow() }
    let place = place(of: type)
    if places[place] >= 0 { return UInt32(places[place]) }
    guard types.count < ModuleLimits.functionTypeCountMax else { return nil }
    places[place] = Int32(types.count)
    types.append(type)
    return UInt32(types.count - 1)
  }

  private mutating func grow() {
    places = [Int32](repeating: -1, count: max(16, places.count * 2))
    for (number, type) in types.enumerated() { places[place(of: type)] = Int32(number) }
  }

  /// Where the type stands, or where it would.
  private func place(of type: ModuleFunctionType) -> Int {
    var place = Int(truncatingIfNeeded: Self.hash(type)) & (places.count - 1)
    while places[place] >= 0, types[Int(places[place])] != type {
      place = (place + 1) & (places.count - 1)
    }
    return place
  }

  /// FNV-1a, folded, over the types' bytes; a number that is no type parts parameters and results.
  private static func hash(_ type: ModuleFunctionType) -> UInt64 {
    var hash: UInt64 = 0xcbf2_9ce4_8422_2325
    func mix(_ byte: UInt8) { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01b3 }
    for parameter in type.parameters { mix(parameter.rawValue) }
    mix(0)
    for result in type.results { mix(result.rawValue) }
    return hash ^ hash >> 32
  }
}
