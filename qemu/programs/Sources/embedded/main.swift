// main.swift — says what module the program carries: bytes, place in its page, FNV-1a hash.

import NovaCore

if let module = ProgramModule.bytes {
  var hash: UInt64 = 0xcbf2_9ce4_8422_2325
  for index in 0..<module.count {
    hash = (hash ^ UInt64(module[index])) &* 0x100_0000_01b3
  }
  // SAFETY: the address is looked at, and nothing behind it.
  let place = unsafe module.withUnsafeBytes { unsafe Int(bitPattern: $0.baseAddress) % 4096 }
  print("module of \(module.count) bytes at \(place): \(hash)")
} else {
  print("no module")
}
