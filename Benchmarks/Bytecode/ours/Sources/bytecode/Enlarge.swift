// Enlarge.swift — a WebAssembly file of any size, made of a real one's functions.
// Hosted. Imports nothing. Source: WebAssembly Core Specification 2.0, section 5.5 "Modules".

/// A number of LEB128 that begins at `position`, which moves behind it.
private func number(_ bytes: [UInt8], _ position: inout Int) -> Int {
  var (value, shift) = (0, 0)
  while true {
    let byte = bytes[position]
    position += 1
    value |= Int(byte & 0x7f) << shift
    if byte & 0x80 == 0 { return value }
    shift += 7
  }
}

private func encoded(_ number: Int) -> [UInt8] {
  var (rest, bytes) = (number, [UInt8]())
  repeat {
    bytes.append(UInt8(rest & 0x7f) | (rest > 0x7f ? 0x80 : 0))
    rest >>= 7
  } while rest > 0
  return bytes
}

/// The file with all of its functions repeated behind the last until it has `byteCount` bytes.
///
/// What the copies name is what their originals name, so that each means what its original means.
/// Custom sections, which name functions by number, stay away.
func enlarged(_ file: [UInt8], to byteCount: Int) -> [UInt8] {
  var position = 8
  var sections: [(id: UInt8, body: [UInt8])] = []
  while position < file.count {
    let id = file[position]
    position += 1
    let count = number(file, &position)
    if id != 0 { sections.append((id, Array(file[position..<position + count]))) }
    position += count
  }
  let codeCount = sections.first { $0.id == 10 }?.body.count ?? 1
  let copyCount = 1 + max(0, byteCount - file.count) / codeCount
  var result = Array(file[..<8])
  for section in sections {
    var body = section.body
    if section.id == 3 || section.id == 10 {
      var start = 0
      let count = number(body, &start)
      let rest = body[start...]
      body = encoded(count * copyCount)
      for _ in 0..<copyCount { body += rest }
    }
    result += [section.id] + encoded(body.count) + body
  }
  return result
}
