// OperationTable.swift — every operation, in groups with numbers of their own.
// Hosted. Imports nothing. Design: NovaCore.docc/Operations.md.

/// The single description that handlers, descriptors and the reference page are made from.
package enum OperationTable {
  /// Every operation by ascending number.
  package static let operations: [OperationSpecification] = {
    var all: [OperationSpecification] = []
    for group in groups {
      for (index, draft) in group.drafts.enumerated() {
        all.append(
          OperationSpecification(
            name: draft.name, number: group.first + index, operands: draft.operands,
            body: draft.body, forwardable: draft.forwardable))
      }
    }
    return all
  }()

  /// First number of the fused operations.
  package static let firstFused = 704
  /// First number of those that no module may contain.
  package static let firstInternal = 1022
  /// Numbers that the encoding has.
  package static let numberCount = 1024

  /// A run of numbers with room behind it: operations are appended, never inserted.
  struct Group {
    let title: String
    let first: Int
    let drafts: [Draft]
  }

  static let groups: [Group] = [
    Group(title: "Control", first: 0, drafts: control),
    Group(title: "Moves and constants", first: 48, drafts: moves),
    Group(title: "Globals, memories, tables and references", first: 80, drafts: stateAccess),
    Group(title: "32-bit integers", first: 144, drafts: integers(.i32)),
    Group(title: "64-bit integers", first: 240, drafts: integers(.i64)),
    Group(title: "32-bit floats", first: 336, drafts: floats(.f32)),
    Group(title: "64-bit floats", first: 384, drafts: floats(.f64)),
    Group(title: "Conversions", first: 432, drafts: conversions),
    Group(title: "Loads", first: 480, drafts: loads),
    Group(title: "Stores", first: 608, drafts: stores),
    Group(title: "Fused", first: firstFused, drafts: fused),
    Group(
      title: "Internal", first: firstInternal,
      drafts: [Draft("exit", [], [.exit]), Draft("exit.instance", [], [.exitInstance])]),
  ]

  /// The group of a number, for the reference page.
  package static var sections: [(title: String, numbers: Range<Int>)] {
    groups.map { ($0.title, $0.first..<$0.first + $0.drafts.count) }
  }

  /// An operation whose number its group gives.
  struct Draft {
    let name: String
    let operands: [Operand]
    let body: [Statement]
    let forwardable: [Int]

    /// Every operand that is read can be forwarded, three at most, unless `forwardable` says less.
    init(
      _ name: String, _ operands: [Operand], _ body: [Statement], forwardable: [Int]? = nil
    ) {
      self.name = name
      self.operands = operands
      self.body = body
      let readCount = operands.count { $0.role.reads }
      self.forwardable = forwardable ?? Array(0..<min(readCount, 3))
    }
  }
}

// Short forms for the tables.
extension Expression {
  static func i32(_ place: Place) -> Self { .register(place, .i32) }
  static func i64(_ place: Place) -> Self { .register(place, .i64) }

  /// A sign-extended field.
  static func signed(_ place: Place, _ kind: Kind = .i32) -> Self {
    .immediate(place, kind, signed: true)
  }
  /// A zero-extended field.
  static func unsigned(_ place: Place, _ kind: Kind = .i32) -> Self {
    .immediate(place, kind, signed: false)
  }
  var widened: Self { .convert(.extendUnsigned, from: .i32, to: .i64, self) }

  func plus(_ other: Self) -> Self { .binary(.add, kind, self, other) }
  func minus(_ other: Self) -> Self { .binary(.subtract, kind, self, other) }
  func times(_ other: Self) -> Self { .binary(.multiply, kind, self, other) }
  func and(_ other: Self) -> Self { .binary(.and, kind, self, other) }
  func or(_ other: Self) -> Self { .binary(.or, kind, self, other) }
  func xor(_ other: Self) -> Self { .binary(.exclusiveOr, kind, self, other) }
  func shiftedLeft(_ other: Self) -> Self { .binary(.shiftLeft, kind, self, other) }
  func shiftedRight(_ other: Self) -> Self { .binary(.shiftRightUnsigned, kind, self, other) }
  func rotatedLeft(_ other: Self) -> Self { .binary(.rotateLeft, kind, self, other) }
  var isZero: Self { .compare(.equal, kind, self, .constant(0, kind)) }
  var isNotZero: Self { .compare(.notEqual, kind, self, .constant(0, kind)) }
}

extension Role {
  static func read(_ kind: Kind) -> Self { kind.isFloat ? .readFloat : .readInt }
  static func write(_ kind: Kind) -> Self { kind.isFloat ? .writeFloat : .writeInt }
}
