// SpecificationRun.swift — plays the scripts of a folder, and counts what comes of them.
// Hosted. Imports Foundation, NovaModules, NovaWasm and SpecificationPlayer.

import Foundation
import NovaModules
import NovaWasm
import SpecificationPlayerHosted

/// How many commands of a kind there were.
public struct SpecificationCount: Equatable, Sendable {
  /// As the script says.
  public var passed = 0
  /// Not as it says.
  public var failed = 0
  /// Those that do not apply.
  public var skipped = 0

  /// None yet.
  public init() {}

  /// Both together.
  public func adding(_ other: SpecificationCount) -> SpecificationCount {
    var sum = self
    sum.passed += other.passed
    sum.failed += other.failed
    sum.skipped += other.skipped
    return sum
  }
}

/// What came of a script.
public struct SpecificationOutcome: Sendable {
  /// The script's name.
  public let name: String
  /// By kind of command.
  public var counts: [String: SpecificationCount] = [:]
  /// A line for each command that failed.
  public var failures: [String] = []
  /// How many were skipped for each reason.
  public var skips: [String: Int] = [:]
}

/// The tests of WebAssembly's specification, in a folder of scripts.
public struct SpecificationSuite {
  /// The scripts' names, in order: each is a folder with a file NAME.json.
  public let names: [String]
  private let folder: URL

  /// The suite in a folder.
  public init(_ path: String) throws {
    folder = URL(filePath: path, directoryHint: .isDirectory)
    let folder = folder
    names = try FileManager.default.contentsOfDirectory(atPath: path).sorted().filter {
      FileManager.default.fileExists(
        atPath: folder.appending(path: "\($0)/\($0).json").path(percentEncoded: false))
    }
  }

  /// Plays a script with a runtime of its own.
  public func run(_ name: String) throws -> SpecificationOutcome {
    var outcome = SpecificationOutcome(name: name)
    let file = try file(name)
    let place = folder.appending(path: name)
    let runtime = try NovaRuntime(
      from: try RuntimeBootstrap.Builder().heap(byteCount: Self.heapByteCount).build())
    let loader = try ModuleLoader(runtime, linked: false)
    let host = try SpectestModule.fileBytes()
    let player = try SpecificationPlayer(
      loader, host: host.span,
      isShared: file.isShared)
    for command in file.commands {
      var count = SpecificationCount()
      switch try result(of: command.step(in: place), player) {
      case .passed: count.passed = 1
      case .skipped(let reason):
        count.skipped = 1
        outcome.skips["\(command.type): \(reason)", default: 0] += 1
      case .failed(let text):
        count.failed = 1
        outcome.failures.append("\(name):\(command.line): \(command.type): \(text)")
      }
      outcome.counts[command.type] =
        outcome.counts[command.type, default: SpecificationCount()].adding(count)
    }
    return outcome
  }

  /// A script's commands that are played, without those that the importer refuses.
  public func script(_ name: String) throws -> SpecificationScript {
    let file = try file(name)
    let place = folder.appending(path: name)
    var script = SpecificationScript(
      name: Array(name.utf8), isShared: file.isShared, commands: [])
    for command in file.commands {
      if case .play(let played) = command.step(in: place) {
        script.commands.append((command.line, played))
      }
    }
    return script
  }

  private func file(_ name: String) throws -> SpecificationFile {
    try JSONDecoder().decode(
      SpecificationFile.self,
      from: try Data(contentsOf: folder.appending(path: "\(name)/\(name).json")))
  }

  private static let heapByteCount = 1 << 30

  private enum Result {
    case passed
    case skipped(String)
    case failed(String)
  }

  private func result(
    of step: SpecificationStep, _ player: SpecificationPlayer
  ) throws -> Result {
    switch step {
    case .skip(let reason): return .skipped(reason)
    case .fault(let text): return .failed(text)
    case .refuse(let bytes, let kind):
      do throws(WasmError) {
        _ = try WasmImporter.module(from: bytes, options: .version2)
        return .failed("accepted, and is \(kind)")
      } catch {
        // What version 2.0 calls malformed may have a meaning in a later proposal, and is refused
        // by that one's name.
        let isNamed = kind == .malformed && error.kind == .unsupported
        return error.kind == kind || isNamed ? .passed : .failed("\(error.kind): \(error.text)")
      }
    case .play(let command):
      do throws(SpecificationFault) {
        try player.play(command)
        return .passed
      } catch {
        return .failed("\(error)")
      }
    }
  }
}
