// ModuleFunction+Lookup.swift — looking up typed functions, for each count of parameters:
// Embedded Swift (6.3.1) compiles no parameter packs.
// Freestanding. Imports NovaBytecode. Design: NovaCore.docc/Modules.md.

import NovaBytecode

extension ModuleInstance {
  /// The exported function of a name as one of Swift, by the type of a function.
  ///
  ///     let add = try instance.function("add", as: ((Int32, Int32) -> Int32).self)
  ///     let sum = try add(2, 3)
  ///
  /// Functions of up to eight parameters are looked up so, each with and without results.
  ///
  /// - Parameters:
  ///   - name: an export's name.
  ///   - type: what is wanted; the function must have exactly this type.
  /// - Returns: what is called like a function, within the instance's limits.
  /// - Throws: `ModuleError.exportMissing`, `.exportMistyped` when it is no function, or
  ///   `.functionMistyped` with the types wanted and found.
  @inlinable public func function<R: ModuleResults>(
    _ name: ModuleName, as type: (() -> R).Type
  ) throws(ModuleError) -> ModuleFunction<() -> R> {
    try find(name, [], giving: R.self)
  }

  /// As the first, of 0 parameters and no result.
  @inlinable public func function(
    _ name: ModuleName, as type: (() -> Void).Type
  ) throws(ModuleError) -> ModuleFunction<() -> Void> {
    try find(name, [], [])
  }

  /// As the first, of 1 parameter.
  @inlinable public func function<A: ModuleRepresentable, R: ModuleResults>(
    _ name: ModuleName, as type: ((A) -> R).Type
  ) throws(ModuleError) -> ModuleFunction<(A) -> R> {
    try find(name, [A.moduleType], giving: R.self)
  }

  /// As the first, of 1 parameter and no result.
  @inlinable public func function<A: ModuleRepresentable>(
    _ name: ModuleName, as type: ((A) -> Void).Type
  ) throws(ModuleError) -> ModuleFunction<(A) -> Void> {
    try find(name, [A.moduleType], [])
  }

  /// As the first, of 2 parameters.
  @inlinable public func function<A: ModuleRepresentable, B: ModuleRepresentable, R: ModuleResults>(
    _ name: ModuleName, as type: ((A, B) -> R).Type
  ) throws(ModuleError) -> ModuleFunction<(A, B) -> R> {
    try find(name, [A.moduleType, B.moduleType], giving: R.self)
  }

  /// As the first, of 2 parameters and no result.
  @inlinable public func function<A: ModuleRepresentable, B: ModuleRepresentable>(
    _ name: ModuleName, as type: ((A, B) -> Void).Type
  ) throws(ModuleError) -> ModuleFunction<(A, B) -> Void> {
    try find(name, [A.moduleType, B.moduleType], [])
  }

  /// As the first, of 3 parameters.
  @inlinable
  public func function<
    A: ModuleRepresentable, B: ModuleRepresentable, C: ModuleRepresentable, R: ModuleResults
  >(
    _ name: ModuleName, as type: ((A, B, C) -> R).Type
  ) throws(ModuleError) -> ModuleFunction<(A, B, C) -> R> {
    try find(name, [A.moduleType, B.moduleType, C.moduleType], giving: R.self)
  }

  /// As the first, of 3 parameters and no result.
  @inlinable
  public func function<
    A: ModuleRepresentable, B: ModuleRepresentable, C: ModuleRepresentable
  >(
    _ name: ModuleName, as type: ((A, B, C) -> Void).Type
  ) throws(ModuleError) -> ModuleFunction<(A, B, C) -> Void> {
    try find(name, [A.moduleType, B.moduleType, C.moduleType], [])
  }

  /// As the first, of 4 parameters.
  @inlinable
  public func function<
    A: ModuleRepresentable, B: ModuleRepresentable, C: ModuleRepresentable, D: ModuleRepresentable,
    R: ModuleResults
  >(
    _ name: ModuleName, as type: ((A, B, C, D) -> R).Type
  ) throws(ModuleError) -> ModuleFunction<(A, B, C, D) -> R> {
    try find(name, [A.moduleType, B.moduleType, C.moduleType, D.moduleType], giving: R.self)
  }

  /// As the first, of 4 parameters and no result.
  @inlinable
  public func function<
    A: ModuleRepresentable, B: ModuleRepresentable, C: ModuleRepresentable, D: ModuleRepresentable
  >(
    _ name: ModuleName, as type: ((A, B, C, D) -> Void).Type
  ) throws(ModuleError) -> ModuleFunction<(A, B, C, D) -> Void> {
    try find(name, [A.moduleType, B.moduleType, C.moduleType, D.moduleType], [])
  }

  /// As the first, of 5 parameters.
  @inlinable
  public func function<
    A: ModuleRepresentable, B: ModuleRepresentable, C: ModuleRepresentable, D: ModuleRepresentable,
    E: ModuleRepresentable, R: ModuleResults
  >(
    _ name: ModuleName, as type: ((A, B, C, D, E) -> R).Type
  ) throws(ModuleError) -> ModuleFunction<(A, B, C, D, E) -> R> {
    try find(
      name,
      [
        A.moduleType, B.moduleType, C.moduleType, D.moduleType,
        E.moduleType,
      ], giving: R.self)
  }

