// Comparison.swift — every run against the rule and against the other runs, layer by layer.
// Hosted. Imports nothing.

/// Compares the runs of one check.
struct Comparison {
  let rules: StartRules
  /// In the plan's order; the first of each engine is its baseline.
  let records: [RunRecord]

  /// Everything that is not as it must be, failures first; one entry for each place.
  func differences() -> [Difference] {
    var failures: [Difference] = []
    var normalised: [Difference] = []
    for engine in [Engine.qemu, .native] {
      let runs = records.filter { $0.run.engine == engine }
      guard let baseline = runs.first else { continue }
      let varying = variations(runs: runs, baseline: baseline)
      failures += violations(runs: runs, besides: varying) + varying
      normalised += normalisations(runs: runs, baseline: baseline)
    }
    var seen: [String] = []
    failures = failures.filter { difference in
      // A place that both engines show is said once.
      let key = "\(difference.place)"
      defer { seen.append(key) }
      return !seen.contains(key)
    }
    // The same cause on the other engine: said once too, so that a manifest does not depend on the
    // machine that it was made on.
    var places: [String] = []
    normalised = normalised.filter { difference in
      let key = "\(difference.place) \(difference.cause)"
      defer { places.append(key) }
      return !places.contains(key)
    }
    return failures + normalised
  }

  // MARK: Against the rule

  private func violations(runs: [RunRecord], besides varying: [Difference]) -> [Difference] {
    var found: [Difference] = []
    var places = varying.map { $0.place.comparable }
    func add(_ difference: Difference) {
      guard !places.contains(difference.place.comparable) else { return }
      places.append(difference.place.comparable)
      found.append(difference)
    }
    for record in runs {
      registerViolations(of: record).forEach(add)
      byteViolations(of: record).forEach(add)
      callViolations(of: record).forEach(add)
    }
    return found
  }

  private func registerViolations(of record: RunRecord) -> [Difference] {
    record.observation.atMain.registers.compactMap { register in
      guard let wanted = rules.violation(of: register) else { return nil }
      return Difference(
        weight: .failure, place: .register(name: register.name, moment: .main), run: record.name,
        baseline: nil, expected: wanted, found: register.bytes.hexadecimalNumber,
        cause: constantCause(register.bytes.littleEndianWord, in: record).text,
        inputs: constantCause(register.bytes.littleEndianWord, in: record).inputs)
    }
  }

  private func byteViolations(of record: RunRecord) -> [Difference] {
    record.observation.atMain.memory.compactMap { region in
      guard let address = firstIllegitimateByte(of: region) else { return nil }
      let wanted = region.name == "data" ? rules.layout.dataByte(at: address) : 0
      return Difference(
        weight: .failure,
        place: .byte(
          address: address, region: region.name, symbol: rules.layout.symbol(at: address),
          moment: .main),
        run: record.name, baseline: nil, expected: hexadecimal(UInt64(wanted)),
        found: hexadecimal(UInt64(region.byte(at: address))),
        cause: constantCause(region.word(around: address), in: record).text,
        inputs: constantCause(region.word(around: address), in: record).inputs)
    }
  }

  private func firstIllegitimateByte(of region: MemoryRegion) -> UInt64? {
    for page in region.nonzeroPages.keys.sorted() {
      for (offset, byte) in (region.nonzeroPages[page] ?? []).enumerated() {
        let address = page + UInt64(offset)
        guard address >= region.address, address < region.address + region.byteCount else {
          continue
        }
        if region.name == "data" {
          let isFile = byte == rules.layout.dataByte(at: address)
          if !isFile && !rules.hasInitialisers { return address }
        } else if byte != 0, rules.reasonForNonzero(at: address) == nil {
          return address
        }
      }
    }
    return nil
  }

  private func callViolations(of record: RunRecord) -> [Difference] {
    let calls = record.calls(.startUp)
    guard let index = calls.firstIndex(where: { rules.reason(for: $0) == nil }) else { return [] }
    return [
      Difference(
        weight: .failure, place: .call(index: index, phase: .startUp), run: record.name,
        baseline: nil, expected: "no call but those that start-up needs",
        found: calls[index].text,
        cause: calls[index].input.map { "it asks for the input: \($0.rawValue)" }
          ?? "nothing in start-up asks for it",
        inputs: calls[index].input.map { [$0] } ?? [])
    ]
  }

  /// What a value that no run changes says of itself.
  private func constantCause(_ word: UInt64, in record: RunRecord) -> Cause {
    if record.isOnKernelStack(word) { return .kernelStackAddress }
    return Cause(
      text: "the same in every run: something before main leaves it, and nothing clears it")
  }

