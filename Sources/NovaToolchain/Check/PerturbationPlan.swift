// PerturbationPlan.swift — which runs a check makes: every input varied alone, then together.
// Hosted. Imports nothing. Every CPU model and option here is valid from qemu 7.2 on.

/// Something that a kernel or a user gives a program when it starts, and that a run can vary.
public enum StartInput: String, CaseIterable, Sendable {
  case arguments, environment
  case workingDirectory = "working directory"
  case programPath = "path of the program"
  case addresses = "address randomisation"
  case randomBytes = "AT_RANDOM"
  case closedDescriptors = "closed descriptors"
  case stackLimit = "stack limit"
  case cpuModel = "CPU model"
  /// Vary in every run, whether it means to or not.
  case clock, processIdentifier = "process id"
  /// Follows environment, arguments and randomisation: where the kernel's initial stack lies.
  case kernelStackAddress = "kernel stack address"
  /// Not varied, but named when a program asks for them.
  case user, machine
}

/// Where a run takes place.
public enum Engine: String, Sendable {
  case qemu, native
}

/// One run that a check will make.
public struct PlannedRun: Sendable, Equatable {
  /// Where it takes place.
  public var engine: Engine
  /// What it varies.
  public var perturbation: Perturbation
}

/// The runs of one check; the first of each engine is the one that its others are compared with.
public struct PerturbationPlan: Sendable {
  /// What the program is started with when nothing is varied.
  public static let baselineEnvironment = ["HOME=/", "LANG=C", "PATH=/usr/bin:/bin"]
  /// Variables of the run with many: enough to move the kernel's stack by pages.
  static let manyVariableCount = 200
  /// Bytes of the one large variable, below the kernel's limit of 128 KiB for a string.
  static let largeVariableByteCount = 100_000
  static let manyArgumentCount = 100
  static let longArgumentByteCount = 60_000
  /// Stack limits in bytes; the smallest leaves room for the largest arguments and qemu itself.
  static let stackLimits: [(name: String, byteCount: UInt64)] = [
    ("1-mib", 1 << 20), ("64-mib", 64 << 20), ("unlimited", .max),
  ]

  /// The CPU of the program.
  public let target: Target
  /// At least 32 under qemu, and the native ones after them.
  public private(set) var runs: [PlannedRun] = []

  /// Plans a check.
  ///
  /// - Parameters:
  ///   - target: the program's CPU.
  ///   - isNative: whether this machine's own CPU also runs the program.
  public init(target: Target, isNative: Bool) {
    self.target = target
    let common = Self.singles()
    addQemuRuns(common)
    if isNative { addNativeRuns(common) }
  }

  /// CPU models under qemu beside its default: old, recent, everything.
  static func cpuModels(of target: Target) -> [(name: String, option: String)] {
    switch target {
    case .x86_64:
      [
        ("nehalem", "Nehalem"), ("conroe", "Conroe"),
        // Without what qemu cannot emulate, or it warns into the program's descriptor 2.
        ("haswell", "Haswell,-pcid,-x2apic,-tsc-deadline,-invpcid,-hle,-rtm"), ("max", "max"),
      ]
    case .aarch64:
      [
        ("cortex-a53", "cortex-a53"), ("cortex-a57", "cortex-a57"), ("cortex-a72", "cortex-a72"),
        ("max", "max"),
      ]
    case .riscv64:
      [
        ("sifive-u54", "sifive-u54"), ("bit-manipulation", "rv64,zba=true,zbb=true"),
        ("vector-128", "rv64,v=true,vext_spec=v1.0"),
        ("vector-512", "rv64,v=true,vlen=512,vext_spec=v1.0"),
      ]
    }
  }

  /// The run that others are compared with.
  static var baseline: Perturbation {
    var run = Perturbation(name: "baseline")
    run.environment = baselineEnvironment
    run.randomSeed = 1
    return run
  }

  private mutating func addQemuRuns(_ common: [Perturbation]) {
    var planned = [Self.baseline] + common
    var elsewhere = Self.named("program-elsewhere")
    elsewhere.isElsewhere = true
    planned.append(elsewhere)
    for seed: UInt32 in [2, 0xdead_beef] {
      var run = Self.named("random-\(seed)")
      run.randomSeed = seed
      planned.append(run)
    }
    for model in Self.cpuModels(of: target) {
      var run = Self.named("cpu-\(model.name)")
      run.cpuModel = model.option
      planned.append(run)
    }
    planned += Self.combined()
    for model in Self.cpuModels(of: target) {
      var run = Self.everything(named: "everything-\(model.name)")
      run.cpuModel = model.option
      planned.append(run)
    }
    runs += planned.map { PlannedRun(engine: .qemu, perturbation: $0) }
  }

