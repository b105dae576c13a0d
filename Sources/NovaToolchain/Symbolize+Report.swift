// Symbolize+Report.swift — the fault report that crt/trap.c writes, found in a text and read.
// Hosted.

/// One fault report, as a freestanding program writes it to its standard error.
public struct FaultReport: Sendable, Equatable {
  /// One line of the report's backtrace.
  public struct Frame: Sendable, Equatable {
    /// Counted from 0, the innermost.
    public var index: Int
    /// The program counter in frame 0, else the address that the frame returns to.
    public var address: UInt64
    /// The text's line, counted from 0.
    public var lineNumber: Int
  }

  /// What happened, in words.
  public var words: String
  /// The CPU of the program.
  public var cpu: String
  /// The program's build identifier in hexadecimal digits; empty when it has none.
  public var buildIdentifier: String
  /// Innermost first.
  public var frames: [Frame]

  /// The form that this version reads.
  public static let version = "1"

  static let firstWords = "nova: fault: "
  static let lastLine = "  end of report"
  private static let identityWords = ["  report ", ", cpu ", ", build id "]
  private static let frameWords = "    #"

  /// Finds the reports in a text; what stands around them does not matter.
  ///
  /// - Parameter lines: the text, without line ends.
  /// - Returns: the reports in the text's order, at least one.
  /// - Throws: `SymbolizeError.noReport`, `.unsupportedReport`, `.malformedReport`.
  static func all(in lines: [Substring]) throws(SymbolizeError) -> [FaultReport] {
    var reports: [FaultReport] = []
    for number in lines.indices {
      guard number > 0, let report = try report(in: lines, identityAt: number) else { continue }
      reports.append(report)
    }
    guard !reports.isEmpty else { throw .noReport }
    return reports
  }

  private static func report(
    in lines: [Substring], identityAt number: Int
  ) throws(SymbolizeError) -> FaultReport? {
    // A report's first line may follow unfinished output of the program.
    guard lines[number].hasPrefix(identityWords[0]),
      let words = text(behind: firstWords, in: lines[number - 1])
    else { return nil }
    let fields = lines[number].dropFirst(identityWords[0].count)
      .split(separator: ",", omittingEmptySubsequences: false)
    guard let version = fields.first, version == Self.version else {
      throw .unsupportedReport(version: String(fields.first ?? ""))
    }
    guard fields.count == 3, let cpu = text(behind: "cpu ", in: fields[1]),
      let identifier = text(behind: "build id ", in: fields[2]),
      identifier.allSatisfy(\.isHexDigit)
    else { throw .malformedReport(line: number + 1, text: String(lines[number])) }
    var report = FaultReport(words: words, cpu: cpu, buildIdentifier: identifier, frames: [])
    for next in lines.indices[(number + 1)...] {
      if lines[next] == lastLine { return report }
      guard lines[next].hasPrefix(frameWords) else { continue }
      let parts = lines[next].dropFirst(frameWords.count).split(separator: " ")
      guard parts.count == 2, let index = Int(parts[0]), index == report.frames.count,
        parts[1].hasPrefix("0x"), let address = UInt64(parts[1].dropFirst(2), radix: 16)
      else { throw .malformedReport(line: next + 1, text: String(lines[next])) }
      report.frames.append(Frame(index: index, address: address, lineNumber: next))
    }
    throw .malformedReport(line: lines.count, text: "")
  }

  /// What follows the first occurrence of `words` in a line.
  private static func text(behind words: String, in line: Substring) -> String? {
    var rest = line
    while !rest.isEmpty {
      if rest.hasPrefix(words) { return String(rest.dropFirst(words.count)) }
      rest = rest.dropFirst()
    }
    return nil
  }
}
