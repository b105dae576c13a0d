// PlainProgram.swift — modules that import each other at most, linked in place without a loader.
// Freestanding. Imports NovaInterpreter, NovaModules. Design: Decisions/0017.
// Source: WebAssembly 2.0 §4.5.4, "Instantiation".
//
// What NovaModules' loader does for one instance that lives as long as the process: no names that
// come and go, no locks, no handles, no host. What is refused ends the program with a word.

import NovaInterpreter
import NovaModules

/// The modules of a program, those that its own needs linked, and what they may use.
@safe struct PlainProgram: ~Copyable {
  /// All modules; the program's own is the first.
  let parts: UnsafeMutablePointer<PlainPart>
  let partCount: Int
  /// Those that are linked, importers behind what they import, as places in `parts`.
  let order: UnsafeMutablePointer<Int>
  private(set) var linkedCount = 0
  /// The interpreter's records by number; 0 is the host's, which has no functions here.
  let records: UnsafeMutablePointer<UnsafeMutablePointer<InstanceRecord>?>
  let limits: ModuleLimits
  /// Where memories and tables come from: with a limit a child, charged for all of it at once.
  let memory: Arena
  /// Bytes of memories and tables, as their modules see them.
  var chargedByteCount = 0
  /// Whether a memory may set aside what the limit leaves; once.
  var hasReserve: Bool
  var types: PlainTypes
  /// What modules import of no module; nil where that is nothing.
  let outside: UnsafeMutableRawPointer?

  /// WebAssembly's.
  static var pageByteCount: Int { 65_536 }
  static var cellByteCount: Int { 8 }
  /// What a child needs besides what it lends.
  private static let overheadByteCount = 65_536

  /// Finds the modules.
  init(_ limits: ModuleLimits, outside: UnsafeMutableRawPointer?) {
    self.limits = limits
    unsafe self.outside = unsafe outside
    var count = 0
    var typeCount = 0
    var modules = BuiltInModules()
    while let (_, module) = modules.next() {
      count += 1
      typeCount += module.view.types.count
    }
    if count == 0 || modules.isDamaged { refuse(.noModule) }
    // SAFETY: each array has room for as many elements as there are modules, or types.
    unsafe parts = unsafe lend(count * MemoryLayout<PlainPart>.stride)
      .assumingMemoryBound(to: PlainPart.self)
    unsafe order = unsafe lend(count * 8).assumingMemoryBound(to: Int.self)
    unsafe records = unsafe lend((count + 1) * 8)
      .assumingMemoryBound(to: UnsafeMutablePointer<InstanceRecord>?.self)
    partCount = count
    types = PlainTypes(capacity: typeCount)
    hasReserve = limits.memoryByteCount != nil
    memory = Self.memory(limits.memoryByteCount)
    modules = BuiltInModules()
    for index in 0...count {
      let record = unsafe lend(MemoryLayout<InstanceRecord>.stride)
        .assumingMemoryBound(to: InstanceRecord.self)
      unsafe record.initialize(to: InstanceRecord(number: 0))
      guard let (name, module) = modules.next() else {
        unsafe records[0] = unsafe record
        break
      }
      unsafe (parts + index).initialize(
        to: PlainPart(
          name: name, module: module, record: record,
          bindings: lend(module.view.imports.count * 8).assumingMemoryBound(to: UInt.self)))
    }
  }

  private static func memory(_ limit: Int?) -> Arena {
    guard let limit else { return Arena.process }
    return child(limit)
  }

  /// A function of its own, that a program is made without which takes no options.
  @inline(never) private static func child(_ limit: Int) -> Arena {
    guard limit <= Arena.byteCountMax - overheadByteCount else { refuse(.limitOutOfRange) }
    do throws(MemoryError) {
      return try Arena.process.makeChild(byteCount: limit + overheadByteCount)
    } catch { refuse(.memory) }
  }

