// DriverImport.swift — a driver's operation as a function that modules import.
// Freestanding. Imports NovaBytecode, NovaInterpreter, NovaMemory. Design:
// NovaCore.docc/Modules.md.

import NovaBytecode
import NovaInterpreter
import NovaMemory

/// An operation of a driver, found by an import of the module `driver:NAME` or
/// `driver:NAME@MAJOR.MINOR` (1.0 where not said), under the operation's name.
///
/// Its type is any number of `handle` parameters up to `handleCountMax`, then
///
/// - nothing, or `i32 pointer, i32 count`: the input, bytes of the caller's memory 0;
/// - and perhaps `i32 pointer, i32 capacity`: where the output goes, in memory 0;
///
/// and one `i32` result: how many bytes were appended to the output, or below zero the negated
/// status of the driver.
struct DriverImport {
  let driver: DriverHandle
  let operation: Int
  let handleCount: Int
  /// 0, 2 or 4.
  let wordCount: Int

  /// The most handles of a call.
  static var handleCountMax: Int { 8 }
  /// Input and output overlap; `EINVAL`.
  static var overlap: Int32 { 22 }
  /// A handle names memory that the runtime keeps modules in; `EACCES`.
  static var forbidden: Int32 { 13 }
  /// A status outside of 1 … 65535 is told as this.
  static var statusMax: Int32 { 65_535 }

  /// How a driver's module begins.
  private static var prefix: StaticString { "driver:" }

  /// Driver and version that a module's name asks for; nil when it names no driver.
  static func parse(_ module: ModuleName) -> (name: [UInt8], version: DriverVersion)? {
    let bytes = module.bytes
    let start = prefix.utf8CodeUnitCount
    guard bytes.count >= start else { return nil }
    // SAFETY: a literal's bytes, as many as it has.
    for index in 0..<start where unsafe bytes[index] != prefix.utf8Start[index] { return nil }
    var end = bytes.count
    var version = DriverVersion(major: 1, minor: 0)
    if let at = lastIndex(of: UInt8(ascii: "@"), in: bytes, start..<end),
      let dot = lastIndex(of: UInt8(ascii: "."), in: bytes, at + 1..<end),
      let major = number(bytes, at + 1..<dot), let minor = number(bytes, dot + 1..<end)
    {
      version = DriverVersion(major: major, minor: minor)
      end = at
    }
    var name: [UInt8] = []
    for index in start..<end { name.append(bytes[index]) }
    return (name, version)
  }

  private static func lastIndex(
    of byte: UInt8, in bytes: [UInt8], _ range: Range<Int>
  ) -> Int? {
    var index = range.upperBound
    while index > range.lowerBound {
      index -= 1
      if bytes[index] == byte { return index }
    }
    return nil
  }

  private static func number(_ bytes: [UInt8], _ range: Range<Int>) -> UInt32? {
    guard range.count >= 1, range.count <= 9 else { return nil }
    var number: UInt32 = 0
    for index in range {
      let digit = bytes[index]
      guard digit >= UInt8(ascii: "0"), digit <= UInt8(ascii: "9") else { return nil }
      number = number * 10 + UInt32(digit - UInt8(ascii: "0"))
    }
    return number
  }

  /// The operation that an import asks for.
  init(
    _ parts: (name: [UInt8], version: DriverVersion), _ name: ModuleImportName,
    _ type: ModuleFunctionType, in registry: DriverRegistry
  ) throws(ModuleError) {
    let handleCount = type.parameters.prefix { $0 == .handle }.count
    let numbers = type.parameters.dropFirst(handleCount)
    guard type.results == [.i32], handleCount <= Self.handleCountMax,
      numbers.count <= 4, numbers.count % 2 == 0, numbers.allSatisfy({ $0 == .i32 })
    else { throw .importNotCallable(name, wanted: .function(type)) }
    let transfer: DriverTransfer?
    do throws(DriverError) {
      let words = parts.name
      let operationName = name.name.bytes
      driver = try registry.lookup(DriverName(words.span), version: parts.version)
      operation = try registry.operation(DriverName(operationName.span), of: driver)
      transfer = try registry.transfer(of: operation, by: driver)
    } catch {
      throw .importDriver(name, wanted: .function(type), error)
    }
    if let wordCount = transfer.map({ $0 == .input ? 2 : 4 }) {
      guard handleCount == 0, numbers.count == wordCount else {
        let found = ModuleFunctionType(
          parameters: [ValueType](repeating: .i32, count: wordCount), results: [.i32])
        throw .importMistyped(name, wanted: .function(type), found: .function(found))
      }
    }
    self.handleCount = handleCount
    wordCount = numbers.count
  }

