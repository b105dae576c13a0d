// TraceTimeline+JSON.swift — a trace for timeline viewers: Perfetto, Chrome's about:tracing.
// Hosted. Imports nothing. Source: "Trace Event Format" (Google, 2016): X spans, i instants,
// C counters, M names; times in microseconds.

extension TraceTimeline {
  /// The trace as JSON, an event a line; times count from the first event.
  ///
  /// - Parameter name: the program's, as the viewer shows it.
  /// - Returns: the text, with a line break at its end.
  public func json(name: String) -> String {
    var events: [JSONValue] = [
      Self.metadata("process_name", lane: 0, .text(name))
    ]
    for (index, lane) in lanes.enumerated() {
      events.append(Self.metadata("thread_name", lane: index, .text(lane.name)))
      events.append(
        Self.event(
          "thread_sort_index", "M", lane: index,
          [("args", .object([("sort_index", .number(UInt64(index)))]))]))
    }
    // Viewers nest spans of equal times by their order: the outer one first.
    let ordered = spans.indices.sorted { first, second in
      let (one, other) = (spans[first], spans[second])
      return (one.begin, one.lane, one.depth, first) < (
        other.begin, other.lane, other.depth, second
      )
    }
    for index in ordered { events.append(json(of: spans[index])) }
    for moment in moments { events.append(json(of: moment)) }
    let lost = lanes.reduce(0) { $0 + $1.lostCount }
    return """
      {
      "displayTimeUnit": "ns",
      "otherData": {"clock": "\(isVirtual ? "virtual" : "monotonic")", "lostEvents": "\(lost)"},
      "traceEvents": [
      \(events.map(\.line).joined(separator: ",\n"))
      ]
      }

      """
  }

  private func json(of span: Span) -> JSONValue {
    var arguments: [(String, JSONValue)] = []
    let name: String
    switch span.activity {
    case .task: name = "task \(span.subject)"
    case .poll: name = "job \(span.subject)"
    case .join: name = "join"
    case .parked: name = "parked"
    }
    if span.activity == .join { arguments.append(("depth", .number(UInt64(span.subject)))) }
    if let outcome = span.outcome { arguments.append(("outcome", .text(outcome))) }
    let category =
      switch span.activity {
      case .task: "task"
      case .poll: "job"
      case .join: "join"
      case .parked: "idle"
      }
    return Self.event(
      name, "X", lane: span.lane,
      [
        ("cat", .text(category)), ("ts", .thousandths(span.begin - begin)),
        ("dur", .thousandths(span.end - span.begin)), ("args", .object(arguments)),
      ])
  }

  private func json(of moment: Moment) -> JSONValue {
    let subject = JSONValue.number(UInt64(moment.subject))
    let time = ("ts", JSONValue.thousandths(moment.time - begin))
    var arguments: [(String, JSONValue)]
    switch moment.kind {
    case .queueDepth:
      return Self.event(
        "queue of \(lanes[moment.lane].name)", "C", lane: moment.lane,
        [time, ("args", .object([("tasks", subject)]))])
    case .stolen:
      arguments = [("from", subject), ("count", .number(UInt64(moment.detail)))]
    case .taskSpawned:
      arguments = [("task", subject), ("queue", .number(UInt64(moment.detail)))]
    case .mark: arguments = [("subject", subject), ("detail", .number(UInt64(moment.detail)))]
    default: arguments = [("subject", subject)]
    }
    arguments.append(("worker", .number(lanes[moment.lane].worker)))
    return Self.event(
      moment.kind.title, "i", lane: moment.lane,
      [("s", .text("t")), time, ("args", .object(arguments))])
  }

  /// Viewers want whole numbers above 0 as process and thread.
  private static func event(
    _ name: String, _ phase: String, lane: Int, _ rest: [(String, JSONValue)]
  ) -> JSONValue {
    .object(
      [
        ("name", .text(name)), ("ph", .text(phase)), ("pid", .number(1)),
        ("tid", .number(UInt64(lane + 1))),
      ] + rest)
  }

  private static func metadata(_ name: String, lane: Int, _ value: JSONValue) -> JSONValue {
    event(name, "M", lane: lane, [("args", .object([("name", value)]))])
  }
}
