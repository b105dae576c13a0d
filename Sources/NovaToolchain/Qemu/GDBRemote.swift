// GDBRemote.swift — a client of the gdb remote protocol over a unix socket: packets and requests.
// Hosted. Imports Glibc. Source: GDB manual, appendix E, "GDB Remote Serial Protocol".

import Glibc

/// Why a conversation with a gdb stub ended early.
public enum GDBError: Error, Equatable {
  /// The socket's path does not fit a socket address (`sun_path`, 107 bytes).
  case pathTooLong(String)
  /// The socket could not be made or connected.
  case unconnected(errno: Int32)
  /// The stub closed the connection.
  case closed
  /// The stub did not answer in time.
  case timedOut
  /// A packet's check sum is wrong.
  case badChecksum(expected: UInt8, computed: UInt8)
  /// The stub refused a request with its error number.
  case refused(request: String, code: UInt8)
  /// The answer to a request has another form than the protocol says.
  case malformed(request: String, answer: String)
}

/// Why the program under a stub stopped.
enum GDBStop: Equatable {
  /// By a signal in gdb's numbering; a breakpoint is 5.
  case signal(UInt8)
  case exited(UInt8)
  case killed(signal: UInt8)
}

/// A connection to a stub.
@safe struct GDBRemote: ~Copyable {
  /// Payload bytes of a memory packet: two digits each, below the 0x1000 that qemu 7.2 allows.
  static let memoryChunkByteCount = 0x7ff
  private static let receiveByteCount = 65536
  private static let featureChunk = "ff0"

  private let descriptor: Int32
  private var received: [UInt8] = []
  private var position = 0
  private var acknowledges = true
  private var owesAcknowledgement = false
  /// Monotonic milliseconds after which a request fails.
  var deadline: Int

  /// Connects to a listening unix socket.
  ///
  /// - Throws: `pathTooLong`, `unconnected`.
  init(path: String, deadline: Int) throws(GDBError) {
    descriptor = try Self.connected(to: path)
    self.deadline = deadline
  }

