// Run.swift — `nova-native run`: a module's export, compiled into this process and called.
// Hosted. Imports NovaLLVM, NovaModules, NovaToolchain.

import Glibc
import NovaLLVM
import NovaModules
import NovaToolchain

struct Run {
  private var compiler = NativeCompiler()
  private var limits = ModuleLimits()
  private var isInterpreted = false
  private let module: String
  private let function: String
  private let numbers: [String]

  init(_ arguments: inout Arguments) throws(Failure) {
    var words: [String] = []
    while let argument = arguments.next() {
      if let effort = NativeEffort(option: argument) {
        compiler.effort = effort
      } else if argument == "--interpret" {
        isInterpreted = true
      } else if argument == "--fuel" {
        let count = try arguments.value(of: argument)
        guard let fuel = UInt64(count) else {
          throw Failure(message: "--fuel wants a count, not \(count)")
        }
        compiler.isCharged = true
        limits.fuel = fuel
      } else if argument.hasPrefix("--") {
        throw Failure(message: "there is no option \(argument)\n\(NovaNative.usage)")
      } else {
        words.append(argument)
      }
    }
    guard words.count >= 2 else { throw Failure(message: NovaNative.usage) }
    (module, function, numbers) = (words[0], words[1], Array(words[2...]))
  }

  func run() throws(Failure) {
    let bytes = try readModule(module)
    do {
      let runtime = try NovaRuntime.bootstrap()
      let loader = try ModuleLoader(runtime, linked: false)
      let loaded = try loader.load("main", copying: bytes.span)
      let arguments = try arguments(of: loaded)
      let name = NovaModules.ModuleName(function)
      guard !isInterpreted else {
        return tell(try runtime.executeModule(loaded, name, arguments, limits: limits))
      }
      let process = try NativeProcess()
      try process.attach(to: loaded, compiler)
      tell(
        try runtime.executeModule(
          loaded, name, arguments, limits: limits, on: NativeBackend.self))
      withExtendedLifetime(process) {}
    } catch let error as Failure {
      throw error
    } catch let error as NativeError {
      throw describe(error, module)
    } catch let error as ModuleFailure {
      if case .trapped = error { throw Failure(message: "\(error)", status: 1) }
      throw Failure(message: "\(error)")
    } catch {
      throw Failure(message: "\(error)")
    }
  }

  private func arguments(of module: Module) throws(Failure) -> [ModuleValue] {
    guard case .function(let type)? = module.exportType(NovaModules.ModuleName(function)) else {
      throw Failure(message: "\(self.module) exports no function \(function)")
    }
    guard type.parameters.count == numbers.count else {
      throw Failure(message: "\(function) takes \(type.parameters.count) numbers")
    }
    var values: [ModuleValue] = []
    for (type, text) in zip(type.parameters, numbers) {
      guard let value = WrittenNumber.value(Array(text.utf8).span, type) else {
        throw Failure(message: "\(text) is no \(type.name)")
      }
      values.append(value)
    }
    return values
  }

  private func tell(_ results: [ModuleValue]) {
    for result in results { print("\(result)") }
  }
}
