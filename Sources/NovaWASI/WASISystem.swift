// WASISystem.swift — WASI preview 1 as functions that modules import.
// Freestanding. Imports NovaABI, NovaConcurrency, NovaCore, NovaModules, NovaSystem and
// Synchronization.
// Design: NovaCore.docc/WASI.md. Source: WASI snapshot preview 1.

import NovaABI
import NovaConcurrency
import NovaCore
import NovaModules
import NovaSystem
import Synchronization

/// The system as the modules of one loader see it through WASI.
///
/// One thread at a time calls: another that calls meanwhile is answered `again`. Folders that were
/// granted, and what was opened in them, are closed when the last reference is gone.
public final class WASISystem: @unchecked Sendable {
  /// The module that importers name.
  public static var moduleName: ModuleName { "wasi_snapshot_preview1" }

  /// The functions that modules can import.
  public static var functionNames: [ModuleName] {
    WASIFunction.all.map { ModuleName(stringLiteral: $0.name) }
  }

  let arguments: [[UInt8]]
  let environment: [[UInt8]]
  let grants: DriverGrants
  let hasFolders: Bool
  private let isBusy = Atomic<Bool>(false)

  // Who set `isBusy` only.
  var table = DescriptorTable()
  var clock = VirtualClock()
  var random = SplitMix64(seed: 0)
  var ending: UInt32?
  var refusals: WASIRefusals = []

  /// Opens the folders.
  ///
  /// - Throws: `WASIError`; nothing stays open then.
  public init(_ configuration: WASIConfiguration) throws(WASIError) {
    arguments = configuration.arguments
    environment = configuration.environment
    grants = configuration.grants
    hasFolders = !configuration.directories.isEmpty
    for text in arguments + environment where text.contains(0) { throw .badText(text) }
    let hasConsole = grants.contains(.console)
    let streams: [WASIRights] = [
      configuration.hasInput ? .stream(.read) : [], hasConsole ? .stream(.write) : [],
      hasConsole ? .stream(.write) : [],
    ]
    for (number, rights) in streams.enumerated() {
      guard (try? table.add(Self.stream(Int32(number), rights))) != nil else { continue }
    }
    for directory in configuration.directories { try grant(directory) }
  }

  /// The status that a module ended itself with, by proc_exit or proc_raise; nil before.
  ///
  /// The call of the module then ends with `ModuleTrap.Kind.host`.
  public var exitStatus: UInt32? { ending }

  /// A stream of the process'; without rights it is of no type.
  private static func stream(_ number: Int32, _ rights: WASIRights) -> WASIDescriptor {
    var type = WASIFileType.unknown
    var rights = rights
    if !rights.isEmpty, let mode = try? System.mode(of: number) {
      type = WASIFileType(mode: mode)
      // What has no places is a terminal to WASI's C library, if it is a device.
      if type == .regular || (try? System.seek(number, by: 0, from: 1)) != nil {
        rights.formUnion([.seek, .tell])
      }
      if type == .regular {
        rights.formUnion([.dataSync, .sync, .advise, .allocate, .setSize, .setTimes])
      }
    }
    return WASIDescriptor(
      host: number, isOwned: false, type: type, rights: rights, inheriting: [])
  }

  /// Stands for a descriptor itself.
  static var noName: [UInt8] { [0] }

  private func grant(_ directory: WASIDirectory) throws(WASIError) {
    for name in [directory.host, directory.guest] where name.isEmpty || name.contains(0) {
      throw .badText(name)
    }
    let host: Int32
    do throws(SystemError) {
      host = try System.open(in: System.currentFolder, (directory.host + [0]).span, .directory)
    } catch { throw .directory(directory, error) }
    do throws(WASIErrno) {
      _ = try table.add(
        WASIDescriptor(
          host: host, isOwned: true, type: .directory, rights: .directory,
          inheriting: [.directory, .file], grantedName: directory.guest))
    } catch { throw .tooManyDirectories(maximum: DescriptorTable.countMax - 3) }
  }

  // MARK: Functions

  /// Registers what modules import of WASI, or everything.
  ///
  /// - Parameters:
  ///   - loader: of which the modules are.
  ///   - modules: only what one of them imports; nil for every function.
  /// - Throws: `ModuleError`, as `ModuleLoader.addFunction`.
  public func add(to loader: ModuleLoader, for modules: [Module]? = nil) throws(ModuleError) {
    for function in WASIFunction.all {
      let name = ModuleName(stringLiteral: function.name)
      if let modules, !modules.contains(where: { $0.importsFunction(name, of: Self.moduleName) }) {
        continue
      }
      let answers = !function.type.results.isEmpty
      try loader.addFunction(Self.moduleName, name, function.type) {
        [self] call throws(HostFailure) in
        let errno = perform(function, call)
        if let ending { throw HostFailure(status: Int32(bitPattern: ending)) }
        if answers { call.setResult(0, .i32(Int32(errno.rawValue))) }
      }
    }
  }

  private func perform(_ function: WASIFunction, _ call: borrowing HostCall) -> WASIErrno {
    var words = InlineArray<9, UInt64>(repeating: 0)
    for index in 0..<call.argumentCount { words[index] = call.argument(index).bits }
    // pairs with the store below
    guard !isBusy.exchange(true, ordering: .acquiring) else { return .again }
    defer { isBusy.store(false, ordering: .releasing) }  // pairs with the exchange above
    // SAFETY: the memory stays until the closure returns, and nobody keeps it longer.
    return unsafe call.withMemory { bytes in
      do throws(WASIErrno) {
        try function.body(self, WASICall(words, unsafe GuestMemory(bytes)))
        return .success
      } catch {
        note(error, UInt32(truncatingIfNeeded: words[0]))
        return error
      }
    }
  }
}

extension Module {
  /// Whether the module imports anything of WASI.
  public var importsWASI: Bool {
    for index in 0..<view.importedFunctionCount
    where view.string(view.imports[index].module).matches(WASISystem.moduleName) {
      return true
    }
    return false
  }

  func importsFunction(_ name: ModuleName, of module: ModuleName) -> Bool {
    for index in 0..<view.importedFunctionCount {
      let entry = view.imports[index]
      if view.string(entry.name).matches(name), view.string(entry.module).matches(module) {
        return true
      }
    }
    return false
  }
}

extension PoolBytes {
  fileprivate func matches(_ name: ModuleName) -> Bool {
    guard count == name.bytes.count else { return false }
    for index in 0..<count where self[index] != name.bytes[index] { return false }
    return true
  }
}
