// ModelRun+Episodes.swift — runs within a run: a child contract, a checkpoint, an injected failure.
// Hosted and freestanding. Imports NovaCore.

import NovaCore

extension ModelRun {
  /// Makes a child, lets requests go to it and to its parent, and destroys it with what it lends.
  mutating func beChild(of memory: borrowing Arena, _ model: inout ContractModel) {
    guard episodeDepth < ModelRun.episodeDepthMax else { return }
    let pages = 4 + random.below(30)
    let isFailing = model.failsIn == 1
    if model.failsIn > 0 { model.failsIn -= 1 }
    let child: Arena
    do throws(MemoryError) {
      child = try memory.makeChild(byteCount: pages * 4096)
    } catch {
      return refuseChild(error, byteCount: pages * 4096, isFailing, &model)
    }
    require(!isFailing, "the allocation fails that was asked to")
    // Aligned to a page, so that the rest of the block before it may be part of the charge.
    let charge = memory.stats.addressedByteCount - model.addressedByteCount
    require(
      charge >= pages * 4096 && charge < pages * 4096 + 64, "a child is charged to its parent")
    model.addressedCount += 1
    model.addressedByteCount += charge
    model.count(charge: charge)
    episodeDepth += 1
    var childModel = ContractModel(capacity: child.stats.capacity)
    var steps = random.below(400)
    while steps > 0, stepsLeft > 0, failure == nil {
      steps -= 1
      if random.isOneIn(4) { step(memory, &model) } else { step(child, &childModel) }
      if random.isOneIn(8) { exchange(memory, model, child, childModel) }
    }
    compare(child, &childModel)
    episodeDepth -= 1
    let report = child.destroy()
    compare(report, childModel)
    model.addressedCount -= 1
    model.addressedByteCount -= charge
    model.liveByteCount -= charge
    model.releaseCount += 1
    compare(memory, &model)
  }

  private mutating func refuseChild(
    _ error: MemoryError, byteCount: Int, _ isFailing: Bool, _ model: inout ContractModel
  ) {
    refusalCount += 1
    model.failureCount += 1
    if isFailing {
      return require(
        error == .injected(number: model.failsAt), "an injected failure says its number")
    }
    guard case .capacityExceeded(byteCount, let available, model.capacity) = error else {
      return require(false, "a child is refused for want of room only")
    }
    require(available < byteCount, "less was available than a child asked for")
  }

  /// Shows a child its parent's handle, and the other way round.
  private mutating func exchange(
    _ memory: borrowing Arena, _ model: ContractModel, _ child: borrowing Arena,
    _ childModel: ContractModel
  ) {
    guard let mine = model.lent.last?.handle, let its = childModel.lent.last?.handle else {
      return
    }
    require(mine.contract != its.contract, "two living contracts have two numbers")
    let foreign = MemoryError.foreignHandle(mine, contract: mine.contract)
    use(mine, child, expected: foreign, expectedOfRelease: foreign)
    let childs = MemoryError.foreignHandle(its, contract: its.contract)
    use(its, memory, expected: childs, expectedOfRelease: childs)
  }

  /// A contract's end reports what it lent, by tag.
  private mutating func compare(_ report: LeakReport, _ model: ContractModel) {
    var (count, byteCount) = (0, 0)
    var counts = [Int](repeating: 0, count: 256)
    var byteCounts = [Int](repeating: 0, count: 256)
    for block in model.lent {
      let tag = Int(block.tag.rawValue)
      counts[tag] += 1
      byteCounts[tag] += block.byteCount
      count += 1
      byteCount += block.byteCount
    }
    for tag in 0..<256 {
      require(report.countByTag[tag] == counts[tag], "leaks by tag")
      require(report.byteCountByTag[tag] == byteCounts[tag], "leaked bytes by tag")
    }
    require(report.count == count && report.byteCount == byteCount, "leaks in all")
    require(
      report.addressedCount == model.addressedCount
        && report.addressedByteCount == model.addressedByteCount, "leaks by address")
    require(report.isEmpty == (count + model.addressedCount == 0), "a report is empty or not")
    digest.add(count)
    digest.add(byteCount)
  }

  /// Opens a checkpoint, lets requests follow, and rewinds or commits it.
  mutating func beCheckpoint(_ memory: borrowing Arena, _ model: inout ContractModel) {
    guard episodeDepth < ModelRun.episodeDepthMax else { return }
    do throws(MemoryError) {
      let checkpoint = try memory.checkpoint()
      episodeDepth += 1
      model.depth += 1
      let depth = model.depth
      var steps = random.below(300)
      while steps > 0, stepsLeft > 0, failure == nil {
        steps -= 1
        step(memory, &model)
      }
      episodeDepth -= 1
      guard failure == nil else { return }
      if random.isOneIn(3) {
        try memory.commit(checkpoint)
        model.commit(depth: depth)
      } else {
        try memory.rewind(to: checkpoint)
        model.rewind(toDepth: depth, &random)
      }
      compare(memory, &model)
    } catch {
      require(false, "a checkpoint can be opened and closed")
    }
  }

  /// Asks for the failure of an allocation soon to come.
  mutating func askForFailure(_ memory: borrowing Arena, _ model: inout ContractModel) {
    guard model.failsIn == 0 else { return }
    let number = 1 + random.below(20)
    memory.failAllocation(at: number)
    model.failsIn = number
    model.failsAt = number
  }
}
