// ModuleFuzz.swift — any bytes are a module, or refused; any code is verified, or refused.
// Hosted. Imports NovaBytecode. Source: LLVM, "libFuzzer".

import NovaBytecode

/// What libFuzzer calls with each input; a trap is a find.
///
/// Input that begins like a module is one, with its byte count and hash set right, which a fuzzer
/// would not guess. Other input is words, each an instruction.
@c(LLVMFuzzerTestOneInput)
public func testOneInput(_ data: UnsafePointer<UInt8>?, _ byteCount: Int) -> CInt {
  // SAFETY: libFuzzer gives so many bytes, which are copied at once.
  let input = unsafe Array(UnsafeBufferPointer(start: data, count: byteCount))
  if input.starts(with: Array("NVC\0".utf8)) {
    _ = verdict(resealed(input))
  } else {
    checkCode(input)
  }
  return 0
}

/// Code that is accepted with few registers is accepted with many, whose sets have several words.
private func checkCode(_ input: [UInt8]) {
  var words: [UInt64] = []
  for start in stride(from: 0, to: input.count / 8 * 8, by: 8) {
    var word: UInt64 = 0
    for byte in input[start..<start + 8].reversed() { word = word << 8 | UInt64(byte) }
    words.append(word)
  }
  let small = verdict(RandomCode.image(words, registerCount: 24).bytes)
  let large = verdict(RandomCode.image(words, registerCount: 200).bytes)
  precondition(!small || large, "more registers refuse nothing")
}

/// Whether the bytes are a module that is verified.
private func verdict(_ bytes: [UInt8]) -> Bool {
  ModuleImage.withModule(bytes) { module in
    guard let view = try? ModuleReader.read(module) else { return false }
    let scratch = UnsafeMutableRawBufferPointer.allocate(
      byteCount: Verifier.scratchByteCount(for: view), alignment: 8)
    defer { unsafe scratch.deallocate() }
    // SAFETY: nobody else uses the scratch.
    return unsafe (try? Verifier.verify(view, scratch: scratch)) != nil
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
