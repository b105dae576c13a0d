// FileBytes.swift — a whole file, read at once.
// Freestanding; also built hosted. Imports NovaModules.

import NovaModules

func file(_ path: Span<UInt8>) throws(SystemError) -> [UInt8] {
  var name: [UInt8] = []
  for index in path.indices { name.append(path[index]) }
  name.append(0)
  let descriptor = try System.open(path: name.span)
  var bytes = [UInt8](repeating: 0, count: try System.fileByteCount(of: descriptor))
  var count = 0
  var piece = [UInt8](repeating: 0, count: 65_536)
  while count < bytes.count {
    var span = piece.mutableSpan
    let got = try System.read(from: descriptor, into: &span)
    guard got > 0 else { break }
    for index in 0..<min(got, bytes.count - count) { bytes[count + index] = piece[index] }
    count += got
  }
  try System.close(descriptor)
  return bytes
}
