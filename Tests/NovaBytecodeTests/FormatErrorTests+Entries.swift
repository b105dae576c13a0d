// FormatErrorTests+Entries.swift — faults of types, imports, functions, globals and exports.

import NovaBytecode

extension FormatErrorTests {
  /// A byte of an entry that means nothing.
  static func reserved(_ kind: SectionKind, _ entry: Int, field: Int) -> WrongFile {
    let place =
      WrongFile.offset(of: kind, in: ModuleImage.sample.bytes)
      + entry * kind.entryByteCount + field
    return WrongFile(
      "\(kind) \(entry) byte \(field)",
      FormatError(
        .reservedNotZero, byteOffset: place, section: kind.rawValue, entry: entry, value: 5)
    ) { $0[place] = 5 }
  }

  static let entries: [WrongFile] =
    types + imports + functions + tablesAndMemories + globals + exports

  private static let types: [WrongFile] = [
    WrongFile(.aboveLimit(limit: 1000), .types, 0, field: 4, value: 1001) {
      $0.types[0].parameterCount = 1001
    },
    WrongFile(.aboveLimit(limit: 1000), .types, 1, field: 6, value: 1001) {
      $0.types[1].resultCount = 1001
    },
    WrongFile(.poolOrder(expected: 0), .types, 0, field: 0, value: 1) {
      $0.types[0].firstValueType = 1
    },
    WrongFile(.poolExceeded(available: 3), .types, 0, field: 4, value: 4) {
      $0.types[0].resultCount = 2
    },
    WrongFile(.poolLeftOver(named: 3), .valueTypes, 3, field: 0, value: 4) {
      $0.valueTypes.append(0x7f)
    },
    WrongFile(.unknownValueType, .valueTypes, 1, field: 0, value: 0x61) {
      $0.valueTypes[1] = 0x61
    },
  ]

  private static let imports: [WrongFile] = [
    WrongFile(.poolOrder(expected: 3), .imports, 0, field: 8, value: 4) {
      $0.imports[0].name.first = 4
    },
    WrongFile(.poolExceeded(available: 25), .imports, 0, field: 4, value: 26) {
      $0.imports[0].module.count = 26
    },
    WrongFile(.notUTF8, .imports, 0, field: 0, value: 2) { $0.strings[2] = 0xff },
    WrongFile(.unknownKind, .imports, 4, field: 16, value: 4) { $0.imports[4].kind = 4 },
    WrongFile(.importOrder(previous: 2), .imports, 3, field: 16, value: 1) {
      $0.imports[3].kind = 1
    },
    WrongFile(.indexOutOfRange(count: 2), .imports, 0, field: 20, value: 2) {
      $0.imports[0].typeIndex = 2
    },
    WrongFile(.notReference, .imports, 1, field: 17, value: 0x7f) {
      $0.imports[1].valueType = 0x7f
    },
    WrongFile(.minimumAboveMaximum(maximum: 8), .imports, 1, field: 24, value: 9) {
      $0.imports[1].limits.minimum = 9
    },
    WrongFile(.aboveLimit(limit: 0xffff_ffff), .imports, 1, field: 32, value: 1 << 32) {
      $0.imports[1].limits.maximum = 1 << 32
    },
    WrongFile(.aboveLimit(limit: 65_536), .imports, 2, field: 24, value: 65_537) {
      $0.imports[2].limits.minimum = 65_537
    },
    WrongFile(.unknownValueType, .imports, 3, field: 17, value: 0) { $0.imports[3].valueType = 0 },
    WrongFile(.unknownMutability, .imports, 3, field: 18, value: 2) {
      $0.imports[3].mutability = 2
    },
    WrongFile(.reservedNotZero, .imports, 0, field: 17, value: 0x7f) {
      $0.imports[0].valueType = 0x7f
    },
    WrongFile(.reservedNotZero, .imports, 1, field: 18, value: 1) { $0.imports[1].mutability = 1 },
    WrongFile(.reservedNotZero, .imports, 2, field: 20, value: 1) { $0.imports[2].typeIndex = 1 },
    WrongFile(.reservedNotZero, .imports, 0, field: 24, value: 1) {
      $0.imports[0].limits.minimum = 1
    },
    WrongFile(.reservedNotZero, .imports, 4, field: 32, value: 1) {
      $0.imports[4].limits.maximum = 1
    },
    reserved(.imports, 2, field: 19),
  ]

  private static let functions: [WrongFile] = [
    WrongFile(.poolOrder(expected: 3), .functions, 1, field: 0, value: 2) {
      $0.functions[1].firstWord = 2
    },
    WrongFile(.poolExceeded(available: 5), .functions, 1, field: 4, value: 6) {
      $0.functions[1].wordCount = 6
    },
    WrongFile(.poolLeftOver(named: 7), .code, 7, field: 0, value: 8) {
      $0.functions[1].wordCount = 4
    },
    WrongFile(.noCode, .functions, 0, field: 4, value: 0) { $0.functions[0].wordCount = 0 },
    WrongFile(.indexOutOfRange(count: 2), .functions, 0, field: 8, value: 2) {
      $0.functions[0].typeIndex = 2
    },
    WrongFile(.tooFewRegisters(needed: 2), .functions, 0, field: 12, value: 1) {
      $0.functions[0].registerCount = 1
    },
    WrongFile(.tooFewRegisters(needed: 1), .functions, 1, field: 12, value: 0) {
      $0.functions[1].registerCount = 0
    },
    WrongFile(.aboveLimit(limit: 0x7fff), .functions, 1, field: 12, value: 0x8000) {
      $0.functions[1].registerCount = 0x8000
    },
    WrongFile(.windowBeyondRegisters(registerCount: 8), .functions, 1, field: 14, value: 9) {
      $0.functions[1].windowBase = 9
    },
  ]

