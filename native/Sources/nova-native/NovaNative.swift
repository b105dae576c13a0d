// NovaNative.swift — the command that compiles modules; nova calls it, so that nova needs no LLVM.
// Hosted. Imports Glibc, NovaAssembler, NovaLLVM, NovaModules, NovaToolchain.

import Glibc
import NovaAssembler
import NovaLLVM
import NovaModules
import NovaToolchain

/// A message for whoever called, and the exit status.
struct Failure: Error {
  let message: String
  var status: Int32 = 2
}

@main enum NovaNative {
  static let usage = """
    usage: nova-native compile MODULE -o OBJECT [--target CPU] [--fast | -O] [--fuel]
           nova-native run MODULE FUNCTION [NUMBER…] [--fast | -O] [--fuel COUNT] [--interpret]

    compile makes an object for x86_64 (unless told otherwise), aarch64 or riscv64. run calls an
    export in this process. MODULE is a .nvc, .wasm or .nvasm file.
    Exit status: 0 done · 1 the module trapped · 2 it could not be done.
    """

  static func main() {
    do throws(Failure) {
      var arguments = Arguments(Array(CommandLine.arguments.dropFirst()))
      switch arguments.next() {
      case "compile": try Compile(&arguments).run()
      case "run": try Run(&arguments).run()
      case "--help", "-h": print(usage)
      default: throw Failure(message: usage)
      }
    } catch {
      fflush(nil)
      try? Files.write(Array("nova-native: \(error.message)\n".utf8), to: "/dev/stderr")
      exit(error.status)
    }
  }
}

/// What was given, in order.
struct Arguments {
  private var rest: ArraySlice<String>

  init(_ all: [String]) { rest = all[...] }

  mutating func next() -> String? { rest.popFirst() }

  /// What follows an option.
  mutating func value(of option: String) throws(Failure) -> String {
    guard let value = next() else { throw Failure(message: "\(option) wants a value") }
    return value
  }
}

extension NativeEffort {
  /// What an option stands for; nil when it is none of these.
  init?(option: String) {
    switch option {
    case "--fast": self = .fast
    case "-O", "--optimize": self = .optimized
    default: return nil
    }
  }
}

/// A module's file as bytes of a module.
func readModule(_ path: String) throws(Failure) -> [UInt8] {
  let bytes: [UInt8]
  do throws(FileError) {
    bytes = try readFile(path)
  } catch {
    switch error {
    case .unreadable(_, let code):
      throw Failure(message: "\(path) cannot be read: \(String(cString: strerror(code)))")
    case .tooLarge(_, _, let maximum):
      throw Failure(message: "\(path) has more than the \(maximum) bytes that are read")
    }
  }
  do {
    guard path.hasSuffix(".nvasm") else { return try Modules.translated(bytes) }
    return try Assembler.assemble(bytes, options: Assembler.Options(isOptimized: true))
  } catch {
    throw Failure(message: "\(path) cannot be translated: \(error); nova verify says more")
  }
}

func describe(_ error: NativeError, _ path: String) -> Failure {
  switch error {
  case .llvm(let text): Failure(message: "\(path): LLVM says: \(text)")
  case .otherLLVM(let version):
    Failure(message: "nova-native was compiled for LLVM \(version); run make native again")
  case .noTarget(let target, let text):
    Failure(message: "this LLVM makes no code for \(target.rawValue): \(text)")
  case .functionTooLarge(let function, let count, let maximum):
    Failure(
      message: "\(path): function \(function) has \(count) words, more than the \(maximum) that "
        + "are compiled; run the module by the interpreter")
  case .frameTooLarge(let maximum):
    Failure(
      message: "\(path): a function's calls take more than \(maximum) bytes of stack; compile with "
        + "less effort, or run the module by the interpreter")
  }
}
