// Worker+ParallelFor.swift — a loop over a range, split as far as workers have time for it.
// Freestanding. Imports nothing. Design: NovaCore.docc/Executor.md.
// Source: Tzannes, Caragea, Barua & Vishkin, "Lazy Binary-Splitting: A Run-Time Adaptive
// Work-Stealing Scheduler" (PPoPP 2010).

extension Worker {
  /// Calls `body` for each index of a range, in any order, perhaps at the same time.
  ///
  /// Half of what is left is offered to other workers whenever nothing is offered, after each
  /// `grain` calls: the pieces become as small as others have time, and no smaller.
  ///
  /// - Parameters:
  ///   - range: the indices.
  ///   - grain: calls that are made in a row at least; 1 or more. Some microseconds' worth.
  ///   - body: is called once for each index, unless one throws.
  /// - Throws: of what calls threw, that for the lowest index; indices after it may have been left
  ///   out.
  @inlinable
  public borrowing func parallelFor<Failure: Error>(
    _ range: Range<Int>, grain: Int = 1, _ body: @Sendable (Int) throws(Failure) -> Void
  ) throws(Failure) {
    try parallelForRanges(range, grain: grain) { (part) throws(Failure) in
      var index = part.lowerBound
      while index < part.upperBound {
        try body(index)
        index &+= 1
      }
    }
  }

  /// Calls `body` for parts of a range, as `parallelFor`.
  ///
  /// - Parameters:
  ///   - range: the indices.
  ///   - grain: indices of a part, but for the last ones; 1 or more.
  ///   - body: is called for parts that together are the range.
  /// - Throws: of what calls threw, that for the lowest part.
  @inlinable
  public borrowing func parallelForRanges<Failure: Error>(
    _ range: Range<Int>, grain: Int, _ body: @Sendable (Range<Int>) throws(Failure) -> Void
  ) throws(Failure) {
    precondition(grain > 0, "a loop's grain is at least 1")
    var lower = range.lowerBound
    let upper = range.upperBound
    while upper - lower > grain {
      if reference.isOfferingNothing {
        let middle = lower + (upper - lower) / 2
        let left = lower..<middle
        _ = try join(
          { (worker) throws(Failure) in
            try worker.parallelForRanges(left, grain: grain, body)
          },
          { (worker) throws(Failure) in
            try worker.parallelForRanges(middle..<upper, grain: grain, body)
          })
        return
      }
      try body(lower..<(lower + grain))
      lower += grain
    }
    if lower < upper { try body(lower..<upper) }
  }
}

extension WorkerReference {
  /// Whether others would find nothing here.
  @inlinable
  var isOfferingNothing: Bool {
    !isOutside && deque.privateCount == 0 && deque.publicCount == 0
  }
}
