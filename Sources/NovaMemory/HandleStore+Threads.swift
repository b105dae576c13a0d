// HandleStore+Threads.swift — each thread's own lists, and what they exchange with the depot.
// Freestanding. Imports NovaABI, Synchronization. Design: NovaCore.docc/Memory.md.

import NovaABI
import Synchronization

extension HandleStore {
  /// The smallest arena whose threads have lists of their own: in a smaller one, what they keep
  /// would be missed.
  static var magazineCapacityMin: Int { 1 << 20 }
  /// How far a thread's live bytes may rise before the arena's peak is looked at; twice as far
  /// where they fell before.
  static var peakDriftMax: Int { 4096 }

  /// The lists of the calling thread; nil when it works on the depot, under the lock: as long as it
  /// is the only one, or when there is no room or number for lists of its own.
  func magazinesOfThread() -> Magazines? {
    guard !nova_single_threaded() else { return nil }
    // SAFETY: each thread has its record, as long as it lives.
    var number = unsafe UInt64(nova_local().pointee.number)
    if number == 0 { number = UInt64(nova_thread_register()) }
    guard number != 0, store.capacity >= HandleStore.magazineCapacityMin else { return nil }
    if let found = magazines(number) { return found }
    return makeMagazines(number)
  }

  /// The lists of a thread; nil when it has none, or no number.
  @inline(__always)
  private func magazines(_ number: UInt64) -> Magazines? {
    guard number != 0, let directory = Directory(directory), number < directory.count else {
      return nil
    }
    return directory[number]
  }

  /// The lists of the calling thread, if it has any.
  @inline(__always)
  func magazinesInUse() -> Magazines? {
    guard !nova_single_threaded() else { return nil }
    // SAFETY: each thread has its record, as long as it lives.
    return unsafe magazines(UInt64(nova_local().pointee.number))
  }

  private func makeMagazines(_ number: UInt64) -> Magazines? {
    store.lock()
    defer { store.unlock() }
    if (Directory(directory)?.count ?? 0) <= number {
      guard enlargeDirectory(number) else { return nil }
    }
    guard let directory = Directory(directory),
      let offset = store.take(byteCount: Magazines.byteCount, alignment: Magazines.alignment)
    else { return nil }
    // SAFETY: the block was taken for this, and stays until the arena ends.
    let magazines = unsafe Magazines(store.address(offset))
    directory.set(number, magazines)
    return magazines
  }

  /// Makes room for thread `number`; the old directory stays, because others may look there.
  private func enlargeDirectory(_ number: UInt64) -> Bool {
    let old = Directory(directory)
    var count: UInt64 = 8
    while count <= number { count *= 2 }
    guard let offset = store.take(byteCount: Int(count) * 8, alignment: 16) else { return false }
    // SAFETY: the block was taken for this, is zero, and stays until the arena ends.
    guard
      let new = unsafe Directory(UInt64(UInt(bitPattern: store.address(offset))), count: count)
    else { return false }
    if let old {
      for index in 1..<old.count {
        if let magazines = old[index] { new.set(index, magazines) }
      }
    } else {
      // SAFETY: the record is mapped, and its lock held.
      unsafe peak.pointee.store(depot.mark, ordering: .relaxed)
    }
    // pairs with directory
    unsafe shared(4).pointee.store(UInt64(new.address), ordering: .releasing)
    return true
  }

  /// Moves the first `count` slots of a list, or as many as there are, before another list.
  ///
  /// The caller owns both.
  func move(_ count: Int, _ sizeClass: Int, from: Magazines, to: Magazines) {
    let moved = min(count, from.count(sizeClass))
    guard moved > 0 else { return }
    let first = from.head(sizeClass)
    var last = first
    for _ in 1..<moved { last = next(last) }
    let rest = next(last)
    setNext(last, to.head(sizeClass))
    from.setHead(sizeClass, rest)
    from.setCount(sizeClass, from.count(sizeClass) - moved)
    to.setHead(sizeClass, first)
    to.setCount(sizeClass, to.count(sizeClass) + moved)
  }

  // MARK: Sums

  var peak: UnsafeMutablePointer<Atomic<Int>> {
    // SAFETY: the word lies in the region's record, and is accessed as an atomic only.
    unsafe (base + RegionLayout.peak).assumingMemoryBound(to: Atomic<Int>.self)
  }

  /// Calls `body` with the depot, and with each thread's lists.
  func forEachMagazines(_ body: (Magazines) -> Void) {
    body(depot)
    guard let directory = Directory(directory) else { return }
    for number in 1..<directory.count {
      if let magazines = directory[number] { body(magazines) }
    }
  }

  /// Bytes lent now; while others allocate, not above what was lent at some moment of the call.
  var liveByteCount: Int {
    var sum = 0
    forEachMagazines { sum += $0.allocatedByteCount }
    forEachMagazines { sum -= $0.releasedByteCount }
    return sum
  }

  /// Looks at the arena's peak, because one set's live bytes rose above its mark.
  @usableFromInline @inline(never)
  func notePeak(_ live: Int, _ magazines: Magazines) {
    guard directory != 0 else {
      magazines.mark = live
      return
    }
    let total = liveByteCount
    // SAFETY: the record is mapped as long as the arena, and the peak is atomic.
    unsafe peak.pointee.max(total, ordering: .relaxed)
    magazines.mark = live + HandleStore.peakDriftMax
  }

  /// Lets the next rise be seen from where one set's live bytes fell to: its share of the peak may
  /// be another set's by now.
  @inline(__always)
  func noteFall(_ magazines: Magazines) {
    guard directory != 0 else { return }
    let live = magazines.allocatedByteCount - magazines.releasedByteCount
    guard magazines.mark - live > 2 * HandleStore.peakDriftMax else { return }
    magazines.mark = live + HandleStore.peakDriftMax
  }
}

/// The lists of threads by number: a count, then an address or 0 for each number from 1 on.
@safe private struct Directory {
  // A block of the arena, which stays until that ends.
  private let words: UnsafeMutablePointer<Atomic<UInt64>>
  let count: UInt64

  /// As a number.
  var address: UInt { unsafe UInt(bitPattern: words) }

  /// The directory at an address that `enlargeDirectory` stored; nil at 0.
  init?(_ address: UInt64) {
    // SAFETY: a directory that was stored stays until the arena ends.
    guard
      let words = unsafe UnsafeMutablePointer<Atomic<UInt64>>(bitPattern: UInt(address))
    else { return nil }
    unsafe self.words = unsafe words
    count = unsafe words.pointee.load(ordering: .relaxed)
  }

  /// A new one in a block of `count` words that are zero.
  init?(_ address: UInt64, count: UInt64) {
    // SAFETY: the caller's block has room for `count` words.
    guard
      let words = unsafe UnsafeMutablePointer<Atomic<UInt64>>(bitPattern: UInt(address))
    else { return nil }
    unsafe self.words = unsafe words
    self.count = count
    unsafe words.pointee.store(count, ordering: .relaxed)
  }

  subscript(number: UInt64) -> Magazines? {
    // SAFETY: numbers are below the count; what is stored there stays as long as the arena.
    let address = unsafe words[Int(number)].load(ordering: .acquiring)  // pairs with set
    return unsafe UnsafeMutableRawPointer(bitPattern: UInt(address)).map {
      unsafe Magazines($0)
    }
  }

  func set(_ number: UInt64, _ magazines: Magazines) {
    // SAFETY: as in `subscript`.
    unsafe words[Int(number)].store(
      UInt64(UInt(bitPattern: magazines.base)), ordering: .releasing)  // pairs with subscript
  }
}
