// LinkedModules.swift — modules in the program's own file, which are verified and run in place.
// Freestanding. Imports NovaABI, NovaBytecode. Design: NovaCore.docc/Modules.md.

import NovaABI
import NovaBytecode

extension ModuleLoader {
  /// Loads the modules of the section `nova_modules`; see nova_module.h.
  func loadLinked() throws(ModuleError) {
    var byteCount: UInt64 = 0
    // SAFETY: the linker's bounds; the section is never written.
    guard let section = unsafe nova_linked_modules(&byteCount), byteCount > 0 else { return }
    let bytes = unsafe UnsafeRawBufferPointer(start: section, count: Int(byteCount))
    var offset = 0
    while offset < bytes.count {
      guard let linked = unsafe LinkedModule(bytes, at: offset) else {
        throw .wrongLinkedModule(byteOffset: offset)
      }
      // SAFETY: the initialiser checked that the module lies within the section.
      try unsafe load(
        linked.name, immortal: UnsafeRawBufferPointer(rebasing: bytes[linked.range]))
      offset = linked.next
    }
  }
}

/// The head of a linked module, checked.
struct LinkedModule {
  /// The name's bytes, in the section.
  let nameBytes: PoolBytes
  var name: ModuleName { ModuleName(nameBytes) }
  /// Where the module's bytes lie in the section.
  let range: Range<Int>
  /// Where the next head begins.
  var next: Int { (range.upperBound + 63) & ~63 }

  private static var headByteCount: Int { MemoryLayout<nova_linked_module>.size }

  /// Reads the head at `offset`, a multiple of 64; nil when it is none, or its module reaches
  /// beyond the section.
  init?(_ section: UnsafeRawBufferPointer, at offset: Int) {
    // SAFETY: each read is of bytes that were compared with the section's end.
    guard section.count - offset >= Self.headByteCount else { return nil }
    let magic = unsafe section.loadUnaligned(fromByteOffset: offset, as: UInt64.self)
    let byteCount = unsafe section.loadUnaligned(fromByteOffset: offset + 8, as: UInt64.self)
    let start = offset + Self.headByteCount
    guard magic == UInt64(NOVA_LINKED_MODULE_MAGIC),
      byteCount <= UInt64(section.count - start)
    else { return nil }
    let head = unsafe section[offset + 16..<offset + Self.headByteCount]
    nameBytes = unsafe PoolBytes(
      UnsafeRawBufferPointer(rebasing: head.prefix { $0 != 0 }))
    range = start..<start + Int(byteCount)
  }
}
