// FormatErrorTests+Segments.swift — faults of segments, names, lines and custom sections.

import NovaBytecode

extension FormatErrorTests {
  static let segments: [WrongFile] = elements + data + names + linesAndCustoms

  private static let elements: [WrongFile] = [
    WrongFile(.unknownKind, .elementSegments, 0, field: 0, value: 3) {
      $0.elementSegments[0].mode = 3
    },
    WrongFile(.notReference, .elementSegments, 1, field: 1, value: 0x7e) {
      $0.elementSegments[1].elementType = 0x7e
    },
    reserved(.elementSegments, 0, field: 3),
    WrongFile(.wrongConstantKind, .elementSegments, 0, field: 2, value: 2) {
      $0.elementSegments[0].offset = Constant(.i64, 1)
    },
    WrongFile(.indexOutOfRange(count: 2), .elementSegments, 0, field: 4, value: 2) {
      $0.elementSegments[0].tableIndex = 2
    },
    WrongFile(.wrongElementType(expected: 0x6f), .elementSegments, 0, field: 1, value: 0x70) {
      $0.elementSegments[0].tableIndex = 1
    },
    WrongFile(.reservedNotZero, .elementSegments, 1, field: 2, value: 1) {
      $0.elementSegments[1].offset = Constant(.i32)
    },
    WrongFile(.reservedNotZero, .elementSegments, 1, field: 4, value: 1) {
      $0.elementSegments[1].tableIndex = 1
    },
    WrongFile(.reservedNotZero, .elementSegments, 1, field: 8, value: 1) {
      $0.elementSegments[1].offset = Constant(.none, 1)
    },
    WrongFile(.poolOrder(expected: 2), .elementSegments, 1, field: 16, value: 0) {
      $0.elementSegments[1].items.first = 0
    },
    WrongFile(.wrongConstantKind, .elementItems, 2, field: 0, value: 6) {
      $0.elementItems[2] = ElementItemEntry(kind: 6, index: 0)
    },
    WrongFile(.indexOutOfRange(count: 3), .elementItems, 0, field: 4, value: 9) {
      $0.elementItems[0].index = 9
    },
    reserved(.elementItems, 0, field: 1),
    WrongFile(.poolLeftOver(named: 3), .elementItems, 3, field: 0, value: 4) {
      $0.elementItems.append($0.elementItems[0])
    },
  ]

  private static let data: [WrongFile] = [
    WrongFile(.unknownKind, .dataSegments, 0, field: 0, value: 2) { $0.dataSegments[0].mode = 2 },
    reserved(.dataSegments, 0, field: 1),
    reserved(.dataSegments, 1, field: 3),
    WrongFile(.indexOutOfRange(count: 2), .dataSegments, 0, field: 4, value: 2) {
      $0.dataSegments[0].memoryIndex = 2
    },
    WrongFile(.wrongConstantGlobal, .dataSegments, 0, field: 8, value: 1) {
      $0.dataSegments[0].offset = Constant(.global, 1)
    },
    WrongFile(.poolExceeded(available: 3), .dataSegments, 0, field: 20, value: 4) {
      $0.dataSegments[0].bytes.count = 4
    },
    WrongFile(.poolLeftOver(named: 3), .dataBytes, 3, field: 0, value: 4) {
      $0.dataBytes.append(0)
    },
  ]

  private static let names: [WrongFile] = [
    WrongFile(.unknownKind, .names, 3, field: 0, value: 10) { $0.names[3].kind = 10 },
    reserved(.names, 0, field: 1),
    WrongFile(.indexOutOfRange(count: 1), .names, 0, field: 4, value: 1) { $0.names[0].index = 1 },
    WrongFile(.reservedNotZero, .names, 1, field: 8, value: 1) { $0.names[1].part = 1 },
    WrongFile(.importedFunction, .names, 2, field: 4, value: 0) { $0.names[2].index = 0 },
    WrongFile(.indexOutOfRange(count: 8), .names, 2, field: 8, value: 8) { $0.names[2].part = 8 },
    WrongFile(.indexOutOfRange(count: 5), .names, 3, field: 8, value: 5) { $0.names[3].part = 5 },
    WrongFile(.notSorted, .names, 2, field: 0, value: 2) {
      $0.names[2].kind = 1
      $0.names[2].part = 0
    },
    WrongFile(.notUTF8, .names, 0, field: 12, value: 5) { $0.debugStrings[5] = 0xc3 },
  ]

  private static let linesAndCustoms: [WrongFile] = [
    WrongFile(.poolOrder(expected: 17), .sourceFiles, 0, field: 0, value: 16) {
      $0.sourceFiles[0].name.first = 16
    },
    WrongFile(.indexOutOfRange(count: 8), .lines, 1, field: 0, value: 8) {
      $0.lines[1].firstWord = 8
    },
    WrongFile(.indexOutOfRange(count: 1), .lines, 0, field: 4, value: 1) {
      $0.lines[0].fileIndex = 1
    },
    WrongFile(.notSorted, .lines, 1, field: 0, value: 1) { $0.lines[1].firstWord = 1 },
    WrongFile(.poolExceeded(available: 4), .customs, 0, field: 12, value: 5) {
      $0.customs[0].bytes.count = 5
    },
    WrongFile(.poolOrder(expected: 4), .customs, 1, field: 8, value: 3) {
      $0.customs[1].bytes.first = 3
    },
    WrongFile(.poolLeftOver(named: 28), .debugStrings, 28, field: 0, value: 29) {
      $0.debugStrings.append(0x41)
    },
    WrongFile(.poolLeftOver(named: 4), .customBytes, 4, field: 0, value: 5) {
      $0.customBytes.append(0)
    },
  ]
}
