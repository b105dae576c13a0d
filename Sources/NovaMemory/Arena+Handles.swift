// Arena+Handles.swift — memory by handle: allocate, retain, release, access.
// Freestanding. Imports NovaABI, Synchronization. Design: NovaCore.docc/Memory.md.

import NovaABI
import Synchronization

extension Arena {
  /// Lends zeroed bytes with one reference; see `MemoryContract`.
  @inlinable @inline(__always)
  public borrowing func allocateArc(
    byteCount: Int, alignment: Int = 16, tag: AllocationTag = .none
  ) throws(MemoryError) -> MemoryHandle {
    if let taken = takeAlone(byteCount: byteCount, alignment: alignment, tag) {
      handles.zero(taken.place, byteCount)
      return MemoryHandle(rawValue: taken.handle)
    }
    return try MemoryHandle(
      rawValue: handles.allocateSlow(byteCount: byteCount, alignment: alignment, tag))
  }

  /// Lends memory that holds `value`, with one reference; see `MemoryContract`.
  @inlinable @inline(__always)
  public borrowing func allocateArc<Value: BitwiseCopyable>(
    _ value: Value, tag: AllocationTag = .none
  ) throws(MemoryError) -> MemoryHandle {
    let byteCount = MemoryLayout<Value>.size
    let alignment = MemoryLayout<Value>.alignment
    if let taken = takeAlone(byteCount: byteCount, alignment: alignment, tag) {
      // What the value does not fill must not tell of whoever had the block before.
      handles.zero(taken.place, byteCount)
      // SAFETY: nobody else knows the bytes yet, which have the value's size and alignment.
      unsafe handles.address(taken.place).initializeMemory(as: Value.self, to: value)
      return MemoryHandle(rawValue: taken.handle)
    }
    let handle = try handles.allocateSlow(byteCount: byteCount, alignment: alignment, tag)
    // SAFETY: as above.
    unsafe handles.address(handles.entry(handle & Entry.slotMask).place)
      .initializeMemory(as: Value.self, to: value)
    return MemoryHandle(rawValue: handle)
  }

  /// Takes a slot from the depot while the process has one thread; nil when it takes more than
  /// that.
  @inlinable @inline(__always)
  borrowing func takeAlone(
    byteCount: Int, alignment: Int, _ tag: AllocationTag
  ) -> (handle: UInt64, place: UInt64)? {
    guard UInt(bitPattern: byteCount) <= UInt(SizeClass.byteCountMax),
      alignment <= 16, alignment > 0, alignment & (alignment &- 1) == 0,
      nova_single_threaded()
    else { return nil }
    let bits = handles.allocationBits
    guard bits & 1 == 0 else { return nil }
    return handles.take(
      SizeClass.index(for: byteCount), handles.fields(length: byteCount, bits, tag),
      from: handles.depot)
  }

  /// Adds a reference; see `MemoryContract`.
  @inlinable @inline(__always)
  public borrowing func retain(_ handle: MemoryHandle) throws(MemoryError) {
    if nova_single_threaded(), let (entry, state) = handles.find(handle.rawValue),
      state & Entry.slotMask < Entry.referenceCountMax
    {
      // SAFETY: the entry is in the table, and there is no other thread.
      unsafe entry.state.pointee.store(state &+ 1, ordering: .relaxed)
      return
    }
    try handles.retainSlow(handle.rawValue)
  }

  /// Gives a reference back; see `MemoryContract`.
  @inlinable @inline(__always)
  public borrowing func release(_ handle: MemoryHandle) throws(MemoryError) {
    if nova_single_threaded(), handles.releaseAlone(handle.rawValue) { return }
    try handles.releaseSlow(handle.rawValue)
  }

  /// How many bytes were asked for; see `MemoryContract`.
  @inlinable
  public borrowing func byteCount(of handle: MemoryHandle) throws(MemoryError) -> Int {
    try handles.byteCount(place(of: handle))
  }

  /// What the memory is for, as it was said when it was lent.
  ///
  /// - Throws: as `byteCount(of:)`.
  public borrowing func tag(of handle: MemoryHandle) throws(MemoryError) -> AllocationTag {
    AllocationTag(rawValue: UInt8(truncatingIfNeeded: try place(of: handle) >> Entry.tagShift))
  }

