// Divergence.swift — finds the first instruction or data access in which two runs differ.
// Hosted. Both runs are repeated while the plug-in records what they do, entry by entry.

/// A place in a program's trace.
public struct TracePlace: Sendable, Equatable {
  /// Instructions from `main` before this one.
  public var instructionNumber: UInt64
  /// Where the instruction stands.
  public var programCounter: UInt64
  /// The data that it accesses; null when the instructions themselves differ.
  public var accessedAddress: UInt64?
  /// The function that the instruction belongs to, mangled; null in a stripped file.
  public var symbol: String?
  /// Bytes from the function's beginning.
  public var offsetBytes: UInt64
}

/// The first difference between two traces.
public struct Divergence: Sendable, Equatable {
  /// What differs.
  public enum Kind: String, Sendable {
    /// Which instruction is executed.
    case instruction
    /// Which address an instruction accesses; all instructions are the same.
    case access
  }

  /// What differs first.
  public var kind: Kind
  /// The last place that both runs share: before an instruction, the branch that differs.
  public var last: TracePlace?
  /// Null where this run has ended already.
  public var left: TracePlace?
  /// Null where this run has ended already.
  public var right: TracePlace?
}

extension QemuProbe {
  /// Instructions or accesses that are recorded at once.
  static let windowCountMax = 1 << 20
  /// Windows that are looked at; each next one starts at the first checkpoint that differs.
  static let windowCountOfSearchMax = 64

  /// Finds the first difference between the traces of two runs.
  ///
  /// The runs are repeated: a program that depends on the time may differ elsewhere than before.
  ///
  /// - Returns: null when both runs execute the same instructions on the same addresses.
  /// - Throws: `ProbeError` as `observe` does.
  public func divergence(
    between left: Perturbation, and right: Perturbation
  ) throws(ProbeError) -> Divergence? {
    if let found = try search(.programCounter, left, right) { return found }
    return plugIn == nil ? nil : try search(.access, left, right)
  }

  private func search(
    _ kind: TraceWindow.Kind, _ left: Perturbation, _ right: Perturbation
  ) throws(ProbeError) -> Divergence? {
    let scratch = try ScratchFolder(in: scratchFolder)
    var first: UInt64 = 0
    for _ in 0..<Self.windowCountOfSearchMax {
      let window = TraceWindow(kind: kind, first: first, count: Self.windowCountMax)
      let one = try placed(for: left, scratch).runForTrace(left, scratch, window: window)
      let other = try placed(for: right, scratch).runForTrace(right, scratch, window: window)
      if let found = difference(kind, one.window, other.window) { return found }
      let next = first + UInt64(one.window.count)
      if one.window.count < Self.windowCountMax { return nil }
      let common = Self.lastCommonCheckpoint(one.instructions, other.instructions)
      first = kind == .access ? next : max(next, common)
      // The last common instruction belongs into the window.
      if first > next { first -= 1 }
    }
    return nil
  }

  /// The largest instruction number up to which two traces are known to be equal.
  static func lastCommonCheckpoint(_ left: InstructionTrace, _ right: InstructionTrace) -> UInt64 {
    let interval = max(left.checkpointInterval, right.checkpointInterval)
    let mine = left.checkpoints(every: interval)
    let others = right.checkpoints(every: interval)
    var last: UInt64 = 0
    for (one, other) in zip(mine, others) {
      if one != other { break }
      last += interval
    }
    return last
  }

  private func difference(
    _ kind: TraceWindow.Kind, _ left: [TracedPlace], _ right: [TracedPlace]
  ) -> Divergence? {
    let count = min(left.count, right.count)
    let index = (0..<count).first { left[$0] != right[$0] } ?? count
    if index == count && left.count == right.count { return nil }
    func place(_ places: [TracedPlace], _ index: Int) -> TracePlace? {
      guard places.indices.contains(index) else { return nil }
      let traced = places[index]
      let symbol = image.symbol(at: traced.programCounter)
      return TracePlace(
        instructionNumber: traced.instructionNumber, programCounter: traced.programCounter,
        accessedAddress: kind == .access ? traced.address : nil, symbol: symbol?.name,
        offsetBytes: symbol.map { traced.programCounter - $0.address } ?? 0)
    }
    return Divergence(
      kind: kind == .access ? .access : .instruction, last: place(left, index - 1),
      left: place(left, index), right: place(right, index))
  }
}
