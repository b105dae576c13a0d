// ShortJoinsTests.swift — when a thief leaves the others alone.

import Testing

@testable import NovaConcurrency

@Suite struct ShortJoinsTests {
  @Test func `many short halves in a row are many, and a long one ends the row`() {
    var joins = ShortJoins()
    for _ in 1..<ShortJoins.countMax { joins.add(nanoseconds: ShortJoins.nanosecondsMin - 1) }
    #expect(!joins.areMany)
    joins.add(nanoseconds: 0)
    #expect(joins.areMany)
    joins.add(nanoseconds: ShortJoins.nanosecondsMin)
    #expect(!joins.areMany)
  }
}
