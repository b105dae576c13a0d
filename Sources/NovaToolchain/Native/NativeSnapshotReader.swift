// NativeSnapshotReader.swift — registers, memory and mappings of a program that stands still.
// Hosted. Imports NovaABI for the size of guards, Glibc for the size of a page.

import Glibc
import NovaABI

/// Reads snapshots of one traced program.
struct NativeSnapshotReader {
  let probe: NativeProbe
  let stack: Range<UInt64>
  let heap: Range<UInt64>
  /// The stack pointer before the program's first instruction.
  let initialStack: UInt64

  // In `struct nova_start_record`: stack_low, stack_high, heap_low, heap_high follow five words.
  private static let boundsOffset: UInt64 = 40

  /// The program must have filled its start record.
  init(
    probe: NativeProbe, _ tracee: borrowing Tracee, initialStack: UInt64
  ) throws(NativeProbeError) {
    let address = probe.places.startRecord &+ Self.boundsOffset
    guard let bytes = tracee.memory.read(at: address, byteCount: 32) else {
      throw .inaccessibleMemory(address: address)
    }
    let words = (0..<4).map { index in
      bytes[8 * index..<8 * index + 8].reversed().reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
    }
    let guardByteCount = UInt64(NOVA_GUARD_BYTE_COUNT)
    guard words[0] <= words[1], words[2] <= words[3], words[0] >= guardByteCount,
      words[1] <= UInt64.max - guardByteCount
    else { throw .badStartRecord(address: address) }
    stack = words[0]..<words[1]
    heap = words[2]..<words[3]
    self.probe = probe
    self.initialStack = initialStack
  }

  func snapshot(_ tracee: borrowing Tracee) throws(NativeProbeError) -> Snapshot {
    var sets: [UInt32: [UInt8]] = [:]
    for noteType in [
      RegisterSet.general, RegisterSet.floatingPoint, RegisterSet.x86Extended,
      RegisterSet.armThreadPointer, RegisterSet.armScalableVectors, RegisterSet.riscvVectors,
    ] {
      sets[noteType] = tracee.registers(noteType)
    }
    let rows = HostMapping.mappings(of: tracee.process)
    var memory: [MemoryRegion] = []
    for (name, range) in regions {
      memory.append(
        MemoryRegion(
          name: name, address: range.lowerBound, byteCount: UInt64(range.count),
          nonzeroPages: try pages(range, rows, of: tracee.process)))
    }
    return Snapshot(
      registers: NativeRegisters(target: probe.image.target) { sets[$0] }.values(),
      memory: memory, mappings: mappings(rows))
  }

  private var regions: [(name: String, range: Range<UInt64>)] {
    [("data", probe.places.data), ("bss", probe.places.bss), ("stack", stack), ("heap", heap)]
  }

  private func pages(
    _ range: Range<UInt64>, _ rows: [HostMapping], of process: Int32
  ) throws(NativeProbeError) -> [UInt64: [UInt8]] {
    guard !range.isEmpty else { return [:] }
    guard let memory = ProcessMemory(of: process),
      let pages = memory.nonzeroPages(
        from: range.lowerBound, to: range.upperBound,
        isAnonymous: SnapshotReader.isPrivateAnonymous(range, rows))
    else { throw .inaccessibleMemory(address: range.lowerBound) }
    return pages
  }

  // MARK: Mappings

  /// The kernel's rows, cut where a named place begins or ends.
  private func mappings(_ rows: [HostMapping]) -> [Mapping] {
    let places = knownPlaces
    let edges = places.flatMap { [$0.range.lowerBound, $0.range.upperBound] }.sorted()
    var mappings: [Mapping] = []
    for row in rows {
      var low = row.low
      while low < row.high {
        let high = min(edges.first { $0 > low } ?? row.high, row.high)
        let name = places.first { $0.range.contains(low) }?.name ?? Self.name(of: row)
        let permissions = String(row.permissions.prefix(3))
        if let last = mappings.last, last.high == low, last.name == name,
          last.permissions == permissions
        {
          mappings[mappings.count - 1].high = high
        } else {
          mappings.append(Mapping(low: low, high: high, permissions: permissions, name: name))
        }
        low = high
      }
    }
    return mappings
  }

  private var knownPlaces: [(name: String, range: Range<UInt64>)] {
    let page = UInt64(sysconf(Int32(_SC_PAGESIZE)))
    let guardByteCount = UInt64(NOVA_GUARD_BYTE_COUNT)
    let image = probe.image.segments.filter { $0.kind == .load }.map { segment in
      let name =
        segment.permissions.contains(.execute)
        ? "image-text" : segment.permissions.contains(.write) ? "image-data" : "image-rodata"
      let low = segment.address / page * page
      let high = (segment.address + segment.memoryByteCount + page - 1) / page * page
      return (name, low..<max(low, high))
    }
    return image + [
      ("stack-guard", stack.lowerBound - guardByteCount..<stack.lowerBound),
      ("stack", stack),
      ("stack-guard", stack.upperBound..<stack.upperBound + guardByteCount),
      ("heap", heap),
    ]
  }

  private static func name(of row: HostMapping) -> String {
    switch row.path {
    case "[stack]": "kernel-stack"
    case "[vdso]": "vdso"
    // The data that the kernel's shared code reads: clock, random state.
    case _ where row.path.hasPrefix("[vvar"): "vvar"
    case "[vsyscall]": "vsyscall"
    case "[heap]": "break"
    default: "other"
    }
  }
}
