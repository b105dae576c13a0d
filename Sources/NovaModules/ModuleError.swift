// ModuleError.swift — why a module was not loaded, bound, found or called; before any of it ran.
// Freestanding. Imports NovaBytecode, NovaConcurrency, NovaMemory, NovaSystem. Design:
// NovaCore.docc/Modules.md.

import NovaBytecode
import NovaConcurrency
import NovaMemory
import NovaSystem

/// An import by its names: which module wants what of which.
public struct ModuleImportName: Equatable, Sendable {
  /// The module that imports.
  public let importer: ModuleName
  /// The module that it names.
  public let module: ModuleName
  /// What it wants of that module.
  public let name: ModuleName

  /// An import of these names.
  public init(importer: ModuleName, module: ModuleName, name: ModuleName) {
    self.importer = importer
    self.module = module
    self.name = name
  }
}

/// Why a loader refused; unless said otherwise nothing has changed, and nothing stays lent.
public enum ModuleError: Error, Equatable, Sendable {
  // Bytes.

  /// The bytes are no module.
  case format(ModuleName, FormatError)
  /// The module's code was refused.
  case code(ModuleName, VerifierError)
  /// The module's results that are not numbers would differ between CPUs, which `ModuleLimits`
  /// does not allow.
  case nativeNaN(ModuleName)
  /// The runtime's memory has no room for the module, its instance or its stack.
  case memory(ModuleName, MemoryError)

  // Files.

  /// The system refused the file.
  case file(ModuleName, SystemError)
  /// A path with a zero byte, or without a byte.
  case wrongPath(byteCount: Int)
  /// A file of `byteCount` bytes; `maximum` are read.
  case fileTooLarge(ModuleName, byteCount: Int, maximum: Int)
  /// The file had `expected` bytes when it was opened, and ended after `found`.
  case fileChanged(ModuleName, expected: Int, found: Int)
  /// The section of linked modules does not keep to nova_module.h at this byte.
  case wrongLinkedModule(byteOffset: Int)

  // Names.

  /// A name of `byteCount` bytes; 1 … `maximum` are allowed.
  case nameOutOfRange(byteCount: Int, maximum: Int)
  /// There is a module of this name.
  case duplicate(ModuleName)
  /// There is a function of the program's of this module and name.
  case duplicateFunction(ModuleName, ModuleName)
  /// There is no module of this name.
  case unknown(ModuleName)
  /// The module is another runtime's.
  case foreign(ModuleName)
  /// The module was unloaded, or its loader has ended.
  case unloaded(ModuleName)
  /// The loader has as many modules as it can.
  case modulesExhausted(maximum: Int)
  /// The loader knows as many function types as it can.
  case functionTypesExhausted(maximum: Int)

  // Imports.

  /// There is no module that the import names; it wants something of type `wanted`.
  case importModuleMissing(ModuleImportName, wanted: ModuleExternalType)
  /// The module has no export of the name.
  case importMissing(ModuleImportName, wanted: ModuleExternalType)
  /// The export is of another type.
  case importMistyped(
    ModuleImportName, wanted: ModuleExternalType, found: ModuleExternalType)
  /// No driver operation can be called with the type: see <doc:Modules>.
  case importNotCallable(ModuleImportName, wanted: ModuleExternalType)
  /// The registry of drivers refused the driver or its operation.
  case importDriver(ModuleImportName, wanted: ModuleExternalType, DriverError)
  /// The module imports itself, through others or not.
  case importCycle(ModuleName)
  /// An instance would have more modules than it can.
  case linkedModulesExhausted(maximum: Int)
  /// Modules that are added to an instance import more functions outside of modules.
  case addedHostsExhausted(maximum: Int)

  // Instances and calls.

  /// A memory begins with more bytes than `limit`.
  case memoryTooLarge(ModuleName, byteCount: UInt64, limit: Int)
  /// A table begins with more elements than `limit`.
  case tableTooLarge(ModuleName, elementCount: UInt64, limit: Int)
  /// A limit is not within `minimum … maximum`.
  case limitOutOfRange(value: Int, minimum: Int, maximum: Int)
  /// An active data segment does not fit its memory.
  case dataOutOfRange(ModuleName, segment: Int)
  /// An active element segment does not fit its table.
  case elementsOutOfRange(ModuleName, segment: Int)
  /// The module exports nothing of the name.
  case exportMissing(ModuleName, ModuleName)
  /// The export is no function.
  case exportMistyped(ModuleName, ModuleName, found: ModuleExternalType)
  /// The exported function has another type than is wanted.
  case functionMistyped(
    ModuleName, ModuleName, wanted: ModuleFunctionType, found: ModuleFunctionType)
  /// The function takes other arguments.
  case wrongArguments(ModuleName, wanted: ModuleFunctionType, found: [ValueType])
  /// Another thread is inside of the instance.
  case busy(ModuleName)
  /// A call from a driver back into a module that is `maximum` deep.
  case nestedTooDeep(maximum: Int)
  /// A call inside of a task of the executor, or one that it refused.
  case executor(ExecutorError)
}

/// Why a call of a module has no results.
public enum ModuleFailure: Error, Equatable, Sendable {
  /// It was refused before it began.
  case refused(ModuleError)
  /// It began and trapped.
  case trapped(ModuleTrap)
  /// It was cancelled before it ended.
  case cancelled
}
