// VerifierTests.swift — code that may run is accepted, and each fault of other code is named.

import NovaBytecode
import Testing

private typealias I = Instruction

/// A function with one fault, and what the verifier says of it.
struct WrongCode: CustomTestStringConvertible {
  let testDescription: String
  let image: ModuleImage
  let expected: VerifierError

  /// Code of a function `(i32, i32) → i32`, index 4 of `VerifierTests.image`.
  init(
    _ reason: VerifierError.Reason, at word: Int, value: UInt64, _ code: [UInt64],
    type: UInt32 = 0, registerCount: UInt16 = 8, windowBase: UInt16 = 4
  ) {
    var image = VerifierTests.image
    image.addFunction(code, type: type, registerCount: registerCount, windowBase: windowBase)
    self.image = image
    testDescription = "\(reason) of \(value) with \(registerCount) registers"
    expected = VerifierError(function: 4, wordOffset: word, reason: reason, value: value)
  }

  /// The same fault in another module.
  init(_ other: WrongCode, _ image: ModuleImage) {
    (testDescription, self.image, expected) = (other.testDescription, image, other.expected)
  }
}

@Suite struct VerifierTests {
  /// Types 0 (i32, i32) → i32, 1 () → (), 2 () → (i32, i32); imported functions 0, 1 of types 0
  /// and 1; own functions 2, 3 of types 0 and 1; table 0 of functions, 1 of host references;
  /// memory 0; globals 0 and 1 imported, 2 and 3 own, the odd ones mutable; a segment of each type.
  static var image: ModuleImage {
    var image = ModuleImage()
    image.addType([.i32, .i32], [.i32])
    image.addType()
    image.addType([], [.i32, .i32])
    let name = PoolRange(first: 0, count: 0)
    for type: UInt32 in [0, 1] {
      image.imports.append(
        ImportEntry(
          module: name, name: name, kind: ExternalKind.function.rawValue, typeIndex: type))
    }
    for mutability: UInt8 in [0, 1] {
      image.imports.append(
        ImportEntry(
          module: name, name: name, kind: ExternalKind.global.rawValue,
          valueType: ValueType.i32.rawValue, mutability: mutability))
      image.globals.append(
        GlobalEntry(
          valueType: ValueType.i32.rawValue, mutability: mutability, initial: Constant(.i32)))
    }
    for (index, type) in [ValueType.funcref, .externref].enumerated() {
      image.tables.append(
        TableEntry(elementType: type.rawValue, limits: SizeLimits(minimum: 1)))
      image.elementSegments.append(
        ElementSegmentEntry(
          mode: SegmentMode.passive.rawValue, elementType: type.rawValue, offset: .none,
          tableIndex: 0, items: PoolRange(first: UInt32(index), count: 1)))
      image.elementItems.append(ElementItemEntry(kind: ConstantKind.null.rawValue, index: 0))
    }
    image.dataSegments = [
      DataSegmentEntry(
        mode: SegmentMode.passive.rawValue, offset: .none, memoryIndex: 0,
        bytes: PoolRange(first: 0, count: 0))
    ]
    image.memories = [MemoryEntry(limits: SizeLimits(minimum: 1))]
    image.features = ModuleFeature.tailCalls.bit
    image.addFunction([I.abc(.ret, 1)], type: 0)
    image.addFunction([I.abc(.ret0)], type: 1)
    return image
  }

  /// Verifies with exactly the scratch that is asked for.
  static func verify(_ image: ModuleImage, scratchByteCount: Int? = nil) throws {
    try ModuleImage.withModule(image.bytes) { bytes in
      let view = try ModuleReader.read(bytes)
      let byteCount = scratchByteCount ?? Verifier.scratchByteCount(for: view)
      let scratch = UnsafeMutableRawBufferPointer.allocate(byteCount: byteCount, alignment: 1)
      defer { unsafe scratch.deallocate() }
      unsafe scratch.initializeMemory(as: UInt8.self, repeating: 0xa5)
      // SAFETY: nobody else uses the scratch.
      _ = unsafe try Verifier.verify(view, scratch: scratch)
    }
  }

