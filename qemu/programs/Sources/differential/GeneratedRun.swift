// GeneratedRun.swift — a generated module's steps, told in a line that every engine writes alike.
// Freestanding; also built hosted. Imports NovaModules.

import NovaModules

/// What a generated module comes to.
enum GeneratedRun {
  /// A way of running.
  enum Way {
    case fast
    case charged
    case sliced
    case observed

    static var others: [Way] { [.charged, .sliced, .observed] }

    var name: StaticString {
      switch self {
      case .fast: "fast"
      case .charged: "charged"
      case .sliced: "sliced"
      case .observed: "observed"
      }
    }
  }

  private static let stepCountMax = 16

  /// Results of the steps, each with the digest behind it, then of `through` in a new instance.
  static func line(_ module: Module, in loader: ModuleLoader, _ way: Way) -> String {
    var text = "ok"
    do throws(ModuleFailure) {
      let instance = try instance(module, in: loader, way)
      for step in 0..<stepCountMax {
        let name = ModuleName(Array("step\(step)".utf8))
        guard module.exportType(name) != nil else { break }
        text += ";\(outcome(instance, name))"
        if module.exportType("digest") != nil { text += ";#\(outcome(instance, "digest"))" }
      }
      guard module.exportType("through") != nil else { return text }
      return text + ";^\(outcome(try self.instance(module, in: loader, way), "through"))"
    } catch {
      return "\(failure(error))"
    }
  }

  private static func instance(
    _ module: Module, in loader: ModuleLoader, _ way: Way
  ) throws(ModuleFailure) -> ModuleInstance {
    // More than any module needs that ends.
    let fuel: UInt64 = 1 << 40
    let limits = ModuleLimits(
      fuel: way == .fast ? nil : fuel, timeoutNanoseconds: way == .sliced ? .max : nil,
      callDepth: 1 << 12, registerCount: 1 << 20)
    var observer: ModuleObserver?
    if way == .observed { observer = { _, _ in } }
    return try loader.instantiate(module, limits: limits, observer: observer)
  }

  private static func outcome(_ instance: ModuleInstance, _ name: ModuleName) -> String {
    do throws(ModuleFailure) {
      var text = ""
      for value in try instance.call(name) { text += " \(self.text(value))" }
      return text
    } catch {
      return failure(error)
    }
  }

  private static func text(_ value: ModuleValue) -> String {
    switch value {
    case .i32, .i64: String(value.bits, radix: 16)
    case .f32(let number): number.isNaN ? "nan" : String(value.bits, radix: 16)
    case .f64(let number): number.isNaN ? "nan" : String(value.bits, radix: 16)
    case .function, .external, .handle: value.bits == 0 ? "null" : "reference"
    }
  }

  private static func failure(_ failure: ModuleFailure) -> String {
    switch failure {
    case .trapped(let trap):
      guard case .machine(let kind) = trap.kind else { return "!\(trap.kind)" }
      return "!\(name(kind))"
    case .refused(.dataOutOfRange): return "!memory"
    case .refused(.elementsOutOfRange): return "!table"
    case .refused(let error): return "!refused: \(error)"
    case .cancelled: return "!cancelled"
    }
  }

  private static func name(_ kind: TrapKind) -> StaticString {
    switch kind {
    case .unreachable: "unreachable"
    case .integerDivisionByZero: "division"
    case .integerOverflow: "overflow"
    case .invalidConversion: "conversion"
    case .memoryOutOfBounds: "memory"
    case .tableOutOfBounds: "table"
    case .nullReference: "null"
    case .typeMismatch: "type"
    case .stackExhausted: "stack"
    case .invalidReference: "reference"
    }
  }
}
