// HostFunction.swift — functions of the program that modules import by name and type.
// Freestanding. Imports NovaBytecode, NovaMemory. Design: NovaCore.docc/Modules.md.

import NovaBytecode
import NovaMemory

/// A function's own reason for a trap of the module that called it.
public struct HostFailure: Error, Equatable, Sendable {
  /// Any number.
  public let status: Int32

  /// A failure with this status.
  public init(status: Int32) { self.status = status }
}

/// What a host function does with its arguments, results and the calling instance.
public typealias HostFunctionBody =
  @Sendable (_ call: borrowing HostCall) throws(HostFailure) -> Void

/// A registered function.
final class HostFunction: Sendable {
  let module: ModuleName
  let name: ModuleName
  let type: ModuleFunctionType
  let body: HostFunctionBody

  init(
    _ module: ModuleName, _ name: ModuleName, _ type: ModuleFunctionType,
    _ body: @escaping HostFunctionBody
  ) {
    self.module = module
    self.name = name
    self.type = type
    self.body = body
  }
}

/// A call of a host function that is under way.
@safe public struct HostCall: ~Copyable {
  /// Who calls; its functions may be called from inside.
  public let instance: ModuleInstance
  let caller: LinkedInstance
  let type: ModuleFunctionType
  // The caller's window: arguments, then results; as many registers as the larger of the two.
  let window: UnsafeMutablePointer<UInt64>

  /// How many arguments there are.
  public var argumentCount: Int { type.parameters.count }

  /// The argument at `index`, 0 … `argumentCount` - 1.
  ///
  /// Read it before the first result is set, which takes its place.
  public func argument(_ index: Int) -> ModuleValue {
    precondition(index >= 0 && index < argumentCount, "no argument of that index")
    // SAFETY: the verifier checked that the window holds the arguments.
    return ModuleValue(type.parameters[index], bits: unsafe window[index])
  }

  /// Sets a result, which is zero or an argument's bits until then.
  ///
  /// - Parameters:
  ///   - index: 0 … the type's results - 1.
  ///   - value: of the result's type.
  public func setResult(_ index: Int, _ value: ModuleValue) {
    precondition(
      index >= 0 && index < type.results.count && value.type == type.results[index],
      "a result of another index or type")
    // SAFETY: the verifier checked that the window holds the results.
    unsafe window[index] = value.bits
  }

  /// Calls `body` with the bytes of the caller's memory 0; with none when it has no memory.
  ///
  /// The bytes stay until `body` returns. When a call back into the module lets the memory grow, it
  /// may be elsewhere afterwards, and what `body` writes then is lost.
  public func withMemory<Result>(
    _ body: (UnsafeMutableRawBufferPointer) -> Result
  ) -> Result {
    // SAFETY: promised to `body`.
    unsafe caller.withMemory(body)
  }

  /// Calls `body` with the registers, as many as there are arguments or results, and the bytes that
  /// `withMemory` tells of.
  ///
  /// - Safety: no register beyond them may be used, and none after `body` has returned.
  @unsafe package func withRegisters<Result>(
    _ body: (UnsafeMutablePointer<UInt64>, UnsafeMutableRawBufferPointer) -> Result
  ) -> Result {
    // SAFETY: promised by the caller.
    unsafe withMemory { unsafe body(window, $0) }
  }
}

extension ModuleLoader {
  /// Registers a function that modules can import as `name` of `module`.
  ///
  /// - Parameters:
  ///   - module: no loaded module's name; several functions share it.
  ///   - name: no other function's of that name.
  ///   - type: what importers must state.
  ///   - body: any thread that calls a module may call it, several at once. What it throws traps.
  /// - Throws: `ModuleError.nameOutOfRange`, `.duplicate` or `.duplicateFunction`.
  public func addFunction(
    _ module: ModuleName, _ name: ModuleName, _ type: ModuleFunctionType,
    _ body: @escaping HostFunctionBody
  ) throws(ModuleError) {
    try Self.check(module)
    try core.add(HostFunction(module, name, type, body))
  }
}
