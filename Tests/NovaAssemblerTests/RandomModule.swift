// RandomModule.swift — valid modules drawn from the operation table: every operation, every place.

import NovaBytecode
import TestSupport

@testable import NovaAssembler

/// Draws modules; equal numbers give equal modules.
struct RandomModule<Random: RandomNumberGenerator> {
  private var random: Random
  /// Whether the module is made to be run: `RandomProvider` gives what it imports, its segments
  /// fit, its functions are exported, and most of its addresses are small.
  private let isForRunning: Bool
  private var builder = ModuleBuilder()
  /// Registers below hold a value from the function's beginning on; windows lie above.
  private let windowBase: UInt16 = 12
  private let signatures = [
    FunctionSignature([], []), FunctionSignature([.i32], [.i32]),
    FunctionSignature([.i32, .f64], []), FunctionSignature([.i64, .f32], [.f64, .i64]),
    FunctionSignature([.funcref, .externref, .handle], [.externref]),
  ]
  private let ownCount = 4
  /// The own function that is drawn.
  private var number = 0
  private let dataCount = 3
  private let elementCount = 3

  init(_ random: Random, isForRunning: Bool) {
    self.random = random
    self.isForRunning = isForRunning
  }

  /// A module; `isOptimized` forwards and fuses.
  mutating func contents(isOptimized: Bool) throws -> ModuleContents {
    declare()
    if isOptimized { builder.optimizer = CodeOptimizer() }
    for index in 0..<ownCount {
      number = index
      builder.add(function(signatures[index % signatures.count]))
    }
    var contents = try builder.finishedContents()
    addDebug(&contents)
    return contents
  }

  private mutating func declare() {
    let provider = isForRunning ? RandomProvider.name : "\u{1F600} \"quoted\"\n"
    builder.importFunction(provider, "first", signatures[1])
    builder.importFunction("host", "", signatures[4])
    builder.add(provider, "memory", .memory(SizeLimits(minimum: 1, maximum: 5)))
    builder.add(provider, "limit", .global(ModuleGlobalType(.i32)))
    builder.add(provider, "level", .global(ModuleGlobalType(.f32, isMutable: true)))
    builder.contents.memories = [SizeLimits(minimum: 0), SizeLimits(minimum: 2, maximum: 9)]
    builder.contents.tables = [
      ModuleTable(.funcref, SizeLimits(minimum: 4)),
      ModuleTable(.funcref, SizeLimits(minimum: 4, maximum: 7)),
      ModuleTable(.externref, SizeLimits(minimum: 0)),
    ]
    let values: [(ValueType, Constant)] = [
      (.i32, Constant(.i32, UInt64(UInt32.random(in: 0 ... .max, using: &random)))),
      (.i64, Constant(.i64, .random(in: 0 ... .max, using: &random))),
      (.f32, Constant(.f32, UInt64(UInt32.random(in: 0 ... .max, using: &random)))),
      (.f64, Constant(.f64, .random(in: 0 ... .max, using: &random))),
      (.funcref, Constant(.function, 3)), (.handle, Constant(.null)), (.i32, Constant(.global, 0)),
    ]
    for (type, constant) in values.shuffled(using: &random) {
      builder.contents.globals.append(
        ModuleGlobal(ModuleGlobalType(type, isMutable: true), initial: constant))
    }
    builder.contents.elementSegments = [
      ElementSegment(
        .active(target: isForRunning ? 0 : 1, offset: Constant(.global, 0)), type: .funcref,
        items: [Constant(.null), Constant(.function, 0), Constant(.function, 4)]),
      ElementSegment(.passive, type: .funcref, items: []),
      ElementSegment(.declared, type: .funcref, items: [Constant(.function, 2)]),
    ]
    builder.contents.dataSegments = [
      DataSegment(.active(target: 2, offset: Constant(.i32, 9)), bytes: bytes(40)),
      DataSegment(.passive, bytes: bytes(3)),
      DataSegment(.passive, bytes: Array(repeating: 0, count: 50) + Array("text".utf8)),
    ]
    // One that traps leaves nothing to be called.
    if !isForRunning || Int.random(in: 0..<8, using: &random) == 0 {
      builder.contents.startFunction = 2
    }
    if isForRunning {
      for index in 0..<ownCount { builder.export("run \(index)", .function, UInt32(2 + index)) }
    } else if Bool.random(using: &random) {
      builder.contents.flags = .nativeNaN
    }
    for (index, name) in ["run", "", "naïve", "a b"].shuffled(using: &random).enumerated() {
      builder.export(name, [.function, .table, .memory, .global][index], UInt32(index))
    }
  }

