// FaultTests.swift — a runtime's parts when memory is refused to them: reported, and nothing stays.

import NovaConcurrency
import NovaMemory
import Testing

@testable import NovaCore

@Suite struct FaultTests {
  /// Work with a block beside its record.
  private struct Large: TaskWork {
    let words: InlineArray<32, Int>
    func run(on worker: borrowing Worker) -> Int { words[31] }
  }

  @Test(arguments: [0, 2])
  func `whichever allocation of a runtime's parts fails, it is reported and nothing stays`(
    workerCount: Int
  ) throws {
    let arena = try Arena(byteCount: 8 << 20)
    var number = 1
    while true {
      arena.failAllocation(at: number)
      let error = refusal(arena, workerCount)
      arena.failAllocation(at: nil)
      let stats = arena.stats
      #expect(stats.liveCount == 0 && stats.liveByteCount == 0, "allocation \(number)")
      arena.checkInvariants()
      guard let error else { break }
      #expect(error == .injected(number: number))
      number += 1
    }
    // One for the drivers, three for the executor, one for the loop, one for the task.
    #expect(number == 7)
  }

  /// Makes the parts, uses them and ends them; why memory was refused to one.
  private func refusal(_ arena: borrowing Arena, _ workerCount: Int) -> MemoryError? {
    do {
      let registry = try DriverRegistry(memory: arena, grants: [])
      defer { unsafe registry.end() }
      let executor = try TaskExecutor(
        .init(workerCount: workerCount, taskCountMax: 256), memory: arena)
      defer {
        do {
          try executor.shutdown()
          try unsafe executor.release()
        } catch { Issue.record("\(error)") }
      }
      let loop = try RunLoop(memory: arena, clock: executor.clock)
      defer { unsafe loop.destroy(arena) }
      let sum = try executor.spawn(Large(words: .init(repeating: 3))).join()
      #expect(sum == 3)
      return nil
    } catch DriverError.memory(let error) {
      return error
    } catch ExecutorError.memory(let error) {
      return error
    } catch LoopError.memory(let error) {
      return error
    } catch {
      Issue.record("\(error)")
      return nil
    }
  }
}
