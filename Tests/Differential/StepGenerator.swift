// StepGenerator.swift — the exported functions of a generated module, and its file.
// Hosted. Imports TestSupport. Source: WebAssembly Core Specification 2.0, section 5.5 "Modules".

import TestSupport

/// Makes what calls a module's functions, and what tells its state.
struct StepGenerator {
  private var random: SeededGenerator
  private var declarations: ModuleDeclarations
  let stepCount: Int

  /// Calls and rounds of loops of a step.
  private static let fuel = 150

  init(_ random: SeededGenerator, _ declarations: ModuleDeclarations) {
    self.random = random
    self.declarations = declarations
    stepCount = 2 + self.random.pick(4)
  }

  /// The file of a module with these functions.
  mutating func file(_ bodies: [[UInt8]]) -> [UInt8] {
    var bodies = bodies
    var functionTypes = declarations.functionTypes
    var exports: [[UInt8]] = []
    let digest = functionTypes.count + stepCount
    func export(_ name: String) {
      exports.append(
        WasmBytes.unsigned(name.utf8.count) + Array(name.utf8) + [0]
          + WasmBytes.unsigned(functionTypes.count))
    }
    var calls: [(function: Int, results: [WasmType])] = []
    for step in 0..<stepCount {
      let target = random.pick(declarations.functionCount)
      calls.append((functionTypes.count, declarations.functionTypes[target].results))
      export("step\(step)")
      functionTypes.append(Signature(results: declarations.functionTypes[target].results))
      bodies.append(WasmBytes.body(call(target)))
    }
    export("digest")
    functionTypes.append(Signature(results: [.i64]))
    bodies.append(digestBody())
    export("through")
    functionTypes.append(Signature(results: [.i64]))
    bodies.append(throughBody(calls, digest: digest))
    var start: Int?
    if random.isOne(in: 5) {
      start = functionTypes.count
      functionTypes.append(Signature())
      let target = random.pick(declarations.functionCount)
      let drops = declarations.functionTypes[target].results.map { _ in UInt8(0x1a) }
      bodies.append(WasmBytes.body(call(target) + drops))
    }
    let typeIndices = functionTypes.map { declarations.typeIndex($0) }
    return sections(bodies, typeIndices, exports, start: start)
  }

  private mutating func sections(
    _ bodies: [[UInt8]], _ typeIndices: [Int], _ exports: [[UInt8]], start: Int?
  ) -> [UInt8] {
    var file = WasmBytes.header
    file += WasmBytes.section(1, declarations.types.map(\.bytes))
    file += WasmBytes.section(3, typeIndices.map { WasmBytes.unsigned($0) })
    file += WasmBytes.section(4, declarations.tables.map(\.bytes))
    file += custom("between")
    if !declarations.memories.isEmpty {
      file += WasmBytes.section(5, declarations.memories.map { limits($0.minimum, $0.maximum) })
    }
    file += WasmBytes.section(6, declarations.globals.map(\.bytes))
    file += WasmBytes.section(7, exports)
    if let start {
      let index = WasmBytes.unsigned(start)
      file += [8] + WasmBytes.unsigned(index.count) + index
    }
    file += WasmBytes.section(
      9, declarations.elements.map { $0.bytes(asExpressions: random.isOne(in: 3)) })
    let count = WasmBytes.unsigned(declarations.data.count)
    file += [12] + WasmBytes.unsigned(count.count) + count
    file += WasmBytes.section(10, bodies)
    file += WasmBytes.section(11, declarations.data.map(\.segment))
    return file + custom("behind")
  }

  private mutating func custom(_ name: String) -> [UInt8] {
    guard random.isOne(in: 8) else { return [] }
    let content = WasmBytes.unsigned(name.utf8.count) + Array(name.utf8) + [1, 2, 3]
    return [0] + WasmBytes.unsigned(content.count) + content
  }

