// DriverChecks.swift — the registry of a freestanding program: built-in, linked and own drivers.
// Freestanding. Imports NovaCore, Synchronization, TAP.

@_exported import NovaCore
import Synchronization
import TAP

/// The linked drivers in Swift.
///
/// The program states the entry: Embedded Swift emits a library's section in the program once more.
public func addDrivers(to host: DriverHost) {
  // SAFETY: the registry that begins hands the host to its entry, which calls.
  unsafe host.add("guest-swift", version: version(1, 3), operations: [doubling])
  unsafe host.add(
    "guest-swift-random", version: version(1, 0), requiring: .entropy, operations: [doubling])
}

/// Appends each byte of its input, doubled.
private var doubling: DriverOperation {
  DriverOperation("double") { _, input, output throws(DriverFailure) in
    guard output.freeCapacity >= input.count else { throw DriverFailure(status: 28) }
    for index in input.indices { output.append(input[index] &* 2) }
  }
}

private func version(_ major: UInt32, _ minor: UInt32) -> DriverVersion {
  DriverVersion(major: major, minor: minor)
}

/// Starts runtimes and reports what their drivers do.
public func checkDrivers(granted: DriverGrants) {
  var tap = TAP()
  do throws(BootstrapError) {
    let runtime = try NovaRuntime.bootstrap()
    tap.check(runtime.driverRegistry.grants == granted, "the process's grants are the runtime's")
    do throws(DriverError) {
      try checkBuiltIn(&tap, runtime.driverRegistry, granted)
      try checkLinked(&tap, runtime.driverRegistry, granted)
      try checkOwn(&tap, runtime.driverRegistry)
      try checkThreads(&tap, runtime.driverRegistry)
    } catch {
      print("# \(error)")
      tap.check(false, "no step fails")
    }
    try checkSecond(&tap, runtime)
  } catch {
    print("# \(error)")
    tap.check(false, "the runtime starts")
  }
  tap.finish()
}

/// Calls an operation; the bytes it appended.
private func call(
  _ registry: DriverRegistry, _ driver: DriverHandle, _ operation: Int, handles: [UInt64] = [],
  input: [UInt8] = [], capacity: Int = 64
) throws(DriverError) -> [UInt8] {
  var named: [MemoryHandle] = []
  for handle in handles { named.append(MemoryHandle(rawValue: handle)) }
  return try [UInt8](capacity: capacity) { output throws(DriverError) in
    try registry.call(
      driver, operation: operation, handles: named.span, input: input.span, output: &output)
  }
}

/// Why a lookup is refused; nil when it is not.
private func refusal(_ registry: DriverRegistry, _ name: StaticString) -> DriverError? {
  do throws(DriverError) {
    _ = try registry.lookup(name, version: version(1, 0))
    return nil
  } catch {
    return error
  }
}

