// ELFModule.swift — the module that a program carries: the note that states its place, its bytes.
// Hosted. Imports NovaABI for the note's type and name. The program's side: crt/module.c.

import NovaABI

extension ELFFile {
  /// Where a program's module lies.
  public struct ModulePlace: Sendable, Equatable {
    /// The module's first byte in memory, at a multiple of 64; 0 when there is no module.
    public var address: UInt64
    /// Bytes of the module; 0 when there is none.
    public var byteCount: UInt64
    /// Bytes of the modules that follow it, from the next multiple of 64; 0 without any.
    public var linkedByteCount: UInt64
    /// What `nova build` stated of them: `VerifiedModule.buildStatement`, or 0.
    public var statement: UInt64
    /// Where in the file the note keeps these four words.
    var fileOffset: UInt64
  }

  private static let moduleNoteName = "NovaCore.module"
  private static let placeByteCount = 32

  /// What the program's module note says.
  ///
  /// - Returns: null when the program has no such note: it was not made to carry a module.
  /// - Throws: `ELFError.badModuleNote`, `.badModuleBounds`.
  public func modulePlace() throws(ELFError) -> ModulePlace? {
    let found = notes.filter {
      $0.name == Self.moduleNoteName && $0.kind == UInt32(NOVA_NOTE_MODULE)
    }
    guard let note = found.first else { return nil }
    guard found.count == 1, note.description.count == Self.placeByteCount else {
      throw .badModuleNote(offset: note.fileOffset)
    }
    let padded = UInt64(Self.moduleNoteName.utf8.count + 1 + 3) & ~3
    let place = ModulePlace(
      address: Self.word(note.description[0..<8]), byteCount: Self.word(note.description[8..<16]),
      linkedByteCount: Self.word(note.description[16..<24]),
      statement: Self.word(note.description[24..<32]),
      fileOffset: note.fileOffset + ELFReader.noteHeaderByteCount + padded)
    guard place.byteCount == 0 || bytes(at: place.address, byteCount: place.byteCount) != nil else {
      throw .badModuleBounds(address: place.address, byteCount: place.byteCount)
    }
    return place
  }

  /// The bytes of the module that the program carries; null when it carries none.
  ///
  /// - Throws: as `modulePlace()`.
  public func moduleBytes() throws(ELFError) -> ArraySlice<UInt8>? {
    guard let place = try modulePlace(), place.byteCount > 0 else { return nil }
    return bytes(at: place.address, byteCount: place.byteCount)
  }
}
