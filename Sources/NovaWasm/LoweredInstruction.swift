// LoweredInstruction.swift — the lowering's intermediate form: operations over virtual registers.
// Hosted. Imports nothing. Design: NovaCore.docc/WebAssembly.md, "From stack to registers".

/// A virtual register.
///
/// Locals are numbered from 0 by the function; constants, values kept across
/// loops and stack positions have ranges of their own until `renumber` makes them dense.
typealias VirtualRegister = Int32

/// Where the ranges of virtual registers begin.
enum RegisterRange {
  /// Values of the stack that live across a loop's beginning, and a loop's parameters.
  static let kept: VirtualRegister = 1 << 20
  /// Constants that no immediate field holds.
  static let constants: VirtualRegister = 1 << 21
  /// `stack + d` is position `d` of the operand stack: a call's window is a run of them.
  static let stack: VirtualRegister = 1 << 22
}

/// A place that a branch can reach; `LoweredInstruction.label` defines it.
typealias LabelIndex = Int32

/// A constant, by its bits; i32 is sign-extended, f32 zero-extended.
struct ConstantValue: Hashable {
  var type: WasmValueType
  var bits: Int64

  /// The value as a signed 16-bit immediate, where an integer fits.
  var immediate16: Int64? {
    guard type == .i32 || type == .i64, let value = Int16(exactly: bits) else { return nil }
    return Int64(value)
  }
}

/// The few registers that an instruction reads one by one.
struct SourceList: RandomAccessCollection, MutableCollection, ExpressibleByArrayLiteral, Equatable {
  private var first: VirtualRegister = 0
  private var second: VirtualRegister = 0
  private var third: VirtualRegister = 0
  private var length: UInt8 = 0

  /// How many there are at most; what reads more has them in a window.
  static let countMax = 3

  var startIndex: Int { 0 }
  @inline(__always) var endIndex: Int { Int(length) }

  init() {}

  init(arrayLiteral elements: VirtualRegister...) { for element in elements { append(element) } }

  @inline(__always) init(_ first: VirtualRegister) { (self.first, length) = (first, 1) }

  @inline(__always) init(_ first: VirtualRegister, _ second: VirtualRegister) {
    (self.first, self.second, length) = (first, second, 2)
  }

  @inline(__always) init(
    _ first: VirtualRegister, _ second: VirtualRegister, _ third: VirtualRegister
  ) {
    (self.first, self.second, self.third, length) = (first, second, third, 3)
  }

  mutating func append(_ register: VirtualRegister) {
    precondition(endIndex < Self.countMax, "what reads more has a window")
    length += 1
    self[endIndex - 1] = register
  }

  subscript(_ index: Int) -> VirtualRegister {
    @inline(__always) get {
      precondition(index < endIndex, "the instruction reads so many")
      return index == 0 ? first : index == 1 ? second : third
    }
    @inline(__always) set {
      precondition(index < endIndex, "the instruction reads so many")
      switch index {
      case 0: first = newValue
      case 1: second = newValue
      default: third = newValue
      }
    }
  }

  @inline(__always) func mapped(_ body: (VirtualRegister) -> VirtualRegister) -> SourceList {
    var result = self
    if length > 0 { result.first = body(first) }
    if length > 1 { result.second = body(second) }
    if length > 2 { result.third = body(third) }
    return result
  }

  @inline(__always) func contains(_ register: VirtualRegister) -> Bool {
    (length > 0 && first == register) || (length > 1 && second == register)
      || (length > 2 && third == register)
  }

  @inline(__always) func forEach(_ body: (VirtualRegister) -> Void) {
    if length > 0 { body(first) }
    if length > 1 { body(second) }
    if length > 2 { body(third) }
  }
}

/// An operation over virtual registers; plain words, which passes copy freely.
struct LoweredInstruction {
  enum Kind: UInt8 {
    /// Defines `target`.
    case label
    /// To `target`.
    case jump
    /// To `target` when comparison `operation` of `sources` (and `immediate`) holds.
    case branch
    /// To entry `sources[0]` of the function's branch table `target`, or the last.
    case branchTable
    /// `callee`, with `argumentCount` arguments in the window from `window` on.
    case call
    /// As `call`; `sources[0]` is the element of table `table`, `callee` the type.
    case callIndirect
    /// `callee`, in place of this function; `sources`, or what is in the window, are the arguments.
    case tailCall
    /// As `tailCall`; the last of `sources` is the element of table `table`, `callee` the type.
    case tailCallIndirect
    /// With `sources`, or what is in the window, as results.
    case `return`
    case unreachable
    /// `destination := sources[0]`.
    case move
    /// `destination := constant`.
    case constant
    /// `destination := operation(sources, immediate)`.
    case operation
  }

  // 64 bytes, so that what passes copy is one line of the cache.
  private var immediateBits: Int64 = 0
  private var constantBits: Int64 = 0
  var sources = SourceList()
  var kind: Kind
  var operation = LoweredOperator.none
  // Bit 0: a float; bit 1: there is an immediate; from bit 2 on: a constant's type, or 0.
  private var traits: UInt8 = 0
  // Negative: none.
  private var destinationNumber: VirtualRegister = -1
  var target: LabelIndex = -1
  var callee: Int32 = 0
  /// Which table a call's element is in, or which memory a load or a store goes to.
  private var space: Int32 = 0
  /// The first of `argumentCount` registers that are read, one after the other.
  var window: VirtualRegister = 0
  var argumentCount: Int32 = 0
  var resultCount: Int32 = 0
  /// The byte of the file at which what it comes from stands; 0 when it comes from no instruction.
  var offset: UInt32 = 0

