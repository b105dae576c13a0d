// ModuleFixture.swift — a runtime with a loader, and modules from text, for tests.

import NovaAssembler
import NovaModules
import Testing

/// The bytes of the module that a text describes.
func assembled(_ text: String) throws -> [UInt8] {
  try Assembler.assemble(
    text, options: Assembler.Options(recordsLines: true, fileName: "test.nvasm"))
}

/// Runs `body` with a runtime and a loader; then everything that modules took has come back.
func withLoader(
  heapByteCount: Int = 16 << 20, workers: Int = 0,
  _ body: (borrowing NovaRuntime, ModuleLoader) throws -> Void
) throws {
  let values = try RuntimeBootstrap.Builder().heap(byteCount: heapByteCount)
    .workers(count: workers).build()
  let runtime = try NovaRuntime(from: values)
  let before = runtime.memoryContract.stats
  do {
    let loader = try ModuleLoader(runtime)
    try body(runtime, loader)
  }
  let after = runtime.memoryContract.stats
  #expect(after.liveCount == before.liveCount)
  #expect(after.liveByteCount == before.liveByteCount)
}

extension ModuleLoader {
  /// Loads the module that a text describes.
  @discardableResult
  func load(_ name: NovaModules.ModuleName, text: String) throws -> Module {
    let bytes = try assembled(text)
    return try load(name, copying: bytes.span)
  }
}

/// Texts of modules that several tests use.
enum ModuleText {
  static let fibonacci = """
    .export func fib
    .func fib (n: i32) -> i32
        .reg    first
        .window argument
        br.i32.lt_si  n, 2, small
        i32.addi      argument, n, -1
        call          argument, fib
        mov           first, argument
        i32.addi      argument, n, -2
        call          argument, fib
        i32.add       n, first, argument
    small:
        ret           n
    .end
    """

  /// `count(n)` goes round n times; `spin()` for ever; `deep()` calls itself for ever.
  static let loops = """
    .export func count
    .export func spin
    .export func deep
    .func count (n: i32) -> i32
        .reg i
        zero          i, 1
    again:
        i32.addi      i, i, 1
        br.i32.lt_s   i, n, again
        ret           i
    .end
    .func spin ()
    again:
        jmp           again
    .end
    .func deep ()
        .reg    kept
        .window w
        zero          kept, 1
        call          w, deep
        ret0
    .end
    """

  /// `divide(a, b)` through `inner`, so that a trap has two frames.
  static let divide = """
    .export func divide
    .func inner (a: i32, b: i32) -> i32
        i32.div_s     a, a, b
        ret           a
    .end
    .func divide (a: i32, b: i32) -> i32
        .window x, y
        mov           x, a
        mov           y, b
        call          x, inner
        ret           x
    .end
    """

  /// A memory of 64 MiB that is filled.
  static let fill = """
    .memory bytes 1024 1024
    .export memory bytes
    .export func fill
    .func fill (address: i32, value: i32, count: i32)
        memory.fill   address, value, count, bytes
        ret0
    .end
    """

  /// A memory of 1 page that grows on demand.
  static let memory = """
    .memory bytes 1 100
    .export memory bytes
    .export func grow
    .export func write
    .export func read
    .func grow (pages: i32) -> i32
        memory.grow   pages, pages, bytes
        ret           pages
    .end
    .func write (address: i32, value: i32)
        i32.store     value, [address + 0]
        ret0
    .end
    .func read (address: i32) -> i32
        i32.load      address, [address + 0]
        ret           address
    .end
    """
}

/// Expects `body` to be refused for exactly this.
func expectRefusal<Result>(
  _ expected: ModuleError, sourceLocation: SourceLocation = #_sourceLocation,
  _ body: () throws -> Result
) {
  do {
    _ = try body()
    Issue.record("it was not refused", sourceLocation: sourceLocation)
  } catch let error as ModuleError {
    #expect(error == expected, sourceLocation: sourceLocation)
  } catch let failure as ModuleFailure {
    #expect(failure == .refused(expected), sourceLocation: sourceLocation)
  } catch {
    Issue.record(error, sourceLocation: sourceLocation)
  }
}

/// The trap that `body` ends with.
func trap<Result>(
  sourceLocation: SourceLocation = #_sourceLocation, _ body: () throws -> Result
) throws -> ModuleTrap {
  do {
    _ = try body()
  } catch ModuleFailure.trapped(let trap) {
    return trap
  }
  Issue.record("it did not trap", sourceLocation: sourceLocation)
  throw ModuleFailure.cancelled
}
