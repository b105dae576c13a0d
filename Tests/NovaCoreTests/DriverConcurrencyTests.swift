// DriverConcurrencyTests.swift — calls and unregistrations at once: who is inside finishes.

import Synchronization
import Testing

@testable import NovaCore

@Suite struct DriverConcurrencyTests {
  /// What the threads of a test share.
  private final class Shared: Sendable {
    let registry: DriverRegistry
    let isOpen = Atomic<Bool>(false)
    let insideCount = Atomic<Int>(0)
    let callCount = Atomic<Int>(0)
    let refusedCount = Atomic<Int>(0)
    let isOver = Atomic<Bool>(false)
    let handle = Mutex<DriverHandle?>(nil)
    let errors = Mutex<[DriverError]>([])

    init(_ registry: DriverRegistry) { self.registry = registry }

    func note(_ body: () throws(DriverError) -> Void) {
      do throws(DriverError) { try body() } catch { errors.withLock { $0.append(error) } }
    }
  }

  @Test func `unregister waits for the call under way, and refuses later ones`() throws {
    try withRegistry { registry in
      let shared = Shared(registry)
      let isReturning = Atomic<Bool>(false)
      let driver = try registry.register(
        "slow", version: version1,
        operations: [
          DriverOperation("wait") { _, _, output in
            shared.insideCount.add(1, ordering: .releasing)
            while !shared.isOpen.load(ordering: .acquiring) { System.yield() }
            output.append(42)
            isReturning.store(true, ordering: .releasing)
          }
        ],
        close: {
          let isAfter = isReturning.load(ordering: .acquiring)
          #expect(isAfter, "closed before the call's end")
        })
      let caller = try DriverThread {
        shared.note { () throws(DriverError) in
          let output = try registry.call(driver, 0)
          #expect(output == [42])
        }
      }
      while shared.insideCount.load(ordering: .acquiring) == 0 { System.yield() }
      let remover = try DriverThread {
        shared.note { () throws(DriverError) in try registry.unregister(driver) }
        shared.isOver.store(true, ordering: .releasing)
      }
      // Once calls are refused, the driver is closing, and the remover waits.
      while true {
        do throws(DriverError) {
          _ = try registry.operation("wait", of: driver)
        } catch {
          #expect(error == .unregistering(driver))
          break
        }
      }
      expect(.unregistering(driver)) { try registry.call(driver, 0) }
      expect(.unregistering(driver)) { try registry.unregister(driver) }
      expect(.unknown(try DriverName("slow"))) { try registry.lookup("slow", version: version1) }
      expect(.duplicate(try DriverName("slow"), registered: version1)) {
        try registry.registerEcho("slow")
      }
      let isOver = shared.isOver.load(ordering: .acquiring)
      #expect(!isOver, "unregister did not wait")
      shared.isOpen.store(true, ordering: .releasing)
      caller.join()
      remover.join()
      #expect(shared.errors.withLock { $0 } == [])
      expect(.staleHandle(driver, current: driver.generation + 1)) { try registry.call(driver, 0) }
    }
  }

  @Test func `from inside a call a driver that others are inside is not waited for`() throws {
    try withRegistry { registry in
      let shared = Shared(registry)
      let busy = try registry.register(
        "busy", version: version1,
        operations: [
          DriverOperation("wait") { _, _, _ in
            shared.insideCount.add(1, ordering: .releasing)
            while !shared.isOpen.load(ordering: .acquiring) { System.yield() }
          }
        ])
      let remover = try registry.register(
        "remover", version: version1,
        operations: [
          DriverOperation("remove") { _, _, _ in
            shared.note { () throws(DriverError) in try registry.unregister(busy) }
          }
        ])
      let callers = try (0..<2).map { _ in
        try DriverThread {
          shared.note { () throws(DriverError) in _ = try registry.call(busy, 0) }
        }
      }
      while shared.insideCount.load(ordering: .acquiring) < 2 { System.yield() }
      _ = try registry.call(remover, 0)
      let name = try DriverName("busy")
      #expect(shared.errors.withLock { $0 } == [.callsUnderWay(name, callCount: 2)])
      #expect(try registry.lookup("busy", version: version1) == busy, "it stayed as it was")
      shared.isOpen.store(true, ordering: .releasing)
      callers.forEach { $0.join() }
      _ = try registry.call(remover, 0)
      expect(.unknown(name)) { try registry.lookup("busy", version: version1) }
    }
  }