  private mutating func addNativeRuns(_ common: [Perturbation]) {
    var fixed = Self.named("addresses-fixed")
    fixed.randomisesAddresses = false
    let planned = [Self.baseline] + common + [fixed, Self.everything(named: "everything")]
    runs += planned.map { each in
      var run = each
      run.randomSeed = nil  // natively the kernel chooses
      return PlannedRun(engine: .native, perturbation: run)
    }
  }

  private static func named(_ name: String) -> Perturbation {
    var run = baseline
    run.name = name
    return run
  }

  /// Every input that both engines can vary, alone.
  private static func singles() -> [Perturbation] {
    var runs: [Perturbation] = []
    func add(_ name: String, _ change: (inout Perturbation) -> Void) {
      var run = named(name)
      change(&run)
      runs.append(run)
    }
    // Nothing is varied here but what no run can hold: the clock and the process id.
    add("again-1") { _ in }
    add("again-2") { _ in }
    add("environment-empty") { $0.environment = [] }
    add("environment-changed") { $0.environment = ["HOME=\\", "LANG=D", "PATH=/usr/sin:/sin"] }
    add("environment-longer") { $0.environment = ["HOME=/home", "LANG=C.UTF-8", "PATH=/bin"] }
    add("environment-many") { $0.environment = manyVariables }
    add("environment-large") { $0.environment[0] = "HOME=" + letters("h", largeVariableByteCount) }
    add("arguments-one") { $0.arguments = ["one"] }
    add("arguments-other") { $0.arguments = ["two"] }
    add("arguments-empty") { $0.arguments = [""] }
    add("arguments-many") { $0.arguments = (0..<manyArgumentCount).map { "argument-\($0)" } }
    add("arguments-long") { $0.arguments = [letters("a", longArgumentByteCount)] }
    add("folder-root") { $0.workingDirectory = "/" }
    add("folder-dev") { $0.workingDirectory = "/dev" }
    add("process-1-later") { $0.skippedProcessCount = 1 }
    add("process-5-later") { $0.skippedProcessCount = 5 }
    for closed: [Int32] in [[0], [1], [2], [0, 1, 2]] {
      let name = closed.map { String($0) }.joined(separator: "-")
      add("closed-\(name)") { $0.closedDescriptors = closed }
    }
    for limit in stackLimits {
      add("stack-limit-\(limit.name)") { $0.stackLimitBytes = limit.byteCount }
    }
    return runs
  }

  private static var manyVariables: [String] {
    (0..<manyVariableCount).map { "VARIABLE_\($0)=value \($0)" }
  }

  private static func letters(_ letter: Character, _ count: Int) -> String {
    String(repeating: letter, count: count)
  }

  /// Inputs varied two and more at a time.
  private static func combined() -> [Perturbation] {
    var strings = named("environment-and-arguments")
    strings.environment = manyVariables
    strings.arguments = ["one", "two", "three"]
    var bare = named("nothing-given")
    bare.environment = []
    bare.closedDescriptors = [0, 1, 2]
    bare.randomSeed = 4
    return [strings, bare, everything(named: "everything")]
  }

  /// All inputs varied at once, CPU model apart.
  private static func everything(named name: String) -> Perturbation {
    var run = named(name)
    run.arguments = ["--verbose", letters("x", 4097), ""]
    run.environment = manyVariables + ["LARGE=" + letters("l", largeVariableByteCount)]
    run.workingDirectory = "/"
    run.randomSeed = 3
    run.closedDescriptors = [0]
    run.stackLimitBytes = 64 << 20
    run.skippedProcessCount = 2
    return run
  }
}

extension Perturbation {
  /// The inputs that this run varies on purpose against `baseline`.
  func inputs(variedFrom baseline: Perturbation) -> [StartInput] {
    var inputs: [StartInput] = []
    if arguments != baseline.arguments { inputs.append(.arguments) }
    if environment != baseline.environment { inputs.append(.environment) }
    if workingDirectory != baseline.workingDirectory { inputs.append(.workingDirectory) }
    if isElsewhere != baseline.isElsewhere { inputs.append(.programPath) }
    if randomisesAddresses != baseline.randomisesAddresses { inputs.append(.addresses) }
    if randomSeed != baseline.randomSeed { inputs.append(.randomBytes) }
    if closedDescriptors != baseline.closedDescriptors { inputs.append(.closedDescriptors) }
    if stackLimitBytes != baseline.stackLimitBytes { inputs.append(.stackLimit) }
    if cpuModel != baseline.cpuModel { inputs.append(.cpuModel) }
    return inputs
  }

  /// What start-up may legitimately do otherwise for: runs that agree in it are compared whole.
  var startUpGroup: StartUpGroup {
    StartUpGroup(
      variableCount: environment.count, closedDescriptors: closedDescriptors, cpuModel: cpuModel)
  }
}

/// What the course of start-up itself depends on.
struct StartUpGroup: Hashable {
  var variableCount: Int
  var closedDescriptors: [Int32]
  var cpuModel: String?
}
