// BookTableTests.swift — the book's tables of built-in drivers and of limits, held to the code.

import NovaCore
import NovaModules
import TestSupport
import Testing

@Suite(.serialized) struct BookTableTests {
  /// A row of the table.
  private struct Row: CustomStringConvertible {
    let (driver, operation, type): (String, String, String)
    let number: Int
    let (input, output, errors): (String, String, String)

    var description: String { "\(driver) \(operation)" }
  }

  private func rows() throws -> [Row] {
    func unquoted(_ text: Substring) -> String { String(text.filter { $0 != "`" }) }
    return try Book.lines(of: "Drivers").filter { $0.hasSuffix("-> i32` |") }.map { line in
      let cells = line.split(separator: "|").map { $0.drop { $0 == " " }.dropLast() }
      let operation = cells[1].split(separator: " ")
      return Row(
        driver: unquoted(cells[0]), operation: unquoted(operation[1]), type: unquoted(cells[5]),
        number: try #require(Int(operation[0])), input: String(cells[2]),
        output: String(cells[3]), errors: String(cells[4]))
    }
  }

  /// Calls the operation as a module does that imports it as the row says.
  private func call(
    _ row: Row, in loader: ModuleLoader, input: (Int32, Int32), room: Int32
  ) throws -> Int32 {
    let count = row.type.split(separator: ",").count
    let names = ["input", "byte_count", "output", "room"].prefix(count)
    let text =
      """
      .import "driver:\(row.driver)" "\(row.operation)" func operation \(row.type)
      .memory 1
      .data at 128 "PATH"
      .export func call
      .func call (\(names.map { "\($0): i32" }.joined(separator: ", "))) -> i32
      .window \((0..<count).map { "w\($0)" }.joined(separator: ", "))

      """ + names.enumerated().map { "mov w\($0), \($1)\n" }.joined() + """
        call_import w0, operation
        ret w0
        .end

        """
    let module = try loader.load("caller", text: text)
    defer { try? loader.unload(module) }
    let values = [input.0, input.1, 1024, room].prefix(count).map { ModuleValue.i32($0) }
    let results = try loader.instantiate(module).call("call", values)
    guard case .i32(let result) = results[0] else { return Int32.min }
    return result
  }

  @Test func `each operation takes, gives and refuses what its row says`() throws {
    let rows = try rows()
    #expect(Set(rows.map(\.driver)) == Set(BuiltInDriverTests.grants.map { "\($0.0)" }))
    let values = try RuntimeBootstrap.Builder().heap(byteCount: 16 << 20).drivers(granted: .all)
      .build()
    let runtime = try NovaRuntime(from: values)
    let loader = try ModuleLoader(runtime)
    for row in rows {
      var input: (Int32, Int32) = (0, 0)
      if row.input.hasPrefix("a number") { input = (64, 8) }
      if row.input == "a variable's name" { input = (128, 4) }
      let errors = row.errors.split(separator: ", ")
      let full = try call(row, in: loader, input: input, room: 0)
      #expect(full == (errors.contains("28") ? -28 : 0), "\(row) without room")
      if errors.contains("22") {
        #expect(try call(row, in: loader, input: (0, 0), room: 64) == -22, "\(row)")
        #expect(try call(row, in: loader, input: (128, 8), room: 64) == -22, "\(row)")
      }
      if errors.contains("2") {
        #expect(try call(row, in: loader, input: (64, 1), room: 64) == -2, "\(row)")
      }
      // What reads would take the standard input of the tests.
      guard row.operation != "read" else { continue }
      let result = try call(row, in: loader, input: input, room: 32_768)
      switch row.output {
      case "none": #expect(result == 0, "\(row)")
      case let text where text.hasPrefix("a number"): #expect(result == 8, "\(row)")
      case let text where text.hasPrefix("random"): #expect(result == 32_768, "\(row)")
      default: #expect(result > 0, "\(row)")
      }
    }
  }

  @Test func `the table has each operation under its number`() throws {
    let rows = try rows()
    try withRegistry { registry in
      for row in rows {
        let driver = try registry.lookup(DriverName(row.driver), version: version1)
        #expect(
          try registry.operation(DriverName(row.operation), of: driver) == row.number, "\(row)")
        let count = rows.count { $0.driver == row.driver }
        let name = try DriverName(row.driver)
        expect(.wrongOperation(name, operation: count, operationCount: count)) {
          try registry.call(driver, count)
        }
      }
    }
  }

  @Test func `the limits of modules are those that the page says`() throws {
    let limits = ModuleLimits()
    let values: [String: [Int]] = [
      "fuel": [], "timeoutNanoseconds": [], "memoryByteCount": [],
      "tableElementCount": [limits.tableElementCount],
      "addedModuleCount": [limits.addedModuleCount],
      "callDepth": [limits.callDepth, ModuleLimits.callDepthMin, ModuleLimits.callDepthMax],
      "registerCount": [
        limits.registerCount, ModuleLimits.registerCountMin, ModuleLimits.registerCountMax,
      ],
      "linkedModuleCountMax": [ModuleLimits.linkedModuleCountMax],
      "addedHostCountMax": [ModuleLimits.addedHostCountMax],
      "nestedCallCountMax": [ModuleLimits.nestedCallCountMax],
      "moduleCountMax": [ModuleLimits.moduleCountMax],
      "functionTypeCountMax": [ModuleLimits.functionTypeCountMax],
      "byteCountMax": [NovaModules.ModuleName.byteCountMax],
      "backtraceFrameCountMax": [ModuleLimits.backtraceFrameCountMax],
    ]
    var found: [String: [Int]] = [:]
    for line in try Book.lines(of: "Modules") {
      let cells = line.split(separator: "|")
      guard cells.count == 4, cells[0].hasPrefix(" `Module"),
        let name = cells[0].split(separator: ".").last?.dropLast(2)
      else { continue }
      found[String(name)] = cells[2].split { !$0.isNumber }.compactMap { Int($0) }
    }
    #expect(found == values)
    #expect(limits.fuel == nil && limits.timeoutNanoseconds == nil)
    #expect(limits.memoryByteCount == nil)
  }
}
