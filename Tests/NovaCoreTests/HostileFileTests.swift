// HostileFileTests.swift — files made to do harm: each is refused for what it is.

import Glibc
import NovaAssembler
import NovaModules
import TestSupport
import Testing

@Suite(.serialized) struct HostileFileTests {
  private typealias Header = ModuleHeader

  /// A file of `byteCount` zero bytes that takes no room.
  private func withSparseFile(
    _ byteCount: Int, _ body: (String) throws -> Void
  ) throws {
    let folder = try TemporaryFolder()
    let path = "\(folder.path)/sparse.nvc"
    try folder.write([], to: "sparse.nvc")
    // SAFETY: the path is a C string during the call.
    try #require(unsafe truncate(path, byteCount) == 0)
    try body(path)
  }

  private func number(_ bytes: [UInt8], _ offset: Int) -> UInt64 {
    (0..<8).reduce(0) { $0 | UInt64(bytes[offset + $1]) << UInt64(8 * $1) }
  }

  private func set(_ value: UInt64, at offset: Int, count: Int = 8, in bytes: inout [UInt8]) {
    for index in 0..<count {
      bytes[offset + index] = UInt8(truncatingIfNeeded: value >> (8 * index))
    }
  }

  private func rehash(_ bytes: inout [UInt8]) {
    // SAFETY: the bytes are read during the call.
    let hash = unsafe bytes.withUnsafeBytes { unsafe ContentHash.ofModule($0) }
    set(hash.low, at: Header.contentHashOffset, in: &bytes)
    set(hash.high, at: Header.contentHashOffset + 8, in: &bytes)
  }

  /// Loads bytes that must be refused as no module, and gives what was said of them.
  private func refusal(
    _ bytes: [UInt8], by loader: ModuleLoader, sourceLocation: SourceLocation = #_sourceLocation
  ) -> FormatError? {
    do throws(ModuleError) {
      try loader.load("hostile", copying: bytes.span)
      Issue.record("it was loaded", sourceLocation: sourceLocation)
    } catch {
      if case .format("hostile", let cause) = error { return cause }
      Issue.record("\(error)", sourceLocation: sourceLocation)
    }
    return nil
  }

  @Test func `a file without a byte is cut short`() throws {
    try withSparseFile(0) { path in
      try withLoader { _, loader in
        let short = FormatError(.truncated(needed: 64), byteOffset: 0, value: 0)
        expectRefusal(.format("sparse", short)) { try loader.loadModuleFile(path) }
      }
    }
  }

  @Test func `a file cut at any length is refused for its length`() throws {
    let whole = try assembled(ModuleText.divide)
    try withLoader { _, loader in
      for count in 0..<whole.count {
        let found = refusal(Array(whole[..<count]), by: loader)
        let expected =
          count < Header.byteCount
          ? FormatError(.truncated(needed: 64), byteOffset: 0, value: UInt64(count))
          : FormatError(
            .wrongFileByteCount(actual: UInt64(count)), byteOffset: Header.fileByteCountOffset,
            value: UInt64(whole.count))
        #expect(found == expected, "\(count) bytes")
      }
    }
  }

  @Test func `a file beyond the format's limit is refused unread`() throws {
    try withSparseFile(5 << 30) { path in
      try withLoader { runtime, loader in
        let peak = runtime.memoryContract.stats.peakByteCount
        expectRefusal(
          .fileTooLarge(
            ModuleName(path), byteCount: 5 << 30, maximum: FormatLimits.fileByteCountMax)
        ) { try loader.loadModuleFile(path) }
        #expect(runtime.memoryContract.stats.peakByteCount == peak)
      }
    }
  }

  @Test func `a file beyond the runtime's memory is refused unread`() throws {
    try withSparseFile(1 << 30) { path in
      try withLoader { _, loader in
        do throws(ModuleError) {
          try loader.loadModuleFile(path)
          Issue.record("it was loaded")
        } catch {
          guard case .memory(ModuleName(path), .capacityExceeded) = error else {
            Issue.record("\(error)")
            return
          }
        }
      }
    }
  }

  @Test func `a folder and a device are no files of modules`() throws {
    let folder = try TemporaryFolder()
    try withLoader { _, loader in
      do throws(ModuleError) {
        try loader.loadModuleFile(folder.path, name: "folder")
        Issue.record("it was loaded")
      } catch {
        // How long a folder is depends on its file system.
        switch error {
        case .file(ModuleName(folder.path), _), .fileTooLarge(ModuleName(folder.path), _, _): break
        default: Issue.record("\(error)")
        }
      }
      let short = FormatError(.truncated(needed: 64), byteOffset: 0, value: 0)
      expectRefusal(.format("zero", short)) { try loader.loadModuleFile("/dev/zero") }
    }
  }

