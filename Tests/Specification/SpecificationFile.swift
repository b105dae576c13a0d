// SpecificationFile.swift — a script of the specification's tests as `wast2json` writes it.
// Hosted. Imports Foundation, NovaModules, NovaWasm and SpecificationPlayer.

import Foundation
import NovaModules
import NovaWasm
import SpecificationPlayerHosted

/// A script, as its JSON says it.
struct SpecificationFile: Decodable {
  struct Value: Decodable {
    let type: String
    let value: String?
  }

  struct Action: Decodable {
    let type: String
    let module: String?
    let field: String
    let args: [Value]?
  }

  struct Command: Decodable {
    let type: String
    let line: UInt32
    let name: String?
    let `as`: String?
    let filename: String?
    let text: String?
    let module_type: String?
    let action: Action?
    let expected: [Value]?
  }

  let commands: [Command]

  /// Whether modules import what others export.
  var isShared: Bool { commands.contains { $0.type == "register" } }
}

/// What is to be done for a command.
enum SpecificationStep {
  case play(SpecificationCommand)
  /// The importer refuses the file so.
  case refuse([UInt8], WasmError.Kind)
  /// Does not apply, and why.
  case skip(String)
  /// Can't be done, which is a failure.
  case fault(String)
}

extension SpecificationFile.Command {
  /// What is to be done; modules are files of `folder`.
  func step(in folder: URL) -> SpecificationStep {
    if module_type == "text" { return .skip("the module is given as text") }
    do {
      switch type {
      case "module":
        return .play(.module(try translated(in: folder), name: name.map { Array($0.utf8) }))
      case "register":
        return .play(
          .register(module: name.map { Array($0.utf8) }, name: Array((self.as ?? "").utf8)))
      case "action": return .play(.perform(try translatedAction(), expected: nil))
      case "assert_return":
        return .play(
          .perform(try translatedAction(), expected: try (expected ?? []).map { try $0.expected() })
        )
      case "assert_trap", "assert_exhaustion":
        return .play(.performTrapping(try translatedAction(), try failure()))
      case "assert_unlinkable", "assert_uninstantiable":
        return .play(.refuse(try translated(in: folder), try failure()))
      case "assert_malformed": return .refuse(try bytes(in: folder), .malformed)
      case "assert_invalid": return .refuse(try bytes(in: folder), .invalid)
      default: return .fault("no such command")
      }
    } catch let error as WasmError {
      return .fault(error.text)
    } catch {
      return .fault("\(error)")
    }
  }

  private func bytes(in folder: URL) throws -> [UInt8] {
    [UInt8](try Data(contentsOf: folder.appending(path: filename ?? "")))
  }

  private func translated(in folder: URL) throws -> [UInt8] {
    try WasmImporter.module(from: try bytes(in: folder), options: .version2)
  }

  private func translatedAction() throws -> SpecificationAction {
    guard let action else { throw SpecificationFileError.malformed("no action") }
    let arguments =
      action.type == "get" ? nil : try (action.args ?? []).map { try $0.argument() }
    return SpecificationAction(
      module: action.module.map { Array($0.utf8) }, field: Array(action.field.utf8),
      arguments: arguments)
  }

  /// The failure that a command's text begins to tell.
  private func failure() throws -> ExpectedFailure {
    let known: [(String, ExpectedFailure)] = [
      ("unreachable", .unreachable), ("integer divide by zero", .divisionByZero),
      ("integer overflow", .integerOverflow),
      ("invalid conversion to integer", .invalidConversion),
      ("out of bounds memory access", .memoryBounds),
      ("out of bounds table access", .tableBounds), ("undefined element", .tableBounds),
      ("uninitialized element", .nullReference),
      ("indirect call type mismatch", .typeMismatch),
      ("call stack exhausted", .stackExhausted), ("unknown import", .importMissing),
      ("incompatible import type", .importMistyped),
    ]
    let text = text ?? ""
    guard let failure = known.first(where: { text.hasPrefix($0.0) })?.1 else {
      throw SpecificationFileError.malformed("failure \(text)")
    }
    return failure
  }
}

enum SpecificationFileError: Error {
  case malformed(String)
}

extension SpecificationFile.Value {
  /// A script's own references count from 0, ours from 1: 0 is null.
  func argument() throws -> ModuleValue {
    guard let value else { throw SpecificationFileError.malformed("value") }
    switch (type, value) {
    case ("funcref", "null"): return .function(0)
    case ("externref", "null"): return .external(0)
    case ("i32", _): return .i32(Int32(bitPattern: try number(value)))
    case ("i64", _): return .i64(Int64(bitPattern: try number(value)))
    case ("f32", _): return .f32(Float(bitPattern: try number(value)))
    case ("f64", _): return .f64(Double(bitPattern: try number(value)))
    case ("externref", _): return .external(try number(value, as: UInt64.self) + 1)
    default: throw SpecificationFileError.malformed("value \(type) \(value)")
    }
  }

  func expected() throws -> ExpectedValue {
    switch value {
    case "nan:canonical": .canonicalNaN(isDouble: type == "f64")
    case "nan:arithmetic": .arithmeticNaN(isDouble: type == "f64")
    default: .value(try argument())
    }
  }

  private func number<Number: FixedWidthInteger>(
    _ text: String, as type: Number.Type = Number.self
  ) throws -> Number {
    guard let number = Number(text) else {
      throw SpecificationFileError.malformed("number \(text)")
    }
    return number
  }
}

extension WasmImporter.Options {
  /// Nothing beyond version 2.0, so that the suite's refusals hold.
  static var version2: Self {
    var options = Self()
    options.features = []
    return options
  }
}
