// TraceTimeline+Picture.swift — a trace as one SVG: a lane per worker, work as bars, steals as
// arrows, sleep shaded.
// Hosted. Imports nothing.

extension TraceTimeline {
  /// The picture; a self-contained SVG file.
  ///
  /// - Parameter name: the program's.
  /// - Returns: the file's text.
  public func picture(name: String) -> String {
    var picture = TracePicture(timeline: self, name: name)
    return picture.draw()
  }
}

/// Draws one timeline.
private struct TracePicture {
  private static let width = 1280
  private static let margin = 40
  private static let plotX = 200
  private static let plotWidth = width - margin - plotX
  private static let top = 130
  private static let rowHeight = 18
  private static let laneGap = 26
  /// Deeper spans are drawn in the last row.
  private static let rowCountMax = 8
  /// More arrows than this would hide what they lead to.
  private static let arrowCountMax = 400
  private static let taskColors = [
    "#3f7fc4", "#5b95d3", "#2f6aa8", "#79abdf", "#4a89cc", "#6aa0da",
  ]
  private static let pollColor = "#2f9461"
  private static let joinColor = "#c9d9ec"
  private static let parkedColor = "#dfe4ea"
  private static let stealColor = "#b3261e"
  private static let timerColor = "#d98a00"
  private static let markColor = "#7b4fb3"

  let timeline: TraceTimeline
  let name: String
  private var canvas = SVGCanvas()
  /// The upper edge of each lane's bars.
  private var laneY: [Int] = []

  init(timeline: TraceTimeline, name: String) {
    self.timeline = timeline
    self.name = name
  }

  mutating func draw() -> String {
    drawHeader()
    var y = Self.top
    for lane in timeline.lanes {
      laneY.append(y)
      y += rowCount(lane) * Self.rowHeight + Self.laneGap
    }
    drawAxis(bottom: y)
    for index in timeline.lanes.indices { drawLane(index) }
    drawSpans()
    drawMoments()
    drawSteals()
    drawLegend(y: y + 50)
    return canvas.document(
      width: Self.width, height: y + 50 + Self.margin, title: "What the workers of \(name) did")
  }

  private func rowCount(_ lane: TraceTimeline.Lane) -> Int {
    min(max(lane.depthCount, 1), Self.rowCountMax)
  }

  private func x(_ time: UInt64) -> Int {
    let span = max(timeline.end - timeline.begin, 1)
    let (high, low) = (time - timeline.begin).multipliedFullWidth(by: UInt64(Self.plotWidth))
    return Self.plotX
      + Int(min(span.dividingFullWidth((high, low)).quotient, UInt64(Self.plotWidth)))
  }

  private mutating func drawHeader() {
    canvas.text("What the workers of \(name) did", x: Self.margin, y: 50, style: .title)
    let tasks = timeline.spans.count { $0.activity == .task }
    let polls = timeline.spans.count { $0.activity == .poll }
    let stolen = timeline.moments.reduce(0) { $0 + ($1.kind == .stolen ? UInt64($1.detail) : 0) }
    let lost = timeline.lanes.reduce(0) { $0 + $1.lostCount }
    canvas.text(
      "\(timeline.lanes.count) workers, \(tasks) tasks, \(stolen) stolen pieces of work, "
        + "\(polls) polls of jobs in \(Self.duration(timeline.end - timeline.begin))"
        + (timeline.isVirtual ? " of virtual time" : "")
        + (lost > 0 ? "; \(lost) earlier events were overwritten" : ""),
      x: Self.margin, y: 76, style: .faint)
  }

  /// A step of 1, 2 or 5 times a power of ten makes at most ten ticks.
  private mutating func drawAxis(bottom: Int) {
    let span = max(timeline.end - timeline.begin, 1)
    var step: UInt64 = 1
    var factors: [UInt64] = [2, 5, 10]
    var base: UInt64 = 1
    while span / step > 10 {
      let factor = factors.removeFirst()
      step = base * factor
      factors.append(factor)
      if factor == 10 { base = step }
    }
    for time in stride(from: 0, through: span, by: UInt64.Stride(step)) {
      let tickX = x(timeline.begin + time)
      canvas.line(
        x1: tickX, y1: Self.top - 12, x2: tickX, y2: bottom - 8, color: "#d5dae1", isDashed: true)
      canvas.text(
        Self.duration(time), x: tickX, y: Self.top - 18, style: .faint, anchor: .middle)
    }
  }

  private mutating func drawLane(_ index: Int) {
    let lane = timeline.lanes[index]
    let y = laneY[index]
    let height = rowCount(lane) * Self.rowHeight
    canvas.rectangle(
      x: Self.plotX, y: y, width: Self.plotWidth, height: height, fill: "#ffffff",
      stroke: "#e3e7ec", radius: 2)
    canvas.text("worker \(lane.worker)", x: Self.margin, y: y + 13, style: .name)
    canvas.text("busy \(busyPercent(index)) %", x: Self.margin, y: y + 28, style: .faint)
  }

  /// Of the time shown, how much was neither sleep nor search.
  private func busyPercent(_ lane: Int) -> UInt64 {
    let span = max(timeline.end - timeline.begin, 1)
    var busy: UInt64 = 0
    for part in timeline.spans where part.lane == lane {
      if part.depth == 0, part.activity != .parked { busy += part.end - part.begin }
      if part.depth > 0, part.activity == .parked { busy -= min(busy, part.end - part.begin) }
    }
    return span.dividingFullWidth(min(busy, span).multipliedFullWidth(by: 100)).quotient
  }

