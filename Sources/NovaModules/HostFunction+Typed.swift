// HostFunction+Typed.swift — functions of the program with Swift's types, by count of parameters.
// Freestanding. Imports NovaBytecode. Design: NovaCore.docc/Modules.md.

import NovaBytecode

extension ModuleLoader {
  /// Registers a function that modules can import, by name and its body's type.
  ///
  ///     try loader.addFunction("env", "log") {
  ///       (call, text: GuestPointer<UInt8>, count: Int32) throws(HostFailure) in
  ///       try call.withBytes(of: text, count: count) { bytes in … }
  ///     }
  ///
  /// Bodies of up to eight parameters behind the call are registered so, each with and without
  /// results.
  ///
  /// - Parameters:
  ///   - module: no loaded module's name; several functions share it.
  ///   - name: no other function's of that name.
  ///   - body: any thread that calls a module may call it, several at once. What it throws traps.
  /// - Throws: `ModuleError.nameOutOfRange`, `.duplicate` or `.duplicateFunction`.
  public func addFunction<R: ModuleResults>(
    _ module: ModuleName, _ name: ModuleName,
    _ body:
      @escaping @Sendable (_ call: borrowing HostCall)
      throws(HostFailure) -> R
  ) throws(ModuleError) {
    @Sendable func erased(_ call: borrowing HostCall) throws(HostFailure) {
      try body(call).set(in: call, at: 0)
    }
    try add(module, name, [], giving: R.self, erased)
  }

  /// As the first, with 0 parameters behind the call and no result.
  public func addFunction(
    _ module: ModuleName, _ name: ModuleName,
    _ body:
      @escaping @Sendable (_ call: borrowing HostCall)
      throws(HostFailure) -> Void
  ) throws(ModuleError) {
    @Sendable func erased(_ call: borrowing HostCall) throws(HostFailure) {
      try body(call)
    }
    try addFunction(module, name, ModuleFunctionType(parameters: []), erased)
  }

  /// As the first, with 1 parameter behind the call.
  public func addFunction<A: ModuleRepresentable, R: ModuleResults>(
    _ module: ModuleName, _ name: ModuleName,
    _ body:
      @escaping @Sendable (_ call: borrowing HostCall, A)
      throws(HostFailure) -> R
  ) throws(ModuleError) {
    @Sendable func erased(_ call: borrowing HostCall) throws(HostFailure) {
      try body(call, call.get(0)).set(in: call, at: 0)
    }
    try add(module, name, [A.moduleType], giving: R.self, erased)
  }

  /// As the first, with 1 parameter behind the call and no result.
  public func addFunction<A: ModuleRepresentable>(
    _ module: ModuleName, _ name: ModuleName,
    _ body:
      @escaping @Sendable (_ call: borrowing HostCall, A)
      throws(HostFailure) -> Void
  ) throws(ModuleError) {
    @Sendable func erased(_ call: borrowing HostCall) throws(HostFailure) {
      try body(call, call.get(0))
    }
    try addFunction(module, name, ModuleFunctionType(parameters: [A.moduleType]), erased)
  }

  /// As the first, with 2 parameters behind the call.
  public func addFunction<A: ModuleRepresentable, B: ModuleRepresentable, R: ModuleResults>(
    _ module: ModuleName, _ name: ModuleName,
    _ body:
      @escaping @Sendable (_ call: borrowing HostCall, A, B)
      throws(HostFailure) -> R
  ) throws(ModuleError) {
    @Sendable func erased(_ call: borrowing HostCall) throws(HostFailure) {
      try body(call, call.get(0), call.get(1)).set(in: call, at: 0)
    }
    try add(module, name, [A.moduleType, B.moduleType], giving: R.self, erased)
  }

  /// As the first, with 2 parameters behind the call and no result.
  public func addFunction<A: ModuleRepresentable, B: ModuleRepresentable>(
    _ module: ModuleName, _ name: ModuleName,
    _ body:
      @escaping @Sendable (_ call: borrowing HostCall, A, B)
      throws(HostFailure) -> Void
  ) throws(ModuleError) {
    @Sendable func erased(_ call: borrowing HostCall) throws(HostFailure) {
      try body(call, call.get(0), call.get(1))
    }
    try addFunction(
      module, name,
      ModuleFunctionType(parameters: [
        A.moduleType, B.moduleType,
      ]), erased)
  }

  /// As the first, with 3 parameters behind the call.
  public func addFunction<
    A: ModuleRepresentable, B: ModuleRepresentable, C: ModuleRepresentable, R: ModuleResults
  >(
    _ module: ModuleName, _ name: ModuleName,
    _ body:
      @escaping @Sendable (_ call: borrowing HostCall, A, B, C)
      throws(HostFailure) -> R
  ) throws(ModuleError) {
    @Sendable func erased(_ call: borrowing HostCall) throws(HostFailure) {
      try body(call, call.get(0), call.get(1), call.get(2)).set(in: call, at: 0)
    }
    try add(module, name, [A.moduleType, B.moduleType, C.moduleType], giving: R.self, erased)
  }

