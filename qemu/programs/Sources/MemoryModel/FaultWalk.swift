// FaultWalk.swift — a program of many allocations, run with the first failing, the second, …
// Hosted and freestanding. Imports NovaCore.

import NovaCore

/// A walk over every allocation of a program.
public enum FaultWalk {
  /// How a walk ended.
  public struct Outcome {
    /// The first promise that did not hold.
    public var failure: StaticString?
    /// How many allocations the program makes, each of which failed once.
    public var allocationCount: Int
  }

  static let allocationCountMax = 10_000

  /// Lets allocation 1 fail, then 2, … until a run ends without a failure.
  ///
  /// `check` is called after each run, with nothing lent.
  public static func run(
    byteCount: Int, _ check: (borrowing Arena) -> Void
  ) throws(MemoryError) -> Outcome {
    let arena = try Arena(byteCount: byteCount)
    var number = 1
    while number < allocationCountMax {
      let before = arena.stats
      arena.failAllocation(at: number)
      var program = Program()
      var injected: MemoryError?
      do throws(MemoryError) {
        try program.run(arena)
      } catch {
        injected = error
      }
      program.end(arena)
      arena.failAllocation(at: nil)
      check(arena)
      let after = arena.stats
      guard after.liveByteCount == before.liveByteCount, after.liveCount == before.liveCount,
        after.addressedCount == before.addressedCount
      else { return Outcome(failure: "a failed run leaks nothing", allocationCount: number) }
      guard program.failure == nil else {
        return Outcome(failure: program.failure, allocationCount: number)
      }
      guard let injected else {
        return after.failureCount == before.failureCount
          ? Outcome(failure: nil, allocationCount: number - 1)
          : Outcome(failure: "a failure is reported", allocationCount: number)
      }
      guard injected == .injected(number: number), after.failureCount == before.failureCount + 1
      else { return Outcome(failure: "a failure says which it is", allocationCount: number) }
      number += 1
    }
    return Outcome(failure: "a walk comes to its end", allocationCount: number)
  }

  /// What is run: a list of records, a table that grows, a child, a checkpoint, blocks by address.
  private struct Program {
    private var handles: [MemoryHandle] = []
    var failure: StaticString?

    mutating func run(_ memory: borrowing Arena) throws(MemoryError) {
      // A list: each record names the one before.
      var last = MemoryHandle(rawValue: 0)
      for _ in 0..<40 {
        last = try memory.allocateArc(last.rawValue)
        handles.append(last)
      }
      // A table that is copied to twice its size.
      var byteCount = 32
      while byteCount <= 16384 {
        let grown = try memory.allocateArc(byteCount: byteCount, alignment: 64)
        handles.append(grown)
        try memory.store(UInt64(byteCount), to: grown)
        byteCount *= 2
      }
      try memory.retain(last)
      try memory.release(last)
      try runChild(memory)
      try runCheckpoint(memory)
      try runAddresses(memory)
      let first = try memory.load(UInt64.self, from: handles[1])
      if first != handles[0].rawValue { failure = "what was lent before a failure stays" }
    }

    private mutating func runChild(_ memory: borrowing Arena) throws(MemoryError) {
      let child = try memory.makeChild(byteCount: 32768)
      let before = child.stats
      for number in 1...12 {
        child.failAllocation(at: number)
        for step in 0..<12 {
          do throws(MemoryError) {
            let handle = try child.allocateArc(byteCount: step * 100)
            try child.release(handle)
            if step + 1 == number { failure = "a child's failure is injected" }
          } catch {
            if error != .injected(number: number) { failure = "a child says which failed" }
          }
        }
      }
      if child.stats.liveCount != before.liveCount { failure = "a child's failures leak nothing" }
      if child.stats.failureCount != 12 { failure = "a child counts its failures" }
      handles.append(try memory.allocateArc(byteCount: 100))
      if !child.destroy().isEmpty { failure = "a child's end finds nothing" }
    }

    private mutating func runCheckpoint(_ memory: borrowing Arena) throws(MemoryError) {
      let checkpoint = try memory.checkpoint()
      do throws(MemoryError) {
        for step in 0..<20 { _ = try memory.allocateArc(byteCount: step * 300) }
      } catch {
        // What a failure interrupts is wound back, as its user would.
        try memory.rewind(to: checkpoint)
        throw error
      }
      try memory.rewind(to: checkpoint)
    }

    private func runAddresses(_ memory: borrowing Arena) throws(MemoryError) {
      let first = try unsafe memory.allocate(byteCount: 1000, alignment: 128)
      let second: UnsafeMutableRawPointer
      do throws(MemoryError) {
        unsafe second = try memory.allocate(byteCount: 50, alignment: 16)
      } catch {
        // SAFETY: nobody uses what is released.
        unsafe memory.release(first)
        throw error
      }
      unsafe memory.release(second)
      unsafe memory.release(first)
    }

    /// Gives back whatever the run had come to.
    mutating func end(_ memory: borrowing Arena) {
      while let handle = handles.popLast() {
        do throws(MemoryError) {
          try memory.release(handle)
        } catch {
          failure = "what was lent before a failure can be released"
        }
      }
    }
  }
}