  var table: Int32 {
    @inline(__always) get { space }
    @inline(__always) set { space = newValue }
  }
  var memory: Int32 {
    @inline(__always) get { space }
    @inline(__always) set { space = newValue }
  }

  /// Whether a move or a choice is of a float.
  var isFloat: Bool {
    @inline(__always) get { traits & 1 != 0 }
    @inline(__always) set { traits = traits & ~1 | (newValue ? 1 : 0) }
  }

  var destination: VirtualRegister? {
    @inline(__always) get { destinationNumber < 0 ? nil : destinationNumber }
    @inline(__always) set { destinationNumber = newValue ?? -1 }
  }

  var immediate: Int64? {
    @inline(__always) get { traits & 2 != 0 ? immediateBits : nil }
    @inline(__always) set {
      traits = traits & ~2 | (newValue == nil ? 0 : 2)
      immediateBits = newValue ?? 0
    }
  }

  var constant: ConstantValue? {
    @inline(__always) get {
      guard traits >= 4, let type = WasmValueType(number: traits >> 2) else { return nil }
      return ConstantValue(type: type, bits: constantBits)
    }
    @inline(__always) set {
      traits = traits & 3 | (newValue.map { $0.type.number } ?? 0) << 2
      constantBits = newValue?.bits ?? 0
    }
  }

  var name: String { operation.name }

  init(_ kind: Kind) { self.kind = kind }

  static func label(_ label: LabelIndex) -> LoweredInstruction {
    var instruction = LoweredInstruction(.label)
    instruction.target = label
    return instruction
  }

  static func jump(to label: LabelIndex) -> LoweredInstruction {
    var instruction = LoweredInstruction(.jump)
    instruction.target = label
    return instruction
  }

  static func move(
    _ destination: VirtualRegister, _ source: VirtualRegister, isFloat: Bool = false
  ) -> LoweredInstruction {
    var instruction = LoweredInstruction(.move)
    instruction.destination = destination
    instruction.sources = SourceList(source)
    instruction.isFloat = isFloat
    return instruction
  }

  static func constant(_ destination: VirtualRegister, _ value: ConstantValue) -> LoweredInstruction
  {
    var instruction = LoweredInstruction(.constant)
    instruction.destination = destination
    instruction.constant = value
    return instruction
  }

  static func operation(
    _ name: LoweredOperator, _ destination: VirtualRegister?, _ sources: SourceList,
    _ immediate: Int64? = nil
  ) -> LoweredInstruction {
    var instruction = LoweredInstruction(.operation)
    instruction.operation = name
    instruction.destination = destination
    instruction.sources = sources
    instruction.immediate = immediate
    return instruction
  }

  static func branch(
    _ name: LoweredOperator, _ sources: SourceList, _ immediate: Int64?, to label: LabelIndex
  ) -> LoweredInstruction {
    var instruction = LoweredInstruction(.branch)
    instruction.operation = name
    instruction.sources = sources
    instruction.immediate = immediate
    instruction.target = label
    return instruction
  }

  var isCall: Bool { kind == .call || kind == .callIndirect }

  /// Whether the instruction below is never reached from here.
  var endsFlow: Bool {
    switch kind {
    case .jump, .branchTable, .tailCall, .tailCallIndirect, .return, .unreachable: true
    default: false
    }
  }

  /// Whether a block ends here.
  var endsBlock: Bool { endsFlow || kind == .branch }

  /// Whether nothing but `destination` tells that the instruction ran.
  var isPure: Bool {
    switch kind {
    case .move, .constant: true
    case .operation: destination != nil && !operation.traits.canTrapOrAct
    default: false
    }
  }

  /// Registers that are written: the destination, or a call's results.
  @inline(__always) func forEachWrite(_ body: (VirtualRegister) -> Void) {
    if destinationNumber >= 0 { body(destinationNumber) }
    var register = window
    while register < window + resultCount {
      body(register)
      register += 1
    }
  }

  /// Registers that are read, those of the window included.
  @inline(__always) func forEachRead(_ body: (VirtualRegister) -> Void) {
    sources.forEach(body)
    var register = window
    while register < window + argumentCount {
      body(register)
      register += 1
    }
  }

  @inline(__always) func reads(_ register: VirtualRegister) -> Bool {
    sources.contains(register) || (register >= window && register < window + argumentCount)
  }

  @inline(__always) func writes(_ register: VirtualRegister) -> Bool {
    destinationNumber == register || (register >= window && register < window + resultCount)
  }

  /// Whether a call leaves `register` undefined: it lies in the window, and is no result.
  @inline(__always) func clobbers(_ register: VirtualRegister) -> Bool {
    isCall && register >= window + resultCount
  }
}

extension LoweredInstruction {
  /// Every label that control may go to from here, fall-through aside.
  @inline(__always) func forEachTarget(
    _ branchTables: [[LabelIndex]], _ body: (LabelIndex) -> Void
  ) {
    switch kind {
    case .jump, .branch: body(target)
    case .branchTable: for label in branchTables[Int(target)] { body(label) }
    default: break
    }
  }
}
