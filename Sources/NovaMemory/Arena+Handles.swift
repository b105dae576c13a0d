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
    if UInt(bitPattern: byteCount) <= UInt(SizeClass.byteCountMax),
      alignment <= 16, alignment > 0, alignment & (alignment &- 1) == 0,
      nova_single_threaded()
    {
      let bits = handles.allocationBits
      if bits & 1 == 0 {
        let handle = handles.take(
          SizeClass.index(for: byteCount), byteCount,
          handles.fields(length: byteCount, bits, tag), from: handles.depot)
        if handle != 0 { return MemoryHandle(rawValue: handle) }
      }
    }
    return try MemoryHandle(
      rawValue: handles.allocateSlow(byteCount: byteCount, alignment: alignment, tag))
  }

  /// Lends memory that holds `value`, with one reference; see `MemoryContract`.
  @inlinable
  public borrowing func allocateArc<Value: BitwiseCopyable>(
    _ value: Value, tag: AllocationTag = .none
  ) throws(MemoryError) -> MemoryHandle {
    let handle = try allocateArc(
      byteCount: MemoryLayout<Value>.size, alignment: MemoryLayout<Value>.alignment, tag: tag)
    // SAFETY: nobody else knows the bytes yet, which have the value's size and alignment.
    unsafe handles.address(handles.entry(handle.rawValue & Entry.slotMask).place)
      .initializeMemory(as: Value.self, to: value)
    return handle
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
    let place = try place(of: handle)
    try check(type, place)
    _ = try handles.pin(handle.rawValue)
    let result: Result
    do throws(MemoryError) {
      // SAFETY: the block has the value's size and alignment, and stays while the access holds its
      // reference; any bits are a value of plain data that was stored, or zero.
      result = try unsafe body(
        &handles.address(place).assumingMemoryBound(to: Value.self).pointee)
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
    let place = try place(of: handle)
    try check(type, place)
    // SAFETY: the block has the value's size and alignment, and the caller holds a reference.
    return unsafe handles.address(place).assumingMemoryBound(to: Value.self).pointee
  }

  /// Copies a value in; see `MemoryContract`.
  @inlinable @inline(__always)
  public borrowing func store<Value: BitwiseCopyable>(
    _ value: Value, to handle: MemoryHandle
  ) throws(MemoryError) {
    let place = try place(of: handle)
    try check(Value.self, place)
    // SAFETY: the block has the value's size and alignment, and the caller holds a reference.
    unsafe handles.address(place).assumingMemoryBound(to: Value.self).pointee = value
  }

  /// Word 1 of a valid handle's entry.
  @inlinable @inline(__always)
  borrowing func place(of handle: MemoryHandle) throws(MemoryError) -> UInt64 {
    guard let (entry, _) = handles.find(handle.rawValue) else {
      throw handles.refusal(of: handle.rawValue)
    }
    return entry.place
  }

  /// Whether a value has room, and its alignment, in a block.
  @inlinable @inline(__always)
  borrowing func check<Value: BitwiseCopyable>(
    _ type: Value.Type, _ place: UInt64
  ) throws(MemoryError) {
    // A length that does not fit its bits is above all that do.
    guard MemoryLayout<Value>.size <= Entry.length(place)
      || MemoryLayout<Value>.size <= handles.byteCount(place)
    else {
      throw .byteCountOutOfRange(
        byteCount: MemoryLayout<Value>.size, minimum: 0, maximum: handles.byteCount(place))
    }
    // Every block is aligned to 16.
    let alignment = MemoryLayout<Value>.alignment
    guard alignment > 16 else { return }
    // SAFETY: the address is taken as a number.
    let address = unsafe UInt(bitPattern: handles.address(place))
    guard address & UInt(bitPattern: alignment &- 1) == 0 else {
      throw .alignmentOutOfRange(
        alignment: alignment, maximum: 1 << address.trailingZeroBitCount)
    }
  }
}
