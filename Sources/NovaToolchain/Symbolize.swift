// Symbolize.swift — a fault report's addresses as functions, files and lines.
// Hosted. Uses the toolchain's llvm-symbolizer and swift-demangle.

/// Why a report could not be symbolized.
public enum SymbolizeError: Error, Equatable {
  /// The text holds no fault report.
  case noReport
  /// The report's form is another version's.
  case unsupportedReport(version: String)
  /// A line (counted from 1) of the report is not as programs write it; empty at the text's end.
  case malformedReport(line: Int, text: String)
  /// The program cannot be read.
  case file(FileError)
  /// The program is no ELF file that NovaCore understands.
  case program(path: String, ELFError)
  /// Report and program are for different CPUs.
  case otherCPU(report: String, program: String)
  /// Report and program are different builds; hexadecimal digits, empty for none.
  case otherBuild(report: String, program: String)
  /// The program has no symbols, so that no address can be named.
  case stripped(path: String)
  /// A tool is neither beside the Swift compiler nor on PATH.
  case toolMissing(name: String)
  /// A tool could not be run to its end.
  case tool(name: String, ProcessError)
  /// A tool ended with a failure, or printed what nobody expects.
  case toolFailed(name: String, output: String)
}

/// Names the places that fault reports tell by address.
public enum Symbolizer {
  static let symbolizerName = "llvm-symbolizer"
  static let demanglerName = "swift-demangle"

  /// A function around an address, and where.
  struct Place: Equatable {
    var function: String
    /// `file:line:column`; empty when unknown.
    var location: String
  }

  /// Adds functions, files and lines to every fault report in a text.
  ///
  /// - Parameters:
  ///   - text: what a program wrote to its standard error; text around a report is kept.
  ///   - path: of the ELF file that wrote it, with its debug information.
  /// - Returns: the text; behind each address of a backtrace the function and its place, and below
  ///   it the functions that it was inlined into.
  /// - Throws: `SymbolizeError`; a program of another build is refused.
  public static func symbolize(
    report text: String, program path: String
  ) throws(SymbolizeError) -> String {
    // Logs that passed another system end lines with CR LF.
    let text = String(text.map { $0 == "\r\n" ? "\n" : $0 })
    var lines = text.split(separator: "\n", omittingEmptySubsequences: false)
    let reports = try FaultReport.all(in: lines)
    let program = try read(path)
    for report in reports { try check(report, against: program) }
    guard !program.symbols.isEmpty else { throw .stripped(path: path) }

    let frames = reports.flatMap(\.frames)
    let isCode = frames.map { isExecutable(lookupAddress($0), in: program) }
    let known = zip(frames, isCode).filter(\.1).map(\.0)
    var places = try places(of: known.map(lookupAddress), in: path)[...]
    var additions: [Int: [Place]] = [:]
    for frame in known {
      additions[frame.lineNumber] = places.popFirst()
    }
    for (frame, isCode) in zip(frames, isCode) {
      let number = frame.lineNumber
      guard isCode else {
        lines[number] += " outside the program's code"
        continue
      }
      lines[number] = Substring(describe(additions[number] ?? [], behind: lines[number]))
    }
    return lines.joined(separator: "\n")
  }

  /// Calls precede the address that they return to, which may be another line's or function's.
  private static func lookupAddress(_ frame: FaultReport.Frame) -> UInt64 {
    frame.index == 0 || frame.address == 0 ? frame.address : frame.address - 1
  }

  private static func describe(_ places: [Place], behind line: Substring) -> String {
    var text = String(line)
    for (depth, place) in places.enumerated() {
      text += depth == 0 ? " " : "\n         inlined into "
      text += place.function
      if !place.location.isEmpty { text += " at \(place.location)" }
    }
    return text
  }

  private static func read(_ path: String) throws(SymbolizeError) -> ELFFile {
    let bytes: [UInt8]
    do { bytes = try readFile(path) } catch { throw .file(error) }
    do { return try ELFFile(bytes) } catch { throw .program(path: path, error) }
  }

  private static func check(
    _ report: FaultReport, against program: ELFFile
  ) throws(SymbolizeError) {
    guard report.cpu == program.target.rawValue else {
      throw .otherCPU(report: report.cpu, program: program.target.rawValue)
    }
    let identifier = (program.buildIdentifier ?? []).map { byte in
      let digits = String(byte, radix: 16)
      return digits.count == 1 ? "0" + digits : digits
    }.joined()
    guard report.buildIdentifier == identifier, !identifier.isEmpty else {
      throw .otherBuild(report: report.buildIdentifier, program: identifier)
    }
  }

  private static func isExecutable(_ address: UInt64, in program: ELFFile) -> Bool {
    program.segments.contains { segment in
      segment.kind == .load && segment.permissions.contains(.execute)
        && address >= segment.address && address - segment.address < segment.memoryByteCount
    }
  }
}

// What the tools are asked, and how they answer.
extension Symbolizer {
  /// For each address the functions around it, innermost first.
  private static func places(
    of addresses: [UInt64], in path: String
  ) throws(SymbolizeError) -> [[Place]] {
    guard !addresses.isEmpty else { return [] }
    let output = try output(
      of: symbolizerName,
      arguments: ["--no-demangle", "--inlines", "--functions=linkage", "--obj=\(path)"]
        + addresses.map { "0x" + String($0, radix: 16) })
    let groups = try parse(output)
    guard groups.count == addresses.count else {
      throw .toolFailed(name: symbolizerName, output: output)
    }
    let mangled = Array(Set(groups.joined().map(\.function).filter { $0.hasPrefix("$") })).sorted()
    let names = try demangle(mangled)
    return groups.map { places in
      places.map { Place(function: names[$0.function] ?? $0.function, location: $0.location) }
    }
  }

  /// Reads pairs of lines (function, place); an empty line ends an address.
  static func parse(_ output: String) throws(SymbolizeError) -> [[Place]] {
    var groups: [[Place]] = []
    var places: [Place] = []
    var function: String?
    for line in output.split(separator: "\n", omittingEmptySubsequences: false) {
      if let name = function {
        let location = line.hasPrefix("??") || line.hasSuffix(":0:0") ? "" : String(line)
        places.append(Place(function: name, location: location))
        function = nil
      } else if !line.isEmpty {
        function = String(line)
      } else if !places.isEmpty {
        groups.append(places)
        places = []
      }
    }
    guard function == nil, places.isEmpty else {
      throw .toolFailed(name: symbolizerName, output: output)
    }
    return groups
  }

  private static func demangle(_ names: [String]) throws(SymbolizeError) -> [String: String] {
    guard !names.isEmpty else { return [:] }
    let output = try output(of: demanglerName, arguments: ["--compact", "--simplified"] + names)
    let lines = output.split(separator: "\n")
    guard lines.count == names.count else {
      throw .toolFailed(name: demanglerName, output: output)
    }
    return Dictionary(uniqueKeysWithValues: zip(names, lines.map(String.init)))
  }

  private static func output(
    of name: String, arguments: [String]
  ) throws(SymbolizeError) -> String {
    guard let tool = CompilerTool.find(name) else { throw .toolMissing(name: name) }
    let outcome: ProcessOutcome
    do { outcome = try run(ProcessRequest(tool, arguments)) } catch {
      throw .tool(name: name, error)
    }
    guard outcome.isSuccess else {
      throw .toolFailed(name: name, output: outcome.errorText)
    }
    return outcome.outputText
  }
}
