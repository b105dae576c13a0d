// Completion.swift — a child process that was run to its end, with everything it wrote.
// Hosted. Imports Glibc.

import Glibc

/// What a finished process left.
public struct Completion: Sendable, Equatable {
  /// The exit status, or 128 + the signal that killed the process.
  public var status: Int32
  /// What it wrote to descriptor 1.
  public var output: String
  /// What it wrote to descriptor 2.
  public var errorOutput: String

  /// What a process is expected to leave.
  public init(status: Int32, output: String, errorOutput: String = "") {
    self.status = status
    self.output = output
    self.errorOutput = errorOutput
  }

  /// Runs `program`, found through this process's PATH, and waits for its end.
  ///
  /// - Parameters:
  ///   - program: a name to look for, or a path.
  ///   - arguments: everything after the program's name.
  ///   - environment: `NAME=value`, the program's whole environment.
  /// - Returns: how it ended and what it wrote.
  /// - Throws: `GuestError.notStarted`.
  public static func run(
    _ program: String, arguments: [String], environment: [String]
  ) throws(GuestError) -> Completion {
    let output = Capture()
    let errorOutput = Capture()
    var actions = unsafe posix_spawn_file_actions_t()
    // SAFETY: the actions are initialised first and destroyed after their only use.
    unsafe posix_spawn_file_actions_init(&actions)
    defer { unsafe posix_spawn_file_actions_destroy(&actions) }
    unsafe posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)
    unsafe posix_spawn_file_actions_adddup2(&actions, output.descriptor, 1)
    unsafe posix_spawn_file_actions_adddup2(&actions, errorOutput.descriptor, 2)

    var argv: [UnsafeMutablePointer<CChar>?] = unsafe ([program] + arguments).map {
      unsafe strdup($0)
    }
    var envp: [UnsafeMutablePointer<CChar>?] = unsafe environment.map { unsafe strdup($0) }
    defer { unsafe (argv + envp).forEach { unsafe free($0) } }
    unsafe argv.append(nil)
    unsafe envp.append(nil)

    var process: pid_t = 0
    // SAFETY: both vectors end with a null and hold strings of their own; all outlive the call.
    let error = unsafe posix_spawnp(&process, program, &actions, nil, argv, envp)
    guard error == 0 else { throw .notStarted(program: program, errno: error) }
    var waited: Int32 = 0
    // SAFETY: waitpid writes one integer.
    while unsafe waitpid(process, &waited, 0) < 0 && errno == EINTR {}
    let signal = waited & 0x7f
    return Completion(
      status: signal == 0 ? (waited >> 8) & 0xff : 128 + signal,
      output: output.text(), errorOutput: errorOutput.text())
  }
}

/// A nameless file that a child writes to; unlike a pipe it never fills.
@safe private struct Capture: ~Copyable {
  let file: UnsafeMutablePointer<FILE>

  var descriptor: Int32 {
    // SAFETY: the file is open until deinit.
    unsafe fileno(file)
  }

  init() {
    // SAFETY: the result is checked, and closed once, in deinit.
    guard let file = unsafe tmpfile() else { preconditionFailure("no temporary file") }
    unsafe self.file = file
  }

  deinit {
    // SAFETY: opened in init.
    unsafe fclose(file)
  }

  func text() -> String {
    let byteCount = Int(lseek(descriptor, 0, SEEK_END))
    // SAFETY: pread writes at most the buffer's count, and its result says how many.
    return unsafe String(unsafeUninitializedCapacity: byteCount) { bytes in
      unsafe max(0, pread(descriptor, bytes.baseAddress, bytes.count, 0))
    }
  }
}
