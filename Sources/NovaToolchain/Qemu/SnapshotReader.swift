// SnapshotReader.swift — registers, memory and mappings of a program that stands at a breakpoint.
// Hosted. Imports NovaABI for the size of guards.

import NovaABI

/// Reads snapshots of one emulator process.
struct SnapshotReader {
  let probe: QemuProbe
  let process: Int32
  let layout: RegisterLayout
  let started: StartedPlaces
  /// The stack pointer before the program's first instruction.
  let initialStack: UInt64

  /// What the program maps lies below.
  ///
  /// qemu's own mappings lie above: its libraries at 0x7f… (0x2aaa… with an unlimited stack), its
  /// file at 0x55….
  static let guestAddressLimit: UInt64 = 0x2a00_0000_0000
  private static let sampleByteCount = 64

  /// The state now; mappings are empty when the guest's addresses are not the emulator's own.
  ///
  /// Throws GDBError and ProbeError.
  func snapshot(_ remote: inout GDBRemote) throws -> Snapshot {
    let registers = try layout.values(from: &remote)
    let rows = HostMapping.mappings(of: process)
    var memory: [MemoryRegion] = []
    var mappings: [Mapping] = []
    if let direct = try directMemory(&remote) {
      for (name, range) in regions {
        memory.append(Self.region(name, range, try pages(range, rows, direct, &remote)))
      }
      mappings = guestMappings(rows)
    } else {
      for (name, range) in regions {
        memory.append(Self.region(name, range, try Self.pages(range, &remote)))
      }
    }
    return Snapshot(registers: registers, memory: memory, mappings: mappings)
  }

  private static func region(
    _ name: String, _ range: Range<UInt64>, _ pages: [UInt64: [UInt8]]
  ) -> MemoryRegion {
    MemoryRegion(
      name: name, address: range.lowerBound, byteCount: UInt64(range.count), nonzeroPages: pages)
  }

  private var regions: [(name: String, range: Range<UInt64>)] {
    [
      ("data", probe.places.data), ("bss", probe.places.bss), ("stack", started.stack),
      ("heap", started.heap),
    ]
  }

  /// The process's memory, where the stub shows the same code at `main`.
  ///
  /// Null when it may not be read, or when a guest's address is not the emulator's own.
  private func directMemory(_ remote: inout GDBRemote) throws(GDBError) -> ProcessMemory? {
    guard let memory = ProcessMemory(of: process) else { return nil }
    let main = probe.places.main
    let shown = try remote.memory(at: main, byteCount: Self.sampleByteCount)
    guard memory.read(at: main, byteCount: Self.sampleByteCount) == shown else { return nil }
    return memory
  }

  /// Throws GDBError and ProbeError.
  private func pages(
    _ range: Range<UInt64>, _ rows: [HostMapping], _ direct: borrowing ProcessMemory,
    _ remote: inout GDBRemote
  ) throws -> [UInt64: [UInt8]] {
    guard !range.isEmpty else { return [:] }
    guard
      let pages = direct.nonzeroPages(
        from: range.lowerBound, to: range.upperBound,
        isAnonymous: Self.isPrivateAnonymous(range, rows))
    else { throw ProbeError.unreadableMemory(address: range.lowerBound) }
    // The stub is the reference: the first bytes, and those of the first page that holds something.
    var samples = [range.lowerBound]
    if let first = pages.keys.min() { samples.append(first) }
    for address in samples {
      let count = min(Self.sampleByteCount, Int(range.upperBound - address))
      let expected = pages[address].map { Array($0.prefix(count)) }
      let shown = try remote.memory(at: address, byteCount: count)
      guard
        shown.prefix(expected?.count ?? count).elementsEqual(
          expected ?? [UInt8](repeating: 0, count: count))
      else { throw ProbeError.contradictoryMemory(address: address) }
    }
    return pages
  }

