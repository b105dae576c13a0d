// Examine.swift — `nova inspect` and `nova symbolize`: what a program holds, where one failed.
// Hosted. Imports ArgumentParser, Glibc and NovaToolchain.

import ArgumentParser
import NovaToolchain

struct Inspect: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Show what a program or a module consists of.",
    discussion: """
      Of a program: segments, sizes by symbol, bootstrap record and stack; and the module that it \
      carries. Of a module: sections, imports, exports and its largest functions.
      """)

  @Argument(
    help: "A program or a module. (default: what the package in the current folder makes)",
    completion: .file())
  var file: String?

  @OptionGroup var options: TargetOptions

  @Option(help: "How many symbols or functions to list, the largest first.")
  var symbols = Inspection.largestCountDefault

  @Flag(help: "Print the inspection for machines, as JSON.")
  var json = false

  func validate() throws {
    guard symbols >= 0 else { throw ValidationError("--symbols counts from 0.") }
  }

  func run() throws {
    if let file, let bytes = try? readFile(file), isModule(bytes) || file.hasSuffix(".nvasm") {
      let module = try translated(bytes, file)
      do {
        let inspection = try ModuleInspection(module, largestCount: symbols)
        return print(json ? inspection.json : inspection.text, terminator: "")
      } catch {
        throw describe(error, in: file)
      }
    }
    let path = try options.program(file: file).path
    let program = try readProgram(path)
    do {
      let inspection = try Inspection(program, largestCount: symbols)
      let module = try inspectModule(of: program, path)
      guard !json else { return print(inspection.json(module: module), terminator: "") }
      print(inspection.text, terminator: "")
      if let module { print("\n" + module.text, terminator: "") }
    } catch let error as ELFError {
      throw describe(error, in: path)
    }
  }

  /// The module that a program carries; null when it carries none.
  private func inspectModule(of program: ELFFile, _ path: String) throws -> ModuleInspection? {
    guard let bytes = try program.moduleBytes() else { return nil }
    do { return try ModuleInspection(Array(bytes), largestCount: symbols) } catch {
      throw describe(error, in: "the module in \(path)")
    }
  }
}

struct Symbolize: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Turn the addresses of a fault report into functions, files and lines.",
    discussion: "Text around the report is kept.")

  @Argument(
    help: "The program that wrote the report. (default: what the current package makes)",
    completion: .file())
  var file: String?

  @Option(help: "The report. (default: the standard input)", completion: .file())
  var report: String?

  @OptionGroup var options: TargetOptions

  func run() throws {
    let program = try options.program(file: file).path
    let text: String
    do { text = String(decoding: try readFile(report ?? "/dev/stdin"), as: UTF8.self) } catch {
      throw describe(error)
    }
    do { print(try Symbolizer.symbolize(report: text, program: program), terminator: "") } catch {
      throw describe(error)
    }
  }
}

func describe(_ error: SymbolizeError) -> Failure {
  switch error {
  case .noReport:
    Failure("the text holds no fault report; give what the program wrote to its standard error")
  case .unsupportedReport(let version):
    Failure("the report has form \(version), not \(FaultReport.version); use the nova of its build")
  case .malformedReport(let line, ""):
    Failure("the report is cut off at line \(line); give all of it, to 'end of report'")
  case .stripped(let path):
    Failure("\(path) is stripped; give the same build's file from before that")
  case .malformedReport(let line, let text):
    Failure("line \(line) of the report is damaged: '\(text)'; give it as the program wrote it")
  case .file(let error): describe(error)
  case .program(let path, let error): describe(error, in: path)
  case .otherCPU(let report, let program):
    Failure("the report is from a program for \(report), and this one is for \(program)")
  case .otherBuild(let report, let program):
    Failure(
      "the report is from build \(report.isEmpty ? "unknown" : report), and this program is "
        + "\(program.isEmpty ? "unknown" : program); give the file that wrote it")
  case .toolMissing(let name):
    Failure("\(name) is missing; nova doctor says what to install")
  case .tool(_, let error): describe(error)
  case .toolFailed(let name, let output): Failure("\(name) failed: \(output)")
  }
}
