// HandlerTable.swift — fills a context's table for a way of running.
// Freestanding, no heap. Imports nothing. Design: NovaCore.docc/Interpreter.md.

/// A way of running that a context's table stands for.
///
/// What is off costs nothing: the other handlers do not ask.
public struct ExecutionMode: Equatable, Sendable {
  /// Whether taken branches, calls and bulk work are charged.
  public var isCharged: Bool
  /// Whether each instruction is shown to the host before it happens.
  public var isObserved: Bool

  /// The fastest unless told otherwise.
  public init(isCharged: Bool = false, isObserved: Bool = false) {
    self.isCharged = isCharged
    self.isObserved = isObserved
  }

  var rawValue: UInt64 { (isCharged ? 1 : 0) | (isObserved ? 2 : 0) }
}

/// The tables of handlers.
enum HandlerTable {
  /// Writes the table of `mode` at `ctx`.
  ///
  /// - Safety: `ctx` is a context's address.
  /// - Complexity: one store for each form of each operation.
  @unsafe static func fill(_ ctx: UInt, _ mode: ExecutionMode) {
    var index = 0
    while index < handlerExitList.count {
      // SAFETY: the header has room for all of them.
      unsafe UnsafeMutablePointer<Handler>(
        bitPattern: ctx &+ UInt(bitPattern: ContextLayout.exits &- index &* 8)
      ).unsafelyUnwrapped.pointee = handlerExitList[index]
      index &+= 1
    }
    index = 0
    while handlerNumbers[index] != handlersEnd {
      // What no module contains is not shown.
      let isShown =
        mode.isObserved && handlerNumbers[index] < InternalOperation.exit
        || mode.isObserved && handlerNumbers[index] > InternalOperation.exitInstance
      // SAFETY: numbers are below `handlerCount`, to which the context has room.
      unsafe put(ctx, handlerNumbers[index], isShown ? nova_exit_observed : handlerList[index])
      index &+= 1
    }
    guard mode.isCharged, !mode.isObserved else { return }
    index = 0
    while chargedHandlerNumbers[index] != handlersEnd {
      // SAFETY: as above.
      unsafe put(ctx, chargedHandlerNumbers[index], chargedHandlerList[index])
      index &+= 1
    }
  }

  @unsafe private static func put(_ ctx: UInt, _ number: UInt16, _ handler: Handler) {
    // SAFETY: promised by `fill`.
    unsafe UnsafeMutablePointer<Handler>(bitPattern: ctx &+ UInt(number) &* 8)
      .unsafelyUnwrapped.pointee = handler
  }

  /// The handler that does the operation, for a context that observes; nil when there is none.
  ///
  /// - Complexity: O(number of handlers); for observed runs, which are slow anyway.
  static func real(_ number: UInt16, isCharged: Bool) -> Handler? {
    var index = 0
    if isCharged {
      while chargedHandlerNumbers[index] != handlersEnd {
        if chargedHandlerNumbers[index] == number { return chargedHandlerList[index] }
        index &+= 1
      }
    }
    index = 0
    while handlerNumbers[index] != handlersEnd {
      if handlerNumbers[index] == number { return handlerList[index] }
      index &+= 1
    }
    return nil
  }
}
