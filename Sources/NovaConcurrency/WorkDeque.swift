// WorkDeque.swift — a worker's tasks: its own end without atomic operations, the other for thieves.
// Freestanding. Imports nothing. Design: NovaCore.docc/WorkStealing.md.
// Sources: Chase & Lev, "Dynamic Circular Work-Stealing Deque" (SPAA 2005); orderings after Lê,
// Pop, Cohen & Zappa Nardelli, "Correct and Efficient Work-Stealing for Weak Memory Models" (PPoPP
// 2013); split after van Dijk & van de Pol, "Lace: Non-blocking Split Deque for Work-Stealing"
// (Euro-Par 2014 workshops).

/// A bounded deque of words that its owner pushes and pops at one end and thieves empty at the
/// other.
///
/// Elements lie in a ring, by indices that only grow (and wrap around at 2³²):
///
///     top ──── public: thieves ──── split ──── private: the owner ──── bottom
///
/// One atomic word holds `top` and how many are public, so that a thief's claim (1), the owner's
/// publication (2) and its taking back (3) exclude each other by one compare-and-exchange. What is
/// private costs the owner neither fence nor atomic operation.
///
///     (1) steal     top += k, public -= k, claimed := true; copies k elements; claimed := false
///     (2) publish   public += k
///     (3) reclaim   public -= k
///
/// A thief reads after it has claimed: to read first and claim then would be wrong, because the
/// owner may take back, pop, push and publish meanwhile and leave the same word. While `claimed`
/// stands, other thieves go elsewhere; so at most `batchMax` elements above `top` are still being
/// read, and the owner, who fills the ring no further than that, cannot overwrite one.
///
/// The value is an address and may be copied. `push`, `pop`, `publish` and `reclaim` are the
/// owner's, one thread's at a time; the rest is anyone's.
@safe
@frozen
public struct WorkDeque {
  /// What `pop` and `steal` answer when there is nothing; never an element.
  @inlinable
  public static var none: UInt { 0 }
  /// The smallest ring.
  public static var capacityMin: UInt32 { 4 }
  /// The largest ring.
  public static var capacityMax: UInt32 { 1 << 24 }
  /// The storage's alignment: two cache lines, since some CPUs fetch them in pairs.
  public static var alignment: Int { 128 }
  /// Elements that one thief claims at once, at most; a quarter of a ring smaller than 256.
  @inlinable static var batchMax: UInt32 { 64 }

  @usableFromInline let storage: UnsafeMutableRawPointer

  /// Bytes that a deque takes.
  ///
  /// - Parameter capacity: a power of two, `capacityMin … capacityMax`.
  /// - Returns: header and ring.
  public static func byteCount(capacity: UInt32) -> Int {
    ringOffset + Int(capacity) * MemoryLayout<UInt>.stride
  }

  /// Lays out an empty deque.
  ///
  /// - Parameters:
  ///   - storage: `byteCount(capacity:)` zeroed bytes, aligned to `alignment`.
  ///   - capacity: a power of two, `capacityMin … capacityMax`: `push` refuses beyond.
  ///   - publicMin: `push` publishes half when fewer than these are public; 0 when nobody steals.
  /// - Safety: the storage is the deque's for as long as any copy is used, and no other thread has
  ///   one yet.
  @unsafe
  public init(
    layingOut storage: UnsafeMutableRawPointer, capacity: UInt32, publicMin: UInt32
  ) {
    precondition(
      capacity >= Self.capacityMin && capacity <= Self.capacityMax
        && capacity & (capacity - 1) == 0,
      "the capacity of a deque is a power of two within capacityMin … capacityMax")
    precondition(publicMin <= capacity, "a deque cannot publish more than its capacity")
    unsafe self.storage = storage
    mask.store(capacity - 1)
    thiefMask.store(capacity - 1)
    limit.store(capacity)
    lowWater.store(publicMin)
  }

  /// The deque that was laid out at `storage`.
  ///
  /// - Safety: one was, by `init(layingOut:capacity:publicMin:)`, and it is still there.
  @unsafe
  @inlinable
  @inline(__always)
  public init(at storage: UnsafeMutableRawPointer) {
    unsafe self.storage = storage
  }
}

// MARK: - The owner's side

extension WorkDeque {
  /// Puts an element at the owner's end.
  ///
  /// - Parameter element: not `none`.
  /// - Returns: false, and nothing changed, when the ring is full.
  /// - Complexity: O(1); no atomic operation but one relaxed load while enough is public.
  @inlinable
  @inline(__always)
  public func push(_ element: UInt) -> Bool {
    push(element) {}
  }

