// DifferentialBatch.swift — generated modules that several engines run, and what they differ in.
// Hosted. Imports Foundation, NovaToolchain, NovaWasm and TestSupport.

import Foundation
import NovaToolchain
import NovaWasm
import TestSupport

/// A module of which engines do not say the same.
public struct DifferentialFinding: Sendable {
  /// Its number in the seed's sequence.
  public let number: Int
  /// What each of the engines says.
  public let text: String
  /// Whether WasmKit says something else than all others, which agree.
  public var isWasmKitAlone = false
}

/// Modules of a seed, in files that engines read.
public struct DifferentialBatch: Sendable {
  let seed: UInt64
  let first: Int
  let modules: [GeneratedModule]
  private let folder: String

  var wasmPath: String { "\(folder)/batch-\(seed).wasms" }
  var modulePath: String { "\(folder)/batch-\(seed).nvcs" }

  /// The modules of these numbers; files of them lie in `folder` while they are run.
  public init(seed: UInt64, _ numbers: Range<Int>, folder: String) {
    self.seed = seed
    first = numbers.lowerBound
    modules = numbers.map { GeneratedModule(seed: seed, number: $0) }
    self.folder = folder
  }

  /// Modules of no seed, numbered from 0.
  public init(_ modules: [GeneratedModule], folder: String) {
    seed = 0
    first = 0
    self.modules = modules
    self.folder = folder
  }

  private init(_ batch: DifferentialBatch, only index: Int) {
    seed = batch.seed
    first = batch.first + index
    modules = [batch.modules[index]]
    folder = batch.folder
  }

  /// Runs the modules in each engine, two at once, and compares.
  ///
  /// - Parameters:
  ///   - engines: the first one is what the others are compared with.
  ///   - translate: makes modules of WebAssembly files: paths of both files; why it died, if so.
  /// - Returns: what is not the same, and how many lines each engine printed.
  /// - Throws: when a file can't be written, or an engine not be started.
  public func run(
    _ engines: [DifferentialEngine],
    translate: @Sendable (_ from: String, _ to: String, _ first: Int) throws -> [String]
  ) throws -> (findings: [DifferentialFinding], counts: [String: Int]) {
    try Files.write(Self.packed(modules.map(\.bytes)), to: wasmPath)
    defer {
      Files.remove(wasmPath)
      Files.remove(modulePath)
    }
    var findings: [DifferentialFinding] = []
    let refusals = try translate(wasmPath, modulePath, first)
    for line in refusals {
      let (number, text) = Self.split(line) ?? (first, line)
      findings.append(DifferentialFinding(number: number, text: "translation: \(text)"))
    }
    let outcomes = Outcomes(engines.count)
    DispatchQueue.concurrentPerform(iterations: engines.count) { index in
      outcomes.set(
        index, Result { () throws(GuestError) in try engines[index].lines(of: self) })
    }
    let lines = try outcomes.all.map { try $0.get() }
    if let died = lines.firstIndex(where: { $0.end != nil }) {
      return try runAlone(
        engines, translate, "\(engines[died].name): \(lines[died].end ?? "")")
    }
    findings += compare(engines, lines.map(\.lines), refused: Set(findings.map(\.number)))
    var counts: [String: Int] = [:]
    for (engine, lines) in zip(engines, lines) { counts[engine.name] = lines.lines.count }
    return (findings, counts)
  }

  /// What one engine says of each module, and the importer of those that it refuses.
  public func lines(
    _ engine: DifferentialEngine,
    translate: (_ from: String, _ to: String, _ first: Int) throws -> [String]
  ) throws -> [Int: [String]] {
    try Files.write(Self.packed(modules.map(\.bytes)), to: wasmPath)
    defer {
      Files.remove(wasmPath)
      Files.remove(modulePath)
    }
    let refusals = try translate(wasmPath, modulePath, first)
    let (lines, end) = try engine.lines(of: self)
    return Dictionary(
      grouping: (refusals + lines + (end.map { [$0] } ?? [])).map {
        Self.split($0) ?? (first, $0)
      }, by: \.0
    ).mapValues { $0.map(\.1) }
  }

