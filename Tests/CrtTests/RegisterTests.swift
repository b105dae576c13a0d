// RegisterTests.swift — every register is clear at main, even after an initialiser filled it.

import NovaToolchain
import TestSupport
import Testing

@Suite struct RegisterTests {
  /// A machine, with a CPU model that has more registers or fewer.
  struct Model: Sendable, CustomStringConvertible {
    let machine: Machine
    let name: String?
    /// Bits of `crt_kinds` that this model must have, and must not.
    let kinds: UInt64
    let absent: UInt64

    var description: String { "\(machine) \(name ?? "")" }
  }

  static let x87AndSSE: UInt64 = 3
  static let avx: UInt64 = 4
  static let masks: UInt64 = 0xe0

  static let models: [Model] = [
    Model(machine: .x86_64, name: "qemu64", kinds: x87AndSSE, absent: avx | masks),
    Model(machine: .x86_64, name: "max", kinds: x87AndSSE | avx, absent: 0),
    Model(machine: .aarch64, name: "cortex-a57", kinds: 1, absent: 2),
    Model(machine: .aarch64, name: "max", kinds: 3, absent: 0),
    Model(machine: .riscv64, name: "rv64", kinds: 1, absent: 2),
    Model(machine: .riscv64, name: "rv64,v=true", kinds: 3, absent: 0),
  ]

  @Test(arguments: models)
  func `registers that an initialiser filled are clear at main`(model: Model) throws {
    let options = model.name.map { ["-cpu", $0] } ?? []
    let values = try model.machine.run("crt-registers", options: options).values
    let kinds = try #require(values["kinds"])
    #expect(kinds & model.kinds == model.kinds && kinds & model.absent == 0)
    #expect(values["general"] == 0)
    #expect(values["vectors"] == 0)
    let control: UInt64 = model.machine == .x86_64 ? 0x37f << 32 | 0x1f80 : 0
    #expect(values["control"] == control, "rounding to nearest, exceptions masked")
  }

  @Test func `registers are clear natively, up to AVX-512 where this machine has it`() throws {
    let values = try Machine.native.run("crt-registers").values
    #expect(values["general"] == 0)
    #expect(values["vectors"] == 0)
    #expect(values["kinds"].map { $0 != 0 } == true)
  }

  static let hasMasks: Bool = {
    let kinds = (try? Machine.native.run("crt-registers"))?.values["kinds"] ?? 0
    return Machine.hostCPU == .x86_64 && kinds & masks == masks
  }()

  @Test(.enabled(if: hasMasks, "this machine has no AVX-512"))
  func `mask registers and the upper halves are clear natively`() throws {
    let values = try Machine.native.run("crt-registers").values
    #expect((values["kinds"] ?? 0) & Self.masks == Self.masks)
    #expect(values["vectors"] == 0)
  }
}
