// FormTests.swift — what a file looks like: its header, its size, its lines, its functions.

import NovaToolchain
import TestSupport
import Testing

@Suite struct FormTests {
  private static let columnCountMax = 100
  private static let lineCountMax = 500
  private static let functionLineCountMax = 70

  @Test func `git lists the repository`() {
    #expect(Repository.files.contains { $0.path == "Package.swift" })
    #expect(Repository.code.count > 20)
  }

  @Test(arguments: Repository.code) func `a header names the file and says what it is`(
    file: SourceFile
  ) {
    let isScript = Repository.isScript(file)
    let first = file.lines.dropFirst(isScript || file.name == "Package.swift" ? 1 : 0).first
    let marks = ["// ", "# ", "/* "]
    let text = first.flatMap { line in
      marks.first { line.hasPrefix($0) }.map { line.dropFirst($0.count) }
    }
    #expect(
      text?.hasPrefix("\(file.name) — ") == true,
      "begin \(file.path) with a comment '\(file.name) — what it is'")
  }

  @Test(arguments: Repository.files) func `lines are short, clean and without tabs`(
    file: SourceFile
  ) {
    // Their tools accept nothing else.
    let isTabbed = file.name == "Makefile" || file.ending == "go"
    let isNarrow = file.ending != "ld" && Repository.code.contains { $0.path == file.path }
    for (index, line) in file.lines.enumerated() {
      let place = "\(file.path):\(index + 1)"
      #expect(line.last?.isWhitespace != true, "\(place) ends with a blank: remove it")
      #expect(isTabbed || !line.contains("\t"), "\(place) holds a tab: indent by spaces")
      #expect(
        !isNarrow || line.count <= Self.columnCountMax,
        "\(place) has \(line.count) columns: break it")
    }
    #expect(file.lines.last == "", "\(file.path) ends without a newline: add it")
  }

  @Test(arguments: Repository.code) func `a file holds one idea`(file: SourceFile) {
    #expect(
      file.lines.count - 1 <= Self.lineCountMax,
      "\(file.path) has \(file.lines.count - 1) lines: split it by topic")
  }

  @Test(arguments: Repository.files(ending: "swift")) func `functions fit on a screen`(
    file: SourceFile
  ) {
    for function in functions(in: file.lines) {
      #expect(
        function.lineCount <= Self.functionLineCountMax,
        "\(file.path):\(function.line) is a function of \(function.lineCount) lines: split it")
    }
  }

  @Test(arguments: Repository.files(ending: "c")) func `C functions fit on a screen`(
    file: SourceFile
  ) {
    var start: Int?
    for (index, line) in file.lines.enumerated() {
      // The style puts a function's braces at column 0, and no other opening brace at a line's end
      // there but those of types, which are as short.
      if line.first?.isWhitespace == false, line.hasSuffix("{") { start = index }
      guard line == "}", let begin = start else { continue }
      #expect(
        index - begin <= Self.functionLineCountMax,
        "\(file.path):\(begin + 1) is a function of \(index - begin) lines: split it")
      start = nil
    }
  }

  /// Functions and initialisers, by their indentation: the closing brace stands below the first
  /// letter of the declaration.
  private func functions(in lines: [String]) -> [(line: Int, lineCount: Int)] {
    let openings = ["func ", "init(", "init?(", "init<", "deinit "]
    var found: [(line: Int, lineCount: Int)] = []
    for (index, line) in lines.enumerated() {
      let indentation = line.prefix { $0 == " " }
      let words = line.dropFirst(indentation.count)
      let isDeclaration = openings.contains { opening in
        words.hasPrefix(opening) || words.contains(" \(opening)")
      }
      guard isDeclaration, !words.hasPrefix("//"), !words.hasSuffix("}"),
        hasBody(lines[index...], indentation),
        let end = lines[index...].dropFirst().firstIndex(where: { $0 == "\(indentation)}" })
      else { continue }
      found.append((index + 1, end - index + 1))
    }
    return found
  }

  /// Whether the declaration has a body; foreign functions have none.
  ///
  /// Its further lines stand further in, or close its parameters.
  private func hasBody(_ lines: ArraySlice<String>, _ indentation: Substring) -> Bool {
    for line in lines {
      let isFirst = line == lines.first
      let isWithin = line.hasPrefix("\(indentation) ") || line.hasPrefix("\(indentation))")
      guard isFirst || isWithin else { return false }
      if line.hasSuffix("{") { return true }
    }
    return false
  }
}
