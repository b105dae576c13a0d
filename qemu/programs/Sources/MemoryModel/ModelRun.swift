// ModelRun.swift — random requests to a contract, each answer compared with the model's.
// Hosted and freestanding. Imports NovaCore.

import NovaCore

/// How a run ended.
public struct ModelOutcome {
  /// Of every handle, place and count; equal for equal seeds wherever the run took place.
  public var digest: UInt64
  /// The first promise that did not hold.
  public var failure: StaticString?
  /// After how many steps the run ended.
  public var stepCount: Int
  /// How many requests the contract refused as it should.
  public var refusalCount: Int
}

/// One run; its episodes (children, checkpoints) nest.
public struct ModelRun {
  /// What a run is made of.
  public struct Plan {
    /// Determines every request.
    public var seed: UInt64
    /// Requests in all.
    public var stepCount: Int
    /// Bytes of the arena.
    public var byteCount: Int
    /// Whether the process has had one thread only: the peak is exact then.
    public var isAlone: Bool

    /// A run of `stepCount` requests.
    public init(seed: UInt64, stepCount: Int, byteCount: Int, isAlone: Bool) {
      self.seed = seed
      self.stepCount = stepCount
      self.byteCount = byteCount
      self.isAlone = isAlone
    }
  }

  static let episodeDepthMax = 4
  static let stepsPerTide = 700
  /// By how much the peak may stay below the truth where there are more threads.
  static let peakSlack = 16384

  let isAlone: Bool
  var random: ModelRandom
  var digest = ModelDigest()
  var stepsLeft: Int
  var refusalCount = 0
  var failure: StaticString?
  var episodeDepth = 0
  /// Where the region's first block lies: places are told from there.
  var origin: UInt?

  init(_ plan: Plan) {
    isAlone = plan.isAlone
    random = ModelRandom(seed: plan.seed)
    stepsLeft = plan.stepCount
  }

  /// Makes an arena and runs the plan in it.
  ///
  /// - Throws: `MemoryError` when there is no arena of that size.
  public static func run(_ plan: Plan) throws(MemoryError) -> ModelOutcome {
    var run = ModelRun(plan)
    let arena = try Arena(byteCount: plan.byteCount)
    var model = ContractModel(capacity: arena.stats.capacity)
    while run.stepsLeft > 0, run.failure == nil { run.step(arena, &model) }
    run.finish(arena, &model)
    return ModelOutcome(
      digest: run.digest.value, failure: run.failure, stepCount: plan.stepCount - run.stepsLeft,
      refusalCount: run.refusalCount)
  }

  /// Notes the first promise that does not hold.
  mutating func require(_ holds: Bool, _ promise: StaticString) {
    if !holds, failure == nil { failure = promise }
  }

  /// One request, or one episode of many.
  mutating func step(_ memory: borrowing Arena, _ model: inout ContractModel) {
    stepsLeft -= 1
    let isFilling = stepsLeft / ModelRun.stepsPerTide % 2 == 0
    switch random.below(200) {
    case 0: beChild(of: memory, &model)
    case 1: beCheckpoint(memory, &model)
    case 2..<6: askForBadArguments(memory, &model)
    case 6: askForFailure(memory, &model)
    case 7..<16: useForged(memory, &model)
    case 16..<30: useGone(memory, &model)
    case 30..<44: retain(memory, &model)
    case 44..<70: access(memory, &model)
    case 70..<80: releaseWithin(memory, &model)
    case 80..<(isFilling ? 155 : 120): allocate(memory, &model)
    default: release(memory, &model)
    }
    compare(memory, &model)
  }

  /// Gives everything back: the counts return to nothing.
  mutating func finish(_ memory: borrowing Arena, _ model: inout ContractModel) {
    while !model.lent.isEmpty, failure == nil { release(memory, &model, at: model.lent.count - 1) }
    compare(memory, &model)
    let stats = memory.stats
    require(stats.liveByteCount == 0, "nothing is live at the end")
    require(
      stats.allocationCount == stats.releaseCount, "as many came back as were lent, at the end")
  }

  // MARK: Comparisons

  /// Compares each count with the model's.
  mutating func compare(_ memory: borrowing Arena, _ model: inout ContractModel) {
    let stats = memory.stats
    require(stats.capacity == model.capacity, "capacity")
    require(stats.liveByteCount == model.liveByteCount, "live bytes")
    require(stats.liveCount == model.liveCount, "live count")
    require(stats.allocationCount == model.allocationCount, "allocations")
    require(stats.releaseCount == model.releaseCount, "releases")
    require(stats.failureCount == model.failureCount, "failures")
    require(stats.addressedCount == model.addressedCount, "blocks by address")
    require(stats.addressedByteCount == model.addressedByteCount, "bytes by address")
    require(stats.retiredSlotCount == 0, "no slot is retired")
    require(stats.peakByteCount <= model.peakByteCount, "the peak is no higher than the truth")
    require(
      stats.peakByteCount >= model.peakByteCount - (isAlone ? 0 : ModelRun.peakSlack),
      "the peak is no lower than the truth")
    for sizeClass in 0...ContractModel.ownClass {
      require(
        stats.liveCountBySizeClass[sizeClass] == model.liveCountBySizeClass[sizeClass],
        "live count of a size class")
    }
    digest.add(stats.liveByteCount)
    digest.add(stats.liveCount)
    digest.add(stats.failureCount)
    digest.add(stats.heldByteCount)
  }

  /// Counts a refusal, which must be `expected`.
  mutating func require(
    _ error: MemoryError, is expected: MemoryError, _ promise: StaticString
  ) {
    refusalCount += 1
    require(error == expected, promise)
  }

  /// What word `index` of a block holds.
  static func word(_ index: Int, of filling: UInt64) -> UInt64 {
    filling &+ UInt64(index) &* 0x9e37_79b9_7f4a_7c15  // wrapping mixes
  }

  /// Checks that a fresh block is zero, and fills it.
  mutating func fill(_ block: LentBlock, _ bytes: UnsafeMutableRawBufferPointer) {
    require(bytes.count == block.byteCount, "as many bytes as were asked for")
    var others: UInt64 = 0
    // SAFETY: words and the bytes after them lie in the block.
    for index in 0..<block.byteCount / 8 {
      others |= unsafe bytes.loadUnaligned(fromByteOffset: index * 8, as: UInt64.self)
      unsafe bytes.storeBytes(
        of: ModelRun.word(index, of: block.filling), toByteOffset: index * 8, as: UInt64.self)
    }
    for index in block.byteCount / 8 * 8..<block.byteCount {
      others |= unsafe UInt64(bytes[index])
      unsafe bytes[index] = UInt8(truncatingIfNeeded: block.filling)
    }
    require(others == 0, "what is lent is zero")
  }

  /// Checks that a block holds what `fill` left in it.
  mutating func verify(_ block: LentBlock, _ bytes: UnsafeMutableRawBufferPointer) {
    require(bytes.count == block.byteCount, "as many bytes as were asked for")
    var differences: UInt64 = 0
    // SAFETY: as in `fill`.
    for index in 0..<block.byteCount / 8 {
      let word = unsafe bytes.loadUnaligned(fromByteOffset: index * 8, as: UInt64.self)
      differences |= word ^ ModelRun.word(index, of: block.filling)
    }
    for index in block.byteCount / 8 * 8..<block.byteCount {
      differences |= unsafe UInt64(bytes[index] ^ UInt8(truncatingIfNeeded: block.filling))
    }
    require(differences == 0, "a block holds what its owner wrote")
  }
}
