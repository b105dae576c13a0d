// DescriptionTests.swift — errors and counts say in words what they hold; guests: `runtime`.

import NovaCore
import Testing

@Suite struct DescriptionTests {
  @Test(arguments: [
    (
      BootstrapError.belowMinimum(field: .stackByteCount, value: -1, minimum: 65536),
      "stackByteCount is -1, below 65536"
    ),
    (
      .aboveMaximum(field: .workerCount, value: 257, maximum: 256),
      "workerCount is 257, above 256"
    ),
    (
      .overflow(field: .heapByteCount, value: .max),
      "heapByteCount is 18446744073709551615, beyond a signed number"
    ),
    (
      .unknownPolicy(field: .cpuPolicy, value: 9),
      "cpuPolicy is 9, which is no policy"
    ),
    (
      .mainStackIsFixed(field: .initialWindowByteCount, requested: 0, actual: 4096),
      "initialWindowByteCount is 0, but the main stack was made with 4096"
    ),
    (
      .policyIsFixed(field: .entropyPolicy, requested: 1, actual: 0),
      "entropyPolicy is 1, but the process was started with 0"
    ),
    (
      .unknownGrants(unknown: 64),
      "driverGrants has unknown bits of value 64"
    ),
    (
      .grantsExceeded(requested: [.console, .entropy], granted: []),
      "driverGrants is console, entropy, but the process was granted none"
    ),
    (
      .drivers(.registryFull(driverCountMax: 64)),
      "the runtime has no drivers: there are 64 drivers, the most there can be"
    ),
    (
      .memory(.system(SystemError(call: .map, errno: 12))),
      "the runtime has no heap: the system refused map: there is no memory (errno 12)"
    ),
  ])
  func `a bootstrap's error says field, value and limit`(error: BootstrapError, text: String) {
    #expect("\(error)" == text)
  }

  @Test func `an arena's refusals and counts are in words`() throws {
    let arena = try Arena(byteCount: 65536)
    let stats = arena.stats
    let (lent, capacity) = (stats.liveByteCount, stats.capacity)
    #expect(
      "\(stats)"
        == "\(lent) of \(capacity) bytes lent in 0 blocks, at most \(lent); "
        + "0 allocations, 0 refused")
    do throws(MemoryError) {
      _ = try unsafe arena.allocate(byteCount: 1 << 20)
      Issue.record("more than the arena has was lent")
    } catch {
      #expect(
        "\(error)"
          == "1048576 bytes requested, the largest free block holds \(capacity - 8) of \(capacity)")
    }
    do throws(MemoryError) {
      _ = try unsafe arena.allocate(byteCount: 1, alignment: 3)
      Issue.record("an alignment of 3 was accepted")
    } catch {
      #expect("\(error)" == "the alignment 3 is no power of two up to 65536")
    }
    do throws(MemoryError) {
      _ = try Arena(byteCount: 1)
      Issue.record("an arena of 1 byte was made")
    } catch {
      #expect("\(error)" == "1 bytes are not within 16384 to 68719476736")
    }
    #expect("\(arena.stats)".hasSuffix("0 allocations, 1 refused"))
  }

  @Test func `a replay token is read as it is written`() {
    let token = ReplayToken(seed: .max, workerCount: 3)
    #expect(token.description == "seed=18446744073709551615,workers=3")
    #expect(ReplayToken(token.description) == token)
    for text in [
      "", "seed=,workers=1", "seed=1", "seed=1,workers=", "seed=1,workers=257", "seed=-1,workers=1",
      "seed=18446744073709551616,workers=1", "seed=1,workers=1 ",
    ] {
      #expect(ReplayToken(text) == nil, "\(text)")
    }
  }

  @Test func `a join says why it has no value`() {
    let failed = JoinError.failed(SystemError(call: .map, errno: 12))
    #expect("\(failed)".hasPrefix("the task failed: "))
    #expect(
      "\(JoinError<SystemError>.cancelled)" == "the task was cancelled before it began")
  }
}
