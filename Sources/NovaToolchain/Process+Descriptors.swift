// Process+Descriptors.swift — the ends of a program's descriptors, and reading them.
// Hosted. Imports CNovaProbe (memory files) and Glibc.

import CNovaProbe
import Glibc

/// The standard descriptors and the trace's: the child's ends, and this process's ends of pipes.
///
/// Owns every descriptor in it until `take` hands one out; the child's ends live until the program
/// has started.
struct Plumbing: ~Copyable {
  enum Stream: Int, CaseIterable { case input, output, errorOutput, traceOutput }

  /// As `nova_spawn` wants them.
  private(set) var childEnds = [Int32](repeating: -1, count: 4)
  private var parentEnds = [Int32](repeating: -1, count: 4)

  deinit {
    for descriptor in childEnds + parentEnds where descriptor >= 0 { close(descriptor) }
  }

  /// This process's end of a stream, now the caller's; -1 when there is none.
  mutating func take(_ stream: Stream) -> Int32 {
    let descriptor = parentEnds[stream.rawValue]
    parentEnds[stream.rawValue] = -1
    return descriptor
  }

  mutating func prepare(_ request: ProcessRequest) throws(ProcessError) {
    switch request.input {
    case .null: try open("/dev/null", O_RDONLY, .input)
    case .closed: break
    case .inherited: childEnds[0] = NOVA_SPAWN_INHERITED
    case .file(let path): try open(path, O_RDONLY, .input)
    case .bytes(let bytes): try fill(bytes)
    case .pipe: try pipe(.input)
    }
    try prepare(request.output, .output)
    try prepare(request.errorOutput, .errorOutput)
    try prepare(request.traceOutput, .traceOutput)
  }

  private mutating func prepare(_ output: ProcessOutput, _ stream: Stream) throws(ProcessError) {
    switch output {
    case .captured: try pipe(stream)
    case .memory: try memory(stream)
    case .null: try open("/dev/null", O_WRONLY, stream)
    case .closed: break
    case .inherited: childEnds[stream.rawValue] = NOVA_SPAWN_INHERITED
    case .inheritedError:
      let copy = fcntl(2, F_DUPFD_CLOEXEC, Self.descriptorMin)
      guard copy >= 0 else { throw .descriptor(errno: errno) }
      childEnds[stream.rawValue] = copy
    case .file(let path): try open(path, O_WRONLY | O_CREAT | O_TRUNC, stream)
    }
  }

  private mutating func open(
    _ path: String, _ flags: Int32, _ stream: Stream
  ) throws(ProcessError) {
    // SAFETY: the path is a C string during the call.
    let opened = unsafe Glibc.open(path, flags | O_CLOEXEC, 0o644)
    guard opened >= 0 else { throw .unopenable(path: path, errno: errno) }
    childEnds[stream.rawValue] = try raise(opened)
  }

  private mutating func pipe(_ stream: Stream) throws(ProcessError) {
    var ends: [Int32] = [-1, -1]
    // SAFETY: the array holds the two descriptors that the call writes.
    let result = unsafe nova_pipe(&ends)
    guard result == 0 else { throw .descriptor(errno: Int32(truncatingIfNeeded: -result)) }
    let (child, parent) = stream == .input ? (ends[0], ends[1]) : (ends[1], ends[0])
    parentEnds[stream.rawValue] = parent
    childEnds[stream.rawValue] = try raise(child)
    parentEnds[stream.rawValue] = try raise(parent)
  }

  private mutating func memory(_ stream: Stream) throws(ProcessError) {
    childEnds[stream.rawValue] = try raise(memoryFile())
    // Another open file description, so that reading does not move the program's place in the file.
    let path = "/proc/self/fd/\(childEnds[stream.rawValue])"
    // SAFETY: the path is a C string during the call.
    let reader = unsafe Glibc.open(path, O_RDONLY | O_CLOEXEC)
    guard reader >= 0 else { throw .unopenable(path: path, errno: errno) }
    parentEnds[stream.rawValue] = try raise(reader)
  }

  private mutating func fill(_ bytes: [UInt8]) throws(ProcessError) {
    let file = try raise(memoryFile())
    childEnds[Stream.input.rawValue] = file
    var rest = bytes[...]
    while !rest.isEmpty {
      // SAFETY: the buffer is valid during the call and its count is what is passed.
      let count = unsafe rest.withUnsafeBytes { unsafe write(file, $0.baseAddress, $0.count) }
      if count < 0 && errno != EINTR { throw .descriptor(errno: errno) }
      rest = rest.dropFirst(max(count, 0))
    }
    guard lseek(file, 0, SEEK_SET) == 0 else { throw .descriptor(errno: errno) }
  }

