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
  public static var functionNames: [ModuleName] { WASIFunction.allCases.map { $0.name } }

  let texts: WASITexts
  let grants: DriverGrants
  private let isBusy = Atomic<Bool>(false)

  // Who set `isBusy` only.
  /// What the module calls its folders, by the number that their descriptors say.
  private(set) var folderNames: [[UInt8]] = []
  var table = DescriptorTable()
  /// Entries as they were when the first was read, by the system's descriptor of their directory.
  var listings: [(directory: Int32, listing: DirectoryListing)] = []
  var clock = VirtualClock()
  var random = SplitMix64(seed: 0)
  var ending: UInt32?
  var refusals: WASIRefusals = []

  /// Opens the folders.
  ///
  /// - Throws: `WASIError`; nothing stays open then.
  public convenience init(_ configuration: WASIConfiguration) throws(WASIError) {
    let texts = configuration.arguments + configuration.environment
    for text in texts where text.contains(0) { throw .badText(text) }
    self.init(
      .given(arguments: configuration.arguments, environment: configuration.environment),
      configuration.grants, hasInput: configuration.hasInput)
    for directory in configuration.directories { try grant(directory) }
  }

  /// A system without folders.
  init(_ texts: WASITexts, _ grants: DriverGrants, hasInput: Bool) {
    self.texts = texts
    self.grants = grants
    let output: WASIRights = grants.contains(.console) ? .stream(.write) : []
    addStream(0, hasInput ? .stream(.read) : [])
    addStream(1, output)
    addStream(2, output)
  }

  /// The status that a module ended itself with, by proc_exit or proc_raise; nil before.
  ///
  /// The call of the module then ends with `ModuleTrap.Kind.host`.
  public var exitStatus: UInt32? { ending }

  /// Adds a stream of the process'; without rights it is of no type.
  @inline(never) private func addStream(_ number: Int32, _ rights: WASIRights) {
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
    let stream = WASIDescriptor(
      host: number, isOwned: false, type: type, rights: rights, inheriting: [])
    // There is room for three.
    do throws(WASIErrno) { _ = try table.add(stream) } catch {}
  }

  /// Stands for a descriptor itself.
  static var noName: [UInt8] { [0] }

  func grant(_ directory: WASIDirectory) throws(WASIError) {
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
          inheriting: [.directory, .file], folder: Int32(folderNames.count)))
    } catch { throw .tooManyDirectories(maximum: DescriptorTable.countMax - 3) }
    folderNames.append(directory.guest)
  }

  // MARK: Functions

  /// Registers what modules import of WASI, or everything.
  ///
  /// - Parameters:
  ///   - loader: of which the modules are.
  ///   - modules: only what one of them imports; nil for every function.
  /// - Throws: `ModuleError`, as `ModuleLoader.addFunction`.
  public func add(to loader: ModuleLoader, for modules: [Module]? = nil) throws(ModuleError) {
    for function in WASIFunction.allCases {
      let name = function.name
      if let modules, !modules.contains(where: { $0.importsFunction(name, of: Self.moduleName) }) {
        continue
      }
      try loader.addFunction(Self.moduleName, name, function.type) {
        [self] call throws(HostFailure) in
        let goesOn = unsafe call.withRegisters { registers, memory in
          // SAFETY: the window has the arguments and room for the result; nobody keeps either.
          unsafe self.call(function, registers, memory)
        }
        guard goesOn else { throw HostFailure(status: Int32(bitPattern: ending ?? 0)) }
      }
    }
  }

  /// Calls a function.
  ///
  /// - Parameters:
  ///   - function: which one.
  ///   - window: the arguments, in whose place the errno comes.
  ///   - memory: the caller's memory 0.
  /// - Returns: false when the module has ended itself.
  /// - Safety: the window must hold as many words as the function has parameters, at least one, and
  ///   nobody else may use the memory meanwhile.
  @unsafe public func call(
    _ function: WASIFunction, _ window: UnsafeMutablePointer<UInt64>,
    _ memory: UnsafeMutableRawBufferPointer
  ) -> Bool {
    // SAFETY: promised by the caller.
    let errno = unsafe perform(function, window, GuestMemory(memory))
    guard ending == nil else { return false }
    unsafe window[0] = UInt64(errno.rawValue)
    return true
  }

  @unsafe private func perform(
    _ function: WASIFunction, _ words: UnsafePointer<UInt64>, _ memory: GuestMemory
  ) -> WASIErrno {
    // pairs with the store below
    guard !isBusy.exchange(true, ordering: .acquiring) else { return .again }
    defer { isBusy.store(false, ordering: .releasing) }  // pairs with the exchange above
    // SAFETY: promised by the caller.
    let call = unsafe WASICall(words, memory)
    do throws(WASIErrno) {
      try function.perform(self, call)
      return .success
    } catch {
      // Only what takes a descriptor, its first argument, is refused for want of one.
      note(error, call.u32(0))
      return error
    }
  }
}

extension Module {
  /// Whether the module imports anything of WASI.
  public var importsWASI: Bool { view.importsWASI }

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

extension ModuleView {
  /// Whether the module imports anything of WASI.
  public var importsWASI: Bool {
    for index in 0..<importedFunctionCount
    where string(imports[index].module) == WASISystem.moduleBytes { return true }
    return false
  }
}

extension WASISystem {
  /// The module that importers name.
  public static var moduleBytes: PoolBytes { PoolBytes("wasi_snapshot_preview1") }
}

extension PoolBytes {
  fileprivate func matches(_ name: ModuleName) -> Bool {
    guard count == name.bytes.count else { return false }
    for index in 0..<count where self[index] != name.bytes[index] { return false }
    return true
  }
}
