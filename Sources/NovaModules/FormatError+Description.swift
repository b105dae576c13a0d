// FormatError+Description.swift — why bytes are no module, in words.
// Freestanding. Imports NovaBytecode. Design: NovaCore.docc/Bytecode.md.

import NovaBytecode

extension FormatError {
  /// The cause and its place in English, without a line's end.
  var text: String {
    var place = "byte \(byteOffset)"
    if let section {
      if let kind = SectionKind(rawValue: section) {
        place += ", section \(kind.name)"
      } else {
        place += ", section \(section)"
      }
      if let entry { place += ", entry \(entry)" }
    }
    return "\(cause.summary) (\(place); found \(value))"
  }
}

extension FormatError.Cause {
  /// The cause in a few words.
  var summary: StaticString {
    switch self {
    case .misalignedBytes: "the bytes do not begin at a multiple of 8"
    case .truncated: "there are fewer bytes than header and section table need"
    case .wrongMagic: "the first bytes are not those of a module"
    case .wrongByteOrder: "the numbers have their bytes in the opposite order"
    case .unsupportedMajorVersion: "another major version of the format"
    case .unsupportedMinorVersion: "a later minor version of the format"
    case .wrongHeaderByteCount: "a header of another length"
    case .unsupportedFeature: "a feature that is not supported"
    case .unsupportedFlag: "a flag without a meaning"
    case .wrongFileByteCount: "another length than the header says"
    case .fileTooLarge: "more bytes than offsets reach"
    case .tooManySections: "too many sections"
    case .reservedNotZero: "bytes without a meaning that are not zero"
    case .wrongContentHash: "another content than was hashed: the file was changed"
    case .startFunctionHasType: "a start function with parameters or results"
    default: entrySummary
    }
  }

  private var entrySummary: StaticString {
    switch self {
    case .unknownSection: "a section of an unknown kind"
    case .sectionOrder: "sections out of order"
    case .unsupportedSectionFlags: "section flags without a meaning"
    case .wrongEntryByteCount: "entries of another length"
    case .emptySection: "a section without entries"
    case .wrongSectionByteCount: "a section of another length than its entries'"
    case .misalignedSection: "a section that is not aligned"
    case .overlappingSections: "sections that overlap"
    case .gapBeforeSection: "a gap before a section"
    case .sectionBeyondFile: "a section that ends after the file"
    case .gapAfterSections: "bytes after the last section"
    case .paddingNotZero: "bytes between sections that are not zero"
    case .indexOutOfRange: "an index beyond what it counts"
    case .poolOrder: "a run that does not follow the one before it"
    case .poolExceeded: "a run that ends after its pool"
    case .poolLeftOver: "a pool of which not all is named"
    case .unknownValueType: "a byte that is no value type"
    case .notReference: "a type that is no reference"
    case .wrongElementType: "items of another type than the table's"
    case .importedFunction: "an imported function where an own one must be"
    case .unknownKind: "a number that is no kind"
    case .importOrder: "imports that are not grouped by kind"
    case .unknownMutability: "a mutability other than 0 and 1"
    case .minimumAboveMaximum: "a minimum above its maximum"
    case .aboveLimit: "a count above its limit"
    case .noCode: "a function without code"
    case .tooFewRegisters: "too few registers"
    case .windowBeyondRegisters: "a window that begins after the last register"
    case .notSorted: "names that are not sorted"
    case .notUTF8: "a name that is not UTF-8"
    case .wrongConstantKind: "a constant of a kind that its place does not take"
    case .wrongConstantGlobal: "a constant of a global that it can't be of"
    default: "another cause"
    }
  }
}

extension VerifierError {
  /// The reason and its place in English, without a line's end.
  var text: String {
    "\(reason.summary) (function \(function), word \(wordOffset); found \(value))"
  }
}

extension VerifierError.Reason {
  /// The reason in a few words.
  var summary: StaticString {
    switch self {
    case .unknownOperation: "an unknown operation"
    case .unknownForm: "a form that the operation does not have"
    case .unusedBits: "bits without a meaning that are not zero"
    case .truncatedInstruction: "an instruction beyond the function's end"
    case .targetOutOfRange: "a branch out of the function"
    case .targetInsideInstruction: "a branch into an instruction"
    case .noTerminator: "a function that control leaves at its end"
    case .indexOutOfRange: "an index beyond what the module has"
    case .immutableGlobal: "a constant global that is set"
    case .noMemory: "an access to memory 0, which is not there"
    case .notFunctionTable: "a call through a table that holds no functions"
    case .wrongElementType: "a copy between tables or segments of different types"
    case .wrongResultCount: "a return of another number of results"
    case .featureNotNamed: "an operation of a feature that the header does not name"
    case .registerOutOfRange: "a register beyond the function's"
    case .undefinedRegister: "a register that is read before it is written"
    case .notForwarded: "a forwarded operand that is not the last result"
    case .windowBelowBase: "a call's frame below the registers that calls may use"
    case .windowBeyondRegisters: "a call's frame without room"
    case .rangeOutOfRange: "a run of registers beyond the function's"
    case .unreachable: "code that no control reaches"
    case .undefinedAtLoop: "a branch back without a register that is defined there"
    case .lineInsideInstruction: "a line that begins within an instruction"
    case .functionTooLarge: "a function with too many words"
    case .scratchTooSmall: "a function that needs more scratch than is allowed"
    }
  }
}