  /// Counts bytes; false when the limit has no room for them, and nothing is counted.
  mutating func charge(_ byteCount: Int) -> Bool {
    let (sum, overflow) = chargedByteCount.addingReportingOverflow(byteCount)
    guard !overflow, sum <= limits.memoryByteCount ?? .max else { return false }
    chargedByteCount = sum
    return true
  }

  /// Links the program's module and what it imports, fills memories and tables.
  mutating func link() {
    link(0)
    let (parts, order) = unsafe (parts, order)
    for place in 0..<linkedCount { unsafe open(&parts[order[place]]) }
    for place in 0..<linkedCount { unsafe applySegments(&parts[order[place]]) }
  }

  private mutating func link(_ index: Int) {
    // SAFETY: the index is below `partCount`.
    let part = unsafe parts + index
    switch unsafe part.pointee.state {
    case .linked: return
    case .pending: refuse(.importCycle)
    case .unlinked: unsafe part.pointee.state = .pending
    }
    if unsafe part.pointee.module.view.flags.contains(.nativeNaN) { refuse(.nativeNaN) }
    if unsafe part.pointee.module.view.imports.count > 0 { unsafe bind(part) }
    guard linkedCount < ModuleLimits.linkedModuleCountMax else { refuse(.other) }
    unsafe order[linkedCount] = index
    linkedCount += 1
    unsafe part.pointee.record.pointee.number = UInt32(linkedCount)
    unsafe records[linkedCount] = unsafe part.pointee.record
    unsafe fill(&part.pointee)
    unsafe part.pointee.state = .linked
  }

  /// Binds each import of a part to what it names, whose part is linked first.
  @inline(never) private mutating func bind(_ part: UnsafeMutablePointer<PlainPart>) {
    for index in 0..<(unsafe part.pointee.module.view.imports.count) {
      let entry = unsafe part.pointee.module.view.imports[index]
      let module = unsafe part.pointee.module.view.string(entry.module)
      var other = 0
      while other < partCount, unsafe parts[other].name != module { other += 1 }
      unsafe part.pointee.bindings[index] =
        other < partCount
        ? bindToPart(part, index, other)
        : unsafe withUnsafeMutablePointer(to: &self) { unsafe nova_bind_outside($0, part, index) }
    }
  }

  /// The address of what another part exports, which is linked first.
  @inline(never) private mutating func bindToPart(
    _ part: UnsafeMutablePointer<PlainPart>, _ index: Int, _ other: Int
  ) -> UInt {
    let entry = unsafe part.pointee.module.view.imports[index]
    let module = unsafe part.pointee.module.view.string(entry.module)
    let name = unsafe part.pointee.module.view.string(entry.name)
    link(other)
    guard let export = unsafe parts[other].module.view.export(named: name),
      let kind = ExternalKind(rawValue: export.kind)
    else { refuse(.importMissing, name, of: module) }
    guard unsafe serves(&parts[other], kind, Int(export.index), entry, of: &part.pointee) else {
      refuse(.importMistyped, name, of: module)
    }
    return unsafe parts[other].address(kind, Int(export.index))
  }

  /// Whether what a part exports is what an import asks for.
  ///
  /// Source: WebAssembly 2.0 §3.2.6, "Import Subtyping".
  private func serves(
    _ exporter: inout PlainPart, _ kind: ExternalKind, _ index: Int, _ entry: ImportEntry,
    of importer: inout PlainPart
  ) -> Bool {
    guard entry.kind == kind.rawValue else { return false }
    switch kind {
    case .function:
      let own = unsafe exporter.type(exporter.module.view.typeIndex(ofFunction: index))
      return unsafe own.order(importer.type(Int(entry.typeIndex))) == 0
    case .global:
      let own = unsafe exporter.module.view.globalType(index)
      return own.valueType == entry.valueType && own.isMutable == (entry.mutability != 0)
    case .table:
      let own = unsafe exporter.module.view.tableType(index)
      return unsafe own.elementType == entry.valueType
        && fits(exporter.table(index).pointee.record.elementCount, own.limits, entry.limits)
    case .memory:
      let byteCount = unsafe exporter.memory(index).pointee.record.byteCount
      return unsafe fits(
        byteCount / UInt64(Self.pageByteCount), exporter.module.view.memoryLimits(index),
        entry.limits)
    }
  }

