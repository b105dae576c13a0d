// System+Folders.swift — files by an open folder and a name in it.
// Freestanding. Imports NovaABI. Source: Linux's openat(2), statx(2), getdents64(2), utimensat(2).

import NovaABI

/// What is known of a file; times in nanoseconds since 1970.
public typealias FileStatus = nova_file_status

/// How a file is opened; raw values are the contract's (`NOVA_OPEN_…`).
///
/// No `OptionSet`, which is made of arrays: this room has none.
public struct OpenOptions: Equatable, Sendable {
  /// The bits of the contract.
  public let rawValue: UInt32

  /// The set of these bits.
  public init(rawValue: UInt32) { self.rawValue = rawValue }

  /// Both of them.
  public static func | (left: OpenOptions, right: OpenOptions) -> OpenOptions {
    OpenOptions(rawValue: left.rawValue | right.rawValue)
  }

  /// What both of them have.
  public static func & (left: OpenOptions, right: OpenOptions) -> OpenOptions {
    OpenOptions(rawValue: left.rawValue & right.rawValue)
  }

  /// Whether all of `other` are among these.
  public func contains(_ other: OpenOptions) -> Bool { self & other == other }

  /// To read, and nothing else.
  public static var read: OpenOptions { OpenOptions(rawValue: 0) }
  /// To write only; to read only with neither this nor `readWrite`.
  public static var write: OpenOptions { OpenOptions(rawValue: NOVA_OPEN_write) }
  /// To read and write.
  public static var readWrite: OpenOptions { OpenOptions(rawValue: NOVA_OPEN_read_write) }
  /// Makes the file where there is none.
  public static var create: OpenOptions { OpenOptions(rawValue: NOVA_OPEN_create) }
  /// With `create`: refuses what is there already.
  public static var exclusive: OpenOptions { OpenOptions(rawValue: NOVA_OPEN_exclusive) }
  /// Does not make a terminal the process's own.
  public static var noTerminal: OpenOptions { OpenOptions(rawValue: NOVA_OPEN_no_terminal) }
  /// Empties the file.
  public static var truncate: OpenOptions { OpenOptions(rawValue: NOVA_OPEN_truncate) }
  /// Writes go to the end.
  public static var append: OpenOptions { OpenOptions(rawValue: NOVA_OPEN_append) }
  /// `EAGAIN` in place of waiting.
  public static var nonblocking: OpenOptions { OpenOptions(rawValue: NOVA_OPEN_nonblocking) }
  /// A write ends when its bytes are stored.
  public static var dataSync: OpenOptions { OpenOptions(rawValue: NOVA_OPEN_data_sync) }
  /// As `dataSync`, with all that is known of the file.
  public static var sync: OpenOptions { OpenOptions(rawValue: NOVA_OPEN_sync) }
  /// Refuses what is no folder.
  public static var directory: OpenOptions { OpenOptions(rawValue: NOVA_OPEN_directory) }
  /// Refuses a symbolic link.
  public static var noFollow: OpenOptions { OpenOptions(rawValue: NOVA_OPEN_no_follow) }
  /// Only a place where names begin.
  public static var path: OpenOptions { OpenOptions(rawValue: NOVA_OPEN_path) }
}

// Names end with a zero, the only one. One that is relative begins at the folder.
extension System {
  /// The folder that the process runs in, as a descriptor of a folder.
  public static var currentFolder: Int32 { NOVA_FOLDER_current }

  private static func withName<Result>(
    _ name: Span<UInt8>, _ body: (UnsafePointer<CChar>) -> Result
  ) -> Result {
    precondition(name.count > 0 && name[name.count - 1] == 0, "a name ends with a zero")
    // SAFETY: the name lives for the call, and ends with the zero that was just looked at.
    return unsafe name.withUnsafeBytes { bytes in
      unsafe body(bytes.baseAddress.unsafelyUnwrapped.assumingMemoryBound(to: CChar.self))
    }
  }

  private static func withNames<Result>(
    _ first: Span<UInt8>, _ second: Span<UInt8>,
    _ body: (UnsafePointer<CChar>, UnsafePointer<CChar>) -> Result
  ) -> Result {
    // SAFETY: both names are strings for the call.
    unsafe withName(first) { first in unsafe withName(second) { unsafe body(first, $0) } }
  }

  /// Opens or makes a file.
  ///
  /// - Parameters:
  ///   - folder: an open one.
  ///   - name: begins there, unless it begins with a slash.
  ///   - options: how.
  ///   - mode: the permissions of a new one, less the process's mask.
  /// - Returns: a descriptor, the caller's until `close`.
  /// - Throws: `SystemError` of `.open`.
  public static func open(
    in folder: Int32, _ name: Span<UInt8>, _ options: OpenOptions, mode: UInt32 = 0
  ) throws(SystemError) -> Int32 {
    // SAFETY: the name is a string for the call.
    let result = unsafe withName(name) { unsafe nova_open_at(folder, $0, options.rawValue, mode) }
    return Int32(truncatingIfNeeded: try SystemError.check(result, of: .open))
  }

