// Memory.swift — calls what the blocks of the page Memory declare.

import NovaCore

@main
enum Program {
  static func main() {
    do throws(MemoryError) {
      try lend(from: try Arena(byteCount: 1 << 20))
    } catch {
      print("\(error)")
    }
  }
}
