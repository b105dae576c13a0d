// ModuleGuestTests.swift — a module in a freestanding program's own file, on each CPU.

import NovaAssembler
import NovaToolchain
import TestSupport
import Testing

@Suite struct ModuleGuestTests {
  private static let folder = "\(Guests.root)/qemu/programs/Sources/CGuestModule/include"

  @Test(arguments: GuestCPU.allCases)
  func `a linked module runs in place with equal results`(cpu: GuestCPU) throws {
    let completion = try Guests.run("modules", on: cpu)
    #expect(completion.status == 0, "\(completion.errorOutput)")
    #expect(
      completion.output == """
        in place: true
        fib: 6765
        root: 9221120237041090560
        divide: an integer was divided by zero
          at inner (numbers.nvasm:32) in numbers, word 0
          at divide (numbers.nvasm:40) in numbers, word 2
        spin: the call's 100000 units of fuel are used up
          at spin (numbers.nvasm:46) in numbers, word 0
        grow: 1 -1
        written by a module
        speak: 0
        queued: 2584
        run of typed is a function (i32, f64) -> (f64), and (i32) -> (f32) is wanted
        log: 5 bytes, 116 to 100
        run: -1.5
        sum: 0 -42
        handles left: 0

        """)
  }

  @Test(arguments: ["numbers", "typed"])
  func `the guest's module is what its text says`(name: String) throws {
    let text = try readFile("\(Self.folder)/\(name).nvasm")
    let bytes = try Assembler.assemble(
      text, options: Assembler.Options(recordsLines: true, fileName: "\(name).nvasm"))
    let isSame = try readFile("\(Self.folder)/\(name).nvc") == bytes
    #expect(isSame, "assemble it anew: nova asm -g \(name).nvasm")
  }
}
