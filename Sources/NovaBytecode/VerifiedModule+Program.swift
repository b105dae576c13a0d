// VerifiedModule+Program.swift — a module that was verified when the program around it was made.
// Freestanding, no heap. Imports nothing. Design: Decisions/0018-verified-when-built.md.

extension VerifiedModule {
  /// What `nova build` states of a module that it verified: by which version of the format, bits
  /// 0–15 the minor and 16–31 the major one, and above them `functionWeightMax`, or the most that
  /// fits.
  ///
  /// Of several modules, the largest statement is true of all.
  public var buildStatement: UInt64 {
    UInt64(UInt32(clamping: functionWeightMax)) << 32 | UInt64(ModuleHeader.majorVersion) << 16
      | UInt64(ModuleHeader.minorVersion)
  }

  /// Takes the word of whoever made the program that its module was verified.
  ///
  /// Nothing is checked but what the versions promise each other: it is nil when nothing was
  /// stated, or by a version that this one does not continue. The sections are found where the
  /// module says that they are.
  ///
  /// - Parameters:
  ///   - bytes: a module's file.
  ///   - statement: what its verifier stated, a `buildStatement`.
  /// - Complexity: O(sections + imports); of the rest no page is touched.
  /// - Safety: reader and verifier accepted exactly these bytes before they became part of the
  ///   program's own file, and they lie in a segment that nobody can write: they are as much to be
  ///   trusted as the code that reads them. No other bytes are; a file is verified.
  @unsafe package init?(builtIn bytes: ModuleBytes, statement: UInt64) {
    guard UInt16(truncatingIfNeeded: statement >> 16) == ModuleHeader.majorVersion,
      UInt16(truncatingIfNeeded: statement) <= ModuleHeader.minorVersion
    else { return nil }
    var view = ModuleView(bytes)
    view.features = bytes.u64(at: ModuleHeader.featuresOffset)
    view.flags = ModuleFlags(rawValue: bytes.u32(at: ModuleHeader.flagsOffset))
    let start = bytes.u32(at: ModuleHeader.startFunctionOffset)
    view.startFunction = start == ModuleHeader.noFunction ? nil : start
    let hash = ModuleHeader.contentHashOffset
    view.contentHash = ContentHash(low: bytes.u64(at: hash), high: bytes.u64(at: hash + 8))
    view.sectionCount = Int(bytes.u32(at: ModuleHeader.sectionCountOffset))
    for index in 0..<view.sectionCount {
      let entry = view.sections[index]
      guard let kind = SectionKind(rawValue: entry.kind) else { continue }
      view.extents[Int(kind.rawValue)] = ModuleView.Extent(
        offset: Int(entry.offset), count: Int(entry.entryCount))
    }
    for index in 0..<view.imports.count {
      switch ExternalKind(rawValue: view.imports[index].kind) {
      case .function: view.importedFunctionCount += 1
      case .table: view.importedTableCount += 1
      case .memory: view.importedMemoryCount += 1
      case .global, nil: view.importedGlobalCount += 1
      }
    }
    self.init(verified: view, functionWeightMax: Int(statement >> 32))
  }
}
