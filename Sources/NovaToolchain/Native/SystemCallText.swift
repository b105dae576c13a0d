// SystemCallText.swift — a system call's arguments and result on one line, as a tracer prints them.
// Hosted. Imports nothing.

/// How the arguments of a call are shown.
enum ArgumentForm: Character {
  /// A signed decimal number: descriptors, counts that may be -1.
  case signed = "d"
  /// An unsigned decimal number: sizes.
  case unsigned = "u"
  /// Hexadecimal: addresses, flags, masks. 0 stays 0.
  case hexadecimal = "x"
  /// Octal: permissions.
  case octal = "o"
  /// The address of a null-terminated string, shown as the string.
  case string = "s"
  /// The address of bytes that the program hands over, as many as the next argument says.
  case bytes = "b"
}

/// Renders calls; reads strings and buffers through `read`.
struct SystemCallText {
  let target: Target
  /// Bytes of the program's memory; null when they cannot be read.
  let read: (_ address: UInt64, _ byteCount: Int) -> [UInt8]?

  /// Bytes of a buffer that are shown; what follows is told by `…`.
  static let shownByteCountMax = 64
  /// Longest path that is shown.
  static let stringByteCountMax = 4096

  private static let forms: [String: String] = [
    "accept4": "dxxx", "access": "so", "alarm": "u", "arch_prctl": "xx", "bind": "dxu", "brk": "x",
    "chdir": "s", "clock_getres": "dx", "clock_gettime": "dx", "clock_nanosleep": "dxxx",
    "clone": "xxxxx", "clone3": "xu", "close": "d", "close_range": "uux", "connect": "dxu",
    "dup": "d", "dup2": "dd", "dup3": "ddx", "epoll_create1": "x", "epoll_ctl": "dddx",
    "epoll_pwait": "dxddxu", "eventfd2": "ux", "execve": "sxx", "exit": "d", "exit_group": "d",
    "faccessat": "dso", "fallocate": "dxuu", "fchmod": "do", "fcntl": "dxx", "fstat": "dx",
    "fsync": "d", "ftruncate": "du", "futex": "xxdxxx", "getcwd": "xu", "getcpu": "xxx",
    "getdents64": "dxu", "getegid": "", "geteuid": "", "getgid": "", "getpid": "", "getppid": "",
    "getrandom": "xux", "getrlimit": "dx", "gettid": "", "gettimeofday": "xx", "getuid": "",
    "ioctl": "dxx", "kill": "dd", "listen": "dd", "lseek": "ddd", "madvise": "xud", "mkdir": "so",
    "mkdirat": "dso", "mlock": "xu", "mmap": "xuxxdx", "mprotect": "xux", "mremap": "xuuxx",
    "munmap": "xu", "nanosleep": "xx", "newfstatat": "dsxx", "open": "sxo", "openat": "dsxo",
    "pipe2": "xx", "poll": "xud", "ppoll": "xuxxu", "prctl": "dxxxx", "pread64": "dxuu",
    "prlimit64": "ddxx", "pselect6": "dxxxxx", "pwrite64": "dbuu", "read": "dxu",
    "readlink": "sxu", "readlinkat": "dsxu", "readv": "dxu", "reboot": "xxxx", "recvfrom": "dxuxxx",
    "renameat2": "dsdsx", "riscv_hwprobe": "xuuxx", "rseq": "xuxx", "rt_sigaction": "dxxu",
    "rt_sigprocmask": "dxxu", "rt_sigreturn": "", "rt_sigtimedwait": "xxxu",
    "sched_getaffinity": "dux",
    "sched_yield": "", "sendto": "dbuxxu", "set_robust_list": "xu", "set_tid_address": "x",
    "setrlimit": "dx", "sigaltstack": "xx", "socket": "ddd", "stat": "sx", "statx": "dsxxx",
    "sysinfo": "x", "tgkill": "ddd", "time": "x", "tkill": "dd", "uname": "x", "unlink": "s",
    "unlinkat": "dsx", "wait4": "dxxx", "write": "dbu", "writev": "dxu",
  ]

  /// Calls whose result is an address.
  private static let addressResults: Set<String> = ["brk", "mmap", "mremap", "shmat"]

  /// The call with its result still open; all six arguments where the form is not known.
  func call(_ number: UInt64, _ arguments: [UInt64]) -> SystemCall {
    let name = SystemCallNames.name(of: number, on: target)
    let forms = (Self.forms[name] ?? "xxxxxx").compactMap(ArgumentForm.init)
    let shown = forms.enumerated().map { index, form in
      let next = index + 1 < arguments.count ? arguments[index + 1] : 0
      return text(arguments[index], form, byteCount: next)
    }
    return SystemCall(name: name, arguments: shown.joined(separator: ", "), result: "")
  }

  /// The text of what a call returned.
  func result(_ value: Int64, of name: String) -> String {
    // The kernel's convention: the last page of addresses holds negated error numbers.
    if value < 0 && value >= -4095 { return "-1 errno=\(-value)" }
    return Self.addressResults.contains(name)
      ? Self.hexadecimal(UInt64(bitPattern: value)) : "\(value)"
  }

  private func text(_ value: UInt64, _ form: ArgumentForm, byteCount: UInt64) -> String {
    switch form {
    // Descriptors, numbers of signals and the like have 32 bits; the upper half is arbitrary.
    case .signed: "\(Int32(truncatingIfNeeded: value))"
    case .unsigned: "\(value)"
    case .hexadecimal: Self.hexadecimal(value)
    case .octal: "0" + (value == 0 ? "" : String(value, radix: 8))
    case .string: string(at: value) ?? Self.hexadecimal(value)
    case .bytes: bytes(at: value, byteCount) ?? Self.hexadecimal(value)
    }
  }

  private static func hexadecimal(_ value: UInt64) -> String {
    value == 0 ? "0" : "0x" + String(value, radix: 16)
  }

  private func bytes(at address: UInt64, _ byteCount: UInt64) -> String? {
    let shown = Int(min(byteCount, UInt64(Self.shownByteCountMax)))
    guard let bytes = read(address, shown) else { return nil }
    return Self.quoted(bytes) + (UInt64(shown) < byteCount ? "…" : "")
  }

  /// Read in pieces that do not cross a page, so that a string at a mapping's end is found too.
  private func string(at address: UInt64) -> String? {
    let piece: UInt64 = 64
    var bytes: [UInt8] = []
    var next = address
    while bytes.count < Self.stringByteCountMax {
      let count = piece - next % piece
      guard let more = read(next, Int(count)) else { return nil }
      if let end = more.firstIndex(of: 0) { return Self.quoted(bytes + more[..<end]) }
      bytes += more
      next &+= count
    }
    return Self.quoted(bytes) + "…"
  }

  private static func quoted(_ bytes: [UInt8]) -> String {
    var text = "\""
    for byte in bytes {
      switch byte {
      case UInt8(ascii: "\n"): text += "\\n"
      case UInt8(ascii: "\t"): text += "\\t"
      case UInt8(ascii: "\""): text += "\\\""
      case UInt8(ascii: "\\"): text += "\\\\"
      case 0x20..<0x7f: text.unicodeScalars.append(Unicode.Scalar(byte))
      default: text += "\\x" + (byte < 16 ? "0" : "") + String(byte, radix: 16)
      }
    }
    return text + "\""
  }
}
