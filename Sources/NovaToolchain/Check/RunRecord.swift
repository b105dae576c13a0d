// RunRecord.swift — a planned run with what it showed, in the form that runs are compared in.
// Hosted. Imports nothing.

/// A run of the plan and what it showed.
struct RunRecord: Sendable {
  let run: PlannedRun
  /// Without what the scheduler decides.
  let observation: Observation
  /// Whether the program started a thread after `main` began.
  let isMultithreaded: Bool

  /// What a run showed; of a program with several threads, what does not depend on their order.
  init(run: PlannedRun, observation: Observation) {
    self.run = run
    isMultithreaded = observation.callsFromMain.contains { $0.startsThread }
    self.observation = isMultithreaded ? observation.untilSecondThread : observation
  }

  /// The run's name, with its engine where that is not qemu.
  var name: String {
    run.engine == .qemu ? run.perturbation.name : "\(run.perturbation.name) (native)"
  }

  /// Where the kernel (or qemu) put strings, vectors and its own stack, by name.
  private var kernelMappings: [Mapping] {
    observation.atMain.mappings.filter { $0.name == "kernel-stack" || $0.name == "vdso" }
  }

  /// Whether an address lies on the stack that the kernel made.
  func isOnKernelStack(_ address: UInt64) -> Bool {
    observation.atMain.mappings.contains {
      $0.name == "kernel-stack" && address >= $0.low && address < $0.high
    }
  }

  /// The calls of a phase with addresses of kernel-made mappings replaced by the mappings' names.
  func calls(_ phase: DifferencePlace.Phase) -> [SystemCall] {
    let calls =
      phase == .startUp ? observation.callsBeforeMain : observation.callsFromMain
    return calls.map { call in
      var call = call
      call.arguments = withoutKernelAddresses(call.arguments)
      return call
    }
  }

  /// Tracers print addresses in hexadecimal or decimal, by the kind of call.
  private func withoutKernelAddresses(_ text: String) -> String {
    var result = ""
    var rest = text[...]
    while let start = rest.firstIndex(where: { $0.isNumber || $0.isLetter || $0 == "_" }) {
      result += rest[..<start]
      let word = rest[start...].prefix { $0.isNumber || $0.isLetter || $0 == "_" }
      let number = word.hasPrefix("0x") ? UInt64(word.dropFirst(2), radix: 16) : UInt64(word)
      let mapping = kernelMappings.first { mapping in
        number.map { $0 >= mapping.low && $0 < mapping.high } ?? false
      }
      result += mapping.map { "<\($0.name)>" } ?? String(word)
      rest = rest[word.endIndex...]
    }
    return result + rest
  }

  /// The snapshot of a moment; null when the run did not come there.
  func snapshot(_ moment: DifferencePlace.Moment) -> Snapshot? {
    moment == .main ? observation.atMain : observation.atEnd
  }

  /// The bytes that the program wrote to a descriptor; null when the run closed it.
  func output(_ descriptor: Int32) -> [UInt8]? {
    guard !run.perturbation.closedDescriptors.contains(descriptor) else { return nil }
    return descriptor == 1 ? observation.output : observation.errorOutput
  }
}

extension MemoryRegion {
  /// The byte at an address in the region.
  func byte(at address: UInt64) -> UInt8 {
    for (page, bytes) in nonzeroPages where address >= page && address - page < UInt64(bytes.count)
    {
      return bytes[Int(address - page)]
    }
    return 0
  }

  /// The aligned 8 bytes around an address, as a number.
  func word(around address: UInt64) -> UInt64 {
    let start = address & ~7
    return (0..<8).reduce(0) { $0 | UInt64(byte(at: start + UInt64($1))) << (8 * UInt64($1)) }
  }

  /// The lowest address whose byte is another in `other`.
  func firstDifference(from other: MemoryRegion) -> UInt64? {
    guard nonzeroPages != other.nonzeroPages else { return nil }
    for page in Set(nonzeroPages.keys).union(other.nonzeroPages.keys).sorted() {
      let mine = nonzeroPages[page]
      let others = other.nonzeroPages[page]
      if mine == others { continue }
      for offset in 0..<max(mine?.count ?? 0, others?.count ?? 0) {
        let first = mine.map { offset < $0.count ? $0[offset] : 0 } ?? 0
        let second = others.map { offset < $0.count ? $0[offset] : 0 } ?? 0
        if first != second { return page + UInt64(offset) }
      }
    }
    return nil
  }

  /// Runs of bytes that are not zero, by address, at most `limit` of them.
  func nonzeroRuns(limit: Int) -> [(address: UInt64, bytes: [UInt8])] {
    var runs: [(address: UInt64, bytes: [UInt8])] = []
    for page in nonzeroPages.keys.sorted() {
      let bytes = nonzeroPages[page] ?? []
      var offset = 0
      while offset < bytes.count {
        guard bytes[offset] != 0 else {
          offset += 1
          continue
        }
        guard runs.count < limit else { return runs }
        let end = bytes[offset...].firstIndex(of: 0) ?? bytes.count
        runs.append((page + UInt64(offset), [UInt8](bytes[offset..<end])))
        offset = end
      }
    }
    return runs
  }

  /// Bytes of the region that are not zero.
  var nonzeroByteCount: UInt64 {
    nonzeroPages.values.reduce(0) { $0 + UInt64($1.count { $0 != 0 }) }
  }
}
