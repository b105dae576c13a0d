// MisplacedSegment.swift — an active segment for which no instance has room.
// Hosted. Imports NovaBytecode.

import NovaBytecode

/// An active segment that does not fit its memory or table, whoever instantiates the module.
public struct MisplacedSegment: Equatable, Sendable {
  /// `.data` or `.element`.
  public var kind: SymbolKind
  /// Which segment of its kind.
  public var index: Int
  /// Behind its last byte or element.
  public var end: UInt64
  /// The memory or table.
  public var target: Int
  /// The most bytes or elements that are there when segments are put in their place.
  public var room: UInt64
  /// Whether the memory or table is imported.
  public var isImported: Bool

  /// What is wrong and what to do about it, as a sentence without an end.
  public var text: String {
    let (unit, place) = kind == .data ? ("byte", "memory") : ("element", "table")
    return "\(kind.noun) \(index) needs \(counted(Int(end), unit)), and \(place) \(target) "
      + "\(isImported ? "has at most" : "begins with") \(counted(Int(room), unit)); move the "
      + "segment, or declare a larger \(place)"
  }
}

extension ModuleFile {
  /// The first segment that fits in no instance; nil where there is none, or the bytes are no
  /// module.
  public var misplacedSegment: MisplacedSegment? {
    (try? withView { $0.misplacedData ?? $0.misplacedElements }) ?? nil
  }
}

extension ModuleView {
  fileprivate var misplacedData: MisplacedSegment? {
    for index in 0..<dataSegments.count {
      let entry = dataSegments[index]
      let target = Int(entry.memoryIndex)
      guard entry.mode == SegmentMode.active.rawValue, let offset = known(entry.offset) else {
        continue
      }
      let isImported = importIndex(.memory, target) != nil
      let end = offset + UInt64(entry.bytes.count)
      guard let pages = room(memoryLimits(target), isImported), end > pages * pageByteCount else {
        continue
      }
      return MisplacedSegment(
        kind: .data, index: index, end: end, target: target, room: pages * pageByteCount,
        isImported: isImported)
    }
    return nil
  }

  fileprivate var misplacedElements: MisplacedSegment? {
    for index in 0..<elementSegments.count {
      let entry = elementSegments[index]
      let target = Int(entry.tableIndex)
      guard entry.mode == SegmentMode.active.rawValue, let offset = known(entry.offset) else {
        continue
      }
      let isImported = importIndex(.table, target) != nil
      let end = offset + UInt64(entry.items.count)
      guard let room = room(tableType(target).limits, isImported), end > room else { continue }
      return MisplacedSegment(
        kind: .element, index: index, end: end, target: target, room: room,
        isImported: isImported)
    }
    return nil
  }

  /// An offset that is a number.
  private func known(_ offset: Constant) -> UInt64? {
    guard offset.kind == ConstantKind.i32.rawValue else { return nil }
    return UInt64(UInt32(truncatingIfNeeded: offset.value))
  }

  /// Own memories and tables are as small as they may be then; of others only the most is known.
  private func room(_ limits: SizeLimits, _ isImported: Bool) -> UInt64? {
    guard isImported else { return limits.minimum }
    return limits.maximum == SizeLimits.none ? nil : limits.maximum
  }

  /// WebAssembly's.
  private var pageByteCount: UInt64 { 65_536 }
}
