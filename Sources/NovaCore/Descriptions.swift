// Descriptions.swift — errors and counts in words, which needs the arena; rooms below have no heap.
// Freestanding. Imports NovaMemory, NovaSystem. Design: NovaCore.docc/Embedded.md.

import NovaMemory
import NovaSystem

extension BootstrapError: CustomStringConvertible {
  /// The error in English, without a line's end.
  public var description: String {
    switch self {
    case .belowMinimum(let field, let value, let minimum):
      "\(field) is \(value), below \(minimum)"
    case .aboveMaximum(let field, let value, let maximum):
      "\(field) is \(value), above \(maximum)"
    case .overflow(let field, let value):
      "\(field) is \(value), beyond a signed number"
    case .unknownPolicy(let field, let value):
      "\(field) is \(value), which is no policy"
    case .mainStackIsFixed(let field, let requested, let actual):
      "\(field) is \(requested), but the main stack was made with \(actual)"
    case .unknownGrants(let unknown):
      "driverGrants has unknown bits of value \(unknown)"
    case .grantsExceeded(let requested, let granted):
      "driverGrants is \(requested), but the process was granted \(granted)"
    case .policyIsFixed(let field, let requested, let actual):
      "\(field) is \(requested), but the process was started with \(actual)"
    case .memory(let error):
      "the runtime has no heap: \(error)"
    case .executor(let error):
      "the runtime has no executor: \(error)"
    case .loop(let error):
      "the runtime has no run loop: \(error)"
    case .drivers(let error):
      "the runtime has no drivers: \(error)"
    }
  }
}

extension RuntimeBootstrap.Field: CustomStringConvertible {
  /// The field's name, as `RuntimeBootstrap` spells it.
  public var description: String {
    switch self {
    case .stackByteCount: "stackByteCount"
    case .stackPolicy: "stackPolicy"
    case .initialWindowByteCount: "initialWindowByteCount"
    case .heapByteCount: "heapByteCount"
    case .workerCount: "workerCount"
    case .addressPolicy: "addressPolicy"
    case .entropyPolicy: "entropyPolicy"
    case .cpuPolicy: "cpuPolicy"
    }
  }
}

extension MemoryError: CustomStringConvertible {
  /// The error in English, without a line's end.
  public var description: String {
    switch self {
    case .capacityExceeded(let requested, let available, let capacity):
      "\(requested) bytes requested, the largest free block holds \(available) of \(capacity)"
    case .alignmentOutOfRange(let alignment, let maximum):
      "the alignment \(alignment) is no power of two up to \(maximum)"
    case .byteCountOutOfRange(let byteCount, let minimum, let maximum):
      "\(byteCount) bytes are not within \(minimum) to \(maximum)"
    case .staleHandle(let handle, let current):
      "\(handle) is stale: its slot is at generation \(current)"
    case .doubleRelease(let handle):
      "\(handle) was released before"
    case .forgedHandle(let handle):
      "\(handle) was never given out"
    case .foreignHandle(let handle, let contract):
      "\(handle) belongs to contract \(contract)"
    case .overRetain(let handle, let maximum):
      "\(handle) has \(maximum) references, which is the most"
    case .slotsExhausted(let maximum):
      "all \(maximum) slots are in use or retired"
    case .contractsExhausted(let maximum):
      "all \(maximum) contract numbers are in use or retired"
    case .checkpointsExhausted(let maximum):
      "all \(maximum) checkpoints are open"
    case .checkpointOutOfOrder(let depth, let open):
      "checkpoint \(depth) is not the innermost of \(open)"
    case .checkpointClosed(let depth):
      "checkpoint \(depth) was rewound or committed before"
    case .injected(let number):
      "allocation \(number) was asked to fail"
    case .system(let error):
      "\(error)"
    }
  }
}

extension MemoryHandle: CustomStringConvertible {
  /// Contract, slot and generation.
  public var description: String { "handle \(contract):\(slot):\(generation)" }
}

extension SystemError: CustomStringConvertible {
  /// The call and its errno, in words too where there are any, without a line's end.
  public var description: String {
    guard let summary else { return "the system refused \(call.name): errno \(errno)" }
    return "the system refused \(call.name): \(summary) (errno \(errno))"
  }
}

extension MemoryStats: CustomStringConvertible {
  /// All counts on one line, without its end.
  public var description: String {
    "\(liveByteCount) of \(capacity) bytes lent in \(liveCount) blocks, at most \(peakByteCount); "
      + "\(allocationCount) allocations, \(failureCount) refused"
  }
}
