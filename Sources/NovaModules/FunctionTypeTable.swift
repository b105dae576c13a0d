// FunctionTypeTable.swift — one number for each function type, whichever module has it.
// Freestanding. Imports NovaBytecode. Design: NovaCore.docc/Modules.md.

import NovaBytecode

/// The function types of a loader's modules, each once; under the loader's lock.
///
/// A call through a table compares two of these numbers. One means the same type as long as some
/// module has the type; then it is given anew, so that what modules had doesn't add up. Types are
/// found by their order: no choice of types makes that slower, as it would a hash.
struct FunctionTypeTable {
  /// By number.
  private struct Entry {
    var type: ModuleFunctionType
    /// How many types of modules have the number; 0 for a number that is free.
    var useCount: Int
  }

  private var entries: [Entry] = []
  // Numbers in use, in the order of their types.
  private var order: [UInt32] = []
  private var free: [UInt32] = []

  /// How many types there are.
  var count: Int { order.count }

  /// The number of a type that some module has; nil when none does.
  func find(_ type: ModuleFunctionType) -> UInt32? {
    let place = place(of: type)
    guard place < order.count, entries[Int(order[place])].type == type else { return nil }
    return order[place]
  }

  /// The number of `type`, for one use more; nil when there are too many.
  mutating func take(_ type: ModuleFunctionType) -> UInt32? {
    let place = place(of: type)
    if place < order.count, entries[Int(order[place])].type == type {
      entries[Int(order[place])].useCount += 1
      return order[place]
    }
    guard order.count < ModuleLimits.functionTypeCountMax else { return nil }
    let entry = Entry(type: type, useCount: 1)
    let number = free.popLast() ?? UInt32(entries.count)
    if Int(number) < entries.count {
      entries[Int(number)] = entry
    } else {
      entries.append(entry)
    }
    order.insert(number, at: place)
    return number
  }

  /// Ends a use of a number.
  mutating func giveBack(_ number: UInt32) {
    entries[Int(number)].useCount -= 1
    guard entries[Int(number)].useCount == 0 else { return }
    order.remove(at: place(of: entries[Int(number)].type))
    entries[Int(number)].type = ModuleFunctionType()
    free.append(number)
  }

  /// Where the type stands in `order`, or where it would.
  private func place(of type: ModuleFunctionType) -> Int {
    var (low, high) = (0, order.count)
    while low < high {
      let middle = low + (high - low) / 2
      if Self.precedes(entries[Int(order[middle])].type, type) {
        low = middle + 1
      } else {
        high = middle
      }
    }
    return low
  }

  /// By the counts of parameters and results, then by the types themselves.
  private static func precedes(_ left: ModuleFunctionType, _ right: ModuleFunctionType) -> Bool {
    let (first, second) = (left.parameters.count, right.parameters.count)
    if first != second { return first < second }
    if left.results.count != right.results.count {
      return left.results.count < right.results.count
    }
    for index in 0..<first where left.parameters[index] != right.parameters[index] {
      return left.parameters[index].rawValue < right.parameters[index].rawValue
    }
    for index in 0..<left.results.count where left.results[index] != right.results[index] {
      return left.results[index].rawValue < right.results[index].rawValue
    }
    return false
  }
}
