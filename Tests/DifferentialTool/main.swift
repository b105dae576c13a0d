// main.swift — `make differential`: generated modules in every engine there is, resumable.
// Usage: wasm-differential run SEED COUNT    modules 0 … COUNT-1 of a seed; goes on where it was
//        wasm-differential show SEED NUMBER  one module, and what every engine makes of it
//        wasm-differential file PATH         a module in a file, as `show`
//        wasm-differential translate FROM TO FIRST   what `run` starts, so that it may die
// Exit status: 0 all the same · 1 something differs · 2 usage.
// Hosted. Imports Differential, Foundation, NovaToolchain and TestSupport.

import Differential
import Foundation
import NovaToolchain
import TestSupport

let folder = "\(Guests.root)/build/differential"
let program = CommandLine.arguments[0]
/// Modules that an engine's process runs.
let batchSize = 200

/// Every engine that is there; a line for each that is not.
func engines(guestStride: Int, wasmKitStride: Int) -> [DifferentialEngine] {
  var engines = [
    DifferentialEngine.hosted(
      "\(Files.parent(of: program))/differential-hosted", wayStride: guestStride)
  ]
  if let wasmtime = DifferentialEngine.wasmtime {
    engines.append(wasmtime)
  } else {
    print("skipped: wasmtime, whose library could not be had from PyPI")
  }
  if let wasmKit = DifferentialEngine.wasmKit(stride: wasmKitStride) {
    engines.append(wasmKit)
  } else {
    print("skipped: WasmKit, which the toolchain has not")
  }
  for cpu in GuestCPU.allCases {
    do throws(GuestError) {
      engines.append(try .guest(cpu, stride: guestStride))
    } catch {
      print("skipped: \(cpu): \(error)")
    }
  }
  return engines
}

/// In a process of its own, which a trap in the importer ends.
@Sendable func translate(_ from: String, _ to: String, _ first: Int) throws -> [String] {
  let completion = try Completion.run(
    program, arguments: ["translate", from, to, "\(first)"], environment: [])
  let lines = completion.output.split(separator: "\n").map(String.init)
  guard completion.status != 0 else { return lines }
  try Files.write([UInt8](), to: to)
  return lines + ["\(first): died with status \(completion.status): \(completion.errorOutput)"]
}

/// How far a run is.
struct Progress: Codable {
  var next = 0
  var counts: [String: Int] = [:]
  var findings: [Int] = []
  var wasmKitAlone: [Int] = []

  static func path(_ seed: UInt64) -> String { "\(folder)/seed-\(seed).json" }

  static func read(_ seed: UInt64) -> Progress {
    guard let data = try? Data(contentsOf: URL(filePath: path(seed))),
      let progress = try? JSONDecoder().decode(Progress.self, from: data)
    else { return Progress() }
    return progress
  }

  /// Replaces the file whole, so that a run that is killed finds the old or the new one.
  func write(_ seed: UInt64) throws {
    try JSONEncoder().encode(self).write(to: URL(filePath: Self.path(seed)), options: .atomic)
  }
}

func report(_ finding: DifferentialFinding, _ seed: UInt64) throws {
  let path = "\(folder)/\(seed)-\(finding.number).wasm"
  let module = GeneratedModule(seed: seed, number: finding.number)
  try Files.write(module.bytes, to: path)
  print("DIFFERS: seed \(seed), module \(finding.number): \(path)")
  print("  again: make differential SEED=\(seed) MODULE=\(finding.number)")
  print("  \(finding.text)")
}

func run(_ seed: UInt64, _ count: Int) throws -> Int32 {
  let engines = engines(guestStride: 10, wasmKitStride: 10)
  var progress = Progress.read(seed)
  if progress.next > 0 { print("goes on at module \(progress.next); \(Progress.path(seed))") }
  while progress.next < count {
    let end = min(progress.next + batchSize, count)
    let batch = DifferentialBatch(seed: seed, progress.next..<end, folder: folder)
    let outcome = try batch.run(engines, translate: translate)
    for finding in outcome.findings where !finding.isWasmKitAlone {
      try report(finding, seed)
      progress.findings.append(finding.number)
    }
    // WasmKit 0.1.6 tells some wrong: what wasmtime and ours agree on is right.
    progress.wasmKitAlone += outcome.findings.filter(\.isWasmKitAlone).map(\.number)
    progress.counts.merge(outcome.counts, uniquingKeysWith: +)
    progress.next = end
    try progress.write(seed)
    if end % (batchSize * 25) == 0 { print("\(end) of \(count)") }
    fflush(nil)
  }
  for engine in engines { print("\(engine.name): \(progress.counts[engine.name] ?? 0) lines") }
  print("WasmKit against all others: \(progress.wasmKitAlone)")
  guard progress.findings.isEmpty else {
    print("seed \(seed): \(progress.findings.count) modules DIFFER: \(progress.findings)")
    return 1
  }
  print("seed \(seed): \(progress.next) modules, all the same")
  return 0
}

func show(_ seed: UInt64, _ number: Int) throws -> Int32 {
  let path = "\(folder)/\(seed)-\(number).wasm"
  try Files.write(GeneratedModule(seed: seed, number: number).bytes, to: path)
  print(path)
  return try show(DifferentialBatch(seed: seed, number..<number + 1, folder: folder))
}

func show(_ batch: DifferentialBatch) throws -> Int32 {
  let findings = try batch.run(engines(guestStride: 1, wasmKitStride: 1), translate: translate)
    .findings
  for finding in findings { print("DIFFERS:\n  \(finding.text)") }
  if findings.isEmpty { print("all the same") }
  return findings.isEmpty ? 0 : 1
}

let words = Array(CommandLine.arguments.dropFirst())
try Files.makeFolder(folder)
switch words.first {
case "translate" where words.count == 4:
  for line in try DifferentialBatch.translate(words[1], words[2], Int(words[3]) ?? 0) {
    print(line)
  }
case "run" where words.count == 3:
  guard let seed = UInt64(words[1]), let count = Int(words[2]) else { exit(2) }
  exit(try run(seed, count))
case "file" where words.count == 2:
  let bytes = [UInt8](try Data(contentsOf: URL(filePath: words[1])))
  exit(try show(DifferentialBatch([GeneratedModule(bytes)], folder: folder)))
case "show" where words.count == 3:
  guard let seed = UInt64(words[1]), let number = Int(words[2]) else { exit(2) }
  exit(try show(seed, number))
default:
  print("usage: wasm-differential run SEED COUNT | show SEED NUMBER | file PATH")
  exit(2)
}
