// InspectionTests.swift — what is told of a real guest, and of a program that is none of ours.

import Glibc
import Testing
import TestSupport

@testable import NovaToolchain

@Suite struct InspectionTests {
  private func inspect(_ path: String) throws -> Inspection {
    try Inspection(ELFFile(readFile(path)))
  }

  @Test(arguments: GuestCPU.allCases)
  func `a guest keeps every promise of its layout`(cpu: GuestCPU) throws {
    let inspection = try inspect(Guests.path(of: "hello", on: cpu))
    #expect(inspection.properties.filter { !$0.holds } == [])
    #expect(inspection.properties.count == 7)
    #expect(inspection.buildIdentifier?.isEmpty == false)
    let settings = try #require(inspection.settings)
    #expect(settings.first?.name == "stack_size")
    #expect(settings.first { $0.name == "stack_policy" }?.meaning == "initial")
    #expect(settings.first { $0.name == "driver_grants" }?.meaning == "console")
    #expect(settings.count == 9)
  }

  @Test func `every loaded byte is counted once, by origin`() throws {
    let path = try Guests.path(of: "hello", on: .x86_64)
    let inspection = try Inspection(ELFFile(readFile(path)), largestCount: .max)
    let loaded = inspection.sections.filter(\.isLoaded).reduce(0) { $0 + $1.byteCount }
    let grouped = inspection.groups.reduce(0) {
      $0 + $1.codeByteCount + $1.constantByteCount + $1.variableByteCount
    }
    #expect(grouped == loaded)
    func origin(_ name: String) -> SymbolOrigin? {
      inspection.largest.first { $0.name == name }?.origin
    }
    #expect(origin("nova_start") == .startUp)
    #expect(origin("nova_start_record") == .startUp)
    #expect(origin("nova_exit") == .runtime)
    #expect(origin("hello_main") == .program)
    #expect(inspection.largest.contains { $0.origin == .standardLibrary })
  }

  @Test func `modules are read from mangled names`() {
    #expect(SymbolSizes.mangledModule(of: "$e8NovaCore1fyyF") == "NovaCore")
    #expect(
      SymbolSizes.mangledModule(of: "$es5print_10terminatorys12StaticStringV_ADtF") == "Swift")
    #expect(SymbolSizes.mangledModule(of: "$sSS6appendyySSF") == "Swift")
    #expect(SymbolSizes.mangledModule(of: "$sSo8nova_keyV") == "__C")
    #expect(SymbolSizes.mangledModule(of: "$s99x") == nil)
    #expect(SymbolSizes.mangledModule(of: "main") == nil)
  }

  @Test func `a dynamic program's exceptions are named`() throws {
    let inspection = try inspect("/bin/sh")
    #expect(inspection.settings == nil)
    #expect(inspection.groups.isEmpty || !inspection.largest.isEmpty)
    let broken = inspection.properties.filter { !$0.holds }
    #expect(broken.contains { $0.name == "no interpreter" && $0.exception == "PT_INTERP" })
    #expect(broken.contains { $0.name == "no undefined symbol" && !$0.exception.isEmpty })
    #expect(inspection.text.contains("NO   no interpreter: PT_INTERP"))
    #expect(inspection.text.contains("none: not linked with NovaCore's linker script"))
  }

  @Test func `text and JSON are stable and say the same`() throws {
    let path = try Guests.path(of: "hello", on: .x86_64)
    let inspection = try inspect(path)
    #expect(try inspection.text == inspect(path).text)
    #expect(inspection.text.contains("  yes  no segment is writable and executable\n"))
    #expect(inspection.json().contains("\"name\": \"stack_size\""))
    let size = try #require(inspection.settings?.first)
    #expect(inspection.json().contains("\"value\": \(size.value)"))
  }

  @Test func `JSON escapes what it must`() {
    #expect(JSONValue.text("a\"\\\n\u{1}ü").rendered() == #""a\"\\\n\u0001ü""#)
    #expect(JSONValue.object([]).rendered() == "{}")
    #expect(JSONValue.list([.number(1), .null]).rendered() == "[\n  1,\n  null\n]")
  }

  @Test func `crt's C files are all known by name`() throws {
    for folder in ["crt", "Sources/CNovaHost"] {
      let listing = try run(ProcessRequest("/bin/ls", ["\(Guests.root)/\(folder)"]))
      let files = listing.outputText.split(separator: "\n").filter { $0.hasSuffix(".c") }
      #expect(!files.isEmpty)
      for file in files {
        #expect(SymbolSizes.runtimeFiles.contains(String(file)), "name it in SymbolSizes")
      }
    }
  }
}
