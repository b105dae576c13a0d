// TraceRing.swift — the last events of one worker; the oldest are overwritten and counted.
// Freestanding. Imports Synchronization. Design: NovaCore.docc/Tracing.md.

import Synchronization

/// The start of a ring's storage; events follow it.
@usableFromInline struct TraceRingControl: ~Copyable {
  /// Events ever recorded; the writer's, read by anyone.
  @usableFromInline let recordedCount: Atomic<UInt64>
  /// Events that fit, less one.
  @usableFromInline let mask: UInt64
  /// Which worker writes.
  @usableFromInline let worker: UInt32

  init(mask: UInt64, worker: UInt32) {
    recordedCount = Atomic(0)
    self.mask = mask
    self.worker = worker
  }
}

/// A cheap copyable reference to the trace of one worker; without storage it records nothing.
///
/// One thread at a time records. Any thread may read meanwhile: a read sees whole events only.
@safe @frozen public struct TraceRing: @unchecked Sendable {
  /// The least events that a ring holds.
  public static var eventCountMin: Int { 16 }
  /// The most events that a ring holds.
  public static var eventCountMax: Int { 1 << 24 }
  /// The events of a ring when tracing is asked for without a number: 256 KiB.
  public static var eventCountDefault: Int { 1 << 14 }
  /// Alignment of a ring's storage: its own cache lines.
  public static var storageAlignment: Int { 64 }

  /// The ring that records nothing.
  public static var off: TraceRing { TraceRing() }

  // Held to be a block of `storageByteCount(eventCount:)` bytes by the initialiser's promise.
  @usableFromInline let control: UnsafeMutablePointer<TraceRingControl>?

  @inlinable init() {
    // SAFETY: a ring that is off has nothing to point to.
    unsafe control = nil
  }

  /// Bytes of storage for `eventCount` events.
  public static func storageByteCount(eventCount: Int) -> Int {
    storageAlignment + eventCount * MemoryLayout<TraceEvent>.stride
  }

  /// An empty ring.
  ///
  /// - Parameters:
  ///   - storage: `storageByteCount(eventCount:)` bytes, aligned to `storageAlignment`.
  ///   - eventCount: a power of two, `eventCountMin … eventCountMax`.
  ///   - worker: who records, for the reader of the trace.
  /// - Safety: the storage is the ring's alone as long as a copy of the reference is used.
  @unsafe public init(storage: UnsafeMutableRawPointer, eventCount: Int, worker: UInt32) {
    precondition(eventCount >= TraceRing.eventCountMin, "a ring holds too few events")
    precondition(eventCount <= TraceRing.eventCountMax, "a ring holds too many events")
    precondition(eventCount & (eventCount - 1) == 0, "a ring's events are no power of two")
    precondition(
      MemoryLayout<TraceRingControl>.size <= TraceRing.storageAlignment,
      "a ring's start does not fit in front of its events")
    // SAFETY: the caller gives storage of this size and alignment.
    unsafe control = storage.bindMemory(to: TraceRingControl.self, capacity: 1)
    unsafe control?.initialize(to: TraceRingControl(mask: UInt64(eventCount - 1), worker: worker))
  }

  /// Whether anything is recorded.
  @inlinable public var isOn: Bool { unsafe control != nil }
  /// Who records; 0 when off.
  public var worker: UInt32 {
    // SAFETY: the control block lives as long as the reference, by the initialiser's promise.
    unsafe control?.pointee.worker ?? 0
  }
  /// Events that fit; 0 when off.
  public var eventCount: Int {
    // SAFETY: as above.
    unsafe control.map { unsafe Int($0.pointee.mask) + 1 } ?? 0
  }
  /// Events ever recorded; 0 when off.
  public var recordedCount: UInt64 {
    // SAFETY: as above.
    unsafe control?.pointee.recordedCount.load(ordering: .acquiring) ?? 0  // pairs with append
  }

  /// Appends an event, over the oldest when the ring is full.
  ///
  /// `time` is not evaluated when the ring is off.
  ///
  /// - Parameters:
  ///   - kind: what happened.
  ///   - subject: to which task, worker, timer or job.
  ///   - detail: the kind's second number.
  ///   - time: nanoseconds of the executor's clock, not before the event recorded last.
  /// - Complexity: O(1); three stores.
  @inlinable @inline(__always)
  public func record(
    _ kind: TraceKind, subject: UInt32 = 0, detail: UInt32 = 0, at time: @autoclosure () -> UInt64
  ) {
    // SAFETY: only whether there is a ring is asked.
    guard unsafe control != nil else { return }
    append(TraceEvent(kind, subject: subject, detail: detail, time: time()))
  }

  @inlinable func append(_ event: TraceEvent) {
    // SAFETY: the control block and the events behind it live as long as the reference.
    guard let control = unsafe control else { return }
    let index = unsafe control.pointee.recordedCount.load(ordering: .relaxed)
    let words = unsafe TraceRing.words(control, at: index & control.pointee.mask)
    // Releasing, so that who sees a word of this event sees at least `index` events recorded.
    unsafe words[0].store(event.time, ordering: .releasing)  // pairs with event(at:)
    unsafe words[1].store(event.word, ordering: .releasing)  // pairs with event(at:)
    // pairs with recordedCount, event(at:)
    unsafe control.pointee.recordedCount.store(index &+ 1, ordering: .releasing)
  }

  /// The two words of the event in place `position`.
  @inlinable static func words(
    _ control: UnsafeMutablePointer<TraceRingControl>, at position: UInt64
  ) -> UnsafeMutablePointer<Atomic<UInt64>> {
    // SAFETY: `position` is within the mask, so that both words are within the storage.
    unsafe (UnsafeMutableRawPointer(control) + 64)
      .assumingMemoryBound(to: Atomic<UInt64>.self) + Int(position) * 2
  }

  /// The numbers of the events that can be read at this moment, oldest first.
  ///
  /// The place that the writer may be in is left out: a ring of n events keeps n - 1.
  public var readable: Range<UInt64> {
    let recorded = recordedCount
    let kept = UInt64(eventCount)
    return (recorded > 0 && recorded >= kept ? recorded - kept + 1 : 0)..<recorded
  }

  /// Event number `index`, counted from the first ever recorded; nil when it was never recorded or
  /// is overwritten.
  public func event(at index: UInt64) -> TraceEvent? {
    // SAFETY: the control block and the events behind it live as long as the reference.
    guard let control = unsafe control, readable.contains(index) else { return nil }
    let words = unsafe TraceRing.words(control, at: index & control.pointee.mask)
    let time = unsafe words[0].load(ordering: .acquiring)  // pairs with append
    let word = unsafe words[1].load(ordering: .acquiring)  // pairs with append
    // A word of a later event, had there been one, would show in the count now.
    guard readable.contains(index) else { return nil }
    return TraceEvent(time: time, word: word)
  }
}