  /// A call with arguments of its own, all fuel given.
  private mutating func call(_ function: Int) -> [UInt8] {
    var code = [0x41] + WasmBytes.signed(Int64(Self.fuel)) + [0x24, 0]
    for type in declarations.functionTypes[function].parameters {
      let isNamed = type == .funcref && random.isOne(in: 2)
      code +=
        isNamed
        ? [0xd2] + WasmBytes.unsigned(random.pick(declarations.functionCount))
        : random.constant(type)
    }
    return code + [0x10] + WasmBytes.unsigned(function)
  }

  // MARK: Digests

  // Locals: the digest, a float of each width, an index.
  private static let digestLocals: [UInt8] = [4, 1, 0x7e, 1, 0x7d, 1, 0x7c, 1, 0x7f]

  private static func body(_ code: [UInt8]) -> [UInt8] {
    let bytes = digestLocals + code + [0x20, 0, 0x0b]
    return WasmBytes.unsigned(bytes.count) + bytes
  }

  /// Takes a value from the stack into the digest.
  private static func mixing(_ type: WasmType) -> [UInt8] {
    var code: [UInt8]
    switch type {
    case .i32: code = [0xad]
    case .i64: code = []
    // Any value that is not a number is the same one.
    case .f32:
      code = [0x22, 1, 0x43, 0, 0, 0xc0, 0x7f, 0x20, 1, 0x20, 1, 0x5b, 0x1b, 0xbc, 0xad]
    case .f64:
      code = [0x22, 2, 0x44, 0, 0, 0, 0, 0, 0, 0xf8, 0x7f, 0x20, 2, 0x20, 2, 0x61, 0x1b, 0xbd]
    case .funcref, .externref: code = [0xd1, 0xad]
    }
    // digest = rotl((digest ^ value) * odd, 23)
    code += [0x20, 0, 0x85, 0x42]
    code += WasmBytes.signed(-0x61c8_8646_80b5_83eb)
    return code + [0x7e, 0x42, 23, 0x89, 0x21, 0]
  }

  /// Repeats `body` with local 3 from 0 in steps of `stride`, below what `end` gives.
  private static func loop(_ end: [UInt8], stride: UInt8, _ body: [UInt8]) -> [UInt8] {
    [0x41, 0, 0x21, 3, 0x02, 0x40, 0x03, 0x40, 0x20, 3] + end + [0x4f, 0x0d, 1] + body
      + [0x20, 3, 0x41, stride, 0x6a, 0x21, 3, 0x0c, 0, 0x0b, 0x0b]
  }

  private func digestBody() -> [UInt8] {
    var code: [UInt8] = []
    for memory in declarations.memories.indices {
      let number = UInt8(memory)
      code += [0x3f, number] + Self.mixing(.i32)
      let place: [UInt8] = memory == 0 ? [3, 0] : [3 | 0x40, number, 0]
      code += Self.loop(
        [0x3f, number, 0x41, 16, 0x74], stride: 8, [0x20, 3, 0x29] + place + Self.mixing(.i64))
    }
    for (table, declared) in declarations.tables.enumerated() {
      let number = UInt8(table)
      code += [0xfc, 16, number] + Self.mixing(.i32)
      code += Self.loop(
        [0xfc, 16, number], stride: 1, [0x20, 3, 0x25, number] + Self.mixing(declared.type))
    }
    for (global, declared) in declarations.globals.enumerated() {
      code += [0x23, UInt8(global)] + Self.mixing(declared.type)
    }
    return Self.body(code)
  }

  private func throughBody(
    _ calls: [(function: Int, results: [WasmType])], digest: Int
  ) -> [UInt8] {
    var code: [UInt8] = []
    for (function, results) in calls {
      code += [0x10] + WasmBytes.unsigned(function)
      for type in results.reversed() { code += Self.mixing(type) }
    }
    return Self.body(code + [0x10] + WasmBytes.unsigned(digest) + Self.mixing(.i64))
  }
}
