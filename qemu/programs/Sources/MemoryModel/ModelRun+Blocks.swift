// ModelRun+Blocks.swift — requests that a contract fulfils: lend, retain, access, release.
// Hosted and freestanding. Imports NovaCore.

import NovaCore

extension ModelRun {
  /// Alignments that place a block alike wherever the region begins, which is on a page.
  static let alignmentExponentMax = 12

  /// Mostly small sizes; now and then one at a power of two's edge, or more than there may be.
  mutating func byteCount() -> Int {
    switch random.below(16) {
    case 0: 0
    case 1: (1 << random.below(14)) - 1 + random.below(3)
    case 2: random.below(20_000)
    case 3: random.below(200_000)
    case 4..<8: 64
    default: 16 + random.below(1024)
    }
  }

  mutating func alignment() -> Int {
    random.isOneIn(8) ? 1 << random.below(ModelRun.alignmentExponentMax + 1) : 16
  }

  mutating func allocate(_ memory: borrowing Arena, _ model: inout ContractModel) {
    if random.isOneIn(6) { return allocateValue(memory, &model) }
    let byteCount = byteCount()
    let alignment = alignment()
    let tag = AllocationTag(rawValue: UInt8(random.below(4)))
    let isFailing = model.failsIn == 1
    if model.failsIn > 0 { model.failsIn -= 1 }
    do throws(MemoryError) {
      let handle = try memory.allocateArc(byteCount: byteCount, alignment: alignment, tag: tag)
      require(!isFailing, "the allocation fails that was asked to")
      accept(
        handle, byteCount: byteCount, alignment: alignment, tag, memory, &model)
    } catch {
      refuse(error, byteCount: byteCount, isFailing, &model)
    }
  }

  private mutating func allocateValue(_ memory: borrowing Arena, _ model: inout ContractModel) {
    let value = random.next()
    let isFailing = model.failsIn == 1
    if model.failsIn > 0 { model.failsIn -= 1 }
    do throws(MemoryError) {
      let handle = try memory.allocateArc(value, tag: .none)
      require(!isFailing, "the allocation fails that was asked to")
      require(try memory.load(UInt64.self, from: handle) == value, "a value is what was lent")
      try memory.store(UInt64(0), to: handle)
      accept(handle, byteCount: 8, alignment: 8, .none, memory, &model)
    } catch {
      refuse(error, byteCount: 8, isFailing, &model)
    }
  }

  /// Notes a new block, whose bytes must be zero.
  private mutating func accept(
    _ handle: MemoryHandle, byteCount: Int, alignment: Int, _ tag: AllocationTag,
    _ memory: borrowing Arena, _ model: inout ContractModel
  ) {
    require(model.isNew(handle), "a handle is never valid twice")
    let (sizeClass, charge) = ContractModel.charge(byteCount: byteCount, alignment: alignment)
    let block = LentBlock(
      handle: handle, byteCount: byteCount, charge: charge, sizeClass: sizeClass, references: 1,
      tag: tag, depth: model.depth, filling: random.next())
    guard failure == nil else { return }
    model.lend(block)
    do throws(MemoryError) {
      require(try memory.byteCount(of: handle) == byteCount, "a handle knows its byte count")
      // SAFETY: the bytes are used before the closure returns only.
      try unsafe memory.withBytes(of: handle) { bytes throws(MemoryError) in
        let address = UInt(bitPattern: bytes.baseAddress)
        require(address % UInt(alignment) == 0, "a block is aligned")
        let origin = self.origin ?? address
        self.origin = origin
        digest.add(UInt64(truncatingIfNeeded: Int(bitPattern: address) - Int(bitPattern: origin)))
        unsafe fill(block, bytes)
      }
    } catch {
      require(false, "a new handle is valid")
    }
    digest.add(handle.slot)
    digest.add(handle.generation)
  }

  /// Judges why an allocation was refused.
  private mutating func refuse(
    _ error: MemoryError, byteCount: Int, _ isFailing: Bool, _ model: inout ContractModel
  ) {
    refusalCount += 1
    model.failureCount += 1
    if isFailing {
      require(error == .injected(number: model.failsAt), "an injected failure says its number")
      return
    }
    guard case .capacityExceeded(byteCount, let available, model.capacity) = error else {
      return require(false, "an allocation is refused for want of room only")
    }
    require(available >= 0 && available < max(byteCount, 1), "less was available than asked for")
    digest.add(available)
  }

  mutating func retain(_ memory: borrowing Arena, _ model: inout ContractModel) {
    guard !model.lent.isEmpty else { return }
    let index = random.below(model.lent.count)
    do throws(MemoryError) {
      try memory.retain(model.lent[index].handle)
      model.lent[index].references += 1
    } catch {
      require(false, "a live handle can be retained")
    }
  }

  mutating func release(
    _ memory: borrowing Arena, _ model: inout ContractModel, at chosen: Int? = nil
  ) {
    guard !model.lent.isEmpty else { return }
    let index = chosen ?? random.below(model.lent.count)
    let block = model.lent[index]
    do throws(MemoryError) {
      try unsafe memory.withBytes(of: block.handle) { bytes throws(MemoryError) in
        unsafe verify(block, bytes)
      }
      try memory.release(block.handle)
    } catch {
      require(false, "a live handle can be released")
    }
    model.lent[index].references -= 1
    if block.references == 1 { model.end(at: index, &random) }
  }

  /// Writes through a handle, and reads back by each way there is.
  mutating func access(_ memory: borrowing Arena, _ model: inout ContractModel) {
    guard !model.lent.isEmpty else { return }
    let index = random.below(model.lent.count)
    let filling = random.next()
    let block = model.lent[index]
    do throws(MemoryError) {
      try unsafe memory.withBytes(of: block.handle) { bytes throws(MemoryError) in
        unsafe verify(block, bytes)
        unsafe bytes.initializeMemory(as: UInt8.self, repeating: 0)
      }
      model.lent[index].filling = filling
      let refilled = model.lent[index]
      try unsafe memory.withBytes(of: block.handle) { bytes throws(MemoryError) in
        unsafe fill(refilled, bytes)
      }
      guard block.byteCount >= 8 else { return }
      let first = ModelRun.word(0, of: filling)
      require(try memory.load(UInt64.self, from: block.handle) == first, "a value is loaded")
      let through = try memory.withValue(of: block.handle, as: UInt64.self) {
        value throws(MemoryError) in
        value &+= 1  // wrapping comes back below
        return value
      }
      require(through == first &+ 1, "a value is accessed in place")
      try memory.store(first, to: block.handle)
    } catch {
      guard case .alignmentOutOfRange = error else {
        return require(false, "a live handle can be accessed")
      }
    }
  }

  /// Gives a reference back inside an access, whose bytes must stay until it ends.
  mutating func releaseWithin(_ memory: borrowing Arena, _ model: inout ContractModel) {
    guard !model.lent.isEmpty else { return }
    let index = random.below(model.lent.count)
    let block = model.lent[index]
    do throws(MemoryError) {
      try unsafe memory.withBytes(of: block.handle) { bytes throws(MemoryError) in
        try memory.release(block.handle)
        unsafe verify(block, bytes)
      }
    } catch {
      require(false, "a live handle can be released inside its access")
    }
    model.lent[index].references -= 1
    if block.references == 1 { model.end(at: index, &random) }
  }
}
