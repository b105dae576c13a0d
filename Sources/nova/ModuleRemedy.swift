// ModuleRemedy.swift — what to do when a module of `nova run` was stopped or refused.
// Hosted. Imports NovaAssembler, NovaModules and NovaToolchain.

import NovaAssembler
import NovaModules
import NovaToolchain

extension Run {
  /// Which option lets the module at `path` go further, or how its place is found; nil where there
  /// is nothing to say.
  func remedy(for failure: ModuleFailure, _ path: String) -> String? {
    switch failure {
    case .refused(let error): remedy(for: error)
    case .trapped(let trap): limitRemedy(for: trap.kind) ?? placeRemedy(for: trap, path)
    case .cancelled: nil
    }
  }

  private func remedy(for error: ModuleError) -> String? {
    switch error {
    case .memoryTooLarge: "--memory allows more"
    case .tableTooLarge: "--table allows more"
    case .memory: "--heap-size makes the runtime's memory larger"
    case .importModuleMissing(let name, _): "--with \(name.module)=FILE loads it"
    default: nil
    }
  }

  private func limitRemedy(for kind: ModuleTrap.Kind) -> String? {
    let limits = moduleOptions.limits
    return switch kind {
    case .fuelExhausted(let units): "--fuel was \(units); a larger one lets the call go on"
    case .deadlineExceeded(let nanoseconds):
      "--timeout was \(nanoseconds / 1_000_000); a larger one lets the call go on"
    case .machine(.stackExhausted):
      "the limits were \(limits.callDepth) calls inside of each other and \(limits.registerCount) "
        + "registers of all of them; --depth raises both"
    default: nil
    }
  }

  /// Where the module has no lines, words are what there is.
  private func placeRemedy(for trap: ModuleTrap, _ path: String) -> String? {
    guard let frame = trap.frames.first, frame.line == nil else { return nil }
    let file = moduleOptions.linked.first { "\($0.name)" == "\(frame.module)" }?.path ?? path
    return "nova dis --words \(file) shows words; \(lineRemedy(file))"
  }

  /// How the module in a file would have lines.
  private func lineRemedy(_ file: String) -> String {
    guard let bytes = try? readFile(file) else { return "modules made with -g tell lines" }
    if FileKind(magic: bytes) == .webAssembly {
      return "WebAssembly made by a compiler with -g, such as clang -g, tells lines"
    }
    let hasNames = (try? ModuleFile(bytes).withView { $0.names.count > 0 }) ?? true
    return hasNames
      ? "modules made by nova asm -g tell lines"
      : "it has neither names nor lines, as nova strip leaves it: the file before that, made with "
        + "-g, tells both"
  }
}
