// OperationName.swift — an operation's name, and the operation of a name.
// Freestanding, no heap. Imports nothing. Design: NovaCore.docc/Operations.md.

extension Operation {
  /// Bytes of the base operation's name.
  public var baseNameByteCount: Int { Int(operationNameRanges[Int(base.rawValue)] & 63) }

  /// A byte of the base operation's name, ASCII.
  ///
  /// - Precondition: `index < baseNameByteCount`.
  public func baseNameByte(at index: Int) -> UInt8 {
    precondition(index >= 0 && index < baseNameByteCount, "the name is shorter")
    let offset = Int(operationNameRanges[Int(base.rawValue)] >> 6)
    // SAFETY: the generator counted: offset and byte count lie within the pool.
    return unsafe operationNamePool.utf8Start[offset + index]
  }

  /// The operation that `byte` gives the name of; nil when there is none of that name.
  ///
  /// - Complexity: O(log n) comparisons, no allocation.
  public init?(nameByteCount count: Int, byte: (Int) -> UInt8) {
    var form: UInt16 = 0
    var length = count
    if count > 2, byte(count - 2) == UInt8(ascii: ".") {
      let letter = byte(count - 1)
      if letter >= UInt8(ascii: "x"), letter <= UInt8(ascii: "z") {
        form = UInt16(letter - UInt8(ascii: "x")) + 1
        length = count - 2
      }
    }
    var low = 0
    var high = operationNumbersByName.count
    while low < high {
      let middle = (low + high) / 2
      let candidate = Operation(rawValue: operationNumbersByName[middle])
      let order = candidate.compare(nameByteCount: length, byte: byte)
      if order == 0 {
        let found = Operation(rawValue: candidate.rawValue | form << 10)
        guard found.isValid else { return nil }
        self = found
        return
      }
      if order < 0 { low = middle + 1 } else { high = middle }
    }
    return nil
  }

  /// Negative when this operation's name comes before the given one, 0 when they are equal.
  private func compare(nameByteCount count: Int, byte: (Int) -> UInt8) -> Int {
    let ownCount = baseNameByteCount
    var index = 0
    while index < ownCount, index < count {
      let difference = Int(baseNameByte(at: index)) - Int(byte(index))
      if difference != 0 { return difference }
      index += 1
    }
    return ownCount - count
  }
}

#if !hasFeature(Embedded)
  extension Operation: CustomStringConvertible {
    /// As in assembly text: the base operation's name, with `.x`, `.y` or `.z` when forwarded.
    public var name: String {
      var name = ""
      for index in 0..<baseNameByteCount {
        name.unicodeScalars.append(Unicode.Scalar(baseNameByte(at: index)))
      }
      guard let operand = forwardedOperand else { return name }
      return name + [".x", ".y", ".z"][operand]
    }

    /// The name.
    public var description: String { name }

    /// The operation of a name, forwarded forms included; nil when there is none.
    public init?(name: some StringProtocol) {
      let bytes = Array(name.utf8)
      self.init(nameByteCount: bytes.count) { bytes[$0] }
    }

    /// Every base operation that a module may contain, by ascending number.
    public static var allBases: [Operation] {
      (0..<UInt16(numberCount)).map(Operation.init(rawValue:)).filter(\.isValid)
    }
  }
#endif