  /// Calls `body` with the bytes; see `MemoryContract`.
  @inlinable
  public borrowing func withBytes<Result>(
    of handle: MemoryHandle,
    _ body: (UnsafeMutableRawBufferPointer) throws(MemoryError) -> Result
  ) throws(MemoryError) -> Result {
    let place = try handles.pin(handle.rawValue)
    // SAFETY: the block has as many bytes, and stays while the access holds its reference.
    let bytes = unsafe UnsafeMutableRawBufferPointer(
      start: handles.address(place), count: handles.byteCount(place))
    let result: Result
    do throws(MemoryError) {
      result = try unsafe body(bytes)
    } catch {
      try handles.unpin(handle.rawValue)
      throw error
    }
    try handles.unpin(handle.rawValue)
    return result
  }

  /// Calls `body` with the value; see `MemoryContract`.
  @inlinable
  public borrowing func withValue<Value: BitwiseCopyable, Result>(
    of handle: MemoryHandle, as type: Value.Type,
    _ body: (inout Value) throws(MemoryError) -> Result
  ) throws(MemoryError) -> Result {
    let value = try unsafe address(of: handle, for: type)
    _ = try handles.pin(handle.rawValue)
    let result: Result
    do throws(MemoryError) {
      // SAFETY: the block has the value's size and alignment, and stays while the access holds its
      // reference; any bits are a value of plain data that was stored, or zero.
      result = try unsafe body(&value.pointee)
    } catch {
      try handles.unpin(handle.rawValue)
      throw error
    }
    try handles.unpin(handle.rawValue)
    return result
  }

  /// Copies a value out; see `MemoryContract`.
  @inlinable @inline(__always)
  public borrowing func load<Value: BitwiseCopyable>(
    _ type: Value.Type, from handle: MemoryHandle
  ) throws(MemoryError) -> Value {
    // SAFETY: the block has the value's size and alignment, and the caller holds a reference.
    unsafe try address(of: handle, for: type).pointee
  }

  /// Copies a value in; see `MemoryContract`.
  @inlinable @inline(__always)
  public borrowing func store<Value: BitwiseCopyable>(
    _ value: Value, to handle: MemoryHandle
  ) throws(MemoryError) {
    // SAFETY: the block has the value's size and alignment, and the caller holds a reference.
    unsafe try address(of: handle, for: Value.self).pointee = value
  }

  /// Word 1 of a valid handle's entry.
  @inlinable @inline(__always)
  borrowing func place(of handle: MemoryHandle) throws(MemoryError) -> UInt64 {
    guard let (entry, _) = handles.find(handle.rawValue) else {
      throw handles.refusal(of: handle.rawValue)
    }
    return entry.place
  }

  /// Where a valid handle's value lies.
  @inlinable @inline(__always)
  borrowing func address<Value: BitwiseCopyable>(
    of handle: MemoryHandle, for type: Value.Type
  ) throws(MemoryError) -> UnsafeMutablePointer<Value> {
    guard let (entry, _) = handles.find(handle.rawValue) else {
      throw handles.refusal(of: handle.rawValue)
    }
    // A length that does not fit its bits is above all that do; every block is aligned to 16.
    if MemoryLayout<Value>.size >= Int(Entry.lengthMask) || MemoryLayout<Value>.alignment > 16 {
      try check(entry.place, byteCount: MemoryLayout<Value>.size, MemoryLayout<Value>.alignment)
    } else if !entry.isLength(atLeast: MemoryLayout<Value>.size) {
      // Nothing that comes back here is called, so that a loop keeps the arena's addresses.
      throw handles.shortage(entry.place, byteCount: MemoryLayout<Value>.size)
    }
    // SAFETY: the entry's place is the offset of its block in the region.
    return unsafe (handles.base + entry.offset).assumingMemoryBound(to: Value.self)
  }

  /// Whether a value has room, and its alignment, in a block.
  @usableFromInline @inline(never)
  borrowing func check(
    _ place: UInt64, byteCount: Int, _ alignment: Int
  ) throws(MemoryError) {
    guard byteCount <= handles.byteCount(place) else {
      throw handles.shortage(place, byteCount: byteCount)
    }
    // SAFETY: the address is taken as a number.
    let address = unsafe UInt(bitPattern: handles.address(place))
    guard address & UInt(bitPattern: alignment - 1) == 0 else {
      throw .alignmentOutOfRange(
        alignment: alignment, maximum: 1 << address.trailingZeroBitCount)
    }
  }
}
