// SystemError.swift — a refusal by the system: which call, and its errno.
// Freestanding. Imports nothing.

/// A call that the system refused.
public struct SystemError: Error, Equatable, Sendable {
  /// What was asked of the system.
  public enum Call: Sendable {
    case write, print, flush, read, map, unmap, startThread, open, close, fileByteCount, mapSealed
    case status, readLink, makeFolder, remove, rename, link, setTimes
    case seek, readFolder, setByteCount, reserve, advise, synchronise, openOptions, poll

    /// The call's name, as `System` spells it.
    public var name: StaticString {
      switch self {
      case .write: "write"
      case .print: "print"
      case .flush: "flush"
      case .read: "read"
      case .map: "map"
      case .unmap: "unmap"
      case .startThread: "startThread"
      case .open: "open"
      case .close: "close"
      case .fileByteCount: "fileByteCount"
      case .mapSealed: "mapSealed"
      case .status: "status"
      case .readLink: "readLink"
      case .makeFolder: "makeFolder"
      case .remove: "remove"
      case .rename: "rename"
      case .link: "link"
      case .setTimes: "setTimes"
      case .seek: "seek"
      case .readFolder: "readFolder"
      case .setByteCount: "setByteCount"
      case .reserve: "reserve"
      case .advise: "advise"
      case .synchronise: "synchronise"
      case .openOptions: "openOptions"
      case .poll: "poll"
      }
    }
  }

  /// The call that failed.
  public let call: Call
  /// Linux's error number, above 0: `EBADF` is 9, `EAGAIN` 11, `ENOMEM` 12, `EEXIST` 17,
  /// `EINVAL` 22.
  public let errno: Int32

  /// The refusal of `call` with `errno`.
  public init(call: Call, errno: Int32) {
    self.call = call
    self.errno = errno
  }

  /// Tells a call's result from the kernel's negated errno (-4095 … -1).
  static func check(_ result: Int64, of call: Call) throws(SystemError) -> Int {
    guard result >= 0 else {
      throw SystemError(call: call, errno: Int32(truncatingIfNeeded: -result))
    }
    return Int(result)
  }
}

extension SystemError {
  /// The errno in a few words; nil for those that no call of `System` is known to give.
  ///
  /// Source: Linux's errno(3).
  public var summary: StaticString? {
    switch errno {
    case 1: "it is not permitted"
    case 2: "there is no such file or folder"
    case 4: "a signal interrupted it"
    case 5: "the device failed"
    case 9: "the descriptor is not open for that"
    case 11: "there is nothing now; try again"
    case 12: "there is no memory"
    case 13: "permission is denied"
    case 17: "the name is taken"
    case 18: "the two are not on one file system"
    case 20: "it is no folder"
    case 21: "it is a folder"
    case 22: "an argument is invalid"
    case 23, 24: "too many files are open"
    case 27: "the file would be too large"
    case 28: "the device is full"
    case 29: "it can't be sought in"
    case 30: "the file system is read-only"
    case 31: "there are too many links"
    case 32: "nobody reads the pipe"
    case 36: "the name is too long"
    case 38: "the kernel does not have the call"
    case 39: "the folder is not empty"
    case 40: "there are too many symbolic links"
    case 95: "the file system can't do that"
    default: nil
    }
  }
}