  /// As the first, of 5 parameters and no result.
  @inlinable
  public func function<
    A: ModuleRepresentable, B: ModuleRepresentable, C: ModuleRepresentable, D: ModuleRepresentable,
    E: ModuleRepresentable
  >(
    _ name: ModuleName, as type: ((A, B, C, D, E) -> Void).Type
  ) throws(ModuleError) -> ModuleFunction<(A, B, C, D, E) -> Void> {
    try find(name, [A.moduleType, B.moduleType, C.moduleType, D.moduleType, E.moduleType], [])
  }

  /// As the first, of 6 parameters.
  @inlinable
  public func function<
    A: ModuleRepresentable, B: ModuleRepresentable, C: ModuleRepresentable, D: ModuleRepresentable,
    E: ModuleRepresentable, F: ModuleRepresentable, R: ModuleResults
  >(
    _ name: ModuleName, as type: ((A, B, C, D, E, F) -> R).Type
  ) throws(ModuleError) -> ModuleFunction<(A, B, C, D, E, F) -> R> {
    try find(
      name,
      [
        A.moduleType, B.moduleType, C.moduleType, D.moduleType,
        E.moduleType, F.moduleType,
      ], giving: R.self)
  }

  /// As the first, of 6 parameters and no result.
  @inlinable
  public func function<
    A: ModuleRepresentable, B: ModuleRepresentable, C: ModuleRepresentable, D: ModuleRepresentable,
    E: ModuleRepresentable, F: ModuleRepresentable
  >(
    _ name: ModuleName, as type: ((A, B, C, D, E, F) -> Void).Type
  ) throws(ModuleError) -> ModuleFunction<(A, B, C, D, E, F) -> Void> {
    try find(
      name,
      [
        A.moduleType, B.moduleType, C.moduleType, D.moduleType,
        E.moduleType, F.moduleType,
      ], [])
  }

  /// As the first, of 7 parameters.
  @inlinable
  public func function<
    A: ModuleRepresentable, B: ModuleRepresentable, C: ModuleRepresentable, D: ModuleRepresentable,
    E: ModuleRepresentable, F: ModuleRepresentable, G: ModuleRepresentable, R: ModuleResults
  >(
    _ name: ModuleName, as type: ((A, B, C, D, E, F, G) -> R).Type
  ) throws(ModuleError) -> ModuleFunction<(A, B, C, D, E, F, G) -> R> {
    try find(
      name,
      [
        A.moduleType, B.moduleType, C.moduleType, D.moduleType,
        E.moduleType, F.moduleType, G.moduleType,
      ], giving: R.self)
  }

  /// As the first, of 7 parameters and no result.
  @inlinable
  public func function<
    A: ModuleRepresentable, B: ModuleRepresentable, C: ModuleRepresentable, D: ModuleRepresentable,
    E: ModuleRepresentable, F: ModuleRepresentable, G: ModuleRepresentable
  >(
    _ name: ModuleName, as type: ((A, B, C, D, E, F, G) -> Void).Type
  ) throws(ModuleError) -> ModuleFunction<(A, B, C, D, E, F, G) -> Void> {
    try find(
      name,
      [
        A.moduleType, B.moduleType, C.moduleType, D.moduleType,
        E.moduleType, F.moduleType, G.moduleType,
      ], [])
  }

  /// As the first, of 8 parameters.
  @inlinable
  public func function<
    A: ModuleRepresentable, B: ModuleRepresentable, C: ModuleRepresentable, D: ModuleRepresentable,
    E: ModuleRepresentable, F: ModuleRepresentable, G: ModuleRepresentable, H: ModuleRepresentable,
    R: ModuleResults
  >(
    _ name: ModuleName, as type: ((A, B, C, D, E, F, G, H) -> R).Type
  ) throws(ModuleError) -> ModuleFunction<(A, B, C, D, E, F, G, H) -> R> {
    try find(
      name,
      [
        A.moduleType, B.moduleType, C.moduleType, D.moduleType,
        E.moduleType, F.moduleType, G.moduleType, H.moduleType,
      ], giving: R.self)
  }

  /// As the first, of 8 parameters and no result.
  @inlinable
  public func function<
    A: ModuleRepresentable, B: ModuleRepresentable, C: ModuleRepresentable, D: ModuleRepresentable,
    E: ModuleRepresentable, F: ModuleRepresentable, G: ModuleRepresentable, H: ModuleRepresentable
  >(
    _ name: ModuleName, as type: ((A, B, C, D, E, F, G, H) -> Void).Type
  ) throws(ModuleError) -> ModuleFunction<(A, B, C, D, E, F, G, H) -> Void> {
    try find(
      name,
      [
        A.moduleType, B.moduleType, C.moduleType, D.moduleType,
        E.moduleType, F.moduleType, G.moduleType, H.moduleType,
      ], [])
  }
}