  private static func connected(to path: String) throws(GDBError) -> Int32 {
    var address = sockaddr_un()
    address.sun_family = sa_family_t(AF_UNIX)
    let bytes = Array(path.utf8) + [0]
    guard bytes.count <= MemoryLayout.size(ofValue: address.sun_path) else {
      throw .pathTooLong(path)
    }
    // SAFETY: the count was just compared with the destination's size.
    unsafe withUnsafeMutableBytes(of: &address.sun_path) { unsafe $0.copyBytes(from: bytes) }
    let kind = Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue)
    let descriptor = socket(AF_UNIX, kind, 0)
    guard descriptor >= 0 else { throw .unconnected(errno: errno) }
    let size = socklen_t(MemoryLayout<sockaddr_un>.size)
    // SAFETY: sockaddr_un begins with the members of sockaddr, and `size` is its own size.
    let result = unsafe withUnsafePointer(to: &address) {
      unsafe $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        unsafe connect(descriptor, $0, size)
      }
    }
    guard result == 0 else {
      let error = errno
      close(descriptor)
      throw .unconnected(errno: error)
    }
    return descriptor
  }

  deinit { close(descriptor) }

  // MARK: Packets

  /// Sends a request and returns the answer's payload, run lengths expanded.
  mutating func request(_ text: String) throws(GDBError) -> [UInt8] {
    try send(text)
    return try receive()
  }

  private mutating func send(_ text: String) throws(GDBError) {
    var packet: [UInt8] = owesAcknowledgement ? [UInt8(ascii: "+")] : []
    owesAcknowledgement = false
    packet.append(UInt8(ascii: "$"))
    var sum: UInt8 = 0
    for byte in text.utf8 {
      packet.append(byte)
      sum &+= byte
    }
    packet.append(UInt8(ascii: "#"))
    packet += Hexadecimal.digits(of: [sum])
    try write(packet)
  }

  private func write(_ bytes: [UInt8]) throws(GDBError) {
    var rest = bytes[...]
    while !rest.isEmpty {
      // SAFETY: the pointer and the count are one buffer's, valid during the call.
      let count = unsafe rest.withUnsafeBytes {
        unsafe Glibc.send(descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
      }
      if count < 0 && errno != EINTR { throw .closed }
      rest = rest.dropFirst(max(count, 0))
    }
  }

  /// Waits for a packet; acknowledges it together with the next request, or at once when it is the
  /// program's last.
  private mutating func receive() throws(GDBError) -> [UInt8] {
    while try next() != UInt8(ascii: "$") {}
    var raw: [UInt8] = []
    var sum: UInt8 = 0
    while true {
      let byte = try next()
      if byte == UInt8(ascii: "#") { break }
      raw.append(byte)
      sum &+= byte
    }
    let stated = Hexadecimal.bytes(of: [try next(), try next()])?.first
    guard stated == sum else { throw .badChecksum(expected: stated ?? 0, computed: sum) }
    if acknowledges {
      owesAcknowledgement = true
      if raw.first == UInt8(ascii: "W") || raw.first == UInt8(ascii: "X") {
        owesAcknowledgement = false
        // The stub may be gone already: it does not need this answer.
        _ = try? write([UInt8(ascii: "+")])
      }
    }
    return Self.expanded(raw)
  }

  private mutating func next() throws(GDBError) -> UInt8 {
    while position == received.count { try fill() }
    position += 1
    return received[position - 1]
  }

  private mutating func fill() throws(GDBError) {
    let remaining = deadline - monotonicMilliseconds()
    guard remaining > 0 else { throw .timedOut }
    var polled = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
    // SAFETY: one entry, which outlives the call.
    let ready = unsafe poll(&polled, 1, Int32(clamping: remaining))
    if ready == 0 { throw .timedOut }
    var count = 0
    received = unsafe [UInt8](unsafeUninitializedCapacity: Self.receiveByteCount) {
      buffer, filled in
      // SAFETY: at most the buffer's capacity is written, and the result says how much.
      unsafe count = recv(descriptor, buffer.baseAddress, buffer.count, 0)
      filled = max(count, 0)
    }
    position = 0
    if count == 0 || (count < 0 && errno != EINTR) { throw .closed }
  }

  /// Expands run lengths: `x*n` is x and then n - 29 more of it.
  static func expanded(_ raw: [UInt8]) -> [UInt8] {
    guard raw.contains(UInt8(ascii: "*")) else { return raw }
    var result: [UInt8] = []
    var index = 0
    while index < raw.count {
      if raw[index] == UInt8(ascii: "*"), index + 1 < raw.count, let last = result.last {
        result += [UInt8](repeating: last, count: max(0, Int(raw[index + 1]) - 29))
        index += 2
      } else {
        result.append(raw[index])
        index += 1
      }
    }
    return result
  }

  // MARK: Requests

  /// Agrees on what both sides can do; to be called first.
  mutating func begin() throws(GDBError) {
    let answer = String(decoding: try request("qSupported:multiprocess+"), as: UTF8.self)
    if answer.split(separator: ";").contains("QStartNoAckMode+") {
      try expectOK("QStartNoAckMode")
      try write([UInt8(ascii: "+")])
      owesAcknowledgement = false
      acknowledges = false
    }
  }

  /// A file of the target's description, for example `target.xml`.
  mutating func feature(_ name: String) throws(GDBError) -> String {
    var text: [UInt8] = []
    while true {
      let wanted = "qXfer:features:read:\(name):\(String(text.count, radix: 16)),"
      let answer = try checked(wanted + Self.featureChunk)
      guard let kind = answer.first, kind == UInt8(ascii: "l") || kind == UInt8(ascii: "m") else {
        throw Self.malformed(wanted, answer)
      }
      text += Self.unescaped(answer.dropFirst())
      if kind == UInt8(ascii: "l") { return String(decoding: text, as: UTF8.self) }
    }
  }

  /// All registers of the `g` packet, as one run of bytes; null bytes for what the stub lacks.
  mutating func generalRegisters() throws(GDBError) -> [UInt8] {
    let answer = try checked("g").map { $0 == UInt8(ascii: "x") ? UInt8(ascii: "0") : $0 }
    guard let bytes = Hexadecimal.bytes(of: answer) else { throw Self.malformed("g", answer) }
    return bytes
  }

  /// One register by number; null when the stub does not give it out.
  mutating func register(_ number: Int) throws(GDBError) -> [UInt8]? {
    let answer = try request("p" + String(number, radix: 16))
    if answer.isEmpty || answer.first == UInt8(ascii: "E") && answer.count == 3 { return nil }
    return Hexadecimal.bytes(of: answer)
  }

  /// Memory, in as many packets as it takes.
  mutating func memory(at address: UInt64, byteCount: Int) throws(GDBError) -> [UInt8] {
    var bytes: [UInt8] = []
    bytes.reserveCapacity(byteCount)
    while bytes.count < byteCount {
      let count = min(Self.memoryChunkByteCount, byteCount - bytes.count)
      let start = String(address + UInt64(bytes.count), radix: 16)
      let wanted = "m\(start),\(String(count, radix: 16))"
      let answer = try checked(wanted)
      guard let chunk = Hexadecimal.bytes(of: answer), chunk.count == count else {
        throw Self.malformed(wanted, answer)
      }
      bytes += chunk
    }
    return bytes
  }

  mutating func insertBreakpoint(at address: UInt64) throws(GDBError) {
    try expectOK("Z0,\(String(address, radix: 16)),1")
  }

  mutating func removeBreakpoint(at address: UInt64) throws(GDBError) {
    try expectOK("z0,\(String(address, radix: 16)),1")
  }

  /// Lets the program run until it stops again; delivers `signal` (gdb's numbering) first.
  mutating func resume(signal: UInt8? = nil) throws(GDBError) -> GDBStop {
    let wanted = signal.map { "C\(String(decoding: Hexadecimal.digits(of: [$0]), as: UTF8.self))" }
    let answer = try request(wanted ?? "c")
    let digits = answer.dropFirst().prefix(2)
    guard let kind = answer.first, let code = Hexadecimal.bytes(of: Array(digits))?.first else {
      throw Self.malformed(wanted ?? "c", answer)
    }
    switch kind {
    case UInt8(ascii: "T"), UInt8(ascii: "S"): return .signal(code)
    case UInt8(ascii: "W"): return .exited(code)
    case UInt8(ascii: "X"): return .killed(signal: code)
    default: throw Self.malformed(wanted ?? "c", answer)
    }
  }

  private mutating func checked(_ wanted: String) throws(GDBError) -> [UInt8] {
    let answer = try request(wanted)
    guard answer.first == UInt8(ascii: "E"), answer.count == 3,
      let code = Hexadecimal.bytes(of: Array(answer.dropFirst()))?.first
    else { return answer }
    throw .refused(request: wanted, code: code)
  }

  private mutating func expectOK(_ wanted: String) throws(GDBError) {
    let answer = try checked(wanted)
    guard answer == Array("OK".utf8) else { throw Self.malformed(wanted, answer) }
  }

  private static func malformed(_ request: String, _ answer: [UInt8]) -> GDBError {
    .malformed(request: request, answer: String(decoding: answer.prefix(64), as: UTF8.self))
  }

  /// Binary data: `}` and then the byte, its bit 5 flipped.
  private static func unescaped(_ bytes: ArraySlice<UInt8>) -> [UInt8] {
    var result: [UInt8] = []
    var isEscaped = false
    for byte in bytes {
      if byte == UInt8(ascii: "}") && !isEscaped {
        isEscaped = true
      } else {
        result.append(isEscaped ? byte ^ 0x20 : byte)
        isEscaped = false
      }
    }
    return result
  }
}