  /// As the first, with 3 parameters behind the call and no result.
  public func addFunction<A: ModuleRepresentable, B: ModuleRepresentable, C: ModuleRepresentable>(
    _ module: ModuleName, _ name: ModuleName,
    _ body:
      @escaping @Sendable (_ call: borrowing HostCall, A, B, C)
      throws(HostFailure) -> Void
  ) throws(ModuleError) {
    @Sendable func erased(_ call: borrowing HostCall) throws(HostFailure) {
      try body(call, call.get(0), call.get(1), call.get(2))
    }
    try addFunction(
      module, name,
      ModuleFunctionType(parameters: [
        A.moduleType, B.moduleType, C.moduleType,
      ]), erased)
  }

  /// As the first, with 4 parameters behind the call.
  public func addFunction<
    A: ModuleRepresentable, B: ModuleRepresentable, C: ModuleRepresentable, D: ModuleRepresentable,
    R: ModuleResults
  >(
    _ module: ModuleName, _ name: ModuleName,
    _ body:
      @escaping @Sendable (_ call: borrowing HostCall, A, B, C, D)
      throws(HostFailure) -> R
  ) throws(ModuleError) {
    @Sendable func erased(_ call: borrowing HostCall) throws(HostFailure) {
      try body(call, call.get(0), call.get(1), call.get(2), call.get(3)).set(in: call, at: 0)
    }
    try add(
      module, name,
      [
        A.moduleType, B.moduleType, C.moduleType, D.moduleType,
      ], giving: R.self, erased)
  }

  /// As the first, with 4 parameters behind the call and no result.
  public func addFunction<
    A: ModuleRepresentable, B: ModuleRepresentable, C: ModuleRepresentable, D: ModuleRepresentable
  >(
    _ module: ModuleName, _ name: ModuleName,
    _ body:
      @escaping @Sendable (_ call: borrowing HostCall, A, B, C, D)
      throws(HostFailure) -> Void
  ) throws(ModuleError) {
    @Sendable func erased(_ call: borrowing HostCall) throws(HostFailure) {
      try body(call, call.get(0), call.get(1), call.get(2), call.get(3))
    }
    try addFunction(
      module, name,
      ModuleFunctionType(parameters: [
        A.moduleType, B.moduleType, C.moduleType, D.moduleType,
      ]), erased)
  }

  /// As the first, with 5 parameters behind the call.
  public func addFunction<
    A: ModuleRepresentable, B: ModuleRepresentable, C: ModuleRepresentable, D: ModuleRepresentable,
    E: ModuleRepresentable, R: ModuleResults
  >(
    _ module: ModuleName, _ name: ModuleName,
    _ body:
      @escaping @Sendable (_ call: borrowing HostCall, A, B, C, D, E)
      throws(HostFailure) -> R
  ) throws(ModuleError) {
    @Sendable func erased(_ call: borrowing HostCall) throws(HostFailure) {
      try body(call, call.get(0), call.get(1), call.get(2), call.get(3), call.get(4)).set(
        in: call, at: 0)
    }
    try add(
      module, name,
      [
        A.moduleType, B.moduleType, C.moduleType, D.moduleType, E.moduleType,
      ], giving: R.self, erased)
  }

  /// As the first, with 5 parameters behind the call and no result.
  public func addFunction<
    A: ModuleRepresentable, B: ModuleRepresentable, C: ModuleRepresentable, D: ModuleRepresentable,
    E: ModuleRepresentable
  >(
    _ module: ModuleName, _ name: ModuleName,
    _ body:
      @escaping @Sendable (_ call: borrowing HostCall, A, B, C, D, E)
      throws(HostFailure) -> Void
  ) throws(ModuleError) {
    @Sendable func erased(_ call: borrowing HostCall) throws(HostFailure) {
      try body(call, call.get(0), call.get(1), call.get(2), call.get(3), call.get(4))
    }
    try addFunction(
      module, name,
      ModuleFunctionType(parameters: [
        A.moduleType, B.moduleType, C.moduleType, D.moduleType, E.moduleType,
      ]), erased)
  }

  /// As the first, with 6 parameters behind the call.
  public func addFunction<
    A: ModuleRepresentable, B: ModuleRepresentable, C: ModuleRepresentable, D: ModuleRepresentable,
    E: ModuleRepresentable, F: ModuleRepresentable, R: ModuleResults
  >(
    _ module: ModuleName, _ name: ModuleName,
    _ body:
      @escaping @Sendable (_ call: borrowing HostCall, A, B, C, D, E, F)
      throws(HostFailure) -> R
  ) throws(ModuleError) {
    @Sendable func erased(_ call: borrowing HostCall) throws(HostFailure) {
      try body(call, call.get(0), call.get(1), call.get(2), call.get(3), call.get(4), call.get(5))
        .set(in: call, at: 0)
    }
    try add(
      module, name,
      [
        A.moduleType, B.moduleType, C.moduleType, D.moduleType, E.moduleType,
        F.moduleType,
      ], giving: R.self, erased)
  }

