// Files.swift — paths, and files written so that nobody ever sees half of one.
// Hosted. Reading: readFile. Imports Glibc.

import Glibc

/// What was attempted with a file or folder.
public enum FileAction: Sendable {
  case open, write, replace, makeFolder
}

/// Why a file could not be written; what was there before is unchanged.
public struct FileChangeError: Error, Equatable {
  /// What was attempted.
  public var action: FileAction
  /// The file or folder.
  public var path: String
  /// As the kernel gave it.
  public var errno: Int32
}

/// The file system as far as the command needs it.
public enum Files {
  /// Whether anything is at `path`.
  public static func exists(_ path: String) -> Bool {
    // SAFETY: the path is a C string during the call.
    unsafe access(path, F_OK) == 0
  }

  /// Whether this process may write to the file or folder at `path`.
  public static func isWritable(_ path: String) -> Bool {
    // SAFETY: the path is a C string during the call.
    unsafe access(path, W_OK) == 0
  }

  /// Nanoseconds since 1970 at which the file was changed last; null when there is none.
  public static func modificationTime(_ path: String) -> Int64? {
    var status = stat()
    // SAFETY: `status` outlives the call.
    guard unsafe stat(path, &status) == 0 else { return nil }
    return Int64(status.st_mtim.tv_sec) * 1_000_000_000 + Int64(status.st_mtim.tv_nsec)
  }

  /// Whether `path` is a folder.
  public static func isFolder(_ path: String) -> Bool {
    var status = stat()
    // SAFETY: `status` outlives the call.
    return unsafe stat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFDIR
  }

  /// The absolute path without links; null when nothing is there.
  public static func resolve(_ path: String) -> String? {
    // SAFETY: a null second argument makes realpath allocate; the copy is freed once.
    guard let resolved = unsafe realpath(path, nil) else { return nil }
    defer { unsafe free(resolved) }
    return unsafe String(cString: resolved)
  }

  /// This process's current folder.
  public static var currentFolder: String { resolve(".") ?? "." }

  /// The path up to its last slash; `.` when it has none.
  public static func parent(of path: String) -> String {
    guard let slash = path.lastIndex(of: "/") else { return "." }
    return slash == path.startIndex ? "/" : String(path[..<slash])
  }

  /// The path after its last slash.
  public static func name(of path: String) -> String {
    guard let slash = path.lastIndex(of: "/") else { return path }
    return String(path[path.index(after: slash)...])
  }

  /// Removes a file or an empty folder; one that is not there is fine.
  public static func remove(_ path: String) {
    // SAFETY: the path is a C string during the call.
    _ = unsafe Glibc.remove(path)
  }

  /// Moves a file or folder to a place where nothing is, on the same file system.
  public static func move(_ path: String, to new: String) throws(FileChangeError) {
    // SAFETY: both paths are C strings during the call.
    guard unsafe rename(path, new) == 0 else {
      throw FileChangeError(action: .replace, path: new, errno: errno)
    }
  }

  /// Makes the folder and those above it; one that is there already is fine.
  public static func makeFolder(_ path: String) throws(FileChangeError) {
    guard !isFolder(path) else { return }
    let above = parent(of: path)
    if above != path { try makeFolder(above) }
    // SAFETY: the path is a C string during the call.
    guard unsafe mkdir(path, 0o777) == 0 || errno == EEXIST else {
      throw FileChangeError(action: .makeFolder, path: path, errno: errno)
    }
  }

  /// Makes an empty folder for this process alone, in TMPDIR or /tmp.
  ///
  /// - Parameter name: what its name begins with.
  /// - Returns: its path.
  /// - Throws: `FileChangeError`.
  static func makeTemporaryFolder(_ name: String) throws(FileChangeError) -> String {
    let parent = environmentVariable("TMPDIR") ?? "/tmp"
    var template = Array("\(parent)/\(name)-XXXXXX".utf8CString)
    // SAFETY: mkdtemp replaces the X of a C string that lives for the call.
    guard unsafe mkdtemp(&template) != nil else {
      throw FileChangeError(action: .makeFolder, path: parent, errno: errno)
    }
    return String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
  }

  /// Writes a file beside its place and moves it there; on failure nothing is left.
  ///
  /// A link stays and its target is replaced. A device or a pipe is written to, never replaced.
  ///
  /// - Parameters:
  ///   - bytes: the whole contents.
  ///   - path: of the file.
  ///   - mode: permissions before the process's mask.
  /// - Throws: `FileChangeError`, with the path and the errno.
  public static func write(
    _ bytes: [UInt8], to path: String, mode: mode_t = 0o666
  ) throws(FileChangeError) {
    let place = resolve(path) ?? path
    if isSpecial(place) { return try put(bytes, path, at: place, O_WRONLY, mode) }
    let new = "\(place).new.\(getpid())"
    do throws(FileChangeError) {
      try put(bytes, path, at: new, O_WRONLY | O_CREAT | O_TRUNC, mode)
      // SAFETY: both paths are C strings during the call.
      guard unsafe rename(new, place) == 0 else {
        throw FileChangeError(action: .replace, path: path, errno: errno)
      }
    } catch {
      remove(new)
      throw error
    }
  }

  /// Whether something is there that is neither a file nor a folder.
  private static func isSpecial(_ path: String) -> Bool {
    var status = stat()
    // SAFETY: the path is a C string during the call, and `status` outlives it.
    guard unsafe stat(path, &status) == 0 else { return false }
    let kind = status.st_mode & S_IFMT
    return kind != S_IFREG && kind != S_IFDIR
  }

  /// Writes all bytes to what is opened at `place`; errors name `path`.
  private static func put(
    _ bytes: [UInt8], _ path: String, at place: String, _ flags: Int32, _ mode: mode_t
  ) throws(FileChangeError) {
    // SAFETY: the path is a C string during the call.
    let descriptor = unsafe open(place, flags | O_CLOEXEC, mode)
    guard descriptor >= 0 else { throw FileChangeError(action: .open, path: path, errno: errno) }
    var rest = bytes[...]
    while !rest.isEmpty {
      // SAFETY: the buffer is valid during the call and its count is what is passed.
      let count = unsafe rest.withUnsafeBytes {
        unsafe Glibc.write(descriptor, $0.baseAddress, $0.count)
      }
      if count < 0, errno == EINTR { continue }
      guard count > 0 else {
        let error = FileChangeError(action: .write, path: path, errno: errno)
        close(descriptor)
        throw error
      }
      rest = rest.dropFirst(count)
    }
    guard close(descriptor) == 0 else {
      throw FileChangeError(action: .write, path: path, errno: errno)
    }
  }
}

/// The value of an environment variable; null when it is unset or empty.
public func environmentVariable(_ name: String) -> String? {
  // SAFETY: the string is copied at once, and no thread changes the environment.
  guard let value = unsafe getenv(name) else { return nil }
  let text = unsafe String(cString: value)
  return text.isEmpty ? nil : text
}

/// This process's environment, `NAME=value` each.
func environmentVariables() -> [String] {
  var variables: [String] = []
  // SAFETY: `environ` ends with a null, and no thread changes the environment.
  var next = unsafe environ
  while let text = unsafe next.pointee {
    unsafe variables.append(String(cString: text))
    unsafe next += 1
  }
  return variables
}
