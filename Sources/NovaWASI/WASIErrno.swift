// WASIErrno.swift — the error numbers of WASI preview 1, and which of them a system's refusal is.
// Freestanding. Imports NovaSystem. Source: WASI snapshot preview 1, "errno"; Linux's errno(3).

import NovaSystem

/// What a WASI function answers; raw values are the specification's.
struct WASIErrno: RawRepresentable, Error, Equatable, Sendable {
  let rawValue: UInt16

  init(rawValue: UInt16) { self.rawValue = rawValue }

  static var success: WASIErrno { WASIErrno(rawValue: 0) }
  /// An argument list is too long.
  static var tooBig: WASIErrno { WASIErrno(rawValue: 1) }
  static var access: WASIErrno { WASIErrno(rawValue: 2) }
  /// Try again.
  static var again: WASIErrno { WASIErrno(rawValue: 6) }
  /// There is no such descriptor.
  static var badDescriptor: WASIErrno { WASIErrno(rawValue: 8) }
  static var exists: WASIErrno { WASIErrno(rawValue: 20) }
  /// A pointer leaves the module's memory.
  static var fault: WASIErrno { WASIErrno(rawValue: 21) }
  static var invalid: WASIErrno { WASIErrno(rawValue: 28) }
  static var inputOutput: WASIErrno { WASIErrno(rawValue: 29) }
  static var isDirectory: WASIErrno { WASIErrno(rawValue: 31) }
  /// Too many symbolic links.
  static var loop: WASIErrno { WASIErrno(rawValue: 32) }
  /// All descriptors are taken.
  static var descriptorsExhausted: WASIErrno { WASIErrno(rawValue: 33) }
  static var nameTooLong: WASIErrno { WASIErrno(rawValue: 37) }
  static var missing: WASIErrno { WASIErrno(rawValue: 44) }
  static var noMemory: WASIErrno { WASIErrno(rawValue: 48) }
  static var notDirectory: WASIErrno { WASIErrno(rawValue: 54) }
  static var notSupported: WASIErrno { WASIErrno(rawValue: 58) }
  static var overflow: WASIErrno { WASIErrno(rawValue: 61) }
  /// A path leaves its directory.
  static var notPermitted: WASIErrno { WASIErrno(rawValue: 63) }
  static var brokenPipe: WASIErrno { WASIErrno(rawValue: 64) }
  /// The descriptor has not the right.
  static var notCapable: WASIErrno { WASIErrno(rawValue: 76) }

  /// What the system's refusal is in WASI's words.
  init(_ error: SystemError) { self.init(rawValue: Self.number(ofLinux: error.errno)) }

  /// WASI's number of Linux's, which is the same on all three CPUs; `io` where WASI has none.
  private static func number(ofLinux errno: Int32) -> UInt16 {
    switch errno {
    case 1: 63  // perm
    case 2: 44  // noent
    case 3: 71  // srch
    case 4: 27  // intr
    case 6: 60  // nxio
    case 7: 1  // 2big
    case 8: 45  // noexec
    case 9: 8  // badf
    case 10: 12  // child
    case 11: 6  // again
    case 12: 48  // nomem
    case 13: 2  // acces
    case 14: 21  // fault
    case 16: 10  // busy
    case 17: 20  // exist
    case 18: 75  // xdev
    case 19: 43  // nodev
    case 20: 54  // notdir
    case 21: 31  // isdir
    case 22: 28  // inval
    case 23: 41  // nfile
    case 24: 33  // mfile
    case 25: 59  // notty
    case 26: 74  // txtbsy
    case 27: 22  // fbig
    case 28: 51  // nospc
    case 29: 70  // spipe
    case 30: 69  // rofs
    case 31: 34  // mlink
    case 32: 64  // pipe
    case 33: 18  // dom
    case 34: 68  // range
    case 35: 16  // deadlk
    case 36: 37  // nametoolong
    case 37: 46  // nolck
    case 38: 52  // nosys
    case 39: 55  // notempty
    case 40: 32  // loop
    case 75: 61  // overflow
    case 84: 25  // ilseq
    case 95: 58  // notsup
    case 116: 72  // stale
    case 122: 19  // dquot
    default: inputOutput.rawValue
    }
  }
}
