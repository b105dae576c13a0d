// Program.swift — translates kernels, runs them, and times what their loading takes.
// Hosted. Usage: see `usage`.

import Glibc
import NovaAssembler
import NovaModules
import NovaWasm

private let usage = """
  bytecode translate IN.wasm OUT.nvc [plain | unfused]
  bytecode run FILE.nvc N [charged]            run(N), printed
  bytecode time FILE.nvc N [charged]           run(N) and its nanoseconds
  bytecode load ROUNDS FILE.nvc EXPORT         nanoseconds of each round, a line each: verify;
                                               load, instantiate, call EXPORT(0), unload
  bytecode import ROUNDS FILE.wasm             nanoseconds of each round, a line each: read,
                                               validate, lower, then read and verify what came out
  bytecode enlarge IN.wasm OUT.wasm BYTES      the same functions again and again, behind their own
  bytecode words FILE.nvc                      how many words of code it has
  bytecode profile FILE.nvc N [pairs]          how often each operation runs in run(N)

  """

/// A file's bytes at an address that is a multiple of 64, for as long as the program runs.
private func read(_ path: String) -> UnsafeMutableRawBufferPointer {
  guard let file = unsafe fopen(path, "rb") else { fatalError("\(path) cannot be read") }
  unsafe fseek(file, 0, SEEK_END)
  let byteCount = unsafe ftell(file)
  unsafe rewind(file)
  let bytes = UnsafeMutableRawBufferPointer.allocate(byteCount: byteCount, alignment: 64)
  guard unsafe fread(bytes.baseAddress, 1, byteCount, file) == byteCount else {
    fatalError("\(path) cannot be read")
  }
  unsafe fclose(file)
  return unsafe bytes
}

/// A module's sections, without a loader.
private func view(_ bytes: UnsafeMutableRawBufferPointer) -> ModuleView {
  do {
    return try ModuleReader.read(unsafe ModuleBytes(unchanging: UnsafeRawBufferPointer(bytes)))
  } catch {
    fatalError("refused: \(error)")
  }
}

/// Calls `body` with the loader of a runtime whose memory suffices for every kernel.
private func withLoader(_ body: (ModuleLoader) throws -> Void) {
  do {
    let runtime = try NovaRuntime(
      from: RuntimeBootstrap.Builder().heap(byteCount: 1 << 30).workers(count: 0).build())
    try body(try ModuleLoader(runtime))
  } catch {
    fatalError("\(error)")
  }
}

private func load(
  _ bytes: UnsafeMutableRawBufferPointer, _ loader: ModuleLoader
) throws -> Module {
  let span = unsafe UnsafeRawBufferPointer(bytes).assumingMemoryBound(to: UInt8.self).span
  return try loader.load("module", copying: span)
}

private func nanoseconds() -> Int {
  var time = timespec()
  unsafe clock_gettime(CLOCK_MONOTONIC, &time)
  return time.tv_sec * 1_000_000_000 + time.tv_nsec
}

private func write(_ bytes: [UInt8], to path: String) {
  guard let file = unsafe fopen(path, "wb") else { fatalError("\(path): not written") }
  _ = unsafe bytes.withUnsafeBytes { unsafe fwrite($0.baseAddress, 1, $0.count, file) }
  unsafe fclose(file)
}

private func translate(_ input: String, _ output: String, _ how: String?) {
  var options = WasmImporter.Options()
  if how == "plain" { options.optimizer = nil }
  if how == "unfused" { options.optimizer?.fuses = false }
  do {
    write(try WasmImporter.module(from: unsafe Array(read(input)), options: options), to: output)
  } catch {
    fatalError("\(input): \(error)")
  }
}

private func run(_ path: String, _ argument: Int32, isCharged: Bool, isTimed: Bool) {
  withLoader { loader in
    let limits = ModuleLimits(fuel: isCharged ? 1 << 60 : nil)
    let instance = try loader.instantiate(unsafe load(read(path), loader), limits: limits)
    let start = nanoseconds()
    let results = try instance.call("run", [.i32(argument)])
    let end = nanoseconds()
    guard case .i32(let value)? = results.first else { fatalError("\(path): no result") }
    print(isTimed ? "\(value) \(end - start)" : "\(value)")
  }
}