  /// Outer spans first; of those that share a pixel and a row, one.
  private mutating func drawSpans() {
    var drawnEnd: [[Int]] = timeline.lanes.map { _ in
      [Int](repeating: -1, count: Self.rowCountMax)
    }
    let order = timeline.spans.indices.sorted { first, second in
      let (one, other) = (timeline.spans[first], timeline.spans[second])
      return (one.depth, one.begin, first) < (other.depth, other.begin, second)
    }
    for index in order {
      let span = timeline.spans[index]
      let row = min(span.depth, Self.rowCountMax - 1)
      let left = x(span.begin)
      let right = max(x(span.end), left + 1)
      guard right > drawnEnd[span.lane][row] else { continue }
      let begin = max(left, drawnEnd[span.lane][row])
      drawnEnd[span.lane][row] = right
      draw(span, row: row, left: begin, right: right)
    }
  }

  private mutating func draw(_ span: TraceTimeline.Span, row: Int, left: Int, right: Int) {
    let color: String
    let label: String
    switch span.activity {
    case .task:
      color = Self.taskColors[Int(span.subject) % Self.taskColors.count]
      label = "task \(span.subject)"
    case .poll: (color, label) = (Self.pollColor, "job \(span.subject)")
    case .join: (color, label) = (Self.joinColor, "")
    case .parked: (color, label) = (Self.parkedColor, "")
    }
    let y = laneY[span.lane] + row * Self.rowHeight
    let width = right - left
    canvas.rectangle(
      x: left, y: y + 1, width: width, height: Self.rowHeight - 2, fill: color,
      stroke: width > 4 ? "#ffffff" : nil, radius: width > 6 ? 2 : 0)
    // Digits of the badge are about 7 pixels wide.
    if label.count * 7 + 6 < width {
      canvas.text(label, x: left + width / 2, y: y + 13, style: .badge, anchor: .middle)
    }
  }

  private mutating func drawMoments() {
    var drawn: Set<[Int]> = []
    for moment in timeline.moments {
      let color: String
      switch moment.kind {
      case .timerFired: color = Self.timerColor
      case .mark: color = Self.markColor
      default: continue
      }
      let place = [moment.lane, x(moment.time)]
      guard drawn.insert(place).inserted else { continue }
      let lane = timeline.lanes[moment.lane]
      let y = laneY[moment.lane] + rowCount(lane) * Self.rowHeight + 6
      canvas.circle(x: place[1], y: y, radius: 3, fill: color)
    }
  }

  /// From the middle of the victim's lane to the thief's.
  private mutating func drawSteals() {
    let laneOf = Dictionary(
      timeline.lanes.indices.map { (timeline.lanes[$0].worker, $0) }, uniquingKeysWith: { $1 })
    var drawn: Set<[Int]> = []
    for steal in timeline.moments where steal.kind == .stolen {
      guard let victim = laneOf[UInt64(steal.subject)], victim != steal.lane else { continue }
      let place = [victim, steal.lane, x(steal.time) / 3]
      guard drawn.count < Self.arrowCountMax, drawn.insert(place).inserted else { continue }
      let isDown = victim < steal.lane
      let height = rowCount(timeline.lanes[victim]) * Self.rowHeight
      let thiefHeight = rowCount(timeline.lanes[steal.lane]) * Self.rowHeight
      canvas.arrow(
        x: x(steal.time), fromY: laneY[victim] + (isDown ? height : 0),
        toY: laneY[steal.lane] + (isDown ? 0 : thiefHeight), color: Self.stealColor)
    }
  }

  private mutating func drawLegend(y: Int) {
    let bars = [
      (Self.taskColors[0], "task"), (Self.pollColor, "poll of a job"), (Self.joinColor, "join"),
      (Self.parkedColor, "sleeps"),
    ]
    var left = Self.plotX
    for (color, words) in bars {
      canvas.rectangle(x: left, y: y - 11, width: 22, height: 13, fill: color, radius: 2)
      canvas.text(words, x: left + 30, y: y, style: .faint)
      left += 130
    }
    canvas.arrow(x: left + 10, fromY: y - 14, toY: y + 4, color: Self.stealColor)
    canvas.text("steal, from the victim to the thief", x: left + 24, y: y, style: .faint)
    left += 250
    for (color, words) in [(Self.timerColor, "timer fires"), (Self.markColor, "mark")] {
      canvas.circle(x: left, y: y - 4, radius: 4, fill: color)
      canvas.text(words, x: left + 12, y: y, style: .faint)
      left += 100
    }
  }

  /// A time as a person writes it: `1.25 ms`.
  private static func duration(_ nanoseconds: UInt64) -> String {
    let units: [(UInt64, String)] = [(1_000_000_000, "s"), (1_000_000, "ms"), (1000, "µs")]
    for (size, unit) in units where nanoseconds >= size {
      let hundredths = nanoseconds % size * 100 / size
      if hundredths == 0 { return "\(nanoseconds / size) \(unit)" }
      let digits = (hundredths < 10 ? "0" : "") + "\(hundredths)"
      return "\(nanoseconds / size).\(digits.hasSuffix("0") ? "\(digits.first ?? "0")" : digits) "
        + unit
    }
    return "\(nanoseconds) ns"
  }
}
