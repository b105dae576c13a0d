// ModulePart.swift — a module that was added to an instance, which it shares state with.
// Freestanding. Imports NovaBytecode. Design: NovaCore.docc/Modules.md.
// Source: WebAssembly 2.0 §4.5.4, "Instantiation".

import NovaBytecode

/// A module's part of an instance: what it exports is called, and imported, by name.
///
/// It keeps its instance, whose memories, tables and globals its imports may be.
public struct ModulePart: @unchecked Sendable {
  /// The instance that it is a part of.
  public let instance: ModuleInstance
  // The instance's, which lets one thread in at a time.
  let linked: LinkedInstance

  /// The module.
  public var module: Module { linked.module }

  /// As `ModuleInstance.call`, of a function that this part exports.
  public func call(
    _ function: ModuleName, _ arguments: [ModuleValue] = [], limits: ModuleLimits? = nil
  ) throws(ModuleFailure) -> [ModuleValue] {
    try instance.call(function, of: linked, arguments, limits: limits ?? instance.limits)
  }

  /// The value of a global that this part exports.
  ///
  /// - Throws: `ModuleError.exportMissing` or `.exportMistyped`.
  public func global(_ name: ModuleName) throws(ModuleError) -> ModuleValue {
    try linked.globalValue(name)
  }
}

extension ModuleInstance {
  /// The part of the module that was instantiated.
  public var part: ModulePart { ModulePart(instance: self, linked: root) }

  /// Adds a module: its imports are bound to parts that have the imported module's name, else as
  /// those of an instance of its own; then its segments are copied, and its start function runs.
  ///
  /// A part of its own is made each time. `ModuleLimits.addedModuleCount` says how many there may
  /// be, those included that are made for modules which it imports. Nobody may be inside of the
  /// instance on another thread.
  ///
  /// - Parameters:
  ///   - module: one that the instance's loader knows.
  ///   - limits: of the start function; nil for the instance's.
  /// - Returns: the module's part.
  /// - Throws: `ModuleFailure.refused` when an import is missing or mistyped, and nothing has
  ///   changed, or when a segment does not fit; `.trapped` when the start function traps. What was
  ///   written to memories and tables of other parts until then stays, and so does the part, which
  ///   nobody can name.
  @discardableResult
  public func add(
    _ module: Module, limits: ModuleLimits? = nil
  ) throws(ModuleFailure) -> ModulePart {
    let knownCount: Int
    let part: LinkedInstance
    do throws(ModuleError) {
      try enter(isQueued: false)
      defer { leave() }
      guard module.core === core else { throw .foreign(module.name) }
      guard module.isLoaded else { throw .unloaded(module.name) }
      knownCount = space.instances.count
      var linker = ModuleLinker(adding: self)
      part = try linker.linkAnew(module)
      try adopt(linker)
    } catch {
      throw .refused(error)
    }
    try runStart(of: space.instances[knownCount...], limits: limits ?? self.limits)
    return ModulePart(instance: self, linked: part)
  }

  /// Lets modules that are added later import what `part` exports from a module of this name; the
  /// latest part of a name counts.
  ///
  /// - Throws: `ModuleError.foreign` when it is another instance's part, or `.busy`.
  public func name(_ part: ModulePart, _ name: ModuleName) throws(ModuleError) {
    guard part.instance === self else { throw .foreign(part.module.name) }
    try enter(isQueued: false)
    defer { leave() }
    addName(name, part.linked)
  }
}
