// SVGCanvas.swift — shapes and words of a picture, collected as SVG text.
// Hosted. Imports nothing. Source: SVG 1.1; one file, no script, no font or image from elsewhere.

/// A drawing in pixels, origin at the top left.
struct SVGCanvas {
  /// How words look: a class of the style sheet below.
  enum TextStyle: String {
    case title, heading, name, mono, faint, badge
  }

  /// Which way words run from their place.
  enum Anchor: String {
    case start, middle, end
  }

  private var body = ""

  mutating func rectangle(
    x: Int, y: Int, width: Int, height: Int, fill: String, stroke: String? = nil, radius: Int = 0
  ) {
    let outline = stroke.map { " stroke=\"\($0)\"" } ?? ""
    body +=
      "<rect x=\"\(x)\" y=\"\(y)\" width=\"\(width)\" height=\"\(height)\" rx=\"\(radius)\""
      + " fill=\"\(fill)\"\(outline)/>\n"
  }

  mutating func line(x1: Int, y1: Int, x2: Int, y2: Int, color: String, isDashed: Bool = false) {
    let dashes = isDashed ? " stroke-dasharray=\"3 4\"" : ""
    body +=
      "<line x1=\"\(x1)\" y1=\"\(y1)\" x2=\"\(x2)\" y2=\"\(y2)\" stroke=\"\(color)\""
      + " stroke-width=\"1.5\"\(dashes)/>\n"
  }

  /// An upright line with a head at its end.
  mutating func arrow(x: Int, fromY: Int, toY: Int, color: String) {
    line(x1: x, y1: fromY, x2: x, y2: toY, color: color)
    let back = toY > fromY ? -6 : 6
    body +=
      "<path d=\"M\(x) \(toY)l-3 \(back)h6z\" fill=\"\(color)\"/>\n"
  }

  mutating func circle(x: Int, y: Int, radius: Int, fill: String) {
    body += "<circle cx=\"\(x)\" cy=\"\(y)\" r=\"\(radius)\" fill=\"\(fill)\"/>\n"
  }

  mutating func text(
    _ words: String, x: Int, y: Int, style: TextStyle, anchor: Anchor = .start, color: String? = nil
  ) {
    let fill = color.map { " style=\"fill:\($0)\"" } ?? ""
    body +=
      "<text x=\"\(x)\" y=\"\(y)\" class=\"\(style.rawValue)\" text-anchor=\"\(anchor.rawValue)\""
      + "\(fill)>\(Self.escaped(words))</text>\n"
  }

  /// The whole drawing.
  func document(width: Int, height: Int, title: String) -> String {
    """
    <svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 \(width) \(height)" width="\(width)" \
    height="\(height)" role="img">
    <title>\(Self.escaped(title))</title>
    <style>
    text { font-family: system-ui, "DejaVu Sans", Helvetica, Arial, sans-serif; fill: #1c2430; }
    .title { font-size: 24px; font-weight: 600; }
    .heading { font-size: 15px; font-weight: 600; }
    .name { font-size: 13px; font-weight: 600; }
    .mono { font-size: 12px; font-family: ui-monospace, "DejaVu Sans Mono", Menlo, monospace; }
    .faint { font-size: 12px; fill: #5d6878; }
    .badge { font-size: 11px; font-weight: 600; fill: #ffffff; }
    </style>
    <rect width="\(width)" height="\(height)" fill="#f6f7f9"/>
    \(body)</svg>

    """
  }

  private static func escaped(_ text: String) -> String {
    text.map { character in
      switch character {
      case "&": "&amp;"
      case "<": "&lt;"
      case ">": "&gt;"
      default: String(character)
      }
    }.joined()
  }
}
