// LinkedInstance.swift — one module's part of an instance: what its code names by number.
// Freestanding. Imports NovaBytecode, NovaInterpreter, NovaMemory. Design:
// NovaCore.docc/Modules.md.

import NovaBytecode
import NovaInterpreter
import NovaMemory

/// A module with its memories, tables and globals, its imports bound.
final class LinkedInstance {
  let module: Module
  /// From 1; 0 is the host's.
  let number: UInt32
  let store: InstanceStore
  /// One for each import, in the module's order.
  let bindings: [ImportBinding]
  /// Imported ones first.
  private(set) var memories: [LinkedMemory] = []
  private(set) var tables: [LinkedTable] = []
  /// The record and the arrays that it names, in the core's memory.
  private let block: MemoryHandle
  private let layout: InstanceLayout

  var view: ModuleView { module.view }
  var name: ModuleName { module.name }

  /// Makes the module's memories and tables, whose bytes are counted and lent by `open`.
  init(
    _ module: Module, number: UInt32, _ bindings: [ImportBinding], in store: InstanceStore
  ) throws(ModuleError) {
    self.module = module
    self.number = number
    self.bindings = bindings
    self.store = store
    let view = module.view
    layout = InstanceLayout(view)
    block = try store.core.allocate(byteCount: layout.byteCount, for: module.name)
    for binding in bindings {
      if case .memory(let memory) = binding { memories.append(memory) }
      if case .table(let table) = binding { tables.append(table) }
    }
    for index in 0..<view.memories.count {
      memories.append(try LinkedMemory(view.memories[index].limits, of: name, in: store))
    }
    for index in 0..<view.tables.count {
      tables.append(try LinkedTable(view.tables[index], of: name, in: store))
    }
  }

  deinit { store.core.release(block) }

  // MARK: What importers bind to

  /// How many pages or elements an export has; 0 for other kinds.
  func currentSize(_ kind: ExternalKind, _ index: Int) -> UInt64 {
    switch kind {
    case .function, .global: 0
    case .memory: UInt64(memories[index].pageCount)
    case .table: UInt64(tables[index].count)
    }
  }

  /// What an import of this export is bound to.
  func binding(_ kind: ExternalKind, _ index: Int) -> ImportBinding {
    switch kind {
    case .function:
      index < view.importedFunctionCount
        ? bindings[index] : .function(self, index - view.importedFunctionCount)
    case .memory: .memory(memories[index])
    case .table: .table(tables[index])
    case .global:
      index < view.importedGlobalCount
        ? bindings[firstGlobalImport + index] : .global(self, index - view.importedGlobalCount)
    }
  }

  private var firstGlobalImport: Int { view.imports.count - view.importedGlobalCount }

  // MARK: Addresses

  /// The interpreter's record, as long as the instance exists.
  // SAFETY: the layout puts the record first.
  var record: UnsafeMutablePointer<InstanceRecord> { unsafe pointer(0, InstanceRecord.self) }

  /// The descriptor of an own function.
  func descriptor(_ own: Int) -> UnsafeMutablePointer<FunctionDescriptor> {
    // SAFETY: the layout has a descriptor for each own function; `own` is one's index.
    unsafe pointer(layout.functions, FunctionDescriptor.self) + own
  }

  /// An own global's 64 bits.
  func global(own index: Int) -> UnsafeMutablePointer<UInt64> {
    // SAFETY: the layout has 64 bits for each own global; `index` is one's.
    unsafe pointer(layout.globals, UInt64.self) + index
  }

  /// A global's 64 bits, the global imported or own.
  func global(_ index: Int) -> UnsafeMutablePointer<UInt64> {
    guard index < view.importedGlobalCount else {
      // SAFETY: verified code names globals that there are, and linking bound each import to one.
      return unsafe global(own: index - view.importedGlobalCount)
    }
    guard case .global(let instance, let own) = bindings[firstGlobalImport + index] else {
      preconditionFailure("imports are grouped by kind")
    }
    return unsafe instance.global(own: own)
  }

