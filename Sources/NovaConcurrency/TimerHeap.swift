// TimerHeap.swift — deadlines in order: a 4-ary heap whose entries know their places.
// Freestanding. Imports nothing. Design: NovaCore.docc/RunLoop.md. Source: LaMarca and Ladner,
// "The Influence of Caches on the Performance of Heaps" (1996): four children share a cache line.

/// A deadline of an item.
struct TimerHeapEntry {
  /// Nanoseconds of the loop's clock.
  var time: UInt64
  /// Low bits of the order in which deadlines were set; differences count, so that it may wrap.
  var order: UInt32
  /// Whose deadline.
  var item: UInt32

  /// Whether this deadline comes first; of equal ones that which was set first.
  func precedes(_ other: TimerHeapEntry) -> Bool {
    if time != other.time { return time < other.time }
    // Wrapping: fewer than 2³¹ deadlines lie between two that are in the heap at once.
    return Int32(bitPattern: order &- other.order) < 0
  }
}

/// A priority queue of at most one deadline for each item `0 ..< itemCount`.
///
/// The root is in place 3, so that the children of place p are in places 4p - 8 … 4p - 5, one cache
/// line.
@safe struct TimerHeap: ~Copyable {
  static var rootPlace: Int { 3 }
  static var entryAlignment: Int { 64 }

  static func entriesByteCount(itemCount: Int) -> Int {
    (itemCount + rootPlace) * MemoryLayout<TimerHeapEntry>.stride
  }

  static func placesByteCount(itemCount: Int) -> Int { itemCount * MemoryLayout<UInt32>.stride }

  let itemCount: Int
  /// Deadlines in the heap.
  private(set) var count = 0
  /// The order of the next deadline.
  private(set) var order: UInt32 = 0

  // The heap's own while it lives, for `itemCount` items (promised to `init`).
  private let entries: UnsafeMutablePointer<TimerHeapEntry>
  /// Where an item's entry is; 0 when it has none.
  private let places: UnsafeMutablePointer<UInt32>

  /// - Safety: `entries` and `places` have the sizes said above and are the heap's alone; `places`
  ///   is zero.
  @unsafe init(
    itemCount: Int, entries: UnsafeMutableRawPointer, places: UnsafeMutableRawPointer
  ) {
    self.itemCount = itemCount
    unsafe self.entries = entries.bindMemory(
      to: TimerHeapEntry.self, capacity: itemCount + TimerHeap.rootPlace)
    unsafe self.places = places.bindMemory(to: UInt32.self, capacity: itemCount)
  }

  /// The first deadline; nil when there is none.
  var first: TimerHeapEntry? {
    // SAFETY: the root is there when the heap is not empty.
    count == 0 ? nil : unsafe entries[TimerHeap.rootPlace]
  }

  /// Whether `item` has a deadline.
  func contains(_ item: UInt32) -> Bool {
    // SAFETY: callers pass items below `itemCount`, as `insert` checked.
    unsafe places[Int(item)] != 0
  }

  /// Whether a deadline was set before `order` was `limit`, fewer than 2³² deadlines ago.
  func wasSet(_ entry: TimerHeapEntry, before limit: UInt32) -> Bool {
    // Wrapping: those set since then are the ones that count from the limit up to now.
    entry.order &- limit >= order &- limit
  }

  /// Gives `item`, which has none, a deadline.
  mutating func insert(_ item: UInt32, at time: UInt64) {
    precondition(Int(item) < itemCount && !contains(item), "an item has one deadline")
    let entry = TimerHeapEntry(time: time, order: order, item: item)
    order &+= 1
    count += 1
    rise(entry, from: count - 1 + TimerHeap.rootPlace)
  }

  /// Takes the first deadline out.
  mutating func removeFirst() -> TimerHeapEntry? {
    guard let entry = first else { return nil }
    remove(entry.item)
    return entry
  }

  /// Takes the deadline of `item` out; false when it has none.
  @discardableResult
  mutating func remove(_ item: UInt32) -> Bool {
    precondition(Int(item) < itemCount, "an item is below the count")
    // SAFETY: the item was just checked, and an entry's place is within the heap.
    let place = unsafe Int(places[Int(item)])
    guard place != 0 else { return false }
    unsafe places[Int(item)] = 0
    count -= 1
    let lastPlace = count + TimerHeap.rootPlace
    guard place != lastPlace else { return true }
    let moved = unsafe entries[lastPlace]
    // The hole sinks to the bottom along the least children, where the moved entry mostly belongs.
    let bottom = sink(hole: place, end: lastPlace)
    rise(moved, from: bottom)
    return true
  }

  /// Moves least children up until the hole has none; returns where it is then.
  private func sink(hole: Int, end: Int) -> Int {
    var hole = hole
    while true {
      let child = 4 * hole - 8
      guard child < end else { return hole }
      var least = child
      // SAFETY: places below `end` hold entries, whose items are below `itemCount`.
      var leastEntry = unsafe entries[child]
      var other = child + 1
      let otherEnd = min(child + 4, end)
      while other < otherEnd {
        let entry = unsafe entries[other]
        if entry.precedes(leastEntry) { (least, leastEntry) = (other, entry) }
        other += 1
      }
      unsafe entries[hole] = leastEntry
      unsafe places[Int(leastEntry.item)] = UInt32(hole)
      hole = least
    }
  }

  /// Puts `entry` into the hole at `place`, or above it.
  private func rise(
    _ entry: TimerHeapEntry, from place: Int
  ) {
    var hole = place
    while hole > TimerHeap.rootPlace {
      let parent = hole / 4 + 2
      // SAFETY: as above; the parent of a place is a place.
      let above = unsafe entries[parent]
      guard entry.precedes(above) else { break }
      unsafe entries[hole] = above
      unsafe places[Int(above.item)] = UInt32(hole)
      hole = parent
    }
    unsafe entries[hole] = entry
    unsafe places[Int(entry.item)] = UInt32(hole)
  }

  /// Stops the program unless each entry is in its place and after its parent.
  func checkInvariants() {
    var place = TimerHeap.rootPlace
    while place < count + TimerHeap.rootPlace {
      // SAFETY: as above.
      let entry = unsafe entries[place]
      precondition(unsafe places[Int(entry.item)] == UInt32(place), "an entry is not in its place")
      if place > TimerHeap.rootPlace {
        let parent = unsafe entries[place / 4 + 2]
        precondition(!entry.precedes(parent), "a deadline is above an earlier one")
      }
      place += 1
    }
  }
}
