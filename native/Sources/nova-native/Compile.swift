// Compile.swift — `nova-native compile`: a module to an object file.
// Hosted. Imports Glibc, NovaAssembler, NovaBytecode, NovaLLVM, NovaToolchain.

import Glibc
import NovaAssembler
import NovaBytecode
import NovaLLVM
import NovaToolchain

struct Compile {
  private var compiler = NativeCompiler()
  private var target = NativeTarget.x86_64
  private let module: String
  private let output: String

  init(_ arguments: inout Arguments) throws(Failure) {
    var files: [String] = []
    var output: String?
    while let argument = arguments.next() {
      if let effort = NativeEffort(option: argument) {
        compiler.effort = effort
      } else if argument == "--fuel" {
        compiler.isCharged = true
      } else if argument == "-o" || argument == "--output" {
        output = try arguments.value(of: argument)
      } else if argument == "--target" {
        let name = try arguments.value(of: argument)
        guard let known = NativeTarget(rawValue: name) else {
          let all = NativeTarget.allCases.map(\.rawValue).joined(separator: ", ")
          throw Failure(message: "there is no target \(name); there are \(all)")
        }
        target = known
      } else if argument.hasPrefix("-") {
        throw Failure(message: "there is no option \(argument)\n\(NovaNative.usage)")
      } else {
        files.append(argument)
      }
    }
    guard files.count == 1, let output else { throw Failure(message: NovaNative.usage) }
    (module, self.output) = (files[0], output)
    guard Files.resolve(module) != Files.resolve(output) || Files.resolve(output) == nil else {
      throw Failure(message: "\(output) is the module itself; give another place")
    }
  }

  /// Writes the object as a whole, or nothing.
  func run() throws(Failure) {
    let file = ModuleFile(try readModule(module))
    let result: Result<[UInt8], Failure>
    do throws(FormatError) {
      result = try file.withView { view in object(file, view) }
    } catch {
      throw Failure(message: "\(module): \(error.text); \(error.remedy)")
    }
    let bytes = try result.get()
    do { try Files.write(bytes, to: output) } catch {
      let reason = String(cString: strerror(error.errno))
      throw Failure(message: "\(output) cannot be written: \(reason)")
    }
  }

  private func object(_ file: ModuleFile, _ view: ModuleView) -> Result<[UInt8], Failure> {
    let verified: VerifiedModule
    do throws(VerifierError) {
      verified = try file.verify(view)
    } catch {
      return .failure(Failure(message: "\(module): \(error.text(in: view))"))
    }
    do throws(NativeError) {
      return .success(try compiler.object(verified, for: target))
    } catch {
      return .failure(describe(error, module))
    }
  }
}
