// ModelRun+Misuse.swift — requests that a contract must refuse, with nothing changed.
// Hosted and freestanding. Imports NovaCore.

import NovaCore

extension ModelRun {
  /// Uses a handle that is not valid, in each of the ways there are; `expected` and, of a release,
  /// `expectedOfRelease` must be thrown.
  mutating func use(
    _ handle: MemoryHandle, _ memory: borrowing Arena, expected: MemoryError,
    expectedOfRelease: MemoryError
  ) {
    do throws(MemoryError) {
      switch random.below(5) {
      case 0:
        do throws(MemoryError) {
          try memory.release(handle)
        } catch {
          return require(error, is: expectedOfRelease, "a handle that is not valid: release")
        }
      case 1: try memory.retain(handle)
      case 2: _ = try memory.byteCount(of: handle)
      case 3: _ = try memory.load(UInt8.self, from: handle)
      default: try unsafe memory.withBytes(of: handle) { _ throws(MemoryError) in }
      }
      require(false, "a handle that is not valid is refused")
    } catch {
      require(error, is: expected, "a handle that is not valid: access")
    }
  }

  /// Uses a handle that was valid once.
  mutating func useGone(_ memory: borrowing Arena, _ model: inout ContractModel) {
    guard !model.gone.isEmpty else { return }
    let handle = model.gone[random.below(model.gone.count)]
    use(
      handle, memory, expected: model.refusal(of: handle, isRelease: false),
      expectedOfRelease: model.refusal(of: handle, isRelease: true))
  }

  /// Uses a handle that was never given out, or that is another contract's.
  mutating func useForged(_ memory: borrowing Arena, _ model: inout ContractModel) {
    guard model.contract != 0, !model.generations.isEmpty else { return }
    let slot = random.below(model.generations.count)
    let generation = model.generations[slot]
    guard generation >= 0 else { return }
    let contract = UInt64(model.contract)
    let handle =
      switch random.below(5) {
      // A generation that the slot has not had.
      case 0: ModelRun.handle(contract, generation + 1 + random.below(1000), slot)
      // The bit that an entry has while it is free.
      case 1:
        MemoryHandle(
          rawValue: ModelRun.handle(contract, generation, slot).rawValue | 1 << 24)
      // A slot beyond the table.
      case 2: ModelRun.handle(contract, generation, 0xff_ffff - random.below(1000))
      // Nobody's contract.
      case 3: ModelRun.handle(0, generation, slot)
      default: ModelRun.handle(4095 - UInt64(random.below(50)), generation, slot)
      }
    guard handle.contract == 0 || handle.contract == model.contract || handle.contract > 4000
    else { return }
    use(
      handle, memory, expected: model.refusal(of: handle, isRelease: false),
      expectedOfRelease: model.refusal(of: handle, isRelease: true))
  }

  static func handle(_ contract: UInt64, _ generation: Int, _ slot: Int) -> MemoryHandle {
    MemoryHandle(
      rawValue: contract << 25 | UInt64(generation & 0x7ff_ffff) << 37 | UInt64(slot))
  }

  /// Asks for what no contract lends.
  mutating func askForBadArguments(_ memory: borrowing Arena, _ model: inout ContractModel) {
    let alignments = [0, -1, 3, 48, 131_072, Int.min]
    if random.isOneIn(2) {
      let alignment = alignments[random.below(alignments.count)]
      refuse(
        memory, byteCount: 64, alignment,
        .alignmentOutOfRange(alignment: alignment, maximum: Arena.alignmentMax))
    } else {
      let byteCount = random.isOneIn(2) ? -1 - random.below(1000) : Int.min
      refuse(
        memory, byteCount: byteCount, 16,
        .byteCountOutOfRange(
          byteCount: byteCount, minimum: 0, maximum: Arena.byteCountMax))
    }
  }

  private mutating func refuse(
    _ memory: borrowing Arena, byteCount: Int, _ alignment: Int, _ expected: MemoryError
  ) {
    do throws(MemoryError) {
      _ = try memory.allocateArc(byteCount: byteCount, alignment: alignment, tag: .none)
      require(false, "bad arguments are refused")
    } catch {
      require(error, is: expected, "bad arguments are refused with themselves")
    }
  }
}
