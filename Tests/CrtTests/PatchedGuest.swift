// PatchedGuest.swift — a copy of a guest whose bootstrap record or segments were changed.

import Glibc
import NovaToolchain
import TestSupport

/// A changed copy of a guest in a folder of its own; gone with the value.
struct PatchedGuest {
  let path: String
  private let folder: TemporaryFolder

  /// Copies the guest `name` and changes the copy.
  ///
  /// - Parameters:
  ///   - name: the guest's.
  ///   - cpu: the guest's.
  ///   - bootstrap: keys (`NOVA_KEY_…`) and values, as `--defsym` would state them.
  ///   - takenAddress: where a segment of one page is added.
  /// - Throws: when the guest is missing or the copy cannot be made.
  init(
    _ name: String, on cpu: GuestCPU, bootstrap: [UInt64: UInt64] = [:],
    takenAddress: UInt64? = nil
  ) throws {
    let file = try ELFFile(readFile(Guests.path(of: name, on: cpu)))
    var bytes = file.bytes
    for (key, value) in bootstrap {
      let offset = try PatchedGuest.linkEntry(of: key, in: file)
      PatchedGuest.store([key, value], at: offset, in: &bytes)
    }
    if let takenAddress {
      // The program header of the stack's permissions becomes a segment without file bytes.
      let header = try PatchedGuest.stackHeaderOffset(in: file)
      let loadReadWrite: UInt64 = 1 | 6 << 32
      PatchedGuest.store(
        [loadReadWrite, 0, takenAddress, takenAddress, 0, 4096, 4096], at: header, in: &bytes)
    }
    folder = try TemporaryFolder()
    path = "\(folder.path)/\(name)"
    try Files.write(bytes, to: path, mode: 0o755)
  }

  /// Runs the copy to its end.
  func run(on machine: Machine, _ arguments: [String] = []) throws -> ProcessOutcome {
    try run(machine.request(program: path, arguments))
  }

  /// Runs a request for the copy.
  ///
  /// A child that another test forks holds the copy open for writing until it executes its own
  /// program; so long the kernel refuses to run the copy.
  func run(_ request: ProcessRequest) throws -> ProcessOutcome {
    for _ in 0..<PatchedGuest.attemptCountMax {
      do throws(ProcessError) {
        return try NovaToolchain.run(request)
      } catch {
        guard case .refused(.execute, _, ETXTBSY) = error else { throw error }
        usleep(1000)
      }
    }
    return try NovaToolchain.run(request)
  }

  private static let attemptCountMax = 1000

  /// File offset of the entry that the link states for a key: one of the last eight, in order.
  private static func linkEntry(of key: UInt64, in file: ELFFile) throws -> Int {
    guard let note = file.notes.first(where: { $0.name == "NovaCore.bootstrap" }) else {
      throw FileFailure(path: "the bootstrap note", errno: ENOENT)
    }
    let end = note.description.suffix(8).reversed().reduce(0 as UInt64) { $0 << 8 | UInt64($1) }
    let firstKey: UInt64 = 0x100
    let entryCount: UInt64 = 8
    let address = end - 16 * (entryCount - min(key - firstKey, entryCount - 1))
    for segment in file.segments where segment.kind == .load && address >= segment.address {
      guard address - segment.address < segment.fileByteCount else { continue }
      return Int(segment.fileOffset + address - segment.address)
    }
    throw FileFailure(path: "the bootstrap record", errno: ENOENT)
  }

  private static func stackHeaderOffset(in file: ELFFile) throws -> Int {
    let firstHeader = 64
    let headerByteCount = 56
    guard let index = file.segments.firstIndex(where: { $0.kind == .stack }) else {
      throw FileFailure(path: "the stack's program header", errno: ENOENT)
    }
    return firstHeader + index * headerByteCount
  }

  private static func store(_ words: [UInt64], at offset: Int, in bytes: inout [UInt8]) {
    for (index, word) in words.enumerated() {
      for byte in 0..<8 {
        bytes[offset + index * 8 + byte] = UInt8(truncatingIfNeeded: word >> (8 * byte))
      }
    }
  }
}

/// A file of the test's own could not be used.
struct FileFailure: Error {
  let path: String
  let errno: Int32
}
