// SampleTests.swift — the samples do on each CPU and hosted what they are shown for.
// Runs real programs under real emulators; built by `make samples`.

import NovaToolchain
import TestSupport
import Testing

@Suite struct WordCountTests {
  /// Where the program runs: hosted, or freestanding under the CPU's emulator.
  enum Place: CustomTestStringConvertible, CaseIterable {
    case hosted, x86_64, aarch64, riscv64

    var cpu: GuestCPU? {
      switch self {
      case .hosted: nil
      case .x86_64: .x86_64
      case .aarch64: .aarch64
      case .riscv64: .riscv64
      }
    }

    var testDescription: String { cpu?.rawValue ?? "hosted" }
  }

  @Test(arguments: Place.allCases)
  func `the words of a text are counted in chunks, the same everywhere`(place: Place) throws {
    let seed = TestSeed.value
    let text = randomText(wordCount: 60_000, seed: UInt64(seed))
    let expected = expected(of: text)
    // All at once, and with a quota of so few chunks that they are counted many times.
    for quota in [4_194_304, 200_000] {
      let counted = try count(text, on: place, arguments: ["\(quota)"])
      #expect(counted.status == 0, "\(counted.errorOutput) (NOVA_SEED=\(seed))")
      #expect(counted.output == expected, "a quota of \(quota) bytes (NOVA_SEED=\(seed))")
    }
  }

  @Test(arguments: Place.allCases)
  func `a quota without room for a chunk is refused in words`(place: Place) throws {
    let refused = try count("a word", on: place, arguments: ["65536"])
    #expect(refused.status == 1)
    #expect(refused.output == "")
    #expect(
      refused.errorOutput.hasPrefix(
        "WordCount: 65536 bytes requested, the largest free block holds "))
    #expect(refused.errorOutput.hasSuffix("; give a larger quota\n"))
  }

  @Test func `wrong arguments and a word without end are refused in words`() throws {
    let misused = try count("", on: .hosted, arguments: ["much"])
    #expect(misused.errorOutput == "WordCount: usage: WordCount [QUOTA-BYTES] <TEXT\n")
    #expect(misused.status == 1)
    let small = try count("", on: .hosted, arguments: ["7"])
    #expect(small.errorOutput.hasPrefix("WordCount: no quota of 7 bytes: 7 bytes are not within "))
    #expect(small.status == 1)
    let endless = try count(String(repeating: "a", count: 65_537), on: .hosted)
    #expect(endless.errorOutput == "WordCount: a word is longer than 65536 bytes\n")
    #expect(endless.status == 1)
  }

  @Test func `an empty text has no words`() throws {
    #expect(try count("", on: .hosted) == Completion(status: 0, output: ""))
  }

  @Test(arguments: Place.allCases)
  func `a timer says how far the input was read`(place: Place) throws {
    let script = "(sleep 0.3; printf 'to be or not to be') | \"$@\""
    let program = try program(on: place)
    let counted = try Command.run("sh", ["-c", script, "sh"] + program)
    #expect(counted.status == 0)
    #expect(counted.output == "2 be\n2 to\n1 not\n1 or\n")
    let lines = counted.errorOutput.split(separator: "\n")
    #expect(lines.first == "0 KiB", "the timer was due before the text was there")
  }

  /// The program, after the emulator that it needs.
  private func program(on place: Place) throws -> [String] {
    let folder = "\(Guests.root)/build/samples"
    var words = ["\(folder)/hosted/release/WordCount"]
    if let cpu = place.cpu {
      words = [cpu.emulator, "\(folder)/\(cpu)/\(cpu.triple)/release/WordCount"]
    }
    try #require(Files.exists(words[words.count - 1]), "run make samples")
    return words
  }

  private func count(
    _ text: String, on place: Place, arguments: [String] = []
  ) throws -> Completion {
    let words = try program(on: place)
    let executable = try #require(findExecutable(named: words[0]))
    var request = ProcessRequest(executable, words.dropFirst() + arguments)
    request.input = .bytes(Array(text.utf8))
    let outcome = try NovaToolchain.run(request)
    guard case .exited(let status) = outcome.ending else {
      throw Stopped(ending: outcome.ending, report: outcome.errorText)
    }
    return Completion(
      status: status, output: outcome.outputText, errorOutput: outcome.errorText)
  }

  struct Stopped: Error {
    let ending: Ending
    let report: String
  }

  /// Words of one to twelve letters in both cases and of two alphabets, between blanks of any kind.
  private func randomText(wordCount: Int, seed: UInt64) -> String {
    var state = seed | 1
    func random(below bound: Int) -> Int {
      state ^= state << 13
      state ^= state >> 7
      state ^= state << 17
      return Int(state >> 33) % bound
    }
    let letters = Array("etaoinshrdluETAOINäöü")
    let blanks = [" ", "\n", ", ", ". ", " 42 ", "\t"]
    return (0..<wordCount).map { _ in
      // Few letters at first, so that words occur again.
      let variety = 1 + random(below: letters.count)
      let word = (0..<1 + random(below: 12)).map { _ in letters[random(below: variety)] }
      return String(word) + blanks[random(below: blanks.count)]
    }.joined()
  }

  /// What the program must print, counted one word after the other.
  private func expected(of text: String) -> String {
    var counts: [[UInt8]: Int] = [:]
    for word in text.utf8.split(whereSeparator: { byte in
      !(byte >= 0x80 || (byte | 0x20 >= 0x61 && byte | 0x20 <= 0x7a))
    }) {
      counts[word.map { $0 >= 0x41 && $0 <= 0x5a ? $0 | 0x20 : $0 }, default: 0] += 1
    }
    return counts.sorted { left, right in
      left.value == right.value
        ? left.key.lexicographicallyPrecedes(right.key) : left.value > right.value
    }.prefix(10).map { "\($0.value) \(String(decoding: $0.key, as: UTF8.self))\n" }.joined()
  }
}
