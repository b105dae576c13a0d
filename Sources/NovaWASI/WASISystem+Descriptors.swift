// WASISystem+Descriptors.swift — what is done with a descriptor besides reading and writing it.
// Freestanding. Imports NovaSystem. Source: WASI snapshot preview 1.

import NovaCore
import NovaSystem

extension WASISystem {
  @inline(never) func fdAdvise(_ call: WASICall) throws(WASIErrno) {
    try advise(call)
  }

  @inline(never) func fdAllocate(_ call: WASICall) throws(WASIErrno) {
    let file = try file(call, .allocate)
    let (offset, byteCount) = (try call.fileSize(1), try call.fileSize(2))
    try asSystem { () throws(SystemError) in
      try System.reserve(file.host, offset: offset, byteCount: byteCount)
    }
  }

  @inline(never) func fdClose(_ call: WASICall) throws(WASIErrno) {
    try table.close(call.u32(0))
  }

  @inline(never) func fdDatasync(_ call: WASICall) throws(WASIErrno) {
    let entry = try table.descriptor(call.u32(0), with: .dataSync)
    try asSystem { () throws(SystemError) in
      try System.synchronise(entry.host, dataOnly: true)
    }
  }

  @inline(never) func fdSync(_ call: WASICall) throws(WASIErrno) {
    let entry = try table.descriptor(call.u32(0), with: .sync)
    try asSystem { () throws(SystemError) in
      try System.synchronise(entry.host, dataOnly: false)
    }
  }

  @inline(never) func fdFdstatGet(_ call: WASICall) throws(WASIErrno) {
    try getDescriptorStatus(call)
  }

  @inline(never) func fdFdstatSetFlags(_ call: WASICall) throws(WASIErrno) {
    try setFlags(call)
  }

  @inline(never) func fdFdstatSetRights(_ call: WASICall) throws(WASIErrno) {
    try setRights(call)
  }

  @inline(never) func fdFilestatGet(_ call: WASICall) throws(WASIErrno) {
    let entry = try table.descriptor(call.u32(0), with: .status)
    let status = try status(in: entry.host, WASISystem.noName)
    try store(status, call.u32(1), call.memory)
  }

  @inline(never) func fdFilestatSetSize(_ call: WASICall) throws(WASIErrno) {
    let file = try file(call, .setSize)
    let byteCount = try call.fileSize(1)
    try asSystem { () throws(SystemError) in
      try System.setByteCount(of: file.host, to: byteCount)
    }
  }

  @inline(never) func fdFilestatSetTimes(_ call: WASICall) throws(WASIErrno) {
    let entry = try table.descriptor(call.u32(0), with: .setTimes)
    let times = try times(call, at: 1)
    try asSystem { () throws(SystemError) in
      try System.setTimes(
        in: entry.host, nil, accessed: times.accessed, modified: times.modified)
    }
  }

  @inline(never) func fdPrestatGet(_ call: WASICall) throws(WASIErrno) {
    let name = try grantedName(call.u32(0))
    try call.memory.store(UInt32(0), call.u32(1))
    try call.memory.store(UInt32(name.count), call.u32(1), offset: 4)
  }

  @inline(never) func fdPrestatDirName(_ call: WASICall) throws(WASIErrno) {
    let name = try grantedName(call.u32(0))
    guard name.count <= call.u32(2) else { throw .nameTooLong }
    try call.memory.write(name.span, call.u32(1))
  }

  @inline(never) func fdReaddir(_ call: WASICall) throws(WASIErrno) {
    try readDirectory(call)
  }

  @inline(never) func fdRenumber(_ call: WASICall) throws(WASIErrno) {
    try table.renumber(call.u32(0), to: call.u32(1))
  }
}

/// What the system refuses, in WASI's words.
func asSystem<Result>(_ body: () throws(SystemError) -> Result) throws(WASIErrno) -> Result {
  do throws(SystemError) { return try body() } catch { throw WASIErrno(error) }
}

/// Flags of an open file; raw values are WASI's.
struct WASIOpenFlags: OptionSet {
  let rawValue: UInt32
  static var append: WASIOpenFlags { WASIOpenFlags(rawValue: 1) }
  static var dataSync: WASIOpenFlags { WASIOpenFlags(rawValue: 2) }
  static var nonblocking: WASIOpenFlags { WASIOpenFlags(rawValue: 4) }
  static var readSync: WASIOpenFlags { WASIOpenFlags(rawValue: 8) }
  static var sync: WASIOpenFlags { WASIOpenFlags(rawValue: 16) }
  static var all: WASIOpenFlags { WASIOpenFlags(rawValue: 31) }

  /// The system's words for the flags; it knows `readSync` as `sync` alone.
  var options: OpenOptions {
    var options = OpenOptions.read
    if contains(.append) { options = options | .append }
    if contains(.nonblocking) { options = options | .nonblocking }
    if contains(.dataSync) { options = options | .dataSync }
    if contains(.sync) || contains(.readSync) { options = options | .sync }
    return options
  }

  init(rawValue: UInt32) { self.rawValue = rawValue }

  init(_ options: OpenOptions) {
    var flags: WASIOpenFlags = []
    if options.contains(.append) { flags.insert(.append) }
    if options.contains(.nonblocking) { flags.insert(.nonblocking) }
    if options.contains(.sync) {
      flags.insert(.sync)
    } else if options.contains(.dataSync) {
      flags.insert(.dataSync)
    }
    self = flags
  }
}

