// Inspection.swift — what `nova inspect` tells of a program: layout, sizes by origin, bootstrap,
// checks.
// Hosted. Imports NovaABI for the record's keys. Text and JSON: Inspection+Text.swift.

import NovaABI

/// Where a program's code or variable comes from.
public enum SymbolOrigin: String, CaseIterable, Sendable {
  /// Runs before `main`, or is written there and only read afterwards.
  case startUp = "start-up"
  /// NovaCore's Swift modules, and crt's C functions that a program calls.
  case runtime
  /// The Swift standard library and Embedded Swift's runtime functions.
  case standardLibrary = "standard library"
  case program
  /// Bytes that no symbol covers: literals, alignment, assembly without sizes.
  case unnamed
}

/// What an ELF file is and holds.
public struct Inspection: Sendable, Equatable {
  /// A property that a NovaCore program has.
  public struct Property: Sendable, Equatable {
    /// The property, in words.
    public var name: String
    /// Whether the program has it.
    public var holds: Bool
    /// What breaks it; empty when it holds.
    public var exception: String
  }

  /// A section that takes up memory or, like debug information, only file bytes.
  public struct Section: Sendable, Equatable {
    /// As in the file.
    public var name: String
    /// Where it stands in memory; 0 for what is not loaded.
    public var address: UInt64
    /// Bytes in memory.
    public var byteCount: UInt64
    /// 0 for `.bss`.
    public var fileByteCount: UInt64
    /// Whether it takes up memory while the program runs.
    public var isLoaded: Bool
  }

  /// Code or a variable.
  public struct Symbol: Sendable, Equatable {
    /// Mangled, as in the file.
    public var name: String
    /// Where it stands in memory.
    public var address: UInt64
    /// Bytes that it covers.
    public var byteCount: UInt64
    /// Name of the section that holds it.
    public var section: String
    /// Who brought it in.
    public var origin: SymbolOrigin
  }

  /// Bytes by origin.
  public struct Group: Sendable, Equatable {
    /// Who brought it in.
    public var origin: SymbolOrigin
    /// Bytes of instructions.
    public var codeByteCount: UInt64
    /// Constants and tables.
    public var constantByteCount: UInt64
    /// Variables, `.bss` included.
    public var variableByteCount: UInt64
  }

  /// One resolved value of the bootstrap record.
  public struct Setting: Sendable, Equatable {
    /// As the linker's symbols spell it, such as `stack_size`.
    public var name: String
    /// The value that counts: the last layer's.
    public var value: UInt64
    /// The value in words: a policy's name, or bytes in KiB, MiB, GiB.
    public var meaning: String
  }

  /// The CPU.
  public var target: Target
  /// Whether the file is linked, and how.
  public var kind: ELFFile.Kind
  /// The address of the first instruction.
  public var entry: UInt64
  /// Bytes of the file.
  public var fileByteCount: UInt64
  /// Lower-case hexadecimal digits; null when the linker wrote none.
  public var buildIdentifier: String?
  /// What a NovaCore program promises, and whether this one keeps it.
  public var properties: [Property]
  /// In the order of the program headers.
  public var segments: [ELFSegment]
  /// Those that take up bytes in memory or in the file.
  public var sections: [Section]
  /// In the order of `SymbolOrigin`; empty in a stripped file.
  public var groups: [Group]
  /// The largest first.
  public var largest: [Symbol]
  /// The bootstrap record: the stack's part, then heap, workers, policies.
  ///
  /// Null when the file has no NovaCore note.
  public var settings: [Setting]?
  /// What the program grants its module through WASI; null when it imports nothing of it.
  public var wasiGrants: WASIGrants?

  /// How many symbols `largest` lists unless told otherwise.
  public static let largestCountDefault = 20

  /// Inspects a parsed file.
  ///
  /// - Parameters:
  ///   - file: what was parsed.
  ///   - largestCount: most symbols in `largest`; 0 and more.
  /// - Throws: `ELFError` when the file has a NovaCore note that lies; a file without one is fine.
  public init(
    _ file: ELFFile, largestCount: Int = Inspection.largestCountDefault
  ) throws(ELFError) {
    var record: BootstrapRecord?
    do {
      record = try file.bootstrapRecord()
    } catch .noBootstrapNote {
      record = nil
    }
    target = file.target
    kind = file.kind
    entry = file.entry
    fileByteCount = UInt64(file.bytes.count)
    buildIdentifier = file.buildIdentifier.map { $0.map(Self.twoDigits).joined() }
    properties = Self.properties(of: file)
    segments = file.segments
    sections = file.sections.dropFirst().map {
      Section(
        name: $0.name, address: $0.address, byteCount: $0.byteCount,
        fileByteCount: $0.hasBytes ? $0.byteCount : 0, isLoaded: $0.isAllocated)
    }
    let symbols = SymbolSizes(file, record: record).symbols
    groups = Self.groups(symbols, in: sections)
    largest = Array(
      symbols.sorted { ($1.byteCount, $0.address) < ($0.byteCount, $1.address) }
        .prefix(max(largestCount, 0)))
    settings = record.map(Self.settings)
    wasiGrants = try file.wasiGrants()
  }

