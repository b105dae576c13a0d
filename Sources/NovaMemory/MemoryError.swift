// MemoryError.swift — why memory was refused.
// Freestanding. Imports NovaSystem. Design: NovaCore.docc/Memory.md.

import NovaSystem

/// Why memory was refused; nothing has changed but a count of failures.
public enum MemoryError: Error, Equatable, Sendable {
  /// No free block holds `requested` bytes; the largest holds `available` of the `capacity`.
  case capacityExceeded(requested: Int, available: Int, capacity: Int)
  /// The alignment is no power of two, or above `maximum`.
  case alignmentOutOfRange(alignment: Int, maximum: Int)
  /// The size is outside of `minimum … maximum`.
  case byteCountOutOfRange(byteCount: Int, minimum: Int, maximum: Int)
  /// What the handle named was released, or rewound; its slot is at generation `current` now.
  case staleHandle(MemoryHandle, current: Int)
  /// The handle's last reference was released before.
  case doubleRelease(MemoryHandle)
  /// The contract has never given the handle out.
  case forgedHandle(MemoryHandle)
  /// The handle belongs to another contract.
  case foreignHandle(MemoryHandle, contract: Int)
  /// The handle has the most references that can be counted.
  case overRetain(MemoryHandle, maximum: Int)
  /// Every slot that a table can have is in use or retired.
  case slotsExhausted(maximum: Int)
  /// Every contract number of the process is in use or retired.
  case contractsExhausted(maximum: Int)
  /// As many checkpoints are open as can be.
  case checkpointsExhausted(maximum: Int)
  /// The checkpoint is not the innermost of those open, but number `depth` of `open`.
  case checkpointOutOfOrder(depth: Int, open: Int)
  /// The checkpoint was rewound or committed before, or is another contract's.
  case checkpointClosed(depth: Int)
  /// `failAllocation(at:)` asked for it: this was allocation `number` since.
  case injected(number: Int)
  /// The system refused the pages.
  case system(SystemError)
}
