// ModuleFunction.swift — an instance's function with Swift's types: checked when it is looked up.
// Freestanding. Imports NovaBytecode. Design: NovaCore.docc/Modules.md.

import NovaBytecode

/// A function that an instance exports, as a function of Swift: call it like one.
///
/// `ModuleInstance.function(_:as:)` makes it, and compares the types then; a call compares nothing.
/// It keeps the instance. `Signature` is a function type of up to eight parameters that are
/// `ModuleRepresentable` and `ModuleResults` or `Void`.
@frozen public struct ModuleFunction<Signature>: Sendable {
  /// Whose function it is.
  public let instance: ModuleInstance
  @usableFromInline let target: BackendFunction
  @usableFromInline let results: [ValueType]

  @usableFromInline init(
    _ instance: ModuleInstance, _ target: BackendFunction, results: [ValueType]
  ) {
    self.instance = instance
    self.target = target
    self.results = results
  }

  /// Calls it with arguments as registers hold them, within the instance's limits.
  @usableFromInline func call(_ arguments: [UInt64]) throws(ModuleFailure) -> [ModuleValue] {
    try instance.run(
      [CallTarget(function: target, arguments: arguments, results: results)],
      limits: instance.limits)
  }

  /// As `call`, with the results read.
  @inlinable func result<Results: ModuleResults>(
    _ arguments: [UInt64]
  ) throws(ModuleFailure) -> Results {
    Results(try call(arguments), at: 0)
  }
}

extension ModuleInstance {
  /// The exported function of a name, when it has exactly this type.
  @usableFromInline func find<Signature>(
    _ name: ModuleName, _ parameters: [ValueType], _ results: [ValueType]
  ) throws(ModuleError) -> ModuleFunction<Signature> {
    let wanted = ModuleFunctionType(parameters: parameters, results: results)
    let target = try root.target(name, wanted)
    return ModuleFunction(self, target, results: results)
  }

  /// As the other, of a function with results.
  @inlinable func find<Signature, Results: ModuleResults>(
    _ name: ModuleName, _ parameters: [ValueType], giving results: Results.Type
  ) throws(ModuleError) -> ModuleFunction<Signature> {
    var types: [ValueType] = []
    Results.appendTypes(to: &types)
    return try find(name, parameters, types)
  }
}

extension ModuleLoader {
  /// Registers a function whose type follows from what its body takes and gives.
  @inlinable func add<Results: ModuleResults>(
    _ module: ModuleName, _ name: ModuleName, _ parameters: [ValueType],
    giving results: Results.Type, _ body: @escaping HostFunctionBody
  ) throws(ModuleError) {
    var types: [ValueType] = []
    Results.appendTypes(to: &types)
    try addFunction(
      module, name, ModuleFunctionType(parameters: parameters, results: types), body)
  }
}

extension HostCall {
  /// The argument at `index` as Swift's type.
  @inlinable func get<Value: ModuleRepresentable>(_ index: Int) -> Value {
    Value(moduleBits: argument(index).bits)
  }
}