  /// The descriptor of a function, imported or own.
  func descriptor(
    function index: Int, _ space: LinkedSpace
  ) -> UnsafeMutablePointer<FunctionDescriptor> {
    guard index < view.importedFunctionCount else {
      // SAFETY: verified code names functions that there are, and linking bound each import to one.
      return unsafe descriptor(index - view.importedFunctionCount)
    }
    switch bindings[index] {
    case .function(let instance, let own): return unsafe instance.descriptor(own)
    case .host(let number): return unsafe space.hosts + number
    default: preconditionFailure("imports are grouped by kind")
    }
  }

  /// Cells of all element segments, one after the other.
  var elementCells: UnsafeMutablePointer<UInt64> {
    // SAFETY: the layout has a cell for each item of the segments.
    unsafe pointer(layout.elementCells, UInt64.self)
  }

  private func pointer<Value>(
    _ offset: Int, _ type: Value.Type
  ) -> UnsafeMutablePointer<Value> {
    // SAFETY: the layout's offsets lie in the block, which stays as long as the instance.
    unsafe (store.core.bytes(of: block).baseAddress.unsafelyUnwrapped + offset)
      .assumingMemoryBound(to: type)
  }

  // MARK: Filling

  /// Lends memories and tables, and fills the record; the instances that it imports are open.
  func open(_ space: LinkedSpace) throws(ModuleError) {
    for memory in memories[view.importedMemoryCount...] { try memory.open(for: name) }
    for table in tables[view.importedTableCount...] { try table.open(for: name) }
    // SAFETY: each array has as many places as the layout counted.
    var filled = unsafe InstanceRecord(number: number)
    unsafe filled.functionCount = UInt32(view.functions.count)
    unsafe filled.functions = descriptor(0)
    unsafe filled.imports = pointer(
      layout.imports, UnsafePointer<FunctionDescriptor>.self)
    unsafe filled.globals = global(own: 0)
    unsafe filled.importedGlobals = pointer(
      layout.importedGlobals, UnsafeMutablePointer<UInt64>.self)
    unsafe filled.typeIdentifiers = module.typeNumbers.map {
      unsafe UnsafePointer(
        store.core.bytes(of: $0).baseAddress.unsafelyUnwrapped
          .assumingMemoryBound(to: UInt32.self))
    }
    unsafe filled.memories = pointer(
      layout.memories, UnsafeMutablePointer<MemoryRecord>.self)
    unsafe filled.memoryCount = UInt32(memories.count)
    unsafe filled.tables = pointer(layout.tables, UnsafeMutablePointer<TableRecord>.self)
    unsafe filled.tableCount = UInt32(tables.count)
    unsafe filled.dataSegments = pointer(layout.dataSegments, SegmentRecord.self)
    unsafe filled.elementSegments = pointer(layout.elementSegments, SegmentRecord.self)
    unsafe record.initialize(to: filled)
    for (index, memory) in memories.enumerated() {
      unsafe filled.memories.unsafelyUnwrapped[index] = unsafe memory.recordAddress
    }
    for (index, table) in tables.enumerated() {
      unsafe filled.tables.unsafelyUnwrapped[index] = unsafe table.recordAddress
    }
    fillFunctions(space)
    fillGlobals(space)
  }

  private func fillFunctions(_ space: LinkedSpace) {
    // SAFETY: as in `open`; the code stays as long as the module.
    let code = unsafe UnsafeRawPointer(view.code)
    for index in 0..<view.functions.count {
      let entry = view.functions[index]
      unsafe descriptor(index).initialize(
        to: FunctionDescriptor(
          code: code + Int(entry.firstWord) * 8,
          frameByteCount: UInt64(entry.registerCount) * 8,
          typeIdentifier: record.pointee.typeIdentifiers.unsafelyUnwrapped[Int(entry.typeIndex)],
          index: UInt32(index), instance: record, isReferenced: false))
    }
    for index in 0..<view.importedFunctionCount {
      unsafe record.pointee.imports.unsafelyUnwrapped[index] = unsafe UnsafePointer(
        descriptor(function: index, space))
    }
  }

