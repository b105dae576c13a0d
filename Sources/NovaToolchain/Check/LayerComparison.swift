// LayerComparison.swift — the first place of each layer in which two runs disagree.
// Hosted. Imports nothing.

/// A part of what a run shows that is compared on its own.
enum Layer: Hashable {
  case registers(DifferencePlace.Moment)
  case memory(region: String, DifferencePlace.Moment)
  case mappings(DifferencePlace.Moment)
  case calls
  case trace
  case output(Int32)
  case ending

  /// The regions that a probe names, in the order of reporting.
  static let regions = ["stack", "heap", "bss", "data"]

  /// In the order in which a program passes them.
  static var ordered: [Layer] {
    state(.main) + [.calls, .trace, .output(1), .output(2)] + state(.end) + [.ending]
  }

  /// Whether the layer is over when `main` begins; start-up's calls are compared apart.
  var isAtMain: Bool {
    switch self {
    case .registers(let moment), .memory(_, let moment), .mappings(let moment): moment == .main
    case .calls, .trace, .output, .ending: false
    }
  }

  private static func state(_ moment: DifferencePlace.Moment) -> [Layer] {
    [.registers(moment)] + regions.map { .memory(region: $0, moment) } + [.mappings(moment)]
  }
}

/// The first place where a layer differs, with both values.
struct LayerDifference: Equatable {
  var place: DifferencePlace
  var expected: String
  var found: String
  /// The second run's value as a number, where it is one, for finding its cause.
  var word: UInt64?
  /// The input that the place itself names, as a call names what it reads.
  var input: StartInput?
}

/// Compares two runs of one program.
struct LayerComparison {
  let layout: ProgramLayout
  let first: RunRecord
  let second: RunRecord

  /// Every layer that differs, start-up's own calls apart.
  func all() -> [Layer: LayerDifference] {
    var found: [Layer: LayerDifference] = [:]
    for moment in [DifferencePlace.Moment.main, .end] {
      found[.registers(moment)] = registers(moment)
      found[.mappings(moment)] = mappings(moment)
      for region in Layer.regions {
        found[.memory(region: region, moment)] = memory(region, moment)
      }
    }
    found[.calls] = calls(.program)
    found[.trace] = trace()
    for descriptor: Int32 in [1, 2] { found[.output(descriptor)] = output(descriptor) }
    if first.observation.ending != second.observation.ending {
      found[.ending] = LayerDifference(
        place: .ending, expected: first.observation.ending.text,
        found: second.observation.ending.text)
    }
    return found
  }

  /// Registers that both runs have and that a program can change.
  private func registers(_ moment: DifferencePlace.Moment) -> LayerDifference? {
    guard let one = first.snapshot(moment), let two = second.snapshot(moment) else { return nil }
    let rules = StartRules(layout: layout)
    let others = Dictionary(
      two.registers.map { ($0.name, $0) }, uniquingKeysWith: { first, _ in first })
    for register in one.registers {
      guard let other = others[register.name], !rules.isKernel(register.name) else { continue }
      if !register.bytes.isSameNumber(as: other.bytes) {
        return LayerDifference(
          place: .register(name: register.name, moment: moment),
          expected: register.bytes.hexadecimalNumber, found: other.bytes.hexadecimalNumber,
          word: other.bytes.littleEndianWord)
      }
    }
    return nil
  }

  private func memory(_ name: String, _ moment: DifferencePlace.Moment) -> LayerDifference? {
    guard let one = first.snapshot(moment)?.memory.first(where: { $0.name == name }),
      let two = second.snapshot(moment)?.memory.first(where: { $0.name == name }),
      let address = one.firstDifference(from: two)
    else { return nil }
    return LayerDifference(
      place: .byte(
        address: address, region: name, symbol: layout.symbol(at: address), moment: moment),
      expected: hexadecimal(UInt64(one.byte(at: address))),
      found: hexadecimal(UInt64(two.byte(at: address))), word: two.word(around: address))
  }

  /// The program's own mappings; where the kernel puts its own is its affair.
  private func mappings(_ moment: DifferencePlace.Moment) -> LayerDifference? {
    guard let one = first.snapshot(moment), let two = second.snapshot(moment) else { return nil }
    let mine = one.mappings.filter { $0.isProgram }
    let others = two.mappings.filter { $0.isProgram }
    guard mine != others else { return nil }
    let index =
      zip(mine, others).enumerated().first { $0.element.0 != $0.element.1 }?.offset
      ?? min(mine.count, others.count)
    let expected = index < mine.count ? mine[index].text : "no mapping"
    let found = index < others.count ? others[index].text : "no mapping"
    let name = index < mine.count ? mine[index].name : others[index].name
    return LayerDifference(
      place: .mapping(name: name, moment: moment), expected: expected, found: found)
  }