extension WASISystem {
  /// The descriptor of argument 0, which is no directory, with a right.
  func file(_ call: WASICall, _ right: WASIRights) throws(WASIErrno) -> WASIDescriptor {
    let entry = try table[call.u32(0)]
    guard entry.type != .directory else { throw .badDescriptor }
    return try table.descriptor(call.u32(0), with: right)
  }

  fileprivate func grantedName(_ number: UInt32) throws(WASIErrno) -> [UInt8] {
    guard let folder = try table[number].folder else { throw .badDescriptor }
    return folderNames[Int(folder)]
  }

  fileprivate func advise(_ call: WASICall) throws(WASIErrno) {
    let file = try file(call, .advise)
    let (offset, byteCount) = (try call.fileSize(1), try call.fileSize(2))
    // WASI's numbers, normal, sequential, random, will need, don't need, no reuse, as Linux's.
    let linux: [Int32] = [0, 2, 1, 3, 4, 5]
    let advice = call.u32(3)
    guard advice < linux.count else { throw .invalid }
    try asSystem { () throws(SystemError) in
      try System.advise(
        file.host, offset: offset, byteCount: byteCount, advice: linux[Int(advice)])
    }
  }

  fileprivate func getDescriptorStatus(_ call: WASICall) throws(WASIErrno) {
    let entry = try table[call.u32(0)]
    var flags: WASIOpenFlags = []
    if !entry.rights.isEmpty {
      flags = WASIOpenFlags(
        try asSystem { () throws(SystemError) in try System.openOptions(of: entry.host) })
    }
    let (memory, place) = (call.memory, call.u32(1))
    try memory.clear(place, 24)
    try memory.store(entry.type.rawValue, place)
    try memory.store(UInt16(flags.rawValue), place, offset: 2)
    try memory.store(entry.rights.rawValue, place, offset: 8)
    try memory.store(entry.inheriting.rawValue, place, offset: 16)
  }

  /// The system changes two flags of an open file; the others must stay as they are.
  fileprivate func setFlags(_ call: WASICall) throws(WASIErrno) {
    let entry = try table.descriptor(call.u32(0), with: .setFlags)
    let wanted = WASIOpenFlags(rawValue: call.u32(1))
    guard WASIOpenFlags.all.isSuperset(of: wanted) else { throw .invalid }
    try asSystem { () throws(SystemError) in try System.openOptions(of: entry.host) }
      .requireSameSync(as: wanted.options)
    try asSystem { () throws(SystemError) in
      try System.setOpenOptions(
        of: entry.host, to: wanted.options & (.append | .nonblocking))
    }
  }

  /// Rights can be given up, and not come back.
  fileprivate func setRights(_ call: WASICall) throws(WASIErrno) {
    let entry = try table[call.u32(0)]
    let rights = WASIRights(rawValue: call.u64(1))
    let inheriting = WASIRights(rawValue: call.u64(2))
    guard entry.rights.isSuperset(of: rights), entry.inheriting.isSuperset(of: inheriting) else {
      throw .notCapable
    }
    table.update(call.u32(0)) {
      $0.rights = rights
      $0.inheriting = inheriting
    }
  }

  /// Lets go what was read of a directory that a descriptor of the system's was open on.
  func forgetListing(of directory: Int32) { listings.removeAll { $0.directory == directory } }

  /// Puts entries from the one that the cookie, argument 3, names; the last one perhaps not whole.
  fileprivate func readDirectory(_ call: WASICall) throws(WASIErrno) {
    let number = call.u32(0)
    let entry = try table.directory(number, with: .readDirectory)
    let cookie = call.u64(3)
    let listing: DirectoryListing
    if cookie > 0, let known = listings.first(where: { $0.directory == entry.host }) {
      listing = known.listing
    } else {
      listing = try DirectoryListing(of: entry.host)
      forgetListing(of: entry.host)
      listings.append((entry.host, listing))
    }
    guard cookie <= listing.entries.count else { throw .invalid }
    let room = Int(call.u32(2))
    try call.memory.check(call.u32(1), room)
    var bytes: [UInt8] = []
    func put(_ number: UInt64, byteCount: Int) {
      for index in 0..<byteCount {
        bytes.append(UInt8(truncatingIfNeeded: number >> (8 * UInt64(index))))
      }
    }
    for index in Int(cookie)..<listing.entries.count {
      guard bytes.count < room else { break }
      let found = listing.entries[index]
      put(UInt64(index + 1), byteCount: 8)
      put(found.inode, byteCount: 8)
      put(UInt64(found.count), byteCount: 4)
      put(UInt64(found.type.rawValue), byteCount: 4)
      bytes += listing.name(found)
    }
    if bytes.count > room { bytes.removeLast(bytes.count - room) }
    try call.memory.write(bytes.span, call.u32(1))
    try call.memory.store(UInt32(bytes.count), call.u32(4))
  }
}

extension OpenOptions {
  /// - Throws: `WASIErrno.notSupported` when the two say otherwise when a write is stored.
  fileprivate func requireSameSync(as other: OpenOptions) throws(WASIErrno) {
    guard self & .sync == other & .sync else { throw .notSupported }
  }
}
