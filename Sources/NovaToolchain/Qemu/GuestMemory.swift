// GuestMemory.swift — what a stopped guest's memory holds, read from the emulator's process.
// Hosted. Imports Glibc. Source: Linux, Documentation/admin-guide/mm/pagemap.rst.
//
// With guest_base 0 a guest's address is the emulator's own address, so /proc/PID/mem reads it in
// bulk, and /proc/PID/pagemap says which pages exist: a page of a private anonymous mapping that is
// neither present nor swapped out was never written and reads as zero.

import Glibc

/// A row of /proc/PID/maps.
struct HostMapping: Equatable {
  var low: UInt64
  var high: UInt64
  /// `rwxp` or `-` in each place; the last is `p` for private, `s` for shared.
  var permissions: String
  var inode: UInt64
  var path: String

  var isPrivateAnonymous: Bool { inode == 0 && permissions.hasSuffix("p") }

  /// The rows of a process; empty when it is gone or may not be read.
  static func mappings(of process: Int32) -> [HostMapping] {
    String(decoding: (try? readFile("/proc/\(process)/maps")) ?? [], as: UTF8.self)
      .split(separator: "\n").compactMap { HostMapping(line: $0) }
  }

  /// Parses `low-high perms offset device inode path`.
  init?(line: Substring) {
    let fields = line.split(separator: " ", maxSplits: 5, omittingEmptySubsequences: true)
    guard fields.count >= 5 else { return nil }
    let bounds = fields[0].split(separator: "-")
    guard bounds.count == 2, let low = UInt64(bounds[0], radix: 16),
      let high = UInt64(bounds[1], radix: 16), let inode = UInt64(fields[4])
    else { return nil }
    self.low = low
    self.high = high
    permissions = String(fields[1])
    self.inode = inode
    path = fields.count > 5 ? String(fields[5].drop { $0 == " " }) : ""
  }
}

/// The memory of a process, by address.
@safe struct ProcessMemory: ~Copyable {
  static let pageByteCount: UInt64 = UInt64(sysconf(Int32(_SC_PAGESIZE)))
  private static let readByteCountMax: UInt64 = 1 << 20
  private static let pagemapEntryCountMax: UInt64 = 1 << 16
  // pagemap: bit 63 present, bit 62 swapped out.
  private static let existsMask: UInt64 = 3 << 62

  private let memory: Int32
  private let pagemap: Int32

  /// Null when this process may not read the other's memory.
  init?(of process: Int32) {
    // SAFETY: the path is a C string during the call.
    let memory = unsafe open("/proc/\(process)/mem", O_RDONLY | O_CLOEXEC)
    guard memory >= 0 else { return nil }
    // SAFETY: the path is a C string during the call.
    let pagemap = unsafe open("/proc/\(process)/pagemap", O_RDONLY | O_CLOEXEC)
    guard pagemap >= 0 else {
      close(memory)
      return nil
    }
    self.memory = memory
    self.pagemap = pagemap
  }

  deinit {
    close(memory)
    close(pagemap)
  }

  /// Bytes at an address; null when not all of them can be read.
  func read(at address: UInt64, byteCount: Int) -> [UInt8]? {
    var count = 0
    let bytes = unsafe [UInt8](unsafeUninitializedCapacity: byteCount) { buffer, filled in
      // SAFETY: at most `byteCount` bytes, the buffer's capacity, are written.
      unsafe count = pread(
        memory, buffer.baseAddress, byteCount, off_t(truncatingIfNeeded: address))
      filled = max(count, 0)
    }
    return count == byteCount ? bytes : nil
  }

  /// The pages of a range that exist, as runs `low ..< high` within the range.
  func existingRuns(from low: UInt64, to high: UInt64) -> [(low: UInt64, high: UInt64)]? {
    let page = Self.pageByteCount
    var runs: [(low: UInt64, high: UInt64)] = []
    var next = low / page
    let end = (high + page - 1) / page
    while next < end {
      let count = Int(min(Self.pagemapEntryCountMax, end - next))
      var read = 0
      let entries = unsafe [UInt64](unsafeUninitializedCapacity: count) { buffer, filled in
        // SAFETY: `count` entries of 8 bytes are the buffer's capacity.
        unsafe read = pread(pagemap, buffer.baseAddress, count * 8, off_t(next * 8))
        filled = max(read, 0) / 8
      }
      guard read == count * 8 else { return nil }
      for (index, entry) in entries.enumerated() where entry & Self.existsMask != 0 {
        let first = max(low, (next + UInt64(index)) * page)
        let last = min(high, (next + UInt64(index) + 1) * page)
        if let previous = runs.last, previous.high == first {
          runs[runs.count - 1].high = last
        } else {
          runs.append((first, last))
        }
      }
      next += UInt64(count)
    }
    return runs
  }

  /// The pages of a range that hold something other than zero.
  ///
  /// - Parameters:
  ///   - low: the range's first address.
  ///   - high: the address past its end.
  ///   - isAnonymous: the range is private and anonymous, so that a missing page is zero.
  /// - Returns: pages by the address of their first byte in the range; null when it cannot be read.
  func nonzeroPages(from low: UInt64, to high: UInt64, isAnonymous: Bool) -> [UInt64: [UInt8]]? {
    let runs = isAnonymous ? existingRuns(from: low, to: high) : [(low, high)]
    guard let runs else { return nil }
    var pages: [UInt64: [UInt8]] = [:]
    for run in runs {
      var next = run.low
      while next < run.high {
        let count = min(Self.readByteCountMax, run.high - next)
        guard let bytes = read(at: next, byteCount: Int(count)) else { return nil }
        Self.addNonzeroPages(of: bytes, at: next, to: &pages)
        next += count
      }
    }
    return pages
  }

  /// Cuts bytes at page boundaries and keeps the pieces that are not all zero.
  static func addNonzeroPages(
    of bytes: [UInt8], at address: UInt64, to pages: inout [UInt64: [UInt8]]
  ) {
    var offset = 0
    while offset < bytes.count {
      let start = address + UInt64(offset)
      let count = min(Int(pageByteCount - start % pageByteCount), bytes.count - offset)
      if !isZero(bytes, offset, count) { pages[start] = Array(bytes[offset..<offset + count]) }
      offset += count
    }
  }

  private static func isZero(_ bytes: [UInt8], _ offset: Int, _ count: Int) -> Bool {
    unsafe bytes.withUnsafeBytes { buffer in
      guard let base = buffer.baseAddress else { return true }
      // SAFETY: offset + count <= bytes.count, by the only caller. Equal to itself shifted by one
      // byte, and zero at the first, means zero everywhere.
      let piece = unsafe base + offset
      return unsafe piece.load(as: UInt8.self) == 0
        && (count == 1 || memcmp(piece, piece + 1, count - 1) == 0)
    }
  }
}
