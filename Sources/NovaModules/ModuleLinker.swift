// ModuleLinker.swift — a module and all that it imports → instances, each import bound.
// Freestanding. Imports NovaBytecode. Design: NovaCore.docc/Modules.md.
// Source: WebAssembly 2.0 §4.5.4, "Instantiation".

import NovaBytecode

/// The work of one instantiation: finds modules by name, the imported ones before their importers.
struct ModuleLinker {
  let core: LoaderCore
  let store: InstanceStore
  /// Finished instances; an importer comes after what it imports.
  private(set) var linked: [LinkedInstance] = []
  /// What the instances call outside of modules.
  private(set) var hosts: [BoundHost] = []
  /// Parts that were given a name, the latest last; they come before the loader's modules.
  private let named: [(name: ModuleName, part: LinkedInstance)]
  private let linkedCountMax: Int
  /// Modules whose imports are being bound, the root first.
  private var pending: [Module] = []

  init(_ core: LoaderCore, _ store: InstanceStore) {
    self.core = core
    self.store = store
    named = []
    linkedCountMax = ModuleLimits.linkedModuleCountMax
  }

  /// A linker of what is added to an instance.
  init(adding instance: ModuleInstance) {
    core = instance.core
    store = instance.store
    linked = instance.space.instances
    hosts = instance.hosts
    named = instance.namedParts
    linkedCountMax = instance.recordCapacity - 1
  }

  /// Makes the instance of a module, after those of the modules that it imports; each module has
  /// one.
  mutating func link(_ module: Module) throws(ModuleError) -> LinkedInstance {
    if let known = linked.first(where: { $0.module === module }) { return known }
    return try linkAnew(module)
  }

  /// As `link`, whether the module has an instance or not.
  mutating func linkAnew(_ module: Module) throws(ModuleError) -> LinkedInstance {
    guard !pending.contains(where: { $0 === module }) else { throw .importCycle(module.name) }
    guard linked.count + pending.count < linkedCountMax else {
      throw .linkedModulesExhausted(maximum: linkedCountMax)
    }
    guard !module.view.flags.contains(.nativeNaN) || store.limits.allowsNativeNaN else {
      throw .nativeNaN(module.name)
    }
    pending.append(module)
    var bindings: [ImportBinding] = []
    for index in 0..<module.view.imports.count {
      bindings.append(try bind(index, of: module))
    }
    pending.removeLast()
    let instance = try LinkedInstance(
      module, number: UInt32(linked.count + 1), bindings, in: store)
    linked.append(instance)
    return instance
  }

  private mutating func bind(_ index: Int, of module: Module) throws(ModuleError) -> ImportBinding {
    let view = module.view
    let entry = view.imports[index]
    let name = ModuleImportName(
      importer: module.name, module: ModuleName(view.string(entry.module)),
      name: ModuleName(view.string(entry.name)))
    let wanted = Self.wanted(index, of: view)
    if let parts = DriverImport.parse(name.module) {
      guard case .function(let type) = wanted else {
        throw .importNotCallable(name, wanted: wanted)
      }
      hosts.append(
        BoundHost(body: .driver(try DriverImport(parts, name, type, in: core.drivers)), type: type))
      return .host(hosts.count - 1)
    }
    if let host = core.hostFunction(name.module, name.name) {
      guard .function(host.type) == wanted else {
        throw .importMistyped(name, wanted: wanted, found: .function(host.type))
      }
      hosts.append(BoundHost(body: .function(host), type: host.type))
      return .host(hosts.count - 1)
    }
    let instance = try exporter(name, wanted)
    guard let (kind, export) = instance.module.export(name.name) else {
      throw .importMissing(name, wanted: wanted)
    }
    let found = ModuleExternalType(kind, export, in: instance.view)
    guard found.serves(wanted, current: instance.currentSize(kind, export)) else {
      throw .importMistyped(name, wanted: wanted, found: found)
    }
    return instance.binding(kind, export)
  }

  /// The instance of the module that an import names.
  private mutating func exporter(
    _ name: ModuleImportName, _ wanted: ModuleExternalType
  ) throws(ModuleError) -> LinkedInstance {
    if let known = named.last(where: { $0.name == name.module }) { return known.part }
    guard let module = core.module(named: name.module) else {
      if core.hasHostModule(name.module) { throw .importMissing(name, wanted: wanted) }
      throw .importModuleMissing(name, wanted: wanted)
    }
    return try link(module)
  }

  private static func wanted(_ index: Int, of view: ModuleView) -> ModuleExternalType {
    let functions = view.importedFunctionCount
    let tables = functions + view.importedTableCount
    let memories = tables + view.importedMemoryCount
    if index < functions { return ModuleExternalType(.function, index, in: view) }
    if index < tables { return ModuleExternalType(.table, index - functions, in: view) }
    if index < memories { return ModuleExternalType(.memory, index - tables, in: view) }
    return ModuleExternalType(.global, index - memories, in: view)
  }
}

/// What an import stands for.
enum ImportBinding {
  /// A function of another instance, by its index among that one's own.
  case function(LinkedInstance, Int)
  /// A host function or driver, by its index in the linker's list.
  case host(Int)
  case table(LinkedTable)
  case memory(LinkedMemory)
  /// A global of another instance, by its index among that one's own.
  case global(LinkedInstance, Int)
}

/// A function outside of modules that an import was bound to.
struct BoundHost {
  enum Body {
    case function(HostFunction)
    case driver(DriverImport)
  }
  let body: Body
  let type: ModuleFunctionType
}
