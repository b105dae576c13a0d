// ContractNumber.swift — the numbers that tell the contracts of a process apart.
// Freestanding. Imports NovaABI, Synchronization. Design: NovaCore.docc/Memory.md.

import NovaABI
import Synchronization

/// Numbers 1 … 4095, each for one living contract.
///
/// The process keeps for each the highest generation that handles with it have had, and whoever
/// gets the number next begins above it: no old handle becomes valid again. A number whose
/// generations are used up is not given out again.
enum ContractNumber {
  static var maximum: Int { Int(NOVA_CONTRACT_COUNT_MAX) }
  static var takenBit: UInt32 { 1 << 31 }

  /// The lowest number that is free and has generations above its floor, up to `last`.
  static func acquire(last: UInt32) -> (number: UInt32, floor: UInt32)? {
    for number in 1...UInt32(maximum) {
      // SAFETY: the process keeps one atomic word for each number.
      let record = unsafe record(number)
      let floor = unsafe record.pointee.load(ordering: .relaxed)
      guard floor & takenBit == 0, floor < last else { continue }
      // pairs with giveBack
      let taken = unsafe record.pointee.compareExchange(
        expected: floor, desired: floor | takenBit, ordering: .acquiring)
      if taken.exchanged { return (number, floor) }
    }
    return nil
  }

  /// Lets others have the number, above generation `floor`.
  static func giveBack(_ number: UInt32, floor: UInt32) {
    // SAFETY: as in `acquire`.
    unsafe record(number).pointee.store(floor, ordering: .releasing)  // pairs with acquire
  }

  /// What tells a checkpoint from those of the process before it, up to 2³².
  ///
  /// Counted in the record of number 0, which is no contract's.
  static func nextCheckpoint() -> UInt32 {
    // SAFETY: as in `acquire`.
    unsafe record(0).pointee.wrappingAdd(1, ordering: .relaxed).newValue
  }

  private static func record(_ number: UInt32) -> UnsafeMutablePointer<Atomic<UInt32>> {
    // SAFETY: the words are there as long as the process, and are accessed here only.
    unsafe UnsafeMutableRawPointer(nova_contract_record(number)).assumingMemoryBound(
      to: Atomic<UInt32>.self)
  }
}