private func checkBuiltIn(
  _ tap: inout TAP, _ registry: DriverRegistry, _ granted: DriverGrants
) throws(DriverError) {
  let grants: [(StaticString, DriverGrants)] = [
    ("console", .console), ("monotonic-clock", .monotonicClock), ("wall-clock", .wallClock),
    ("entropy", .entropy), ("arguments", .arguments), ("environment", .environment),
  ]
  var areAsGranted = true
  for (name, grant) in grants {
    let expected =
      granted.contains(grant)
      ? nil : DriverError.notGranted(try DriverName(name), missing: grant)
    if refusal(registry, name) != expected { areAsGranted = false }
  }
  tap.check(areAsGranted, "built-in drivers are there as granted")

  let console = try registry.lookup("console", version: version(1, 0))
  let line = Array("# written through the console\n".utf8)
  _ = try call(registry, console, BuiltInDriver.Console.write, input: line)
  _ = try call(registry, console, BuiltInDriver.Console.writeError, input: Array("error\n".utf8))
  let read = try call(registry, console, BuiltInDriver.Console.read)
  tap.check(read.isEmpty, "the console reads the end of an empty input")
  guard granted == .all else { return }

  let clock = try registry.lookup("monotonic-clock", version: version(1, 0))
  let (first, second) = (try call(registry, clock, 0), try call(registry, clock, 0))
  tap.check(first.count == 8 && word(first) <= word(second), "the clock never goes back")
  let wall = try registry.lookup("wall-clock", version: version(1, 0))
  // 2020-01-01; a machine whose clock is older is set wrong.
  tap.check(try word(call(registry, wall, 0)) > 1_577_836_800_000_000_000, "the wall clock is set")
  let entropy = try registry.lookup("entropy", version: version(1, 0))
  let random = try call(registry, entropy, 0, capacity: 16)
  tap.check(random.count, equals: 16, "entropy fills the room")
  tap.check(try call(registry, entropy, 0, capacity: 16) != random, "entropy goes on")
  let arguments = try registry.lookup("arguments", version: version(1, 0))
  tap.check(
    try call(registry, arguments, BuiltInDriver.Arguments.item, input: [1, 0, 0, 0, 0, 0, 0, 0])
      == Array("one".utf8), "an argument is told by its number")
  let environment = try registry.lookup("environment", version: version(1, 0))
  tap.check(
    try call(registry, environment, BuiltInDriver.Environment.value, input: Array("NAME".utf8))
      == Array("value".utf8), "a variable is found by its name")
}

private func word(_ bytes: [UInt8]) -> UInt64 {
  var word: UInt64 = 0
  for byte in bytes.reversed() { word = word << 8 | UInt64(byte) }
  return word
}

private func checkLinked(
  _ tap: inout TAP, _ registry: DriverRegistry, _ granted: DriverGrants
) throws(DriverError) {
  let c = try registry.lookup("guest-c", version: version(1, 1))
  tap.check(
    try call(registry, c, registry.operation("reverse", of: c), handles: [77], input: [1, 2, 3])
      == [1, 77, 3, 2, 1], "a linked driver in C is called")
  do throws(DriverError) {
    _ = try call(registry, c, 0, input: [1, 2, 3], capacity: 4)
    tap.check(false, "a C driver's failure keeps its status")
  } catch {
    tap.check(
      error == .failed(try DriverName("guest-c"), status: 28),
      "a C driver's failure keeps its status")
  }
  let swift = try registry.lookup("guest-swift", version: version(1, 3))
  tap.check(
    try call(registry, swift, 0, input: [1, 2, 200]) == [2, 4, 144],
    "a linked driver in Swift is called")
  let missing: [(StaticString, DriverGrants)] = [
    ("guest-c-timed", granted == .all ? [] : .wallClock),
    ("guest-swift-random", granted == .all ? [] : .entropy),
  ]
  for (name, missing) in missing {
    let expected: DriverError? =
      missing.isEmpty ? nil : .notGranted(try DriverName(name), missing: missing)
    tap.check(
      refusal(registry, name) == expected, "a linked driver gets what it needs or is refused")
  }
}

private func checkOwn(_ tap: inout TAP, _ registry: DriverRegistry) throws(DriverError) {
  let own = try registry.register("own", version: version(2, 0), operations: [doubling])
  tap.check(try call(registry, own, 0, input: [9]) == [18], "a registered driver is called")
  let wrong = DriverError.wrongVersion(
    try DriverName("own"), required: version(1, 0), registered: version(2, 0))
  tap.check(refusal(registry, "own") == wrong, "another version is refused")
  try registry.unregister(own)
  tap.check(
    refusal(registry, "own") == .unknown(try DriverName("own")), "an unregistered one is unknown")
  do throws(DriverError) {
    _ = try call(registry, own, 0)
    tap.check(false, "its handle is stale")
  } catch {
    var isStale = false
    if case .staleHandle(own, _) = error { isStale = true }
    tap.check(isStale, "its handle is stale")
  }
}

// MARK: Threads

