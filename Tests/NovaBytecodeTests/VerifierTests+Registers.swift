// VerifierTests+Registers.swift — faults that pass 2 finds: ranges, definedness, forwarding.

import NovaBytecode

private typealias I = Instruction

extension VerifierTests {
  /// The same fault with sets of one word and of many.
  private static func both(
    _ reason: (Int) -> VerifierError.Reason, at word: Int, value: UInt64, _ code: [UInt64],
    type: UInt32 = 0
  ) -> [WrongCode] {
    [8, 300].map {
      WrongCode(
        reason($0), at: word, value: value, code, type: type, registerCount: UInt16($0))
    }
  }

  private static func undefined(
    at word: Int, _ register: UInt64, _ code: [UInt64], type: UInt32 = 0
  ) -> [WrongCode] {
    both({ _ in .undefinedRegister }, at: word, value: register, code, type: type)
  }

  private static func notForwarded(
    at word: Int, _ register: UInt64, _ code: [UInt64]
  ) -> [WrongCode] {
    both({ _ in .notForwarded }, at: word, value: register, code)
  }

  /// A register that is one too many, in each lane, read and written.
  private static let ranges: [WrongCode] = [8, 62, 63, 64, 127, 128, 255, 256, 0x7fff].flatMap {
    (count: Int) -> [WrongCode] in
    func wrong(_ value: Int, _ code: UInt64, second: UInt64? = nil) -> WrongCode {
      WrongCode(
        .registerOutOfRange(registerCount: count), at: 0, value: UInt64(value),
        [code] + (second.map { [$0] } ?? []) + [I.abc(.ret, 0)], registerCount: UInt16(count))
    }
    var codes = [
      wrong(count, I.abc(.mov, count, 0)), wrong(count, I.abc(.mov, 2, count)),
      wrong(count, I.abc(.i32Add, 2, 0, count)), wrong(0xffff, I.abc(.i32Add, 2, 0, -1)),
      wrong(0xffff, I.abc(.i32Add, 2, 0xffff, 0)), wrong(0xffff, I.abc(.i32Add, 0xffff, 0, 0)),
      wrong(0x8000, I.abc(.mov, 0x8000, 0)),
      wrong(count, I.abc(.select, 2, 0, 1), second: UInt64(count)),
    ]
    if count < 256 {
      codes += [
        wrong(count, I.abc(.i32AddAdd, 2 | count << 8, 0, 1)),
        wrong(count, I.abc(.i32AddAdd, count, 0, 1)),
        wrong(0xff, I.abc(.mov2, 0xff, 2, 0)),
      ]
    }
    return codes
  }

  /// The register behind a run that is cleared, and the one before it, at the edges of sets' words.
  private static let runs: [WrongCode] = [2, 62, 63, 64, 65, 127, 128, 192, 255].flatMap { edge in
    [
      WrongCode(
        .undefinedRegister, at: 1, value: UInt64(edge), [I.abc(.zero, 0, edge), I.abc(.ret, edge)],
        registerCount: 300),
      WrongCode(
        .undefinedRegister, at: 2, value: UInt64(edge + 1),
        [I.abc(.zero, edge + 2, 298 - edge), I.abc(.mov, 0, 299), I.abc(.ret, edge + 1)],
        registerCount: 300),
    ]
  }

