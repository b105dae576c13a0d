// ModuleFunction+Calls.swift — calling typed functions, for each count of parameters.
// Freestanding. Imports nothing. Design: NovaCore.docc/Modules.md.

extension ModuleFunction {
  /// Calls the function.
  ///
  /// - Returns: its results.
  /// - Throws: `ModuleFailure.trapped`, or `.refused` when another thread is inside of the
  ///   instance, or calls are too deep inside of each other.
  @inlinable public func callAsFunction<R: ModuleResults>() throws(ModuleFailure) -> R
  where Signature == (() -> R) {
    try result([])
  }

  /// Calls the function, as the first, with 0 arguments and without results.
  @inlinable public func callAsFunction() throws(ModuleFailure) where Signature == (() -> Void) {
    _ = try call([])
  }

  /// Calls the function, as the first, with 1 argument.
  @inlinable public func callAsFunction<A: ModuleRepresentable, R: ModuleResults>(
    _ a: A
  ) throws(ModuleFailure) -> R
  where Signature == ((A) -> R) {
    try result([a.moduleBits])
  }

  /// Calls the function, as the first, with 1 argument and without results.
  @inlinable public func callAsFunction<A: ModuleRepresentable>(
    _ a: A
  ) throws(ModuleFailure)
  where Signature == ((A) -> Void) {
    _ = try call([a.moduleBits])
  }

  /// Calls the function, as the first, with 2 arguments.
  @inlinable
  public func callAsFunction<
    A: ModuleRepresentable, B: ModuleRepresentable, R: ModuleResults
  >(
    _ a: A, _ b: B
  ) throws(ModuleFailure) -> R
  where Signature == ((A, B) -> R) {
    try result([a.moduleBits, b.moduleBits])
  }

  /// Calls the function, as the first, with 2 arguments and without results.
  @inlinable public func callAsFunction<A: ModuleRepresentable, B: ModuleRepresentable>(
    _ a: A, _ b: B
  ) throws(ModuleFailure)
  where Signature == ((A, B) -> Void) {
    _ = try call([a.moduleBits, b.moduleBits])
  }

  /// Calls the function, as the first, with 3 arguments.
  @inlinable
  public func callAsFunction<
    A: ModuleRepresentable, B: ModuleRepresentable, C: ModuleRepresentable, R: ModuleResults
  >(
    _ a: A, _ b: B, _ c: C
  ) throws(ModuleFailure) -> R
  where Signature == ((A, B, C) -> R) {
    try result([a.moduleBits, b.moduleBits, c.moduleBits])
  }

  /// Calls the function, as the first, with 3 arguments and without results.
  @inlinable
  public func callAsFunction<
    A: ModuleRepresentable, B: ModuleRepresentable, C: ModuleRepresentable
  >(
    _ a: A, _ b: B, _ c: C
  ) throws(ModuleFailure)
  where Signature == ((A, B, C) -> Void) {
    _ = try call([a.moduleBits, b.moduleBits, c.moduleBits])
  }

  /// Calls the function, as the first, with 4 arguments.
  @inlinable
  public func callAsFunction<
    A: ModuleRepresentable, B: ModuleRepresentable, C: ModuleRepresentable, D: ModuleRepresentable,
    R: ModuleResults
  >(
    _ a: A, _ b: B, _ c: C, _ d: D
  ) throws(ModuleFailure) -> R
  where Signature == ((A, B, C, D) -> R) {
    try result([a.moduleBits, b.moduleBits, c.moduleBits, d.moduleBits])
  }

  /// Calls the function, as the first, with 4 arguments and without results.
  @inlinable
  public func callAsFunction<
    A: ModuleRepresentable, B: ModuleRepresentable, C: ModuleRepresentable, D: ModuleRepresentable
  >(
    _ a: A, _ b: B, _ c: C, _ d: D
  ) throws(ModuleFailure)
  where Signature == ((A, B, C, D) -> Void) {
    _ = try call([a.moduleBits, b.moduleBits, c.moduleBits, d.moduleBits])
  }

  /// Calls the function, as the first, with 5 arguments.
  @inlinable
  public func callAsFunction<
    A: ModuleRepresentable, B: ModuleRepresentable, C: ModuleRepresentable, D: ModuleRepresentable,
    E: ModuleRepresentable, R: ModuleResults
  >(
    _ a: A, _ b: B, _ c: C, _ d: D, _ e: E
  ) throws(ModuleFailure) -> R
  where Signature == ((A, B, C, D, E) -> R) {
    try result([a.moduleBits, b.moduleBits, c.moduleBits, d.moduleBits, e.moduleBits])
  }

