// CFunctions.swift — nova_call.h: C calls functions of modules, and modules call functions of C.
// Freestanding. Imports NovaABI, NovaBytecode. Design: NovaCore.docc/Modules.md.

import NovaABI
import NovaBytecode

extension ModuleInstance {
  /// What C takes for the instance; it stays as long as somebody else keeps the instance.
  public var cPointer: UnsafeMutableRawPointer {
    // SAFETY: only the address is taken.
    unsafe Unmanaged.passUnretained(self).toOpaque()
  }

  fileprivate static func of(_ pointer: UnsafeMutableRawPointer) -> ModuleInstance {
    // SAFETY: nova_call.h wants the pointer of an instance that lives.
    unsafe Unmanaged<ModuleInstance>.fromOpaque(pointer).takeUnretainedValue()
  }
}

extension ModuleLoader {
  /// What C takes for the loader; it stays as long as somebody else keeps the loader.
  public var cPointer: UnsafeMutableRawPointer {
    // SAFETY: only the address is taken.
    unsafe Unmanaged.passUnretained(self).toOpaque()
  }
}

extension ModuleFunctionType {
  /// The type that a text of nova_call.h says; nil when it says none.
  fileprivate init?(letters text: UnsafePointer<CChar>) {
    var types: (parameters: [ValueType], results: [ValueType]) = ([], [])
    var isBehind = false
    // SAFETY: a C string ends with a zero, here and below.
    var place = unsafe text
    while unsafe place.pointee != 0 {
      let letter = unsafe UInt8(bitPattern: place.pointee)
      unsafe place += 1
      if letter == UInt8(ascii: ":") {
        guard !isBehind else { return nil }
        isBehind = true
        continue
      }
      let type: ValueType
      switch letter {
      case UInt8(ascii: "i"): type = .i32
      case UInt8(ascii: "l"): type = .i64
      case UInt8(ascii: "f"): type = .f32
      case UInt8(ascii: "d"): type = .f64
      case UInt8(ascii: "h"): type = .handle
      case UInt8(ascii: "x"): type = .externref
      default: return nil
      }
      if isBehind { types.results.append(type) } else { types.parameters.append(type) }
    }
    guard isBehind else { return nil }
    self.init(parameters: types.parameters, results: types.results)
  }
}

extension ModuleName {
  /// The name that a C string spells.
  fileprivate init(_ text: UnsafePointer<CChar>) {
    var bytes: [UInt8] = []
    // SAFETY: a C string ends with a zero.
    var place = unsafe text
    while unsafe place.pointee != 0 {
      unsafe bytes.append(UInt8(bitPattern: place.pointee))
      unsafe place += 1
    }
    self.init(bytes)
  }
}

/// Where a reason is written.
@safe private struct CMessage {
  let text: UnsafeMutablePointer<CChar>?
  let room: UInt64

  /// Writes as much of a text as there is room for, and a zero.
  func write(_ reason: String) {
    // SAFETY: whoever calls has as many bytes as `room` says.
    guard let text = unsafe text, room > 0 else { return }
    var count = 0
    for byte in reason.utf8 where UInt64(count) + 1 < room {
      unsafe text[count] = CChar(bitPattern: byte)
      count += 1
    }
    unsafe text[count] = 0
  }
}

private var done: Int32 { Int32(NOVA_CALL_done.rawValue) }
private var badRecord: Int32 { Int32(NOVA_CALL_bad_record.rawValue) }
private var refused: Int32 { Int32(NOVA_CALL_refused.rawValue) }
private var trapped: Int32 { Int32(NOVA_CALL_trapped.rawValue) }

/// Looks an exported function up; see nova_call.h.
@unsafe @c @implementation
public func nova_function_find(
  _ instance: UnsafeMutableRawPointer!, _ name: UnsafePointer<CChar>!,
  _ type: UnsafePointer<CChar>!, _ function: UnsafeMutablePointer<nova_function>!,
  _ message: UnsafeMutablePointer<CChar>!, _ room: UInt64
) -> Int32 {
  // SAFETY: nova_call.h says what is pointed to; the record is read no further than its size.
  let message = unsafe CMessage(text: message, room: room)
  guard let instance = unsafe instance, let name = unsafe name, let letters = unsafe type,
    let function = unsafe function,
    unsafe function.pointee.byte_count >= MemoryLayout<nova_function>.size,
    unsafe function.pointee.abi == NOVA_CALL_ABI
  else {
    message.write("a pointer is null, or the record is of another nova_call.h")
    return badRecord
  }
  // SAFETY: as above, of the text.
  guard let wanted = unsafe ModuleFunctionType(letters: letters) else {
    message.write("the type is none; such as \"il:d\", with the letters i l f d h x")
    return badRecord
  }
  do throws(ModuleError) {
    // SAFETY: as above, of the instance and the record.
    let target = try unsafe ModuleInstance.of(instance).root.target(ModuleName(name), wanted)
    unsafe function.pointee.instance = unsafe instance
    unsafe function.pointee.part = UInt32(target.instance)
    unsafe function.pointee.index = UInt32(target.index)
    return done
  } catch {
    message.write("\(error)")
    return refused
  }
}

