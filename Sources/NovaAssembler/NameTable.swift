// NameTable.swift — names of a file, as far as text can say them where they belong.
// Hosted. Imports NovaBytecode.

import NovaBytecode

/// Which of a module's names stand where they name something; the rest are said by `.name`.
struct NameTable {
  private struct Key: Hashable {
    var kind: NameKind
    var index: UInt32
    var part: UInt32
  }

  private var names: [Key: [UInt8]] = [:]
  /// Names that text cannot say in their place: not the first of equal ones, or of nothing that
  /// text shows.
  private(set) var leftOver: [ModuleName] = []

  init(_ contents: ModuleContents) {
    let importedCount = UInt32(contents.importCount(.function))
    // Names of registers and labels are those of a function, others the whole module's.
    var given = Set<[UInt8]>()
    var scope: (kind: NameKind, function: UInt32)?
    var starts: (function: UInt32, words: Set<Int>)?
    for name in contents.names {
      let isLocal = name.kind == .register || name.kind == .label
      let nameScope = (name.kind, isLocal ? name.index : 0)
      if scope?.kind != nameScope.0 || scope?.function != nameScope.1 {
        scope = nameScope
        given = []
      }
      if name.kind == .label, starts?.function != name.index {
        let own = Int(name.index) - Int(importedCount)
        let words = contents.functions.indices.contains(own) ? contents.functions[own].words : []
        let decoder = try? CodeDecoder(words, function: name.index)
        starts = (name.index, decoder?.starts ?? [])
      }
      let isShown = name.kind != .label || starts?.words.contains(Int(name.part)) == true
      guard isShown, given.insert(name.name).inserted else {
        leftOver.append(name)
        continue
      }
      names[Key(kind: name.kind, index: name.index, part: name.part)] = name.name
    }
  }

  var moduleName: [UInt8]? { names[Key(kind: .module, index: 0, part: 0)] }

  func name(_ kind: NameKind, _ index: UInt64, part: Int = 0) -> [UInt8]? {
    names[Key(kind: kind, index: UInt32(truncatingIfNeeded: index), part: UInt32(part))]
  }

  /// Names of a function's registers, by number.
  func registers(ofFunction index: UInt32, count: Int) -> [Int: [UInt8]] {
    var found: [Int: [UInt8]] = [:]
    for register in 0..<count {
      let key = Key(kind: .register, index: index, part: UInt32(register))
      if let name = names[key] { found[register] = name }
    }
    return found
  }
}

/// A name as text has it: bare where it can be, else in quotes.
func nameText(_ name: [UInt8]) -> String {
  let text = String(decoding: name, as: UTF8.self)
  let isBare = isWord(name) && !text.hasPrefix("$") && !Keyword.isKeyword(text)
  return isBare ? text : quoted(name)
}

/// A register's name; one that looks like another register stands in quotes.
func registerNameText(_ name: [UInt8]) -> String {
  let text = String(decoding: name, as: UTF8.self)
  return registerNumber(text) == nil ? nameText(name) : quoted(name)
}

/// A name in quotes: UTF-8 stays, but for control characters.
func quoted(_ name: [UInt8]) -> String {
  var text = "\""
  for scalar in String(decoding: name, as: UTF8.self).unicodeScalars {
    switch scalar {
    case "\"": text += "\\\""
    case "\\": text += "\\\\"
    case "\n": text += "\\n"
    case "\t": text += "\\t"
    case "\r": text += "\\r"
    case _ where scalar.value < 0x20 || scalar.value == 0x7f:
      text += escaped(UInt8(scalar.value))
    default: text.unicodeScalars.append(scalar)
    }
  }
  return text + "\""
}

/// Bytes in quotes: everything but ASCII's printable characters is escaped.
func quotedBytes(_ bytes: [UInt8]) -> String {
  var text = "\""
  for byte in bytes {
    switch byte {
    case UInt8(ascii: "\""): text += "\\\""
    case UInt8(ascii: "\\"): text += "\\\\"
    case UInt8(ascii: "\n"): text += "\\n"
    case 0x20..<0x7f: text.unicodeScalars.append(Unicode.Scalar(byte))
    default: text += escaped(byte)
    }
  }
  return text + "\""
}

private func escaped(_ byte: UInt8) -> String {
  let digits = String(byte, radix: 16)
  return "\\x" + (digits.count == 1 ? "0" : "") + digits
}
