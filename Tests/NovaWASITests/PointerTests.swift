// PointerTests.swift — a pointer out of the module's memory is an errno, in every function.

import NovaModules
import TestSupport
import Testing

@testable import NovaWASI

@Suite struct PointerTests {
  /// A call that succeeds, and which of its arguments are addresses, with the bytes needed there.
  struct Case: Sendable {
    let name: String
    let arguments: [UInt64]
    let addresses: [Int: UInt64]

    init(_ name: String, _ arguments: [UInt64], _ addresses: [Int: UInt64]) {
      (self.name, self.arguments, self.addresses) = (name, arguments, addresses)
    }
  }

  private static let (list, room, result) = (
    UInt64(Port.result + 64), UInt64(Port.buffer), UInt64(Port.result)
  )
  /// Descriptor 3 is the folder, 4 the file `f`, whose name stands at `Port.path`.
  private static let (name, other) = (UInt64(Port.path), UInt64(Port.otherPath))

  private static let cases: [Case] = [
    Case("args_get", [room, room + 64], [0: 4, 1: 2]),
    Case("args_sizes_get", [result, result + 4], [0: 4, 1: 4]),
    Case("environ_get", [room, room + 64], [0: 4, 1: 3]),
    Case("environ_sizes_get", [result, result + 4], [0: 4, 1: 4]),
    Case("clock_res_get", [0, result], [1: 8]),
    Case("clock_time_get", [0, 0, result], [2: 8]),
    Case("fd_fdstat_get", [4, result], [1: 24]),
    Case("fd_filestat_get", [4, result], [1: 64]),
    Case("fd_pread", [4, list, 1, 0, result], [1: 8, 4: 4]),
    Case("fd_pwrite", [4, list, 1, 0, result], [1: 8, 4: 4]),
    Case("fd_read", [4, list, 1, result], [1: 8, 3: 4]),
    Case("fd_write", [4, list, 1, result], [1: 8, 3: 4]),
    Case("fd_seek", [4, 0, 0, result], [3: 8]),
    Case("fd_tell", [4, result], [1: 8]),
    Case("fd_prestat_get", [3, result], [1: 8]),
    Case("fd_prestat_dir_name", [3, room, 5], [1: 5]),
    Case("fd_readdir", [3, room, 512, 0, result], [1: 512, 4: 4]),
    Case("path_filestat_get", [3, 0, name, 1, room], [2: 1, 4: 64]),
    Case("path_filestat_set_times", [3, 0, name, 1, 0, 0, 0], [2: 1]),
    Case("path_create_directory", [3, other, 1], [1: 1]),
    Case("path_link", [3, 0, name, 1, 3, other, 1], [2: 1, 5: 1]),
    Case("path_open", [3, 0, name, 1, 0, 0, 0, 0, result], [2: 1, 8: 4]),
    Case("path_symlink", [name, 1, 3, other, 1], [0: 1, 3: 1]),
    Case("path_rename", [3, name, 1, 3, other, 1], [1: 1, 4: 1]),
    Case("path_unlink_file", [3, name, 1], [1: 1]),
    Case("path_remove_directory", [3, other, 1], [1: 1]),
    Case("random_get", [room, 32], [0: 32]),
    Case("poll_oneoff", [room, room + 64, 1, result], [0: 48, 1: 32, 3: 4]),
  ]

  private func withFile(_ body: (Port, TemporaryFolder) throws -> Void) throws {
    let folder = try TemporaryFolder()
    var configuration = WASIConfiguration()
    configuration.arguments = [Array("p".utf8)]
    configuration.environment = [Array("A=".utf8)]
    configuration.directories = [
      WASIDirectory(host: Array(folder.path.utf8), guest: Array("/data".utf8))
    ]
    try Port.with(configuration) { (port: Port) throws in
      try folder.write("content", to: "f")
      #expect(try port.open("f").get() == 4)
      try port.write(words: [Port.buffer, 16], at: Port.result + 64)
      _ = try port.path("g", at: Port.otherPath)
      _ = try port.path("f")
      try body(port, folder)
    }
  }

