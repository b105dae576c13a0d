// WASICall.swift — one call of a WASI function, and the table of those that there are.
// Freestanding. Imports NovaModules. Design: NovaCore.docc/WASI.md.

import NovaModules

/// The arguments of a call, and the caller's memory.
struct WASICall {
  /// The most parameters of a function: those of path_open.
  static var argumentCountMax: Int { 9 }

  private let words: InlineArray<9, UInt64>
  let memory: GuestMemory

  init(_ words: InlineArray<9, UInt64>, _ memory: GuestMemory) {
    self.words = words
    self.memory = memory
  }

  /// The argument at `index` as an address, a size, a descriptor or flags.
  func u32(_ index: Int) -> UInt32 { UInt32(truncatingIfNeeded: words[index]) }

  /// The argument at `index` as a number of 64 bits.
  func u64(_ index: Int) -> UInt64 { words[index] }

  /// An argument that the system takes as a place or a size in a file.
  ///
  /// - Throws: `WASIErrno.invalid` when it needs all 64 bits.
  func fileSize(_ index: Int) throws(WASIErrno) -> Int64 {
    guard let size = Int64(exactly: words[index]) else { throw .invalid }
    return size
  }

  /// A path: the bytes that the arguments at `index` and behind it, address and size, say.
  func path(_ index: Int) throws(WASIErrno) -> [UInt8] {
    guard u32(index + 1) <= PathWalk.byteCountMax else { throw .nameTooLong }
    return try memory.copy(u32(index), u32(index + 1))
  }
}

/// A function of WASI.
struct WASIFunction: Sendable {
  let name: StaticString
  /// A letter for each parameter, `i` for 32 bits and `I` for 64, a colon, and `i` for an errno.
  let signature: StaticString
  let body: @Sendable (WASISystem, WASICall) throws(WASIErrno) -> Void

  init(
    _ name: StaticString, _ signature: StaticString,
    _ body: @escaping @Sendable (WASISystem, WASICall) throws(WASIErrno) -> Void
  ) {
    self.name = name
    self.signature = signature
    self.body = body
  }

  /// All that modules can import: WASI preview 1 without sockets.
  static var all: [WASIFunction] { process + descriptors + transfers + paths }

  /// What importers must state.
  var type: ModuleFunctionType {
    var parameters: [ValueType] = []
    var results: [ValueType] = []
    var isBehindColon = false
    for index in 0..<signature.utf8CodeUnitCount {
      // SAFETY: the literal has that many bytes, and more than one.
      let letter = unsafe signature.utf8Start[index]
      if letter == UInt8(ascii: ":") {
        isBehindColon = true
      } else if isBehindColon {
        results.append(.i32)
      } else {
        parameters.append(letter == UInt8(ascii: "I") ? .i64 : .i32)
      }
    }
    return ModuleFunctionType(parameters: parameters, results: results)
  }
}