  /// Runs each module by itself, to tell whose engine died.
  private func runAlone(
    _ engines: [DifferentialEngine],
    _ translate: @Sendable (_ from: String, _ to: String, _ first: Int) throws -> [String],
    _ end: String
  ) throws -> (findings: [DifferentialFinding], counts: [String: Int]) {
    guard modules.count > 1 else {
      return ([DifferentialFinding(number: first, text: end)], [:])
    }
    var findings: [DifferentialFinding] = []
    var counts: [String: Int] = [:]
    for index in modules.indices {
      let outcome = try DifferentialBatch(self, only: index).run(engines, translate: translate)
      findings += outcome.findings
      counts.merge(outcome.counts, uniquingKeysWith: +)
    }
    // What ends only behind other modules.
    if findings.isEmpty { findings = [DifferentialFinding(number: first, text: end)] }
    return (findings, counts)
  }

  private func compare(
    _ engines: [DifferentialEngine], _ lines: [[String]], refused: Set<Int>
  ) -> [DifferentialFinding] {
    var said: [[Int: [String]]] = []
    for lines in lines {
      var byNumber: [Int: [String]] = [:]
      for line in lines {
        let (number, text) = Self.split(line) ?? (first, line)
        byNumber[number, default: []].append(text)
      }
      said.append(byNumber)
    }
    var findings: [DifferentialFinding] = []
    for (index, module) in modules.enumerated() where !refused.contains(first + index) {
      let number = first + index
      let wanted = said[0][number]?.first ?? "nothing"
      let differing = engines.indices.filter { engine in
        guard engines[engine].runs(number, module) else { return false }
        return said[engine][number] ?? [] != [engines[engine].comparable(wanted)]
      }
      guard !differing.isEmpty else { continue }
      let texts = engines.indices.flatMap { engine in
        (said[engine][number] ?? []).map { "\(engines[engine].name): \($0)" }
      }
      findings.append(
        DifferentialFinding(
          number: number, text: texts.joined(separator: "\n  "),
          isWasmKitAlone: differing.allSatisfy { engines[$0].isWasmKit }))
    }
    return findings
  }

  private static func split(_ line: String) -> (Int, String)? {
    guard let colon = line.firstIndex(of: ":"), let number = Int(line[..<colon]) else {
      return nil
    }
    return (number, String(line[colon...].dropFirst(2)))
  }

  // MARK: Files

  /// Each behind its byte count.
  static func packed(_ files: [[UInt8]]) -> [UInt8] {
    files.flatMap { file in
      (0..<4).map { UInt8(truncatingIfNeeded: file.count >> (8 * $0)) } + file
    }
  }

  /// Makes modules of WebAssembly files, without those that are refused.
  ///
  /// - Returns: a line for each that was refused.
  public static func translate(_ from: String, _ to: String, _ first: Int) throws -> [String] {
    let bytes = [UInt8](try Data(contentsOf: URL(filePath: from)))
    var modules: [[UInt8]] = []
    var refusals: [String] = []
    var place = 0
    while place + 4 <= bytes.count {
      let count = (0..<4).reduce(0) { $0 | Int(bytes[place + $1]) << (8 * $1) }
      place += 4
      do throws(WasmError) {
        modules.append(try WasmImporter.module(from: Array(bytes[place..<place + count])))
      } catch {
        refusals.append("\(first + modules.count): \(error.text)")
        modules.append([])
      }
      place += count
    }
    try Files.write(packed(modules), to: to)
    return refusals
  }
}

/// What engines printed, by their indices; each is set once, on any thread.
private final class Outcomes: @unchecked Sendable {
  typealias Outcome = Result<(lines: [String], end: String?), GuestError>
  private let lock = NSLock()
  private var values: [Outcome?]

  init(_ count: Int) { values = Array(repeating: nil, count: count) }

  func set(_ index: Int, _ value: Outcome) { lock.withLock { values[index] = value } }

  var all: [Outcome] { lock.withLock { values.compactMap(\.self) } }
}
