// GDBRegisters.swift — which registers a stub knows, and reading all of them.
// Hosted. Source: GDB manual, appendix G, "Target Descriptions".

/// A register of a stub's target description.
struct RegisterDescription: Equatable {
  var name: String
  /// The number in `p` packets.
  var number: Int
  var bitCount: Int
  /// The description's file, for example `i386-64bit.xml`.
  var file: String
}

/// A stub's registers, in the order of their numbers.
struct RegisterLayout: Equatable {
  private(set) var registers: [RegisterDescription] = []

  /// Registers that count the host's time or instructions.
  ///
  /// No two runs agree in them. riscv64: `cycle`, `time`, `instret` (the Zicntr counters).
  static let countersOfTime: Set<String> = ["cycle", "time", "instret"]

  /// aarch64's system registers.
  ///
  /// A program cannot read them, and among them are the keys of pointer authentication, which the
  /// kernel draws anew for each process. The thread pointers are the exception.
  static let systemRegisterFile = "system-registers.xml"
  static let readableSystemRegisterPrefix = "TPIDR"

  /// Reads the target description.
  init(from remote: inout GDBRemote) throws(GDBError) {
    let target = XMLTag.tags(in: try remote.feature("target.xml"))
    var next = add(tags: target, of: "target.xml", from: 0)
    for include in target where include.name == "xi:include" {
      guard let file = include.attributes["href"] else { continue }
      next = add(tags: XMLTag.tags(in: try remote.feature(file)), of: file, from: next)
    }
    registers.sort { $0.number < $1.number }
  }

  private mutating func add(tags: [XMLTag], of file: String, from first: Int) -> Int {
    var next = first
    for tag in tags where tag.name == "reg" {
      guard let name = tag.attributes["name"], let bits = tag.attributes["bitsize"],
        let bitCount = Int(bits)
      else { continue }
      if let number = tag.attributes["regnum"].flatMap({ Int($0) }) { next = number }
      registers.append(
        RegisterDescription(name: name, number: next, bitCount: bitCount, file: file))
      next += 1
    }
    return next
  }

  private func isComparable(_ register: RegisterDescription) -> Bool {
    if register.file == Self.systemRegisterFile {
      return register.name.hasPrefix(Self.readableSystemRegisterPrefix)
    }
    return !Self.countersOfTime.contains(register.name)
  }

  /// Every register but those that are excluded by name; `g` gives most, `p` the rest.
  func values(from remote: inout GDBRemote) throws(GDBError) -> [RegisterValue] {
    let general = try remote.generalRegisters()
    var values: [RegisterValue] = []
    var offset = 0
    for register in registers {
      let byteCount = register.bitCount / 8
      let isGeneral = offset + byteCount <= general.count && offset >= 0
      var bytes: [UInt8]?
      if isGeneral {
        bytes = Array(general[offset..<offset + byteCount])
        offset += byteCount
      } else {
        offset = general.count
        if isComparable(register) { bytes = try remote.register(register.number) }
      }
      if let bytes, isComparable(register) {
        values.append(RegisterValue(name: register.name, bytes: bytes, source: "gdb"))
      }
    }
    return values
  }
}

/// A start tag of an XML text with its attributes; enough for target descriptions.
struct XMLTag: Equatable {
  var name: String
  var attributes: [String: String]

  /// All start tags, comments left out.
  static func tags(in text: String) -> [XMLTag] {
    var tags: [XMLTag] = []
    var rest = Substring(text)
    while let open = rest.firstIndex(of: "<") {
      rest = rest[rest.index(after: open)...]
      if rest.hasPrefix("!--") {
        rest = afterComment(rest)
        continue
      }
      guard let close = rest.firstIndex(of: ">") else { break }
      if let tag = XMLTag(rest[..<close]) { tags.append(tag) }
      rest = rest[close...]
    }
    return tags
  }

  private static func afterComment(_ text: Substring) -> Substring {
    var rest = text
    while !rest.isEmpty && !rest.hasPrefix("-->") { rest = rest.dropFirst() }
    return rest
  }

  /// Reads what stands between `<` and `>`; null for end tags and declarations.
  private init?(_ text: Substring) {
    guard let first = text.first, first != "/", first != "?", first != "!" else { return nil }
    name = String(text.prefix { !$0.isWhitespace && $0 != "/" })
    attributes = [:]
    var rest = text.dropFirst(name.count)
    while let equals = rest.firstIndex(of: "=") {
      let key = rest[..<equals].filter { !$0.isWhitespace }
      rest = rest[rest.index(after: equals)...].drop { $0.isWhitespace }
      guard let quote = rest.first, quote == "\"" || quote == "'" else { return }
      rest = rest.dropFirst()
      guard let end = rest.firstIndex(of: quote) else { return }
      attributes[String(key)] = String(rest[..<end])
      rest = rest[rest.index(after: end)...]
    }
  }
}
