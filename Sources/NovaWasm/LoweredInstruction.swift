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

/// An operation over virtual registers.
struct LoweredInstruction {
  enum Kind: UInt8 {
    /// Defines `target`.
    case label
    /// To `target`.
    case jump
    /// To `target` when comparison `name` of `sources` (and `immediate`) holds.
    case branch
    /// To `targets[sources[0]]`, or the last.
    case branchTable
    /// `callee`, with `argumentCount` arguments in the window from `window` on.
    case call
    /// As `call`; `sources[0]` is the element of table `table`, `callee` the type.
    case callIndirect
    /// `callee`, with `sources` as arguments, in place of this function.
    case tailCall
    /// As `tailCall`; the last of `sources` is the element of table `table`, `callee` the type.
    case tailCallIndirect
    /// With `sources` as results.
    case `return`
    case unreachable
    /// `destination := sources[0]`.
    case move
    /// `destination := constant`.
    case constant
    /// `destination := name(sources, immediate)`.
    case operation
  }

  var kind: Kind
  var name = ""
  var destination: VirtualRegister?
  var sources: [VirtualRegister] = []
  var immediate: Int64?
  var target: LabelIndex = -1
  var targets: [LabelIndex] = []
  var constant: ConstantValue?
  var callee = 0
  var table = 0
  /// Which memory a load or a store goes to.
  var memory = 0
  /// Whether a move or a choice is of a float.
  var isFloat = false
  var window: VirtualRegister = 0
  var argumentCount = 0
  var resultCount = 0
  /// The byte of the file at which what it comes from stands; 0 when it comes from no instruction.
  var offset: UInt32 = 0

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
    instruction.sources = [source]
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
    _ name: String, _ destination: VirtualRegister?, _ sources: [VirtualRegister],
    _ immediate: Int64? = nil
  ) -> LoweredInstruction {
    var instruction = LoweredInstruction(.operation)
    instruction.name = name
    instruction.destination = destination
    instruction.sources = sources
    instruction.immediate = immediate
    return instruction
  }

  static func branch(
    _ name: String, _ sources: [VirtualRegister], _ immediate: Int64?, to label: LabelIndex
  ) -> LoweredInstruction {
    var instruction = LoweredInstruction(.branch)
    instruction.name = name
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
    case .operation: destination != nil && !OperatorTable.canTrapOrAct(name)
    default: false
    }
  }

  /// Every label that control may go to, fall-through aside.
  var successors: [LabelIndex] {
    switch kind {
    case .jump, .branch: [target]
    case .branchTable: targets
    default: []
    }
  }

  /// Registers that are read, a call's arguments included.
  var reads: [VirtualRegister] {
    guard isCall else { return sources }
    return sources + (0..<VirtualRegister(argumentCount)).map { window + $0 }
  }

  /// Registers that are written, a call's results included.
  var writes: [VirtualRegister] {
    if isCall { return (0..<VirtualRegister(resultCount)).map { window + $0 } }
    return destination.map { [$0] } ?? []
  }

  /// Whether a call leaves `register` undefined: it lies in the window, and is no result.
  func clobbers(_ register: VirtualRegister) -> Bool {
    isCall && register >= window + VirtualRegister(resultCount)
  }
}
