// ClosureWords.swift — a closure that does not escape as two words, without an allocation.
// Freestanding. Imports nothing. Design: NovaCore.docc/Executor.md.
//
// NovaConcurrency declares the same symbols with the closure where the words are here, and the
// words where the closure is: Swift passes a closure as the address of its code and of its captured
// values. Nobody imports this room, so that no compilation sees both declarations of a symbol; the
// linker joins them.

/// Takes a closure apart: declared there as `(body) -> (code, context)`.
@_silgen_name("nova_closure_words")
public func closureWords(_ code: UInt, _ context: UInt) -> (UInt, UInt) {
  (code, context)
}

/// Calls a closure that was taken apart: declared there as `(record, worker, code, context)`.
///
/// - Safety: the words must be a closure's whose captured values still exist.
@unsafe
@_silgen_name("nova_closure_call")
public func closureCall(
  _ record: UnsafeMutableRawPointer, _ worker: UnsafeMutableRawPointer,
  _ body: (UnsafeMutableRawPointer, UnsafeMutableRawPointer) -> Void
) {
  unsafe body(record, worker)
}
