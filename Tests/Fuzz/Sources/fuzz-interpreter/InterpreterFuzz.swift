// InterpreterFuzz.swift — what is accepted runs without a fault, equally in every way of running.
// Hosted. Imports ModuleRuns, NovaAssembler, NovaModules, TestSupport. Source: LLVM, "libFuzzer".

import ModuleRunsHosted
import NovaAssembler
import NovaModules
import TestSupport

/// What libFuzzer calls with each input; a trap, and what takes long, is a find.
///
/// Input that begins like a module is one, with its byte count and hash set right, which a fuzzer
/// would not guess. Otherwise the first byte says what the rest makes: a valid module, each choice
/// of which takes the next bytes, or words that are each an instruction.
@c(LLVMFuzzerTestOneInput)
public func testOneInput(_ data: UnsafePointer<UInt8>?, _ byteCount: Int) -> CInt {
  // SAFETY: libFuzzer gives so many bytes, which are copied at once.
  let input = unsafe Array(UnsafeBufferPointer(start: data, count: byteCount))
  guard let first = input.first else { return 0 }
  if input.starts(with: Array("NVC\0".utf8)) {
    run(resealed(input), isCapped: true)
  } else if first & 3 == 0 {
    run(RandomCode.image(words(input.dropFirst()), registerCount: 24).bytes, isCapped: true)
  } else {
    var random = RandomModule(InputNumbers(input.dropFirst()), isForRunning: true)
    guard let contents = try? random.contents(isOptimized: first & 4 != 0),
      let bytes = try? contents.fileBytes()
    else { preconditionFailure("the grammar gives a module") }
    // Its memories have maxima that are small enough to do without a cap: they move as they grow.
    run(bytes, isCapped: first & 8 != 0)
  }
  return 0
}

/// Everything runs in one runtime, whose memory must come back; libFuzzer has one thread.
// SAFETY: one thread uses it.
@safe nonisolated(unsafe) private let runtime: NovaRuntime = {
  guard let builder = try? RuntimeBootstrap.Builder().heap(byteCount: 64 << 20).build(),
    let runtime = try? NovaRuntime(from: builder)
  else { preconditionFailure("the runtime starts") }
  return runtime
}()

private let provider: [UInt8] = {
  guard let bytes = try? Assembler.assemble(RandomProvider.text) else {
    preconditionFailure("the provider is assembled")
  }
  return bytes
}()

private func run(_ bytes: [UInt8], isCapped: Bool) {
  let before = runtime.memoryContract.stats
  var runs = ModuleRuns()
  if !isCapped { runs.memoryByteCount = nil }
  let verdict = runs.verdict(on: runtime) { loader throws(ModuleError) in
    try loader.load("provider", copying: provider.span)
    return try loader.load("main", copying: bytes.span)
  }
  guard case .same = verdict else { preconditionFailure("\(verdict)") }
  precondition(
    runtime.memoryContract.stats.liveCount == before.liveCount, "what was lent came back")
}

private func words(_ input: ArraySlice<UInt8>) -> [UInt64] {
  stride(from: input.startIndex, to: input.endIndex - 7, by: 8).map { start in
    input[start..<start + 8].reversed().reduce(0) { $0 << 8 | UInt64($1) }
  }
}

private func resealed(_ bytes: [UInt8]) -> [UInt8] {
  var bytes = bytes
  while bytes.count < ModuleHeader.byteCount || bytes.count % 8 != 0 { bytes.append(0) }
  let place = ModuleHeader.fileByteCountOffset
  bytes.replaceSubrange(
    place..<place + 8, with: ModuleImage.littleEndian([UInt64(bytes.count)]))
  ModuleImage.rehash(&bytes)
  return bytes
}

/// Two bytes of input for each number; when they are used up, numbers that the input fixes.
private struct InputNumbers: RandomNumberGenerator {
  private var rest: ArraySlice<UInt8>
  private var further: SeededGenerator

  init(_ input: ArraySlice<UInt8>) {
    rest = input
    further = SeededGenerator(seed: input.reduce(0) { ($0 &+ UInt64($1)) &* 0x0100_0000_01b3 })
  }

  mutating func next() -> UInt64 {
    guard rest.count >= 2, let low = rest.popFirst(), let high = rest.popFirst() else {
      return further.next()
    }
    var spread = SeededGenerator(seed: UInt64(low) | UInt64(high) << 8)
    return spread.next()
  }
}