  @Test func `nobody is ever inside a driver that was closed`() throws {
    try withRegistry { registry in
      let shared = Shared(registry)
      let isUsable = Atomic<Bool>(false)
      let rounds = 300
      let callers = try (0..<4).map { _ in
        try DriverThread {
          while !shared.isOver.load(ordering: .acquiring) {
            guard let driver = shared.handle.withLock({ $0 }) else { continue }
            do throws(DriverError) {
              let output = try registry.call(driver, 0, input: [7])
              #expect(output == [7])
              shared.callCount.add(1, ordering: .relaxed)
            } catch .unregistering, .staleHandle {
              shared.refusedCount.add(1, ordering: .relaxed)
            } catch {
              shared.errors.withLock { $0.append(error) }
            }
          }
        }
      }
      for round in 0..<rounds {
        let driver = try registry.register(
          "brief", version: version1,
          operations: [
            DriverOperation("use") { _, input, output in
              let before = isUsable.load(ordering: .acquiring)
              output.append(input[0])
              System.yield()
              let after = isUsable.load(ordering: .acquiring)
              #expect(before && after, "closed while a call was inside")
            }
          ],
          open: { isUsable.store(true, ordering: .releasing) },
          close: { isUsable.store(false, ordering: .releasing) })
        shared.handle.withLock { $0 = driver }
        let before = shared.callCount.load(ordering: .relaxed)
        while shared.callCount.load(ordering: .relaxed) < before + 1 + round % 3 { System.yield() }
        try registry.unregister(driver)
        let isOpen = isUsable.load(ordering: .acquiring)
        #expect(!isOpen)
      }
      shared.isOver.store(true, ordering: .releasing)
      callers.forEach { $0.join() }
      #expect(shared.errors.withLock { $0 } == [])
      let callCount = shared.callCount.load(ordering: .relaxed)
      #expect(callCount >= rounds)
    }
  }

  @Test func `of several that register a name or unregister a driver one succeeds`() throws {
    try withRegistry { registry in
      let shared = Shared(registry)
      let threadCount = 4
      let rounds = 200
      let threads = try (0..<threadCount).map { _ in
        try DriverThread {
          for _ in 0..<rounds {
            do throws(DriverError) {
              let driver = try registry.registerEcho("contended")
              shared.insideCount.add(1, ordering: .relaxed)
              _ = try registry.call(driver, 0, input: [1])
              try registry.unregister(driver)
              shared.callCount.add(1, ordering: .relaxed)
            } catch .duplicate {
              shared.refusedCount.add(1, ordering: .relaxed)
            } catch {
              shared.errors.withLock { $0.append(error) }
            }
          }
        }
      }
      threads.forEach { $0.join() }
      #expect(shared.errors.withLock { $0 } == [])
      let succeeded = shared.callCount.load(ordering: .relaxed)
      let registered = shared.insideCount.load(ordering: .relaxed)
      let refused = shared.refusedCount.load(ordering: .relaxed)
      #expect(succeeded == registered)
      #expect(succeeded + refused == threadCount * rounds)
      expect(.unknown(try DriverName("contended"))) {
        try registry.lookup("contended", version: version1)
      }
    }
  }

  @Test func `the end of a registry waits for calls under way`() throws {
    let arena = try Arena(byteCount: 1 << 20)
    let registry = try DriverRegistry(memory: arena, grants: [])
    let shared = Shared(registry)
    let driver = try registry.register(
      "slow", version: version1,
      operations: [
        DriverOperation("wait") { _, _, _ in
          shared.insideCount.add(1, ordering: .releasing)
          for _ in 0..<1000 { System.yield() }
          shared.callCount.add(1, ordering: .releasing)
        }
      ])
    let caller = try DriverThread {
      shared.note { () throws(DriverError) in _ = try registry.call(driver, 0) }
    }
    while shared.insideCount.load(ordering: .acquiring) == 0 { System.yield() }
    // SAFETY: the caller uses its copy no more once its call has returned.
    unsafe registry.end()
    let callCount = shared.callCount.load(ordering: .acquiring)
    #expect(callCount == 1)
    caller.join()
    #expect(shared.errors.withLock { $0 } == [])
  }
}

/// A thread that runs a closure; it must be joined.
@safe private final class DriverThread: Sendable {
  private final class Body {
    let run: @Sendable () -> Void
    init(_ run: @escaping @Sendable () -> Void) { self.run = run }
  }

  nonisolated(unsafe) private let record: UnsafeMutablePointer<ThreadRecord>

  init(_ run: @escaping @Sendable () -> Void) throws(SystemError) {
    let record = UnsafeMutablePointer<ThreadRecord>.allocate(capacity: 1)
    let body = unsafe Unmanaged.passRetained(Body(run)).toOpaque()
    // SAFETY: the record stays until `join`, the body until the thread took it.
    try unsafe System.startThread(record, stackByteCount: 1 << 18, context: body) { context in
      guard let context = unsafe context else { return }
      unsafe Unmanaged<Body>.fromOpaque(context).takeRetainedValue().run()
    }
    unsafe self.record = unsafe record
  }

  func join() {
    // SAFETY: each thread is joined once.
    _ = unsafe System.joinThread(record)
    unsafe record.deallocate()
  }
}