  /// The first system call of a phase that differs in name, arguments or result.
  func calls(_ phase: DifferencePlace.Phase) -> LayerDifference? {
    let mine = first.calls(phase)
    let others = second.calls(phase)
    guard mine != others else { return nil }
    let index =
      zip(mine, others).enumerated().first { $0.element.0 != $0.element.1 }?.offset
      ?? min(mine.count, others.count)
    let call = index < others.count ? others[index] : mine[index]
    return LayerDifference(
      place: .call(index: index, phase: phase),
      expected: index < mine.count ? mine[index].text : "no further call",
      found: index < others.count ? others[index].text : "no further call", input: call.input)
  }

  private func trace() -> LayerDifference? {
    guard let one = first.observation.trace, let two = second.observation.trace, one != two else {
      return nil
    }
    if one.instructionCount == two.instructionCount,
      one.programCounterHash == two.programCounterHash
    {
      return LayerDifference(
        place: .access,
        expected: "\(one.accessCount) accesses, hash \(hexadecimal(one.accessHash))",
        found: "\(two.accessCount) accesses, hash \(hexadecimal(two.accessHash))")
    }
    let interval = max(one.checkpointInterval, two.checkpointInterval)
    let mine = one.checkpoints(every: interval)
    let others = two.checkpoints(every: interval)
    let agreeing = UInt64(zip(mine, others).prefix { $0 == $1 }.count)
    let shorter = min(one.instructionCount, two.instructionCount)
    return LayerDifference(
      place: .instruction(
        first: agreeing * interval, last: min((agreeing + 1) * interval, shorter)),
      expected: "\(one.instructionCount) instructions, hash \(hexadecimal(one.programCounterHash))",
      found: "\(two.instructionCount) instructions, hash \(hexadecimal(two.programCounterHash))")
  }

  private func output(_ descriptor: Int32) -> LayerDifference? {
    guard let one = first.output(descriptor), let two = second.output(descriptor), one != two else {
      return nil
    }
    let offset = zip(one, two).prefix { $0 == $1 }.count
    return LayerDifference(
      place: .output(descriptor: descriptor, offset: offset), expected: excerpt(one, from: offset),
      found: excerpt(two, from: offset))
  }

  private func excerpt(_ bytes: [UInt8], from offset: Int) -> String {
    let byteCountMax = 40
    guard offset < bytes.count else { return "no further byte" }
    return "\"" + String(decoding: bytes[offset...].prefix(byteCountMax), as: UTF8.self).escaped
      + "\""
  }
}

extension InstructionTrace {
  /// The checkpoints at a multiple of the trace's own interval.
  func checkpoints(every interval: UInt64) -> [UInt64] {
    let step = Int(interval / max(1, checkpointInterval))
    guard step > 1 else { return checkpoints }
    return stride(from: step - 1, to: checkpoints.count, by: step).map { checkpoints[$0] }
  }
}

extension StartRules {
  /// Whether a register is out of a program's reach.
  func isKernel(_ name: String) -> Bool {
    if case .kernel = rule(for: name) { true } else { false }
  }
}

extension [UInt8] {
  /// Equality of numbers, whatever the width in which two CPU models hold them.
  func isSameNumber(as other: [UInt8]) -> Bool {
    for index in 0..<Swift.max(count, other.count) {
      let mine = index < count ? self[index] : 0
      let others = index < other.count ? other[index] : 0
      if mine != others { return false }
    }
    return true
  }
}

extension Mapping {
  /// Whether start-up or the file made the mapping, at an address of their own.
  var isProgram: Bool { ["image", "stack", "stack-guard", "heap"].contains { name.hasPrefix($0) } }

  /// The mapping on one line.
  var text: String { "\(hexadecimal(low))-\(hexadecimal(high)) \(permissions) \(name)" }
}

extension Ending {
  /// The ending in words.
  public var text: String {
    switch self {
    case .exited(let status): "exit status \(status)"
    case .killed(let signal): "killed by signal \(signal)"
    }
  }
}

extension String {
  /// The text with control characters and quotes spelled out, on one line.
  var escaped: String {
    unicodeScalars.map { scalar in
      switch scalar {
      case "\n": "\\n"
      case "\t": "\\t"
      case "\"": "\\\""
      case "\\": "\\\\"
      case _ where scalar.value < 0x20 || scalar.value == 0x7f:
        "\\u" + hexadecimalDigits(UInt64(scalar.value), digitCount: 4)
      default: String(scalar)
      }
    }.joined()
  }
}
