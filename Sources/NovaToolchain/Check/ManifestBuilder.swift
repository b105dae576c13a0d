// ManifestBuilder.swift — the manifest of a program from its runs under qemu.
// Hosted. Imports nothing. Native runs have their say in the verdict but leave no trace in the
// manifest, or it would not be the same on every machine.

/// Makes the manifest of one check.
struct ManifestBuilder {
  let rules: StartRules
  let records: [RunRecord]
  let differences: [Difference]

  private var qemuRuns: [RunRecord] { records.filter { $0.run.engine == .qemu } }

  /// The manifest of the baseline run, with what all runs proved.
  func manifest(of baseline: RunRecord) -> Manifest {
    let observation = baseline.observation
    let fails = differences.contains { $0.weight == .failure }
    return Manifest(
      target: rules.layout.target, verdict: fails ? .different : .same,
      bootstrap: rules.layout.bootstrap, inputs: inputs, registers: registers(of: baseline),
      zeroRegisters: zeroRegisters, mappings: observation.atMain.mappings.filter { $0.isProgram },
      regions: observation.atMain.memory.map { region(of: $0) },
      callsBeforeMain: baseline.calls(.startUp).map {
        ManifestCall(call: $0, reason: rules.reason(for: $0) ?? "WITHOUT A REASON")
      },
      normalised: differences.filter { $0.weight == .normalised }.map {
        ManifestNormalisation(
          cause: $0.cause, effect: "\($0.place.text): \($0.found), else \($0.expected)")
      },
      isMultithreaded: baseline.isMultithreaded, callsFromMain: baseline.calls(.program),
      trace: observation.trace, ending: observation.ending,
      outputByteCount: observation.output.count,
      errorOutputByteCount: observation.errorOutput.count, digest: digest(of: baseline))
  }

  // MARK: State at main

  /// Registers that are not zero in the baseline, with the reason; the kernel's are left out.
  private func registers(of baseline: RunRecord) -> [ManifestRegister] {
    baseline.observation.atMain.registers.compactMap { register in
      guard register.bytes.contains(where: { $0 != 0 }) else { return nil }
      let reason: String
      switch rules.rule(for: register.name) {
      case .zero: reason = "MUST BE ZERO"
      case .exactly(_, let known), .oneOf(_, let known), .image(let known): reason = known
      case .kernel: return nil
      }
      return ManifestRegister(
        name: register.name, value: register.bytes.hexadecimalNumber, reason: reason)
    }
  }

  /// Registers that are zero in every run that has them.
  private var zeroRegisters: [ZeroGroup] {
    var names: [String] = []
    var nonzero = Set<String>()
    for record in qemuRuns {
      for register in record.observation.atMain.registers where !rules.isKernel(register.name) {
        if !names.contains(register.name) { names.append(register.name) }
        if register.bytes.contains(where: { $0 != 0 }) { nonzero.insert(register.name) }
      }
    }
    let zero = names.filter { !nonzero.contains($0) }
    return RegisterGroup.allCases.compactMap { group in
      let count = zero.count { RegisterGroup(of: $0, target: rules.layout.target) == group }
      return count == 0 ? nil : ZeroGroup(name: group.rawValue, count: count)
    }
  }

  private func region(of region: MemoryRegion) -> ManifestRegion {
    let exceptionCountMax = 16
    var exceptions = region.nonzeroRuns(limit: exceptionCountMax).flatMap { exceptionsCut($0) }
    let nonzeroByteCount = region.nonzeroByteCount
    if region.name == "data" {
      exceptions =
        nonzeroByteCount == 0
        ? []
        : [.init(address: region.address, byteCount: nonzeroByteCount, reason: dataReason(region))]
    }
    return ManifestRegion(
      name: region.name, address: region.address, byteCount: region.byteCount,
      zeroByteCount: region.byteCount - nonzeroByteCount, exceptions: exceptions)
  }