  /// Puts an element at the owner's end.
  ///
  /// - Parameters:
  ///   - element: not `none`.
  ///   - published: is called when elements became public: `Parking.notify` belongs here.
  /// - Returns: false, and nothing changed, when the ring is full.
  @inlinable
  @inline(__always)
  public func push(_ element: UInt, published: () -> Void) -> Bool {
    let index = bottom.load()
    if _slowPath(index == limit.load()), !raiseLimit(index) { return false }
    slot(index, mask.load()).store(element)
    bottom.store(index &+ 1)
    if _slowPath(Self.publicCount(word.load(.relaxed)) < lowWater.load()), publish() { published() }
    return true
  }

  /// Takes the element that was pushed last.
  ///
  /// - Returns: the element, or `none`.
  /// - Complexity: O(1); no atomic operation but one relaxed load while something is private.
  @inlinable
  @inline(__always)
  public func pop() -> UInt {
    pop {}
  }

  /// Takes the element that was pushed last.
  ///
  /// - Parameter published: is called when elements became public: `Parking.notify` belongs here.
  /// - Returns: the element, or `none`.
  @inlinable
  @inline(__always)
  public func pop(published: () -> Void) -> UInt {
    let end = bottom.load()
    if _slowPath(end == split.load()) { return reclaim() }
    let index = end &- 1
    bottom.store(index)
    // Thieves took all that was public: without this, they would starve beside a full deque.
    if _slowPath(Self.publicCount(word.load(.relaxed)) == 0), index != split.load(),
      lowWater.load() != 0,
      publish()
    {
      published()
    }
    return slot(index, mask.load()).load()
  }

  /// Makes half of what is private public, at least one.
  ///
  /// - Returns: false when nothing is private.
  @inline(never)
  public func publish() -> Bool {
    let start = split.load()
    let count = bottom.load() &- start
    if count == 0 { return false }
    let published = count == 1 ? 1 : count >> 1
    split.store(start &+ published)
    // The sum stays below 2³¹: the ring is smaller. Its release pairs with `steal`; its place in
    // the one order of all such operations pairs with `Parking.announce`.
    word.add(UInt64(published), .sequentiallyConsistent)  // pairs with steal, isPublicEmpty
    return true
  }

  /// Takes half of what is public back, at least one, and pops.
  @inline(never)
  @usableFromInline
  func reclaim() -> UInt {
    var current = word.load(.relaxed)
    while true {
      let count = Self.publicCount(current)
      if count == 0 { return Self.none }
      let taken = (count &+ 1) >> 1
      let change = word.compareExchange(
        expected: current, desired: current &- UInt64(taken), .relaxed)
      if change.exchanged {
        let end = bottom.load()
        split.store(end &- taken)
        bottom.store(end &- 1)
        return slot(end &- 1, mask.load()).load()
      }
      current = change.original
    }
  }

  /// Looks how far thieves have come.
  ///
  /// - Returns: whether there is room for an element at `index`.
  @inline(never)
  @usableFromInline
  func raiseLimit(_ index: UInt32) -> Bool {
    let current = word.load(.acquiring)  // pairs with steal
    let ring = mask.load()
    let reading = Self.isClaimed(current) ? Self.batchMax(ring) : 0
    let raised = Self.top(current) &- reading &+ ring &+ 1
    limit.store(raised)
    return index != raised
  }

  /// Elements that only the owner sees.
  @inlinable
  public var privateCount: UInt32 { bottom.load() &- split.load() }
}

// MARK: - The thieves' side

extension WorkDeque {
  /// Takes the oldest elements of another deque, up to half of those that are public.
  ///
  /// - Parameters:
  ///   - victim: another deque.
  ///   - published: is called when elements became public here: `Parking.notify` belongs here.
  /// - Returns: the oldest; the next ones are this deque's now, to be popped in the same order.
  ///   `none` when nothing is public, or another thief is at it.
  /// - Complexity: two atomic operations on the victim, O(elements taken).
  @inlinable
  @inline(__always)
  public func steal(from victim: WorkDeque, published: () -> Void) -> UInt {
    let stolen = claim(from: victim)
    if stolen != Self.none, privateCount != 0, publish() { published() }
    return stolen
  }

  /// Takes the oldest elements of another deque, up to half of those that are public.
  ///
  /// - Parameter victim: another deque.
  /// - Returns: as `steal(from:published:)`.
  @inlinable
  @inline(__always)
  public func steal(from victim: WorkDeque) -> UInt {
    steal(from: victim) {}
  }

