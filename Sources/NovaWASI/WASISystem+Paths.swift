// WASISystem+Paths.swift — files and directories by their names.
// Freestanding. Imports NovaCore, NovaSystem. Source: WASI snapshot preview 1.

import NovaCore
import NovaSystem

extension WASISystem {
  @inline(never) func pathCreateDirectory(_ call: WASICall) throws(WASIErrno) {
    let place = try resolve(call, 0, path: 1, .createDirectory, .entry)
    try asSystem { () throws(SystemError) in
      try System.makeFolder(in: place.folder, place.name.span, mode: 0o777)
    }
  }

  @inline(never) func pathFilestatGet(_ call: WASICall) throws(WASIErrno) {
    let last = try LastName(lookup: call.u32(1))
    let place = try resolve(call, 0, path: 2, .pathStatus, last)
    let status = try status(of: place)
    try store(status, call.u32(4), call.memory)
  }

  @inline(never) func pathFilestatSetTimes(_ call: WASICall) throws(WASIErrno) {
    let last = try LastName(lookup: call.u32(1))
    let times = try times(call, at: 4)
    let place = try resolve(call, 0, path: 2, .pathSetTimes, last)
    if place.hasSlash { try requireDirectory(place) }
    try asSystem { () throws(SystemError) in
      try System.setTimes(
        in: place.folder, place.name.span, accessed: times.accessed, modified: times.modified)
    }
  }

  @inline(never) func pathLink(_ call: WASICall) throws(WASIErrno) {
    let last = try LastName(lookup: call.u32(1))
    let old = try resolve(call, 0, path: 2, .linkSource, last)
    let new = try resolve(call, 4, path: 5, .linkTarget, .entry)
    if old.hasSlash { try requireDirectory(old) }
    if new.hasSlash { try refuseSlash(new) }
    try asSystem { () throws(SystemError) in
      try System.link(in: old.folder, old.name.span, to: new.folder, new.name.span)
    }
  }

  @inline(never) func pathOpen(_ call: WASICall) throws(WASIErrno) {
    try open(call)
  }

  @inline(never) func pathReadlink(_ call: WASICall) throws(WASIErrno) {
    let place = try resolve(call, 0, path: 1, .readLink, .kept)
    try call.memory.check(call.u32(5), 4)
    let count = try readLink(place, call.u32(3), Int(call.u32(4)), call.memory)
    try call.memory.store(UInt32(count), call.u32(5))
  }

  @inline(never) func pathRemoveDirectory(_ call: WASICall) throws(WASIErrno) {
    let place = try resolve(call, 0, path: 1, .removeDirectory, .entry)
    try asSystem { () throws(SystemError) in
      try System.removeFolder(in: place.folder, place.name.span)
    }
  }

  @inline(never) func pathRename(_ call: WASICall) throws(WASIErrno) {
    let old = try resolve(call, 0, path: 1, .renameSource, .entry)
    let new = try resolve(call, 3, path: 4, .renameTarget, .entry)
    if old.hasSlash || new.hasSlash { try requireDirectory(old) }
    try asSystem { () throws(SystemError) in
      try System.rename(in: old.folder, old.name.span, to: new.folder, new.name.span)
    }
  }

  @inline(never) func pathSymlink(_ call: WASICall) throws(WASIErrno) {
    let target = try call.path(0)
    guard let first = target.first else { throw .missing }
    guard !target.contains(0) else { throw .invalid }
    guard first != UInt8(ascii: "/") else { throw .notPermitted }
    let place = try resolve(call, 2, path: 3, .symbolicLink, .entry)
    if place.hasSlash { try refuseSlash(place) }
    try asSystem { () throws(SystemError) in
      try System.symbolicLink(to: (target + [0]).span, in: place.folder, place.name.span)
    }
  }

  @inline(never) func pathUnlinkFile(_ call: WASICall) throws(WASIErrno) {
    let place = try resolve(call, 0, path: 1, .unlink, .entry)
    if place.hasSlash { try requireDirectory(place) }
    try asSystem { () throws(SystemError) in
      try System.remove(in: place.folder, place.name.span)
    }
  }
}

extension LastName {
  /// What the flags of a lookup say.
  ///
  /// - Throws: `WASIErrno.invalid` for flags that are none.
  init(lookup: UInt32) throws(WASIErrno) {
    guard lookup <= 1 else { throw .invalid }
    self = lookup == 1 ? .followed : .kept
  }
}

extension WASISystem {
  /// Where a path leads: `directory` says which argument is the descriptor, `path` which one is the
  /// path's address.
  fileprivate func resolve(
    _ call: WASICall, _ directory: Int, path: Int, _ right: WASIRights, _ last: LastName
  ) throws(WASIErrno) -> ResolvedPath {
    let entry = try table.directory(call.u32(directory), with: right)
    return try PathWalk.resolve(try call.path(path), in: entry.host, last)
  }

  /// Puts where a link points to at `address`, as much as there is room for: how many bytes.
  fileprivate func readLink(
    _ place: borrowing ResolvedPath, _ address: UInt32, _ room: Int, _ memory: GuestMemory
  ) throws(WASIErrno) -> Int {
    guard room > 0 else { return 0 }
    let (folder, name) = (place.folder, place.name)
    return try memory.withBytes(address, room) { bytes throws(WASIErrno) in
      do throws(SystemError) {
        return try System.readLink(in: folder, name.span, into: &bytes)
      } catch { throw WASIErrno(error) }
    }
  }

  // MARK: What stands behind a slash

