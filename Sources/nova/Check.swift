// Check.swift — `nova check`: runs a program every way there is, and shows how it starts.
// Hosted. Imports ArgumentParser, Glibc and NovaToolchain.

import ArgumentParser
import Glibc
import NovaToolchain

struct Check: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Compare a program's start-up across everything that may vary.",
    discussion: """
      Prints the start-up manifest, which belongs into version control. Exit status 1 when two \
      runs differ, or when the manifest is not the expected one.
      """)

  @Argument(
    help: "A program. (default: what the package in the current folder makes)",
    completion: .file())
  var file: String?

  @OptionGroup var options: TargetOptions

  @Option(help: "Compare the manifest with this file.", completion: .file())
  var expect: String?

  @Flag(help: "Write the manifest to the file of --expect instead.")
  var update = false

  @Flag(help: "Print the result for machines, as JSON.")
  var json = false

  @Option(help: "Also draw the result to this SVG file.", completion: .file(extensions: ["svg"]))
  var picture: String?

  @Flag(help: "Run under qemu only, also where the CPU is this machine's.")
  var emulatedOnly = false

  @Option(help: "Seconds that one run may take, 1 to 3600.")
  var timeLimit = QemuProbe.timeLimitMillisecondsDefault / 1000

  func validate() throws {
    guard (1...3600).contains(timeLimit) else {
      throw ValidationError("--time-limit is 1 to 3600 seconds.")
    }
    guard !update || expect != nil else {
      throw ValidationError("--update needs --expect FILE, the file to write.")
    }
  }

  func run() throws {
    let program = try options.program(file: file)
    StartupCheck.endsCleanlyOnSignals()
    let result: CheckResult
    do {
      var checkOptions = CheckOptions()
      checkOptions.runsNatively = !emulatedOnly
      checkOptions.timeLimitMilliseconds = timeLimit * 1000
      checkOptions.plugIn = try? Installation.locate().preparePlugIn()
      let progress = ProgressLine(isShown: isatty(2) == 1)
      result = try StartupCheck(
        program: program.path, target: program.target, options: checkOptions
      ).run { progress.show($0) }
      progress.clear()
    } catch {
      throw Failure("\(error)")
    }
    print(json ? result.json : result.manifest.text, terminator: "")
    if let picture {
      do { try Files.write(Array(result.picture.utf8), to: picture) } catch {
        throw describe(error)
      }
    }
    try judge(result)
  }

  /// Ends with status 1 when something is not as it must be.
  private func judge(_ result: CheckResult) throws {
    if let failure = result.manifest.ending.failure {
      report("note: the program \(failure); its own report is what it wrote to descriptor 2")
    }
    let failures = result.differences.filter { $0.weight == .failure }
    for failure in failures { report("\(failure)") }
    if let expect { try compare(result, with: expect) }
    guard result.verdict == .different else { return }
    throw Failure(
      failures.count == 1
        ? "runs differ in the place named above"
        : "runs differ in \(failures.count) places; the first is named first", status: .failed)
  }

  /// Writes the expected manifest, or ends with status 1 when it is another.
  private func compare(_ result: CheckResult, with expect: String) throws {
    let expected = ManifestFile(path: expect)
    var isExpected = true
    do {
      if update {
        try expected.replace(with: result.manifest.text)
      } else if let difference = try expected.difference(from: result.manifest.text) {
        for line in difference.lines { report(line) }
        isExpected = false
      } else {
        report("the manifest is the same as \(expect)")
      }
    } catch {
      throw Failure("\(error)")
    }
    guard !isExpected else { return }
    let remedy =
      result.verdict == .different
      ? "runs differ, as said above; mend that first" : "if that is meant, write it with --update"
    throw Failure("the manifest is not the one in \(expect); \(remedy)", status: .failed)
  }
}

extension Ending {
  /// What a program that did not end of its own will did, in words; null when it did.
  fileprivate var failure: String? {
    switch self {
    case .exited(let status) where status > 128: "failed with exit status \(status)"
    case .exited: nil
    case .killed(let signal): "was killed by signal \(signal)"
    }
  }
}

/// One line on the standard error that says how far something is.
struct ProgressLine: Sendable {
  let isShown: Bool

  private static let clearLine = "\r\u{1b}[K"

  func show(_ progress: CheckProgress) {
    switch progress {
    case .planned(let runCount): write("\(runCount) runs")
    case .ran(let name, _, let count, let runCount): write("\(count) of \(runCount): \(name)")
    case .comparing: write("comparing")
    }
  }

  func show(_ text: String) { write(text) }

  func clear() { write("") }

  private func write(_ text: String) {
    if isShown { reportWithoutBreak(Self.clearLine + text) }
  }
}
