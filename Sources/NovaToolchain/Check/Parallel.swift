// Parallel.swift — a list of jobs on a few threads, results in the jobs' order.
// Hosted. Imports Glibc: the concurrency runtime would cost every start of `nova` its loading.

import Glibc
import Synchronization

/// Runs jobs a few at a time.
struct ParallelJobs<Result: Sendable, Failure: Error>: Sendable {
  /// Threads, 1 … 64.
  static var threadCountMax: Int { 64 }

  let jobCount: Int
  let job: @Sendable (Int) throws(Failure) -> Result
  /// Told the number of each finished job, one call at a time, on whichever thread finished it.
  let finished: @Sendable (Int) -> Void

  /// Runs all jobs and waits for them.
  ///
  /// - Throws: the first failure; jobs that were not begun by then are not begun.
  func run(threadCount: Int) throws(Failure) -> [Result] {
    let work = Work(self)
    var threads: [pthread_t] = []
    for _ in 1..<min(max(1, threadCount), Self.threadCountMax, max(1, jobCount)) {
      var thread = pthread_t()
      let retained = unsafe Unmanaged.passRetained(work as AnyWork).toOpaque()
      // SAFETY: the thread takes over the reference that was just retained.
      let error = unsafe pthread_create(
        &thread, nil,
        { argument in
          guard let argument = unsafe argument else { return nil }
          unsafe Unmanaged<AnyWork>.fromOpaque(argument).takeRetainedValue().runAll()
          return nil
        }, retained)
      guard error == 0 else {
        // Fewer threads than wanted: the others do its share.
        unsafe Unmanaged<AnyWork>.fromOpaque(retained).release()
        break
      }
      threads.append(thread)
    }
    work.runAll()
    // SAFETY: each thread was created above and is joined once.
    for thread in threads { pthread_join(thread, nil) }
    return try work.results()
  }

  /// What the threads share.
  private final class Work: AnyWork, @unchecked Sendable {
    private struct State {
      var next = 0
      var results: [Result?]
      var failure: Failure?
    }

    private let jobs: ParallelJobs
    private let state: Mutex<State>

    init(_ jobs: ParallelJobs) {
      self.jobs = jobs
      state = Mutex(State(results: Array(repeating: nil, count: jobs.jobCount)))
    }

    override func runAll() {
      while let index = take() {
        do throws(Failure) {
          let result = try jobs.job(index)
          state.withLock { state in
            state.results[index] = result
            jobs.finished(index)
          }
        } catch {
          state.withLock { $0.failure = $0.failure ?? error }
        }
      }
    }

    private func take() -> Int? {
      state.withLock { state in
        guard state.failure == nil, state.next < jobs.jobCount else { return nil }
        defer { state.next += 1 }
        return state.next
      }
    }

    func results() throws(Failure) -> [Result] {
      let (failure, results) = state.withLock { ($0.failure, $0.results) }
      if let failure { throw failure }
      return results.compactMap { $0 }
    }
  }
}

/// What a thread's argument points at: a generic class cannot be named in a C function.
private class AnyWork {
  func runAll() {}
}
