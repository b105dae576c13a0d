// Arena+Alias.swift — another name for an arena, for parts of a runtime that its owner outlives.
// Freestanding. Imports nothing. Design: NovaCore.docc/Memory.md.

extension Arena {
  /// The same arena by a name that does not own it: its end changes nothing.
  ///
  /// This arena must outlive the other name, and whatever was made in it by it.
  package borrowing func alias() -> Arena { Arena(aliasing: store) }
}
