// Embedded.swift — calls what the blocks of the page Embedded declare.

import NovaCore

@main
enum Program {
  static func main() {
    do throws(BootstrapError) {
      try run()
    } catch {
      print("\(error)")
    }
  }
}
