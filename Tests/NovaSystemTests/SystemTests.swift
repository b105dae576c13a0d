// SystemTests.swift — what the system grants, and each refusal with its errno.

import Glibc
import NovaSystem
import Testing

@Suite struct SystemTests {
  @Test func `write refuses a closed descriptor`() {
    #expect(throws: SystemError(call: .write, errno: EBADF)) {
      try System.write([1, 2, 3].span, to: -1)
    }
  }

  @Test func `write says how many bytes it wrote`() throws {
    var ends: [Int32] = [0, 0]
    // SAFETY: pipe writes two descriptors.
    #expect(unsafe pipe(&ends) == 0)
    defer { ends.forEach { close($0) } }
    #expect(try System.write([7, 8, 9].span, to: ends[1]) == 3)
    var bytes: [UInt8] = [0, 0, 0, 0]
    // SAFETY: read writes at most the four bytes.
    #expect(unsafe read(ends[0], &bytes, 4) == 3)
    #expect(bytes == [7, 8, 9, 0])
  }

  @Test func `mapped pages are zero and leave`() throws {
    let byteCount = 3 * System.pageByteCount
    let pages = try unsafe System.map(byteCount: byteCount)
    // SAFETY: the pages are mapped until unmap.
    #expect(unsafe UnsafeRawBufferPointer(start: pages, count: byteCount).allSatisfy { $0 == 0 })
    unsafe pages.storeBytes(of: 1, toByteOffset: byteCount - 1, as: UInt8.self)
    try unsafe System.unmap(pages, byteCount: byteCount)
    // SAFETY: msync only asks whether the pages are mapped.
    #expect(unsafe msync(pages, byteCount, MS_ASYNC) == -1)
    #expect(errno == ENOMEM)
  }

  @Test func `map refuses a taken address, no pages and too many`() throws {
    let pages = try unsafe System.map(byteCount: System.pageByteCount)
    let address = UInt(bitPattern: pages)
    #expect(throws: SystemError(call: .map, errno: EEXIST)) {
      _ = try unsafe System.map(byteCount: 1, at: address)
    }
    try unsafe System.unmap(pages, byteCount: System.pageByteCount)
    #expect(throws: SystemError(call: .map, errno: EINVAL)) {
      _ = try unsafe System.map(byteCount: 0)
    }
    #expect(throws: SystemError(call: .map, errno: ENOMEM)) {
      _ = try unsafe System.map(byteCount: 1 << 60)
    }
  }

  @Test func `unmap refuses an address inside a page`() throws {
    let pages = try unsafe System.map(byteCount: System.pageByteCount)
    #expect(throws: SystemError(call: .unmap, errno: EINVAL)) {
      try unsafe System.unmap(pages + 1, byteCount: 1)
    }
    try unsafe System.unmap(pages, byteCount: System.pageByteCount)
  }

  @Test func `pages are rounded up, and overflow is told`() {
    let page = System.pageByteCount
    #expect(page == Int(sysconf(Int32(_SC_PAGESIZE))))
    #expect(System.pageRounded(0) == 0)
    #expect(System.pageRounded(1) == page)
    #expect(System.pageRounded(page) == page)
    #expect(System.pageRounded(page + 1) == 2 * page)
    #expect(System.pageRounded(Int.max - page + 1) == Int.max - page + 1)
    #expect(System.pageRounded(Int.max - page + 2) == nil)
    #expect(System.pageRounded(-1) == nil)
  }

  @Test func `random bytes differ from call to call when hosted`() {
    var first = [UInt8](repeating: 0, count: 16)
    var second = first
    var span = first.mutableSpan
    System.random(into: &span)
    span = second.mutableSpan
    System.random(into: &span)
    #expect(first != second)
  }

  @Test func `exit hooks run last first, with their contexts`() async {
    await #expect(processExitsWith: .exitCode(21)) {
      // SAFETY: the contexts are numbers in a pointer's clothing and never read through.
      unsafe try System.atExit(context: UnsafeMutableRawPointer(bitPattern: 20)) { context in
        _exit(unsafe Int32(Int(bitPattern: context)) + order)
      }
      unsafe try System.atExit(context: nil) { _ in unsafe order += 1 }
      System.exit(3)
    }
  }

  @Test func `the hook after the last place is refused`() async {
    await #expect(processExitsWith: .exitCode(32)) {
      var accepted: Int32 = 0
      do throws(ExitHookError) {
        while true {
          try unsafe System.atExit(context: nil) { _ in }
          accepted += 1
        }
      } catch {
        _exit(error == .exhausted(capacity: 32) ? accepted : -1)
      }
    }
  }
}

nonisolated(unsafe) private var order: Int32 = 0
