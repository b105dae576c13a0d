// Line.swift — a line of output, as bytes: strings and what joins them were most of the program.
// Freestanding. Imports NovaModules.

import NovaModules

/// A line under construction, behind which nothing of the heap stands.
struct Line: ~Copyable {
  /// Bytes that are kept until they are written: more than most lines have.
  private static let byteCountMax = 1024

  private var bytes = InlineArray<1024, UInt8>(repeating: 0)
  private var count = 0
  private let descriptor: Int32

  /// A line for a descriptor; what goes to 1 comes behind what was printed.
  init(to descriptor: Int32) { self.descriptor = descriptor }

  @inline(never) mutating func append(_ byte: UInt8) {
    if count == Self.byteCountMax { flush() }
    bytes[count] = byte
    count += 1
  }

  @inline(never) mutating func append(_ text: StaticString) {
    // SAFETY: texts here are literals of more than one character, whose bytes are the image's.
    for index in 0..<text.utf8CodeUnitCount { append(unsafe text.utf8Start[index]) }
  }

  /// Appends a byte of somebody else's text: for those that could move a terminal's cursor, `?`.
  @inline(never) private mutating func append(foreign byte: UInt8) {
    // Behind 0xc2, bytes below 0xa0 are the control characters from U+0080 on.
    let isSecond = count > 0 && bytes[count - 1] == 0xc2 && byte < 0xa0
    append(byte < 0x20 || byte == 0x7f || isSecond ? UInt8(ascii: "?") : byte)
  }

  /// Literals are texts, although they could be names.
  @_disfavoredOverload mutating func append(_ name: ModuleName) {
    for index in name.bytes.indices { append(foreign: name.bytes[index]) }
  }

  @inline(never) mutating func append(_ name: PoolBytes) {
    for index in 0..<name.count { append(foreign: name[index]) }
  }

  /// Appends an argument of the program's, as it was written.
  @inline(never) mutating func append(argument index: Int) {
    let argument = ProgramArguments.current[index]
    for place in 0..<argument.count { append(foreign: argument[place]) }
  }

  /// Appends decimal digits.
  @inline(never) mutating func append(_ number: UInt64) {
    var divisor: UInt64 = 1
    while number / divisor >= 10 { divisor *= 10 }
    while divisor > 0 {
      append(UInt8(ascii: "0") + UInt8(truncatingIfNeeded: number / divisor % 10))
      divisor /= 10
    }
  }

  mutating func append(_ number: Int) { append(Int64(number)) }

  /// Appends decimal digits, behind a minus where it is one.
  mutating func append(_ number: Int64) {
    if number < 0 { append(UInt8(ascii: "-")) }
    append(number.magnitude)
  }

  /// Appends `0x` and hexadecimal digits.
  mutating func append(hexadecimal number: UInt64) {
    append("0x")
    var shift = number == 0 ? 0 : (63 - number.leadingZeroBitCount) & ~3
    while shift >= 0 {
      let digit = UInt8(truncatingIfNeeded: number >> UInt64(shift) & 15)
      append(digit < 10 ? UInt8(ascii: "0") + digit : UInt8(ascii: "a") + digit - 10)
      shift -= 4
    }
  }

  /// Ends the line and writes it.
  mutating func write() {
    append(UInt8(ascii: "\n"))
    flush()
  }

  @inline(never) private mutating func flush() {
    let written = bytes.span.extracting(0..<count)
    do throws(SystemError) {
      if descriptor == 1 {
        try System.print(written)
      } else {
        try System.write(written, to: descriptor)
      }
    } catch {
      // Lost output shows in the exit status: that of the standard output is 123 then.
    }
    count = 0
  }
}