private func load(_ rounds: Int, _ path: String, _ export: String) {
  let bytes = unsafe read(path)
  let view = unsafe view(bytes)
  let scratch = UnsafeMutableRawBufferPointer.allocate(
    byteCount: Verifier.scratchByteCount(for: view), alignment: 64)
  let name = NovaModules.ModuleName(export)
  withLoader { loader in
    for _ in 0..<rounds {
      let start = nanoseconds()
      _ = try unsafe Verifier.verify(view, scratch: scratch)
      let middle = nanoseconds()
      try unsafe loadOnce(bytes, name, loader)
      print(middle - start, nanoseconds() - middle)
    }
  }
}

/// Everything from a file's bytes to a call's result, and back.
private func loadOnce(
  _ bytes: UnsafeMutableRawBufferPointer, _ export: NovaModules.ModuleName, _ loader: ModuleLoader
) throws {
  let module = try unsafe load(bytes, loader)
  let instance = try loader.instantiate(module)
  guard try instance.call(export, [.i32(0)]).count == 1 else { fatalError("no result") }
  try loader.unload(module)
}

/// Times what makes a module of a WebAssembly file, and what proves that it may run.
private func importFile(_ rounds: Int, _ path: String) {
  let file = unsafe Array(read(path))
  do {
    for _ in 0..<rounds {
      let start = nanoseconds()
      let module = try WasmImporter.module(from: file)
      let middle = nanoseconds()
      let bytes = UnsafeMutableRawBufferPointer.allocate(byteCount: module.count, alignment: 64)
      unsafe bytes.copyBytes(from: module)
      let view = unsafe view(bytes)
      let scratch = UnsafeMutableRawBufferPointer.allocate(
        byteCount: Verifier.scratchByteCount(for: view), alignment: 64)
      _ = try unsafe Verifier.verify(view, scratch: scratch)
      print(nanoseconds() - start, nanoseconds() - middle)
      unsafe scratch.deallocate()
      unsafe bytes.deallocate()
    }
  } catch {
    fatalError("\(path): \(error)")
  }
}

/// How often each operation came behind each other; one thread adds.
private final class PairCounts: @unchecked Sendable {
  var counts: [UInt32: Int] = [:]
  private var last: UInt32 = 0xffff

  func add(_ operation: UInt32) {
    counts[last << 16 | operation, default: 0] += 1
    last = operation
  }
}

private func profile(_ path: String, _ argument: Int32, showsPairs: Bool) {
  let pairs = PairCounts()
  withLoader { loader in
    let instance = try loader.instantiate(unsafe load(read(path), loader)) { _, code in
      pairs.add(UInt32(truncatingIfNeeded: code & 0xffff))
    }
    _ = try instance.call("run", [.i32(argument)])
  }
  let counts = pairs.counts
  var sums: [String: Int] = [:]
  for (pair, count) in counts {
    let second = Operation(rawValue: UInt16(pair & 0xffff)).name
    let first = Operation(rawValue: UInt16(pair >> 16))
    let name = showsPairs ? "\(first.isValid ? first.name : "-") \(second)" : second
    sums[name, default: 0] += count
  }
  for (name, count) in sums.sorted(by: { $0.value > $1.value }) { print(count, name) }
}

@main enum Program {
  static func main() {
    let words = CommandLine.arguments.dropFirst().map { $0 }
    switch (words.first, words.count) {
    case ("translate", 3...4): translate(words[1], words[2], words.count > 3 ? words[3] : nil)
    case ("run", 3...4), ("time", 3...4):
      run(
        words[1], Int32(words[2]) ?? 0, isCharged: words.last == "charged",
        isTimed: words[0] == "time")
    case ("import", 3): importFile(Int(words[1]) ?? 1, words[2])
    case ("enlarge", 4):
      write(enlarged(unsafe Array(read(words[1])), to: Int(words[3]) ?? 0), to: words[2])
    case ("words", 2):
      print(unsafe view(read(words[1])).codeWordCount)
    case ("load", 4): load(Int(words[1]) ?? 1, words[2], words[3])
    case ("profile", 3...4):
      profile(words[1], Int32(words[2]) ?? 0, showsPairs: words.last == "pairs")
    default:
      print(usage, terminator: "")
      exit(2)
    }
  }
}
