// FormatError+Text.swift — why bytes are no module, in words.
// Hosted. Imports NovaBytecode.

import NovaBytecode

extension FormatError {
  /// What is wrong and where, as one sentence without an end and without a remedy.
  public var text: String {
    var place = "at byte \(byteOffset)"
    if let section {
      let name = SectionKind(rawValue: section).map { "the section '\($0.name)'" }
      place += ", in \(name ?? "section \(section)")"
      if let entry { place += ", entry \(entry)" }
    }
    return "\(cause.text(value)) (\(place))"
  }

  /// What to do about it.
  public var remedy: String {
    switch cause {
    case .wrongMagic: "give a module that nova asm made"
    case .unsupportedMajorVersion, .unsupportedMinorVersion, .unsupportedFeature, .unsupportedFlag,
      .unknownSection:
      "use a newer nova, or make the module again for this one"
    case .truncated, .wrongFileByteCount, .wrongContentHash: "copy or make the file again"
    default: "make the module again from its source"
    }
  }
}

extension FormatError.Cause {
  /// In words; `value` is the error's.
  func text(_ value: UInt64) -> String {
    headerText(value) ?? tableText(value) ?? entryText(value) ?? "it is damaged"
  }

  private func headerText(_ value: UInt64) -> String? {
    switch self {
    case .misalignedBytes: "its bytes do not lie at a multiple of 8"
    case .truncated(let needed): "it is cut short: \(needed) bytes are needed, and it has \(value)"
    case .wrongMagic: "it is no module: it does not begin with the format's eight bytes"
    case .wrongByteOrder: "its numbers have their bytes in the opposite order"
    case .unsupportedMajorVersion(let supported):
      "it has version \(value) of the format; this nova reads \(supported)"
    case .unsupportedMinorVersion(let supported):
      "it has minor version \(value) of the format; this nova reads those to \(supported)"
    case .wrongHeaderByteCount(let expected):
      "its header should have \(expected) bytes, and says \(value)"
    case .unsupportedFeature:
      "it needs the feature "
        + (ModuleFeature(rawValue: UInt8(clamping: value)).map { "'\($0.name)'" } ?? "\(value)")
        + ", which this nova lacks"
    case .unsupportedFlag: "it has the flag \(value), which this nova does not know"
    case .wrongFileByteCount(let actual):
      "it has \(actual) bytes, and its header says \(value)"
    case .fileTooLarge(let limit): "it has \(value) bytes, more than the format's \(limit)"
    case .tooManySections(let limit): "it has \(value) sections, more than \(limit)"
    case .reservedNotZero: "bytes without a meaning are \(value), not zero"
    case .wrongContentHash: "it was changed: its bytes are not those that its hash was made of"
    case .startFunctionHasType: "its start function \(value) has parameters or results"
    default: nil
    }
  }

  private func tableText(_ value: UInt64) -> String? {
    switch self {
    case .unknownSection: "this nova does not know the section, and may not pass over it"
    case .sectionOrder(let previous): "the section stands behind section \(previous)"
    case .unsupportedSectionFlags: "the section has flags \(value), which mean nothing"
    case .wrongEntryByteCount(let expected):
      "the section's entries have \(value) bytes, not \(expected)"
    case .emptySection: "the section has no entries"
    case .wrongSectionByteCount(let count, let size):
      "the section has \(value) bytes, not \(count) entries of \(size)"
    case .misalignedSection(let alignment):
      "the section begins at \(value), which is no multiple of \(alignment)"
    case .overlappingSections(let end): "the section begins at \(value), before \(end)"
    case .gapBeforeSection(let expected): "the section begins at \(value), not at \(expected)"
    case .sectionBeyondFile(let count): "the section ends at \(value), and the file at \(count)"
    case .gapAfterSections(let expected): "the file should end at \(expected)"
    case .paddingNotZero: "a byte between sections is \(value), not zero"
    default: nil
    }
  }

  private func entryText(_ value: UInt64) -> String? {
    switch self {
    case .indexOutOfRange(let count): "the index \(value) is out of range: there are \(count)"
    case .poolOrder(let expected): "what is named begins at \(value), not at \(expected)"
    case .poolExceeded(let available): "\(value) are named, and \(available) are left"
    case .poolLeftOver(let named): "\(value) are there, and \(named) are named"
    case .unknownValueType: "\(hexadecimal(value)) is no type of values"
    case .notReference: "\(hexadecimal(value)) is no type of references"
    case .wrongElementType: "its references are of another type than the table's"
    case .importedFunction: "function \(value) is imported, and has no registers and labels"
    case .unknownKind: "\(value) is none of the kinds that can stand there"
    case .importOrder: "imports are not in the order functions, tables, memories, globals"
    case .unknownMutability: "mutability is \(value), neither 0 nor 1"
    case .minimumAboveMaximum(let maximum): "the minimum \(value) is above the maximum \(maximum)"
    case .aboveLimit(let limit): "\(value) is above the limit of \(limit)"
    case .noCode: "the function has no code"
    case .tooFewRegisters(let needed):
      "the function has \(value) registers, and needs \(needed)"
    case .windowBeyondRegisters(let count):
      "windows begin at register \(value), behind the last of \(count)"
    case .notSorted: "entry \(value) is not behind the one before it"
    case .notUTF8: "a name is not UTF-8 at its byte \(value)"
    case .wrongConstantKind: "a constant of kind \(value) cannot stand there"
    case .wrongConstantGlobal:
      "a constant names global \(value), which is not an imported constant of its type"
    default: nil
    }
  }
}