  static let registers: [WrongCode] =
    ranges + runs
    + undefined(at: 0, 2, [I.abc(.ret, 2)])
    + undefined(at: 0, 7, [I.abc(.i32Add, 2, 0, 7), I.abc(.ret, 2)])
    + undefined(at: 0, 3, [I.abc(.i32AddAdd, 2 | 3 << 8, 0, 1), I.abc(.ret, 2)])
    + undefined(at: 0, 2, [I.abc(.f64Muladd, 2, 0, 1), I.abc(.ret, 2)])
    + undefined(at: 0, 3, [I.abc(.select, 2, 0, 1), 3, I.abc(.ret, 2)])
    + undefined(at: 0, 2, [I.abc(.mov2, 2 | 0 << 8, 3, 2), I.abc(.ret, 2)])
    + undefined(at: 1, 1, [I.abc(.zero, 0, 1), I.abc(.retn)], type: 2)
    + undefined(
      at: 2, 2, [I.wide(.brIf, 0, 1), I.wide(.const32, 2, 1), I.abc(.ret, 2)])
    + undefined(
      at: 3, 2,
      [
        I.abc(.brTable, 0, 1), 0x0000_0002_0000_0001, I.wide(.const32, 2, 1), I.abc(.ret, 2),
      ])
    // The last result went elsewhere, was a float, or is behind a target, a call, slow work.
    + notForwarded(at: 0, 0, [I.abc(.ret, 0, forwarding: 1)])
    + notForwarded(at: 1, 0, [I.abc(.i32Addi, 2, 0, 1), I.abc(.ret, 0, forwarding: 1)])
    + notForwarded(
      at: 2, 2,
      [I.abc(.i32Addi, 2, 0, 1), I.abc(.i32Addi, 3, 0, 1), I.abc(.ret, 2, forwarding: 1)])
    + notForwarded(
      at: 2, 2,
      [
        I.abc(.f64ConvertI32S, 2, 0), I.abc(.f64ConvertI32S, 3, 0),
        I.abc(.retFloat, 2, forwarding: 1),
      ])
    + notForwarded(
      at: 1, 2, [I.abc(.f64ConvertI32S, 2, 0), I.abc(.ret, 2, forwarding: 1)])
    + notForwarded(
      at: 1, 2,
      [I.abc(.i32Addi, 2, 0, 1), I.abc(.f64Add, 3, 2, 2, forwarding: 1), I.abc(.ret, 0)])
    + notForwarded(
      at: 2, 2,
      [I.abc(.i32Addi, 2, 0, 1), I.abc(.f64ConvertI32S, 2, 0), I.abc(.ret, 2, forwarding: 1)])
    + notForwarded(
      at: 2, 0, [I.wide(.brIf, 0, 1), I.abc(.i32Addi, 0, 0, 1), I.abc(.ret, 0, forwarding: 1)])
    + notForwarded(
      at: 2, 2, [I.wide(.const32, 2, 1), I.wide(.call, 4, 1), I.abc(.ret, 2, forwarding: 1)])
    + notForwarded(
      at: 1, 2, [I.abc(.memoryGrow, 2, 0, 0), I.abc(.ret, 2, forwarding: 1)])
    + notForwarded(
      at: 2, 2, [I.wide(.const32, 2, 1), I.abc(.zero, 2, 1), I.abc(.ret, 2, forwarding: 1)])
    + notForwarded(
      at: 1, 2,
      [I.abc(.mov2, 2 | 0 << 8, 3, 1), I.abc(.ret, 2, forwarding: 1)])
    + notForwarded(
      at: 1, 1,
      [I.abc(.i32Addi, 2, 0, 1), I.abc(.select, 3, 2, 1, forwarding: 2), 0, I.abc(.ret, 3)])

  static let windows: [WrongCode] =
    both(
      { _ in .windowBelowBase(windowBase: 4) }, at: 0, value: 3,
      [I.wide(.call, 3, 1), I.abc(.ret, 0)])
    + both(
      { .windowBeyondRegisters(registerCount: $0, needed: 0) }, at: 0, value: 301,
      [I.wide(.call, 301, 1), I.abc(.ret, 0)])
    + [
      WrongCode(
        .windowBeyondRegisters(registerCount: 8, needed: 2), at: 0, value: 7,
        [I.wide(.call, 7, 0), I.abc(.ret, 0)])
    ]
    + undefined(at: 1, 5, [I.abc(.mov, 4, 0), I.wide(.call, 4, 0), I.abc(.ret, 0)])
    + undefined(at: 1, 4, [I.abc(.mov, 5, 0), I.wide(.callImport, 4, 0), I.abc(.ret, 0)])
    + undefined(at: 1, 5, [I.abc(.mov, 4, 0), I.abc(.callIndirect, 4, 0, 0), I.abc(.ret, 0)])
    + undefined(at: 0, 7, [I.abc(.callIndirect, 4, 7, 1), I.abc(.ret, 0)])
    // What lies in the window beyond the results is gone.
    + undefined(
      at: 3, 5, [I.abc(.mov, 4, 0), I.abc(.mov, 5, 0), I.wide(.call, 4, 0), I.abc(.ret, 5)])
    + undefined(at: 2, 6, [I.abc(.mov, 6, 0), I.wide(.call, 4, 1), I.abc(.ret, 6)])
    + both(
      { .rangeOutOfRange(count: 400, registerCount: $0) }, at: 0, value: 2,
      [I.abc(.zero, 2, 400), I.abc(.ret, 0)])
    + both(
      { .rangeOutOfRange(count: 0, registerCount: $0) }, at: 0, value: 2,
      [I.abc(.zero, 2, 0), I.abc(.ret, 0)])
    + both(
      { .rangeOutOfRange(count: 0xffff, registerCount: $0) }, at: 0, value: 0xffff,
      [I.abc(.zero, 0xffff, 0xffff), I.abc(.ret, 0)])

