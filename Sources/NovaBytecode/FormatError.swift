// FormatError.swift — why bytes are no module, and where.
// Freestanding. Imports nothing. Design: NovaCore.docc/Bytecode.md.

/// Why `ModuleReader` refused a file.
public struct FormatError: Error, Equatable {
  /// What is wrong.
  public var cause: Cause
  /// Where the field lies that is wrong, in bytes from the file's beginning.
  public var byteOffset: Int
  /// The section's number, when the fault is in one or in its entry of the section table.
  public var section: UInt16?
  /// The entry's index within the section.
  public var entry: Int?
  /// The offending value.
  public var value: UInt64

  /// An error of these parts.
  public init(
    _ cause: Cause, byteOffset: Int, section: UInt16? = nil, entry: Int? = nil, value: UInt64
  ) {
    (self.cause, self.byteOffset, self.section) = (cause, byteOffset, section)
    (self.entry, self.value) = (entry, value)
  }

  /// What can be wrong with a file; each payload says what would have been right.
  public enum Cause: Equatable, Sendable {
    // The header. The value is what stands in the field, unless said.

    /// The bytes don't begin at a multiple of 8; the value is the address's remainder.
    case misalignedBytes
    /// Fewer bytes, the value, than the header has, or than the header and section table need.
    case truncated(needed: UInt64)
    /// The file doesn't begin with the format's eight bytes.
    case wrongMagic
    /// The numbers have their bytes in the opposite order; the value is the major version as read.
    case wrongByteOrder
    /// A major version other than this one.
    case unsupportedMajorVersion(supported: UInt16)
    /// A minor version of the future.
    case unsupportedMinorVersion(supported: UInt16)
    /// A header of another length.
    case wrongHeaderByteCount(expected: UInt32)
    /// A feature that this reader doesn't support; the value is its bit's number.
    case unsupportedFeature
    /// A flag without a meaning; the value is its bit's number.
    case unsupportedFlag
    /// The file has another length than it says.
    case wrongFileByteCount(actual: UInt64)
    /// The file is longer than offsets reach.
    case fileTooLarge(limit: UInt64)
    /// More sections than there may be.
    case tooManySections(limit: UInt32)
    /// Bytes without a meaning that are not zero.
    case reservedNotZero
    /// The file changed on its way; the value is the stored hash's low half.
    case wrongContentHash(actual: ContentHash)
    /// The start function has parameters or results; the value is its index.
    case startFunctionHasType

    // The section table.

    /// A section of a kind this reader doesn't know, and may not pass over.
    case unknownSection
    /// A kind that doesn't come after the kind before it.
    case sectionOrder(previous: UInt16)
    /// Flags without a meaning for this section.
    case unsupportedSectionFlags
    /// Entries of another length than the kind's.
    case wrongEntryByteCount(expected: UInt32)
    /// A section without entries, which must not be in the table.
    case emptySection
    /// A section whose byte count is not that of its entries.
    case wrongSectionByteCount(entryCount: UInt64, entryByteCount: UInt32)
    /// A section that begins at no multiple of its alignment.
    case misalignedSection(alignment: UInt64)
    /// A section that begins before the end of what is before it.
    case overlappingSections(previousEnd: UInt64)
    /// A section that begins later than it must.
    case gapBeforeSection(expected: UInt64)
    /// A section that ends after the file; the value is its end.
    case sectionBeyondFile(fileByteCount: UInt64)
    /// The file goes on after its last section's end.
    case gapAfterSections(expected: UInt64)
    /// Bytes between sections that are not zero; the value is the byte.
    case paddingNotZero

    // Entries.

    /// An index that reaches beyond what it counts.
    case indexOutOfRange(count: UInt64)
    /// A run that doesn't begin where the pool's run before it ended.
    case poolOrder(expected: UInt64)
    /// A run that ends after its pool; the value is its count.
    case poolExceeded(available: UInt64)
    /// A pool whose elements are not all named; the value is how many it has.
    case poolLeftOver(named: UInt64)
    /// A byte that is no value type.
    case unknownValueType
    /// A value type that is no reference where one must be.
    case notReference
    /// A segment whose items have another type than its table's elements.
    case wrongElementType(expected: UInt8)
    /// An imported function where an own one must be named.
    case importedFunction
    /// A number that is no external kind, segment mode, constant kind or name kind.
    case unknownKind
    /// Imports that are not grouped as functions, tables, memories, globals.
    case importOrder(previous: UInt8)
    /// Mutability other than 0 and 1.
    case unknownMutability
    /// A minimum above its maximum.
    case minimumAboveMaximum(maximum: UInt64)
    /// A count above a limit.
    case aboveLimit(limit: UInt64)
    /// A function without code.
    case noCode
    /// Fewer registers than parameters or results need.
    case tooFewRegisters(needed: UInt64)
    /// A window that begins after the last register.
    case windowBeyondRegisters(registerCount: UInt64)
    /// Names that are not sorted, or are there twice; the value is the entry's index.
    case notSorted
    /// A name that is not UTF-8; the value is the first wrong byte's offset in the name.
    case notUTF8
    /// A constant of the wrong kind for its place; the value is the kind.
    case wrongConstantKind
    /// A constant's global that is not imported, or is mutable, or of another type; the value is
    /// its index.
    case wrongConstantGlobal
  }
}
