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
