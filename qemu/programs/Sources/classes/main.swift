// main.swift — classes, arrays, closures and a dictionary: what an ordinary program allocates.

import NovaCore

class Shape {
  let name: StaticString
  init(name: StaticString) { self.name = name }
  func area() -> Int { 0 }
}

final class Rectangle: Shape {
  let width: Int
  let height: Int
  init(width: Int, height: Int) {
    self.width = width
    self.height = height
    super.init(name: "rectangle")
  }
  override func area() -> Int { width * height }
}

final class Square: Shape {
  let side: Int
  init(side: Int) {
    self.side = side
    super.init(name: "square")
  }
  override func area() -> Int { side * side }
}

func accumulator() -> (Int) -> Int {
  var total = 0
  return { amount in
    total += amount
    return total
  }
}

func run() {
  let shapes: [Shape] = (1...10).map { side in
    side.isMultiple(of: 2) ? Square(side: side) : Rectangle(width: side, height: side + 1)
  }
  let accumulate = accumulator()
  var sum = 0
  for shape in shapes { sum = accumulate(shape.area()) }
  print(sum)

  var areaCounts: [Int: Int] = [:]
  for shape in shapes { areaCounts[shape.area() % 7, default: 0] += 1 }
  for remainder in areaCounts.keys.sorted() {
    print(remainder, terminator: " ")
    print(areaCounts[remainder] ?? 0)
  }
}

run()
