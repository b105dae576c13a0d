// ProgramLayout.swift — what a check must know of the file: addresses, contents, names.
// Hosted. Imports nothing.

/// A name of the program's symbol table and the bytes it covers.
struct ProgramSymbol: Sendable, Equatable {
  var name: String
  var address: UInt64
  var byteCount: UInt64
}

/// The places of a program, by what crt and the linker script promise of them.
struct ProgramLayout: Sendable {
  var target: Target
  /// Where `main` begins.
  var main: UInt64
  /// Everything that the file puts into memory.
  var image: Range<UInt64>
  var dataStart: UInt64
  /// The initialised data as the file holds it.
  var data: [UInt8]
  var stackLow: UInt64
  var stackHigh: UInt64
  var heapLow: UInt64
  var heapHigh: UInt64
  /// The stack protector's guard, 8 bytes that start-up sets; null in a file of an older NovaCore.
  var stackGuard: UInt64?
  /// The bootstrap record in words, in the order of its keys.
  var bootstrap: [ManifestBootstrap]
  /// Inputs that the record grants to the program: from `main` on it may follow them.
  var grantedInputs: [StartInput] = []
  /// By address; empty in a stripped file.
  var symbols: [ProgramSymbol]

  /// The name of the code or variable at an address, with the offset in it.
  func symbol(at address: UInt64) -> String? {
    var low = 0
    var high = symbols.count
    while low < high {
      let middle = (low + high) / 2
      if symbols[middle].address <= address { low = middle + 1 } else { high = middle }
    }
    guard low > 0 else { return nil }
    let symbol = symbols[low - 1]
    guard address - symbol.address < max(1, symbol.byteCount) else { return nil }
    let offset = address - symbol.address
    return offset == 0 ? symbol.name : "\(symbol.name)+\(offset)"
  }
}