  private mutating func bytes(_ count: Int) -> [UInt8] {
    (0..<count).map { _ in UInt8.random(in: 0 ... .max, using: &random) }
  }

  private mutating func addDebug(_ contents: inout ModuleContents) {
    contents.sourceFiles = [Array("a.swift".utf8), Array("b c".utf8)]
    let kinds: [(NameKind, Int)] = [
      (.module, 1), (.function, 6), (.type, contents.types.count), (.table, 3), (.memory, 3),
      (.global, 9), (.elementSegment, 3), (.dataSegment, 3),
    ]
    // Equal ones, keywords, registers' names and what needs quotes.
    let texts = ["name", "x", "i32", "mut", "r1", "$1", "", "a b", "é", "\"", "\\x", "nan:0x1"]
    for (kind, count) in kinds {
      for index in 0..<count where Bool.random(using: &random) {
        let text = texts.randomElement(using: &random) ?? ""
        contents.names.append(
          ModuleName(kind, index: UInt32(index), name: Array(text.utf8)))
      }
    }
    for own in contents.functions.indices {
      let index = UInt32(contents.importCount(.function) + own)
      for register in 0..<contents.functions[own].registerCount
      where Bool.random(using: &random) {
        let text = texts.randomElement(using: &random) ?? ""
        contents.names.append(
          ModuleName(.register, index: index, part: UInt32(register), name: Array(text.utf8)))
      }
    }
    contents.customs = [
      CustomSection(name: Array("one".utf8), bytes: bytes(33)),
      CustomSection(name: Array("one".utf8), bytes: []),
    ]
    contents.unknownSections = [
      UnknownSection(kind: 900, entryByteCount: 3, bytes: bytes(9)),
      UnknownSection(kind: 65_535, entryByteCount: 1, bytes: bytes(1)),
    ]
  }
}

// Code.
extension RandomModule {
  private mutating func function(_ signature: FunctionSignature) -> FunctionBuilder {
    var function = FunctionBuilder(signature: signature)
    function.registerCount = 40
    function.windowBase = windowBase
    function.emit(.zero, .register(0), .immediate(Int64(windowBase)))
    let labels = (0..<4).map { _ in function.makeLabel() }
    var operations = Operation.allBases
    operations.removeAll { $0.descriptor.flags.contains(.returns) || $0 == .unreachable }
    // What calls itself so never ends; both imported functions have one result.
    operations.removeAll { operation in
      operation.descriptor.flags.contains(.tail)
        && (isForRunning || operation == .returnCallImport && signature.results.count != 1)
    }
    for (index, label) in labels.enumerated() {
      function.place(label)
      if index == 1 { function.labelNames[label] = Array("loop".utf8) }
      for _ in 0..<12 {
        if Int.random(in: 0..<4, using: &random) == 0 {
          function.comeFrom(
            SourcePlace(
              file: .random(in: 0...1, using: &random), line: .random(in: 0...90, using: &random),
              column: .random(in: 0...3, using: &random)))
        }
        guard let operation = operations.randomElement(using: &random) else { continue }
        // Few branches go back, so that most functions return.
        let isForward = isForRunning && isLikely()
        emit(operation, isForward ? Array(labels[(index + 1)...]) : labels, &function)
      }
    }
    switch signature.results.count {
    case 0: function.emit(.ret0)
    case 1: function.emit(.ret, .register(0))
    default: function.emit(.retn)
    }
    return function
  }

  /// One operation with operands that the verifier takes; what ends a block gets a label behind.
  private mutating func emit(
    _ operation: Operation, _ labels: [Label], _ function: inout FunctionBuilder
  ) {
    let flags = operation.descriptor.flags
    let next = function.makeLabel()
    if operation == .brTable {
      let targets = (0..<Int.random(in: 1...6, using: &random)).map { _ in
        labels.randomElement(using: &random) ?? next
      }
      function.emitBranchTable(index: Register(register()), targets: targets + [next])
      return function.place(next)
    }
    if flags.contains(.terminator) {
      function.emit(.brIf, .register(register()), .label(next))
    }
    if flags.contains(.call) {
      // Arguments of every signature, and room for every result.
      for argument in 0..<UInt16(3) {
        function.emit(.const32, .register(windowBase + argument), .bits(UInt64(argument)))
      }
    }
    let form = OperationForm.of(operation)
    var operands: [Operand] = []
    for (position, field) in form.fields.enumerated() {
      operands.append(
        operand(field, operation, position, form, labels.randomElement(using: &random) ?? next))
    }
    let isPicky =
      !flags.isDisjoint(with: .slow | .call) || form.address != nil
      || operation.name.contains("div") || operation.name.contains("rem")
    if isForRunning, isPicky { emitSmall(operands, form, &function) }
    function.emit(operation, operands)
    if isForRunning, flags.contains(.call), isResultGiven(by: operation, operands) {
      function.emit(.mov, .register(register()), .register(windowBase))
    }
    if flags.contains(.terminator) || labels.isEmpty { function.place(next) }
  }

