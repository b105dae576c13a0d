// ClosureBody.swift — what a task record runs: a closure, as the two words that it is passed as.
// Freestanding. Imports nothing. Design: NovaCore.docc/Executor.md.

/// What runs a record: `(record, worker)`, the addresses of a `TaskRecord` and a worker's state.
@usableFromInline
typealias RecordBody = (UnsafeMutableRawPointer, UnsafeMutableRawPointer) -> Void

/// The words of a closure, which are good as long as the closure exists; NovaClosure implements it.
@_silgen_name("nova_closure_words")
@usableFromInline
func closureWords(_ body: RecordBody) -> (UInt, UInt)

/// Calls the closure that the words are of; NovaClosure implements it.
@_silgen_name("nova_closure_call")
@usableFromInline
func closureCall(
  _ record: UnsafeMutableRawPointer, _ worker: UnsafeMutableRawPointer, _ code: UInt,
  _ context: UInt)

/// A closure that a record owns.
///
/// A struct of its own, so that in memory it is the two words as they are called, not a wrapper for
/// generic code. Where the compiler has specialised the code that makes it, it captures nothing and
/// its context is 0; in a debug build it may own the types' descriptions.
@safe
@frozen
@usableFromInline
struct OwnedBody {
  @usableFromInline let body: RecordBody

  // SAFETY: whoever calls the body has the addresses that it expects.
  @inlinable
  init(_ body: @escaping RecordBody) { unsafe self.body = body }
}
