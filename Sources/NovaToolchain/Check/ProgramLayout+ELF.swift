// ProgramLayout+ELF.swift — the layout of a program from its file.
// Hosted. Imports NovaABI for keys, policies and fixed addresses.

import NovaABI

extension ProgramLayout {
  /// Reads what a check must know of a file.
  ///
  /// - Throws: `ELFError` when it is no program of NovaCore's.
  init(of file: ELFFile) throws(ELFError) {
    let record = try file.bootstrapRecord()
    guard let main = record.main, let data = record.data, let bss = record.bss,
      let stackByteCount = record[NOVA_KEY_stack_byte_count],
      let heapByteCount = record[NOVA_KEY_heap_byte_count]
    else { throw .noBootstrapNote }
    target = file.target
    self.main = main
    let loaded = file.segments.filter { $0.kind == .load }
    let low = loaded.map { $0.address }.min() ?? 0
    image =
      low..<max(low, loaded.map { $0.address + $0.memoryByteCount }.max() ?? 0, bss.upperBound)
    dataStart = data.lowerBound
    self.data = Array(
      file.bytes(at: data.lowerBound, byteCount: data.upperBound - data.lowerBound) ?? [])
    stackLow = UInt64(NOVA_STACK_BASE)
    stackHigh = stackLow + Self.roundedToPage(stackByteCount)
    heapLow = UInt64(NOVA_HEAP_BASE)
    heapHigh = heapLow + Self.roundedToPage(heapByteCount)
    stackGuard = record.stackGuard
    bootstrap = Self.bootstrap(record)
    grantedInputs = Self.grantedInputs(record[NOVA_KEY_driver_grants] ?? 0)
    if let grants = try file.wasiGrants() {
      bootstrap += grants.rows.map { ManifestBootstrap(name: $0.name, value: $0.value) }
      grantedInputs += Self.grantedInputs(grants)
    }
    symbols = file.symbols
      .filter { !$0.isUndefined && ($0.kind == .function || $0.kind == .object) }
      .map { ProgramSymbol(name: $0.name, address: $0.address, byteCount: $0.byteCount) }
      .sorted { ($0.address, $0.name) < ($1.address, $1.name) }
  }

  /// Pages of the machines that checks run on: qemu-user's and x86_64's.
  private static let pageByteCount: UInt64 = 4096

  private static func roundedToPage(_ byteCount: UInt64) -> UInt64 {
    (byteCount + pageByteCount - 1) & ~(pageByteCount - 1)
  }

  private static func grantedInputs(_ word: UInt64) -> [StartInput] {
    let inputs: [(DriverGrant, StartInput)] = [
      (.arguments, .arguments), (.environment, .environment),
    ]
    return inputs.filter { word & $0.0.word != 0 }.map { $0.1 }
  }

  /// What a module may follow through WASI: what kinds of file its streams are, and where folders
  /// lie that are named from the one that the program is run in.
  private static func grantedInputs(_ grants: WASIGrants) -> [StartInput] {
    let isRelative = grants.folders.contains { $0.host.first != UInt8(ascii: "/") }
    return isRelative ? [.closedDescriptors, .workingDirectory] : [.closedDescriptors]
  }

  private static func bootstrap(_ record: BootstrapRecord) -> [ManifestBootstrap] {
    func bytes(_ key: nova_key) -> String { "\(record[key] ?? 0) bytes" }
    func policy(_ key: nova_key, _ names: [String]) -> String {
      let value = record[key] ?? 0
      return value < UInt64(names.count) ? names[Int(value)] : "unknown (\(value))"
    }
    return [
      .init(name: "stack", value: bytes(NOVA_KEY_stack_byte_count)),
      .init(
        name: "stack policy",
        value: policy(NOVA_KEY_stack_policy, ["lazy", "initial", "full"])),
      .init(name: "initial window", value: bytes(NOVA_KEY_stack_initial_byte_count)),
      .init(name: "heap", value: bytes(NOVA_KEY_heap_byte_count)),
      .init(name: "workers", value: "\(record[NOVA_KEY_worker_count] ?? 0)"),
      .init(
        name: "address policy", value: policy(NOVA_KEY_address_policy, ["fallback", "strict"])),
      .init(name: "entropy policy", value: policy(NOVA_KEY_entropy_policy, ["fixed", "kernel"])),
      .init(name: "cpu policy", value: policy(NOVA_KEY_cpu_policy, ["baseline", "native"])),
      .init(
        name: "driver grants",
        value: DriverGrant.names(in: record[NOVA_KEY_driver_grants] ?? 0)),
    ]
  }
}
