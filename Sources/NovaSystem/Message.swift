// Message.swift — one line for people, put together without an allocation.
// Freestanding. Imports nothing.

/// A line of at most `capacity` bytes; what is longer is cut off.
package struct Message: ~Copyable {
  /// Bytes that a line holds.
  package static var capacity: Int { 240 }

  private var bytes = InlineArray<240, UInt8>(repeating: 0)
  private var count = 0

  /// A line that begins with `text`.
  package init(_ text: StaticString) { append(text) }

  /// Adds `text`, which must be a string, not a single scalar.
  package mutating func append(_ text: StaticString) {
    for index in 0..<text.utf8CodeUnitCount {
      // SAFETY: a literal's bytes lie in the image, and index is below their count.
      append(byte: unsafe text.utf8Start[index])
    }
  }

  /// Adds `number` in decimal digits.
  package mutating func append(_ number: UInt) {
    var divisor: UInt = 1
    while number / divisor >= 10 { divisor *= 10 }
    while divisor > 0 {
      append(byte: UInt8(ascii: "0") + UInt8(truncatingIfNeeded: number / divisor % 10))
      divisor /= 10
    }
  }

  private mutating func append(byte: UInt8) {
    guard count < Message.capacity else { return }
    bytes[count] = byte
    count += 1
  }

  /// Writes the line to descriptor 2 and stops the program with a trap.
  package consuming func fail() -> Never {
    append(byte: UInt8(ascii: "\n"))
    // A line that cannot be written is no reason to go on; the trap tells the rest.
    _ = try? System.write(bytes.span.extracting(first: count), to: 2)
    fatalError()
  }
}

extension System {
  /// Says why on descriptor 2 and stops the program with a trap.
  package static func fail(_ reason: StaticString) -> Never {
    var message = Message("nova: ")
    message.append(reason)
    message.fail()
  }
}
