// TraceTimeline.swift — a trace as spans and moments: begins and ends brought together.
// Hosted. Imports nothing.

/// What a person or a viewer wants to see of a trace.
public struct TraceTimeline: Equatable, Sendable {
  /// What a worker did for some time.
  enum Activity: Equatable, Sendable {
    case task, poll, join, parked
  }

  /// One activity of one worker; spans of a worker nest.
  struct Span: Equatable, Sendable {
    var activity: Activity
    /// By ring.
    var lane: Int
    /// How many spans of the lane it lies in.
    var depth: Int
    /// Of the task or job; the nesting of a join.
    var subject: UInt32
    var begin: UInt64
    var end: UInt64
    /// How it ended, in a word; null where there is nothing to say.
    var outcome: String?
  }

  /// Something that took no time.
  struct Moment: Equatable, Sendable {
    var kind: TraceFile.Kind
    /// By ring.
    var lane: Int
    var time: UInt64
    var subject: UInt32
    var detail: UInt32
  }

  /// One worker.
  struct Lane: Equatable, Sendable {
    var worker: UInt64
    var lostCount: UInt64
    /// How deep its spans nest; 0 without a span.
    var depthCount = 0

    /// What the worker is called.
    var name: String { worker == 0 ? "worker 0 (first thread)" : "worker \(worker)" }
  }

  var isVirtual: Bool
  /// The first and the last time that anything is known of.
  var begin: UInt64
  var end: UInt64
  var lanes: [Lane] = []
  /// By lane, in the order in which they end.
  var spans: [Span] = []
  /// By lane, in the order of their times.
  var moments: [Moment] = []

  /// Brings begins and ends together.
  ///
  /// A span whose begin was overwritten begins with what is left of its ring; one that has no end
  /// ends with the trace. Events that this version does not know are passed over.
  public init(_ file: TraceFile) {
    isVirtual = file.isVirtual
    let times = file.rings.flatMap { ring in ring.events.lazy.filter(\.isKnown).map(\.time) }
    begin = times.min() ?? file.endTime
    end = max(file.endTime, times.max() ?? 0)
    for (index, ring) in file.rings.enumerated() { add(ring, lane: index) }
  }

  /// A span that has begun.
  private struct Open {
    var activity: Activity
    var subject: UInt32
    var begin: UInt64
  }

  private mutating func add(_ ring: TraceFile.Ring, lane: Int) {
    lanes.append(Lane(worker: ring.worker, lostCount: ring.lostCount))
    var open: [Open] = []
    let laneBegin = ring.events.first(where: \.isKnown)?.time ?? begin
    for event in ring.events {
      guard let kind = event.kind else { continue }
      if let activity = kind.begins {
        open.append(Open(activity: activity, subject: event.subject, begin: event.time))
      } else if let activity = kind.ends {
        close(activity, event, kind.outcome(event.detail), &open, lane, laneBegin)
      } else {
        moments.append(
          Moment(
            kind: kind, lane: lane, time: event.time, subject: event.subject,
            detail: event.detail))
      }
    }
    while let last = open.popLast() {
      append(last, end: end, outcome: "unfinished", depth: open.count, lane)
    }
  }

  private mutating func close(
    _ activity: Activity, _ event: TraceFile.Event, _ outcome: String?, _ open: inout [Open],
    _ lane: Int, _ laneBegin: UInt64
  ) {
    let place = open.lastIndex {
      $0.activity == activity && ($0.subject == event.subject || activity == .parked)
    }
    guard let place else {
      let lost = Open(activity: activity, subject: event.subject, begin: laneBegin)
      append(lost, end: event.time, outcome: outcome, depth: open.count, lane)
      return
    }
    // What lies within it has ended, too, where its end is not known.
    while open.count > place + 1 {
      let inner = open.removeLast()
      append(inner, end: event.time, outcome: "unfinished", depth: open.count, lane)
    }
    append(open.removeLast(), end: event.time, outcome: outcome, depth: place, lane)
  }

  private mutating func append(
    _ open: Open, end: UInt64, outcome: String?, depth: Int, _ lane: Int
  ) {
    lanes[lane].depthCount = max(lanes[lane].depthCount, depth + 1)
    spans.append(
      Span(
        activity: open.activity, lane: lane, depth: depth, subject: open.subject,
        begin: open.begin, end: max(open.begin, end), outcome: outcome))
  }
}

extension TraceFile.Event {
  fileprivate var isKnown: Bool { kind != nil }
}

extension TraceFile.Kind {
  /// The activity that begins with it.
  fileprivate var begins: TraceTimeline.Activity? {
    switch self {
    case .taskStarted: .task
    case .jobPollStarted: .poll
    case .joinStarted: .join
    case .parked: .parked
    default: nil
    }
  }

  /// The activity that ends with it.
  fileprivate var ends: TraceTimeline.Activity? {
    switch self {
    case .taskFinished, .taskFailed: .task
    case .jobPollFinished: .poll
    case .joinFinished: .join
    case .woken: .parked
    default: nil
    }
  }

  /// How the activity ended.
  fileprivate func outcome(_ detail: UInt32) -> String? {
    switch self {
    case .taskFailed: "threw"
    case .jobPollFinished:
      switch detail {
      case 0: "idle"
      case 1: "ready"
      case 2: "waiting"
      case 3: "waiting for a wake"
      default: nil
      }
    default: nil
    }
  }

  /// What a person calls it.
  var title: String {
    switch self {
    case .taskSpawned: "spawned"
    case .taskStarted: "task begins"
    case .taskFinished: "task ends"
    case .taskFailed: "task threw"
    case .taskCancelled: "cancelled"
    case .stolen: "stole"
    case .parked: "parks"
    case .woken: "woke"
    case .queueDepth: "queue depth"
    case .timerSet: "timer set"
    case .timerFired: "timer fired"
    case .timerCancelled: "timer cancelled"
    case .jobAdded: "job added"
    case .jobPollStarted: "poll begins"
    case .jobPollFinished: "poll ends"
    case .jobWoken: "job woken"
    case .jobRemoved: "job removed"
    case .joinStarted: "join begins"
    case .joinFinished: "join ends"
    case .mark: "mark"
    }
  }
}