  private func memoryFile() throws(ProcessError) -> Int32 {
    let result = nova_memory_file()
    guard result >= 0 else { throw .descriptor(errno: Int32(truncatingIfNeeded: -result)) }
    return Int32(truncatingIfNeeded: result)
  }

  /// The first descriptor that the child does not replace.
  private static let descriptorMin: Int32 = 4

  /// Moves a descriptor out of 0–3, which the child replaces.
  ///
  /// Closes it when that fails.
  private func raise(_ descriptor: Int32) throws(ProcessError) -> Int32 {
    guard descriptor < Self.descriptorMin else { return descriptor }
    let moved = fcntl(descriptor, F_DUPFD_CLOEXEC, Self.descriptorMin)
    let error = errno
    close(descriptor)
    guard moved >= 0 else { throw .descriptor(errno: error) }
    return moved
  }
}

/// What was read from one output so far.
struct Sink {
  let descriptor: Int32
  private(set) var bytes: [UInt8] = []
  private var isAtEnd = false

  /// A file may still grow after its end was met; a pipe may not.
  let isPipe: Bool

  init(descriptor: Int32, isPipe: Bool, capacity: Int = 0) {
    self.descriptor = descriptor
    self.isPipe = isPipe
    bytes.reserveCapacity(capacity)
  }

  /// The descriptor while there may be more to read; else -1, which `poll` ignores.
  var pollable: Int32 { isAtEnd || !isPipe ? -1 : descriptor }

  private static let chunkByteCount = 65536

  /// Reads what is there now.
  mutating func drain(limit: Int) throws(ProcessError) {
    while descriptor >= 0 && !isAtEnd {
      var count = 0
      var error: Int32 = 0
      let chunk = unsafe [UInt8](unsafeUninitializedCapacity: Self.chunkByteCount) {
        buffer, filled in
        // SAFETY: at most `chunkByteCount` bytes, the buffer's capacity, are written.
        unsafe count = read(descriptor, buffer.baseAddress, Self.chunkByteCount)
        error = errno
        filled = max(count, 0)
      }
      if count < 0 {
        if error == EAGAIN { return }
        if error != EINTR { throw .descriptor(errno: error) }
      }
      if count == 0 {
        isAtEnd = isPipe
        return
      }
      bytes += chunk
      if bytes.count > limit { throw .tooMuchOutput(byteCountMax: limit) }
    }
  }
}

/// Calls `body` with a null-terminated array of C strings.
func withCStrings<Result>(
  _ strings: [String], _ body: (UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>) -> Result
) -> Result {
  // SAFETY: each pointer is this function's own copy and is freed after `body` has returned.
  var pointers = unsafe strings.map { unsafe strdup($0) } + [nil]
  defer { unsafe pointers.forEach { unsafe free($0) } }
  return unsafe pointers.withUnsafeMutableBufferPointer { buffer in
    guard let base = buffer.baseAddress else { preconditionFailure("the array holds a null") }
    return unsafe body(base)
  }
}

func setNonblocking(_ descriptor: Int32) {
  _ = fcntl(descriptor, F_SETFL, fcntl(descriptor, F_GETFL) | O_NONBLOCK)
}

/// Milliseconds since some fixed time.
func monotonicMilliseconds() -> Int {
  var now = timespec()
  // SAFETY: `now` outlives the call.
  _ = unsafe clock_gettime(CLOCK_MONOTONIC, &now)
  return now.tv_sec * 1000 + now.tv_nsec / 1_000_000
}

/// The first executable file of a name on PATH; a name with a slash stands for itself.
///
/// - Returns: a path, or null when no folder of PATH holds such a file.
public func findExecutable(named name: String) -> String? {
  func isExecutable(_ path: String) -> Bool {
    var status = stat()
    // SAFETY: `status` outlives the call.
    return unsafe stat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFREG
      && access(path, X_OK) == 0
  }
  if name.isEmpty { return nil }
  if name.utf8.contains(UInt8(ascii: "/")) { return isExecutable(name) ? name : nil }
  // SAFETY: the string is copied at once.
  guard let path = unsafe getenv("PATH").map({ unsafe String(cString: $0) }) else { return nil }
  for folder in path.split(separator: ":", omittingEmptySubsequences: false) {
    let candidate = folder.isEmpty ? "./\(name)" : "\(folder)/\(name)"
    if isExecutable(candidate) { return candidate }
  }
  return nil
}
