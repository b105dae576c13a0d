// StartTests.swift — stack, heap and bootstrap record, and each start that is refused.

import NovaABI
import NovaToolchain
import TestSupport
import Testing

@Suite struct StartTests {
  static let stackBase = UInt64(NOVA_STACK_BASE)
  static let heapBase = UInt64(NOVA_HEAP_BASE)

  @Test(arguments: Machine.allCases)
  func `a program that says nothing starts by the defaults`(machine: Machine) throws {
    let outcome = try machine.run("crt-start")
    let values = outcome.values
    #expect(outcome.status == 7)
    #expect(values["stack_low"] == Self.stackBase)
    #expect(values["stack_high"] == Self.stackBase + 8 << 20)
    #expect(values["heap_low"] == Self.heapBase)
    #expect(values["heap_high"] == Self.heapBase + 64 << 20)
    #expect(values["stack_policy"] == UInt64(NOVA_STACK_initial.rawValue))
    #expect(values["stack_initial"] == 64 << 10)
    #expect(values["worker_count"] == 0)
    #expect(values["address_policy"] == UInt64(NOVA_ADDRESS_fallback.rawValue))
    #expect(values["entropy_policy"] == UInt64(NOVA_ENTROPY_fixed.rawValue))
    #expect(values["cpu_policy"] == UInt64(NOVA_CPU_baseline.rawValue))
    #expect(values["driver_grants"] == UInt64(NOVA_GRANT_console))
    #expect(values["flags"] == 0)
    #expect(values["dirty_words"] == 0)
    #expect(values["arguments"] == 1)
  }

  @Test(arguments: Machine.allCases)
  func `what the link states is what the program starts with`(machine: Machine) throws {
    let values = try machine.run("crt-start-link").values
    #expect(values["stack_size"] == 3 << 20)
    #expect(values["stack_high"] == Self.stackBase + 3 << 20)
    #expect(values["stack_policy"] == UInt64(NOVA_STACK_full.rawValue))
    #expect(values["stack_initial"] == 8192)
    #expect(values["heap_size"] == 2 << 20)
    #expect(values["heap_high"] == Self.heapBase + 2 << 20)
    #expect(values["worker_count"] == 3)
    #expect(values["address_policy"] == UInt64(NOVA_ADDRESS_strict.rawValue))
    #expect(values["entropy_policy"] == UInt64(NOVA_ENTROPY_kernel.rawValue))
    #expect(values["cpu_policy"] == UInt64(NOVA_CPU_native.rawValue))
    #expect(values["driver_grants"] == UInt64(NOVA_GRANT_ALL - NOVA_GRANT_console))
    #expect(values["dirty_words"] == 0)
  }

  @Test(arguments: Machine.allCases)
  func `what the source states counts, unless the link states it too`(machine: Machine) throws {
    let values = try machine.run("crt-start-source").values
    #expect(values["stack_size"] == 2 << 20)
    #expect(values["heap_size"] == 1 << 20)
    #expect(values["worker_count"] == 2, "the source says 5, the link 2")
  }

  @Test(arguments: Machine.allCases, [NOVA_STACK_lazy, NOVA_STACK_initial, NOVA_STACK_full])
  func `a stack policy commits its window, and all of the stack is zero`(
    machine: Machine, policy: nova_stack_policy
  ) throws {
    let guest = try PatchedGuest(
      "crt-start", on: machine.cpu,
      bootstrap: [
        UInt64(NOVA_KEY_stack_policy.rawValue): UInt64(policy.rawValue),
        UInt64(NOVA_KEY_stack_byte_count.rawValue): 2 << 20,
        UInt64(NOVA_KEY_stack_initial_byte_count.rawValue): 128 << 10,
      ])
    let values = try guest.run(on: machine).values
    let pages = try #require(values["committed_pages"])
    switch policy {
    case NOVA_STACK_lazy: #expect(pages <= 2, "what main itself touches")
    case NOVA_STACK_initial: #expect(pages == 32)
    default: #expect(pages == 512)
    }
    #expect(values["dirty_words"] == 0)
  }

  struct Refusal: Sendable, CustomStringConvertible {
    let key: nova_key
    let value: UInt64
    let message: String
    var description: String { "\(key.rawValue) = \(value)" }
  }

