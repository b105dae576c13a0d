// WASIRights.swift — what a descriptor may be used for.
// Freestanding. Imports nothing. Source: WASI snapshot preview 1, "rights".

/// The rights of a descriptor; raw values are the specification's bits.
struct WASIRights: OptionSet, Sendable {
  let rawValue: UInt64

  init(rawValue: UInt64) { self.rawValue = rawValue }

  private init(bit: UInt64) { rawValue = 1 << bit }

  static var dataSync: WASIRights { WASIRights(bit: 0) }
  static var read: WASIRights { WASIRights(bit: 1) }
  static var seek: WASIRights { WASIRights(bit: 2) }
  static var setFlags: WASIRights { WASIRights(bit: 3) }
  static var sync: WASIRights { WASIRights(bit: 4) }
  static var tell: WASIRights { WASIRights(bit: 5) }
  static var write: WASIRights { WASIRights(bit: 6) }
  static var advise: WASIRights { WASIRights(bit: 7) }
  static var allocate: WASIRights { WASIRights(bit: 8) }
  static var createDirectory: WASIRights { WASIRights(bit: 9) }
  static var createFile: WASIRights { WASIRights(bit: 10) }
  static var linkSource: WASIRights { WASIRights(bit: 11) }
  static var linkTarget: WASIRights { WASIRights(bit: 12) }
  static var open: WASIRights { WASIRights(bit: 13) }
  static var readDirectory: WASIRights { WASIRights(bit: 14) }
  static var readLink: WASIRights { WASIRights(bit: 15) }
  static var renameSource: WASIRights { WASIRights(bit: 16) }
  static var renameTarget: WASIRights { WASIRights(bit: 17) }
  static var pathStatus: WASIRights { WASIRights(bit: 18) }
  static var pathSetSize: WASIRights { WASIRights(bit: 19) }
  static var pathSetTimes: WASIRights { WASIRights(bit: 20) }
  static var status: WASIRights { WASIRights(bit: 21) }
  static var setSize: WASIRights { WASIRights(bit: 22) }
  static var setTimes: WASIRights { WASIRights(bit: 23) }
  static var symbolicLink: WASIRights { WASIRights(bit: 24) }
  static var removeDirectory: WASIRights { WASIRights(bit: 25) }
  static var unlink: WASIRights { WASIRights(bit: 26) }
  static var poll: WASIRights { WASIRights(bit: 27) }

  /// What a file can be used for.
  static var file: WASIRights {
    [
      .dataSync, .read, .seek, .setFlags, .sync, .tell, .write, .advise, .allocate, .status,
      .setSize, .setTimes, .poll,
    ]
  }

  /// What a directory can be used for.
  static var directory: WASIRights {
    WASIRights(rawValue: 0x1f_fe00)
      .union([.dataSync, .sync, .setFlags, .status, .setTimes])
      .union([.symbolicLink, .removeDirectory, .unlink])
  }

  /// What can be used for reading a stream, and for writing it.
  static func stream(_ direction: WASIRights) -> WASIRights {
    [direction, .setFlags, .status, .poll]
  }
}
