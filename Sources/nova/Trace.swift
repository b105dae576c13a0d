// Trace.swift — `nova trace`: what a program's workers did, for timeline viewers and as a picture.
// Hosted. Imports ArgumentParser, Glibc and NovaToolchain.

import ArgumentParser
import Glibc
import NovaToolchain

struct Trace: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Run a program and show what its workers, jobs and timers did.",
    discussion: """
      Prints JSON that Perfetto (ui.perfetto.dev) and chrome://tracing open; the program's own \
      output goes to the standard error then. With --output, --picture or --binary nothing is \
      printed, and the program's output is its own.

      Ends with the program's own exit status.
      """)

  @Argument(
    help: "A program. (default: what the package in the current folder makes)",
    completion: .file())
  var file: String?

  @OptionGroup var options: TargetOptions
  @OptionGroup(title: "Bootstrap record") var settings: SettingsOptions

  @Option(
    name: [.short, .long], help: "Write the JSON to this file.",
    completion: .file(extensions: ["json"]))
  var output: String?

  @Option(help: "Draw the timeline to this SVG file.", completion: .file(extensions: ["svg"]))
  var picture: String?

  @Option(help: "Keep the trace as it was recorded, for --read.", completion: .file())
  var binary: String?

  @Option(help: "Show this trace, kept by --binary, rather than run a program.")
  var read: String?

  @Argument(
    parsing: .postTerminator, help: ArgumentHelp("Arguments of the program.", valueName: "word"))
  var words: [String] = []

  func validate() throws {
    guard read == nil || file == nil else {
      throw ValidationError("give either a program or --read FILE.")
    }
    guard read == nil || binary == nil else {
      throw ValidationError("--binary would only copy the file of --read; leave it out.")
    }
  }

  private var prints: Bool { output == nil && picture == nil && binary == nil }

  func run() throws {
    if let read {
      let bytes: [UInt8]
      do { bytes = try readFile(read) } catch { throw describe(error) }
      try show(bytes, source: read, name: Files.name(of: read))
      return
    }
    let program = try options.program(file: file, settings: settings.settings)
    let outcome = try trace(program.path, target: program.target)
    guard !outcome.trace.isEmpty else { throw noTrace(of: program.path, outcome.ending) }
    try show(outcome.trace, source: program.path, name: Files.name(of: program.path))
    try passOn(outcome.ending)
  }

  private func trace(_ program: String, target: Target) throws(Failure) -> TracedRun.Outcome {
    var traced: TracedRun
    do throws(TracedRunError) {
      traced = try TracedRun(program, target: target, arguments: words)
    } catch {
      switch error {
      case .read(let error): throw describe(error)
      case .copy(let error): throw describe(error)
      case .run(let error): throw describe(error)
      }
    }
    traced.divertsOutput = prints
    do throws(ProcessError) { return try traced.start() } catch { throw describe(error) }
  }

  /// Ends as the program did; a signal becomes 128 and its number.
  private func passOn(_ ending: Ending) throws {
    let status =
      switch ending {
      case .exited(let status): status
      case .killed(let signal): 128 + signal
      }
    // Where printing failed, `main` says so.
    guard status != 0, fflush(nil) == 0 else { return }
    Glibc.exit(status)
  }

  private func noTrace(of program: String, _ ending: Ending) -> Failure {
    Failure(
      "\(program) left no trace (\(ending.text)); a program that bootstraps a NovaRuntime writes "
        + "one when it ends of its own will")
  }

  /// Writes what was asked for.
  private func show(_ bytes: [UInt8], source: String, name: String) throws {
    let timeline: TraceTimeline
    do { timeline = TraceTimeline(try TraceFile(bytes)) } catch {
      throw describe(error, in: source)
    }
    if let binary { try write(bytes, to: binary) }
    if let picture { try write(Array(timeline.picture(name: name).utf8), to: picture) }
    if let output { try write(Array(timeline.json(name: name).utf8), to: output) }
    if prints { print(timeline.json(name: name), terminator: "") }
  }

  private func write(_ bytes: [UInt8], to path: String) throws(Failure) {
    do { try Files.write(bytes, to: path) } catch { throw describe(error) }
  }
}

func describe(_ error: TraceFileError, in path: String) -> Failure {
  let remedy = "; give a file that nova trace --binary wrote"
  switch error {
  case .empty: return Failure("\(path) is empty\(remedy)")
  case .notATrace:
    return Failure("\(path) is no trace: its first bytes are another file's\(remedy)")
  case .unknownVersion(let version, let known):
    return Failure(
      "\(path) is a trace of version \(version), and this nova reads version \(known); read it "
        + "with the nova that wrote it")
  case .truncated(let offset, let byteCount, let available):
    return Failure(
      "\(path) ends early: \(byteCount) bytes should follow offset \(offset), \(available) do; "
        + "record it again")
  case .tooManyRings(let count, let maximum):
    return Failure("\(path) says that it holds \(count) rings; a trace has at most \(maximum)")
  case .badEventCount(let ring, let count, let recorded):
    return Failure(
      "\(path) is damaged: ring \(ring) holds \(count) events of only \(recorded) recorded; record "
        + "it again")
  case .trailing(let offset, let byteCount):
    return Failure(
      "\(path) is damaged: \(byteCount) bytes follow its end at offset \(offset); record it again")
  }
}
