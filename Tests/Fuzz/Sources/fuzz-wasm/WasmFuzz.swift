// WasmFuzz.swift — any bytes are WebAssembly or refused; what is translated is verified, and runs
// without a fault, equally in every way of running.
// Hosted. Imports GeneratedModules, ModuleRuns, NovaBytecode, NovaModules, NovaWasm. Source: LLVM,
// "libFuzzer".

import GeneratedModules
import ModuleRunsHosted
import NovaBytecode
import NovaModules
import NovaWasm

/// What libFuzzer calls with each input; a trap, and what takes long, is a find.
///
/// Input that begins like WebAssembly is a file. Otherwise its first two bytes choose a generated
/// module, and each three that follow change a byte of it.
@c(LLVMFuzzerTestOneInput)
public func testOneInput(_ data: UnsafePointer<UInt8>?, _ byteCount: Int) -> CInt {
  // SAFETY: libFuzzer gives so many bytes, which are copied at once.
  let input = unsafe Array(UnsafeBufferPointer(start: data, count: byteCount))
  if input.starts(with: WasmImporter.magic) {
    check(input)
  } else if input.count >= 2 {
    check(changed(input))
  }
  return 0
}

private func changed(_ input: [UInt8]) -> [UInt8] {
  var file = GeneratedModule(seed: 0, number: Int(input[0]) | Int(input[1]) << 8).bytes
  for start in stride(from: 2, to: input.count - 2, by: 3) {
    let place = Int(input[start]) | Int(input[start + 1]) << 8
    file[place % file.count] = input[start + 2]
  }
  return file
}

/// Translates with and without optimising, and runs what is accepted.
private func check(_ file: [UInt8]) {
  for isOptimized in [true, false] {
    var options = WasmImporter.Options()
    if !isOptimized {
      options.isOptimized = false
      options.optimizer = nil
    }
    let module: [UInt8]
    do throws(WasmError) {
      module = try WasmImporter.module(from: file, options: options)
    } catch {
      // The message is made as well, of whatever the file names.
      precondition(!error.text.isEmpty)
      continue
    }
    verify(module)
    run(module)
  }
}

/// What the importer makes is verified, whatever it was given.
private func verify(_ bytes: [UInt8]) {
  let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: bytes.count, alignment: 64)
  defer { unsafe buffer.deallocate() }
  unsafe buffer.copyBytes(from: bytes)
  do {
    // SAFETY: nobody writes to the buffer any more.
    let view = try ModuleReader.read(
      unsafe ModuleBytes(unchanging: UnsafeRawBufferPointer(buffer)))
    let scratch = UnsafeMutableRawBufferPointer.allocate(
      byteCount: Verifier.scratchByteCount(for: view), alignment: 8)
    defer { unsafe scratch.deallocate() }
    // SAFETY: nobody else uses the scratch.
    _ = try unsafe Verifier.verify(view, scratch: scratch)
  } catch {
    preconditionFailure("a translated module is refused: \(error)")
  }
}

/// Everything runs in one runtime, whose memory must come back; libFuzzer has one thread.
// SAFETY: one thread uses it.
@safe nonisolated(unsafe) private let runtime: NovaRuntime = {
  guard let builder = try? RuntimeBootstrap.Builder().heap(byteCount: 64 << 20).build(),
    let runtime = try? NovaRuntime(from: builder)
  else { preconditionFailure("the runtime starts") }
  return runtime
}()

private func run(_ bytes: [UInt8]) {
  let before = runtime.memoryContract.stats
  let verdict = ModuleRuns().verdict(on: runtime) { loader throws(ModuleError) in
    try loader.load("main", copying: bytes.span)
  }
  guard case .same = verdict else { preconditionFailure("\(verdict)") }
  precondition(
    runtime.memoryContract.stats.liveCount == before.liveCount, "what was lent came back")
}
