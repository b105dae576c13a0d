// WASIPoll.swift — poll_oneoff: waiting for descriptors and clocks.
// Freestanding. Imports NovaABI, NovaSystem. Source: WASI snapshot preview 1, "subscription".

import NovaABI
import NovaSystem

/// What a module waits for.
private struct Subscription {
  /// The most of one call.
  static var countMax: Int { 4096 }
  static var byteCount: Int { 48 }
  static var eventByteCount: Int { 32 }

  enum Kind {
    /// Nanoseconds that are left.
    case clock(UInt64, WASIClock)
    case read(WASIDescriptor)
    case write(WASIDescriptor)
    case refused(WASIErrno)
  }

  let userData: UInt64
  /// 0 a clock, 1 reading, 2 writing.
  let tag: UInt8
  let kind: Kind
}

extension WASISystem {
  func poll(_ call: WASICall) throws(WASIErrno) {
    let count = Int(call.u32(2))
    guard count > 0 else { throw .invalid }
    guard count <= Subscription.countMax else { throw .tooBig }
    try call.memory.check(call.u32(0), count * Subscription.byteCount)
    try call.memory.check(call.u32(1), count * Subscription.eventByteCount)
    try call.memory.check(call.u32(3), 4)
    var subscriptions: [Subscription] = []
    for index in 0..<count {
      let place = try GuestMemory.sum(call.u32(0), index * Subscription.byteCount)
      subscriptions.append(try subscription(at: place, call.memory))
    }
    var polls: [DescriptorPoll] = []
    for subscription in subscriptions {
      switch subscription.kind {
      case .read(let entry):
        polls.append(
          DescriptorPoll(descriptor: entry.host, wanted: Int16(NOVA_POLL_readable), found: 0))
      case .write(let entry):
        polls.append(
          DescriptorPoll(descriptor: entry.host, wanted: Int16(NOVA_POLL_writable), found: 0))
      default: break
      }
    }
    let passed = try wait(subscriptions, &polls)
    try report(subscriptions, polls, passed, call)
  }

  private func subscription(
    at place: UInt32, _ memory: GuestMemory
  ) throws(WASIErrno) -> Subscription {
    let tag = try memory.load(UInt8.self, place, offset: 8)
    let number = try memory.load(UInt32.self, place, offset: 16)
    var kind: Subscription.Kind
    do throws(WASIErrno) {
      switch tag {
      case 0:
        let timeout = try memory.load(UInt64.self, place, offset: 24)
        let isAbsolute = try memory.load(UInt16.self, place, offset: 40) & 1 != 0
        let clock = try WASIClock(number)
        let now = isAbsolute ? now(clock) : 0
        kind = .clock(timeout > now ? timeout - now : 0, clock)
      case 1: kind = .read(try table.descriptor(number, with: [.poll, .read]))
      case 2: kind = .write(try table.descriptor(number, with: [.poll, .write]))
      default: throw .invalid
      }
    } catch {
      kind = .refused(error)
    }
    return Subscription(
      userData: try memory.load(UInt64.self, place), tag: tag, kind: kind)
  }

  /// Waits until something has happened.
  ///
  /// - Returns: how many nanoseconds of the subscribed clocks are over.
  private func wait(
    _ subscriptions: [Subscription], _ polls: inout [DescriptorPoll]
  ) throws(WASIErrno) -> UInt64 {
    var least: (left: UInt64, clock: WASIClock)?
    var isRefused = false
    for subscription in subscriptions {
      switch subscription.kind {
      case .clock(let left, let clock):
        if least.map({ left < $0.left }) ?? true { least = (left, clock) }
      case .refused: isRefused = true
      default: break
      }
    }
    if isRefused { least = (0, .monotonic) }
    let sleeps = least.map { isReal($0.clock) } ?? true
    let timeout = least.map { sleeps ? Int64(clamping: $0.left) : 0 } ?? -1
    if sleeps || !polls.isEmpty {
      var ready = 0
      repeat {
        var span = polls.mutableSpan
        do throws(SystemError) {
          ready = try System.poll(&span, timeoutNanoseconds: timeout)
          break
        } catch {
          // A signal that is not the module's: it waits again, from the beginning.
          guard error.errno == 4 else { throw WASIErrno(error) }
        }
      } while true
      if ready > 0 { return 0 }
    }
    guard let least else { return 0 }
    if !sleeps { clock.advance(by: least.left) }
    return least.left
  }

  /// Puts an event for each subscription that something has happened to.
  private func report(
    _ subscriptions: [Subscription], _ polls: [DescriptorPoll], _ passed: UInt64, _ call: WASICall
  ) throws(WASIErrno) {
    var eventCount = 0
    var nextPoll = 0
    for subscription in subscriptions {
      var errno = WASIErrno.success
      var (byteCount, flags): (UInt64, UInt16) = (0, 0)
      switch subscription.kind {
      case .clock(let left, _):
        guard left <= passed else { continue }
      case .refused(let error): errno = error
      case .read(let entry), .write(let entry):
        let found = Int32(polls[nextPoll].found)
        nextPoll += 1
        guard found != 0 else { continue }
        if found & NOVA_POLL_invalid != 0 { errno = .badDescriptor }
        if found & NOVA_POLL_failed != 0 { errno = .inputOutput }
        if found & NOVA_POLL_hung_up != 0 { flags = 1 }
        byteCount = available(entry, isRead: subscription.tag == 1)
      }
      let place = try GuestMemory.sum(call.u32(1), eventCount * Subscription.eventByteCount)
      try call.memory.clear(place, Subscription.eventByteCount)
      try call.memory.store(subscription.userData, place)
      try call.memory.store(errno.rawValue, place, offset: 8)
      try call.memory.store(subscription.tag, place, offset: 10)
      try call.memory.store(byteCount, place, offset: 16)
      try call.memory.store(flags, place, offset: 24)
      eventCount += 1
    }
    try call.memory.store(UInt32(eventCount), call.u32(3))
  }

  /// What is known of the bytes that can be moved: those that a file has left, else at least one.
  private func available(_ entry: WASIDescriptor, isRead: Bool) -> UInt64 {
    guard isRead, entry.type == .regular else { return 1 }
    guard let status = try? status(in: entry.host, Self.noName),
      let place = try? System.seek(entry.host, by: 0, from: 1)
    else { return 1 }
    return status.byte_count > UInt64(place) ? status.byte_count - UInt64(place) : 0
  }
}