private let insideCount = Atomic<UInt32>(0)
private let isOpen = Atomic<Bool>(false)
private let refusedCount = Atomic<UInt32>(0)
private let finishedCount = Atomic<UInt32>(0)

/// What a calling thread is handed.
private struct Caller {
  let registry: DriverRegistry
  let driver: DriverHandle
}

/// Three threads are inside a call while the driver is unregistered, and call on until refused.
private func checkThreads(_ tap: inout TAP, _ registry: DriverRegistry) throws(DriverError) {
  let driver = try registry.register(
    "slow", version: version(1, 0),
    operations: [
      DriverOperation("wait") { _, _, _ in
        insideCount.add(1, ordering: .releasing)
        while !isOpen.load(ordering: .acquiring) { System.yield() }
        finishedCount.add(1, ordering: .releasing)
      }
    ])
  var caller = Caller(registry: registry, driver: driver)
  let threadCount = 3
  let records = UnsafeMutablePointer<ThreadRecord>.allocate(capacity: threadCount)
  var startedCount = 0
  // SAFETY: the records and the caller outlive the threads, which are joined below.
  unsafe withUnsafeMutablePointer(to: &caller) { caller in
    for index in 0..<threadCount {
      do throws(SystemError) {
        try unsafe System.startThread(
          records + index, stackByteCount: 1 << 17, context: caller
        ) { context in
          guard let context = unsafe context else { return }
          callUntilRefused(unsafe context.load(as: Caller.self))
        }
        startedCount += 1
      } catch {
        print("# \(error)")
      }
    }
    while insideCount.load(ordering: .acquiring) < UInt32(startedCount) { System.yield() }
    isOpen.store(true, ordering: .releasing)
    while finishedCount.load(ordering: .acquiring) < 100 { System.yield() }
    let isGone = (try? registry.unregister(driver)) != nil
    let inside = insideCount.load(ordering: .acquiring)
    tap.check(isGone, "a driver that threads call is unregistered")
    tap.check(
      inside == finishedCount.load(ordering: .acquiring), "every call that began has finished")
    for index in 0..<startedCount { _ = unsafe System.joinThread(records + index) }
    tap.check(
      inside == insideCount.load(ordering: .acquiring), "no call comes in afterwards")
  }
  tap.check(startedCount, equals: threadCount, "three threads start")
  tap.check(Int(refusedCount.load(ordering: .acquiring)), equals: 3, "each thread is refused")
  unsafe records.deallocate()
}

private func callUntilRefused(_ caller: Caller) {
  while true {
    do throws(DriverError) {
      _ = try call(caller.registry, caller.driver, 0)
    } catch {
      refusedCount.add(1, ordering: .releasing)
      return
    }
  }
}

// MARK: Two runtimes

private func checkSecond(_ tap: inout TAP, _ first: borrowing NovaRuntime) throws(BootstrapError) {
  let before = first.memoryContract.stats.liveByteCount
  do {
    let second = try NovaRuntime(
      from: RuntimeBootstrap.Builder().heap(byteCount: 1 << 20).drivers(granted: []).build())
    let registry = second.driverRegistry
    do throws(DriverError) {
      try registry.register("second", version: version(1, 0), operations: [doubling])
      let known = try DriverName("second")
      tap.check(
        refusal(first.driverRegistry, "second") == .unknown(known),
        "a runtime does not see another's drivers")
      let c = try registry.lookup("guest-c", version: version(1, 0))
      do throws(DriverError) {
        _ = try call(first.driverRegistry, c, 0)
        tap.check(false, "a runtime does not take another's handles")
      } catch {
        tap.check(error == .foreignHandle(c), "a runtime does not take another's handles")
      }
      let console = try DriverName("console")
      tap.check(
        refusal(registry, "console") == .notGranted(console, missing: .console),
        "a runtime may have less than the process")
    } catch {
      print("# \(error)")
      tap.check(false, "the second runtime has drivers")
    }
  }
  tap.check(
    first.memoryContract.stats.liveByteCount, equals: before, "its end gives all back")
}