  private static let tablesAndMemories: [WrongFile] = [
    WrongFile(.notReference, .tables, 0, field: 0, value: 0x60) { $0.tables[0].elementType = 0x60 },
    reserved(.tables, 0, field: 1),
    reserved(.tables, 0, field: 7),
    WrongFile(.aboveLimit(limit: 0xffff_ffff), .tables, 0, field: 8, value: 1 << 40) {
      $0.tables[0].limits.minimum = 1 << 40
    },
    WrongFile(.minimumAboveMaximum(maximum: 0), .tables, 0, field: 8, value: 1) {
      $0.tables[0].limits.maximum = 0
    },
    WrongFile(.aboveLimit(limit: 65_536), .memories, 0, field: 8, value: 65_537) {
      $0.memories[0].limits.maximum = 65_537
    },
  ]

  private static let globals: [WrongFile] = [
    WrongFile(.unknownValueType, .globals, 0, field: 0, value: 1) { $0.globals[0].valueType = 1 },
    WrongFile(.unknownMutability, .globals, 0, field: 1, value: 2) { $0.globals[0].mutability = 2 },
    reserved(.globals, 0, field: 3),
    reserved(.globals, 2, field: 7),
    WrongFile(.unknownKind, .globals, 0, field: 2, value: 8) { $0.globals[0].initial.kind = 8 },
    WrongFile(.wrongConstantKind, .globals, 0, field: 2, value: 0) {
      $0.globals[0].initial = .none
    },
    WrongFile(.wrongConstantKind, .globals, 2, field: 2, value: 1) {
      $0.globals[2].initial = Constant(.i32, 1)
    },
    WrongFile(.wrongConstantKind, .globals, 2, field: 2, value: 2) {
      $0.globals[2].initial = Constant(.i64, 1)
    },
    WrongFile(.wrongConstantKind, .globals, 2, field: 2, value: 3) {
      $0.globals[2].initial = Constant(.f32, 1)
    },
    WrongFile(.wrongConstantKind, .globals, 0, field: 2, value: 4) {
      $0.globals[0].initial = Constant(.f64, 1)
    },
    WrongFile(.wrongConstantKind, .globals, 0, field: 2, value: 5) {
      $0.globals[0].initial = Constant(.null)
    },
    WrongFile(.wrongConstantKind, .globals, 0, field: 2, value: 6) {
      $0.globals[0].initial = Constant(.function, 1)
    },
    WrongFile(.reservedNotZero, .globals, 0, field: 12, value: 1) {
      $0.globals[0].initial = Constant(.i32, 1 << 32)
    },
    WrongFile(.reservedNotZero, .globals, 1, field: 8, value: 1) {
      $0.globals[1].initial = Constant(.null, 1)
    },
    WrongFile(.indexOutOfRange(count: 3), .globals, 1, field: 8, value: 3) {
      $0.globals[1].initial = Constant(.function, 3)
    },
    WrongFile(.indexOutOfRange(count: 5), .globals, 0, field: 8, value: 5) {
      $0.globals[0].initial = Constant(.global, 5)
    },
    // Own, mutable, of another type.
    WrongFile(.wrongConstantGlobal, .globals, 0, field: 8, value: 3) {
      $0.globals[0].initial = Constant(.global, 3)
    },
    WrongFile(.wrongConstantGlobal, .globals, 0, field: 8, value: 1) {
      $0.globals[0].initial = Constant(.global, 1)
    },
    WrongFile(.wrongConstantGlobal, .globals, 1, field: 8, value: 0) {
      $0.globals[1].initial = Constant(.global, 0)
    },
  ]

  private static let exports: [WrongFile] = [
    WrongFile(.unknownKind, .exports, 1, field: 8, value: 4) { $0.exports[1].kind = 4 },
    reserved(.exports, 0, field: 9),
    reserved(.exports, 2, field: 11),
    WrongFile(.indexOutOfRange(count: 2), .exports, 1, field: 12, value: 2) {
      $0.exports[1].index = 2
    },
    WrongFile(.notSorted, .exports, 1, field: 0, value: 1) { $0.strings[21] = 0x41 },
    WrongFile(.notSorted, .exports, 1, field: 0, value: 1) {
      $0.exports[1].name.count = 1
      $0.exports[2].name = PoolRange(first: 22, count: 3)
    },
    WrongFile(.poolLeftOver(named: 25), .strings, 25, field: 0, value: 26) {
      $0.strings.append(0x41)
    },
  ]
}
