// shapes.swift — classes in Embedded Swift for wasm32: inheritance, references, arrays, closures.
// Allocates and writes through the C library that it is linked with.

class Shape: CustomStringConvertible {
  let name: String
  private(set) static var liveCount = 0

  init(_ name: String) {
    self.name = name
    Shape.liveCount += 1
  }

  deinit { Shape.liveCount -= 1 }

  /// In square millimetres.
  var area: Int { 0 }
  var description: String { "\(name) of \(area) mm²" }
}

final class Rectangle: Shape {
  let width: Int
  let height: Int

  init(width: Int, height: Int) {
    (self.width, self.height) = (width, height)
    super.init(width == height ? "a square" : "a rectangle")
  }

  override var area: Int { width * height }
}

/// A shape that others are cut out of.
final class Sheet: Shape {
  let whole: Shape
  private var holes: [Shape] = []

  init(_ whole: Shape) {
    self.whole = whole
    super.init("a sheet")
  }

  func cut(_ hole: Shape) { holes.append(hole) }

  override var area: Int { holes.reduce(whole.area) { $0 - $1.area } }
  override var description: String { "\(super.description) with \(holes.count) holes" }
}

@main
enum Program {
  static func main() {
    print(report())
    print("\(Shape.liveCount) shapes are left")
  }

  static func report() -> String {
    let sheet = Sheet(Rectangle(width: 80, height: 50))
    for size in 1...12 { sheet.cut(Rectangle(width: size, height: size * (size % 3 + 1))) }
    let shapes = [sheet, Rectangle(width: 30, height: 30), sheet.whole]
    let sorted = shapes.sorted { $0.area < $1.area }
    return sorted.map { $0.description }.joined(separator: "\n")
      + "\n\(Shape.liveCount) shapes, \(shapes.reduce(0) { $0 + $1.area }) mm²"
  }
}