/// Calls a function that was looked up; see nova_call.h.
@unsafe @c @implementation
public func nova_function_call(
  _ function: UnsafePointer<nova_function>!, _ arguments: UnsafePointer<nova_value>!,
  _ results: UnsafeMutablePointer<nova_value>!, _ message: UnsafeMutablePointer<CChar>!,
  _ room: UInt64
) -> Int32 {
  // SAFETY: as in `nova_function_find`.
  let message = unsafe CMessage(text: message, room: room)
  guard let function = unsafe function,
    unsafe function.pointee.byte_count >= MemoryLayout<nova_function>.size,
    unsafe function.pointee.abi == NOVA_CALL_ABI, let pointer = unsafe function.pointee.instance
  else {
    message.write("the function was not found before")
    return badRecord
  }
  // SAFETY: as above; the instance lives as long as its functions are called.
  let instance = unsafe ModuleInstance.of(pointer)
  let target = unsafe BackendFunction(
    instance: Int(function.pointee.part), index: Int(function.pointee.index))
  guard let type = instance.type(of: target) else {
    message.write("the function is another instance's")
    return badRecord
  }
  // SAFETY: only whether they are null is asked.
  guard unsafe arguments != nil || type.parameters.isEmpty,
    unsafe results != nil || type.results.isEmpty
  else {
    message.write("a pointer is null")
    return badRecord
  }
  var bits: [UInt64] = []
  for (index, type) in type.parameters.enumerated() {
    // SAFETY: nova_call.h wants as many arguments as there are parameters.
    bits.append(ModuleValue(type, bits: unsafe arguments[index].u64).bits)
  }
  do throws(ModuleFailure) {
    let values = try instance.run(
      [CallTarget(function: target, arguments: bits, results: type.results)],
      limits: instance.limits)
    // SAFETY: as above, of the results.
    for index in values.indices { unsafe results[index].u64 = values[index].bits }
    return done
  } catch {
    message.write("\(error)")
    if case .trapped = error { return trapped }
    return refused
  }
}

/// Registers a function of C; see nova_call.h.
@unsafe @c @implementation
public func nova_host_function_add(
  _ loader: UnsafeMutableRawPointer!, _ function: UnsafePointer<nova_host_function>!,
  _ message: UnsafeMutablePointer<CChar>!, _ room: UInt64
) -> Int32 {
  // SAFETY: as in `nova_function_find`.
  let message = unsafe CMessage(text: message, room: room)
  guard let loader = unsafe loader, let function = unsafe function,
    unsafe function.pointee.byte_count >= MemoryLayout<nova_host_function>.size,
    unsafe function.pointee.abi == NOVA_CALL_ABI, let module = unsafe function.pointee.module,
    let name = unsafe function.pointee.name, let letters = unsafe function.pointee.type,
    let body = unsafe function.pointee.body
  else {
    message.write("a pointer is null, or the record is of another nova_call.h")
    return badRecord
  }
  // SAFETY: as above, of the text.
  guard let type = unsafe ModuleFunctionType(letters: letters) else {
    message.write("the type is none; such as \"il:d\", with the letters i l f d h x")
    return badRecord
  }
  // SAFETY: the function's and the context's, which stay as long as the loader.
  let hosted = unsafe CHostFunction(body: body, context: function.pointee.context)
  do throws(ModuleError) {
    // SAFETY: nova_call.h wants the pointer of a loader that lives.
    try unsafe Unmanaged<ModuleLoader>.fromOpaque(loader).takeUnretainedValue().addFunction(
      ModuleName(module), ModuleName(name), type
    ) { call throws(HostFailure) in try hosted.run(call) }
    return done
  } catch {
    message.write("\(error)")
    return refused
  }
}

/// A function of C, which any thread may call.
@safe private struct CHostFunction: @unchecked Sendable {
  let body: nova_host_body
  let context: UnsafeMutableRawPointer?

  func run(_ call: borrowing HostCall) throws(HostFailure) {
    // SAFETY: the record is this call's, and its pointers stay until the body returns.
    var record = unsafe nova_host_call()
    unsafe record.byte_count = UInt32(MemoryLayout<nova_host_call>.size)
    unsafe record.abi = NOVA_CALL_ABI
    unsafe record.instance = call.instance.cPointer
    let window = unsafe UnsafeMutableRawPointer(call.window).assumingMemoryBound(
      to: nova_value.self)
    // SAFETY: the window holds arguments and results, and a register is as large as a value; the
    // bytes stay until the body returns.
    let status = unsafe call.withMemory { memory in
      unsafe record.memory = memory.baseAddress?.assumingMemoryBound(to: UInt8.self)
      unsafe record.memory_byte_count = UInt64(memory.count)
      return unsafe body(context, &record, window, window)
    }
    guard status == 0 else { throw HostFailure(status: status) }
  }
}