  private func call(_ port: Port, _ name: String, _ arguments: [UInt64]) throws -> UInt16 {
    let function = try #require(WASIFunction.allCases.first { "\($0.name)" == name })
    let values = zip(function.type.parameters, arguments).map { ModuleValue($0, bits: $1) }
    let results = try port.instance.call(NovaModules.ModuleName("call_\(name)"), values)
    guard case .i32(let errno)? = results.first else { return 0 }
    return UInt16(errno)
  }

  @Test(arguments: cases) func `an address beyond the memory is a fault`(tested: Case) throws {
    try withFile { (port: Port, folder: TemporaryFolder) throws in
      if tested.name == "path_remove_directory" {
        #expect(try port.onPath("path_create_directory", "g") == 0)
      }
      _ = try port.path("g", at: Port.otherPath)
      _ = try port.path("f")
      for (index, byteCount) in tested.addresses {
        let end = UInt64(Port.memoryByteCount)
        for address in [end - byteCount + 1, end, 0x7fff_ffff, 0xffff_ffff] {
          var arguments = tested.arguments
          arguments[index] = address
          #expect(
            try call(port, tested.name, arguments) == Errno.fault,
            "argument \(index) at \(address)")
        }
      }
      #expect(try call(port, tested.name, tested.arguments) == 0)
    }
  }

  @Test func `a size beyond the memory is a fault`() throws {
    try withFile { (port: Port, _: TemporaryFolder) throws in
      let sizes: [(String, [UInt64])] = [
        ("random_get", [Self.room, 0xffff_ffff]),
        ("fd_read", [4, Self.list, 0x0fff_ffff, Self.result]),
        ("fd_readdir", [3, Self.room, 0xffff_fff0, 0, Self.result]),
        ("poll_oneoff", [Self.room, Self.room, 4000, Self.result]),
      ]
      for (name, arguments) in sizes {
        #expect(try call(port, name, arguments) == Errno.fault, "\(name)")
      }
      // One of the places that a list names.
      try port.write(words: [Port.buffer, 0xffff_ffff], at: Port.result + 64)
      for name in ["fd_read", "fd_write"] {
        #expect(try call(port, name, [4, Self.list, 1, Self.result]) == Errno.fault)
      }
      #expect(try call(port, "path_unlink_file", [3, Self.name, 0xffff_ffff]) == Errno.nameTooLong)
    }
  }

  @Test func `every function that takes an address is among the cases`() {
    let without: Set<String> = [
      "fd_advise", "fd_allocate", "fd_close", "fd_datasync", "fd_sync", "fd_fdstat_set_flags",
      "fd_fdstat_set_rights", "fd_filestat_set_size", "fd_filestat_set_times", "fd_renumber",
      "proc_exit", "proc_raise", "sched_yield",
    ]
    // Its own case: a link must be there.
    let elsewhere: Set<String> = ["path_readlink"]
    let all = Set(WASIFunction.allCases.map { "\($0.name)" })
    #expect(all.count == 42)
    #expect(all == without.union(elsewhere).union(Self.cases.map(\.name)))
  }

  @Test func `where a link points to is read, as much as there is room for`() throws {
    try withFile { (port: Port, _: TemporaryFolder) throws in
      #expect(try port.onPaths("path_symlink", "target", "link") == 0)
      let (address, count) = try port.path("link")
      func read(_ room: UInt64, _ byteCount: UInt64, _ result: UInt64) throws -> UInt16 {
        try port.call("path_readlink", 3, address, count, room, byteCount, result)
      }
      #expect(try read(Self.room, 64, Self.result) == 0)
      #expect(try port.number(at: Port.result) == 6)
      #expect(try port.text(at: Port.buffer, 6) == "target")
      #expect(try read(Self.room, 3, Self.result) == 0)
      #expect(try port.number(at: Port.result) == 3)
      #expect(try read(Self.room, 0, Self.result) == 0)
      #expect(try port.number(at: Port.result) == 0)
      #expect(try read(UInt64(Port.memoryByteCount), 1, Self.result) == Errno.fault)
      #expect(try read(Self.room, 64, UInt64(Port.memoryByteCount) - 3) == Errno.fault)
      let (file, fileCount) = try port.path("f")
      #expect(
        try port.call("path_readlink", 3, file, fileCount, Self.room, 64, Self.result)
          == Errno.invalid)
    }
  }
}
