// Program.swift — how fast modules are hashed, read and verified.
// Usage: verify [--rounds N] [--only hash|read|verify] FILE… (.nvc, or .wasm, which is translated)
//
// A line for each file: words of code, GB/s of the two passes over them, and in microseconds of
// the thread's CPU time what verifying, reading without hashing and hashing take, and GB/s of the
// hash. Each is the median of many batches, with the best one behind it where others disturb.
// `--rounds N --only WHAT` does one thing N times, for counting instructions.

import Glibc
import NovaBytecode
import NovaWasm

@main
enum Program {
  static func main() throws {
    var words = Array(CommandLine.arguments.dropFirst())
    var rounds: Int?
    var only: String?
    while let word = words.first, word.hasPrefix("--"), words.count > 1 {
      if word == "--rounds" { rounds = Int(words[1]) } else { only = words[1] }
      words.removeFirst(2)
    }
    guard !words.isEmpty else {
      print("usage: verify [--rounds N] [--only hash|read|verify] FILE…")
      exit(2)
    }
    if only == nil {
      print(
        "module                  words  verify GB/s   best GB/s  verify µs   read µs  hash GB/s")
    }
    for path in words { try run(path, rounds: rounds, only: only) }
  }

  private static func run(_ path: String, rounds: Int?, only: String?) throws {
    var file = try contents(path)
    if file.starts(with: [0, 0x61, 0x73, 0x6d]) { file = try WasmImporter.module(from: file) }
    let bytes = UnsafeMutableRawBufferPointer.allocate(byteCount: file.count, alignment: 64)
    defer { unsafe bytes.deallocate() }
    unsafe bytes.copyBytes(from: file)
    let module = unsafe ModuleBytes(unchanging: UnsafeRawBufferPointer(bytes))
    let view = try ModuleReader.read(module)
    let scratch = UnsafeMutableRawBufferPointer.allocate(
      byteCount: Verifier.scratchByteCount(for: view), alignment: 64)
    defer { unsafe scratch.deallocate() }

    func once(_ what: String) throws {
      switch what {
      case "hash": unsafe keep(ContentHash.ofModule(UnsafeRawBufferPointer(bytes)).low)
      case "read": keep(UInt64(try ModuleReader.read(module).sectionCount))
      default: keep(UInt64(unsafe try Verifier.verify(view, scratch: scratch).view.sectionCount))
      }
    }
    if let only {
      for _ in 0..<(rounds ?? 1) { try once(only) }
      return
    }
    let verify = try nanoseconds { try once("verify") }
    let hash = try nanoseconds { try once("hash") }
    let read = try nanoseconds { try once("read") }
    let name = path.split(separator: "/").last.map(String.init) ?? path
    let columns = [
      padded(name, 20, left: true), padded("\(view.codeWordCount)", 9),
      padded(fixed(Double(view.codeWordCount * 8) / verify.median), 13),
      padded(fixed(Double(view.codeWordCount * 8) / verify.best), 12),
      padded(fixed(verify.median / 1000), 11),
      padded(fixed(max(0, read.best - hash.best) / 1000), 10),
      padded(fixed(Double(file.count) / hash.median), 11),
    ]
    print(columns.joined())
  }

  /// The median and the best of many batches, in nanoseconds a call.
  private static func nanoseconds(
    _ body: () throws -> Void
  ) throws -> (median: Double, best: Double) {
    try body()
    var count = 1
    while true {
      let time = try batch(count, body)
      if time > 2_000_000 { break }
      count *= 2
    }
    var times: [Double] = []
    for _ in 0..<41 { times.append(try batch(count, body) / Double(count)) }
    times.sort()
    return (times[20], times[0])
  }

  private static func batch(_ count: Int, _ body: () throws -> Void) throws -> Double {
    let start = cpuTime()
    for _ in 0..<count { try body() }
    return cpuTime() - start
  }

  /// The thread's, in nanoseconds.
  private static func cpuTime() -> Double {
    var time = timespec()
    unsafe clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time)
    return Double(time.tv_sec) * 1e9 + Double(time.tv_nsec)
  }

  /// What is computed is used, so that the compiler computes it.
  @inline(never) private static func keep(_ value: UInt64) { sink ^= value }
  nonisolated(unsafe) private static var sink: UInt64 = 0

  private static func contents(_ path: String) throws -> [UInt8] {
    guard let file = unsafe fopen(path, "rb") else { throw Failure.cannotRead(path) }
    defer { unsafe fclose(file) }
    var all: [UInt8] = []
    var buffer = [UInt8](repeating: 0, count: 65_536)
    while true {
      let count = unsafe fread(&buffer, 1, buffer.count, file)
      if count == 0 { return all }
      all += buffer[..<count]
    }
  }

  private static func fixed(_ value: Double) -> String {
    let thousandths = Int((value * 1000).rounded())
    let digits = String(thousandths % 1000)
    return "\(thousandths / 1000).\(String(repeating: "0", count: 3 - digits.count))\(digits)"
  }

  private static func padded(_ text: String, _ width: Int, left: Bool = false) -> String {
    let blanks = String(repeating: " ", count: max(0, width - text.count))
    return left ? text + blanks : blanks + text
  }
}

/// Why nothing was measured.
enum Failure: Error {
  case cannotRead(String)
}
