// Program.swift — translates kernels, runs them, and times what their loading takes.
// Hosted. Usage: see `usage`.

import Glibc
import NovaAssembler
import NovaBytecode
import NovaInterpreter
import NovaWasm

private let usage = """
  bytecode translate IN.wasm OUT.nvc [plain | unfused]
  bytecode run FILE.nvc N [charged]            run(N), printed
  bytecode time FILE.nvc N [charged]           run(N) and its nanoseconds
  bytecode load ROUNDS FILE.nvc EXPORT         nanoseconds of each round, a line each: verify;
                                               read, verify, instantiate, first call of EXPORT(0)
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

private func verified(
  _ bytes: UnsafeMutableRawBufferPointer, _ scratch: UnsafeMutableRawBufferPointer
) -> VerifiedModule {
  do {
    let view = try ModuleReader.read(unsafe ModuleBytes(unchanging: UnsafeRawBufferPointer(bytes)))
    return try unsafe Verifier.verify(view, scratch: scratch)
  } catch {
    fatalError("refused: \(error)")
  }
}

private func nanoseconds() -> Int {
  var time = timespec()
  unsafe clock_gettime(CLOCK_MONOTONIC, &time)
  return time.tv_sec * 1_000_000_000 + time.tv_nsec
}

private func makeScratch() -> UnsafeMutableRawBufferPointer {
  UnsafeMutableRawBufferPointer.allocate(byteCount: 4 << 20, alignment: 64)
}

private func translate(_ input: String, _ output: String, _ how: String?) {
  var options = WasmImporter.Options()
  if how == "plain" { options.optimizer = nil }
  if how == "unfused" { options.optimizer?.fuses = false }
  do {
    let module = try WasmImporter.module(from: unsafe Array(read(input)), options: options)
    guard let file = unsafe fopen(output, "wb") else { fatalError("\(output): not written") }
    _ = unsafe module.withUnsafeBytes { unsafe fwrite($0.baseAddress, 1, $0.count, file) }
    unsafe fclose(file)
  } catch {
    fatalError("\(input): \(error)")
  }
}

private func run(_ path: String, _ argument: Int32, isCharged: Bool, isTimed: Bool) {
  let instance = Instance(unsafe verified(read(path), makeScratch()))
  let function = instance.function("run")
  let start = nanoseconds()
  let value = instance.call(function, argument, fuel: isCharged ? 1 << 60 : nil)
  let end = nanoseconds()
  guard let value else { fatalError("\(path) trapped") }
  print(isTimed ? "\(value) \(end - start)" : "\(value)")
}

private func load(_ rounds: Int, _ path: String, _ export: String) {
  let bytes = unsafe read(path)
  let scratch = unsafe makeScratch()
  let view = unsafe verified(bytes, scratch).view
  for _ in 0..<rounds {
    let start = nanoseconds()
    _ = try? unsafe Verifier.verify(view, scratch: scratch)
    let middle = nanoseconds()
    let instance = Instance(unsafe verified(bytes, scratch))
    guard instance.call(instance.function(export), 0) != nil else { fatalError("trapped") }
    print(middle - start, nanoseconds() - middle)
  }
}

private func profile(_ path: String, _ argument: Int32, showsPairs: Bool) {
  let instance = Instance(unsafe verified(read(path), makeScratch()))
  let counts = instance.profile(instance.function("run"), argument)
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
    case ("words", 2):
      print(unsafe verified(read(words[1]), makeScratch()).view.codeWordCount)
    case ("load", 4): load(Int(words[1]) ?? 1, words[2], words[3])
    case ("profile", 3...4):
      profile(words[1], Int32(words[2]) ?? 0, showsPairs: words.last == "pairs")
    default:
      print(usage, terminator: "")
      exit(2)
    }
  }
}
