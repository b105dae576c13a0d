// DescriptorTable.swift — the descriptors of a module, by their numbers.
// Freestanding. Imports NovaSystem. Design: NovaCore.docc/WASI.md.

import NovaSystem

/// What a descriptor is open on; raw values are WASI's file types.
enum WASIFileType: UInt8 {
  case unknown = 0
  case blockDevice = 1
  case characterDevice = 2
  case directory = 3
  case regular = 4
  case socket = 6
  case symbolicLink = 7

  /// The type that a status' mode tells; a pipe has none in WASI.
  init(mode: UInt32) {
    switch mode >> 12 & 0xf {
    case 2: self = .characterDevice
    case 4: self = .directory
    case 6: self = .blockDevice
    case 8: self = .regular
    case 10: self = .symbolicLink
    case 12: self = .socket
    default: self = .unknown
    }
  }
}

/// An open file or directory; nothing of the heap, so that little is left where little is done.
struct WASIDescriptor {
  /// The system's descriptor.
  let host: Int32
  /// Whether it ends with this one.
  let isOwned: Bool
  let type: WASIFileType
  var rights: WASIRights
  /// What descriptors that are opened in it have at most.
  var inheriting: WASIRights
  /// The number of a directory that was granted; nil for all others.
  var folder: Int32?
}

/// The descriptors of a module: the lowest free number is the next one's.
struct DescriptorTable: ~Copyable {
  /// The most descriptors at once.
  static var countMax: Int { 1024 }

  private var entries: [WASIDescriptor?] = []

  deinit {
    for entry in entries {
      if let entry { Self.end(entry) }
    }
  }

  /// The descriptor of a number.
  ///
  /// - Throws: `WASIErrno.badDescriptor`.
  subscript(number: UInt32) -> WASIDescriptor {
    get throws(WASIErrno) {
      guard number < entries.count, let entry = entries[Int(number)] else { throw .badDescriptor }
      return entry
    }
  }

  /// The descriptor of a number, with rights.
  ///
  /// - Throws: `WASIErrno.badDescriptor`, `.notCapable`.
  func descriptor(
    _ number: UInt32, with rights: WASIRights
  ) throws(WASIErrno) -> WASIDescriptor {
    let entry = try self[number]
    guard entry.rights.isSuperset(of: rights) else { throw .notCapable }
    return entry
  }

  /// A directory, with rights.
  ///
  /// - Throws: `WASIErrno.badDescriptor`, `.notDirectory`, `.notCapable`.
  func directory(
    _ number: UInt32, with rights: WASIRights
  ) throws(WASIErrno) -> WASIDescriptor {
    let entry = try self[number]
    guard entry.type == .directory else { throw .notDirectory }
    guard entry.rights.isSuperset(of: rights) else { throw .notCapable }
    return entry
  }

  /// Gives a descriptor the lowest free number.
  ///
  /// - Throws: `WASIErrno.descriptorsExhausted`; the descriptor has ended then.
  mutating func add(_ descriptor: WASIDescriptor) throws(WASIErrno) -> UInt32 {
    if let free = entries.firstIndex(where: { $0 == nil }) {
      entries[free] = descriptor
      return UInt32(free)
    }
    guard entries.count < Self.countMax else {
      Self.end(descriptor)
      throw .descriptorsExhausted
    }
    entries.append(descriptor)
    return UInt32(entries.count - 1)
  }

  /// Changes a descriptor that exists.
  mutating func update(_ number: UInt32, _ change: (inout WASIDescriptor) -> Void) {
    guard var entry = entries[Int(number)] else { return }
    change(&entry)
    entries[Int(number)] = entry
  }

  /// Ends a descriptor.
  ///
  /// - Throws: `WASIErrno.badDescriptor`, or what the system says: it has ended then, too.
  mutating func close(_ number: UInt32) throws(WASIErrno) {
    let entry = try self[number]
    entries[Int(number)] = nil
    guard entry.isOwned else { return }
    do throws(SystemError) { try System.close(entry.host) } catch { throw WASIErrno(error) }
  }

  /// Gives a descriptor the number of another, which ends.
  ///
  /// - Throws: `WASIErrno.badDescriptor`.
  mutating func renumber(_ number: UInt32, to other: UInt32) throws(WASIErrno) {
    let entry = try self[number]
    let ending = try self[other]
    guard number != other else { return }
    Self.end(ending)
    entries[Int(other)] = entry
    entries[Int(number)] = nil
  }

  private static func end(_ entry: WASIDescriptor) {
    guard entry.isOwned else { return }
    // A file that the system could not store the last bytes of has ended as well.
    do throws(SystemError) { try System.close(entry.host) } catch {}
  }
}