  @inline(never)
  @usableFromInline
  func claim(from victim: WorkDeque) -> UInt {
    let current = victim.word.load(.relaxed)
    let count = Self.publicCount(current)
    if count == 0 || Self.isClaimed(current) { return Self.none }
    let ring = victim.thiefMask.load()
    let taken = min((count &+ 1) >> 1, min(Self.batchMax(ring), room &+ 1))
    let change = victim.word.compareExchange(
      expected: current, desired: Self.claiming(taken, of: current),
      .acquiring)  // pairs with publish
    guard change.exchanged else { return Self.none }
    let first = Self.top(current)
    let stolen = victim.slot(first, ring).load()
    let end = bottom.load()
    var offset: UInt32 = 1
    while offset < taken {
      let element = victim.slot(first &+ offset, ring).load()
      slot(end &+ (taken &- 1 &- offset), mask.load()).store(element)
      offset &+= 1
    }
    bottom.store(end &+ (taken &- 1))
    victim.word.add(0 &- Self.claimedBit, .releasing)  // pairs with raiseLimit
    return stolen
  }

  /// Elements that thieves may take, at some moment during the call.
  @inlinable
  public var publicCount: UInt32 { Self.publicCount(word.load(.relaxed)) }

  /// Whether a worker that has announced its sleep finds nothing here.
  ///
  /// In one order with `publish` and with what `Parking` does.
  @inlinable
  public var isPublicEmpty: Bool {
    Self.publicCount(word.load(.sequentiallyConsistent)) == 0  // pairs with publish
  }

  /// Elements that the owner may still push without looking at thieves.
  @usableFromInline
  var room: UInt32 { limit.load() &- bottom.load() }
}

// MARK: - Layout

extension WorkDeque {
  // Written by everybody.
  @inlinable
  @inline(__always)
  var word: AtomicCell64 { cell(0) }
  // Constant; beside the word, because thieves touch that line anyway.
  @usableFromInline var thiefMask: PlainCell<UInt32> { plain(8) }

  // The owner's.
  @inlinable
  @inline(__always)
  var bottom: PlainCell<UInt32> { plain(128) }
  @inlinable
  @inline(__always)
  var split: PlainCell<UInt32> { plain(132) }
  // The first index that may not be pushed; only `raiseLimit` moves it.
  @inlinable
  @inline(__always)
  var limit: PlainCell<UInt32> { plain(136) }
  @inlinable
  @inline(__always)
  var mask: PlainCell<UInt32> { plain(140) }
  // Fewer public elements than these make `push` publish.
  @inlinable
  @inline(__always)
  var lowWater: PlainCell<UInt32> { plain(144) }

  @inlinable static var ringOffset: Int { 256 }

  @inlinable
  @inline(__always)
  func slot(_ index: UInt32, _ mask: UInt32) -> PlainCell<UInt> {
    // SAFETY: `index & mask` is below the capacity, for which `init` was promised storage. Who may
    // touch an element is told above; the word orders them.
    unsafe PlainCell(
      at: storage + (Self.ringOffset &+ Int(index & mask) &* MemoryLayout<UInt>.stride))
  }

  @inlinable
  @inline(__always)
  func cell(_ offset: Int) -> AtomicCell64 {
    // SAFETY: the offset lies in the header, zeroed storage that was promised to `init`.
    unsafe AtomicCell64(at: storage + offset)
  }

  @inlinable
  @inline(__always)
  func plain(_ offset: Int) -> PlainCell<UInt32> {
    // SAFETY: as in `cell`; the owner alone writes, or nobody.
    unsafe PlainCell(at: storage + offset)
  }

  // The word: bits 0 … 30 how many are public, bit 31 whether a thief reads, bits 32 … 63 top.

  @inlinable static var claimedBit: UInt64 { 1 << 31 }

  @inlinable
  @inline(__always)
  static func publicCount(_ word: UInt64) -> UInt32 {
    UInt32(truncatingIfNeeded: word) & 0x7fff_ffff
  }

  @inlinable
  static func isClaimed(_ word: UInt64) -> Bool { word & claimedBit != 0 }

  @inlinable
  static func top(_ word: UInt64) -> UInt32 { UInt32(truncatingIfNeeded: word >> 32) }

  /// The word after a claim of `count` elements; `top` wraps around.
  @inlinable
  static func claiming(_ count: UInt32, of word: UInt64) -> UInt64 {
    (word &- UInt64(count) | claimedBit) &+ UInt64(count) << 32
  }

  @inlinable
  static func batchMax(_ mask: UInt32) -> UInt32 { min(batchMax, (mask &+ 1) >> 2) }
}
