// Line.swift — a line of output, as bytes: strings and what joins them were most of the program.
// Freestanding. Imports NovaModules.

import NovaModules

/// A line under construction.
struct Line {
  private var bytes: [UInt8] = []

  mutating func append(_ text: StaticString) {
    // SAFETY: texts here are literals of more than one character, whose bytes are the image's.
    for index in 0..<text.utf8CodeUnitCount { bytes.append(unsafe text.utf8Start[index]) }
  }

  mutating func append(_ name: ModuleName) { bytes += name.bytes }

  /// Appends an argument of the program's, as it was written.
  mutating func append(argument index: Int) {
    let argument = ProgramArguments.current[index]
    for place in 0..<argument.count { bytes.append(argument[place]) }
  }

  /// Appends decimal digits.
  mutating func append(_ number: UInt64) {
    var divisor: UInt64 = 1
    while number / divisor >= 10 { divisor *= 10 }
    while divisor > 0 {
      bytes.append(UInt8(ascii: "0") + UInt8(truncatingIfNeeded: number / divisor % 10))
      divisor /= 10
    }
  }

  mutating func append(_ number: Int) { append(Int64(number)) }

  /// Appends decimal digits, behind a minus where it is one.
  mutating func append(_ number: Int64) {
    if number < 0 { bytes.append(UInt8(ascii: "-")) }
    append(number.magnitude)
  }

  /// Appends `0x` and hexadecimal digits.
  mutating func append(hexadecimal number: UInt64) {
    append("0x")
    var shift = number == 0 ? 0 : (63 - number.leadingZeroBitCount) & ~3
    while shift >= 0 {
      let digit = UInt8(truncatingIfNeeded: number >> UInt64(shift) & 15)
      bytes.append(digit < 10 ? UInt8(ascii: "0") + digit : UInt8(ascii: "a") + digit - 10)
      shift -= 4
    }
  }

  mutating func append(_ text: String) {
    var text = text
    // SAFETY: the bytes are read while they are there.
    text.withUTF8 { utf8 in for index in utf8.indices { unsafe bytes.append(utf8[index]) } }
  }

  /// Ends the line and writes it to descriptor 1, behind what was printed, or to another.
  mutating func write(to descriptor: Int32) {
    bytes.append(UInt8(ascii: "\n"))
    do throws(SystemError) {
      if descriptor == 1 {
        try System.print(bytes.span)
      } else {
        try System.write(bytes.span, to: descriptor)
      }
    } catch {
      // Lost output shows in the exit status: that of the standard output is 123 then.
    }
  }
}
