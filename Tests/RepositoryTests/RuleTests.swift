// RuleTests.swift — the house's rules on imports, unsafe code, words and links.

import NovaToolchain
import TestSupport
import Testing

@Suite struct RuleTests {
  /// What each freestanding room may import.
  private static let imports: [String: Set<String>] = [
    "NovaClosure": [],
    "NovaSystem": ["NovaABI"],
    "NovaMemory": ["NovaABI", "NovaSystem"],
    "NovaConcurrency": ["NovaABI", "NovaSystem", "NovaMemory"],
    "NovaBytecode": [],
    "NovaInterpreter": ["NovaBytecode"],
    "NovaCore": ["NovaABI", "NovaSystem", "NovaMemory", "NovaConcurrency"],
    "NovaModules": [
      "NovaABI", "NovaSystem", "NovaMemory", "NovaConcurrency", "NovaBytecode", "NovaInterpreter",
      "NovaCore",
    ],
    "NovaWASI": ["NovaABI", "NovaSystem", "NovaConcurrency", "NovaCore", "NovaModules"],
  ]
  /// Parts of Swift itself, which every room may import.
  private static let languageModules: Set<String> = ["Swift", "Synchronization", "Builtin"]

  @Test(arguments: Repository.files.filter(Repository.isFreestanding))
  func `freestanding rooms import only rooms below them`(file: SourceFile) {
    let room = file.path.split(separator: "/")[1]
    let allowed = Self.imports[String(room), default: []].union(Self.languageModules)
    for (index, line) in file.lines.enumerated() {
      let words = line.split(separator: " ")
      guard let position = words.firstIndex(of: "import"), !line.hasPrefix("//"),
        words[..<position].allSatisfy({ $0.hasPrefix("@") || $0 == "public" || $0 == "internal" }),
        let name = words.dropFirst(position + 1).last
      else { continue }
      let module = name.prefix { $0 != "." }
      #expect(
        allowed.contains(String(module)),
        "\(file.path):\(index + 1) imports \(module): \(room) may import only \(allowed.sorted())")
    }
  }

  @Test(arguments: Repository.files.filter(Repository.isFreestanding))
  func `freestanding rooms do not print`(file: SourceFile) {
    for (index, line) in file.lines.enumerated() {
      let code = line.drop { $0 == " " }
      #expect(
        !code.hasPrefix("print(") && !code.hasPrefix("debugPrint("),
        "\(file.path):\(index + 1) prints: throw an error, or use System.print")
    }
  }

  @Test(
    arguments: Repository.files(ending: "swift").filter {
      $0.path.hasPrefix("Sources/") && !$0.path.contains("/Generated/")
    })
  func `unsafe code says above it why it is safe`(file: SourceFile) {
    // From one end of a function or type to the next.
    var isJustified = false
    var unsafeLine: Int?
    for (index, line) in file.lines.enumerated() {
      let code = line.drop { $0 == " " }
      if code.contains("SAFETY:") || code.contains("- Safety:") { isJustified = true }
      let words = code.split { !($0.isLetter || $0.isNumber || $0 == "_" || $0 == "@") }
      if !code.hasPrefix("//"), words.contains("unsafe") { unsafeLine = unsafeLine ?? index + 1 }
      guard line.prefix(while: { $0 == " " }).count <= 2, code.hasPrefix("}") else { continue }
      if let unsafeLine, !isJustified {
        Issue.record(
          "\(file.path):\(unsafeLine) is unsafe: say in the same function '// SAFETY: …', why not")
      }
      (isJustified, unsafeLine) = (false, nil)
    }
  }

  @Test func `every CPU has the same files`() throws {
    let folders = ["x86_64", "aarch64", "riscv64"].map { cpu in
      Set(
        Repository.files.filter { $0.path.hasPrefix("crt/\(cpu)/") }
          .map { $0.path.dropFirst("crt/\(cpu)/".count) })
    }
    #expect(!folders[0].isEmpty)
    #expect(folders[0] == folders[1], "give crt/x86_64 and crt/aarch64 files of equal names")
    #expect(folders[0] == folders[2], "give crt/x86_64 and crt/riscv64 files of equal names")
  }

  @Test(arguments: Repository.files(ending: "c", "h").filter { $0.path.hasPrefix("crt/") })
  func `only crt's folders of CPUs ask which CPU it is`(file: SourceFile) {
    guard !["x86_64", "aarch64", "riscv64"].contains(where: { file.path.hasPrefix("crt/\($0)/") })
    else { return }
    for (index, line) in file.lines.enumerated() where line.hasPrefix("#") {
      let asks = ["__x86_64__", "__aarch64__", "__riscv"].contains { line.contains($0) }
      #expect(
        !asks || line.contains("arch.h"),
        "\(file.path):\(index + 1) asks for the CPU: move it to crt/<cpu>/")
    }
  }

  @Test(arguments: Repository.files.filter { !$0.path.hasPrefix("Tests/RepositoryTests/") })
  func `nothing is left to do, and nothing names a machine`(file: SourceFile) {
    let forbidden = ["TO" + "DO", "FIX" + "ME", "XX" + "X:", "/opt/" + "swift", "/work" + "/"]
    for (index, line) in file.lines.enumerated() {
      for word in forbidden where line.contains(word) {
        Issue.record("\(file.path):\(index + 1) says '\(word)': do it, or remove the words")
      }
    }
  }

  @Test(arguments: Repository.files(ending: "md")) func `a page has one title`(file: SourceFile) {
    var isCode = false
    var titles = 0
    for line in file.lines {
      if line.hasPrefix("```") { isCode.toggle() }
      if !isCode, line.hasPrefix("# ") { titles += 1 }
    }
    #expect(titles == 1, "\(file.path) has \(titles) titles: give it one line '# …'")
  }

  @Test(arguments: Repository.files(ending: "md")) func `no link is dead`(file: SourceFile) {
    let folder = Files.parent(of: "\(Guests.root)/\(file.path)")
    for (index, line) in file.lines.enumerated() {
      for part in line.split(separator: "](").dropFirst() {
        let target = part.prefix { $0 != ")" && $0 != "#" }
        guard !target.isEmpty, !target.contains(":") else { continue }
        #expect(
          Files.exists("\(folder)/\(target)"),
          "\(file.path):\(index + 1) links to \(target), which is not there: correct the link")
      }
    }
  }
}
