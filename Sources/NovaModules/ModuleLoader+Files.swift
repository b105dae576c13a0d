// ModuleLoader+Files.swift — modules from files and memory files.
// Freestanding. Imports NovaBytecode, NovaMemory, NovaSystem. Design: NovaCore.docc/Modules.md.

import NovaBytecode
import NovaMemory
import NovaSystem

extension ModuleLoader {
  /// Loads a module from a file, which is read once into the runtime's memory and verified there:
  /// what happens to the file meanwhile or afterwards changes nothing of what runs.
  ///
  /// - Parameters:
  ///   - path: where it lies.
  ///   - name: the module's; nil for the file's, without folder and `.nvc`.
  /// - Returns: the module, and the memory that it lies in and holds a reference to.
  /// - Throws: `ModuleError.file`, `.fileTooLarge`, `.fileChanged`, or why its bytes were refused.
  @discardableResult
  public func loadModuleFile(
    _ path: String, name: ModuleName? = nil
  ) throws(ModuleError) -> (module: Module, handle: MemoryHandle) {
    let path = [UInt8](path.utf8)
    guard !path.isEmpty, !path.contains(0) else { throw .wrongPath(byteCount: path.count) }
    let file = ModuleName(path)
    let name = name ?? Self.name(of: path)
    try Self.check(name)
    let descriptor: Int32
    do throws(SystemError) {
      descriptor = try System.open(path: (path + [0]).span)
    } catch {
      throw .file(file, error)
    }
    defer { Self.close(descriptor) }
    let handle = try read(descriptor, file)
    return (try adopt(name, handle), handle)
  }

  /// Loads a module from a memory file that is sealed against writing, growing and shrinking, and
  /// runs it where it lies.
  ///
  /// - Parameters:
  ///   - name: as `load(_:copying:)` wants it.
  ///   - descriptor: of the memory file; the caller may close it afterwards.
  /// - Returns: the module.
  /// - Throws: `ModuleError.file` with `EPERM` (1) when a seal is missing, with `EINVAL` (22) when
  ///   it is no memory file; or why its bytes were refused.
  @discardableResult
  public func load(
    _ name: ModuleName, sealedMemoryFile descriptor: Int32
  ) throws(ModuleError) -> Module {
    try Self.check(name)
    let byteCount: Int
    let pages: UnsafeMutableRawPointer
    do throws(SystemError) {
      byteCount = try System.fileByteCount(of: descriptor)
      // The system maps no zero bytes; the reader says what is wrong with a file without any.
      unsafe pages = try System.mapSealed(descriptor, byteCount: max(byteCount, 1))
    } catch {
      throw .file(name, error)
    }
    // SAFETY: the pages hold so many bytes, which the seals keep; the backing unmaps them.
    let bytes = unsafe ModuleBytes(
      unchanging: UnsafeRawBufferPointer(start: pages, count: byteCount))
    return try unsafe register(name, bytes, .pages(pages, byteCount: max(byteCount, 1)))
  }

  /// Reads a whole file, once, into memory of its own.
  private func read(_ descriptor: Int32, _ file: ModuleName) throws(ModuleError) -> MemoryHandle {
    let byteCount: Int
    do throws(SystemError) {
      byteCount = try System.fileByteCount(of: descriptor)
    } catch {
      throw .file(file, error)
    }
    let maximum = FormatLimits.fileByteCountMax
    guard byteCount <= maximum else {
      throw .fileTooLarge(file, byteCount: byteCount, maximum: maximum)
    }
    let handle = try core.allocate(byteCount: byteCount, alignment: Self.alignment, for: file)
    do throws(ModuleError) {
      // SAFETY: the block is this call's, as long as the file was.
      try unsafe fill(core.bytes(of: handle), from: descriptor, file)
    } catch {
      core.release(handle)
      throw error
    }
    return handle
  }

  private func fill(
    _ buffer: UnsafeMutableRawBufferPointer, from descriptor: Int32, _ file: ModuleName
  ) throws(ModuleError) {
    var count = 0
    // SAFETY: the buffer is the caller's, who has nobody else use it.
    while count < buffer.count {
      let rest = unsafe UnsafeMutableRawBufferPointer(rebasing: buffer[count...])
      var span = unsafe rest.assumingMemoryBound(to: UInt8.self).mutableSpan
      do throws(SystemError) {
        let got = try System.read(from: descriptor, into: &span)
        guard got > 0 else { break }
        count += got
      } catch {
        throw .file(file, error)
      }
    }
    guard count == buffer.count else {
      throw .fileChanged(file, expected: buffer.count, found: count)
    }
  }

  private static func close(_ descriptor: Int32) {
    do throws(SystemError) {
      try System.close(descriptor)
    } catch {
      preconditionFailure("the system refused to close a module's file")
    }
  }

  /// A file's name without folder and `.nvc`.
  static func name(of path: [UInt8]) -> ModuleName {
    var name = path[...]
    if let slash = name.lastIndex(of: 0x2f) { name = name[(slash + 1)...] }
    let ending: [UInt8] = [0x2e, 0x6e, 0x76, 0x63]
    if name.count > ending.count, Array(name.suffix(ending.count)) == ending {
      name = name.dropLast(ending.count)
    }
    return ModuleName(Array(name))
  }
}
