// SpectestModule.swift — the module `spectest`, which the specification's tests import from.
// Hosted. Imports NovaAssembler and NovaBytecode.
// Source: WebAssembly/spec, interpreter/README.md, "Spectest host module".

import NovaAssembler
import NovaBytecode

enum SpectestModule {
  /// The module's file; what it is given to print goes nowhere.
  static func fileBytes() throws(BuilderError) -> [UInt8] {
    var builder = ModuleBuilder()
    let functions: [(String, [NovaBytecode.ValueType])] = [
      ("print", []), ("print_i32", [.i32]), ("print_i64", [.i64]), ("print_f32", [.f32]),
      ("print_f64", [.f64]), ("print_i32_f32", [.i32, .f32]), ("print_f64_f64", [.f64, .f64]),
    ]
    for (name, parameters) in functions {
      var function = FunctionBuilder(signature: FunctionSignature(parameters), name: name)
      function.emit(.ret0)
      builder.export(name, .function, builder.add(function))
    }
    let globals: [(String, ValueType, Constant)] = [
      ("global_i32", .i32, Constant(.i32, 666)), ("global_i64", .i64, Constant(.i64, 666)),
      ("global_f32", .f32, Constant(.f32, UInt64(Float(666.6).bitPattern))),
      ("global_f64", .f64, Constant(.f64, Double(666.6).bitPattern)),
    ]
    for (index, (name, type, value)) in globals.enumerated() {
      builder.contents.globals.append(ModuleGlobal(ModuleGlobalType(type), initial: value))
      builder.export(name, .global, UInt32(index))
    }
    builder.contents.tables.append(ModuleTable(.funcref, SizeLimits(minimum: 10, maximum: 20)))
    builder.export("table", .table, 0)
    builder.contents.memories.append(SizeLimits(minimum: 1, maximum: 2))
    builder.export("memory", .memory, 0)
    return try builder.finish()
  }
}