/// Bytes as pairs of digits, the form of the protocol and of qemu's logs.
enum Hexadecimal {
  /// Two lower-case digits per byte.
  static func digits(of bytes: [UInt8]) -> [UInt8] {
    let digits = Array("0123456789abcdef".utf8)
    return bytes.flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] }
  }

  /// The bytes that pairs of digits say; null when something else stands there.
  static func bytes(of digits: [UInt8]) -> [UInt8]? {
    guard digits.count.isMultiple(of: 2) else { return nil }
    var bytes: [UInt8] = []
    bytes.reserveCapacity(digits.count / 2)
    for index in stride(from: 0, to: digits.count, by: 2) {
      guard let high = value(of: digits[index]), let low = value(of: digits[index + 1]) else {
        return nil
      }
      bytes.append(high << 4 | low)
    }
    return bytes
  }

  private static func value(of digit: UInt8) -> UInt8? {
    switch digit {
    case UInt8(ascii: "0")...UInt8(ascii: "9"): digit - UInt8(ascii: "0")
    case UInt8(ascii: "a")...UInt8(ascii: "f"): digit - UInt8(ascii: "a") + 10
    case UInt8(ascii: "A")...UInt8(ascii: "F"): digit - UInt8(ascii: "A") + 10
    default: nil
    }
  }
}
