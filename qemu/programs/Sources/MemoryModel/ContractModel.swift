// ContractModel.swift — what a contract must answer, kept in plain arrays.
// Hosted and freestanding. Imports NovaCore.

import NovaCore

/// A block that the model holds lent.
struct LentBlock {
  var handle: MemoryHandle
  var byteCount: Int
  /// What it counts as.
  var charge: Int
  /// Its size class; 28 for a block of its own.
  var sizeClass: Int
  var references: Int
  var tag: AllocationTag
  /// How many checkpoints were open when it was lent.
  var depth: Int
  /// Determines its bytes.
  var filling: UInt64
}

/// One contract, as its documentation describes it.
struct ContractModel {
  static let ownClass = 28
  static let goneCountMax = 512
  /// Larger alignments than this are never a class's.
  static let classAlignmentMax = 64
  /// 16, 32 … 128, then four to each doubling.
  static let classByteCounts: [Int] = {
    var sizes: [Int] = []
    for size in stride(from: 16, through: 128, by: 16) { sizes.append(size) }
    var base = 128
    while base < 4096 {
      for quarter in 1...4 { sizes.append(base + base / 4 * quarter) }
      base *= 2
    }
    return sizes
  }()

  let capacity: Int
  /// Of the contract's handles; 0 until the first.
  var contract = 0
  var lent: [LentBlock] = []
  /// Handles that are not valid any more; some are forgotten when there are many.
  var gone: [MemoryHandle] = []
  /// By slot: the last generation that was given out, -1 for none.
  var generations: [Int] = []
  /// By slot: whether it is lent.
  var isLent: [Bool] = []
  var depth = 0
  /// Allocations until the one that fails, that one included; 0 for none.
  var failsIn = 0
  /// What `failsIn` began with.
  var failsAt = 0

  var liveByteCount = 0
  var peakByteCount = 0
  var allocationCount = 0
  var releaseCount = 0
  var failureCount = 0
  var addressedCount = 0
  var addressedByteCount = 0
  var liveCountBySizeClass = [Int](repeating: 0, count: ownClass + 1)

  init(capacity: Int) { self.capacity = capacity }

  /// The class and the charge of a block.
  static func charge(byteCount: Int, alignment: Int) -> (sizeClass: Int, charge: Int) {
    if alignment <= classAlignmentMax {
      for (sizeClass, size) in classByteCounts.enumerated()
      where size >= byteCount && size % alignment == 0 {
        return (sizeClass, size)
      }
    }
    return (ownClass, addressedCharge(byteCount: byteCount))
  }

  /// What a block beside the classes takes: a header of 8 bytes, in units of 16, 32 at least.
  static func addressedCharge(byteCount: Int) -> Int { max(32, (byteCount + 8 + 15) / 16 * 16) }

  var liveCount: Int { lent.count + addressedCount }

  /// Whether `handle` is one that no contract of this number can have given out yet.
  mutating func isNew(_ handle: MemoryHandle) -> Bool {
    while generations.count <= handle.slot {
      generations.append(-1)
      isLent.append(false)
    }
    return !isLent[handle.slot] && handle.generation > generations[handle.slot]
      && handle.generation > 0 && handle.contract != 0
      && (contract == 0 || contract == handle.contract)
  }

  mutating func lend(_ block: LentBlock) {
    contract = block.handle.contract
    generations[block.handle.slot] = block.handle.generation
    isLent[block.handle.slot] = true
    lent.append(block)
    liveCountBySizeClass[block.sizeClass] += 1
    count(charge: block.charge)
  }

  /// Counts an allocation.
  mutating func count(charge: Int) {
    allocationCount += 1
    liveByteCount += charge
    peakByteCount = max(peakByteCount, liveByteCount)
  }

  /// Takes the last reference of `lent[index]` away.
  mutating func end(at index: Int, _ random: inout ModelRandom) {
    let block = lent[index]
    lent[index] = lent[lent.count - 1]
    lent.removeLast()
    isLent[block.handle.slot] = false
    liveCountBySizeClass[block.sizeClass] -= 1
    releaseCount += 1
    liveByteCount -= block.charge
    if gone.count < ContractModel.goneCountMax {
      gone.append(block.handle)
    } else {
      gone[random.below(gone.count)] = block.handle
    }
  }

  /// Ends what was lent since checkpoint `depth` was opened.
  mutating func rewind(toDepth depth: Int, _ random: inout ModelRandom) {
    var index = lent.count - 1
    while index >= 0 {
      if lent[index].depth >= depth {
        // Not a release that could be repeated: the slot skips a generation.
        generations[lent[index].handle.slot] += 1
        end(at: index, &random)
      }
      index -= 1
    }
    self.depth = depth - 1
  }

  /// Keeps what was lent since checkpoint `depth` was opened, for the one around it.
  mutating func commit(depth: Int) {
    for index in lent.indices where lent[index].depth >= depth { lent[index].depth = depth - 1 }
    self.depth = depth - 1
  }

  /// What a handle of this contract that is not valid is refused with.
  func refusal(of handle: MemoryHandle, isRelease: Bool) -> MemoryError {
    guard handle.contract != 0 else { return .forgedHandle(handle) }
    guard handle.contract == contract else {
      return .foreignHandle(handle, contract: handle.contract)
    }
    guard handle.slot < generations.count, generations[handle.slot] >= 0,
      handle.generation > 0, handle.generation <= generations[handle.slot],
      handle.rawValue & 1 << 24 == 0
    else { return .forgedHandle(handle) }
    let current = generations[handle.slot]
    return isRelease && handle.generation == current
      ? .doubleRelease(handle) : .staleHandle(handle, current: current)
  }
}
