// ManifestBuilder+Inputs.swift — every start-up input with what became of it.
// Hosted. Imports nothing. Source of the list: Linux fs/binfmt_elf.c (create_elf_tables) and
// execve(2), "Effect on process attributes".

extension ManifestBuilder {
  /// The inputs in a fixed order; one that a failure names is marked as a leak.
  var inputs: [ManifestInput] {
    vectors + auxiliaryVector + processState + machineState
  }

  private func input(
    _ name: String, _ treatment: ManifestInput.Treatment, _ how: String, _ causes: StartInput...
  ) -> ManifestInput {
    let leaks = differences.contains { difference in
      difference.weight == .failure && causes.contains { difference.inputs.contains($0) }
    }
    let runCount = causes.map { countOfRuns(varying: $0) }.max() ?? 0
    let evidence = runCount > 0 ? "; varied in \(runCount) runs" : ""
    return ManifestInput(
      name: name, treatment: leaks ? .leaks : treatment, how: how + evidence,
      isVaried: runCount > 0)
  }

  private func countOfRuns(varying input: StartInput) -> Int {
    let runs = records.filter { $0.run.engine == .qemu }
    guard let baseline = runs.first else { return 0 }
    if input == .clock || input == .processIdentifier { return runs.count }
    return runs.count { $0.variedInputs(from: baseline).contains(input) }
  }

  private func makesCall(_ name: String) -> Bool {
    records.contains { record in record.observation.callsBeforeMain.contains { $0.name == name } }
  }

  private var vectors: [ManifestInput] {
    [
      input(
        "argc, argv", .recorded,
        "a view of the kernel's stack; nothing reads it before main" + grant(of: .arguments),
        .arguments),
      input(
        "envp", .recorded, "as argv; not at all when AT_SECURE is set" + grant(of: .environment),
        .environment),
      input(
        "initial stack pointer", .eliminated, "main runs on a stack of its own at a fixed address",
        .kernelStackAddress),
      input(
        "kernel's registers", .eliminated, "general, vector, mask, control and flags are cleared"),
    ]
  }

  /// Said of an input that the program may follow, so that runs with another end their part here.
  private func grant(of input: StartInput) -> String {
    rules.layout.grantedInputs.contains(input) ? "; granted: from main on, equal ones compared" : ""
  }

  private var auxiliaryVector: [ManifestInput] {
    let entropy = rules.layout.bootstrap.contains {
      $0.name == "entropy policy" && $0.value == "kernel"
    }
    return [
      input(
        "AT_RANDOM", entropy ? .recorded : .ignored,
        entropy
          ? "the stack protector's guard, as the bootstrap record asks"
          : "stack guard and hash seeds are constants", .randomBytes),
      input("AT_PAGESZ", .recorded, "rounds stack and heap; kept in the start record"),
      input("AT_SECURE", .normalised, "set-user-id: the environment is empty"),
      input("AT_PLATFORM", .ignored, "a name of the CPU; not read"),
      input("AT_SYSINFO_EHDR", .ignored, "vDSO: not mapped in, not called"),
      input("AT_EXECFN", .ignored, "the file's path; not read", .programPath),
      input(
        "AT_PHDR, AT_PHENT, AT_PHNUM", .ignored,
        "static, not relocated: bounds are linker symbols"),
      input("AT_BASE, AT_ENTRY, AT_FLAGS", .ignored, "no interpreter; the entry is _start"),
      input("AT_UID, AT_EUID", .ignored, "not read"),
      input("AT_GID, AT_EGID", .ignored, "not read"),
      input("AT_CLKTCK", .ignored, "not read"),
      input("AT_RSEQ_*", .ignored, "restartable sequences are not registered"),
    ] + capabilities
  }

  /// What crt0.S reads to learn which registers there are to clear; other code reads none of it.
  private var capabilities: [ManifestInput] {
    let unused = "kept; nothing reads it before main"
    let target = rules.layout.target
    let initialised =
      switch target {
      case .x86_64: unused
      case .aarch64: "are there predicates to clear after initialisers; zero at main either way"
      case .riscv64: "are there vectors to clear after initialisers; zero at main either way"
      }
    let extended =
      target == .x86_64
      ? "does XGETBV exist, for clearing registers; zero at main either way" : unused
    return [
      input("AT_HWCAP", target == .x86_64 ? .recorded : .normalised, initialised, .cpuModel),
      input("AT_HWCAP2", target == .x86_64 ? .normalised : .recorded, extended, .cpuModel),
      input("AT_MINSIGSTKSZ", target == .x86_64 ? .normalised : .recorded, extended),
    ]
  }

  private var processState: [ManifestInput] {
    [
      input(
        "working directory", .ignored,
        "not asked for" + grant(of: .workingDirectory), .workingDirectory),
      input(
        "descriptors 0-2", .normalised,
        "closed ones are opened on /dev/null" + grant(of: .closedDescriptors), .closedDescriptors),
      input("other descriptors", .ignored, "inherited, not touched"),
      input(
        "RLIMIT_STACK", .eliminated, "main's stack is a mapping, not the kernel's", .stackLimit),
      input("other limits", .ignored, "too low a limit stops the start with a message"),
      makesCall("rt_sigprocmask")
        ? input("signal mask", .normalised, "faults are unblocked")
        : input("signal mask", .ignored, "inherited, not touched"),
      makesCall("rt_sigaction")
        ? input("signal dispositions", .normalised, "faults are reported; others stay inherited")
        : input("signal dispositions", .ignored, "inherited, not touched"),
      input(
        "personality", .eliminated, "image, stack and heap lie at fixed addresses", .addresses),
      input("process id", .ignored, "not asked for", .processIdentifier),
      input("user, group", .ignored, "not asked for", .user),
    ]
  }

  private var machineState: [ManifestInput] {
    let isNative = rules.layout.bootstrap.contains {
      $0.name == "cpu policy" && $0.value == "native"
    }
    return [
      isNative
        ? input(
          "CPU model", .recorded, "its level, as the bootstrap record asks; code may follow it",
          .cpuModel)
        : input("CPU model", .normalised, "from main on one path for all CPUs", .cpuModel),
      input("clock", .ignored, "not asked for; every run is made at another time", .clock),
      input(
        "machine, kernel", .ignored, "neither name nor size nor version is asked for", .machine),
    ]
  }
}
