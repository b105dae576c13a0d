// ModuleFileTests.swift — modules from files and memory files; failures at each allocation.

import CDrivers
import Glibc
import NovaAssembler
import NovaModules
import TestSupport
import Testing

@Suite(.serialized) struct ModuleFileTests {
  /// Runs `body` with the path of a file of these bytes.
  private func withFile(
    _ bytes: [UInt8], named name: String = "numbers.nvc", _ body: (String) throws -> Void
  ) throws {
    let folder = try TemporaryFolder()
    try folder.write(bytes, to: name)
    try body("\(folder.path)/\(name)")
  }

  @Test func `a file is read once, and may change afterwards`() throws {
    let bytes = try assembled(ModuleText.fibonacci)
    try withFile(bytes) { path in
      try withLoader { runtime, loader in
        let (module, handle) = try loader.loadModuleFile(path)
        #expect(module.name == "numbers")
        #expect(try runtime.memoryContract.byteCount(of: handle) == bytes.count)
        unsafe truncate(path, 0)
        #expect(try runtime.executeModule(module, "fib", [.i32(10)]) == [.i32(55)])
        let empty = "\(path)"
        #expect(throws: ModuleError.self) { try loader.loadModuleFile(empty, name: "other") }
        #expect(loader.modules.count == 1)
      }
    }
  }

  @Test func `what is no file is refused with the system's reason`() throws {
    try withLoader { _, loader in
      let absent = SystemError(call: .open, errno: ENOENT)
      expectRefusal(.file("/nowhere/at.nvc", absent)) {
        try loader.loadModuleFile("/nowhere/at.nvc")
      }
      expectRefusal(.wrongPath(byteCount: 0)) { try loader.loadModuleFile("") }
      var ends: [Int32] = [0, 0]
      #expect(unsafe pipe(&ends) == 0)
      defer { for end in ends { close(end) } }
      let noEnd = SystemError(call: .fileByteCount, errno: ESPIPE)
      let path = "/dev/fd/\(ends[0])"
      expectRefusal(.file(ModuleName(path), noEnd)) { try loader.loadModuleFile(path, name: "p") }
    }
  }

  @Test func `a memory file runs in place when nobody can change it`() throws {
    let bytes = try assembled(ModuleText.fibonacci)
    try withLoader { runtime, loader in
      let descriptor = unsafe memory_file(bytes, bytes.count)
      #expect(descriptor >= 0)
      defer { close(descriptor) }
      let missing = SystemError(call: .mapSealed, errno: EPERM)
      expectRefusal(.file("sealed", missing)) {
        try loader.load("sealed", sealedMemoryFile: descriptor)
      }
      #expect(seal_memory_file(descriptor) == 0)
      let module = try loader.load("sealed", sealedMemoryFile: descriptor)
      #expect(module.handle == nil)
      #expect(try runtime.executeModule(module, "fib", [.i32(10)]) == [.i32(55)])
      let none = SystemError(call: .mapSealed, errno: EINVAL)
      try withFile(bytes) { path in
        let file = unsafe open(path, O_RDONLY)
        defer { close(file) }
        expectRefusal(.file("plain", none)) { try loader.load("plain", sealedMemoryFile: file) }
      }
    }
  }

  @Test func `a failure at any allocation leaves nothing behind`() throws {
    let bytes = try assembled(ModuleText.memory)
    var number = 1
    while true {
      var isThrough = false
      try withLoader { runtime, loader in
        runtime.memoryContract.failAllocation(at: number)
        defer { runtime.memoryContract.failAllocation(at: nil) }
        do {
          let module = try loader.load("memory", copying: bytes.span)
          let limits = ModuleLimits(memoryByteCount: 1 << 20)
          let task = try runtime.executeAsync(module, "grow", [.i32(1)], limits: limits)
          #expect(try task.join() == [.i32(1)])
          isThrough = true
        } catch ModuleError.memory(let name, .injected(let failed)) {
          #expect(name == "memory" && failed == number)
        } catch ModuleFailure.refused(.memory(let name, .injected(let failed))) {
          #expect(name == "memory" && failed == number)
        }
      }
      if isThrough { break }
      number += 1
    }
    // The bytes, scratch, types, record and block of each part, child, stack and task.
    #expect(number > 8, "\(number)")
  }
}