  // MARK: Against each other

  private func variations(runs: [RunRecord], baseline: RunRecord) -> [Difference] {
    var found: [[Layer: LayerDifference]] = []
    for record in runs.dropFirst() {
      let layers = LayerComparison(layout: rules.layout, first: baseline, second: record).all()
      found.append(
        rules.layout.isComparable(record, baseline) ? layers : layers.filter { $0.key.isAtMain })
    }
    return Layer.ordered.flatMap { layer -> [Difference] in
      let differing = zip(runs.dropFirst(), found).compactMap { record, layers in
        layers[layer].map { (record, $0) }
      }
      guard let (record, first) = differing.first else { return [] }
      let cause = Cause(baseline: baseline, differing: differing)
      return [
        Difference(
          weight: .failure, place: first.place, run: record.name, baseline: baseline.name,
          expected: first.expected, found: first.found, cause: cause.text, inputs: cause.inputs)
      ]
    } + groupVariations(runs: runs)
  }

  /// Start-up's own calls, between runs that agree in what start-up may depend on.
  private func groupVariations(runs: [RunRecord]) -> [Difference] {
    var firsts: [StartUpGroup: RunRecord] = [:]
    var differing: [(RunRecord, LayerDifference)] = []
    var reference: RunRecord?
    for record in runs {
      let group = record.run.perturbation.startUpGroup
      guard let first = firsts[group] else {
        firsts[group] = record
        continue
      }
      if let difference = LayerComparison(layout: rules.layout, first: first, second: record)
        .calls(.startUp)
      {
        reference = reference ?? first
        differing.append((record, difference))
      }
    }
    guard let reference, let (record, first) = differing.first else { return [] }
    let cause = Cause(baseline: reference, differing: differing)
    return [
      Difference(
        weight: .failure, place: first.place, run: record.name, baseline: reference.name,
        expected: first.expected, found: first.found, cause: cause.text, inputs: cause.inputs)
    ]
  }

  /// Start-up's own calls, between runs that differ in what start-up may depend on.
  private func normalisations(runs: [RunRecord], baseline: RunRecord) -> [Difference] {
    let mine = baseline.run.perturbation.startUpGroup
    // A run that differs in one respect says more than one that differs in several.
    let others = runs.dropFirst()
      .map { (record: $0, respects: mine.respects(besides: $0.run.perturbation.startUpGroup)) }
      .filter { !$0.respects.isEmpty }
    let ordered = others.filter { $0.respects.count == 1 } + others.filter { $0.respects.count > 1 }
    var known: [String] = []
    return ordered.compactMap { record, respects -> Difference? in
      guard !respects.contains(where: { known.contains($0) }),
        let difference = LayerComparison(layout: rules.layout, first: baseline, second: record)
          .calls(.startUp)
      else { return nil }
      let cause = respects.joined(separator: ", ")
      known.append(cause)
      return Difference(
        weight: .normalised, place: difference.place, run: record.name, baseline: baseline.name,
        expected: difference.expected, found: difference.found, cause: cause)
    }
  }
}

extension StartUpGroup {
  /// In what two groups differ, in words.
  func respects(besides other: StartUpGroup) -> [String] {
    var words: [String] = []
    if variableCount != other.variableCount { words.append("number of variables") }
    if closedDescriptors != other.closedDescriptors {
      let closed = Set(other.closedDescriptors).symmetricDifference(closedDescriptors).sorted()
      words.append("closed descriptors (\(closed.map { String($0) }.joined(separator: ", ")))")
    }
    if cpuModel != other.cpuModel { words.append("CPU model") }
    return words
  }
}

extension ProgramLayout {
  /// Whether two runs are to take the same course from `main` on: those that agree in what the
  /// program was granted to follow.
  fileprivate func isComparable(_ record: RunRecord, _ baseline: RunRecord) -> Bool {
    let varied = record.run.perturbation.inputs(variedFrom: baseline.run.perturbation)
    return !grantedInputs.contains { varied.contains($0) }
  }

  /// The byte that the file gives an address of the data section.
  func dataByte(at address: UInt64) -> UInt8 {
    guard address >= dataStart, address - dataStart < UInt64(data.count) else { return 0 }
    return data[Int(address - dataStart)]
  }
}

extension DifferencePlace {
  /// The place with bytes rounded to words, so that a rule and a variation meet at one leak.
  fileprivate var comparable: String {
    switch self {
    case .byte(let address, let region, _, let moment): "\(address / 8) \(region) \(moment)"
    case .call(_, let phase): "call \(phase)"
    default: "\(self)"
    }
  }
}
