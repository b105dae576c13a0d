// RunLoop.swift — calls what the blocks of the page RunLoop declare.

import NovaCore

@main
enum Program {
  static func main() {
    do throws(LoopError) {
      try greetAlone()
    } catch {
      print("\(error)")
    }
  }
}
