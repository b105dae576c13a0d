// FlatBuffer.swift — elements in a row that one owner reads and changes in place.
// Hosted. Imports nothing.

/// Elements in a row that are never shared, and whose room is kept when they go.
///
/// Passes that run over each function of a module own some: nothing is allocated once the largest
/// function was there, and no write asks whether the elements are somebody else's too.
@safe struct FlatBuffer<Element: BitwiseCopyable>: ~Copyable {
  // `capacity` elements of room, of which `count` have a value.
  private var elements: UnsafeMutablePointer<Element>
  private var capacity: Int
  /// How many there are.
  private(set) var count = 0

  /// None, and no room.
  init() {
    // SAFETY: room for nothing, which nothing is read from.
    unsafe elements = .allocate(capacity: 0)
    capacity = 0
  }

  deinit {
    // SAFETY: the room has no other owner.
    unsafe elements.deallocate()
  }

  /// An element; a precondition that there is one at `index`.
  subscript(_ index: Int) -> Element {
    @inline(__always) get {
      precondition(index >= 0 && index < count, "there are fewer elements")
      // SAFETY: the first `count` elements have a value, and `index` is one of theirs.
      return unsafe elements[index]
    }
    @inline(__always) set {
      precondition(index >= 0 && index < count, "there are fewer elements")
      // SAFETY: as above.
      unsafe elements[index] = newValue
    }
    @inline(__always) _modify {
      precondition(index >= 0 && index < count, "there are fewer elements")
      // SAFETY: as above.
      yield unsafe &elements[index]
    }
  }

  /// Adds an element behind the others.
  @inline(__always) mutating func append(_ element: Element) {
    if count == capacity { makeRoom(for: count + 1) }
    // SAFETY: there is room for one more.
    unsafe elements[count] = element
    count += 1
  }

  /// Forgets all elements.
  mutating func removeAll() { count = 0 }

  /// Forgets all elements from `count` on.
  mutating func truncate(to count: Int) {
    precondition(count >= 0 && count <= self.count, "elements are taken away")
    self.count = count
  }

  /// Makes it `count` times `element`.
  mutating func fill(_ element: Element, count: Int) {
    if count > capacity { makeRoom(for: count) }
    // SAFETY: there is room for `count`.
    unsafe elements.update(repeating: element, count: count)
    self.count = count
  }

  /// Room for at least `wanted` elements; those that there are stay.
  private mutating func makeRoom(for wanted: Int) {
    let larger = max(wanted, 2 * capacity, 16)
    let room = UnsafeMutablePointer<Element>.allocate(capacity: larger)
    // SAFETY: both have room for `count` elements, and the new room is nobody else's.
    unsafe room.update(from: elements, count: count)
    unsafe elements.deallocate()
    unsafe elements = room
    capacity = larger
  }
}

// The room has one owner, who is sent as a whole.
extension FlatBuffer: @unchecked Sendable where Element: Sendable {}