  /// - Throws: `WASIErrno.notDirectory` when the name is that of something else.
  fileprivate func requireDirectory(_ place: borrowing ResolvedPath) throws(WASIErrno) {
    let status = try status(in: place.folder, place.name)
    guard WASIFileType(mode: status.mode) == .directory else { throw .notDirectory }
  }

  /// A name with a slash behind it that is to become a link: it is taken, or there is no directory.
  fileprivate func refuseSlash(_ place: borrowing ResolvedPath) throws(WASIErrno) {
    _ = try status(in: place.folder, place.name)
    throw .exists
  }

  // MARK: Status

  func status(in folder: Int32, _ name: [UInt8]) throws(WASIErrno) -> FileStatus {
    try asSystem { () throws(SystemError) in try System.status(in: folder, name.span) }
  }

  fileprivate func status(of place: borrowing ResolvedPath) throws(WASIErrno) -> FileStatus {
    let status = try status(in: place.folder, place.name)
    guard !place.hasSlash || WASIFileType(mode: status.mode) == .directory else {
      throw .notDirectory
    }
    return status
  }

  /// Puts a status; times are the system's only where the module sees the system's wall clock.
  func store(
    _ status: FileStatus, _ place: UInt32, _ memory: GuestMemory
  ) throws(WASIErrno) {
    try memory.clear(place, 64)
    try memory.store(status.device, place)
    try memory.store(status.inode, place, offset: 8)
    try memory.store(WASIFileType(mode: status.mode).rawValue, place, offset: 16)
    try memory.store(status.link_count, place, offset: 24)
    try memory.store(status.byte_count, place, offset: 32)
    let times = [status.accessed, status.modified, status.changed]
    for (index, time) in times.enumerated() {
      let shown = isReal(.wall) ? UInt64(clamping: time) : VirtualClock.wallStart
      try memory.store(shown, place, offset: 40 + 8 * index)
    }
  }

  /// The times that are to be set: two of 64 bits, at `index` and behind it, and the flags behind
  /// them.
  func times(
    _ call: WASICall, at index: Int
  ) throws(WASIErrno) -> (accessed: Int64?, modified: Int64?) {
    let flags = call.u32(index + 2)
    guard flags <= 15, flags & 3 != 3, flags & 12 != 12 else { throw .invalid }
    let now = flags & 10 != 0 ? Int64(clamping: now(.wall)) : 0
    let accessed = Int64(clamping: call.u64(index))
    let modified = Int64(clamping: call.u64(index + 1))
    return (
      flags & 2 != 0 ? now : flags & 1 != 0 ? accessed : nil,
      flags & 8 != 0 ? now : flags & 4 != 0 ? modified : nil
    )
  }

  // MARK: Opening

  /// How path_open opens; raw values are WASI's.
  private struct Ways: OptionSet {
    let rawValue: UInt32
    static var create: Ways { Ways(rawValue: 1) }
    static var directory: Ways { Ways(rawValue: 2) }
    static var exclusive: Ways { Ways(rawValue: 4) }
    static var truncate: Ways { Ways(rawValue: 8) }
    static var all: Ways { Ways(rawValue: 15) }
  }

  fileprivate func open(_ call: WASICall) throws(WASIErrno) {
    let last = try LastName(lookup: call.u32(1))
    let ways = Ways(rawValue: call.u32(4))
    let flags = WASIOpenFlags(rawValue: call.u32(7))
    guard Ways.all.isSuperset(of: ways), WASIOpenFlags.all.isSuperset(of: flags),
      !ways.isSuperset(of: [.create, .directory])
    else { throw .invalid }
    var needed: WASIRights = .open
    if ways.contains(.create) { needed.insert(.createFile) }
    if ways.contains(.truncate) { needed.insert(.pathSetSize) }
    try call.memory.check(call.u32(8), 4)
    let place = try resolve(call, 0, path: 2, needed, last)
    let directory = try table[call.u32(0)]
    // What the module asks for, of what the directory gives: many ask for all there is.
    let rights = WASIRights(rawValue: call.u64(5)).intersection(directory.inheriting)
    let inheriting = WASIRights(rawValue: call.u64(6)).intersection(directory.inheriting)
    let options = try Self.options(ways, flags, rights, hasSlash: place.hasSlash)
    let host = try asSystem { () throws(SystemError) in
      try System.open(in: place.folder, place.name.span, options, mode: 0o666)
    }
    let type: WASIFileType
    do throws(WASIErrno) {
      type = WASIFileType(mode: try status(in: host, Self.noName).mode)
    } catch {
      PathWalk.close(host)
      throw error
    }
    let isDirectory = type == .directory
    if isDirectory { forgetListing(of: host) }
    let number = try table.add(
      WASIDescriptor(
        host: host, isOwned: true, type: type,
        rights: rights.intersection(isDirectory ? .directory : .file),
        inheriting: isDirectory ? inheriting : []))
    try call.memory.store(number, call.u32(8))
  }

  private static func options(
    _ ways: Ways, _ flags: WASIOpenFlags, _ rights: WASIRights, hasSlash: Bool
  ) throws(WASIErrno) -> OpenOptions {
    var options = flags.options | .noFollow | .noTerminal
    let writes = rights.contains(.write) || ways.contains(.truncate)
    if ways.contains(.directory) || hasSlash {
      guard !ways.contains(.create) else { throw .isDirectory }
      options = options | .directory
    }
    if !ways.contains(.directory), writes {
      options = options | (rights.contains(.read) ? .readWrite : .write)
    }
    if ways.contains(.create) { options = options | .create }
    if ways.contains(.exclusive) { options = options | .exclusive }
    if ways.contains(.truncate) { options = options | .truncate }
    return options
  }
}
