// WasmBytes.swift — writes WebAssembly files for the tests.

enum WasmBytes {
  static let header: [UInt8] = [0, 0x61, 0x73, 0x6d, 1, 0, 0, 0]

  static func unsigned(_ value: Int) -> [UInt8] {
    var rest = value
    var bytes: [UInt8] = []
    repeat {
      bytes.append(UInt8(rest & 0x7f) | (rest > 0x7f ? 0x80 : 0))
      rest >>= 7
    } while rest > 0
    return bytes
  }

  static func signed(_ value: Int64) -> [UInt8] {
    var rest = value
    var bytes: [UInt8] = []
    while true {
      let byte = UInt8(truncatingIfNeeded: rest & 0x7f)
      rest >>= 7
      if (rest == 0 && byte & 0x40 == 0) || (rest == -1 && byte & 0x40 != 0) {
        return bytes + [byte]
      }
      bytes.append(byte | 0x80)
    }
  }

  static func section(_ id: UInt8, _ entries: [[UInt8]]) -> [UInt8] {
    let body = unsigned(entries.count) + entries.flatMap(\.self)
    return [id] + unsigned(body.count) + body
  }

  static func type(_ parameters: [UInt8], _ results: [UInt8]) -> [UInt8] {
    [0x60] + unsigned(parameters.count) + parameters + unsigned(results.count) + results
  }

  /// A body with `localCount` locals of one type; its `end` is added.
  static func body(_ code: [UInt8], localCount: Int = 0, localType: UInt8 = 0x7f) -> [UInt8] {
    let locals = localCount == 0 ? [0] : [1] + unsigned(localCount) + [localType]
    let bytes = locals + code + [0x0b]
    return unsigned(bytes.count) + bytes
  }

  /// A module with a page of memory and functions of (i32, i32) → i32.
  static func module(_ bodies: [[UInt8]]) -> [UInt8] {
    header + section(1, [type([0x7f, 0x7f], [0x7f])])
      + section(3, bodies.map { _ in [0] }) + section(5, [[0, 1]])
      + section(7, [[3, 0x72, 0x75, 0x6e, 0, 0]]) + section(10, bodies)
  }
}
