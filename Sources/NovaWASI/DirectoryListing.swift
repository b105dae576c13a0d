// DirectoryListing.swift — the entries of a directory, by name, as they were at one moment.
// Freestanding. Imports NovaSystem. Source: Linux's getdents64(2).

import NovaSystem

/// The entries of a directory in the order of their names' bytes: the same on every file system,
/// and still there while entries are removed.
struct DirectoryListing {
  /// The most bytes of names and what belongs to them.
  static var byteCountMax: Int { 16 << 20 }
  private static var bufferByteCount: Int { 32_768 }

  struct Entry {
    let inode: UInt64
    let type: WASIFileType
    /// Where in `names`.
    let start: Int
    let count: Int
  }

  private(set) var entries: [Entry] = []
  private var names: [UInt8] = []

  /// Reads all entries of a directory.
  ///
  /// - Throws: `WASIErrno.noMemory` when there are more than `byteCountMax` bytes.
  init(of descriptor: Int32) throws(WASIErrno) {
    var buffer = [UInt8](repeating: 0, count: Self.bufferByteCount)
    do throws(SystemError) {
      try System.seek(descriptor, by: 0, from: 0)
    } catch { throw WASIErrno(error) }
    while true {
      var span = buffer.mutableSpan
      let byteCount: Int
      do throws(SystemError) {
        byteCount = try System.readFolder(descriptor, into: &span)
      } catch { throw WASIErrno(error) }
      guard byteCount > 0 else { break }
      append(buffer, byteCount)
      guard names.count + entries.count * 32 <= Self.byteCountMax else { throw .noMemory }
    }
    sort()
  }

  private mutating func append(_ records: [UInt8], _ byteCount: Int) {
    let (lengthOffset, typeOffset, nameOffset) = (16, 18, 19)
    var place = 0
    while place + nameOffset < byteCount {
      let length = Int(records[place + lengthOffset]) | Int(records[place + lengthOffset + 1]) << 8
      guard length > nameOffset, place + length <= byteCount else { return }
      var inode: UInt64 = 0
      for index in 0..<8 { inode |= UInt64(records[place + index]) << (8 * UInt64(index)) }
      let start = names.count
      var next = place + nameOffset
      while next < place + length, records[next] != 0 {
        names.append(records[next])
        next += 1
      }
      entries.append(
        Entry(
          inode: inode, type: WASIFileType(mode: UInt32(records[place + typeOffset]) << 12),
          start: start, count: names.count - start))
      place += length
    }
  }

  /// The name's bytes of an entry.
  func name(_ entry: Entry) -> ArraySlice<UInt8> { names[entry.start..<entry.start + entry.count] }

  private func isBefore(_ left: Entry, _ right: Entry) -> Bool {
    for index in 0..<min(left.count, right.count) {
      let (a, b) = (names[left.start + index], names[right.start + index])
      if a != b { return a < b }
    }
    return left.count < right.count
  }

  /// Heapsort: in place, and small.
  private mutating func sort() {
    var end = entries.count
    var root = end / 2
    while end > 1 {
      if root > 0 {
        root -= 1
      } else {
        end -= 1
        entries.swapAt(0, end)
      }
      var parent = root
      while parent * 2 + 1 < end {
        var child = parent * 2 + 1
        if child + 1 < end, isBefore(entries[child], entries[child + 1]) { child += 1 }
        guard isBefore(entries[parent], entries[child]) else { break }
        entries.swapAt(parent, child)
        parent = child
      }
    }
  }
}