  /// Whether a call leaves a value in its window's first register.
  private func isResultGiven(by operation: Operation, _ operands: [Operand]) -> Bool {
    // Both imports give one.
    if operation == .callImport { return true }
    guard operation == .call else { return false }
    return operands.contains {
      $0.kind == .index && !signatures[Int($0.bits) % signatures.count].results.isEmpty
    }
  }

  /// Makes the values small that an instruction takes from registers, so that most of them are
  /// within what it works on.
  private mutating func emitSmall(
    _ operands: [Operand], _ form: OperationForm,
    _ function: inout FunctionBuilder
  ) {
    for (operand, field) in zip(operands, form.fields)
    where field.role == .readInt && isLikely() {
      guard Bool.random(using: &random) else {
        function.emit(.const32, operand, .bits(.random(in: 0..<4, using: &random)))
        continue
      }
      let mask: Int64 = [1, 3, 0xff].randomElement(using: &random) ?? 1
      function.emit(.i32Andi, operand, operand, .immediate(mask))
    }
  }

  private mutating func isLikely() -> Bool { Int.random(in: 0..<8, using: &random) > 0 }

  private mutating func register() -> UInt16 { .random(in: 0..<windowBase, using: &random) }

  private mutating func operand(
    _ field: OperationForm.Field, _ operation: Operation, _ position: Int, _ form: OperationForm,
    _ label: Label
  ) -> Operand {
    if operation.descriptor.flags.contains(.tail) {
      switch field.role {
      case .function: return .index(UInt32(number))
      case .type: return .index(builder.typeIndex(signatures[number % signatures.count]))
      default: break
      }
    }
    switch field.role {
    case .windowBase: return .register(windowBase)
    case .writeRange: return .register(3)
    case .count: return .immediate(.random(in: 1...5, using: &random))
    case .branch: return .label(label)
    case .function:
      // Few calls go back, for the same reason.
      let first = isForRunning && number + 1 < ownCount && isLikely() ? number + 1 : 0
      return .index(.random(in: UInt32(first)..<UInt32(ownCount), using: &random))
    case .import: return .index(.random(in: 0...1, using: &random))
    case .type: return .index(.random(in: 0..<UInt32(builder.contents.types.count), using: &random))
    case .global: return .index(.random(in: 0...6, using: &random))
    case .importedGlobal: return .index(1)
    case .memory: return .index(.random(in: 0...2, using: &random))
    case .table: return .index(.random(in: 0...1, using: &random))
    case .data: return .index(.random(in: 0..<UInt32(dataCount), using: &random))
    case .element: return .index(.random(in: 0..<UInt32(elementCount), using: &random))
    case .signed, .unsigned, .bits, .memoryOffset:
      let isSmall = Int.random(in: 0..<16, using: &random) < (isForRunning ? 15 : 8)
      let bits = UInt64.random(in: 0...(isSmall ? 20 : .max), using: &random) & field.mask
      guard field.role == .signed else { return .bits(bits) }
      let unused = Int64(64 - field.bitCount)
      return .immediate(Int64(bitPattern: bits << UInt64(unused)) >> unused)
    default: return .register(register())
    }
  }
}

extension RandomModule where Random == SeededGenerator {
  /// A module to be shown and assembled.
  init(seed: UInt64) { self.init(SeededGenerator(seed: seed), isForRunning: false) }
}

/// The module that random modules import when they are run.
enum RandomProvider {
  static let name = "provider"

  /// Its function counts its calls, writes to its memory, and traps for some arguments.
  static let text = """
    .memory bytes 1 5
    .global limit i32 = 0
    .global level mut f32 = 1.5
    .global count mut i32 = 0
    .export func first
    .export "memory" memory bytes
    .export global limit
    .export global level
    .func first (value: i32) -> i32
        .reg          total, divisor
        global.get    total, count
        i32.addi      total, total, 1
        global.set    total, count
        i32.store     total, [value + 0]
        i32.andi      divisor, value, 7
        i32.rem_u     value, total, divisor
        ret           value
    .end
    """
}
