// ModuleRuns.swift — a module in every way of running: whatever it is, each comes to the same.
// Freestanding and hosted. Imports NovaModules. Same calls on every CPU.

import NovaModules

/// What came of a call, in every way that it was run.
public enum RunStep: Equatable {
  /// Not loaded, not linked, or not called; a digest of why.
  case refused(UInt64)
  /// A digest of the results.
  case returned(UInt64)
  /// A digest of the trap with its frames.
  case trapped(UInt64)
  /// The same of a trap for want of fuel.
  case exhausted(UInt64)
  /// A digest of all that the instance holds, after each export was called.
  case state(UInt64)

  /// Its digest, without what kind it is.
  public var digest: UInt64 {
    switch self {
    case .refused(let digest), .returned(let digest), .trapped(let digest),
      .exhausted(let digest), .state(let digest):
      digest
    }
  }
}

/// A way of running.
public enum RunWay: CaseIterable {
  /// With all of its fuel at once.
  case charged
  /// With its fuel in slices, under a deadline that never comes.
  case sliced
  /// As charged, each instruction shown before it happens.
  case observed
  /// With handlers that know of no fuel: only what ended before, within its fuel.
  case fast
  /// By compiled code, where modules have it that counts fuel.
  case compiledCharged
  /// The same in slices.
  case compiledSliced
  /// By compiled code that knows of no fuel.
  case compiledFast

  /// Those that need no compiler.
  public static var interpreted: [RunWay] { [.charged, .sliced, .observed, .fast] }

  /// Its name.
  public var name: StaticString {
    switch self {
    case .charged: "charged"
    case .sliced: "sliced"
    case .observed: "observed"
    case .fast: "fast"
    case .compiledCharged: "compiled, charged"
    case .compiledSliced: "compiled, sliced"
    case .compiledFast: "compiled, fast"
    }
  }

  /// Whether no fuel is counted.
  var isFast: Bool { self == .fast || self == .compiledFast }
  /// Whether its fuel comes in slices.
  var isSliced: Bool { self == .sliced || self == .compiledSliced }
  /// Whether compiled code is run where there is some.
  var isCompiled: Bool { !Self.interpreted.contains(self) }
}

/// What running a module in every way came to.
public enum RunVerdict: Equatable {
  /// Each way took these steps.
  case same([RunStep])
  /// A way took another step than `charged`, at this place.
  case different(RunWay, step: Int)
}

/// A module, and with what it is run.
public struct ModuleRuns {
  /// Gives the module to a loader, under the name `main`, after what it imports.
  public typealias Load = (ModuleLoader) throws(ModuleError) -> Module

  /// Units for each call.
  public var fuel: UInt64 = 500
  /// From which arguments and results of hosts are drawn.
  public var seed: UInt64 = 1
  /// Bytes of memories and tables; nil lets them grow, and move, as the module says.
  public var memoryByteCount: Int? = 1 << 20
  /// Calls of an instance, and states that are looked at.
  public var stepCountMax = 14
  /// Ways that must come to the same as `charged`.
  public var ways = RunWay.interpreted

  /// Runs with the usual limits.
  public init() {}

  /// Runs a module in every way.
  ///
  /// Functions that it imports of modules that nobody loaded are the host's. Each export is called
  /// twice, in the file's order.
  public func verdict(on runtime: borrowing NovaRuntime, load: Load) -> RunVerdict {
    do throws(ModuleError) {
      let loader = try ModuleLoader(runtime, linked: false)
      let module = try load(loader)
      try addHosts(for: module, to: loader)
      let expected = steps(of: module, in: loader, .charged, before: .max)
      for way in ways {
        // What is short of fuel would have no end where none is counted.
        let end = way.isFast ? expected.firstIndex(where: Self.isExhausted) : nil
        let found = steps(of: module, in: loader, way, before: end ?? .max)
        let wanted = end ?? expected.count
        for index in 0..<min(found.count, wanted) where found[index] != expected[index] {
          return .different(way, step: index)
        }
        guard found.count == wanted else { return .different(way, step: found.count) }
      }
      return .same(expected)
    } catch {
      return .same([.refused(Self.digest("\(error)"))])
    }
  }