  /// Both sizes of sets, and any window.
  private func expectAccepted(
    _ code: [UInt64], type: UInt32 = 0, windowBase: UInt16 = 4,
    _ location: SourceLocation = #_sourceLocation
  ) {
    for registerCount: UInt16 in [8, 62, 63, 200] {
      var image = Self.image
      image.addFunction(code, type: type, registerCount: registerCount, windowBase: windowBase)
      #expect(throws: Never.self, "\(registerCount) registers", sourceLocation: location) {
        try Self.verify(image)
      }
    }
  }

  @Test(arguments: structure + indices + registers + windows + flow + tails)
  func `wrong code is refused for its fault`(code: WrongCode) {
    #expect(throws: code.expected) { try Self.verify(code.image) }
  }

  @Test func `the sample is accepted`() {
    #expect(throws: Never.self) { try Self.verify(.sample) }
  }

  @Test func `what every way defines is defined behind a join`() {
    expectAccepted([
      I.wide(.brIf, 0, 2), I.wide(.const32, 2, 1), I.wide(.jmp, 0, 1), I.wide(.const32, 2, 2),
      I.abc(.ret, 2),
    ])
  }

  @Test func `a loop keeps what lies below the window`() {
    expectAccepted([
      I.wide(.const32, 2, 0), I.abc(.i32Addi, 2, 2, 1), I.abc(.brI32LtS, 2, 0, -2),
      I.abc(.ret, 2),
    ])
  }

  @Test func `a loop that is entered at its end is accepted`() {
    expectAccepted([
      I.wide(.const32, 2, 0), I.wide(.jmp, 0, 1), I.abc(.i32Addi, 2, 2, 1),
      I.abc(.brI32LtS, 2, 0, -2), I.abc(.ret, 2),
    ])
  }

  @Test func `results of a call are defined, and forwarded operands may follow a branch not taken`()
  {
    expectAccepted([
      I.abc(.mov, 4, 0), I.abc(.mov, 5, 1), I.wide(.call, 4, 0),
      I.abc(.i32Addi, 2, 4, 1), I.wide(.brIf, 0, 0), I.abc(.ret, 2),
    ])
    expectAccepted([
      I.abc(.i32Addi, 2, 1, 1), I.abc(.brI32LtS, 0, 1, 1), I.abc(.ret, 2, forwarding: 1),
      I.abc(.ret, 2),
    ])
  }

  @Test func `integers and floats are forwarded side by side`() {
    expectAccepted([
      I.abc(.f64ConvertI32S, 2, 0), I.abc(.i32Addi, 3, 0, 1),
      I.abc(.f64Add, 2, 2, 2, forwarding: 1), I.abc(.i32Sub, 3, 1, 3, forwarding: 2),
      I.abc(.ret, 3, forwarding: 1),
    ])
  }

  @Test func `a function of the same results may take the frame`() {
    expectAccepted([I.wide(.returnCall, 0, 0)])
    expectAccepted([I.wide(.returnCallImport, 0, 0)])
    expectAccepted([I.wide(.returnCall, 0, 1)], type: 1)
    expectAccepted([I.wide(.const32, 2, 1), I.wide(.returnCallIndirect, 2, 0)])
    expectAccepted([I.abc(.i32Addi, 2, 0, 1), I.wide(.returnCallIndirect, 2, 0) | 1 << 10])
    expectAccepted([I.abc(.returnCallIndirectFar, 0), 0], windowBase: 2)
    // What only a branch leads to follows.
    expectAccepted([I.wide(.brIf, 0, 1), I.wide(.returnCall, 0, 0), I.abc(.ret, 1)])
  }

  @Test func `every target of a branch table is followed`() {
    expectAccepted([
      I.wide(.const32, 2, 1), I.abc(.brTable, 0, 2), 0x0000_0003_0000_0002, 4,
      I.abc(.ret, 0), I.abc(.ret, 1), I.abc(.ret, 2),
    ])
  }

  @Test func `several results are left in the first registers`() {
    expectAccepted([I.abc(.zero, 0, 2), I.abc(.retn)], type: 2)
  }

  @Test func `scratch that is too small is refused with what is needed`() throws {
    for registerCount: UInt16 in [8, 100] {
      var image = Self.image
      image.addFunction(
        Array(repeating: I.abc(.nop), count: 99) + [I.abc(.ret, 0)], type: 0,
        registerCount: registerCount)
      for byteCount in [0, 7, 8, 60, 120, 200] {
        let error = #expect(throws: VerifierError.self, "\(byteCount) bytes") {
          try Self.verify(image, scratchByteCount: byteCount)
        }
        let reason = error?.reason
        guard case .scratchTooSmall(let needed)? = reason else {
          Issue.record("\(byteCount) bytes: \(String(describing: reason))")
          continue
        }
        #expect(error?.value == UInt64(byteCount))
        #expect(needed > byteCount)
      }
      #expect(throws: Never.self) { try Self.verify(image) }
    }
  }

  @Test func `a function beyond the limit is refused`() {
    let limit = VerifierLimits.functionWordCountMax
    var image = ModuleImage()
    image.addType()
    image.addFunction(
      Array(repeating: I.abc(.nop), count: limit) + [I.abc(.ret0)], type: 0, windowBase: 0)
    let expected = VerifierError(
      function: 0, wordOffset: 0, reason: .functionTooLarge(limit: limit),
      value: UInt64(limit + 1))
    #expect(throws: expected) { try Self.verify(image) }
  }
}
