// ModuleInstance.swift — a module with everything that it imports, ready to be called.
// Freestanding. Imports NovaBytecode, NovaInterpreter, NovaMemory, NovaSystem, Synchronization.
// Design: NovaCore.docc/Modules.md.

import NovaBytecode
import NovaInterpreter
import NovaMemory
import NovaSystem
import Synchronization

/// An instance of a module, and of each module that it imports, directly or not: a world of its
/// own, that shares nothing with other instances.
///
/// One thread at a time may be inside; another one that calls meanwhile is refused. It keeps its
/// modules, also when they are unloaded. The runtime outlives it.
public final class ModuleInstance: @unchecked Sendable {
  /// The module that was instantiated.
  public let module: Module
  /// What the instance may use, and its calls unless they say otherwise.
  public let limits: ModuleLimits

  /// Is shown each instruction, which then takes much longer; nil costs nothing.
  let observer: ModuleObserver?
  let core: LoaderCore
  let store: InstanceStore
  /// Importers behind what they import; the last one is the module's.
  private(set) var space: LinkedSpace
  private(set) var hosts: [BoundHost]
  /// Parts that importers which are added find by name, the latest last.
  private(set) var namedParts: [(name: ModuleName, part: LinkedInstance)] = []
  /// The module's own part.
  let root: LinkedInstance
  private let hostCapacity: Int
  /// How many records there is room for, the host's included.
  let recordCapacity: Int
  /// A record with number 0 and the descriptors of `hosts`, then the addresses of all records by
  /// number; in the core's memory.
  private let block: MemoryHandle

  // 0, or 1 while a call is under way, also between two of its slices.
  private let isEntered = Atomic<UInt32>(0)
  // The number of the thread that is inside now, or 0.
  private let thread = Atomic<UInt32>(0)
  // That thread only.
  private var depth = 0
  /// When the call that runs has to be over, and what its limit was; for calls inside of it.
  private(set) var deadline: CallDeadline?
  /// Units of fuel between two looks at the clock.
  private(set) var fuelPerSlice: UInt64

  /// Links and fills; start functions have not run.
  init(
    _ module: Module, _ limits: ModuleLimits, observer: ModuleObserver? = nil
  ) throws(ModuleError) {
    try limits.check()
    guard module.isLoaded else { throw .unloaded(module.name) }
    let core = module.core
    let store = try InstanceStore(core, limits, for: module.name)
    var linker = ModuleLinker(core, store)
    root = try linker.link(module)
    hostCapacity =
      linker.hosts.count + (limits.addedModuleCount > 0 ? ModuleLimits.addedHostCountMax : 0)
    recordCapacity = linker.linked.count + limits.addedModuleCount + 1
    let block = try core.allocate(
      byteCount: Self.byteCount(hosts: hostCapacity, records: recordCapacity), for: module.name)
    self.module = module
    self.limits = limits
    self.observer = observer
    self.core = core
    self.store = store
    self.block = block
    hosts = linker.hosts
    fuelPerSlice = Self.fuelPerSlice(linker.linked)
    // SAFETY: the block was made with room for the descriptors behind the record.
    space = unsafe LinkedSpace(
      instances: linker.linked,
      hosts: (core.bytes(of: block).baseAddress.unsafelyUnwrapped + Self.hostsOffset)
        .assumingMemoryBound(to: FunctionDescriptor.self))
    // From here on the instance's end ends what it has.
    fillHosts(from: 0)
    for instance in space.instances { try instance.open(space) }
    for instance in space.instances { try instance.applySegments(space) }
  }

  /// Takes in what a linker has linked besides what there was, and fills it.
  func adopt(_ linker: ModuleLinker) throws(ModuleError) {
    let knownCount = space.instances.count
    guard linker.hosts.count <= hostCapacity else {
      throw .addedHostsExhausted(maximum: ModuleLimits.addedHostCountMax)
    }
    let knownHostCount = hosts.count
    hosts = linker.hosts
    space.instances = linker.linked
    fuelPerSlice = Self.fuelPerSlice(space.instances)
    fillHosts(from: knownHostCount)
    for instance in space.instances[knownCount...] { try instance.open(space) }
    for instance in space.instances[knownCount...] { try instance.applySegments(space) }
  }

  /// Lets importers that are added find a part by a name.
  func addName(_ name: ModuleName, _ part: LinkedInstance) { namedParts.append((name, part)) }

  deinit { core.release(block) }

  // SAFETY: only a size is asked.
  private static var hostsOffset: Int { unsafe (MemoryLayout<InstanceRecord>.size + 15) & ~15 }

  private static func byteCount(hosts: Int, records: Int) -> Int {
    // SAFETY: only a size is asked.
    unsafe hostsOffset + hosts * MemoryLayout<FunctionDescriptor>.stride + records * 8
  }

