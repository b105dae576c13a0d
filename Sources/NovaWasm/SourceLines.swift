// SourceLines.swift — from which line of which source file each byte of code comes.
// Hosted. Imports NovaAssembler. Design: NovaCore.docc/WebAssembly.md, "Names and lines".

import NovaAssembler

/// The line table of a WebAssembly file, ready to be asked.
struct SourceLines {
  /// Code from a place in the source, up to the next row.
  struct Row {
    /// Byte of the WebAssembly file.
    var offset: UInt32
    /// Index in `files`; `noFile` where the code's origin is not known.
    var file: UInt32
    var line: UInt32

    static let noFile = UInt32.max
  }

  /// Names of the source files that rows name.
  let files: [[UInt8]]
  private let rows: [Row]

  /// Of several runs that overlap the first counts.
  init(files: [[UInt8]], runs: [[Row]]) {
    self.files = files
    var rows: [Row] = []
    rows.reserveCapacity(runs.reduce(0) { $0 + $1.count })
    for run in runs.sorted(by: { $0[0].offset < $1[0].offset }) {
      if let last = rows.last, last.offset > run[0].offset { continue }
      rows += run
    }
    self.rows = rows
  }

  /// Where the instruction at a byte of the file comes from; null when the table does not say.
  ///
  /// - Complexity: O(log rows).
  func place(at offset: UInt32) -> SourcePlace? {
    var (low, high) = (0, rows.count)
    while low < high {
      let middle = (low + high) / 2
      if rows[middle].offset <= offset { low = middle + 1 } else { high = middle }
    }
    guard low > 0, rows[low - 1].file != Row.noFile else { return nil }
    let row = rows[low - 1]
    return SourcePlace(file: row.file, line: row.line)
  }
}

/// Why a file's line table was left out; the module is good without it.
public struct LineTableError: Error, Equatable, Sendable {
  /// What is wrong.
  public enum Cause: Error, Equatable, Sendable {
    /// The table, or a part of it, ends inside of a value.
    case truncated
    /// A version of DWARF that is not read; 2 to 5 are.
    case unknownVersion(UInt64)
    /// A name or number in a form that line tables do not have.
    case unknownForm(UInt64)
    /// A string that is not in its section.
    case noString(UInt64)
    /// A name is longer than `WasmLimits.sourceNameByteCountMax`, or does not end.
    case nameTooLong
    /// The names are more than `WasmLimits.sourceNamesByteCountMax` together.
    case tooManyNames
    /// Lines advance by remainders of zero.
    case noLineRange
    /// Entries that hold nothing, so many.
    case emptyEntries(UInt64)
  }

  /// What is wrong.
  public let cause: Cause
  /// The byte of the file where it stands.
  public let offset: Int

  /// An error.
  public init(_ cause: Cause, at offset: Int) {
    (self.cause, self.offset) = (cause, offset)
  }

  /// The place and what is wrong there, without an end.
  public var text: String { "byte \(offset): \(cause.text)" }
}

extension LineTableError.Cause {
  fileprivate var text: String {
    switch self {
    case .truncated: "a part of it ends inside of a value"
    case .unknownVersion(let version): "version \(version) of DWARF; 2 to 5 are read"
    case .unknownForm(let form): "form \(form) is none of a line table's"
    case .noString(let offset): "there is no string at \(offset)"
    case .nameTooLong:
      "a file's name has more than \(WasmLimits.sourceNameByteCountMax) bytes"
    case .tooManyNames:
      "its files' names have more than \(WasmLimits.sourceNamesByteCountMax) bytes"
    case .noLineRange: "the number of lines that one step can advance is 0"
    case .emptyEntries(let count): "\(count) entries that hold nothing"
    }
  }
}
