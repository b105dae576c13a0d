// Search.swift — tries the schedules of a scenario, at random or all within bounds.
// Hosted. Imports ScheduleModel. Design: NovaCore.docc/WorkStealing.md.

import ScheduleModel

/// A bug to be planted: what happens to the operations of one kind in one function.
public struct Planted: Sendable {
  /// A kind of operation.
  public enum Kind: Character, Sendable {
    case load = "l"
    case store = "s"
    case change = "c"
    case fence = "f"
    case wake = "w"
  }

  /// What is wrong with them.
  public enum Effect: Sendable {
    /// They are relaxed; a fence is missing.
    case relaxed
    /// They are acquiring and releasing, but not in the one order of all threads.
    case unordered
    /// They read, let others run, and write.
    case torn
    /// They do not happen: a wake-up.
    case missing
  }

  /// How the operations are ordered in the source.
  public enum Order: Int32, Sendable {
    case relaxed, acquiring, releasing, acquiringAndReleasing, sequentiallyConsistent
  }

  let function: StaticString
  let kind: Kind
  let order: Order?
  let effect: Effect

  /// Describes a bug.
  ///
  /// - Parameters:
  ///   - function: as `#function` names it.
  ///   - kind: of the operations that are wrong.
  ///   - order: of those, only the ones that are ordered so.
  ///   - effect: what is wrong.
  public init(
    _ function: StaticString, _ kind: Kind, ordered order: Order? = nil, _ effect: Effect
  ) {
    self.function = function
    self.kind = kind
    self.order = order
    self.effect = effect
  }
}

/// A schedule that went wrong.
public struct FoundBug: Sendable, CustomStringConvertible {
  /// A kind of bug.
  public enum Kind: Equatable, Sendable {
    case race, deadlock, livelock, wrong
  }

  /// Which kind it is.
  public let kind: Kind
  /// What happened.
  public let message: String
  /// Replays the schedule: `NOVA_SEARCH_TOKEN`.
  public let token: String

  /// One line.
  public var description: String { "\(kind): \(message); NOVA_SEARCH_TOKEN=\(token)" }
}

/// What a search came to.
public struct SearchResult {
  /// Schedules that were run.
  public let scheduleCount: Int
  /// Atomic operations of all of them.
  public let stepCount: Int
  /// Whether all schedules within the bounds were run.
  public let isComplete: Bool
  /// The first that went wrong, which ended the search.
  public let bug: FoundBug?
}

/// A search through the schedules of scenarios.
@safe
public final class Search {
  private let search: OpaquePointer
  private let stage: Stage

  /// Makes a search without a planted bug.
  public init() {
    unsafe search = search_create()
    unsafe stage = Stage(memory: search_memory(search))
  }

  deinit {
    unsafe search_destroy(search)
  }

  /// Plants a bug into all schedules from now on.
  ///
  /// - Parameter planted: the bug.
  public func plant(_ planted: Planted) {
    let effect =
      switch planted.effect {
      case .relaxed: SEARCH_relax
      case .unordered: SEARCH_unordered
      case .torn: SEARCH_tear
      case .missing: SEARCH_leave_out
      }
    // SAFETY: the name is the program's own and ends with a zero.
    unsafe search_plant(
      search,
      UnsafeRawPointer(planted.function.utf8Start).assumingMemoryBound(to: CChar.self),
      CChar(planted.kind.rawValue.asciiValue ?? 0), planted.order?.rawValue ?? -1, effect)
  }

  /// Runs `count` schedules at random.
  ///
  /// - Parameters:
  ///   - scenario: what to run.
  ///   - seed: fixes all of them.
  ///   - count: how many.
  /// - Returns: what it came to.
  public func exploreAtRandom(_ scenario: Scenario, seed: UInt64, count: Int) -> SearchResult {
    var stepCount = 0
    for index in 0..<count {
      let runSeed = seed &+ UInt64(index) &* 0x2545_f491_4f6c_dd1d
      let bug = run(scenario, atRandom: runSeed)
      stepCount += Int(unsafe search_step_count(search))
      if let bug {
        return SearchResult(
          scheduleCount: index + 1, stepCount: stepCount, isComplete: false, bug: bug)
      }
    }
    return SearchResult(scheduleCount: count, stepCount: stepCount, isComplete: false, bug: nil)
  }

  /// Runs all schedules that leave the default at most so many times, until `countMax`.
  ///
  /// - Parameters:
  ///   - scenario: what to run.
  ///   - bounds: how many times.
  ///   - countMax: how many schedules at most.
  /// - Returns: what it came to.
  public func exploreAll(_ scenario: Scenario, bounds: Bounds, countMax: Int) -> SearchResult {
    unsafe search_along(search, nil, 0)
    var stepCount = 0
    var scheduleCount = 0
    while true {
      let bug = run(scenario, limits: bounds.limits) { "path-\(bounds.text)-\(self.path)" }
      scheduleCount += 1
      stepCount += Int(unsafe search_step_count(search))
      let hasMore = unsafe bug == nil && search_advance(search)
      if !hasMore || scheduleCount == countMax {
        return SearchResult(
          scheduleCount: scheduleCount, stepCount: stepCount, isComplete: !hasMore && bug == nil,
          bug: bug)
      }
    }
  }

