// TaskRecord.swift — 64 bytes that hold one task: flags, what runs it, its values, then its result.
// Freestanding. Imports nothing. Design: NovaCore.docc/Executor.md.

/// The address of a task's record.
///
///     0–3    flags, a `Completion`
///     4–7    the task's number, for the trace
///     8–23   an `OwnedBody`; in a free record, bytes 8–15 are the address of the next one, and
///            while it runs of the one that ran before on its worker
///     24–63  the task's values until it runs, then its result or error; what does not fit lies in
///            a block of the arena, whose address is here
///
/// Records lie in slabs of `slabByteCount` aligned to as many bytes, whose first 64 bytes hold the
/// address of the executor's core.
@safe
@frozen
@usableFromInline
struct TaskRecord {
  @inlinable static var byteCount: Int { 64 }
  @inlinable static var slabByteCount: Int { 8192 }
  /// Records of a slab; its header takes the place of one.
  @inlinable static var countPerSlab: Int { slabByteCount / byteCount - 1 }
  @inlinable static var bodyOffset: Int { 8 }
  @inlinable static var payloadOffset: Int { 24 }
  @inlinable static var payloadByteCount: Int { 40 }
  @inlinable static var payloadAlignment: Int { 8 }

  @usableFromInline let base: UnsafeMutableRawPointer

  /// The record at `base`.
  ///
  /// - Safety: it lies in a slab of an executor that still has its memory, and is not free.
  @unsafe
  @inlinable
  @inline(__always)
  init(at base: UnsafeMutableRawPointer) { unsafe self.base = base }

  @inlinable
  var completion: Completion {
    // SAFETY: the flags live as long as the slab.
    unsafe Completion(at: base)
  }

  /// The executor of the slab.
  @inlinable
  var core: ExecutorCore {
    // SAFETY: whoever took the slab into use wrote the address into its header.
    unsafe ExecutorCore(
      at: UnsafeRawPointer(bitPattern: UInt(bitPattern: base) & ~UInt(Self.slabByteCount - 1))
        .unsafelyUnwrapped.load(as: UnsafeMutablePointer<ExecutorState>.self))
  }

  /// The task's number, for the trace.
  @inlinable
  var number: UInt32 {
    // SAFETY: bytes 4–7 are the runner's once the task was spawned.
    get { unsafe base.load(fromByteOffset: 4, as: UInt32.self) }
    nonmutating set { unsafe base.storeBytes(of: newValue, toByteOffset: 4, as: UInt32.self) }
  }

  /// The record as a deque carries it.
  @inlinable
  // SAFETY: the address is taken as a number.
  var word: UInt { unsafe UInt(bitPattern: base) }
}

// MARK: - What it holds

extension TaskRecord {
  /// Whether values of the type may lie in the record itself.
  @inlinable
  @inline(__always)
  static func fits<Value: ~Copyable>(_: Value.Type) -> Bool {
    MemoryLayout<Value>.size <= payloadByteCount
      && MemoryLayout<Value>.alignment <= payloadAlignment
  }

  /// Where a value lies: in the record, or (`isBoxed`) in the block whose address the payload is.
  @inlinable
  @inline(__always)
  func place<Value: ~Copyable>(
    of _: Value.Type, isBoxed: Bool
  ) -> UnsafeMutablePointer<Value> {
    // SAFETY: whoever spawned the task saw to it that the payload or the block is large enough.
    let payload = unsafe base + Self.payloadOffset
    if !isBoxed { return unsafe payload.assumingMemoryBound(to: Value.self) }
    return unsafe block.assumingMemoryBound(to: Value.self)
  }

  /// The block beside the record, where there is one.
  @inlinable
  var block: UnsafeMutableRawPointer {
    // SAFETY: the payload is the record's own, and nothing else when there is a block.
    get { unsafe (base + Self.payloadOffset).load(as: UnsafeMutableRawPointer.self) }
    nonmutating set {
      unsafe (base + Self.payloadOffset).storeBytes(of: newValue, as: UnsafeMutableRawPointer.self)
    }
  }

  /// Sets what runs the record.
  @inlinable
  @inline(__always)
  func setBody(_ body: @escaping RecordBody) {
    // SAFETY: bytes 8–23 are the body's while the record is not free.
    unsafe (base + Self.bodyOffset).initializeMemory(as: OwnedBody.self, to: OwnedBody(body))
  }
}

// MARK: - While it is free, or runs

extension TaskRecord {
  /// The free record after this one, or of one that runs the one below it on its worker's stack.
  @inlinable
  var next: UnsafeMutableRawPointer? {
    // SAFETY: bytes 8–15 hold the address, as nobody will run the record any more.
    get { unsafe base.load(fromByteOffset: 8, as: UnsafeMutableRawPointer?.self) }
    nonmutating set {
      unsafe base.storeBytes(of: newValue, toByteOffset: 8, as: UnsafeMutableRawPointer?.self)
    }
  }

  /// The first record of the magazine after this one; of a magazine's first record only.
  @inlinable
  var nextMagazine: UnsafeMutableRawPointer? {
    // SAFETY: a free record's bytes 16–23 hold the address.
    get { unsafe base.load(fromByteOffset: 16, as: UnsafeMutableRawPointer?.self) }
    nonmutating set {
      unsafe base.storeBytes(of: newValue, toByteOffset: 16, as: UnsafeMutableRawPointer?.self)
    }
  }
}