  /// What is known of a name, of a symbolic link itself; of an open descriptor with an empty name.
  ///
  /// - Throws: `SystemError` of `.status`.
  public static func status(
    in folder: Int32, _ name: Span<UInt8>
  ) throws(SystemError) -> FileStatus {
    var status = FileStatus()
    // SAFETY: the name is a string for the call, and the status is this function's.
    let result = unsafe withName(name) { unsafe nova_status_at(folder, $0, &status) }
    _ = try SystemError.check(result, of: .status)
    return status
  }

  /// The mode of what is open, as in `FileStatus`; nothing else of its status stays in memory.
  ///
  /// - Throws: `SystemError` of `.status`.
  public static func mode(of descriptor: Int32) throws(SystemError) -> UInt32 {
    UInt32(truncatingIfNeeded: try SystemError.check(nova_mode(descriptor), of: .status))
  }

  /// Where a symbolic link points to.
  ///
  /// - Returns: how many bytes went to the front of `bytes`; as many as there are, when it is too
  ///   short.
  /// - Throws: `SystemError` of `.readLink`: `EINVAL` for what is none.
  public static func readLink(
    in folder: Int32, _ name: Span<UInt8>, into bytes: inout MutableSpan<UInt8>
  ) throws(SystemError) -> Int {
    // SAFETY: the name is a string for the call, which writes no more than the count.
    let result = unsafe bytes.withUnsafeMutableBytes { buffer in
      unsafe withName(name) {
        unsafe nova_read_link_at(
          folder, $0, buffer.baseAddress?.assumingMemoryBound(to: CChar.self), buffer.count)
      }
    }
    return try SystemError.check(result, of: .readLink)
  }

  /// Makes a folder.
  ///
  /// - Throws: `SystemError` of `.makeFolder`.
  public static func makeFolder(
    in folder: Int32, _ name: Span<UInt8>, mode: UInt32
  ) throws(SystemError) {
    // SAFETY: the name is a string for the call.
    let result = unsafe withName(name) { unsafe nova_make_folder_at(folder, $0, mode) }
    _ = try SystemError.check(result, of: .makeFolder)
  }

  /// Removes what is no folder.
  ///
  /// - Throws: `SystemError` of `.remove`.
  public static func remove(in folder: Int32, _ name: Span<UInt8>) throws(SystemError) {
    // SAFETY: the name is a string for the call.
    let result = unsafe withName(name) { unsafe nova_remove_at(folder, $0) }
    _ = try SystemError.check(result, of: .remove)
  }

  /// Removes an empty folder.
  ///
  /// - Throws: `SystemError` of `.remove`.
  public static func removeFolder(in folder: Int32, _ name: Span<UInt8>) throws(SystemError) {
    // SAFETY: the name is a string for the call.
    let result = unsafe withName(name) { unsafe nova_remove_folder_at(folder, $0) }
    _ = try SystemError.check(result, of: .remove)
  }

  /// Renames a file; what had the new name is replaced.
  ///
  /// - Throws: `SystemError` of `.rename`.
  public static func rename(
    in folder: Int32, _ name: Span<UInt8>, to newFolder: Int32, _ newName: Span<UInt8>
  ) throws(SystemError) {
    // SAFETY: both names are strings for the call.
    let result = unsafe withNames(name, newName) {
      unsafe nova_rename_at(folder, $0, newFolder, $1)
    }
    _ = try SystemError.check(result, of: .rename)
  }

  /// Gives a file a second name; a symbolic link is the file itself.
  ///
  /// - Throws: `SystemError` of `.link`.
  public static func link(
    in folder: Int32, _ name: Span<UInt8>, to newFolder: Int32, _ newName: Span<UInt8>
  ) throws(SystemError) {
    // SAFETY: both names are strings for the call.
    let result = unsafe withNames(name, newName) {
      unsafe nova_link_at(folder, $0, newFolder, $1)
    }
    _ = try SystemError.check(result, of: .link)
  }

  /// Makes a symbolic link that points to `target`.
  ///
  /// - Throws: `SystemError` of `.link`.
  public static func symbolicLink(
    to target: Span<UInt8>, in folder: Int32, _ name: Span<UInt8>
  ) throws(SystemError) {
    // SAFETY: both names are strings for the call.
    let result = unsafe withNames(target, name) {
      unsafe nova_symbolic_link_at($0, folder, $1)
    }
    _ = try SystemError.check(result, of: .link)
  }

  /// Sets when a file was read and changed last, in nanoseconds since 1970.
  ///
  /// - Parameters:
  ///   - folder: an open folder, or without a name any descriptor.
  ///   - name: nil for the descriptor itself.
  ///   - accessed: nil leaves it.
  ///   - modified: nil leaves it.
  /// - Throws: `SystemError` of `.setTimes`.
  public static func setTimes(
    in folder: Int32, _ name: Span<UInt8>?, accessed: Int64?, modified: Int64?
  ) throws(SystemError) {
    let keep = Int64.min  // NOVA_TIME_keep, a macro that Swift does not read
    let result: Int64
    if let name {
      // SAFETY: the name is a string for the call.
      result = unsafe withName(name) {
        unsafe nova_set_times_at(folder, $0, accessed ?? keep, modified ?? keep)
      }
    } else {
      result = nova_set_times_at(folder, nil, accessed ?? keep, modified ?? keep)
    }
    _ = try SystemError.check(result, of: .setTimes)
  }
}