  /// Calls the function, as the first, with 5 arguments and without results.
  @inlinable
  public func callAsFunction<
    A: ModuleRepresentable, B: ModuleRepresentable, C: ModuleRepresentable, D: ModuleRepresentable,
    E: ModuleRepresentable
  >(
    _ a: A, _ b: B, _ c: C, _ d: D, _ e: E
  ) throws(ModuleFailure)
  where Signature == ((A, B, C, D, E) -> Void) {
    _ = try call([a.moduleBits, b.moduleBits, c.moduleBits, d.moduleBits, e.moduleBits])
  }

  /// Calls the function, as the first, with 6 arguments.
  @inlinable
  public func callAsFunction<
    A: ModuleRepresentable, B: ModuleRepresentable, C: ModuleRepresentable, D: ModuleRepresentable,
    E: ModuleRepresentable, F: ModuleRepresentable, R: ModuleResults
  >(
    _ a: A, _ b: B, _ c: C, _ d: D, _ e: E, _ f: F
  ) throws(ModuleFailure) -> R
  where Signature == ((A, B, C, D, E, F) -> R) {
    try result([a.moduleBits, b.moduleBits, c.moduleBits, d.moduleBits, e.moduleBits, f.moduleBits])
  }

  /// Calls the function, as the first, with 6 arguments and without results.
  @inlinable
  public func callAsFunction<
    A: ModuleRepresentable, B: ModuleRepresentable, C: ModuleRepresentable, D: ModuleRepresentable,
    E: ModuleRepresentable, F: ModuleRepresentable
  >(
    _ a: A, _ b: B, _ c: C, _ d: D, _ e: E, _ f: F
  ) throws(ModuleFailure)
  where Signature == ((A, B, C, D, E, F) -> Void) {
    _ = try call([
      a.moduleBits, b.moduleBits, c.moduleBits, d.moduleBits, e.moduleBits, f.moduleBits,
    ])
  }

  /// Calls the function, as the first, with 7 arguments.
  @inlinable
  public func callAsFunction<
    A: ModuleRepresentable, B: ModuleRepresentable, C: ModuleRepresentable, D: ModuleRepresentable,
    E: ModuleRepresentable, F: ModuleRepresentable, G: ModuleRepresentable, R: ModuleResults
  >(
    _ a: A, _ b: B, _ c: C, _ d: D, _ e: E, _ f: F, _ g: G
  ) throws(ModuleFailure) -> R
  where Signature == ((A, B, C, D, E, F, G) -> R) {
    try result([
      a.moduleBits, b.moduleBits, c.moduleBits, d.moduleBits, e.moduleBits, f.moduleBits,
      g.moduleBits,
    ])
  }

  /// Calls the function, as the first, with 7 arguments and without results.
  @inlinable
  public func callAsFunction<
    A: ModuleRepresentable, B: ModuleRepresentable, C: ModuleRepresentable, D: ModuleRepresentable,
    E: ModuleRepresentable, F: ModuleRepresentable, G: ModuleRepresentable
  >(
    _ a: A, _ b: B, _ c: C, _ d: D, _ e: E, _ f: F, _ g: G
  ) throws(ModuleFailure)
  where Signature == ((A, B, C, D, E, F, G) -> Void) {
    _ = try call([
      a.moduleBits, b.moduleBits, c.moduleBits, d.moduleBits, e.moduleBits, f.moduleBits,
      g.moduleBits,
    ])
  }

  /// Calls the function, as the first, with 8 arguments.
  @inlinable
  public func callAsFunction<
    A: ModuleRepresentable, B: ModuleRepresentable, C: ModuleRepresentable, D: ModuleRepresentable,
    E: ModuleRepresentable, F: ModuleRepresentable, G: ModuleRepresentable, H: ModuleRepresentable,
    R: ModuleResults
  >(
    _ a: A, _ b: B, _ c: C, _ d: D, _ e: E, _ f: F, _ g: G, _ h: H
  ) throws(ModuleFailure) -> R
  where Signature == ((A, B, C, D, E, F, G, H) -> R) {
    try result([
      a.moduleBits, b.moduleBits, c.moduleBits, d.moduleBits, e.moduleBits, f.moduleBits,
      g.moduleBits, h.moduleBits,
    ])
  }

  /// Calls the function, as the first, with 8 arguments and without results.
  @inlinable
  public func callAsFunction<
    A: ModuleRepresentable, B: ModuleRepresentable, C: ModuleRepresentable, D: ModuleRepresentable,
    E: ModuleRepresentable, F: ModuleRepresentable, G: ModuleRepresentable, H: ModuleRepresentable
  >(
    _ a: A, _ b: B, _ c: C, _ d: D, _ e: E, _ f: F, _ g: G, _ h: H
  ) throws(ModuleFailure)
  where Signature == ((A, B, C, D, E, F, G, H) -> Void) {
    _ = try call([
      a.moduleBits, b.moduleBits, c.moduleBits, d.moduleBits, e.moduleBits, f.moduleBits,
      g.moduleBits, h.moduleBits,
    ])
  }
}
