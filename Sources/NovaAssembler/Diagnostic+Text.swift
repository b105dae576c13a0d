// Diagnostic+Text.swift — what is wrong in a text, in words: where, what, and what to do.
// Hosted. Imports NovaBytecode.

import NovaBytecode

extension AssemblyError {
  /// How many diagnostics are shown; the rest are counted.
  public static let shownCountMax = 20

  /// Every fault with its line and a mark below it; ends without a line break.
  ///
  /// - Parameters:
  ///   - source: the text.
  ///   - path: its name in front of line and column.
  /// - Returns: at most `shownCountMax` faults, and how many more there are.
  public func text(of source: SourceText, path: String) -> String {
    let shown = diagnostics.prefix(Self.shownCountMax)
    var parts = shown.map { $0.text(of: source, path: path) }
    if diagnostics.count > shown.count {
      parts.append("\(path): \(diagnostics.count - shown.count) more faults are not shown")
    }
    return parts.joined(separator: "\n")
  }
}

extension Diagnostic {
  /// `PATH:LINE:COLUMN: what`, the line, and a mark below the place.
  func text(of source: SourceText, path: String) -> String {
    let column = source.column(span.start, onLine: span.line)
    let endColumn = max(column + 1, source.column(span.end, onLine: span.line))
    let line = source.line(span.line)
    // Tabs stay, so that the mark stands below what it means.
    let indentation = String(line.prefix(column - 1).map { $0 == "\t" ? "\t" : " " })
    let mark = "^" + String(repeating: "~", count: endColumn - column - 1)
    var message = cause.text
    if case .expected = cause { message += ", not \(source.found(at: span))" }
    if let suggestion { message += "; did you mean '\(suggestion)'?" }
    if let remedy { message += "; \(remedy)" }
    return """
      \(path):\(span.line):\(column): error: \(message)
        \(line)
        \(indentation)\(mark)
      """
  }
}

extension DiagnosticCause {
  /// What is wrong and what to do about it, as one sentence without an end.
  public var text: String {
    switch self {
    case .notUTF8: "the line is not UTF-8; save the file in that encoding"
    case .unexpectedCharacter(UInt8(ascii: "#")), .unexpectedCharacter(UInt8(ascii: "/")):
      "a comment begins with ';', and numbers stand without a mark"
    case .unexpectedCharacter: "no statement has this character; a comment begins with ';'"
    case .unterminatedString: "the string has no end on its line; close it with '\"'"
    case .badEscape: "no such escape; there are \\n \\t \\r \\0 \\\\ \\\" and \\x with two digits"
    case .expected(let wanted): "expected \(wanted)"
    case .keyword(let word):
      "'\(word)' has a meaning of its own; give another name, or put it in quotes"
    case .surplus: "the statement ends before this; remove it, or begin a new line"
    case .unknownDirective(let name): "there is no directive \(name)"
    case .unknownOperation(let name): "there is no operation '\(name)'"
    case .unknownValueType(let name):
      "there is no type '\(name)'; there are i32 i64 f32 f64 funcref externref handle"
    case .unknownName(.label, let name):
      "this function has no label '\(name)'; write '\(name):' where it should go"
    case .unknownName(.register, let name):
      "'\(name)' is no register; registers are r0, r1 … and what .reg names"
    case .unknownName(let kind, let name): "there is no \(kind.noun) '\(name)'"
    case .duplicateName(let kind, let name, let line):
      "the \(kind.noun) '\(name)' is there already, since line \(line); give another name"
    case .indexOutOfRange(let kind, let index, 0):
      "there is no \(kind.noun) \(index); the module has none"
    case .indexOutOfRange(let kind, let index, let count):
      "there is no \(kind.noun) \(index); the last is \(count - 1)"
    case .wrongOwner(let kind, let isImported, let use):
      "this \(kind.noun) is \(isImported ? "imported" : "the module's own"); use \(use)"
    case .registerOutOfRange(let number, let count):
      "r\(number) is out of range; this operand takes r0 to r\(count - 1)"
    case .tooManyValues(let maximum):
      "a function takes and gives at most \(maximum) values each; pass the others in memory"
    case .numberOutOfRange(let minimum, let maximum):
      "the number is out of range; give \(minimum) to \(maximum)"
    case .badNumber: "this is no number of the kind that stands here"
    case .operandCount(let operation, let expected, let found):
      "\(operation) takes \(counted(expected, "operand")), not \(found)"
    case .misplaced(let what, let placement): "\(what) stands \(placement.text)"
    case .unfinishedFunction(let name): "the function \(name) has no end; write .end behind it"
    case .repeated(let what, let line):
      "\(what) is there already, since line \(line); it may be said once"
    case .builder(let cause): cause.text
    case .refused(let refusal): refusal
    }
  }
}

extension Placement {
  var text: String {
    switch self {
    case .insideFunction: "only between .func and .end"
    case .outsideFunction: "only outside of functions; is an .end missing before it?"
    case .beforeInstructions: "only before the function's first instruction"
    }
  }
}

extension BuilderError.Cause {
  /// What is wrong and what to do about it, as one sentence without an end.
  public var text: String {
    switch self {
    case .unplacedLabel(let label): "label \(label.index) is branched to and stands nowhere"
    case .operandOutOfRange(let operand, let value, let minimum, let maximum):
      "operand \(operand + 1) is \(Int64(bitPattern: value)); it takes \(minimum) to \(maximum)"
    case .branchTooFar(let words):
      "the branch reaches over \(words) words, further than its field counts"
    case .registerCountTooSmall(let needed, let count):
      "the function needs \(counted(needed, "register")), and its frame has \(count); "
        + (needed <= BuilderLimits.registerCountMax
          ? "say .registers \(needed)" : "split the function")
    case .windowBaseTooHigh(let base, let count):
      "the window begins at r\(base), behind the frame's \(counted(Int(count), "register"))"
    case .windowTooLow(let base, let windowBase):
      "the call's window begins at r\(base), and windows begin at r\(windowBase); "
        + "move the call's registers up, or say .window r\(base)"
    case .emptyFunction: "the function has no instructions; end it at least with ret0"
    case .duplicateExport(let name):
      "two exports are named \"\(String(decoding: name, as: UTF8.self))\"; rename one"
    case .duplicateName(let kind, let index, let part):
      "two names are given to \(kind.word) \(index)\(part > 0 ? " \(part)" : ""); remove one"
    case .badSectionKind(let kind):
      "section \(kind) cannot stand here: kinds from \(SectionKind.end) on, each once"
    case .badSectionByteCount(let kind, let byteCount, let size):
      "section \(kind) has \(byteCount) bytes, which are not one or more entries of \(size)"
    case .fileTooLarge(let byteCount, let maximum):
      "the file would have \(byteCount) bytes; the format's offsets reach to \(maximum)"
    }
  }
}

func counted(_ count: Int, _ noun: String) -> String { "\(count) \(noun)\(count == 1 ? "" : "s")" }
