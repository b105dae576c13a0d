// StartRules.swift — what must hold at `main`, and why the exceptions are none.
// Hosted. Imports NovaABI for the size of guards. The contract itself: crt/<cpu>/crt0.S and
// crt/start.c.

import NovaABI

/// What a register must hold at `main`.
enum RegisterRule: Equatable {
  case zero
  /// One value, known from the file.
  case exactly(UInt64, reason: String)
  /// One value among those that mean the same to different observers.
  case oneOf([UInt64], reason: String)
  /// Any address within the program's image, fixed at link time.
  case image(reason: String)
  /// The kernel's or the CPU's; a program cannot change it, so it is not compared.
  case kernel(reason: String)
}

/// The rules that hold for a program at `main`.
struct StartRules {
  var layout: ProgramLayout
  /// Whether the program's own code ran before `main`: it may set variables, allocate and call.
  var hasInitialisers = false

  /// The rule for the register `name` as the gdb protocol, ptrace or the trace spells it.
  func rule(for name: String) -> RegisterRule {
    switch layout.target {
    case .x86_64: rulex86(for: name)
    case .aarch64: ruleAArch64(for: name)
    case .riscv64: ruleRISCV(for: name)
    }
  }

  private func rulex86(for name: String) -> RegisterRule {
    switch name {
    case "rsp":
      .exactly(layout.stackHigh - 8, reason: "top of the stack, below main's return address")
    case "rip": .exactly(layout.main, reason: "main")
    case "eflags", "rflags":
      .exactly(0x202, reason: "bit 1 is always set, bit 9 (interrupts) is the kernel's")
    case "mxcsr":
      .exactly(0x1f80, reason: "SSE exceptions masked, round to nearest: the ABI's initial state")
    case "fctrl", "fcw":
      .exactly(0x37f, reason: "x87 exceptions masked, 64-bit precision: the ABI's initial state")
    case "ftag", "ftw": .oneOf([0xffff, 0], reason: "all x87 registers empty")
    case "fs_base": .image(reason: threadReason)
    case "cs", "ss", "ds", "es", "fs", "gs":
      .kernel(reason: "segment selector of user mode, the kernel's choice")
    case "k_gs_base", "cr0", "cr2", "cr3", "cr4", "cr8", "efer", "pkru":
      .kernel(reason: "control register, out of a program's reach")
    case "orig_rax": .kernel(reason: "the kernel's note of the last system call")
    case "mxcsr_mask": .kernel(reason: "which MXCSR bits the CPU has")
    default: .zero
    }
  }

  private func ruleAArch64(for name: String) -> RegisterRule {
    switch name {
    case "sp": .exactly(layout.stackHigh, reason: "top of the stack")
    case "pc": .exactly(layout.main, reason: "main")
    case "x30", "lr": .image(reason: "main's return address, into start-up")
    case "tpidr_el0", "TPIDR_EL0": .image(reason: threadReason)
    case "vg": .kernel(reason: "length of the CPU's vectors")
    default: .zero
    }
  }

  private func ruleRISCV(for name: String) -> RegisterRule {
    switch name {
    case "sp", "x2": .exactly(layout.stackHigh, reason: "top of the stack")
    case "pc": .exactly(layout.main, reason: "main")
    case "ra", "x1": .image(reason: "main's return address, into start-up")
    case "gp", "x3": .image(reason: "anchor of gp-relative addresses, a link-time constant")
    case "tp", "x4": .image(reason: threadReason)
    case "vtype": .oneOf([1 << 63, 0], reason: "vill: no vector type is set yet")
    case "vlenb": .kernel(reason: "length of the CPU's vectors")
    case "priv": .kernel(reason: "privilege level, out of a program's reach")
    default: .zero
    }
  }

  private var threadReason: String { "thread pointer: the first thread's record" }

