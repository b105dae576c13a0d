// CDriver.swift — a driver that is written in C: its record checked, its operations called.
// Freestanding. Imports NovaABI, NovaMemory. Design: NovaCore.docc/Drivers.md.

import NovaABI
import NovaMemory

/// What a registry keeps of a `struct nova_driver`, which stays as it is while registered.
@safe struct CDriver {
  let context: UnsafeMutableRawPointer?
  let operations: UnsafeRawPointer
  /// Bytes from one operation to the next: the driver's own size of the record.
  let stride: Int
  let close: (@convention(c) (UnsafeMutableRawPointer?) -> Void)?

  func operation(_ index: Int) -> nova_driver_operation {
    // SAFETY: the table was checked, and the caller compares the index.
    unsafe (operations + index * stride).load(as: nova_driver_operation.self)
  }

  func call(
    _ index: Int, _ name: DriverName, _ handles: Span<MemoryHandle>, _ input: Span<UInt8>,
    _ output: inout OutputSpan<UInt8>
  ) throws(DriverError) {
    guard let function = unsafe operation(index).function else {
      preconditionFailure("an operation lost its function while registered")
    }
    // SAFETY: the buffers live for the call, and a handle is its 64 bits.
    try unsafe handles.withUnsafeBytes { (handleBytes) throws(DriverError) in
      try unsafe input.withUnsafeBufferPointer { (inputBytes) throws(DriverError) in
        try unsafe output.withUnsafeMutableBufferPointer { (buffer, count) throws(DriverError) in
          let capacity = buffer.count - count
          var call = unsafe nova_driver_call()
          unsafe call.byte_count = UInt32(MemoryLayout<nova_driver_call>.size)
          unsafe call.abi = NOVA_DRIVER_ABI
          unsafe call.handles = unsafe handleBytes.baseAddress?.assumingMemoryBound(to: UInt64.self)
          unsafe call.handle_count = UInt64(handleBytes.count / 8)
          unsafe call.input = unsafe UnsafeRawPointer(inputBytes.baseAddress)
          unsafe call.input_byte_count = UInt64(inputBytes.count)
          unsafe call.output = unsafe buffer.baseAddress.map {
            unsafe UnsafeMutableRawPointer($0 + count)
          }
          unsafe call.output_capacity = UInt64(capacity)
          let status = unsafe function(context, &call)
          let written = unsafe call.output_byte_count
          guard written <= UInt64(capacity) else {
            throw .outputOverrun(name, byteCount: written, capacity: capacity)
          }
          count += Int(written)
          guard status == 0 else { throw .failed(name, status: status) }
        }
      }
    }
  }
}

extension DriverRegistry {
  /// Registers a driver that is written in C, or in another language by way of nova_driver.h.
  ///
  /// - Returns: the driver's handle.
  /// - Throws: `DriverError.nullPointer`, `.recordTooSmall`, `.wrongABI`, `.nameOutOfRange`,
  ///   `.operationCountOutOfRange`, `.duplicateOperation`, `.duplicate`, `.notGranted`,
  ///   `.registryFull` or `.notOpened`.
  /// - Safety: `driver`, its table and its strings must stay as they are until the driver was
  ///   unregistered, and its functions must keep to nova_driver.h.
  @unsafe @discardableResult
  public func register(_ driver: UnsafePointer<nova_driver>?) throws(DriverError) -> DriverHandle {
    let (name, record) = unsafe try Self.check(driver)
    try unsafe require(DriverGrants(rawValue: record.grants), name)
    let version = unsafe DriverVersion(major: record.major, minor: record.minor)
    let index = try reserve(name, version)
    guard let operations = unsafe record.operations else {
      preconditionFailure("the table was checked")
    }
    // SAFETY: the slot is this call's until it is live or vacant again.
    let slot = unsafe place(index).slot
    unsafe slot.pointee.body = unsafe .c(
      CDriver(
        context: record.context, operations: UnsafeRawPointer(operations),
        stride: Int(operations.pointee.byte_count), close: record.close))
    unsafe slot.pointee.operationCount = unsafe Int(record.operation_count)
    if let open = unsafe record.open {
      let status = unsafe open(record.context)
      guard status == 0 else {
        vacate(index)
        throw .notOpened(name, status: status)
      }
    }
    return publish(index)
  }