  /// No maximum is the largest number.
  private func fits(_ current: UInt64, _ own: SizeLimits, _ wanted: SizeLimits) -> Bool {
    current >= wanted.minimum && own.maximum <= wanted.maximum
  }

  /// Makes a part's functions, types and globals, its memories and tables without bytes.
  private mutating func fill(_ part: inout PlainPart) {
    let record = unsafe part.record
    let functions = unsafe part.module.view.functions
    // SAFETY: each array has as many elements as the module declares, and stays.
    let identifiers = unsafe lend(part.module.view.types.count * 4)
      .assumingMemoryBound(to: UInt32.self)
    for index in 0..<(unsafe part.module.view.types.count) {
      unsafe identifiers[index] = unsafe types.number(of: part.type(index))
    }
    unsafe record.pointee.typeIdentifiers = UnsafePointer(identifiers)
    let descriptors = unsafe lend(functions.count * MemoryLayout<FunctionDescriptor>.stride)
      .assumingMemoryBound(to: FunctionDescriptor.self)
    let code = unsafe UnsafeRawPointer(part.module.view.code)
    for index in 0..<functions.count {
      let entry = functions[index]
      unsafe (descriptors + index).initialize(
        to: FunctionDescriptor(
          code: code + Int(entry.firstWord) * 8,
          frameByteCount: UInt64(entry.registerCount) * 8,
          typeIdentifier: identifiers[Int(entry.typeIndex)], index: UInt32(index),
          instance: record, isReferenced: false))
    }
    unsafe record.pointee.functionCount = UInt32(functions.count)
    unsafe record.pointee.functions = unsafe descriptors
    // Imports are grouped: functions first, globals last.
    unsafe record.pointee.imports = unsafe UnsafeMutableRawPointer(part.bindings)
      .assumingMemoryBound(to: UnsafePointer<FunctionDescriptor>.self)
    let firstGlobal = unsafe part.module.view.imports.count - part.module.view.importedGlobalCount
    unsafe record.pointee.importedGlobals = unsafe UnsafeMutableRawPointer(
      part.bindings + firstGlobal
    ).assumingMemoryBound(to: UnsafeMutablePointer<UInt64>.self)
    let globals = unsafe lend(part.module.view.globals.count * 8)
      .assumingMemoryBound(to: UInt64.self)
    unsafe record.pointee.globals = unsafe globals
    for index in 0..<(unsafe part.module.view.globals.count) {
      unsafe globals[index] = unsafe part.value(of: part.module.view.globals[index].initial)
    }
    if unsafe part.module.view.tableCount > 0 { unsafe fillTables(&part) }
    unsafe fillMemories(&part)
  }

  private mutating func fillMemories(_ part: inout PlainPart) {
    // SAFETY: as in `fill`.
    let memories = unsafe lend(part.module.view.memoryCount * 8)
      .assumingMemoryBound(to: UnsafeMutablePointer<MemoryRecord>.self)
    for index in 0..<(unsafe part.module.view.memoryCount) {
      var address = UnsafeMutableRawPointer(memories)
      if let place = unsafe part.module.view.importIndex(.memory, index) {
        unsafe address = UnsafeMutableRawPointer(bitPattern: part.bindings[place]).unsafelyUnwrapped
      } else {
        let limits = unsafe part.module.view.memoryLimits(index)
        let most = min(limits.maximum, FormatLimits.memoryPageCountMax)
        let byteCount = Int(limits.minimum) * Self.pageByteCount
        guard charge(byteCount) else { refuse(.memoryTooLarge) }
        unsafe address = unsafe lend(MemoryLayout<PlainMemory>.stride)
        unsafe address.initializeMemory(
          as: PlainMemory.self,
          to: PlainMemory(
            record: MemoryRecord(bytes: address, byteCount: UInt64(byteCount)),
            maximumByteCount: Int(most) * Self.pageByteCount))
      }
      unsafe memories[index] = unsafe address.assumingMemoryBound(to: MemoryRecord.self)
    }
    unsafe part.record.pointee.memories = unsafe memories
    unsafe part.record.pointee.memoryCount = UInt32(part.module.view.memoryCount)
  }