  private static func twoDigits(_ byte: UInt8) -> String {
    (byte < 16 ? "0" : "") + String(byte, radix: 16)
  }

  private static func properties(of file: ELFFile) -> [Property] {
    func property(_ name: String, _ exceptions: [String]) -> Property {
      Property(
        name: name, holds: exceptions.isEmpty, exception: exceptions.joined(separator: ", "))
    }
    let loaded = file.segments.filter { $0.kind == .load }
    let both = loaded.filter { $0.permissions.isSuperset(of: [.write, .execute]) }
    let stacks = file.segments.filter { $0.kind == .stack && $0.permissions.contains(.execute) }
    func count(_ kind: ELFSegment.Kind) -> Int { file.segments.count { $0.kind == kind } }
    return [
      property("executable at a fixed address", file.kind == .executable ? [] : ["\(file.kind)"]),
      property(
        "no segment is writable and executable",
        both.map { "segment at 0x" + String($0.address, radix: 16) }),
      property("the stack is not executable", stacks.map { _ in "PT_GNU_STACK asks for x" }),
      property("no interpreter", count(.interpreter) == 0 ? [] : ["PT_INTERP"]),
      property("no dynamic section", count(.dynamic) == 0 ? [] : ["PT_DYNAMIC"]),
      property("no thread-local storage", count(.threadLocal) == 0 ? [] : ["PT_TLS"]),
      property("no undefined symbol", file.symbols.filter(\.isUndefined).map(\.name)),
    ]
  }

  private static func groups(_ symbols: [Symbol], in sections: [Section]) -> [Group] {
    if symbols.isEmpty { return [] }
    var groups = SymbolOrigin.allCases.map {
      Group(origin: $0, codeByteCount: 0, constantByteCount: 0, variableByteCount: 0)
    }
    func add(_ byteCount: UInt64, of section: String, to origin: SymbolOrigin) {
      guard let index = groups.firstIndex(where: { $0.origin == origin }) else { return }
      switch section {
      case ".text": groups[index].codeByteCount += byteCount
      case ".data", ".bss": groups[index].variableByteCount += byteCount
      default: groups[index].constantByteCount += byteCount
      }
    }
    var covered: [String: UInt64] = [:]
    for symbol in symbols {
      add(symbol.byteCount, of: symbol.section, to: symbol.origin)
      covered[symbol.section, default: 0] += symbol.byteCount
    }
    for section in sections where section.isLoaded {
      let named = covered[section.name] ?? 0
      add(section.byteCount - min(named, section.byteCount), of: section.name, to: .unnamed)
    }
    return groups
  }

  private static func settings(_ record: BootstrapRecord) -> [Setting] {
    let bytes: [(String, nova_key)] = [
      ("stack_size", NOVA_KEY_stack_byte_count),
      ("stack_initial", NOVA_KEY_stack_initial_byte_count),
      ("heap_size", NOVA_KEY_heap_byte_count),
    ]
    let counts: [(String, nova_key)] = [("worker_count", NOVA_KEY_worker_count)]
    let policies: [(String, nova_key, [String])] = [
      ("stack_policy", NOVA_KEY_stack_policy, ["lazy", "initial", "full"]),
      ("address_policy", NOVA_KEY_address_policy, ["fallback", "strict"]),
      ("entropy_policy", NOVA_KEY_entropy_policy, ["fixed", "kernel"]),
      ("cpu_policy", NOVA_KEY_cpu_policy, ["baseline", "native"]),
    ]
    var settings: [Setting] = []
    for (name, key) in bytes {
      guard let value = record[key] else { continue }
      settings.append(Setting(name: name, value: value, meaning: binaryMultiple(value)))
    }
    for (name, key) in counts {
      guard let value = record[key] else { continue }
      settings.append(Setting(name: name, value: value, meaning: "\(value)"))
    }
    for (name, key, names) in policies {
      guard let value = record[key] else { continue }
      let meaning = value < UInt64(names.count) ? names[Int(value)] : "unknown"
      settings.append(Setting(name: name, value: value, meaning: meaning))
    }
    if let grants = record[NOVA_KEY_driver_grants] {
      let meaning = DriverGrant.names(in: grants)
      settings.append(Setting(name: "driver_grants", value: grants, meaning: meaning))
    }
    return settings
  }

  /// Bytes in the largest unit that divides them.
  static func binaryMultiple(_ byteCount: UInt64) -> String {
    for (unit, shift) in [("GiB", 30), ("MiB", 20), ("KiB", 10)] as [(String, UInt64)]
    where byteCount > 0 && byteCount & ((1 << shift) - 1) == 0 {
      return "\(byteCount >> shift) \(unit)"
    }
    return "\(byteCount) B"
  }
}
