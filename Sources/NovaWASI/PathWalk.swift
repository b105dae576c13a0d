// PathWalk.swift — a path within a directory → an open folder and one name that is no link.
// Freestanding. Imports NovaSystem. Design: NovaCore.docc/WASI.md.
//
// A walk opens one component after the other, never through a symbolic link, and follows links
// itself: what the kernel is handed is always a folder that the walk has reached and one name.
// `..` goes back to the folder that was open before, and not beyond the first.

import NovaSystem

/// What a path's last name stands for.
enum LastName {
  /// What a symbolic link points to.
  case followed
  /// The link itself, unless a slash stands behind it.
  case kept
  /// An entry of its folder, also with a slash behind it.
  case entry
}

/// Where a path leads: a folder and a name in it.
struct ResolvedPath: ~Copyable {
  let folder: Int32
  /// Ends with a zero; `.` for the folder itself.
  let name: [UInt8]
  /// Whether a slash stood behind it.
  let hasSlash: Bool
  private let isOwned: Bool

  init(folder: Int32, isOwned: Bool, name: [UInt8], hasSlash: Bool) {
    self.folder = folder
    self.isOwned = isOwned
    self.name = name
    self.hasSlash = hasSlash
  }

  deinit { if isOwned { PathWalk.close(folder) } }
}

/// A walk under way.
struct PathWalk: ~Copyable {
  /// The most bytes of a path, with what its links add.
  static var byteCountMax: Int { 4096 }
  /// The most folders below the first that are open at once.
  static var depthMax: Int { 128 }
  /// The most links of a path; Linux's number.
  static var linkCountMax: Int { 40 }

  private static var slash: UInt8 { UInt8(ascii: "/") }
  private static var dot: UInt8 { UInt8(ascii: ".") }

  private let base: Int32
  /// Folders below the base, each in the one before.
  private var opened: [Int32] = []
  private var path: [UInt8]
  private var next = 0
  private var linkCount = 0

  deinit { for folder in opened { Self.close(folder) } }

  static func close(_ descriptor: Int32) {
    // Nothing was written through it that could be lost.
    do throws(SystemError) { try System.close(descriptor) } catch {}
  }

  /// Walks along a path.
  ///
  /// - Parameters:
  ///   - path: any bytes.
  ///   - base: an open folder; the path does not leave it.
  ///   - last: what the last name stands for.
  /// - Returns: where it leads; the last name may be that of nothing.
  /// - Throws: `WASIErrno.notPermitted` when the path leaves the folder, by `..`, because it or a
  ///   link begins with a slash, or otherwise what the system says.
  /// - Complexity: two system calls for each component.
  static func resolve(
    _ path: [UInt8], in base: Int32, _ last: LastName
  ) throws(WASIErrno) -> ResolvedPath {
    guard !path.isEmpty else { throw .missing }
    guard path.count <= byteCountMax else { throw .nameTooLong }
    guard !path.contains(0) else { throw .invalid }
    guard path[0] != slash else { throw .notPermitted }
    var walk = PathWalk(base: base, path: path)
    return try walk.run(last)
  }

  private init(base: Int32, path: [UInt8]) {
    self.base = base
    self.path = path
  }

  private var folder: Int32 { opened.last ?? base }

  private mutating func run(_ last: LastName) throws(WASIErrno) -> ResolvedPath {
    while true {
      let name = takeName()
      let isLast = next == path.count
      let hasSlash = path[next - 1] == Self.slash
      if name.count == 1, name[0] == Self.dot {
        if isLast { return end([Self.dot, 0], hasSlash: hasSlash) }
        continue
      }
      if name.count == 2, name[0] == Self.dot, name[1] == Self.dot {
        guard let inner = opened.popLast() else { throw .notPermitted }
        Self.close(inner)
        if isLast { return end([Self.dot, 0], hasSlash: hasSlash) }
        continue
      }
      let string = name + [0]
      guard isLast else {
        try enter(string)
        continue
      }
      let follows = last == .followed || last == .kept && hasSlash
      if follows, let target = try link(string) {
        try follow(target, hasSlash: hasSlash)
        continue
      }
      return end(string, hasSlash: hasSlash)
    }
  }

  /// The next component; then `next` is behind it and the slashes that follow.
  private mutating func takeName() -> [UInt8] {
    let start = next
    while next < path.count, path[next] != Self.slash { next += 1 }
    let name = [UInt8](path[start..<next])
    while next < path.count, path[next] == Self.slash { next += 1 }
    return name
  }

  private mutating func end(_ name: [UInt8], hasSlash: Bool) -> ResolvedPath {
    if let folder = opened.popLast() {
      return ResolvedPath(folder: folder, isOwned: true, name: name, hasSlash: hasSlash)
    }
    return ResolvedPath(folder: base, isOwned: false, name: name, hasSlash: hasSlash)
  }

  /// Goes into the folder of a name, or to where the link of that name leads.
  private mutating func enter(_ name: [UInt8]) throws(WASIErrno) {
    do throws(SystemError) {
      let inner = try System.open(in: folder, name.span, .path | .directory | .noFollow)
      opened.append(inner)
    } catch {
      let refusal = WASIErrno(error)
      // A link is no directory, and not to be followed: the kernel may say either.
      guard refusal == .notDirectory || refusal == .loop, let target = try link(name) else {
        throw refusal
      }
      return try follow(target, hasSlash: true)
    }
    guard opened.count <= Self.depthMax else { throw .nameTooLong }
  }

  /// Where a link leads; nil when the name is that of something else, or of nothing.
  private func link(_ name: [UInt8]) throws(WASIErrno) -> [UInt8]? {
    var buffer = [UInt8](repeating: 0, count: Self.byteCountMax + 1)
    var span = buffer.mutableSpan
    do throws(SystemError) {
      let byteCount = try System.readLink(in: folder, name.span, into: &span)
      return [UInt8](buffer.prefix(byteCount))
    } catch {
      let refusal = WASIErrno(error)
      guard refusal == .invalid || refusal == .missing else { throw refusal }
      return nil
    }
  }

  /// Puts where a link leads before the rest of the path.
  private mutating func follow(_ target: [UInt8], hasSlash: Bool) throws(WASIErrno) {
    linkCount += 1
    guard linkCount <= Self.linkCountMax else { throw .loop }
    guard let first = target.first else { throw .missing }
    guard first != Self.slash else { throw .notPermitted }
    let rest = path[next...]
    path = target + (hasSlash ? [Self.slash] : []) + rest
    next = 0
    guard path.count <= Self.byteCountMax else { throw .nameTooLong }
  }
}
