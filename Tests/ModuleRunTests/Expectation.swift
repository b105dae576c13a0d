// Expectation.swift — what a file of the corpus says must come of it, as values.
// Hosted. Imports NovaAssembler and NovaModules. The form: Tests/Corpus/README.md.

import ModuleRunsHosted
import NovaModules

@testable import NovaAssembler

/// `NAME(TYPE VALUE, …) = TYPE VALUE, …`, or `NAME(TYPE VALUE, …) traps KIND`.
struct Expectation {
  /// What a call came to.
  enum Ending: Equatable {
    case returned([ModuleValue])
    /// The kind by its name.
    case trapped(String)
    case refused(String)
  }

  /// The line does not have the form.
  struct Malformed: Error {
    let line: String
  }

  let function: String
  let arguments: [ModuleValue]
  let ending: Ending

  init(_ line: String) throws(Malformed) {
    guard let open = line.firstIndex(of: "("), let close = line.firstIndex(of: ")") else {
      throw Malformed(line: line)
    }
    function = String(line[..<open])
    arguments = try Self.values(line[line.index(after: open)..<close], of: line)
    let rest = line[line.index(after: close)...].drop { $0 == " " }
    if rest.hasPrefix("traps ") {
      ending = .trapped(String(rest.dropFirst("traps ".count)))
    } else if rest.hasPrefix("= ") {
      ending = .returned(try Self.values(rest.dropFirst(2), of: line))
    } else {
      throw Malformed(line: line)
    }
  }

  private static func values(
    _ list: Substring, of line: String
  ) throws(Malformed) -> [ModuleValue] {
    var values: [ModuleValue] = []
    for item in list.split(separator: ",") {
      let words = item.split(separator: " ")
      guard words.count == 2, let value = value(words[0], words[1]) else {
        throw Malformed(line: line)
      }
      values.append(value)
    }
    return values
  }

  private static func value(_ type: Substring, _ word: Substring) -> ModuleValue? {
    let isNegative = word.hasPrefix("-")
    let number = Number(text: String(isNegative ? word.dropFirst() : word), isNegative: isNegative)
    switch type {
    case "i32": return number.bits(32).map { ModuleValue(.i32, bits: $0) }
    case "i64": return number.bits(64).map { ModuleValue(.i64, bits: $0) }
    case "f32": return number.float32Bits.map { ModuleValue(.f32, bits: $0) }
    case "f64": return number.float64Bits.map { ModuleValue(.f64, bits: $0) }
    default: return nil
    }
  }

  /// What comes of the call in a way of running, with the modules that a file may import;
  /// `prepare` is given each module that was loaded.
  func ending(
    of module: [UInt8], _ way: RunWay, on runtime: borrowing NovaRuntime,
    with others: [(name: NovaModules.ModuleName, bytes: [UInt8])],
    prepare: (Module) -> Void = { _ in }
  ) -> Ending {
    var runs = ModuleRuns()
    runs.fuel = 1_000_000
    do {
      let loader = try ModuleLoader(runtime, linked: false)
      for other in others { prepare(try loader.load(other.name, copying: other.bytes.span)) }
      let loaded = try loader.load("main", copying: module.span)
      prepare(loaded)
      let instance = try runs.instance(of: loaded, in: loader, way)
      return .returned(
        try ModuleRuns.results(of: instance, NovaModules.ModuleName(function), arguments, way))
    } catch ModuleFailure.trapped(let trap) {
      guard case .machine(let kind) = trap.kind else { return .trapped("\(trap.kind)") }
      return .trapped("\(kind)")
    } catch {
      return .refused("\(error)")
    }
  }
}