  private static func isExhausted(_ step: RunStep) -> Bool {
    if case .exhausted = step { true } else { false }
  }

  // MARK: One way

  /// What an instance may use that is run in this way.
  public func limits(_ way: RunWay) -> ModuleLimits {
    ModuleLimits(
      fuel: way.isFast ? nil : fuel, timeoutNanoseconds: way.isSliced ? .max : nil,
      memoryByteCount: memoryByteCount, callDepth: 64, registerCount: 4096,
      tableElementCount: 4096)
  }

  /// An instance that is run in this way.
  public func instance(
    of module: Module, in loader: ModuleLoader, _ way: RunWay
  ) throws(ModuleFailure) -> ModuleInstance {
    var observer: ModuleObserver?
    if way == .observed { observer = { _, _ in } }
    return try loader.instantiate(module, limits: limits(way), observer: observer)
  }

  /// The instantiation's step, then one for each call; only those before `end`.
  private func steps(
    of module: Module, in loader: ModuleLoader, _ way: RunWay, before end: Int
  ) -> [RunStep] {
    guard end > 0 else { return [] }
    let instance: ModuleInstance
    do throws(ModuleFailure) {
      instance = try self.instance(of: module, in: loader, way)
    } catch {
      return [step(error)]
    }
    var steps: [RunStep] = [.state(instance.stateDigest)]
    var numbers = RunNumbers(seed: seed)
    let view = module.view
    for round in 0..<2 {
      for index in 0..<view.exports.count {
        guard steps.count < min(end, stepCountMax) else { return steps }
        let name = ModuleName(Self.bytes(of: view.string(view.exports[index].name)))
        guard case .function(let type)? = module.exportType(name) else { continue }
        let arguments = type.parameters.map { numbers.value($0, isSmall: round == 0) }
        steps.append(call(instance, name, arguments, way))
      }
      steps.append(.state(instance.stateDigest))
    }
    return steps
  }

  private func call(
    _ instance: ModuleInstance, _ name: ModuleName, _ arguments: [ModuleValue], _ way: RunWay
  ) -> RunStep {
    do throws(ModuleFailure) {
      var digest: UInt64 = 0
      for value in try Self.results(of: instance, name, arguments, way) {
        digest = RunNumbers.mixed(digest ^ value.bits)
      }
      return .returned(digest)
    } catch {
      return step(error)
    }
  }

  /// A call's results, by the engine of this way.
  public static func results(
    of instance: ModuleInstance, _ name: ModuleName, _ arguments: [ModuleValue], _ way: RunWay
  ) throws(ModuleFailure) -> [ModuleValue] {
    way.isCompiled
      ? try instance.call(name, arguments, on: NativeBackend.self)
      : try instance.call(name, arguments)
  }

  private func step(_ failure: ModuleFailure) -> RunStep {
    let digest = Self.digest("\(failure)")
    guard case .trapped(let trap) = failure else { return .refused(digest) }
    if case .fuelExhausted = trap.kind { return .exhausted(digest) }
    return .trapped(digest)
  }

  /// A digest of a text's bytes.
  public static func digest(_ text: String) -> UInt64 {
    var digest: UInt64 = 0
    for byte in text.utf8 { digest = RunNumbers.mixed(digest ^ UInt64(byte)) }
    return digest
  }

  /// A digest of steps, their kinds included.
  public static func digest(of steps: [RunStep]) -> UInt64 {
    var digest: UInt64 = 0
    for step in steps {
      let kind: UInt64 =
        switch step {
        case .refused: 1
        case .returned: 2
        case .trapped: 3
        case .exhausted: 4
        case .state: 5
        }
      digest = RunNumbers.mixed(RunNumbers.mixed(digest ^ kind) ^ step.digest)
    }
    return digest
  }

