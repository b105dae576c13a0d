// ELFBootstrap.swift — the bootstrap record that NovaCore's linker script writes into a program.
// Hosted. Imports NovaABI for the keys; the layout is told in crt/include/nova_abi.h.

public import NovaABI

/// What a program is started with, and what a tool must know of its image.
public struct BootstrapRecord: Sendable, Equatable {
  /// One word of the record, and its key.
  public struct Entry: Sendable, Equatable {
    /// `NOVA_KEY_…`.
    public var key: UInt64
    /// Bytes, a count, an address or a policy, by key.
    public var value: UInt64
  }

  /// Where the record stands in memory.
  public var address: UInt64
  /// All entries that are not empty, in the order of their layers: defaults, source, link options.
  public var entries: [Entry]

  /// The value that counts: the last layer's; null when no layer names the key.
  public subscript(key: nova_key) -> UInt64? {
    entries.last { $0.key == UInt64(key.rawValue) }?.value
  }

  /// The program's entry after start-up.
  public var main: UInt64? { self[NOVA_KEY_main] }
  /// `nova_end`, which every way out of the program passes.
  public var end: UInt64? { self[NOVA_KEY_end] }
  /// The stack protector's guard, 8 bytes that start-up sets.
  public var stackGuard: UInt64? { self[NOVA_KEY_stack_guard] }
  /// The start record, `struct nova_start_record`.
  public var startRecord: UInt64? { self[NOVA_KEY_start_record] }
  /// Start-up code.
  public var startText: Range<UInt64>? { range(NOVA_KEY_start_text, NOVA_KEY_program_text) }
  /// Code that runs from `main` on.
  public var programText: Range<UInt64>? { range(NOVA_KEY_program_text, NOVA_KEY_text_end) }
  /// Constants.
  public var readOnlyData: Range<UInt64>? { range(NOVA_KEY_rodata_start, NOVA_KEY_rodata_end) }
  /// Variables with an initial value.
  public var data: Range<UInt64>? { range(NOVA_KEY_data_start, NOVA_KEY_data_end) }
  /// Variables that begin as zero.
  public var bss: Range<UInt64>? { range(NOVA_KEY_bss_start, NOVA_KEY_bss_end) }
  /// The start record and its kin, which vary by design.
  public var recorded: Range<UInt64>? { range(NOVA_KEY_recorded_start, NOVA_KEY_recorded_end) }

  private func range(_ low: nova_key, _ high: nova_key) -> Range<UInt64>? {
    guard let low = self[low], let high = self[high], low <= high else { return nil }
    return low..<high
  }
}

extension ELFFile {
  /// The name of NovaCore's note, without the null at its end.
  static let bootstrapNoteName = "NovaCore.bootstrap"

  private static let entryByteCount: UInt64 = 16

  /// Reads the record that NovaCore's note points at.
  ///
  /// - Throws: `noBootstrapNote` when the program was not linked with NovaCore's linker script;
  ///   `badBootstrapNote`, `badBootstrapBounds`, `unsupportedVersion`.
  public func bootstrapRecord() throws(ELFError) -> BootstrapRecord {
    let (start, bytes) = try bootstrapBytes()
    var entries: [BootstrapRecord.Entry] = []
    for index in stride(from: bytes.startIndex, to: bytes.endIndex, by: 16) {
      let key = Self.word(bytes[index..<index + 8])
      let value = Self.word(bytes[index + 8..<index + 16])
      if key != UInt64(NOVA_KEY_none.rawValue) { entries.append(.init(key: key, value: value)) }
    }
    let record = BootstrapRecord(address: start, entries: entries)
    let version = record[NOVA_KEY_abi_version] ?? 0
    guard version == UInt64(NOVA_ABI_VERSION) else {
      throw .unsupportedVersion(found: version, expected: UInt64(NOVA_ABI_VERSION))
    }
    return record
  }

  /// The file's bytes with another value in the entry of `key`.
  ///
  /// - Parameters:
  ///   - value: what the entry says in the copy.
  ///   - key: one that the linker script itself states, so that its entry is never empty.
  /// - Returns: nil when the record has no such entry.
  /// - Throws: as `bootstrapRecord`.
  public func bytes(stating value: UInt64, for key: nova_key) throws(ELFError) -> [UInt8]? {
    let (_, record) = try bootstrapBytes()
    var changed = bytes
    for index in stride(from: record.startIndex, to: record.endIndex, by: 16) {
      guard Self.word(record[index..<index + 8]) == UInt64(key.rawValue) else { continue }
      for byte in 0..<8 {
        changed[index + 8 + byte] = UInt8(truncatingIfNeeded: value >> (8 * byte))
      }
      return changed
    }
    return nil
  }

  /// Where in the file the record keeps what the link says of `key`: a key, or 0, and a value.
  ///
  /// The record ends with an entry for each key that the link may state, in the keys' order.
  ///
  /// - Returns: null when there is no such entry.
  /// - Throws: as `bootstrapRecord`.
  func linkEntry(of key: UInt64) throws(ELFError) -> Int? {
    let (_, record) = try bootstrapBytes()
    let first = UInt64(NOVA_KEY_stack_byte_count.rawValue)
    let last = UInt64(NOVA_KEY_driver_grants.rawValue)
    guard (first...last).contains(key) else { return nil }
    let index = record.endIndex - Int(last - key + 1) * Int(Self.entryByteCount)
    guard index >= record.startIndex else { return nil }
    let found = Self.word(record[index..<index + 8])
    return found == 0 || found == key ? index : nil
  }

  private func bootstrapBytes() throws(ELFError) -> (address: UInt64, bytes: ArraySlice<UInt8>) {
    let found = notes.filter {
      $0.name == Self.bootstrapNoteName && $0.kind == UInt32(NOVA_NOTE_BOOTSTRAP)
    }
    guard let note = found.first else { throw .noBootstrapNote }
    guard found.count == 1, note.description.count == 16 else {
      throw .badBootstrapNote(offset: note.fileOffset)
    }
    let start = Self.word(note.description[0..<8])
    let end = Self.word(note.description[8..<16])
    guard start <= end, (end - start) % Self.entryByteCount == 0,
      let bytes = bytes(at: start, byteCount: end - start)
    else { throw .badBootstrapBounds(start: start, end: end) }
    return (start, bytes)
  }

  static func word(_ bytes: ArraySlice<UInt8>) -> UInt64 {
    bytes.reversed().reduce(0) { $0 << 8 | UInt64($1) }
  }
}
