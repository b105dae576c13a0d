// Scenario.swift — a few virtual threads over shared memory, and what must hold in the end.
// Hosted. Imports ScheduleModel. Design: NovaCore.docc/WorkStealing.md.

import ScheduleModel

/// What virtual threads do, and what must hold when all have returned.
public struct Scenario {
  /// How tokens name it.
  public let name: String
  let prepare: (Stage) -> Void
  let threads: [(Stage) -> Void]
  let check: (Stage) -> String?

  /// Describes a scenario.
  ///
  /// - Parameters:
  ///   - name: without a colon.
  ///   - prepare: lays out the shared memory, before the threads run.
  ///   - threads: at most SEARCH_THREAD_COUNT_MAX.
  ///   - check: says what is wrong in the end, if anything is.
  public init(
    _ name: String, prepare: @escaping (Stage) -> Void = { _ in }, threads: [(Stage) -> Void],
    check: @escaping (Stage) -> String? = { _ in nil }
  ) {
    precondition(threads.count <= Int(SEARCH_THREAD_COUNT_MAX), "too many virtual threads")
    self.name = name
    self.prepare = prepare
    self.threads = threads
    self.check = check
  }
}

/// The memory that one run of a scenario shares, the same addresses in each run.
@safe
public final class Stage {
  private let memory: UnsafeMutableRawPointer
  private var usedByteCount = 0
  /// How often each element was taken.
  @safe private let counts: UnsafeMutableBufferPointer<Int>

  init(memory: UnsafeMutableRawPointer) {
    unsafe self.memory = memory
    counts = .allocate(capacity: 64)
    unsafe counts.initialize(repeating: 0)
  }

  deinit {
    unsafe counts.deallocate()
  }

  func reset() {
    usedByteCount = 0
    unsafe counts.update(repeating: 0)
  }

  /// The next zeroed bytes of the memory, aligned to 128; in `prepare` only.
  ///
  /// - Parameter byteCount: how many.
  /// - Returns: their address.
  public func allocate(byteCount: Int) -> UnsafeMutableRawPointer {
    let offset = usedByteCount
    usedByteCount += (byteCount + 127) / 128 * 128
    precondition(usedByteCount <= Int(SEARCH_MEMORY_BYTE_COUNT), "the scenario is too large")
    return unsafe memory + offset
  }

  /// Lets others run, in a loop that waits for one.
  public func pause() { pauseProcessor() }

  /// Notes that a thread got `element`, below 64.
  ///
  /// - Parameter element: counts from 1.
  public func take(_ element: UInt) {
    counts[Int(element)] += 1
  }

  /// How often `element` was taken.
  ///
  /// - Parameter element: counts from 1.
  /// - Returns: the count; each thread's own steps make it exact when all have returned.
  public func takenCount(_ element: UInt) -> Int {
    counts[Int(element)]
  }

  /// Says which of the elements `1 … last` was not taken exactly once.
  ///
  /// - Parameter last: the number of elements.
  /// - Returns: nil when all were.
  public func wronglyTaken(last: UInt) -> String? {
    for element in 1...last where takenCount(element) != 1 {
      return "element \(element) was taken \(takenCount(element)) times"
    }
    return nil
  }
}

/// A flag that one thread sets and others wait for, in the one order of all threads.
public struct SharedFlag {
  private let cell: AtomicCell64

  /// A flag that is not set; in `prepare` only.
  ///
  /// - Parameter stage: of the scenario.
  public init(in stage: Stage) {
    unsafe cell = AtomicCell64(at: stage.allocate(byteCount: 8))
  }

  /// Sets it.
  public func set() { cell.store(1, .sequentiallyConsistent) }

  /// Whether it is set.
  public var isSet: Bool { cell.load(.sequentiallyConsistent) != 0 }

  /// Waits in a loop until it is set.
  public func wait() {
    while !isSet { pauseProcessor() }
  }
}

/// A word that must be ordered by others.
public struct PlainWord {
  private let cell: PlainCell<UInt64>

  /// A word of zero; in `prepare` only.
  ///
  /// - Parameter stage: of the scenario.
  public init(in stage: Stage) {
    unsafe cell = PlainCell(at: stage.allocate(byteCount: 8))
  }

  /// The word.
  public var value: UInt64 {
    get { cell.load() }
    nonmutating set { cell.store(newValue) }
  }
}
