// LineTests.swift — a trap in C code names the C line, in each of its frames.

import NovaToolchain
import TestSupport
import Testing

@Suite struct LineTests {
  /// How a C program is compiled, and which way it traps: the function, its line and its caller's.
  struct Trap: CustomTestStringConvertible {
    var word: String
    var cause: String
    var frames: [String]
    var testDescription: String { word }
  }

  static let traps = [
    Trap(
      word: "divide", cause: "an integer was divided by zero",
      frames: ["divide (traps.c:6)", "main (traps.c:26)"]),
    Trap(
      word: "reach", cause: "an access was beyond the end of its memory or segment",
      frames: ["reach (traps.c:11)", "main (traps.c:28)"]),
    Trap(
      word: "give-up", cause: "unreachable code was reached",
      frames: ["give_up (traps.c:17)", "main (traps.c:30)"]),
  ]

  @Test(
    .enabled(if: WASIPrograms.areInstalled, WASIPrograms.remedy),
    arguments: ["-gdwarf-4", "-gdwarf-5"], ["-O0", "-O2"])
  func `a trap names the line of each frame`(version: String, level: String) throws {
    let folder = try TemporaryFolder()
    let program = try WASIPrograms.build(
      "traps", in: folder, options: [version, level, "-fdebug-prefix-map=\(WASIPrograms.folder)/="])
    for trap in Self.traps {
      let ended = try Command.nova(["run", program, "--", trap.word], in: folder.path)
      #expect(ended.status == 1 && ended.output == "1 argument\n")
      let lines = ended.errorOutput.split(separator: "\n")
      #expect(lines.first?.hasSuffix(": " + trap.cause) ?? false, "\(ended.errorOutput)")
      for (line, frame) in zip(lines.dropFirst(), trap.frames) {
        #expect(line.hasPrefix("  at \(frame) in "), "\(ended.errorOutput)")
      }
      #expect(lines.count > trap.frames.count)
    }
  }

  @Test func `a damaged table of lines is told, and the module runs`() throws {
    let folder = try TemporaryFolder()
    // A module of nothing, and a table of lines of two bytes.
    let name = Array(".debug_line".utf8)
    let section = [UInt8(name.count)] + name + [1, 2]
    let bytes: [UInt8] = [0, 0x61, 0x73, 0x6d, 1, 0, 0, 0, 0, UInt8(section.count)] + section
    try folder.write(bytes, to: "odd.wasm")
    let text = "nova: odd.wasm: traps will name no lines, since its table of lines is damaged: "
    let ended = try Command.nova(["stats", "odd.wasm"], in: folder.path)
    #expect(ended.status == 0 && ended.errorOutput.hasPrefix(text + "byte 22: "), "\(ended)")
  }
}