  /// Everything through the stub: about 45 ms per MiB.
  private static func pages(
    _ range: Range<UInt64>, _ remote: inout GDBRemote
  ) throws(GDBError) -> [UInt64: [UInt8]] {
    var pages: [UInt64: [UInt8]] = [:]
    var next = range.lowerBound
    let chunk = 16 * ProcessMemory.pageByteCount
    while next < range.upperBound {
      let count = min(chunk - next % chunk, range.upperBound - next)
      let bytes = try remote.memory(at: next, byteCount: Int(count))
      ProcessMemory.addNonzeroPages(of: bytes, at: next, to: &pages)
      next += count
    }
    return pages
  }

  /// Whether a range lies in private anonymous mappings without a gap.
  static func isPrivateAnonymous(_ range: Range<UInt64>, _ rows: [HostMapping]) -> Bool {
    var next = range.lowerBound
    for row in rows where row.low <= next && next < row.high {
      guard row.isPrivateAnonymous else { return false }
      next = row.high
    }
    return next >= range.upperBound
  }

  // MARK: Mappings

  /// The program's mappings, with the permissions that it sees itself.
  ///
  /// The image comes from the ELF file's segments, since qemu neither maps code executable nor
  /// leaves pages writable whose code it has translated. What lies elsewhere has the host's
  /// permissions; there, execute is never shown.
  private func guestMappings(_ rows: [HostMapping]) -> [Mapping] {
    var mappings = imageMappings()
    let imageHigh = mappings.map(\.high).max() ?? 0
    let imageLow = mappings.map(\.low).min() ?? 0
    let places = knownPlaces(rows)
    for row in rows where row.high <= Self.guestAddressLimit && row.path != probe.emulator {
      var low = row.low
      if low >= imageLow && low < imageHigh { low = imageHigh }
      while low < row.high {
        let place = places.first { $0.range.contains(low) }
        let next =
          place?.range.upperBound
          ?? places.map(\.range.lowerBound).filter { $0 > low }.min() ?? row.high
        let high = min(next, row.high)
        mappings.append(
          Mapping(
            low: low, high: high, permissions: String(row.permissions.prefix(3)),
            name: place?.name ?? (low == imageHigh ? "break" : "other")))
        low = high
      }
    }
    return mappings.sorted { $0.low < $1.low }
  }

  private func imageMappings() -> [Mapping] {
    let page = probe.target == .aarch64 ? 4096 : ProcessMemory.pageByteCount
    return probe.image.segments.filter { $0.kind == .load }.map { segment in
      let name =
        segment.permissions.contains(.execute)
        ? "image-text" : segment.permissions.contains(.write) ? "image-data" : "image-rodata"
      return Mapping(
        low: segment.address / page * page,
        high: (segment.address + segment.memoryByteCount + page - 1) / page * page,
        permissions: segment.permissions.description, name: name)
    }
  }

  private func knownPlaces(_ rows: [HostMapping]) -> [(name: String, range: Range<UInt64>)] {
    let guardByteCount = UInt64(NOVA_GUARD_BYTE_COUNT)
    let stack = started.stack
    var places = [
      ("stack-guard", stack.lowerBound - guardByteCount..<stack.lowerBound),
      ("stack", stack),
      ("stack-guard", stack.upperBound..<stack.upperBound + guardByteCount),
      ("heap", started.heap),
    ]
    if let kernelStack = rows.first(where: { $0.low <= initialStack && initialStack < $0.high }) {
      places.append(("kernel-stack", kernelStack.low..<kernelStack.high))
      if let below = rows.first(where: { $0.high == kernelStack.low }),
        below.permissions.hasPrefix("---")
      {
        places.append(("kernel-stack-guard", below.low..<below.high))
      }
      // Read-only and right above: qemu's return from signal handlers.
      if let above = rows.first(where: { $0.low == kernelStack.high }),
        above.permissions.hasPrefix("r-"), above.isPrivateAnonymous
      {
        places.append(("vdso", above.low..<above.high))
      }
    }
    return places
  }
}
