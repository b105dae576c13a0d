// OperationSpecification+Memory.swift — whether an operation needs memory 0.
// Hosted. Imports nothing. Design: NovaCore.docc/Operations.md.

extension OperationSpecification {
  /// Whether one of the steps loads or stores without naming a memory.
  var accessesMemory0: Bool {
    body.contains { statement in
      switch statement {
      case .store(_, _, let memory, _): memory == nil
      case .bind(_, let value), .set(_, let value), .setGlobal(_, let value),
        .setImportedGlobal(_, let value), .leave(.some(let value)),
        .branch(_, .some(let value)), .branchTable(let value, _),
        .callIndirect(_, let value, _, _), .tailCallIndirect(let value, _, _):
        value.loadsMemory0
      case .leave(.none), .branch(_, .none), .zeroRange, .call, .tailCall, .trapUnreachable,
        .exit, .exitInstance, .slow:
        false
      }
    }
  }
}

extension Expression {
  fileprivate var loadsMemory0: Bool {
    switch self {
    case .load(_, let address, let memory): memory == nil || address.loadsMemory0
    case .unary(_, _, let value), .convert(_, _, _, let value): value.loadsMemory0
    case .binary(_, _, let left, let right), .compare(_, _, let left, let right):
      left.loadsMemory0 || right.loadsMemory0
    case .choose(_, let condition, let left, let right):
      condition.loadsMemory0 || left.loadsMemory0 || right.loadsMemory0
    case .register, .immediate, .constant, .bound, .state: false
    }
  }
}
