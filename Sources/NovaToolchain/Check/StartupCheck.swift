// StartupCheck.swift — the start-up check: plan, run, compare, describe.
// Hosted. Imports Glibc for the processor count.

import Glibc
import Synchronization

/// Runs a program under everything that a kernel or a user may vary, and compares.
public struct StartupCheck: Sendable {
  /// Path of the program.
  public let program: String
  /// The CPU that the program is for.
  public let target: Target
  /// How the check is made.
  public let options: CheckOptions
  let layout: ProgramLayout

  /// Reads the program's file.
  ///
  /// - Parameters:
  ///   - program: the file's path.
  ///   - target: the CPU asked for; null for the file's own.
  ///   - options: how the check is made.
  /// - Throws: `CheckError.unreadable`, `.program`, `.wrongTarget`.
  public init(
    program: String, target: Target? = nil, options: CheckOptions = CheckOptions()
  ) throws(CheckError) {
    let bytes: [UInt8]
    do throws(FileError) {
      bytes = try readFile(program)
    } catch {
      throw .program(
        path: program, reason: "it cannot be read: \(error)",
        remedy: "name the program's file, or build it first")
    }
    let file: ELFFile
    do throws(ELFError) {
      file = try ELFFile(bytes)
      layout = try ProgramLayout(of: file)
    } catch {
      throw .notNova(path: program, error)
    }
    if let target, target != file.target {
      throw .wrongTarget(path: program, found: file.target, wanted: target)
    }
    // SAFETY: the path is a C string during the call.
    guard unsafe access(program, X_OK) == 0 else {
      throw .program(
        path: program, reason: "it may not be executed", remedy: "chmod +x \(program)")
    }
    self.program = program
    self.target = file.target
    self.options = options
  }

  /// The runs that the check makes.
  public var plan: PerturbationPlan {
    PerturbationPlan(target: target, isNative: options.runsNatively && target == Target.host)
  }

  /// From now on SIGHUP, SIGINT and SIGTERM, before they end this process, remove what its checks
  /// keep on disk; the programs that they observe end with this process in any case.
  public static func endsCleanlyOnSignals() { ScratchFolder.removeOnSignals() }

  /// Makes every run of the plan, several at a time, and compares them.
  ///
  /// - Parameter progress: told how far the check is, one call at a time, on any thread.
  /// - Returns: every difference, and the manifest.
  /// - Throws: `CheckError.run` when a run cannot be made or observed.
  public func run(
    progress: @escaping @Sendable (CheckProgress) -> Void
  ) throws(CheckError) -> CheckResult {
    var probe: QemuProbe
    do throws(ProbeError) {
      probe = try QemuProbe(target: target, program: program, plugIn: options.plugIn)
    } catch {
      throw .probe(run: "baseline", program: program, error)
    }
    probe.timeLimitMilliseconds = options.timeLimitMilliseconds
    let prepared = probe
    let result = try run(
      observing: { planned throws(CheckError) in
        if planned.engine == .native { return try observeNatively(planned.perturbation) }
        do throws(ProbeError) {
          return try prepared.observe(planned.perturbation)
        } catch {
          throw .probe(run: planned.perturbation.name, program: program, error)
        }
      }, progress: progress)
    return narrowed(result, by: prepared)
  }

  private func observeNatively(
    _ perturbation: Perturbation
  ) throws(CheckError) -> Observation {
    do throws(NativeProbeError) {
      var probe = try NativeProbe(program: program)
      probe.timeLimitMilliseconds = options.timeLimitMilliseconds
      return try probe.observe(perturbation)
    } catch {
      throw .run(
        name: "\(perturbation.name) on this machine's CPU", reason: "\(error)",
        remedy: error.remedy ?? "run the check again; --emulated-only leaves these runs out")
    }
  }

