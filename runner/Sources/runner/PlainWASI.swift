// PlainWASI.swift — WASI in a plain program: what imports are bound to, and `main`.
// Freestanding. Imports NovaInterpreter, NovaModules, NovaWASI. Design: Decisions/0017.

import NovaInterpreter
import NovaModules
import NovaWASI

/// Of a pruned program whose modules import WASI.
@c public func nova_pruned_wasi_main() -> Int32 { withoutTrace { runWASIProgram() } }

/// Of a pruned one whose module is a command, which takes nothing.
@c public func nova_pruned_command_main() -> Int32 {
  withoutTrace { runWASI(RunnerOptions(), word: "_start", isCommand: true) }
}

/// Of a whole one.
@c public func nova_wasi_main() -> Int32 { withTrace { runWASIProgram() } }

@inline(never) private func runWASIProgram() -> Int32 {
  var modules = BuiltInModules()
  guard let view = modules.next()?.module.view else { refuse(.noModule) }
  let isCommand = view.importsWASI && view.export(named: PoolBytes("_start")) != nil
  // All words of a command are the module's.
  let options = isCommand ? RunnerOptions() : plainOptions()
  return runWASI(options, word: isCommand ? "_start" : "main", isCommand: false)
}

@inline(__always) private func runWASI(
  _ options: RunnerOptions, word: StaticString, isCommand: Bool
) -> Int32 {
  let system = WASISystem.ofProgram
  if WASISystem.statesFolders { openFolders(of: system) }
  // SAFETY: the reference lives until the program ends, after all that is bound to it.
  let outside = unsafe Unmanaged.passRetained(system).toOpaque()
  if let status = unsafe runModule(options, word: word, outside: outside, isCommand: isCommand) {
    return status
  }
  let status = Int32(truncatingIfNeeded: (system.exitStatus ?? 0) & 0xff)
  if status != 0 { unsafe nova_stop_wasi(outside) }
  return status
}

/// Binds an import of WASI.
@c public func nova_bind_wasi(
  _ program: UnsafeMutableRawPointer, _ part: UnsafeMutableRawPointer, _ index: Int
) -> UInt {
  // SAFETY: of both, promised by `bind`.
  let program = unsafe program.assumingMemoryBound(to: PlainProgram.self)
  let part = unsafe part.assumingMemoryBound(to: PlainPart.self)
  let view = unsafe part.pointee.module.view
  let entry = view.imports[index]
  let (module, name) = (view.string(entry.module), view.string(entry.name))
  guard module == WASISystem.moduleBytes else { refuse(.importModuleMissing, name, of: module) }
  guard let function = WASIFunction(named: name) else { refuse(.importMissing, name, of: module) }
  guard entry.kind == ExternalKind.function.rawValue,
    function.hasType(view.functionType(Int(entry.typeIndex)))
  else { refuse(.importMistyped, name, of: module) }
  // SAFETY: record 0 is the host's; its functions, one for each of WASI, stay as the program does.
  let host = unsafe program.pointee.records[0].unsafelyUnwrapped
  if unsafe host.pointee.functions == nil {
    let count = WASIFunction.count
    unsafe host.pointee.functions = unsafe lend(count * MemoryLayout<FunctionDescriptor>.stride)
      .assumingMemoryBound(to: FunctionDescriptor.self)
    unsafe host.pointee.functionCount = UInt32(count)
  }
  let descriptor = unsafe host.pointee.functions.unsafelyUnwrapped + Int(function.rawValue)
  unsafe descriptor.initialize(
    to: FunctionDescriptor(
      code: nil, frameByteCount: 0,
      typeIdentifier: program.pointee.types.number(of: part.pointee.type(Int(entry.typeIndex))),
      index: function.rawValue, instance: host, isReferenced: false))
  return UInt(bitPattern: descriptor)
}

/// Calls a function of WASI for the module that is running.
@c public func nova_call_wasi(
  _ call: UnsafeMutableRawPointer, _ number: UInt32, _ window: UnsafeMutablePointer<UInt64>
) -> Bool {
  // SAFETY: promised by `run`.
  let call = unsafe call.assumingMemoryBound(to: PlainCall.self)
  guard let function = WASIFunction(rawValue: number),
    let outside = unsafe call.pointee.program.outside
  else { preconditionFailure("only functions of WASI were bound") }
  var instance = 0
  unsafe call.pointee.context.backtrace { frame in
    instance = Int(frame.instanceNumber)
    return false
  }
  // SAFETY: who calls was linked; nobody else uses its memory while it waits, and the verifier
  // checked that the window holds arguments and results.
  let record = unsafe call.pointee.program.records[instance].unsafelyUnwrapped
  var bytes = unsafe UnsafeMutableRawBufferPointer(start: nil, count: 0)
  if unsafe record.pointee.memoryCount > 0 {
    let memory = unsafe record.pointee.memories.unsafelyUnwrapped[0]
    unsafe bytes = unsafe UnsafeMutableRawBufferPointer(
      start: memory.pointee.bytes, count: Int(memory.pointee.byteCount))
  }
  return unsafe Unmanaged<WASISystem>.fromOpaque(outside)._withUnsafeGuaranteedRef {
    unsafe $0.call(function, window, bytes)
  }
}

/// Tells what the modules were refused because it was not granted.
@c public func nova_stop_wasi(_ outside: UnsafeMutableRawPointer?) {
  guard let outside = unsafe outside else { return }
  // SAFETY: `runWASIProgram` made the reference, which stays as long as the process.
  let system = unsafe Unmanaged<WASISystem>.fromOpaque(outside).takeUnretainedValue()
  guard system.hasRefusals else { return }
  var line = Line(to: 2)
  system.tellRefusals { line.append($0) }
  line.write()
}

/// Ends the program unless an export of a function is the module's own: others have no code.
@inline(never) func requireCode(_ part: inout PlainPart, _ export: ExportEntry) {
  // SAFETY: the part is linked.
  guard unsafe part.descriptor(Int(export.index)).pointee.code == nil else { return }
  refuse(.exportMistyped)
}

extension PlainCall {
  /// Calls the function by which a module that imports WASI initialises itself, if it has one.
  ///
  /// Source: WASI's "application ABI": a command is called once, a reactor initialises itself.
  ///
  /// - Returns: false when it ended the module.
  @inline(never) mutating func initialize(_ part: inout PlainPart) -> Bool {
    let view = unsafe part.module.view
    guard view.importsWASI, let export = view.export(named: PoolBytes("_initialize")) else {
      return true
    }
    let isFunction = export.kind == ExternalKind.function.rawValue
    guard isFunction,
      view.functionType(view.typeIndex(ofFunction: Int(export.index))).parameterCount == 0
    else { refuse(.exportMistyped) }
    unsafe requireCode(&part, export)
    return run(function: Int(export.index))
  }
}
