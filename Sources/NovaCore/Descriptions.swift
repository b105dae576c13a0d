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
    case .system(let error):
      "\(error)"
    }
  }
}

extension SystemError: CustomStringConvertible {
  /// The call and its errno, without a line's end.
  public var description: String { "the system refused \(call.name): errno \(errno)" }
}

extension MemoryStats: CustomStringConvertible {
  /// All counts on one line, without its end.
  public var description: String {
    "\(liveByteCount) of \(capacity) bytes lent in \(liveCount) blocks, at most \(peakByteCount); "
      + "\(allocationCount) allocations, \(failureCount) refused"
  }
}