  /// The result with the first differing instruction named, where one differs.
  private func narrowed(_ result: CheckResult, by probe: QemuProbe) -> CheckResult {
    var result = result
    for (index, difference) in result.differences.enumerated() {
      switch difference.place {
      case .instruction, .access: break
      default: continue
      }
      let runs = plan.runs.map { $0.perturbation }
      guard let left = runs.first(where: { $0.name == difference.baseline }),
        let right = runs.first(where: { $0.name == difference.run }),
        // A program that takes another course each time may not show the difference again.
        let found = try? probe.divergence(between: left, and: right)
      else { continue }
      result.differences[index].divergence = found
    }
    return result
  }

  /// Makes every run of the plan with `observe`, several at a time, and compares them.
  ///
  /// - Parameters:
  ///   - observe: makes one run; called on several threads.
  ///   - progress: told how far the check is, one call at a time, on any thread.
  /// - Returns: every difference, and the manifest.
  /// - Throws: `CheckError.run`, or what `observe` throws.
  public func run(
    observing observe: @escaping @Sendable (PlannedRun) throws(CheckError) -> Observation,
    progress: @escaping @Sendable (CheckProgress) -> Void
  ) throws(CheckError) -> CheckResult {
    let runs = plan.runs
    progress(.planned(runCount: runs.count))
    let done = Atomic<Int>(0)
    let pages = PageShare()
    let jobs = ParallelJobs<Observation, CheckError>(
      jobCount: runs.count,
      job: { index throws(CheckError) in pages.shared(try observe(runs[index])) },
      finished: { index in
        progress(
          .ran(
            name: runs[index].perturbation.name, engine: runs[index].engine,
            count: done.add(1, ordering: .relaxed).newValue, runCount: runs.count))
      })
    let observations = try jobs.run(threadCount: options.concurrentRunCount ?? Self.processorCount)
    progress(.comparing)
    return compare(zip(runs, observations).map { RunRecord(run: $0, observation: $1) })
  }

  /// Compares runs that were made.
  func compare(_ records: [RunRecord]) -> CheckResult {
    var rules = StartRules(layout: layout)
    rules.hasInitialisers = records.contains { record in
      record.calls(.startUp).contains(where: rules.renewsStack)
    }
    let differences = Comparison(rules: rules, records: records).differences()
    precondition(!records.isEmpty, "a plan begins with the baseline")
    let manifest = ManifestBuilder(rules: rules, records: records, differences: differences)
      .manifest(of: records[0])
    return CheckResult(
      verdict: manifest.verdict, target: target,
      qemuRunCount: records.count { $0.run.engine == .qemu },
      nativeRunCount: records.count { $0.run.engine == .native }, differences: differences,
      manifest: manifest)
  }

  private static var processorCount: Int { max(1, Int(sysconf(Int32(_SC_NPROCESSORS_ONLN)))) }
}

extension Target {
  /// The CPU of this machine; null when NovaCore does not build for it.
  public static var host: Target? {
    var name = utsname()
    // SAFETY: uname fills the structure, whose `machine` is a null-terminated string.
    guard unsafe uname(&name) == 0 else { return nil }
    let machine = unsafe withUnsafeBytes(of: &name.machine) { bytes in
      unsafe String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
    }
    return Target(rawValue: machine)
  }
}

extension CheckError {
  /// The error for a file that is no program of NovaCore's, with what to do.
  static func notNova(path: String, _ error: ELFError) -> CheckError {
    let rebuild = "build it with `nova build`"
    return switch error {
    case .notELF(let kind):
      .program(path: path, reason: "it is no ELF file (\(kind.rawValue))", remedy: rebuild)
    case .noBootstrapNote:
      .program(
        path: path, reason: "it was not linked with NovaCore's linker script", remedy: rebuild)
    case .truncated(let part, let offset, let byteCount, let fileByteCount):
      .program(
        path: path,
        reason:
          "it is cut off: \(part.rawValue) at byte \(offset) needs \(byteCount) bytes, the file "
          + "has \(fileByteCount)",
        remedy: rebuild)
    case .unsupportedMachine(let machine):
      .program(
        path: path, reason: "it is for a CPU that NovaCore does not know (machine \(machine))",
        remedy: "build it for x86_64, aarch64 or riscv64")
    default: .program(path: path, reason: "it is no sound ELF file: \(error)", remedy: rebuild)
    }
  }
}
