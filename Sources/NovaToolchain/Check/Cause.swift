// Cause.swift — which start-up input a difference comes from, judged by the runs that show it.
// Hosted. Imports nothing.

/// What made a difference.
struct Cause: Equatable {
  var text: String
  var inputs: [StartInput] = []

  static let kernelStackAddress = Cause(
    text: "an address on the kernel's initial stack: it moves with environment, arguments and "
      + "randomisation",
    inputs: [.kernelStackAddress])
}

extension Cause {
  /// Judges a place that differs between runs.
  ///
  /// - Parameters:
  ///   - baseline: the run that the others are compared with.
  ///   - differing: the runs with another value than `baseline`, and what they show; not empty.
  init(baseline: RunRecord, differing: [(RunRecord, LayerDifference)]) {
    if let input = differing.compactMap({ $0.1.input }).first {
      self.init(text: "a system call asks for the input: \(input.rawValue)", inputs: [input])
      return
    }
    let words = differing.compactMap { record, difference in difference.word.map { (record, $0) } }
    if words.count == differing.count, !words.isEmpty {
      if words.allSatisfy({ $0.0.holdsProcessIdentifier($0.1) }) {
        self.init(text: "it holds the process id", inputs: [.processIdentifier])
        return
      }
      if words.allSatisfy({ $0.0.isOnKernelStack($0.1) }) {
        self = .kernelStackAddress
        return
      }
    }
    let varied = differing.map { $0.0.variedInputs(from: baseline) }
    guard !varied.contains(where: { $0.isEmpty }) else {
      self = Self.unheld(baseline: baseline, differing: differing.map { $0.0 })
      return
    }
    let inputs = Self.likely(varied)
    self.init(
      text: "it depends on \(inputs.map { $0.rawValue }.joined(separator: ", "))", inputs: inputs)
  }

  /// The inputs that runs vary: alone where runs vary one, else all of them.
  private static func likely(_ varied: [[StartInput]]) -> [StartInput] {
    let alone = varied.filter { $0.count == 1 }.flatMap { $0 }
    let found = Set(alone.isEmpty ? varied.flatMap { $0 } : alone)
    return StartInput.allCases.filter { found.contains($0) }
  }

  /// A run that varied nothing differs: what no run can hold, narrowed by what the program asked.
  private static func unheld(baseline: RunRecord, differing: [RunRecord]) -> Cause {
    if baseline.isMultithreaded || differing.contains(where: { $0.isMultithreaded }) {
      return Cause(text: "it changes in every run: several threads run, in an order of their own")
    }
    var asked: [StartInput] = []
    for record in [baseline] + differing {
      for call in record.observation.callsBeforeMain + record.observation.callsFromMain {
        if let input = call.input, input.isUnheld, !asked.contains(input) { asked.append(input) }
      }
    }
    if !asked.isEmpty {
      let names = asked.map { $0.rawValue }.joined(separator: " or ")
      return Cause(
        text: "it changes in every run, and a system call asks for: \(names)", inputs: asked)
    }
    if let asking = baseline.askingCalls {
      return Cause(text: "it changes in every run, and the program asks the system: \(asking)")
    }
    if baseline.run.engine == .native {
      return Cause(
        text: "it changes in every run: address randomisation, AT_RANDOM, clock or process id",
        inputs: [.addresses, .randomBytes, .clock, .processIdentifier])
    }
    return Cause(
      text:
        "it changes in every run, and no system call asks for it: a clock counter read directly",
      inputs: [.clock])
  }
}

extension StartInput {
  /// Whether the input changes in every run, whether the run means to or not.
  var isUnheld: Bool { [.clock, .processIdentifier, .randomBytes].contains(self) }
}

extension RunRecord {
  /// The inputs that the run varies on purpose.
  func variedInputs(from baseline: RunRecord) -> [StartInput] {
    run.perturbation.inputs(variedFrom: baseline.run.perturbation)
  }

  /// The first call that brings in what files or the kernel hold, after the one that opened the
  /// file, if any did; null when there is none.
  var askingCalls: String? {
    let calls = observation.callsFromMain
    guard let index = calls.firstIndex(where: { $0.bringsOutside }) else { return nil }
    let opening = calls[..<index].last { $0.name.hasPrefix("open") }
    return [opening, calls[index]].compactMap { $0?.text }.joined(separator: ", then ")
  }

  /// Whether a word, or one of its halves, is the run's process id.
  func holdsProcessIdentifier(_ word: UInt64) -> Bool {
    guard let identifier = observation.processIdentifier else { return false }
    return word & 0xffff_ffff == UInt64(identifier) || word >> 32 == UInt64(identifier)
  }
}

extension SystemCall {
  /// The call on one line.
  public var text: String { "\(name)(\(arguments))" + (result.isEmpty ? "" : " = \(result)") }

  /// Whether the call brings in what files, devices or the kernel hold, such as /proc or a pipe.
  var bringsOutside: Bool {
    switch name {
    case "read", "pread64", "readv", "preadv", "getdents64", "readlink", "readlinkat", "recvfrom":
      true
    case "stat", "lstat", "fstat", "newfstatat", "statx", "statfs", "fstatfs", "getrusage", "wait4":
      true
    default: false
    }
  }

  /// The start-up input that the call asks the kernel for.
  var input: StartInput? {
    switch name {
    case "getpid", "gettid", "getppid", "getpgid", "getsid", "set_tid_address": .processIdentifier
    case "clock_gettime", "clock_gettime64", "gettimeofday", "time", "times": .clock
    case "getrandom": .randomBytes
    case "getcwd": .workingDirectory
    case "getrlimit", "prlimit64": .stackLimit
    case "uname", "sysinfo", "sched_getaffinity", "getcpu", "riscv_hwprobe": .machine
    case "getuid", "geteuid", "getgid", "getegid", "getgroups": .user
    default: nil
    }
  }
}
