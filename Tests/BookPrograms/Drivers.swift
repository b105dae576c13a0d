// Drivers.swift — calls the drivers that the blocks of the page Drivers declare.

import NovaCore

@main
enum Program {
  static func main() {
    do throws(BootstrapError) {
      let runtime = try NovaRuntime.bootstrap()
      do throws(DriverError) {
        try call(runtime.driverRegistry)
      } catch {
        print("\(error)")
      }
    } catch {
      print("\(error)")
    }
  }

  static func call(_ registry: DriverRegistry) throws(DriverError) {
    _ = try addReverse(to: registry)
    print(String(decoding: try reversed("a text", by: registry), as: UTF8.self))
    try show("shout", "text", "loud", of: registry)
    try show("checksum", "sum", "!\"", of: registry)
  }

  static func show(
    _ name: StaticString, _ operationName: StaticString, _ text: String, of registry: DriverRegistry
  ) throws(DriverError) {
    let driver = try registry.lookup(name, version: version1)
    let operation = try registry.operation(operationName, of: driver)
    let bytes = try [UInt8](capacity: 64) { output throws(DriverError) in
      try registry.call(driver, operation: operation, input: text.utf8.span, output: &output)
    }
    print(String(decoding: bytes, as: UTF8.self))
  }
}
