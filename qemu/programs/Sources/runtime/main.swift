// main.swift — the bootstrap stated in source, the first runtime and its child.

import NovaCore
import TAP

@section("nova_stack_size") @used let stackByteCount: UInt64 = 1_000_000
@section("nova_stack_policy") @used let stackPolicy: UInt64 = 2
@section("nova_stack_initial") @used let initialWindow: UInt64 = 40_000
@section("nova_heap_size") @used let heapByteCount: UInt64 = 8_000_000
@section("nova_worker_count") @used let workerCount: UInt64 = 3
@section("nova_address_policy") @used let addressPolicy: UInt64 = 1
@section("nova_entropy_policy") @used let entropyPolicy: UInt64 = 1
@section("nova_cpu_policy") @used let cpuPolicy: UInt64 = 1
@section("nova_driver_grants") @used let driverGrants: UInt64 = 12

func rounded(_ byteCount: Int) -> Int { System.pageRounded(byteCount) ?? 0 }

/// What starting from `values` is refused for; nil when it is not.
func refusal(of values: RuntimeBootstrap.Builder) -> BootstrapError? {
  do throws(BootstrapError) {
    _ = try NovaRuntime(from: values.build())
    return nil
  } catch {
    return error
  }
}

func checkValues(_ tap: inout TAP, _ values: RuntimeBootstrap) {
  tap.check(values.stackByteCount, equals: rounded(1_000_000), "the stack of the source")
  tap.check(values.stackPolicy == .full, "the stack's policy of the source")
  tap.check(values.initialWindowByteCount, equals: rounded(40_000), "the window of the source")
  tap.check(values.heapByteCount, equals: rounded(8_000_000), "the heap of the source")
  tap.check(values.workerCount, equals: 3, "the workers of the source")
  tap.check(values.addressPolicy == .strict, "the address policy of the source")
  tap.check(values.entropyPolicy == .kernel, "the entropy policy of the source")
  tap.check(values.cpuPolicy == .native, "the CPU policy of the source")
  tap.check(values.driverGrants == [.wallClock, .entropy], "the driver grants of the source")
}

func checkChild(_ tap: inout TAP, _ first: borrowing NovaRuntime) throws(BootstrapError) {
  let before = first.memoryContract.stats
  let quota = 1 << 20
  do {
    let child = try NovaRuntime(from: RuntimeBootstrap.Builder().heap(byteCount: quota).build())
    let charged = first.memoryContract.stats.liveByteCount - before.liveByteCount
    tap.check(charged >= quota && charged < quota + 3 * 65536, "the quota is charged to the parent")
    let stats = child.memoryContract.stats
    tap.check(stats.capacity < quota && stats.capacity > quota - 65536, "the child has its quota")
    do throws(MemoryError) {
      let address = try unsafe child.memoryContract.allocate(byteCount: 1000)
      unsafe address.storeBytes(of: 1, as: UInt8.self)
      unsafe child.memoryContract.release(address)
      _ = try unsafe child.memoryContract.allocate(byteCount: quota)
      tap.check(false, "more than the quota is refused")
    } catch {
      var isRefused = false
      if case .capacityExceeded(quota, let available, stats.capacity) = error {
        // What the child's registry has is not free.
        isRefused = available < stats.capacity - DriverRegistry.byteCount
      }
      tap.check(isRefused, "more than the quota is refused")
      tap.check("\(error)".hasPrefix("1048576 bytes requested"), "a refusal is in words")
    }
  }
  let after = first.memoryContract.stats
  tap.check(after.liveByteCount, equals: before.liveByteCount, "the child's end gives all back")

  let refused = refusal(of: RuntimeBootstrap.Builder())
  var isFull = false
  if case .memory(.capacityExceeded(let requested, _, _)) = refused {
    isFull = requested == rounded(8_000_000)
  }
  tap.check(isFull, "a child as large as the process's arena has no room")
}

func checkFixed(_ tap: inout TAP) {
  let builder = RuntimeBootstrap.Builder()
  let stack = UInt64(rounded(1_000_000))
  tap.check(
    refusal(of: builder.stack(byteCount: 1 << 21))
      == .mainStackIsFixed(field: .stackByteCount, requested: 1 << 21, actual: stack),
    "another main stack is refused")
  tap.check(
    refusal(of: builder.stack(policy: .lazy))
      == .mainStackIsFixed(field: .stackPolicy, requested: 0, actual: 2),
    "another stack policy is refused")
  tap.check(
    refusal(of: builder.initialWindow(byteCount: 65536))
      == .mainStackIsFixed(
        field: .initialWindowByteCount, requested: 65536, actual: UInt64(rounded(40_000))),
    "another initial window is refused")
  tap.check(
    refusal(of: builder.addresses(policy: .fallback))
      == .policyIsFixed(field: .addressPolicy, requested: 0, actual: 1),
    "another address policy is refused")
  tap.check(
    refusal(of: builder.entropy(policy: .fixed))
      == .policyIsFixed(field: .entropyPolicy, requested: 0, actual: 1),
    "another entropy policy is refused")
  tap.check(
    refusal(of: builder.cpu(policy: .baseline))
      == .policyIsFixed(field: .cpuPolicy, requested: 0, actual: 1),
    "another CPU policy is refused")
  tap.check(
    refusal(of: builder.drivers(granted: [.entropy, .console]))
      == .grantsExceeded(requested: [.entropy, .console], granted: [.wallClock, .entropy]),
    "more grants than the process's are refused")
}

func run() {
  var tap = TAP()
  do throws(BootstrapError) {
    checkValues(&tap, try RuntimeBootstrap.current)
    let first = try NovaRuntime.bootstrap()
    checkValues(&tap, first.bootstrap)
    let objects = [Int](repeating: 1, count: 10_000)
    tap.check(
      first.memoryContract.stats.liveByteCount >= 8 * objects.count,
      "the first runtime owns the arena that Swift draws on")
    try checkChild(&tap, first)
    checkFixed(&tap)
  } catch {
    tap.check(false, "the first runtime starts")
    print("# \(error)")
  }
  tap.check(refusal(of: RuntimeBootstrap.Builder()) == nil, "the next first runtime starts")
  tap.finish()
}

run()
