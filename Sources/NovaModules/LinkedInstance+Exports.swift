// LinkedInstance+Exports.swift — what a part of an instance exports, by name.
// Freestanding. Imports NovaBytecode, NovaInterpreter. Design: NovaCore.docc/Modules.md.

import NovaBytecode
import NovaInterpreter

extension LinkedInstance {
  /// The index of an export of this kind.
  func export(_ name: ModuleName, _ wanted: ExternalKind) throws(ModuleError) -> Int {
    guard let (kind, index) = module.export(name) else {
      throw .exportMissing(module.name, name)
    }
    guard kind == wanted else {
      throw .exportMistyped(
        module.name, name, found: ModuleExternalType(kind, index, in: module.view))
    }
    return index
  }

  /// The value of an exported global.
  func globalValue(_ name: ModuleName) throws(ModuleError) -> ModuleValue {
    let index = try export(name, .global)
    let type = ModuleExternalType.valueType(view.globalType(index).valueType)
    // SAFETY: the global lies in an instance's block.
    return ModuleValue(type, bits: unsafe global(index).pointee)
  }

  /// What a call of an exported function with these arguments calls.
  func target(
    _ name: ModuleName, _ arguments: [ModuleValue]
  ) throws(ModuleError) -> CallTarget {
    let index = try export(name, .function)
    let type = functionType(index)
    let types = arguments.map { $0.type }
    guard types == type.parameters else {
      throw .wrongArguments(name, wanted: type, found: types)
    }
    return CallTarget(
      function: try ownFunction(index, name), arguments: arguments.map { $0.bits },
      results: type.results)
  }

  /// The exported function that has exactly this type.
  func target(
    _ name: ModuleName, _ wanted: ModuleFunctionType
  ) throws(ModuleError) -> BackendFunction {
    let index = try export(name, .function)
    let type = functionType(index)
    guard type == wanted else {
      throw .functionMistyped(module.name, name, wanted: wanted, found: type)
    }
    return try ownFunction(index, name)
  }

  /// The type of a function, imported ones counted.
  func functionType(_ index: Int) -> ModuleFunctionType {
    ModuleFunctionType(view.functionType(view.typeIndex(ofFunction: index)))
  }

  /// Where a function that is exported by this name has its code.
  private func ownFunction(
    _ index: Int, _ name: ModuleName
  ) throws(ModuleError) -> BackendFunction {
    guard case .function(let linked, let own) = binding(.function, index) else {
      // An imported function of the host's that is exported again has no code to run.
      throw .exportMistyped(module.name, name, found: .function(functionType(index)))
    }
    return BackendFunction(instance: Int(linked.number), index: own)
  }
}