  private static func fuelPerSlice(_ parts: [LinkedInstance]) -> UInt64 {
    ModuleLimits.sliceFuel(
      functionWeight: parts.reduce(1) { max($0, $1.module.verified.functionWeightMax) })
  }

  /// Fills the host's record, the descriptors of hosts from `first` on, and all addresses.
  private func fillHosts(from first: Int) {
    // SAFETY: the block has room for the record, the descriptors and the addresses.
    let record = unsafe core.bytes(of: block).baseAddress.unsafelyUnwrapped
      .assumingMemoryBound(to: InstanceRecord.self)
    var host = unsafe InstanceRecord(number: 0)
    unsafe host.functionCount = UInt32(hosts.count)
    unsafe host.functions = unsafe space.hosts
    unsafe record.initialize(to: host)
    for index in first..<hosts.count {
      unsafe (space.hosts + index).initialize(
        to: FunctionDescriptor(
          code: nil, frameByteCount: 0, typeIdentifier: core.knownNumber(of: hosts[index].type),
          index: UInt32(index), instance: record, isReferenced: false))
    }
    for index in 0..<recordCapacity { unsafe records[index] = nil }
    unsafe records[0] = unsafe record
    for (index, instance) in space.instances.enumerated() {
      unsafe records[index + 1] = unsafe instance.record
    }
  }

  /// The interpreter's records by number, the host's first.
  var records: UnsafeMutablePointer<UnsafeMutablePointer<InstanceRecord>?> {
    // SAFETY: as in `fillHosts`.
    unsafe (core.bytes(of: block).baseAddress.unsafelyUnwrapped + Self.hostsOffset
      + hostCapacity * MemoryLayout<FunctionDescriptor>.stride)
      .assumingMemoryBound(to: UnsafeMutablePointer<InstanceRecord>?.self)
  }

  // MARK: Who is inside

  /// Lets a call in: the only one, or one inside of another on this thread, unless it is queued:
  /// its slices run when and where the executor likes.
  func enter(isQueued: Bool) throws(ModuleError) {
    let own = UInt32(System.threadNumber ?? 0)
    if !isQueued, own != 0, thread.load(ordering: .relaxed) == own {
      guard depth < ModuleLimits.nestedCallCountMax else {
        throw .nestedTooDeep(maximum: ModuleLimits.nestedCallCountMax)
      }
      depth += 1
      return
    }
    // pairs with leave
    guard isEntered.compareExchange(expected: 0, desired: 1, ordering: .acquiring).exchanged else {
      throw .busy(module.name)
    }
    depth = 1
  }

  /// Lets a call out.
  func leave() {
    depth -= 1
    if depth == 0 { isEntered.store(0, ordering: .releasing) }  // pairs with enter
  }

  /// Runs `body` as what the thread is inside of.
  func whileRunning<Result, Failure: Error>(
    until deadline: CallDeadline?, _ body: () throws(Failure) -> Result
  ) throws(Failure) -> Result {
    let outer = (thread: thread.load(ordering: .relaxed), deadline: self.deadline)
    thread.store(UInt32(System.threadNumber ?? 0), ordering: .relaxed)
    self.deadline = deadline
    defer {
      self.deadline = outer.deadline
      thread.store(outer.thread, ordering: .relaxed)
    }
    return try body()
  }
}

/// When a call has to be over.
struct CallDeadline {
  /// Of the monotonic clock.
  let time: Int64
  /// The limit that it follows from.
  let nanoseconds: UInt64

  init(_ nanoseconds: UInt64) {
    let (sum, overflow) = System.monotonicNanoseconds.addingReportingOverflow(
      Int64(clamping: nanoseconds))
    time = overflow ? .max : sum
    self.nanoseconds = nanoseconds
  }

  /// The earlier one.
  static func earlier(_ first: CallDeadline?, _ second: CallDeadline?) -> CallDeadline? {
    guard let first else { return second }
    guard let second else { return first }
    return second.time < first.time ? second : first
  }
}

extension ModuleLimits {
  /// Units of fuel of a slice, in each of which up to a whole function may be gone through.
  static func sliceFuel(functionWeight: Int) -> UInt64 {
    max(1, min(fuelPerSlice, UInt64(weightPerSlice / functionWeight)))
  }

  /// Refuses what no call can keep to.
  func check() throws(ModuleError) {
    guard addedModuleCount >= 0, addedModuleCount <= Self.linkedModuleCountMax else {
      throw .limitOutOfRange(
        value: addedModuleCount, minimum: 0, maximum: Self.linkedModuleCountMax)
    }
    guard callDepth >= Self.callDepthMin, callDepth <= Self.callDepthMax else {
      throw .limitOutOfRange(
        value: callDepth, minimum: Self.callDepthMin, maximum: Self.callDepthMax)
    }
    guard registerCount >= Self.registerCountMin, registerCount <= Self.registerCountMax else {
      throw .limitOutOfRange(
        value: registerCount, minimum: Self.registerCountMin, maximum: Self.registerCountMax)
    }
  }
}
