// HelpTests.swift — help and completion know every verb and option; wrong use ends with status 2.

import NovaToolchain
import TestSupport
import Testing

@Suite struct HelpTests {
  private static let verbs = [
    "new", "build", "run", "check", "inspect", "symbolize", "asm", "dis", "verify", "stats",
    "strip",
    "diff", "compile", "doctor",
  ]

  /// Every `--option` that a verb's help names.
  private func options(of verb: String) throws -> Set<String> {
    let help = try Command.nova([verb, "--help"])
    #expect(help.status == 0)
    let words = help.output.split { !($0.isLetter || $0.isNumber || $0 == "-") }
    return Set(words.filter { $0.hasPrefix("--") && $0.count > 2 }.map(String.init))
  }

  @Test func `the help names every verb and the exit statuses`() throws {
    let help = try Command.nova(["--help"])
    #expect(help.status == 0)
    for verb in Self.verbs { #expect(help.output.contains("\n  \(verb) "), "\(verb)") }
    #expect(help.output.contains("Exit status:"))
  }

  @Test(arguments: verbs) func `every option of a verb says what it is for`(verb: String) throws {
    let help = try Command.nova([verb, "--help"]).output
    for option in try options(of: verb) {
      let line = help.split(separator: "\n").first {
        $0.hasPrefix("  ") && $0.contains(option)
      }
      let isExplained = line.map { $0.contains(". ") || $0.hasSuffix(".") || $0.count < 40 }
      #expect(isExplained != nil, "\(verb) \(option) has no line of its own")
    }
  }

  @Test(arguments: ["bash", "zsh", "fish"])
  func `completion knows every verb and option`(shell: String) throws {
    let script = try Command.nova(["--generate-completion-script", shell])
    #expect(script.status == 0)
    for verb in Self.verbs {
      #expect(script.output.contains(verb), "\(verb)")
      for option in try options(of: verb) {
        let spelling = shell == "fish" ? String(option.dropFirst(2)) : option
        #expect(script.output.contains(spelling), "\(verb) \(option)")
      }
    }
  }

  @Test func `bash accepts its completion script`() throws {
    let folder = try TemporaryFolder()
    let script = try Command.nova(["--generate-completion-script", "bash"])
    try folder.write(script.output, to: "nova.bash")
    #expect(try Command.run("bash", ["-n", "\(folder.path)/nova.bash"]).errorOutput.isEmpty)
  }

  @Test func `the version is one line`() throws {
    let version = try Command.nova(["--version"])
    #expect(version.status == 0)
    #expect(version.output.split(separator: ".").count == 3)
    #expect(version.output.filter { $0 == "\n" }.count == 1)
  }

  @Test(arguments: [["--bogus"], ["fly"], ["build", "--bogus"], ["new"]])
  func `wrong use ends with status 2 and says how to use it`(arguments: [String]) throws {
    let refused = try Command.nova(arguments)
    #expect(refused.status == 2)
    #expect(refused.output.isEmpty)
    #expect(refused.errorOutput.contains("Usage: nova"))
  }
}