  private func fillGlobals(_ space: LinkedSpace) {
    for index in 0..<view.importedGlobalCount {
      // SAFETY: as in `open`.
      unsafe record.pointee.importedGlobals.unsafelyUnwrapped[index] = unsafe global(index)
    }
    for index in 0..<view.globals.count {
      // SAFETY: as in `open`.
      let initial = view.globals[index].initial
      unsafe global(own: index).initialize(to: value(of: initial))
      if initial.kind == ConstantKind.function.rawValue {
        unsafe descriptor(function: Int(initial.value), space).pointee.isReferenced = true
      }
    }
  }

  /// A constant's 64 bits.
  func value(of constant: Constant) -> UInt64 {
    switch ConstantKind(rawValue: constant.kind) {
    case .i32, .f32: UInt64(UInt32(truncatingIfNeeded: constant.value))
    case .i64, .f64: constant.value
    case .function: reference(to: Int(constant.value))
    // SAFETY: the reader checked that the global is imported and never changes.
    case .global: unsafe global(Int(constant.value)).pointee
    case .some(.none), .null, nil: 0
    }
  }

  /// A reference to a function, imported or own, as registers hold it.
  func reference(to function: Int) -> UInt64 {
    guard function < view.importedFunctionCount else {
      return Self.reference(number, function - view.importedFunctionCount)
    }
    switch bindings[function] {
    case .function(let instance, let own): return Self.reference(instance.number, own)
    case .host(let index): return Self.reference(0, index)
    default: preconditionFailure("imports are grouped by kind")
    }
  }

  private static func reference(_ number: UInt32, _ own: Int) -> UInt64 {
    UInt64(number) << 32 | UInt64(own + 1)
  }

  /// Calls `body` with the bytes of memory 0, none without one.
  ///
  /// - Safety: nothing else may use them as `body` does.
  @unsafe func withMemory<Result>(_ body: (UnsafeMutableRawBufferPointer) -> Result) -> Result {
    guard let memory = memories.first else {
      return unsafe body(UnsafeMutableRawBufferPointer(start: nil, count: 0))
    }
    return unsafe memory.withBytes(body)
  }
}

/// All instances that were linked together, by number, and what they call outside of modules.
@safe struct LinkedSpace {
  /// Instance n is the element n - 1.
  var instances: [LinkedInstance]
  /// Descriptors of the bound hosts; they stay as long as the instances.
  let hosts: UnsafeMutablePointer<FunctionDescriptor>

  /// What a table's cell holds of a reference: its descriptor's address, or 0.
  func cell(of reference: UInt64) -> UInt64 {
    guard reference != 0 else { return 0 }
    let own = Int(UInt32(truncatingIfNeeded: reference)) - 1
    let number = Int(reference >> 32)
    // SAFETY: only the address is used; references of constants are of linked instances.
    return unsafe UInt64(
      UInt(bitPattern: number == 0 ? hosts + own : instances[number - 1].descriptor(own)))
  }
}

/// Where the arrays of an instance lie in its block, in bytes from its start.
struct InstanceLayout {
  let functions: Int
  let imports: Int
  let globals: Int
  let importedGlobals: Int
  let memories: Int
  let tables: Int
  let dataSegments: Int
  let elementSegments: Int
  /// Cells of all element segments, one after the other.
  let elementCells: Int
  let byteCount: Int

  init(_ view: ModuleView) {
    // SAFETY: of records that hold pointers only the sizes are asked here.
    var end = unsafe (MemoryLayout<InstanceRecord>.size + 15) & ~15
    func add(_ count: Int, _ stride: Int) -> Int {
      let start = end
      end += count * stride
      return start
    }
    functions = unsafe add(view.functions.count, MemoryLayout<FunctionDescriptor>.stride)
    imports = add(view.importedFunctionCount, 8)
    globals = add(view.globals.count, 8)
    importedGlobals = add(view.importedGlobalCount, 8)
    memories = add(view.memoryCount, 8)
    tables = add(view.tableCount, 8)
    dataSegments = unsafe add(view.dataSegments.count, MemoryLayout<SegmentRecord>.stride)
    elementSegments = unsafe add(view.elementSegments.count, MemoryLayout<SegmentRecord>.stride)
    elementCells = add(view.elementItems.count, 8)
    byteCount = end
  }
}
