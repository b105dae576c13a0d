// Nova.swift — the command's root, its exit statuses and how it ends.
// Hosted. Imports ArgumentParser, NovaToolchain and Glibc.

import ArgumentParser
import Glibc
import NovaToolchain

/// What the command's exit status says; `nova run` passes the program's own status through.
enum Status: Int32 {
  case done = 0
  /// A build failed, a check found a difference, `nova doctor` misses something.
  case failed = 1
  /// The command could not do it: wrong use, bad input, a tool that is missing.
  case impossible = 2
}

/// An error as the command reports it.
struct Failure: Error {
  var status: Status
  /// What is wrong, with its place, and what to do about it; empty when all was said already.
  var message: String

  init(_ message: String, status: Status = .impossible) {
    self.status = status
    self.message = message
  }
}

@main
struct Nova: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "nova",
    abstract: "Swift programs that start without libc, the same way every time.",
    discussion: """
      Without a file, a verb means the package in the current folder; with one, what its first \
      bytes say it is.

      Exit status: 0 done · 1 a build failed, a check found a difference, or 'nova doctor' misses \
      something · 2 it could not be done. 'nova run' and 'nova trace' end with the program's own \
      status.
      """,
    version: "0.1.0",
    subcommands: [
      New.self, Build.self, Run.self, Check.self, Trace.self, Inspect.self, Symbolize.self,
      Assemble.self, Disassemble.self, Verify.self, Stats.self, Strip.self, Diff.self,
      Compile.self, DoctorCommand.self,
    ]
  )

  static func main() {
    do {
      var command = try parseAsRoot(
        ModuleOptions.shielded(Array(CommandLine.arguments.dropFirst())))
      try command.run()
      try flushOutput()
    } catch let failure as Failure {
      if !failure.message.isEmpty { report("nova: \(failure.message)") }
      Glibc.exit(failure.status.rawValue)
    } catch {
      let message = fullMessage(for: error)
      guard exitCode(for: error).isSuccess else {
        report(message)
        Glibc.exit(Status.impossible.rawValue)
      }
      print(message)
    }
  }
}

/// Writes what was printed and still waits.
func flushOutput() throws(Failure) {
  guard fflush(nil) == 0 else {
    throw Failure(
      "the standard output cannot be written: \(systemMessage(errno)); what was printed is lost")
  }
}

/// Writes a line, or several, to the standard error; what could move a terminal's cursor is not in
/// it, whatever names and texts it quotes.
func report(_ line: String) { reportWithoutBreak(printable(line, keepsLines: true) + "\n") }

/// Writes text to the standard error.
func reportWithoutBreak(_ text: String) {
  // What was printed before comes first, also where both streams are one file.
  fflush(nil)
  var rest = Array(text.utf8)[...]
  while !rest.isEmpty {
    // SAFETY: the buffer is valid during the call and its count is what is passed.
    let count = unsafe rest.withUnsafeBytes { unsafe write(2, $0.baseAddress, $0.count) }
    guard count > 0 else { return }
    rest = rest.dropFirst(count)
  }
}