  /// Bytes side by side, cut where their reasons change.
  private func exceptionsCut(
    _ run: (address: UInt64, bytes: [UInt8])
  ) -> [ManifestRegion.Exception] {
    var cut: [ManifestRegion.Exception] = []
    for address in run.address..<run.address + UInt64(run.bytes.count) {
      let reason = rules.reasonForNonzero(at: address) ?? "MUST BE ZERO"
      if let last = cut.last, last.reason == reason {
        cut[cut.count - 1].byteCount += 1
      } else {
        cut.append(.init(address: address, byteCount: 1, reason: reason))
      }
    }
    return cut
  }

  private func dataReason(_ region: MemoryRegion) -> String {
    let isFile = (0..<region.byteCount).allSatisfy {
      region.byte(at: region.address + $0) == rules.layout.dataByte(at: region.address + $0)
    }
    if isFile { return "initial values, as in the file" }
    return rules.hasInitialisers
      ? "initial values, some set anew by an initialiser" : "NOT AS IN THE FILE"
  }

  // MARK: Digest

  /// SHA-256 over the state at `main` and everything from `main` on.
  ///
  /// Zero registers and bytes add nothing, so that CPU models with more registers have the same
  /// digest.
  func digest(of record: RunRecord) -> String {
    var digest = SHA256()
    digest.update("NovaCore start-up digest \(Manifest.formatVersion)")
    digest.update(rules.layout.target.rawValue)
    add(record.observation.atMain, to: &digest)
    for call in record.calls(.program) { digest.update(call.text) }
    if let trace = record.observation.trace {
      digest.update(trace.instructionCount)
      digest.update(trace.programCounterHash)
      digest.update(trace.accessCount)
      digest.update(trace.accessHash)
    }
    for output in [record.observation.output, record.observation.errorOutput] {
      digest.update(UInt64(output.count))
      digest.update(output)
    }
    if let end = record.observation.atEnd { add(end, to: &digest) }
    digest.update(record.observation.ending.text)
    return digest.hexadecimal()
  }

  private func add(_ snapshot: Snapshot, to digest: inout SHA256) {
    for register in snapshot.registers.sorted(by: { $0.name < $1.name }) {
      guard !rules.isKernel(register.name), register.bytes.contains(where: { $0 != 0 }) else {
        continue
      }
      digest.update(register.name)
      digest.update(register.bytes.hexadecimalNumber)
    }
    for region in snapshot.memory.sorted(by: { $0.name < $1.name }) {
      digest.update(region.name)
      digest.update(region.address)
      digest.update(region.byteCount)
      for page in region.nonzeroPages.keys.sorted() {
        let bytes = region.nonzeroPages[page] ?? []
        digest.update(page)
        digest.update(UInt64(bytes.count))
        digest.update(bytes)
      }
    }
    for mapping in snapshot.mappings where mapping.isProgram { digest.update(mapping.text) }
  }
}

/// The kinds of registers that a manifest counts.
enum RegisterGroup: String, CaseIterable {
  case general = "general registers"
  case floatingPoint = "floating-point and control registers"
  case vector = "vector registers"
  case mask = "mask and predicate registers"

  /// The group of a register by its name.
  init(of name: String, target: Target) {
    let digits = name.drop { !$0.isNumber }
    let letters = name.prefix(name.count - digits.count)
    switch (target, letters) {
    case (.x86_64, "xmm"), (.x86_64, "ymm"), (.x86_64, "ymmh"), (.x86_64, "zmm"),
      (.aarch64, "v"), (.aarch64, "z"), (.riscv64, "v"):
      self = .vector
    case (.x86_64, "k"), (.aarch64, "p"), (.aarch64, "ffr"): self = .mask
    case (.x86_64, "r"), (.aarch64, "x"), (.riscv64, "a"), (.riscv64, "s"), (.riscv64, "t"):
      self = .general
    default: self = Self.generalNames.contains(name) ? .general : .floatingPoint
    }
  }

  private static let generalNames: Set<String> = [
    "rax", "rbx", "rcx", "rdx", "rsi", "rdi", "rbp", "fs_base", "gs_base", "cpsr", "zero", "tp",
    "fp",
  ]
}