  // MARK: Hosts

  private func addHosts(for module: Module, to loader: ModuleLoader) throws(ModuleError) {
    let view = module.view
    for index in 0..<view.importedFunctionCount {
      let entry = view.imports[index]
      let name = ModuleName(Self.bytes(of: view.string(entry.module)))
      guard !loader.modules.contains(where: { $0.name == name }) else { continue }
      let type = view.functionType(Int(entry.typeIndex))
      let results = (0..<type.resultCount).map { type.result($0) }
      let seed = self.seed
      do throws(ModuleError) {
        try loader.addFunction(
          name, ModuleName(Self.bytes(of: view.string(entry.name))),
          ModuleFunctionType(
            parameters: (0..<type.parameterCount).map { type.parameter($0) }, results: results)
        ) { call throws(HostFailure) in
          try Self.answer(call, results, seed: seed)
        }
      } catch {
        // Imported twice, or under a name that no module may have: whoever links says so.
        guard case .duplicate = error else { continue }
      }
    }
  }

  /// Gives results that depend on the arguments, writes to the caller's memory, or fails.
  private static func answer(
    _ call: borrowing HostCall, _ results: [ValueType], seed: UInt64
  ) throws(HostFailure) {
    var numbers = RunNumbers(seed: seed)
    for index in 0..<call.argumentCount { numbers.add(call.argument(index).bits) }
    guard numbers.next() % 16 > 0 else { throw HostFailure(status: Int32(numbers.next() & 0xff)) }
    let place = numbers.next()
    // SAFETY: the bytes are the module's, which waits; the place is within them.
    unsafe call.withMemory { bytes in
      guard unsafe !bytes.isEmpty else { return }
      unsafe bytes[Int(place % UInt64(bytes.count))] = UInt8(truncatingIfNeeded: place >> 32)
    }
    for (index, type) in results.enumerated() {
      call.setResult(index, numbers.value(type, isSmall: place & 1 == 0))
    }
  }

  private static func bytes(of name: PoolBytes) -> [UInt8] {
    (0..<name.count).map { name[$0] }
  }
}

/// Numbers that a seed and what is added fix, the same on each CPU.
///
/// Source: Steele, Lea, Flood, "Fast Splittable Pseudorandom Number Generators", OOPSLA 2014.
struct RunNumbers {
  private var state: UInt64

  init(seed: UInt64) { state = seed }

  static func mixed(_ word: UInt64) -> UInt64 {
    // Wrapping is the method's.
    var mixed = word &+ 0x9e37_79b9_7f4a_7c15
    mixed = (mixed ^ mixed >> 30) &* 0xbf58_476d_1ce4_e5b9
    mixed = (mixed ^ mixed >> 27) &* 0x94d0_49bb_1331_11eb
    return mixed ^ mixed >> 31
  }

  mutating func add(_ word: UInt64) { state = Self.mixed(state ^ word) }

  mutating func next() -> UInt64 {
    state = state &+ 0x9e37_79b9_7f4a_7c15
    return Self.mixed(state)
  }

  /// A value of this type: near zero, or any bits; of references mostly those that name something.
  mutating func value(_ type: ValueType, isSmall: Bool) -> ModuleValue {
    let bits = next()
    let small = bits >> 32 & 15
    switch type {
    case .i32, .i64: return ModuleValue(type, bits: isSmall ? small : bits)
    case .f32: return isSmall ? .f32(Float(small)) : ModuleValue(type, bits: bits)
    case .f64: return isSmall ? .f64(Double(small)) : ModuleValue(type, bits: bits)
    case .funcref: return .function(isSmall ? 0 : small / 4 << 32 | bits & 7)
    case .externref, .handle: return ModuleValue(type, bits: isSmall ? 0 : bits)
    }
  }
}