  /// The driver's name and record, if they keep to the header.
  ///
  /// - Safety: as `register`.
  @unsafe static func check(
    _ driver: UnsafePointer<nova_driver>?
  ) throws(DriverError) -> (DriverName, nova_driver) {
    // SAFETY: promised by the caller; each pointer is compared with null before it is followed.
    guard let driver = unsafe driver else { throw .nullPointer(.driver) }
    let head = unsafe UnsafeRawPointer(driver)
    try unsafe check(head, minimum: MemoryLayout<nova_driver>.size)
    let record = unsafe driver.pointee
    let name = try unsafe DriverName(c: record.name, .name)
    let count = unsafe record.operation_count
    let maximum = DriverRegistry.operationCountMax
    guard count > 0, count <= UInt64(maximum) else {
      throw .operationCountOutOfRange(
        name, count: Int(clamping: count), maximum: maximum)
    }
    guard let operations = unsafe record.operations else { throw .nullPointer(.operations) }
    let stride = unsafe Int(operations.pointee.byte_count)
    for index in 0..<Int(count) {
      let address = unsafe UnsafeRawPointer(operations) + index * stride
      try unsafe check(address, minimum: MemoryLayout<nova_driver_operation>.size)
      let operation = unsafe address.load(as: nova_driver_operation.self)
      let operationName = try unsafe DriverName(c: operation.name, .operationName)
      guard unsafe operation.function != nil else { throw .nullPointer(.operationFunction) }
      for before in 0..<index {
        let other = unsafe (UnsafeRawPointer(operations) + before * stride)
          .load(as: nova_driver_operation.self)
        guard try unsafe DriverName(c: other.name, .operationName) != operationName else {
          throw .duplicateOperation(name, operation: operationName)
        }
      }
    }
    return unsafe (name, record)
  }

  /// Checks the first two fields of a record.
  ///
  /// - Safety: `record` must have them.
  @unsafe private static func check(
    _ record: UnsafeRawPointer, minimum: Int
  ) throws(DriverError) {
    // SAFETY: promised by the caller; the size is compared before anything behind it is read.
    let byteCount = unsafe record.load(as: UInt32.self)
    guard byteCount >= minimum else {
      throw .recordTooSmall(byteCount: byteCount, minimum: UInt32(minimum))
    }
    let abi = unsafe record.load(fromByteOffset: 4, as: UInt32.self)
    guard abi == NOVA_DRIVER_ABI else { throw .wrongABI(found: abi, expected: NOVA_DRIVER_ABI) }
  }
}

extension DriverName {
  /// The name that a C string spells.
  ///
  /// - Safety: `text` must be null or end with a zero.
  @unsafe init(c text: UnsafePointer<CChar>?, _ field: DriverField) throws(DriverError) {
    guard let text = unsafe text else { throw .nullPointer(field) }
    var count = 0
    // SAFETY: promised by the caller; the zero itself is the last byte read.
    while unsafe text[count] != 0 { count += 1 }
    let bytes = unsafe UnsafeRawBufferPointer(start: text, count: count)
    unsafe try self.init(bytes.bindMemory(to: UInt8.self).span)
  }
}

extension DriverSlot {
  /// The name of an operation below `operationCount`.
  func operationName(_ index: Int) throws(DriverError) -> DriverName {
    // SAFETY: nobody changes or ends a driver that somebody is inside.
    switch body {
    case .none: preconditionFailure("a driver that can be called has a body")
    case .swift(let operations, _): try unsafe DriverName(operations[index].name)
    case .c(let driver): try unsafe DriverName(c: driver.operation(index).name, .operationName)
    }
  }

  /// Tells the driver that nobody calls it any more.
  func runClose() {
    // SAFETY: a driver's own function and context, as it stated them.
    switch body {
    case .none: break
    case .swift(_, let close): close?()
    case .c(let driver): unsafe driver.close?(driver.context)
    }
  }
}

extension DriverPlace {
  /// The name of the driver that somebody is inside, or whose registry's lock is held.
  var driverName: DriverName {
    // SAFETY: a name stays while somebody is inside, or under the lock.
    guard let name = unsafe slot.pointee.name else {
      preconditionFailure("a driver that is registered has a name")
    }
    return name
  }
}