  /// As the first, with 6 parameters behind the call and no result.
  public func addFunction<
    A: ModuleRepresentable, B: ModuleRepresentable, C: ModuleRepresentable, D: ModuleRepresentable,
    E: ModuleRepresentable, F: ModuleRepresentable
  >(
    _ module: ModuleName, _ name: ModuleName,
    _ body:
      @escaping @Sendable (_ call: borrowing HostCall, A, B, C, D, E, F)
      throws(HostFailure) -> Void
  ) throws(ModuleError) {
    @Sendable func erased(_ call: borrowing HostCall) throws(HostFailure) {
      try body(call, call.get(0), call.get(1), call.get(2), call.get(3), call.get(4), call.get(5))
    }
    try addFunction(
      module, name,
      ModuleFunctionType(parameters: [
        A.moduleType, B.moduleType, C.moduleType, D.moduleType, E.moduleType,
        F.moduleType,
      ]), erased)
  }

  /// As the first, with 7 parameters behind the call.
  public func addFunction<
    A: ModuleRepresentable, B: ModuleRepresentable, C: ModuleRepresentable, D: ModuleRepresentable,
    E: ModuleRepresentable, F: ModuleRepresentable, G: ModuleRepresentable, R: ModuleResults
  >(
    _ module: ModuleName, _ name: ModuleName,
    _ body:
      @escaping @Sendable (_ call: borrowing HostCall, A, B, C, D, E, F, G)
      throws(HostFailure) -> R
  ) throws(ModuleError) {
    @Sendable func erased(_ call: borrowing HostCall) throws(HostFailure) {
      try body(
        call, call.get(0), call.get(1), call.get(2), call.get(3), call.get(4), call.get(5),
        call.get(6)
      ).set(in: call, at: 0)
    }
    try add(
      module, name,
      [
        A.moduleType, B.moduleType, C.moduleType, D.moduleType, E.moduleType,
        F.moduleType, G.moduleType,
      ], giving: R.self, erased)
  }

  /// As the first, with 7 parameters behind the call and no result.
  public func addFunction<
    A: ModuleRepresentable, B: ModuleRepresentable, C: ModuleRepresentable, D: ModuleRepresentable,
    E: ModuleRepresentable, F: ModuleRepresentable, G: ModuleRepresentable
  >(
    _ module: ModuleName, _ name: ModuleName,
    _ body:
      @escaping @Sendable (_ call: borrowing HostCall, A, B, C, D, E, F, G)
      throws(HostFailure) -> Void
  ) throws(ModuleError) {
    @Sendable func erased(_ call: borrowing HostCall) throws(HostFailure) {
      try body(
        call, call.get(0), call.get(1), call.get(2), call.get(3), call.get(4), call.get(5),
        call.get(6))
    }
    try addFunction(
      module, name,
      ModuleFunctionType(parameters: [
        A.moduleType, B.moduleType, C.moduleType, D.moduleType, E.moduleType,
        F.moduleType, G.moduleType,
      ]), erased)
  }

  /// As the first, with 8 parameters behind the call.
  public func addFunction<
    A: ModuleRepresentable, B: ModuleRepresentable, C: ModuleRepresentable, D: ModuleRepresentable,
    E: ModuleRepresentable, F: ModuleRepresentable, G: ModuleRepresentable, H: ModuleRepresentable,
    R: ModuleResults
  >(
    _ module: ModuleName, _ name: ModuleName,
    _ body:
      @escaping @Sendable (_ call: borrowing HostCall, A, B, C, D, E, F, G, H)
      throws(HostFailure) -> R
  ) throws(ModuleError) {
    @Sendable func erased(_ call: borrowing HostCall) throws(HostFailure) {
      try body(
        call, call.get(0), call.get(1), call.get(2), call.get(3), call.get(4), call.get(5),
        call.get(6), call.get(7)
      ).set(in: call, at: 0)
    }
    try add(
      module, name,
      [
        A.moduleType, B.moduleType, C.moduleType, D.moduleType, E.moduleType,
        F.moduleType, G.moduleType, H.moduleType,
      ], giving: R.self, erased)
  }

  /// As the first, with 8 parameters behind the call and no result.
  public func addFunction<
    A: ModuleRepresentable, B: ModuleRepresentable, C: ModuleRepresentable, D: ModuleRepresentable,
    E: ModuleRepresentable, F: ModuleRepresentable, G: ModuleRepresentable, H: ModuleRepresentable
  >(
    _ module: ModuleName, _ name: ModuleName,
    _ body:
      @escaping @Sendable (_ call: borrowing HostCall, A, B, C, D, E, F, G, H)
      throws(HostFailure) -> Void
  ) throws(ModuleError) {
    @Sendable func erased(_ call: borrowing HostCall) throws(HostFailure) {
      try body(
        call, call.get(0), call.get(1), call.get(2), call.get(3), call.get(4), call.get(5),
        call.get(6), call.get(7))
    }
    try addFunction(
      module, name,
      ModuleFunctionType(parameters: [
        A.moduleType, B.moduleType, C.moduleType, D.moduleType, E.moduleType,
        F.moduleType, G.moduleType, H.moduleType,
      ]), erased)
  }
}