  /// Calls the operation with the memory 0 of `caller`.
  ///
  /// The memory may grow and move meanwhile, when the driver calls back into the module; what was
  /// appended goes to where it is then.
  ///
  /// - Returns: nil, or why the module traps.
  func call(
    from caller: LinkedInstance, _ window: UnsafeMutablePointer<UInt64>
  ) -> ModuleTrap.Kind? {
    // SAFETY: the verifier checked the window, here and below.
    guard unsafe mayPass(window, from: caller) else {
      unsafe window[0] = UInt64(UInt32(bitPattern: -Self.forbidden))
      return nil
    }
    let before = caller.memories.first?.handle
    // SAFETY: the access keeps the block for the call.
    let result = unsafe caller.withMemory { memory in
      let result = unsafe call(caller.store.core.drivers, window: window, memory: memory)
      guard case .returned(let count) = result, count > 0,
        let moved = caller.memories.first, moved.handle != before
      else { return result }
      let place = unsafe Int(UInt32(truncatingIfNeeded: window[handleCount + 2]))
      unsafe (moved.bytes.baseAddress.unsafelyUnwrapped + place).copyMemory(
        from: memory.baseAddress.unsafelyUnwrapped + place, byteCount: Int(count))
      return result
    }
    switch result {
    case .returned(let value):
      unsafe window[0] = UInt64(UInt32(bitPattern: value))
      return nil
    case .outOfBounds: return .machine(.memoryOutOfBounds)
    case .refused(let error): return .driver(error)
    }
  }

  /// Whether the handles name nothing that verified code relies on: a module can make up any, and
  /// the modules, records and stacks of a loader lie in the memory that drivers have.
  private func mayPass(
    _ window: UnsafeMutablePointer<UInt64>, from caller: LinkedInstance
  ) -> Bool {
    for index in 0..<handleCount {
      // SAFETY: the window holds the arguments, the handles first.
      let handle = MemoryHandle(rawValue: unsafe window[index])
      let tag: AllocationTag
      do throws(MemoryError) {
        tag = try caller.store.core.memory.tag(of: handle)
      } catch {
        continue  // Not of this contract, or of none: the driver's contract says so.
      }
      if tag == .module { return false }
      if tag == .moduleMemory, !caller.memories.contains(where: { $0.handle == handle }) {
        return false
      }
    }
    return true
  }

  /// What a call came to.
  enum Result {
    /// The import's result.
    case returned(Int32)
    /// Input or output are not within the memory.
    case outOfBounds
    /// The registry refused.
    case refused(DriverError)
  }

  /// Calls the operation with the arguments in `window` and a memory that stays for the call.
  func call(
    _ registry: DriverRegistry, window: UnsafeMutablePointer<UInt64>,
    memory: UnsafeMutableRawBufferPointer
  ) -> Result {
    // SAFETY: the verifier checked that the window holds the arguments; memory is for the call.
    func word(_ index: Int) -> Int {
      unsafe Int(UInt32(truncatingIfNeeded: window[handleCount + index]))
    }
    let input = wordCount >= 2 ? (word(0), word(1)) : (0, 0)
    let output = wordCount == 4 ? (word(2), word(3)) : (0, 0)
    guard input.0 + input.1 <= memory.count, output.0 + output.1 <= memory.count else {
      return .outOfBounds
    }
    if input.1 > 0, output.1 > 0, input.0 < output.0 + output.1, output.0 < input.0 + input.1 {
      return .returned(-Self.overlap)
    }
    let handles = unsafe UnsafeBufferPointer(
      start: UnsafeRawPointer(window).assumingMemoryBound(to: MemoryHandle.self),
      count: handleCount)
    let inputBytes = unsafe UnsafeBufferPointer(
      rebasing: memory.assumingMemoryBound(to: UInt8.self)[input.0..<input.0 + input.1])
    let outputBytes = unsafe UnsafeMutableBufferPointer(
      rebasing: memory.assumingMemoryBound(to: UInt8.self)[output.0..<output.0 + output.1])
    var span = unsafe OutputSpan(buffer: outputBytes, initializedCount: 0)
    do throws(DriverError) {
      try unsafe registry.call(
        driver, operation: operation, handles: handles.span, input: inputBytes.span,
        output: &span)
      return .returned(Int32(truncatingIfNeeded: unsafe span.finalize(for: outputBytes)))
    } catch {
      _ = unsafe span.finalize(for: outputBytes)
      guard case .failed(_, let status) = error else { return .refused(error) }
      return .returned(-(status >= 1 && status <= Self.statusMax ? status : Self.statusMax + 1))
    }
  }
}