  /// Whether a register keeps a rule; the text says what it must hold otherwise.
  func violation(of register: RegisterValue) -> String? {
    let value = register.bytes
    let words = value.littleEndianWord
    switch rule(for: register.name) {
    case .zero: return value.allSatisfy { $0 == 0 } ? nil : "0"
    case .exactly(let wanted, _): return words == wanted ? nil : hexadecimal(wanted)
    case .oneOf(let wanted, _):
      return wanted.contains(words) ? nil : wanted.map(hexadecimal).joined(separator: " or ")
    case .image:
      return layout.image.contains(words) ? nil : "an address in the program's image"
    case .kernel: return nil
    }
  }

  /// Why a byte of memory may be other than zero at `main`, beside data, which is the file's.
  func reasonForNonzero(at address: UInt64) -> String? {
    if layout.target == .x86_64, address >= layout.stackHigh - 8, address < layout.stackHigh {
      return "main's return address"
    }
    if let variable = layout.startVariables.first(where: { address >= $0.low && address < $0.high })
    {
      return variable.reason
    }
    let isVariable =
      layout.image.contains(address) || address >= layout.heapLow && address < layout.heapHigh
    return hasInitialisers && isVariable ? "written by an initialiser" : nil
  }

  /// Why a call is made before `main`; null when nothing in the contract asks for it.
  func reason(for call: SystemCall) -> String? {
    startUpReason(for: call) ?? (hasInitialisers ? "made by an initialiser" : nil)
  }

  /// Whether the call gives `main` a fresh stack, which start-up does only after initialisers.
  func renewsStack(_ call: SystemCall) -> Bool {
    call.name == "mmap" && call.firstNumber == layout.stackLow
  }

  private func startUpReason(for call: SystemCall) -> String? {
    switch call.name {
    case "ppoll", "ppoll_time64", "poll": "finds which of descriptors 0–2 the parent closed"
    case "openat" where call.arguments.contains("/dev/null"):
      "opens a descriptor that the parent closed"
    case "mmap" where call.firstNumber == layout.heapLow: "reserves the heap's arena"
    case "mmap" where renewsStack(call):
      "gives main fresh pages for those that initialisers used"
    case "mmap" where call.firstNumber == layout.stackLow - UInt64(NOVA_GUARD_BYTE_COUNT):
      "reserves the stack between its guards"
    case "munmap": "gives up what an occupied address turned out to be"
    case "mprotect": "opens the stack, guards excepted"
    case "arch_prctl": "points the thread pointer at the first thread's record"
    case "madvise": "commits the stack's initial window in one step"
    case "sigaltstack": "gives fault reports a stack of their own"
    case "rt_sigaction": "reports a fault in words instead of dying silently"
    case "rt_sigprocmask": "lets faults through, whatever mask was inherited"
    default: nil
    }
  }
}

/// A variable of start-up itself that holds a value at `main`.
struct StartVariable: Sendable, Equatable {
  var low: UInt64
  var high: UInt64
  var reason: String
}

extension ProgramLayout {
  /// What start-up leaves in .bss on purpose; known from the record, so of a stripped file too.
  var startVariables: [StartVariable] {
    guard let stackGuard else { return [] }
    return [
      StartVariable(
        low: stackGuard, high: stackGuard + 8, reason: "the stack protector's guard, a constant")
    ]
  }
}

extension SystemCall {
  /// The first argument, when it is a number.
  var firstNumber: UInt64? {
    let text = arguments.prefix { $0 != "," }.trimmingSpaces
    if text.hasPrefix("0x") { return UInt64(text.dropFirst(2), radix: 16) }
    return UInt64(text)
  }
}

extension StringProtocol {
  /// The text without spaces at both ends.
  var trimmingSpaces: String {
    var rest = self[...]
    while rest.first == " " { rest.removeFirst() }
    while rest.last == " " { rest.removeLast() }
    return String(rest)
  }
}

extension [UInt8] {
  /// The first eight bytes, fewer where there are fewer, as a number.
  var littleEndianWord: UInt64 {
    prefix(8).reversed().reduce(0) { $0 << 8 | UInt64($1) }
  }

  /// The bytes as one hexadecimal number, most significant first.
  var hexadecimalNumber: String {
    let digits = reversed().map { hexadecimalDigits(UInt64($0), digitCount: 2) }.joined()
    let significant = digits.drop { $0 == "0" }
    return "0x" + (significant.isEmpty ? "0" : significant)
  }
}