  static let refusals: [Refusal] = [
    Refusal(key: NOVA_KEY_stack_byte_count, value: 0, message: "stack size"),
    Refusal(key: NOVA_KEY_stack_byte_count, value: 65535, message: "stack size"),
    Refusal(key: NOVA_KEY_stack_byte_count, value: 1 << 30 + 1, message: "stack size"),
    Refusal(key: NOVA_KEY_stack_byte_count, value: .max, message: "stack size"),
    Refusal(key: NOVA_KEY_heap_byte_count, value: 0, message: "heap size"),
    Refusal(key: NOVA_KEY_heap_byte_count, value: 1 << 36 + 1, message: "heap size"),
    Refusal(key: NOVA_KEY_heap_byte_count, value: .max - 4095, message: "heap size"),
    Refusal(key: NOVA_KEY_worker_count, value: 257, message: "workers"),
    Refusal(key: NOVA_KEY_stack_policy, value: 3, message: "policy"),
    Refusal(key: NOVA_KEY_address_policy, value: 2, message: "policy"),
    Refusal(key: NOVA_KEY_entropy_policy, value: .max, message: "policy"),
    Refusal(key: NOVA_KEY_cpu_policy, value: 2, message: "policy"),
    Refusal(key: NOVA_KEY_driver_grants, value: 64, message: "grant"),
    Refusal(key: NOVA_KEY_driver_grants, value: .max, message: "grant"),
  ]

  @Test(arguments: Machine.allCases, refusals)
  func `a value out of range stops the start with 120`(machine: Machine, refusal: Refusal) throws {
    let guest = try PatchedGuest(
      "crt-start", on: machine.cpu, bootstrap: [UInt64(refusal.key.rawValue): refusal.value])
    let outcome = try guest.run(on: machine)
    #expect(outcome.status == NOVA_STATUS_bad_bootstrap)
    #expect(outcome.errorText.contains(refusal.message))
    #expect(outcome.errorText.hasPrefix("nova: "))
    #expect(outcome.output.isEmpty)
  }

  @Test(arguments: Machine.allCases, [65536, 1 << 30] as [UInt64])
  func `the smallest and the largest stack start`(machine: Machine, byteCount: UInt64) throws {
    let guest = try PatchedGuest(
      "crt-start-source", on: machine.cpu,
      bootstrap: [UInt64(NOVA_KEY_stack_byte_count.rawValue): byteCount])
    let outcome = try guest.run(on: machine)
    #expect(outcome.status == 0)
    #expect(outcome.values["stack_high"] == Self.stackBase + byteCount)
  }

  @Test(arguments: [NOVA_KEY_heap_byte_count, NOVA_KEY_stack_byte_count])
  func `memory that the kernel refuses stops the start with 121`(key: nova_key) throws {
    let guest = try PatchedGuest(
      "crt-start", on: Machine.native.cpu, bootstrap: [UInt64(key.rawValue): 1 << 30])
    var request = try Machine.native.request(program: guest.path)
    request.addressSpaceLimitBytes = 256 << 20
    let outcome = try guest.run(request)
    #expect(outcome.status == NOVA_STATUS_no_memory)
    #expect(outcome.errorText.contains("no memory for stack or heap"))
  }

  @Test(arguments: Machine.allCases, [stackBase, heapBase])
  func `a taken address is replaced, and that is recorded`(
    machine: Machine, address: UInt64
  ) throws {
    let guest = try PatchedGuest("crt-start", on: machine.cpu, takenAddress: address)
    let outcome = try guest.run(on: machine)
    let isStack = address == Self.stackBase
    let flags = try #require(outcome.values["flags"])
    #expect(outcome.status == 7)
    #expect(flags & UInt64(isStack ? NOVA_STARTED_stack_moved : NOVA_STARTED_heap_moved) != 0)
    #expect(outcome.values[isStack ? "stack_low" : "heap_low"] != address)
    #expect(outcome.values["dirty_words"] == 0)
  }

  @Test(arguments: Machine.allCases, [stackBase, heapBase])
  func `a taken address stops a strict program with 122`(
    machine: Machine, address: UInt64
  ) throws {
    let strict = UInt64(NOVA_ADDRESS_strict.rawValue)
    let guest = try PatchedGuest(
      "crt-start", on: machine.cpu,
      bootstrap: [UInt64(NOVA_KEY_address_policy.rawValue): strict], takenAddress: address)
    let outcome = try guest.run(on: machine)
    #expect(outcome.status == NOVA_STATUS_address_taken)
    #expect(outcome.errorText.contains("fixed address is taken"))
  }

  @Test(arguments: Machine.allCases)
  func `main is reached however far from start-up it lies`(machine: Machine) throws {
    let report = TAPReport(parsing: try machine.run("crt-far").outputText)
    #expect(report.isComplete, "\(report.failed)")
  }
}
