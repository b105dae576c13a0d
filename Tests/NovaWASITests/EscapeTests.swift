// EscapeTests.swift — no path leaves the folder that was granted.

import NovaToolchain
import TestSupport
import Testing

@testable import NovaWASI

@Suite struct EscapeTests {
  /// A granted folder `in`, beside a file `secret` that was not, and links that would lead to it.
  private func withTrap(_ body: (Port, TemporaryFolder) throws -> Void) throws {
    let folder = try TemporaryFolder()
    try folder.write("secret", to: "secret")
    try folder.write("inner", to: "in/a/b/file")
    let script = """
      cd in && ln -s .. up && ln -s ../secret out && ln -s /etc etc && ln -s up up2 &&
      ln -s a/b down && ln -s ../a a/self && ln -s loop2 loop1 && ln -s loop1 loop2 &&
      ln -s a/b/../../../secret late && ln -s a/b/../b/file file && ln -s missing dangling &&
      ln -s ../../../secret a/b/deep && ln -s / root && ln -s a/../.. sly
      """
    var request = ProcessRequest("/bin/sh", ["-c", script])
    request.workingDirectory = folder.path
    #expect(try NovaToolchain.run(request).isSuccess)
    var configuration = WASIConfiguration()
    configuration.directories = [
      WASIDirectory(host: Array("\(folder.path)/in".utf8), guest: Array("/".utf8))
    ]
    try Port.with(configuration) { try body($0, folder) }
  }

  private static let escapes = [
    "..", "../secret", "a/../../secret", "a/b/../../../secret", "./../secret", "up", "up/secret",
    "up2/secret", "out", "etc", "etc/passwd", "late", "a/b/deep", "root", "root/etc/passwd", "sly",
    "sly/secret", "/", "/etc/passwd", "a/./.././../secret", "a//..//..//secret",
    "down/../../../secret",
    "up/", "up/in/a/b/file", "a/self/../../secret",
  ]

  @Test func `no path leads to what was not granted`() throws {
    try withTrap { (port: Port, folder: TemporaryFolder) throws in
      for path in Self.escapes {
        #expect(try port.open(path).errno == Errno.notPermitted, "\(path)")
        #expect(try port.open(path, ways: 2).errno == Errno.notPermitted, "\(path)")
        let (address, count) = try port.path(path)
        let status = try port.call(
          "path_filestat_get", 3, 1, address, count, UInt64(Port.buffer))
        #expect(status == Errno.notPermitted, "\(path)")
      }
      #expect(try readFile("\(folder.path)/secret") == Array("secret".utf8))
    }
  }

  @Test func `no path makes, moves or removes anything outside`() throws {
    try withTrap { (port: Port, folder: TemporaryFolder) throws in
      let before = try folder.names()
      for path in ["../new", "up/new", "a/../../new", "/new", "sly/new", "up2/new"] {
        #expect(try port.open(path, ways: 1).errno == Errno.notPermitted, "\(path)")
        for function in ["path_create_directory", "path_unlink_file", "path_remove_directory"] {
          #expect(try port.onPath(function, path) == Errno.notPermitted, "\(function) \(path)")
        }
        for function in ["path_rename", "path_link"] {
          #expect(try port.onPaths(function, "a/b/file", path) == Errno.notPermitted, "\(path)")
          #expect(try port.onPaths(function, path, "new") == Errno.notPermitted, "\(path)")
        }
        #expect(try port.onPaths("path_symlink", "a", path) == Errno.notPermitted, "\(path)")
      }
      #expect(try port.onPaths("path_symlink", "/etc", "absolute") == Errno.notPermitted)
      #expect(try folder.names() == before)
    }
  }

  @Test func `a link that the module makes leads no further than the module`() throws {
    try withTrap { (port: Port, folder: TemporaryFolder) throws in
      #expect(try port.onPaths("path_symlink", "../../secret", "a/leak") == 0)
      #expect(try port.open("a/leak").errno == Errno.notPermitted)
      // Moved up, a link that stayed within leads outside.
      #expect(try port.onPaths("path_symlink", "../../file", "a/b/link") == 0)
      #expect(try port.open("a/b/link").errno == 0)
      #expect(try port.onPaths("path_rename", "a/b/link", "link") == 0)
      #expect(try port.open("link").errno == Errno.notPermitted)
      // What a link is moved onto is the link, not what it points to.
      try folder.write("new", to: "in/new")
      #expect(try port.onPaths("path_rename", "new", "out") == 0)
      #expect(try readFile("\(folder.path)/secret") == Array("secret".utf8))
      #expect(try readFile("\(folder.path)/in/out") == Array("new".utf8))
    }
  }

  @Test func `a folder that was opened within is a border, too`() throws {
    try withTrap { (port: Port, _: TemporaryFolder) throws in
      let inner = try port.open("a/b", ways: 2).get()
      #expect(try port.open("file", in: inner).errno == 0)
      #expect(try port.open("../b/file", in: inner).errno == Errno.notPermitted)
      #expect(try port.open("deep", in: inner).errno == Errno.notPermitted)
    }
  }

  @Test func `links that stay within are followed`() throws {
    try withTrap { (port: Port, _: TemporaryFolder) throws in
      for path in [
        "file", "down/file", "a/self/b/file", "a/b/file", "./a/./b//file", "a/../a/b/file",
        "down/../b/file", "a/self/self/self/b/file",
      ] {
        let descriptor = try port.open(path).get()
        #expect(try port.read(descriptor) == "inner", "\(path)")
        #expect(try port.call("fd_close", descriptor) == 0)
      }
      #expect(try port.open("file", follows: false).errno == Errno.loop)
      #expect(try port.open("file/").errno == Errno.notDirectory)
      #expect(try port.open("file/x").errno == Errno.notDirectory)
      #expect(try port.open("down/", ways: 2).errno == 0)
      #expect(try port.open("loop1").errno == Errno.loop)
      #expect(try port.open("loop1/x").errno == Errno.loop)
      #expect(try port.open("dangling").errno == Errno.missing)
      // What a dangling link points to is made where it points.
      #expect(try port.open("dangling", ways: 1).errno == 0)
      #expect(try port.open("missing").errno == 0)
    }
  }

  @Test func `paths that are none are refused`() throws {
    try withTrap { (port: Port, _: TemporaryFolder) throws in
      #expect(try port.open("").errno == Errno.missing)
      #expect(try port.open("a\0b").errno == Errno.invalid)
      #expect(try port.open(String(repeating: "x", count: 256)).errno == Errno.nameTooLong)
      let long = String(repeating: "a/../", count: 819) + "a"
      #expect(try port.open(long, ways: 2).errno == 0)
      #expect(try port.open(long + "/", ways: 2).errno == Errno.nameTooLong)
      let errno = try port.call(
        "path_open", 3, 1, UInt64(Port.memoryByteCount - 2), 4, 0, 0, 0, 0, UInt64(Port.result))
      #expect(errno == Errno.fault)
    }
  }

  @Test func `a path may not be deeper than its limit`() throws {
    try Port.withFolder { (port: Port, folder: TemporaryFolder) throws in
      for depth in 0...PathWalk.depthMax {
        let path = (0...depth).map { _ in "d" }.joined(separator: "/")
        #expect(try port.onPath("path_create_directory", path) == 0)
      }
      let path = (0...PathWalk.depthMax + 1).map { _ in "d" }.joined(separator: "/")
      #expect(try port.onPath("path_create_directory", path) == Errno.nameTooLong)
      #expect(try folder.names() == ["d"])
    }
  }
}
