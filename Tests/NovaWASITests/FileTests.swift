// FileTests.swift — descriptors, files and directories as WASI's functions show them.

import NovaModules
import NovaToolchain
import TestSupport
import Testing

@testable import NovaWASI

@Suite struct FileTests {
  private static let (create, directory, exclusive, truncate): (UInt64, UInt64, UInt64, UInt64) =
    (1, 2, 4, 8)

  @Test func `what was granted is told, up to the first number that is free`() throws {
    try Port.withFolder { (port: Port, _: TemporaryFolder) throws in
      #expect(try port.call("fd_prestat_get", 3, UInt64(Port.result)) == 0)
      #expect(try port.number(at: Port.result, byteCount: 8) == 5 << 32)
      #expect(try port.call("fd_prestat_dir_name", 3, UInt64(Port.buffer), 5) == 0)
      #expect(try port.text(at: Port.buffer, 5) == "/data")
      #expect(
        try port.call("fd_prestat_dir_name", 3, UInt64(Port.buffer), 4) == Errno.nameTooLong)
      for number: UInt64 in [0, 1, 2, 4, 0xffff_ffff] {
        #expect(try port.call("fd_prestat_get", number, UInt64(Port.result)) == Errno.badDescriptor)
      }
    }
  }

  @Test func `without a grant there is nothing`() throws {
    try Port.with { (port: Port) throws in
      #expect(try port.call("fd_prestat_get", 3, UInt64(Port.result)) == Errno.badDescriptor)
      #expect(try port.open("file").errno == Errno.badDescriptor)
      for stream: UInt64 in [0, 1, 2] {
        #expect(try port.write("x", to: stream) == Errno.notCapable)
        #expect(
          try port.call("fd_read", stream, UInt64(Port.result + 64), 1, UInt64(Port.result))
            == Errno.notCapable)
        #expect(try port.call("fd_fdstat_get", stream, UInt64(Port.buffer)) == 0)
        #expect(try port.bytes(at: Port.buffer, 24) == [UInt8](repeating: 0, count: 24))
      }
    }
  }

  @Test func `a file is made, written, read, moved in and cut`() throws {
    try Port.withFolder { (port: Port, folder: TemporaryFolder) throws in
      let file = try port.open("file", ways: Self.create | Self.exclusive).get()
      #expect(file == 4)
      #expect(
        try port.open("file", ways: Self.create | Self.exclusive).errno == Errno.exists)
      #expect(try port.write("hello, world", to: file) == 0)
      #expect(try port.number(at: Port.result) == 12)
      #expect(try readFile("\(folder.path)/file") == Array("hello, world".utf8))
      func seek(_ offset: Int64, _ origin: UInt64) throws -> UInt64 {
        let errno = try port.call(
          "fd_seek", file, UInt64(bitPattern: offset), origin, UInt64(Port.result))
        return errno == 0 ? try port.number(at: Port.result, byteCount: 8) : 1000 + UInt64(errno)
      }
      #expect(try seek(-5, 2) == 7)
      #expect(try port.read(file) == "world")
      #expect(try port.read(file) == "")
      #expect(try seek(-1, 0) == 1000 + UInt64(Errno.invalid))
      #expect(try seek(0, 3) == 1000 + UInt64(Errno.invalid))
      #expect(try port.call("fd_tell", file, UInt64(Port.result)) == 0)
      #expect(try port.number(at: Port.result, byteCount: 8) == 12)
      // Reading and writing at a place does not move.
      try port.write(words: [Port.buffer, 3, Port.buffer + 3, 2], at: Port.result + 64)
      #expect(
        try port.call("fd_pread", file, UInt64(Port.result + 64), 2, 7, UInt64(Port.result)) == 0)
      #expect(try port.text(at: Port.buffer, 5) == "world")
      #expect(
        try port.call("fd_pwrite", file, UInt64(Port.result + 64), 2, 0, UInt64(Port.result)) == 0)
      #expect(try readFile("\(folder.path)/file") == Array("world, world".utf8))
      #expect(
        try port.call(
          "fd_pread", file, UInt64(Port.result + 64), 1, 1 << 63, UInt64(Port.result))
          == Errno.invalid)
      #expect(try port.call("fd_filestat_set_size", file, 5) == 0)
      #expect(try port.call("fd_filestat_set_size", file, 1 << 63) == Errno.invalid)
      #expect(try port.call("fd_allocate", file, 0, 8) == 0)
      #expect(try readFile("\(folder.path)/file") == Array("world\0\0\0".utf8))
      #expect(try port.call("fd_sync", file) == 0)
      #expect(try port.call("fd_datasync", file) == 0)
      for advice: UInt64 in 0..<6 { #expect(try port.call("fd_advise", file, 0, 8, advice) == 0) }
      #expect(try port.call("fd_advise", file, 0, 8, 6) == Errno.invalid)
      #expect(try port.call("fd_close", file) == 0)
      #expect(try port.call("fd_close", file) == Errno.badDescriptor)
    }
  }

  @Test func `opening does what its flags say`() throws {
    try Port.withFolder { (port: Port, folder: TemporaryFolder) throws in
      try folder.write("content", to: "file")
      try folder.write("", to: "sub/x")
      let file = try port.open("file", ways: Self.truncate).get()
      #expect(try readFile("\(folder.path)/file").isEmpty)
      #expect(try port.open("file", ways: Self.directory).errno == Errno.notDirectory)
      #expect(try port.open("sub").errno == Errno.isDirectory)
      #expect(try port.open("sub", rights: 1 << 1).errno == 0)
      #expect(try port.open("sub", ways: Self.directory).errno == 0)
      #expect(try port.open("new/", ways: Self.create).errno == Errno.isDirectory)
      #expect(
        try port.open("new", ways: Self.create | Self.directory).errno == Errno.invalid)
      #expect(try port.open("file", ways: 16).errno == Errno.invalid)
      #expect(try port.open("file", flags: 32).errno == Errno.invalid)
      #expect(try port.open("x", in: file).errno == Errno.notDirectory)
      // Appending ignores where the descriptor stands.
      let appending = try port.open("file", flags: 1).get()
      #expect(try port.write("a", to: appending) == 0)
      #expect(try port.write("bc", to: file) == 0)
      #expect(try port.write("d", to: appending) == 0)
      #expect(try readFile("\(folder.path)/file") == Array("bcd".utf8))
      #expect(try port.call("fd_fdstat_get", appending, UInt64(Port.buffer)) == 0)
      #expect(try port.bytes(at: Port.buffer, 4) == [4, 0, 1, 0])
      #expect(try port.call("fd_fdstat_set_flags", appending, 4) == 0)
      #expect(try port.call("fd_fdstat_get", appending, UInt64(Port.buffer)) == 0)
      #expect(try port.bytes(at: Port.buffer, 4) == [4, 0, 4, 0])
      #expect(try port.call("fd_fdstat_set_flags", appending, 16) == Errno.notSupported)
      #expect(try port.call("fd_fdstat_set_flags", appending, 32) == Errno.invalid)
    }
  }

  @Test func `rights can be given up, and do not come back`() throws {
    try Port.withFolder { (port: Port, folder: TemporaryFolder) throws in
      try folder.write("content", to: "file")
      let (read, write, seek): (UInt64, UInt64, UInt64) = (1 << 1, 1 << 6, 1 << 2)
      let file = try port.open("file", rights: read).get()
      #expect(try port.write("x", to: file) == Errno.notCapable)
      #expect(
        try port.call("fd_seek", file, 0, 0, UInt64(Port.result)) == Errno.notCapable)
      #expect(try port.call("fd_filestat_get", file, UInt64(Port.buffer)) == Errno.notCapable)
      #expect(try port.call("fd_fdstat_set_rights", file, read | write, 0) == Errno.notCapable)
      #expect(try port.call("fd_fdstat_set_rights", file, 0, 0) == 0)
      #expect(
        try port.call("fd_read", file, UInt64(Port.result + 64), 0, UInt64(Port.result))
          == Errno.notCapable)
      // What a directory does not give, what is opened in it has not.
      let directoryRights: UInt64 = 0x1f_fe00
      #expect(try port.call("fd_fdstat_set_rights", 3, directoryRights, read | seek) == 0)
      let other = try port.open("file").get()
      #expect(try port.call("fd_fdstat_get", other, UInt64(Port.buffer)) == 0)
      #expect(try port.number(at: Port.buffer + 8, byteCount: 8) == read | seek)
      #expect(try port.call("fd_fdstat_set_rights", 3, 1 << 13, read) == 0)
      #expect(try port.open("new", ways: Self.create).errno == Errno.notCapable)
      #expect(try port.onPath("path_unlink_file", "file") == Errno.notCapable)
    }
  }

  @Test func `descriptors are renumbered, and all of them can be taken`() throws {
    try Port.withFolder { (port: Port, folder: TemporaryFolder) throws in
      try folder.write("a", to: "a")
      try folder.write("b", to: "b")
      let (a, b) = (try port.open("a").get(), try port.open("b").get())
      #expect(try port.call("fd_renumber", a, b) == 0)
      #expect(try port.read(b) == "a")
      #expect(try port.call("fd_renumber", a, b) == Errno.badDescriptor)
      #expect(try port.call("fd_renumber", b, a) == Errno.badDescriptor)
      #expect(try port.call("fd_renumber", b, b) == 0)
      #expect(try port.open("b").get() == a)
      for number in b + 1..<UInt64(DescriptorTable.countMax) {
        let errno = try port.call("fd_renumber", 3, 3)
        #expect(errno == 0)
        // The system may let a process have fewer.
        guard case .success(let opened) = try port.open("a", rights: 2) else { return }
        #expect(opened == number)
      }
      #expect(try port.open("a").errno == 33)
    }
  }

  // MARK: Names

  @Test func `folders and names are made, moved and removed`() throws {
    try Port.withFolder { (port: Port, folder: TemporaryFolder) throws in
      #expect(try port.onPath("path_create_directory", "d/") == 0)
      #expect(try port.onPath("path_create_directory", "d") == Errno.exists)
      #expect(try port.onPath("path_create_directory", "x/y") == Errno.missing)
      try folder.write("content", to: "d/file")
      #expect(try port.onPath("path_remove_directory", "d") == Errno.notEmpty)
      #expect(try port.onPath("path_remove_directory", "d/file") == Errno.notDirectory)
      #expect(try port.onPath("path_unlink_file", "d") == Errno.isDirectory)
      #expect(try port.onPath("path_unlink_file", "d/file/") == Errno.notDirectory)
      #expect(try port.onPath("path_unlink_file", "d/") == Errno.isDirectory)
      #expect(try port.onPaths("path_link", "d/file", "second") == 0)
      #expect(try port.onPaths("path_link", "d/file", "second") == Errno.exists)
      #expect(try port.onPaths("path_link", "d/file", "third/") == Errno.missing)
      #expect(try port.onPaths("path_link", "d/file/", "third") == Errno.notDirectory)
      #expect(try port.onPaths("path_rename", "second", "d/") == Errno.notDirectory)
      #expect(try port.onPaths("path_rename", "second/", "third") == Errno.notDirectory)
      #expect(try port.onPaths("path_rename", "second", "third") == 0)
      #expect(try port.onPaths("path_rename", "d/", "e/") == 0)
      #expect(try port.onPaths("path_rename", "none", "e") == Errno.missing)
      #expect(try folder.names() == ["e", "third"])
      #expect(try port.onPaths("path_symlink", "e", "link/") == Errno.missing)
      #expect(try port.onPaths("path_symlink", "e", "third") == Errno.exists)
      #expect(try port.onPaths("path_symlink", "e", "link") == 0)
      #expect(try port.onPath("path_remove_directory", "link") == Errno.notDirectory)
      #expect(try port.onPath("path_unlink_file", "link") == 0)
      #expect(try port.onPath("path_unlink_file", "third") == 0)
      #expect(try port.onPath("path_unlink_file", "e/file") == 0)
      #expect(try port.onPath("path_remove_directory", "e/") == 0)
      #expect(try port.onPath("path_remove_directory", "e") == Errno.missing)
      #expect(try folder.names().isEmpty)
    }
  }

  /// Names of a folder with types, read by `room` bytes at a time.
  private func names(_ port: Port, _ folder: UInt64, room: UInt32) throws -> [String] {
    var found: [String] = []
    var cookie: UInt64 = 0
    while true {
      let errno = try port.call(
        "fd_readdir", folder, UInt64(Port.buffer), UInt64(room), cookie, UInt64(Port.result))
      #expect(errno == 0)
      let used = UInt32(try port.number(at: Port.result))
      var place: UInt32 = 0
      while place + 24 <= used {
        let length = UInt32(try port.number(at: Port.buffer + place + 16))
        guard place + 24 + length <= used else { break }
        cookie = try port.number(at: Port.buffer + place, byteCount: 8)
        let type = try port.number(at: Port.buffer + place + 20, byteCount: 1)
        found.append("\(type) " + (try port.text(at: Port.buffer + place + 24, Int(length))))
        place += 24 + length
      }
      if used < room { return found }
      #expect(place > 0, "no entry fits")
      guard place > 0 else { return found }
    }
  }

  @Test func `a folder's entries come by name, also where there is little room`() throws {
    try Port.withFolder { (port: Port, folder: TemporaryFolder) throws in
      for number in 0..<40 { try folder.write("", to: "sub/file\(number)") }
      try folder.write("", to: "sub/folder/x")
      let sub = try port.open("sub", ways: Self.directory).get()
      #expect(try port.onPaths("path_symlink", "file0", "sub/a link") == 0)
      let expected =
        ["3 .", "3 ..", "7 a link"] + (0..<40).map { "4 file\($0)" }.sorted() + ["3 folder"]
      #expect(try names(port, sub, room: 4096) == expected)
      #expect(try names(port, sub, room: 40) == expected)
      // Entries that go meanwhile are still told; a new look finds them gone.
      #expect(
        try port.call("fd_readdir", sub, UInt64(Port.buffer), 24, 0, UInt64(Port.result)) == 0)
      #expect(try port.onPath("path_unlink_file", "sub/file9") == 0)
      #expect(
        try port.call("fd_readdir", sub, UInt64(Port.buffer), 64, 42, UInt64(Port.result)) == 0)
      #expect(try port.text(at: Port.buffer + 24, 5) == "file9")
      #expect(try names(port, sub, room: 4096).count == expected.count - 1)
      #expect(
        try port.call("fd_readdir", sub, UInt64(Port.buffer), 64, 44, UInt64(Port.result))
          == Errno.invalid)
      let file = try port.open("sub/file0").get()
      #expect(
        try port.call("fd_readdir", file, UInt64(Port.buffer), 64, 0, UInt64(Port.result))
          == Errno.notDirectory)
      #expect(
        try port.call("fd_read", sub, UInt64(Port.result + 64), 0, UInt64(Port.result))
          == Errno.isDirectory)
      #expect(try port.call("fd_seek", sub, 0, 0, UInt64(Port.result)) == Errno.badDescriptor)
    }
  }

  // MARK: Status

  @Test func `a status tells type, size and links, and real times where they are granted`() throws {
    for grants: DriverGrants in [[], .wallClock] {
      try Port.withFolder(grants: grants) { (port: Port, folder: TemporaryFolder) throws in
        try folder.write("12345", to: "file")
        let (address, count) = try port.path("file")
        let second: UInt64 = 1_000_000_000
        #expect(
          try port.call(
            "path_filestat_set_times", 3, 1, address, count, 5 * second, 7 * second + 9, 5) == 0)
        func status() throws -> [UInt64] {
          #expect(
            try port.call("path_filestat_get", 3, 1, address, count, UInt64(Port.buffer)) == 0)
          return try [16, 24, 32, 40, 48].map {
            try port.number(at: Port.buffer + $0, byteCount: $0 == 16 ? 1 : 8)
          }
        }
        let isReal = grants.contains(.wallClock)
        let start = VirtualClock.wallStart
        #expect(
          try status() == [4, 1, 5] + (isReal ? [5 * second, 7 * second + 9] : [start, start]))
        // One is left, one is now.
        let file = try port.open("file").get()
        #expect(try port.call("fd_filestat_set_times", file, 1, 2, 8) == 0)
        let times = Array(try status().suffix(2))
        if isReal {
          #expect(times[0] == 5 * second && times[1] > start)
        }
        #expect(try port.call("fd_filestat_set_times", file, 1, 2, 3) == Errno.invalid)
        #expect(try port.call("fd_filestat_set_times", file, 1, 2, 16) == Errno.invalid)
        #expect(try port.call("fd_filestat_get", file, UInt64(Port.buffer + 64)) == 0)
        let known = try port.bytes(at: Port.buffer, 40)
        #expect(try port.bytes(at: Port.buffer + 64, 40) == known)
        #expect(try port.call("fd_filestat_get", 3, UInt64(Port.buffer)) == 0)
        #expect(try port.number(at: Port.buffer + 16, byteCount: 1) == 3)
      }
    }
  }
}
