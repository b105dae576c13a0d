// ModuleView+Lookup.swift — index spaces, types, exports, names and lines of a module.
// Freestanding. Imports nothing. Design: NovaCore.docc/Bytecode.md.

/// Parameters and results of a function.
public struct FunctionType: Equatable, Sendable {
  let parameters: PoolBytes
  let results: PoolBytes

  /// How many parameters.
  public var parameterCount: Int { parameters.count }
  /// How many results.
  public var resultCount: Int { results.count }

  /// The type of the parameter at `index`, 0 … `parameterCount` - 1.
  public func parameter(_ index: Int) -> ValueType { Self.valueType(parameters[index]) }

  /// The type of the result at `index`, 0 … `resultCount` - 1.
  public func result(_ index: Int) -> ValueType { Self.valueType(results[index]) }

  private static func valueType(_ byte: UInt8) -> ValueType {
    guard let type = ValueType(rawValue: byte) else {
      preconditionFailure("the reader lets no other bytes through")
    }
    return type
  }
}

/// A table's elements and size, imported or own.
public struct TableType: Equatable, Sendable {
  /// `ValueType` of its elements.
  public let elementType: UInt8
  /// In elements.
  public let limits: SizeLimits
}

/// A global's type, imported or own.
public struct GlobalType: Equatable, Sendable {
  /// `ValueType`.
  public let valueType: UInt8
  /// Whether it may be set.
  public let isMutable: Bool
}

extension ModuleView {
  /// How many functions there are, imported ones first.
  public var functionCount: Int { importedFunctionCount + functions.count }
  /// How many tables there are, imported ones first.
  public var tableCount: Int { importedTableCount + tables.count }
  /// How many memories there are, imported ones first.
  public var memoryCount: Int { importedMemoryCount + memories.count }
  /// How many globals there are, imported ones first.
  public var globalCount: Int { importedGlobalCount + globals.count }

  /// How many indices the kind's index space has.
  public func count(of kind: ExternalKind) -> Int {
    switch kind {
    case .function: functionCount
    case .table: tableCount
    case .memory: memoryCount
    case .global: globalCount
    }
  }

  /// The import that the index of a kind names, when it does name one: its index in `imports`.
  public func importIndex(_ kind: ExternalKind, _ index: Int) -> Int? {
    switch kind {
    case .function: index < importedFunctionCount ? index : nil
    case .table: index < importedTableCount ? importedFunctionCount + index : nil
    case .memory:
      index < importedMemoryCount ? importedFunctionCount + importedTableCount + index : nil
    case .global:
      index < importedGlobalCount ? imports.count - importedGlobalCount + index : nil
    }
  }

  /// The type at `index` of `types`.
  public func functionType(_ index: Int) -> FunctionType {
    let entry = types[index]
    return FunctionType(
      parameters: poolBytes(
        .valueTypes,
        PoolRange(first: entry.firstValueType, count: UInt32(entry.parameterCount))),
      results: poolBytes(
        .valueTypes,
        PoolRange(
          first: entry.firstValueType + UInt32(entry.parameterCount),
          count: UInt32(entry.resultCount))))
  }

  /// The index in `types` of a function's type, the function imported or own.
  public func typeIndex(ofFunction index: Int) -> Int {
    index < importedFunctionCount
      ? Int(imports[index].typeIndex) : Int(functions[index - importedFunctionCount].typeIndex)
  }

  /// A table's type, the table imported or own.
  public func tableType(_ index: Int) -> TableType {
    guard let place = importIndex(.table, index) else {
      let own = tables[index - importedTableCount]
      return TableType(elementType: own.elementType, limits: own.limits)
    }
    return TableType(elementType: imports[place].valueType, limits: imports[place].limits)
  }

  /// A memory's limits in pages, the memory imported or own.
  public func memoryLimits(_ index: Int) -> SizeLimits {
    guard let place = importIndex(.memory, index) else {
      return memories[index - importedMemoryCount].limits
    }
    return imports[place].limits
  }

  /// A global's type, the global imported or own.
  public func globalType(_ index: Int) -> GlobalType {
    guard let place = importIndex(.global, index) else {
      let own = globals[index - importedGlobalCount]
      return GlobalType(valueType: own.valueType, isMutable: own.mutability != 0)
    }
    return GlobalType(
      valueType: imports[place].valueType, isMutable: imports[place].mutability != 0)
  }

  /// The export of a name.
  ///
  /// - Complexity: O(log n) comparisons of names.
  public func export(named name: PoolBytes) -> ExportEntry? {
    var (low, high) = (0, exports.count)
    while low < high {
      let middle = low + (high - low) / 2
      let entry = exports[middle]
      let order = PoolBytes.compare(string(entry.name), name)
      if order == 0 { return entry }
      if order < 0 { low = middle + 1 } else { high = middle }
    }
    return nil
  }

  /// The name that readers are shown, if the module carries one.
  ///
  /// - Parameters:
  ///   - kind: what is named.
  ///   - index: its index in the kind's index space.
  ///   - part: the register's number or the label's word; else zero.
  /// - Returns: the name, or `nil`.
  /// - Complexity: O(log n).
  public func name(_ kind: NameKind, _ index: UInt32, part: UInt32 = 0) -> PoolBytes? {
    var (low, high) = (0, names.count)
    while low < high {
      let middle = low + (high - low) / 2
      let entry = names[middle]
      let found = (entry.kind, entry.index, entry.part)
      let wanted = (kind.rawValue, index, part)
      if found == wanted { return debugString(entry.name) }
      if found < wanted { low = middle + 1 } else { high = middle }
    }
    return nil
  }

  /// The own function, as an index of `functions`, that a word of code belongs to.
  ///
  /// - Parameter word: counted from the code's beginning.
  /// - Returns: its index in `functions`, or `nil` beyond the code.
  /// - Complexity: O(log n).
  public func ownFunction(atWord word: Int) -> Int? {
    guard word >= 0 && word < codeWordCount else { return nil }
    var (low, high) = (0, functions.count)
    while high - low > 1 {
      let middle = low + (high - low) / 2
      if Int(functions[middle].firstWord) <= word { low = middle } else { high = middle }
    }
    return low
  }

  /// The line that a word of code came from, if the module says so.
  ///
  /// - Parameter word: counted from the code's beginning.
  /// - Returns: the entry that holds there, or `nil`.
  /// - Complexity: O(log n).
  public func line(atWord word: Int) -> LineEntry? {
    guard let function = ownFunction(atWord: word) else { return nil }
    var (low, high) = (0, lines.count)
    while low < high {
      let middle = low + (high - low) / 2
      if Int(lines[middle].firstWord) <= word { low = middle + 1 } else { high = middle }
    }
    guard low > 0, lines[low - 1].firstWord >= functions[function].firstWord else { return nil }
    return lines[low - 1]
  }
}