  @Test(arguments: (0..<64).filter { ModuleFeature.supportedBits >> UInt64($0) & 1 == 0 })
  func `a file that needs a feature is refused by its number`(feature: Int) throws {
    var bytes = try assembled(ModuleText.divide)
    set(1 << UInt64(feature), at: Header.featuresOffset, in: &bytes)
    rehash(&bytes)
    try withLoader { _, loader in
      #expect(
        refusal(bytes, by: loader)
          == FormatError(
            .unsupportedFeature, byteOffset: Header.featuresOffset, value: UInt64(feature)))
    }
    let error = FormatError(
      .unsupportedFeature, byteOffset: Header.featuresOffset, value: UInt64(feature))
    let name = ModuleFeature(rawValue: UInt8(feature)).map { "'\($0.name)'" } ?? "\(feature)"
    #expect(error.text.contains("the feature \(name)"))
  }

  @Test func `a file of a later version is refused for it`() throws {
    let whole = try assembled(ModuleText.divide)
    try withLoader { _, loader in
      for (offset, cause) in [
        (8, FormatError.Cause.unsupportedMajorVersion(supported: 1)),
        (10, .unsupportedMinorVersion(supported: 0)),
      ] {
        var bytes = whole
        set(2, at: offset, count: 2, in: &bytes)
        rehash(&bytes)
        #expect(refusal(bytes, by: loader) == FormatError(cause, byteOffset: offset, value: 2))
      }
    }
  }

  @Test func `a file with its numbers turned round is refused for that`() throws {
    var bytes = try assembled(ModuleText.divide)
    for start in stride(from: 8, to: bytes.count, by: 8) {
      bytes.replaceSubrange(start..<start + 8, with: bytes[start..<start + 8].reversed())
    }
    // The two versions and the header's byte count are fields of their own.
    bytes.replaceSubrange(8..<16, with: [0, 1, 0, 0, 0, 0, 0, 64])
    try withLoader { _, loader in
      #expect(
        refusal(bytes, by: loader) == FormatError(.wrongByteOrder, byteOffset: 8, value: 0x100))
    }
  }

  @Test func `sections that overlap, lie askew or apart are refused for that`() throws {
    let whole = try assembled(ModuleText.divide)
    let table = Header.byteCount
    let second = table + SectionEntry.byteCount
    let (kind, offset) = (UInt16(whole[second]), number(whole, second + 8))
    let lies: [(UInt64, Int, FormatError.Cause)] = [
      (number(whole, table + 8), second + 8, .overlappingSections(previousEnd: 0)),
      (offset + 1, second + 8, .misalignedSection(alignment: 8)),
      (offset + 8, second + 8, .gapBeforeSection(expected: offset)),
    ]
    try withLoader { _, loader in
      for (value, place, cause) in lies {
        var bytes = whole
        set(value, at: place, in: &bytes)
        rehash(&bytes)
        let found = try #require(refusal(bytes, by: loader))
        #expect(found.section == kind)
        #expect("\(found.cause)".prefix { $0 != "(" } == "\(cause)".prefix { $0 != "(" })
      }
    }
  }

  @Test func `lengths that lie are refused, whatever they are`() throws {
    let whole = try assembled(ModuleText.divide)
    let sectionCount = Int(number(whole, Header.sectionCountOffset) & 0xffff_ffff)
    try withLoader { _, loader in
      for section in 0..<sectionCount {
        let entry = Header.byteCount + section * SectionEntry.byteCount
        for (field, count) in [(4, 4), (16, 8), (24, 8)] {
          let true_ = number(whole, entry + field) & (count == 8 ? .max : 0xffff_ffff)
          for lie in [0, true_ &- 1, true_ + 1, 1 << 31, .max] where lie != true_ {
            var bytes = whole
            set(lie, at: entry + field, count: count, in: &bytes)
            rehash(&bytes)
            let found = refusal(bytes, by: loader)
            #expect(found?.section != nil, "section \(section), field \(field): \(lie)")
          }
        }
      }
    }
  }

  @Test func `modules that import each other in a ring are refused, and can be unloaded`() throws {
    try withLoader { _, loader in
      let ring = ["a", "b", "c"]
      for (index, name) in ring.enumerated() {
        let next = ring[(index + 1) % ring.count]
        try loader.load(
          ModuleName(name),
          text: """
            .import "\(next)" "f" func other ()
            .export func f
            .func f ()
                .window w
                call_import w, other
                ret0
            .end
            """)
      }
      for name in ring {
        let module = try loader.module(named: ModuleName(name))
        expectRefusal(.importCycle(ModuleName(name))) { try loader.instantiate(module) }
      }
      for module in loader.modules { try loader.unload(module) }
    }
  }

  @Test func `a module that wants ever more meets each limit by its name`() throws {
    let text = """
      .memory 1
      .table slots externref 0
      .export func tables
      .export func memories
      .export func loop
      .export func recurse
      .func tables () -> i32
          .reg one, size, none
          zero        one, 3
          const32     one, 1000
      again:
          table.grow  size, none, one, slots
          br.i32.nei  size, -1, again
          table.size  r0, slots
          ret         r0
      .end
      .func memories () -> i32
          .reg one, size
          zero        one, 2
          const32     one, 1
      again:
          memory.grow size, one, 0
          br.i32.nei  size, -1, again
          memory.size r0, 0
          ret         r0
      .end
      .func loop ()
      again:
          jmp again
      .end
      .func recurse ()
          .window w
          call w, recurse
          ret0
      .end
      """
    try withLoader { _, loader in
      let module = try loader.load("greedy", text: text)
      let limits = ModuleLimits(
        fuel: 100_000, memoryByteCount: 1 << 20, callDepth: 50, tableElementCount: 4096)
      let instance = try loader.instantiate(module, limits: limits)
      // 4096 elements are the limit, of which whole thousands are given.
      #expect(try instance.call("tables") == [.i32(4000)])
      // 1 MiB less the table's 32,000 bytes.
      #expect(try instance.call("memories") == [.i32(15)])
      #expect(try trap { try instance.call("loop") }.kind == .fuelExhausted(100_000))
      #expect(try trap { try instance.call("recurse") }.kind == .machine(.stackExhausted))
      let soon = ModuleLimits(timeoutNanoseconds: 1_000_000)
      #expect(
        try trap { try instance.call("loop", limits: soon) }.kind
          == .deadlineExceeded(nanoseconds: 1_000_000))
      #expect(try instance.call("tables") == [.i32(4000)])
    }
  }
}
