// CheckResult+Picture.swift — a check's result as one SVG: memory map, time line, inputs.
// Hosted. Imports nothing. Heights of memory are not to scale: a guard must stay visible beside a
// heap.

extension CheckResult {
  /// The picture, for people who would rather look; a self-contained SVG file.
  public var picture: String {
    var picture = CheckPicture(result: self)
    return picture.draw()
  }
}

/// Draws one result.
private struct CheckPicture {
  private static let width = 1280
  private static let margin = 40
  private static let mapX = 40
  private static let mapWidth = 540
  private static let courseX = 640
  private static let courseWidth = 600
  private static let top = 150

  let result: CheckResult
  private var canvas = SVGCanvas()

  private var manifest: Manifest { result.manifest }
  private var isSame: Bool { result.verdict == .same }

  init(result: CheckResult) { self.result = result }

  mutating func draw() -> String {
    drawHeader()
    let bottom = max(drawMemory(), drawCourse())
    var height = drawInputs(from: bottom + 50)
    height = drawFindings(from: height + 30)
    return canvas.document(
      width: Self.width, height: height + Self.margin,
      title: "How a program starts on \(result.target.rawValue)")
  }

  private mutating func drawHeader() {
    let color = isSame ? "#1f7a4d" : "#b3261e"
    canvas.text(
      "How this program starts on \(result.target.rawValue)", x: Self.margin, y: 56, style: .title)
    let words = isSame ? "the same in every run" : "differs between runs"
    let badgeWidth = 170
    canvas.rectangle(
      x: Self.width - Self.margin - badgeWidth, y: 34, width: badgeWidth, height: 30, fill: color,
      radius: 15)
    canvas.text(
      words, x: Self.width - Self.margin - badgeWidth / 2, y: 54, style: .badge, anchor: .middle)
    let native = result.nativeRunCount > 0 ? "; \(result.nativeRunCount) on this machine's CPU" : ""
    let varied = manifest.inputs.count { $0.isVaried }
    canvas.text(
      "\(result.qemuRunCount) runs under qemu, \(varied) of \(manifest.inputs.count) inputs "
        + "varied, alone and together\(native)",
      x: Self.margin, y: 82, style: .faint)
    canvas.text("sha256 \(manifest.digest)", x: Self.margin, y: 104, style: .mono, color: "#5d6878")
  }

  // MARK: Memory

  private static let mappingColors: [(prefix: String, color: String)] = [
    ("image-text", "#c9def5"), ("image-rodata", "#e3eaf3"), ("image-data", "#dcd3f2"),
    ("stack-guard", "#f3d6d3"), ("stack", "#cfeadb"), ("heap", "#fbe7bd"),
  ]

  /// Highest addresses on top, as memory is usually drawn; returns the lower edge.
  private mutating func drawMemory() -> Int {
    canvas.text("Memory at main", x: Self.mapX, y: Self.top - 16, style: .heading)
    var y = Self.top
    let gapHeight = 22
    var above: UInt64?
    for mapping in manifest.mappings.reversed() {
      if let above, above != mapping.high {
        let x = Self.mapX + Self.mapWidth / 2
        canvas.line(
          x1: x, y1: y + 2, x2: x, y2: y + gapHeight - 2, color: "#9aa5b4", isDashed: true)
        y += gapHeight
      }
      y += drawMapping(mapping, y: y)
      above = mapping.low
    }
    return y
  }

  private mutating func drawMapping(_ mapping: Mapping, y: Int) -> Int {
    let regions = manifest.regions.filter {
      $0.address >= mapping.low && $0.address < mapping.high && $0.byteCount > 0
    }
    let lineHeight = 18
    let lineCount = regions.reduce(0) { $0 + 1 + $1.exceptions.count }
    let isGuard = mapping.name.hasSuffix("guard")
    let height = isGuard ? 30 : 50 + lineCount * lineHeight
    let color = Self.mappingColors.first { mapping.name.hasPrefix($0.prefix) }?.color ?? "#eceff3"
    canvas.rectangle(
      x: Self.mapX, y: y, width: Self.mapWidth, height: height - 2, fill: color, stroke: "#ffffff",
      radius: 4)
    let byteCount = Self.size(mapping.high - mapping.low)
    canvas.text(mapping.name, x: Self.mapX + 14, y: y + 20, style: .name)
    canvas.text(mapping.permissions, x: Self.mapX + 140, y: y + 20, style: .mono)
    canvas.text(byteCount, x: Self.mapX + 260, y: y + 20, style: .faint, anchor: .end)
    let right = Self.mapX + Self.mapWidth - 14
    if isGuard {
      canvas.text("touching it is a fault", x: right, y: y + 20, style: .faint, anchor: .end)
      return height
    }
    canvas.text(hexadecimal(mapping.high), x: right, y: y + 20, style: .mono, anchor: .end)
    canvas.text(hexadecimal(mapping.low), x: right, y: y + height - 12, style: .mono, anchor: .end)
    var lineY = y + 20 + lineHeight + 4
    for region in regions.reversed() {
      drawProof(region, lineY: &lineY, lineHeight: lineHeight)
    }
    return height
  }

