// Parking+Search.swift — how a worker without a task comes by one, or sleeps.
// Freestanding. Imports nothing. Design: NovaCore.docc/WorkStealing.md.

extension Parking {
  /// Looks for a task, sleeping if need be, until there is one or `isOver` says so.
  ///
  /// - Parameters:
  ///   - searcherMax: how many workers may look at once; half of them, at least one.
  ///   - look: looks for a task everywhere; 0 without one.
  ///   - isOver: asked in one order with whoever makes it true and calls `notifyAll` then.
  ///   - seesWork: whether there is anything, in one order with whoever makes it and calls
  ///     `notify` then.
  ///   - willSleep: called before each announcement.
  ///   - sleeps: called with true before each sleep and with false after it.
  /// - Returns: what `look` found, or 0 when it is over.
  @inlinable
  public func search(
    searcherMax: Int, look: () -> UInt, isOver: () -> Bool, seesWork: () -> Bool,
    willSleep: () -> Void = {}, sleeps: (Bool) -> Void = { _ in }
  ) -> UInt {
    var searching = beginSearch(searcherMax: searcherMax)
    while true {
      if searching {
        var pause = SearchPause()
        repeat {
          let found = isOver() ? nil : look()
          if found != 0 {
            endSearch()
            return found ?? 0
          }
        } while pause.wait()
      }
      willSleep()
      let epoch = announce(searching: searching)
      if isOver() || seesWork() {
        cancel()
      } else {
        sleeps(true)
        sleep(since: epoch, timeoutNanoseconds: -1)
        sleeps(false)
      }
      searching = true
    }
  }
}

/// How long a worker that finds nothing keeps looking before it announces its sleep.
///
/// Each pause is twice as long as the one before: a thief that looks without pause takes the cache
/// line of its victims at each look, and slows them down.
@frozen
public struct SearchPause {
  @usableFromInline var round: UInt32 = 0

  /// The first pause is the shortest.
  @inlinable
  public init() {}

  /// Pauses.
  ///
  /// - Returns: false, at once, when it is time to sleep.
  @inlinable
  public mutating func wait() -> Bool {
    if round == pauseCountMax { return false }
    var left = 1 << round
    while left != 0 {
      pauseProcessor()
      left &-= 1
    }
    round &+= 1
    return true
  }
}