  static let flow: [WrongCode] =
    both(
      { _ in .unreachable }, at: 1, value: 1, [I.abc(.ret, 0), I.abc(.ret, 1)])
    + both(
      { _ in .unreachable }, at: 1, value: 1, [I.wide(.jmp, 0, 1), I.abc(.nop), I.abc(.ret, 0)])
    // Into a loop beside its head: there a register is missing that the head had.
    + both(
      { _ in .undefinedAtLoop(target: 3) }, at: 5, value: 2,
      [
        I.wide(.brIf, 0, 3), I.wide(.const32, 2, 1), I.abc(.nop),
        I.abc(.i32Addi, 2, 2, 1), I.abc(.nop), I.wide(.brIf, 0, -3), I.abc(.ret, 0),
      ])
    // A loop doesn't keep what lies in the window.
    + undefined(
      at: 1, 5, [I.abc(.mov, 5, 0), I.abc(.mov, 2, 5), I.wide(.brIf, 0, -2), I.abc(.ret, 0)])

  /// Functions of type 0 that leave their frame.
  static let tails: [WrongCode] =
    both(
      { _ in .wrongResultCount(expected: 1) }, at: 0, value: 14, [I.wide(.returnCall, 0, 1)])
    + both(
      { _ in .wrongResultCount(expected: 1) }, at: 0, value: 15, [I.wide(.returnCallImport, 0, 1)])
    + both(
      { _ in .wrongResultCount(expected: 1) }, at: 0, value: 16,
      [I.wide(.returnCallIndirect, 0, 2)])
    + both(
      { _ in .wrongResultCount(expected: 1) }, at: 0, value: 17,
      [I.abc(.returnCallIndirectFar, 0), 1])
    + both(
      { _ in .notFunctionTable }, at: 0, value: 1, [I.abc(.returnCallIndirectFar, 0), 1 << 32])
    + both(
      { _ in .indexOutOfRange(role: .function, count: 3) }, at: 0, value: 3,
      [I.wide(.returnCall, 0, 3)])
    + undefined(at: 0, 7, [I.wide(.returnCallIndirect, 7, 0)])
    // A call took what was in the first registers.
    + [
      WrongCode(
        .undefinedRegister, at: 1, value: 1,
        [I.wide(.call, 1, 1), I.wide(.returnCall, 0, 0)], windowBase: 1),
      WrongCode(
        .unreachable, at: 1, value: 1, [I.wide(.returnCall, 0, 0), I.abc(.ret, 0)]),
      withoutFeature, narrow,
    ]

  /// Two parameters do not fit the frame of one register.
  private static var narrow: WrongCode {
    let wrong = WrongCode(
      .windowBeyondRegisters(registerCount: 1, needed: 2), at: 0, value: 0,
      [I.wide(.returnCall, 0, 0)], type: 3, registerCount: 1, windowBase: 1)
    var image = VerifierTests.image
    image.addType([.i32], [.i32])
    image.addFunction([I.wide(.returnCall, 0, 0)], type: 3, registerCount: 1, windowBase: 1)
    return WrongCode(wrong, image)
  }

  private static var withoutFeature: WrongCode {
    let wrong = WrongCode(
      .featureNotNamed(.tailCalls), at: 0, value: 14, [I.wide(.returnCall, 0, 0)])
    var image = wrong.image
    image.features = 0
    return WrongCode(wrong, image)
  }
}