  @inline(never) private mutating func fillTables(_ part: inout PlainPart) {
    // SAFETY: as in `fill`.
    let tables = unsafe lend(part.module.view.tableCount * 8)
      .assumingMemoryBound(to: UnsafeMutablePointer<TableRecord>.self)
    for index in 0..<(unsafe part.module.view.tableCount) {
      var address = UnsafeMutableRawPointer(tables)
      if let place = unsafe part.module.view.importIndex(.table, index) {
        unsafe address = UnsafeMutableRawPointer(bitPattern: part.bindings[place]).unsafelyUnwrapped
      } else {
        let type = unsafe part.module.view.tableType(index)
        let most = UInt64(limits.tableElementCount)
        guard type.limits.minimum <= most else { refuse(.tableTooLarge) }
        let count = Int(type.limits.minimum)
        guard charge(count * Self.cellByteCount) else { refuse(.memoryTooLarge) }
        unsafe address = unsafe lend(MemoryLayout<PlainTable>.stride)
        let kind: ReferenceKind =
          type.elementType == ValueType.funcref.rawValue ? .function : .external
        unsafe address.initializeMemory(
          as: PlainTable.self,
          to: PlainTable(
            record: TableRecord(
              cells: address.assumingMemoryBound(to: UInt64.self), elementCount: UInt64(count),
              kind: kind), maximumCount: Int(min(type.limits.maximum, most))))
      }
      unsafe tables[index] = unsafe address.assumingMemoryBound(to: TableRecord.self)
    }
    unsafe part.record.pointee.tables = unsafe tables
    unsafe part.record.pointee.tableCount = UInt32(part.module.view.tableCount)
  }
}

/// Binds a part's import of no module of the program: the address of what it is bound to.
@_extern(c) func nova_bind_outside(
  _ program: UnsafeMutableRawPointer, _ part: UnsafeMutableRawPointer, _ index: Int
) -> UInt

/// Of programs whose modules import each other at most.
@c public func nova_bind_nothing(
  _ program: UnsafeMutableRawPointer, _ part: UnsafeMutableRawPointer, _ index: Int
) -> UInt {
  // SAFETY: promised by `bind`.
  let view = unsafe part.assumingMemoryBound(to: PlainPart.self).pointee.module.view
  let entry = view.imports[index]
  refuse(.importModuleMissing, view.string(entry.name), of: view.string(entry.module))
}

/// Lends zeroed bytes for as long as the process.
@inline(never) func lend(_ byteCount: Int) -> UnsafeMutableRawPointer {
  do throws(MemoryError) {
    // SAFETY: nobody gives it back.
    return try unsafe Arena.process.allocate(byteCount: max(byteCount, 1), alignment: 64)
  } catch { refuse(.memory) }
}

/// Ends the program: its modules cannot begin.
@inline(never) func refuse(
  _ refusal: Refusal, _ name: PoolBytes? = nil, of module: PoolBytes? = nil
) -> Never {
  var line = Line(to: 2)
  switch refusal {
  case .noModule, .runtime, .trace: break
  default: line.append(Refusal.beginning)
  }
  line.append(refusal.text)
  if let name, let module {
    line.append(": ")
    line.append(name)
    line.append(" of ")
    line.append(module)
  }
  line.write()
  System.exit(2)
}
