// AssemblerFuzz.swift — any text is assembled or refused in words; any module is shown exactly.
// Hosted. Imports NovaAssembler and NovaBytecode. Source: LLVM, "libFuzzer".

import NovaAssembler
import NovaBytecode

/// What libFuzzer calls with each input; a trap is a find.
@c(LLVMFuzzerTestOneInput)
public func testOneInput(_ data: UnsafePointer<UInt8>?, _ byteCount: Int) -> CInt {
  // SAFETY: libFuzzer gives so many bytes, which are copied at once.
  let input = unsafe Array(UnsafeBufferPointer(start: data, count: byteCount))
  if input.starts(with: Array("NVC\0".utf8)) {
    show(resealed(input))
  } else {
    assemble(input)
  }
  return 0
}

/// A text gives a module that is shown and assembled again, or faults in words.
private func assemble(_ text: [UInt8]) {
  for isOptimized in [false, true] {
    let options = Assembler.Options(isOptimized: isOptimized, recordsLines: isOptimized)
    do throws(AssemblyError) {
      show(try Assembler.assemble(text, options: options))
    } catch {
      precondition(!error.diagnostics.isEmpty, "a refusal says why")
      precondition(!error.text(of: SourceText(text), path: "text").isEmpty, "in words")
    }
  }
}

/// A verified module's text makes the same module.
private func show(_ bytes: [UInt8]) {
  let file = ModuleFile(bytes)
  do throws(FormatError) {
    let isVerified = try file.withView { view in (try? file.verify(view)) != nil }
    guard isVerified else { return }
  } catch {
    precondition(!error.text.isEmpty && !error.remedy.isEmpty, "in words")
    return
  }
  do throws(DisassemblyError) {
    let text = try Disassembler.text(of: bytes)
    guard let again = try? Assembler.assemble(text) else {
      preconditionFailure("what is shown is assembled:\n\(text)")
    }
    precondition(again == bytes, "into the same module:\n\(text)")
  } catch {
    preconditionFailure("a verified module is shown: \(error)")
  }
}

/// The bytes with their own count and hash, which a fuzzer would not guess.
private func resealed(_ bytes: [UInt8]) -> [UInt8] {
  var bytes = bytes
  while bytes.count < ModuleHeader.byteCount || bytes.count % 8 != 0 { bytes.append(0) }
  set(UInt64(bytes.count), at: ModuleHeader.fileByteCountOffset, in: &bytes)
  // SAFETY: the bytes are read during the call.
  let hash = unsafe bytes.withUnsafeBytes { unsafe ContentHash.ofModule($0) }
  set(hash.low, at: ModuleHeader.contentHashOffset, in: &bytes)
  set(hash.high, at: ModuleHeader.contentHashOffset + 8, in: &bytes)
  return bytes
}

private func set(_ value: UInt64, at offset: Int, in bytes: inout [UInt8]) {
  for index in 0..<8 {
    bytes[offset + index] = UInt8(truncatingIfNeeded: value >> UInt64(8 * index))
  }
}