  /// Runs the schedule that a token names.
  ///
  /// - Parameters:
  ///   - scenario: what to run.
  ///   - token: of this scenario.
  /// - Returns: what went wrong again; nil also when the token is another scenario's.
  public func replay(_ scenario: Scenario, token: String) -> FoundBug? {
    let parts = token.split(separator: ":")
    guard parts.count == 2, parts[0] == scenario.name else { return nil }
    let words = parts[1].split(separator: "-", omittingEmptySubsequences: false)
    if words.count == 2, words[0] == "seed", let seed = UInt64(words[1], radix: 16) {
      return run(scenario, atRandom: seed)
    }
    guard words.count == 3, words[0] == "path", let bounds = Bounds(text: words[1]) else {
      return nil
    }
    let choices = words[2].utf8.map { Bounds.digits.firstIndex(of: $0).map(UInt8.init) ?? 0 }
    unsafe choices.withUnsafeBufferPointer { buffer in
      unsafe search_along(search, buffer.baseAddress, buffer.count)
    }
    return run(scenario, limits: bounds.limits) { "path-\(bounds.text)-\(words[2])" }
  }

  private func run(_ scenario: Scenario, atRandom seed: UInt64) -> FoundBug? {
    unsafe search_at_random(search, seed)
    return run(scenario, limits: Bounds.random.limits) { "seed-\(String(seed, radix: 16))" }
  }

  private func run(
    _ scenario: Scenario, limits: search_limits, token: () -> String
  ) -> FoundBug? {
    unsafe search_reset(search)
    stage.reset()
    scenario.prepare(stage)
    let play = Play(stage: stage, threads: scenario.threads)
    // SAFETY: the play outlives the run.
    let verdict = withExtendedLifetime(play) {
      unsafe search_run(
        search, limits, UInt32(scenario.threads.count),
        { context, thread in
          // SAFETY: `run` passes a play.
          let play = unsafe context.map {
            unsafe Unmanaged<Play>.fromOpaque($0).takeUnretainedValue()
          }
          guard let play else { return }
          play.threads[Int(thread)](play.stage)
        }, Unmanaged.passUnretained(play).toOpaque())
    }
    let kind: FoundBug.Kind
    var message = unsafe String(cString: search_message(search))
    switch verdict {
    case SEARCH_race: kind = .race
    case SEARCH_deadlock: kind = .deadlock
    case SEARCH_livelock: kind = .livelock
    case SEARCH_wrong: kind = .wrong
    default:
      guard let wrong = scenario.check(stage) else { return nil }
      (kind, message) = (.wrong, wrong)
    }
    return FoundBug(kind: kind, message: message, token: "\(scenario.name):\(token())")
  }

  /// The choices of the last run, as digits, without the zeros at the end.
  private var path: String {
    var choices = [UInt8](repeating: 0, count: Int(SEARCH_CHOICE_COUNT_MAX))
    let count = unsafe choices.withUnsafeMutableBufferPointer { buffer in
      unsafe search_choices(search, buffer.baseAddress, buffer.count)
    }
    var used = choices[..<count]
    while used.last == 0 { used.removeLast() }
    return String(decoding: used.map { Bounds.digits[Int($0)] }, as: UTF8.self)
  }
}

private final class Play {
  let stage: Stage
  let threads: [(Stage) -> Void]

  init(stage: Stage, threads: [(Stage) -> Void]) {
    self.stage = stage
    self.threads = threads
  }
}

/// How many times a schedule may leave the default.
public struct Bounds: Sendable {
  /// Another thread goes on though the running one could.
  public let switchCount: UInt32
  /// A load sees another store than the newest.
  public let staleCount: UInt32
  /// A store stays in its thread's buffer.
  public let delayCount: UInt32

  /// Steps of one run; one that takes more does not end.
  static let stepCountMax: UInt32 = 2000
  /// Those of random schedules.
  static let random = Bounds(switches: 1000, stale: 12, delays: 6)
  /// Of choices in tokens: as many as a word has stores at most.
  static let digits = Array("0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ".utf8)

  /// Describes bounds.
  ///
  /// - Parameters:
  ///   - switches: how many times another thread goes on though the running one could.
  ///   - stale: how many loads see another store than the newest.
  ///   - delays: how many stores stay in their thread's buffer.
  public init(switches: UInt32, stale: UInt32, delays: UInt32) {
    (switchCount, staleCount, delayCount) = (switches, stale, delays)
  }

  init?(text: Substring) {
    let numbers = text.split(separator: ".").compactMap { UInt32($0) }
    guard numbers.count == 3 else { return nil }
    self.init(switches: numbers[0], stale: numbers[1], delays: numbers[2])
  }

  var text: String { "\(switchCount).\(staleCount).\(delayCount)" }

  var limits: search_limits {
    search_limits(
      switch_count: switchCount, stale_count: staleCount, delay_count: delayCount,
      step_count: Self.stepCountMax)
  }
}
