// SpecificationPlayer.swift — does what a script says, and compares what comes of it.
// Freestanding; also built hosted. Imports NovaModules.

import NovaModules

/// What a command came to, where it is not what was expected.
public enum SpecificationFault: Error, Equatable, Sendable {
  /// No module of the name, or none so far, could be instantiated.
  case noModule
  /// The results are others.
  case results([ModuleValue])
  /// It failed, and not as was expected.
  case failure(ModuleFailure)
  /// It should have failed.
  case success
}

/// Plays a script's commands, each on what those before it left.
public final class SpecificationPlayer {
  private let loader: ModuleLoader
  private let host: Module
  private let isShared: Bool
  private var world: ModuleInstance?
  private var current: ModulePart?
  private var named: [(name: [UInt8], part: ModulePart)] = []

  /// Modules of one script, at most.
  public static var moduleCountMax: Int { 250 }

  /// A player of a script.
  ///
  /// - Parameters:
  ///   - loader: has no module.
  ///   - host: the module `spectest`.
  ///   - isShared: whether modules may import what others register.
  /// - Throws: why the host's module was refused.
  public init(_ loader: ModuleLoader, host: Span<UInt8>, isShared: Bool) throws(ModuleError) {
    self.loader = loader
    self.isShared = isShared
    self.host = try loader.load("spectest", copying: host)
  }

  deinit {
    do throws(ModuleError) { try loader.unload(host) } catch {
      preconditionFailure("the host's module was unloaded by somebody else")
    }
  }

  private static var limits: ModuleLimits {
    ModuleLimits(callDepth: 2048, addedModuleCount: moduleCountMax)
  }

  /// Plays one command.
  ///
  /// - Throws: `SpecificationFault` when it comes to something else than it says.
  public func play(_ command: SpecificationCommand) throws(SpecificationFault) {
    switch command {
    case .module(let bytes, let name):
      current = nil
      do throws(ModuleFailure) {
        let part = try instantiate(bytes)
        current = part
        if let name { named.append((name, part)) }
      } catch {
        throw .failure(error)
      }
    case .register(let module, let name):
      let part = try part(module)
      do throws(ModuleError) { try part.instance.name(part, ModuleName(name)) } catch {
        throw .failure(.refused(error))
      }
    case .perform(let action, let expected):
      let part = try part(action.module)
      let results: [ModuleValue]
      do throws(ModuleFailure) { results = try perform(action, on: part) } catch {
        throw .failure(error)
      }
      try compare(results, expected)
    case .performTrapping(let action, let expected):
      let part = try part(action.module)
      try expect(expected) { () throws(ModuleFailure) in _ = try perform(action, on: part) }
    case .refuse(let bytes, let expected):
      try expect(expected) { () throws(ModuleFailure) in _ = try instantiate(bytes) }
    }
  }

  private func part(_ name: [UInt8]?) throws(SpecificationFault) -> ModulePart {
    let part =
      if let name { named.last { $0.name == name }?.part } else { current }
    guard let part else { throw .noModule }
    return part
  }

  private func instantiate(_ bytes: [UInt8]) throws(ModuleFailure) -> ModulePart {
    let module: Module
    do throws(ModuleError) {
      // No script imports a module of this name.
      module = try loader.load("\u{1}", copying: bytes.span)
    } catch {
      throw .refused(error)
    }
    defer {
      do throws(ModuleError) { try loader.unload(module) } catch {
        preconditionFailure("a module was unloaded by somebody else")
      }
    }
    if world == nil || !isShared { world = try loader.instantiate(host, limits: Self.limits) }
    guard let world else { preconditionFailure("it was just made") }
    return try world.add(module)
  }

  private func perform(
    _ action: SpecificationAction, on part: ModulePart
  ) throws(ModuleFailure) -> [ModuleValue] {
    let field = ModuleName(action.field)
    if let arguments = action.arguments { return try part.call(field, arguments) }
    do throws(ModuleError) { return [try part.global(field)] } catch { throw .refused(error) }
  }

  private func compare(
    _ results: [ModuleValue], _ expected: [ExpectedValue]?
  ) throws(SpecificationFault) {
    guard let expected else { return }
    guard results.count == expected.count else { throw .results(results) }
    for (result, wanted) in zip(results, expected) where !wanted.isMet(by: result) {
      throw .results(results)
    }
  }

  private func expect(
    _ expected: ExpectedFailure, _ body: () throws(ModuleFailure) -> Void
  ) throws(SpecificationFault) {
    do throws(ModuleFailure) {
      try body()
    } catch {
      guard expected.isMet(by: error) else { throw .failure(error) }
      return
    }
    throw .success
  }
}

extension ExpectedValue {
  /// Whether a result is what is expected.
  func isMet(by result: ModuleValue) -> Bool {
    switch self {
    case .value(let value): value == result
    case .canonicalNaN(let isDouble):
      isDouble
        ? result.type == .f64 && result.bits & ~(1 << 63) == 0x7ff8_0000_0000_0000
        : result.type == .f32 && result.bits & ~(1 << 31) == 0x7fc0_0000
    case .arithmeticNaN(let isDouble):
      isDouble
        ? result.type == .f64 && result.bits & 0x7ff8_0000_0000_0000 == 0x7ff8_0000_0000_0000
        : result.type == .f32 && result.bits & 0x7fc0_0000 == 0x7fc0_0000
    }
  }
}

extension ExpectedFailure {
  /// Whether a failure is the one that is expected.
  func isMet(by failure: ModuleFailure) -> Bool {
    switch failure {
    case .trapped(let trap):
      guard case .machine(let kind) = trap.kind else { return false }
      return kind == trapKind
    case .refused(.importModuleMissing), .refused(.importMissing): return self == .importMissing
    case .refused(.importMistyped): return self == .importMistyped
    case .refused(.dataOutOfRange): return self == .memoryBounds
    case .refused(.elementsOutOfRange): return self == .tableBounds
    case .refused, .cancelled: return false
    }
  }

  private var trapKind: TrapKind? {
    switch self {
    case .unreachable: .unreachable
    case .divisionByZero: .integerDivisionByZero
    case .integerOverflow: .integerOverflow
    case .invalidConversion: .invalidConversion
    case .memoryBounds: .memoryOutOfBounds
    case .tableBounds: .tableOutOfBounds
    case .nullReference: .nullReference
    case .typeMismatch: .typeMismatch
    case .stackExhausted: .stackExhausted
    case .importMissing, .importMistyped: nil
    }
  }
}