  private mutating func drawProof(_ region: ManifestRegion, lineY: inout Int, lineHeight: Int) {
    let proof = "\(region.name): \(region.zeroByteCount) of \(region.byteCount) bytes proven zero"
    canvas.text(proof, x: Self.mapX + 14, y: lineY, style: .faint)
    lineY += lineHeight
    for exception in region.exceptions {
      canvas.text(
        "\(exception.byteCount) at \(hexadecimal(exception.address)): \(exception.reason)",
        x: Self.mapX + 30, y: lineY, style: .faint)
      lineY += lineHeight
    }
  }

  private static func size(_ byteCount: UInt64) -> String {
    byteCount >= 1 << 20 ? "\(byteCount >> 20) MiB" : "\(byteCount >> 10) KiB"
  }

  // MARK: Time line

  /// From the kernel to the exit status; returns the lower edge.
  private mutating func drawCourse() -> Int {
    canvas.text("From the kernel to the end", x: Self.courseX, y: Self.top - 16, style: .heading)
    var y = Self.top + 8
    let begin = y
    var stops: [(y: Int, color: String)] = []
    func advance(_ height: Int) { y += height }
    stops.append((y, "#5d6878"))
    drawStop("_start", "on the kernel's stack, nothing known of the registers", y: y)
    advance(34)
    for call in manifest.callsBeforeMain {
      stops.append((y, "#2f6fb5"))
      drawStop(call.call.name, call.reason, y: y)
      advance(26)
    }
    let zeroCount = manifest.zeroRegisters.reduce(0) { $0 + $1.count }
    advance(8)
    stops.append((y, "#1f7a4d"))
    drawStop(
      "main", "\(zeroCount) registers zero; \(manifest.registers.count) set, each with a reason:",
      y: y)
    advance(20)
    for register in manifest.registers {
      canvas.text(register.name, x: Self.courseX + 152, y: y + 4, style: .mono)
      canvas.text(register.value, x: Self.courseX + 212, y: y + 4, style: .mono)
      canvas.text(shortened(register.reason, 36), x: Self.courseX + 340, y: y + 4, style: .faint)
      advance(18)
    }
    advance(12)
    let callCountMax = 12
    for call in manifest.callsFromMain.prefix(callCountMax) {
      stops.append((y, "#a36a00"))
      drawStop(
        call.name,
        shortened("(\(call.arguments))" + (call.result.isEmpty ? "" : " = \(call.result)"), 62),
        y: y)
      advance(26)
    }
    if manifest.callsFromMain.count > callCountMax {
      drawStop("…", "\(manifest.callsFromMain.count - callCountMax) more system calls", y: y)
      advance(26)
    }
    stops.append((y, isSame ? "#1f7a4d" : "#b3261e"))
    let instructions = manifest.trace.map { "\($0.instructionCount) instructions after main" } ?? ""
    drawStop("end", "\(manifest.ending.text); \(instructions)", y: y)
    let x = Self.courseX + 8
    canvas.line(x1: x, y1: begin, x2: x, y2: y, color: "#c3cad4")
    for stop in stops { canvas.circle(x: x, y: stop.y, radius: 6, fill: stop.color) }
    return y + 10
  }

  private mutating func drawStop(_ name: String, _ words: String, y: Int) {
    canvas.text(name, x: Self.courseX + 28, y: y + 5, style: .name)
    canvas.text(words, x: Self.courseX + 152, y: y + 5, style: .faint)
  }

  private func shortened(_ text: String, _ count: Int) -> String {
    text.count <= count ? text : text.prefix(count - 1) + "…"
  }

  // MARK: Inputs and findings

  private static let treatmentColors: [ManifestInput.Treatment: String] = [
    .eliminated: "#1f7a4d", .normalised: "#2f6fb5", .recorded: "#a36a00", .ignored: "#7a8595",
    .leaks: "#b3261e",
  ]

  private mutating func drawInputs(from y: Int) -> Int {
    canvas.text(
      "What the kernel and the user give a program, and what becomes of it", x: Self.margin, y: y,
      style: .heading)
    let rowHeight = 40
    let columnCount = 2
    let columnWidth = (Self.width - 2 * Self.margin) / columnCount
    let rowCount = (manifest.inputs.count + columnCount - 1) / columnCount
    for (index, input) in manifest.inputs.enumerated() {
      let x = Self.margin + index / rowCount * columnWidth
      let rowY = y + 20 + index % rowCount * rowHeight
      let color = Self.treatmentColors[input.treatment] ?? "#7a8595"
      canvas.rectangle(x: x, y: rowY, width: 88, height: 22, fill: color, radius: 11)
      canvas.text(input.treatment.rawValue, x: x + 44, y: rowY + 15, style: .badge, anchor: .middle)
      canvas.text(input.name, x: x + 102, y: rowY + 10, style: .name)
      canvas.text(shortened(input.how, 78), x: x + 102, y: rowY + 26, style: .faint)
    }
    return y + 20 + rowCount * rowHeight
  }

  private mutating func drawFindings(from y: Int) -> Int {
    let failures = result.differences.filter { $0.weight == .failure }
    guard !failures.isEmpty else { return y - 30 }
    canvas.text("What differs", x: Self.margin, y: y, style: .heading, color: "#b3261e")
    var lineY = y + 26
    let findingCountMax = 20
    for failure in failures.prefix(findingCountMax) {
      canvas.text(failure.place.text, x: Self.margin, y: lineY, style: .name)
      canvas.text(
        shortened(
          "\(failure.expected) became \(failure.found) in the run \(failure.run): \(failure.cause)",
          150),
        x: Self.margin, y: lineY + 17, style: .faint)
      lineY += 44
    }
    return lineY
  }
}
