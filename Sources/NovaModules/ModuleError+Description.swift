// ModuleError+Description.swift — why a module was not loaded, bound, found or called, in words.
// Freestanding. Imports NovaBytecode. Design: NovaCore.docc/Modules.md.

import NovaBytecode

extension ModuleFailure: CustomStringConvertible {
  /// The failure in English, a trap with its frames on lines of their own.
  public var description: String {
    switch self {
    case .refused(let error): "\(error)"
    case .trapped(let trap): "\(trap)"
    case .cancelled: "the call was cancelled"
    }
  }
}

extension ModuleImportName: CustomStringConvertible {
  /// Such as `main imports log of env`.
  public var description: String { "\(importer) imports \(name) of \(module)" }
}

extension ModuleError: CustomStringConvertible {
  /// The error in English, without a line's end.
  public var description: String {
    switch self {
    case .format(let name, let error): "\(name) is no module: \(error.text)"
    case .code(let name, let error): "the code of \(name) was refused: \(error.text)"
    case .nativeNaN(let name):
      "\(name) asks for results that differ between CPUs, which ModuleLimits does not allow"
    case .memory(let name, let error): "there is no memory for \(name): \(error)"
    case .file(let name, let error): "\(name) can't be read: \(error)"
    case .wrongPath(let byteCount): "a path of \(byteCount) bytes is empty or has a zero byte"
    case .fileTooLarge(let name, let byteCount, let maximum):
      "\(name) has \(byteCount) bytes, more than \(maximum)"
    case .fileChanged(let name, let expected, let found):
      "\(name) had \(expected) bytes, and ended after \(found): it was changed while it was read"
    case .wrongLinkedModule(let byteOffset):
      "the section nova_modules holds no module at byte \(byteOffset): state each by NOVA_MODULE"
    case .nameOutOfRange(let byteCount, let maximum):
      "a name of \(byteCount) bytes is not within 1 to \(maximum)"
    case .duplicate(let name): "there is a module \(name) already"
    case .duplicateFunction(let module, let name):
      "there is a function \(name) of \(module) already"
    case .unknown(let name): "there is no module \(name)"
    case .foreign(let name): "the module \(name) is another runtime's"
    case .unloaded(let name): "the module \(name) was unloaded"
    case .modulesExhausted(let maximum): "there are \(maximum) modules, the most there can be"
    case .functionTypesExhausted(let maximum):
      "there are \(maximum) function types, the most there can be"
    case .importModuleMissing, .importMissing, .importMistyped, .importNotCallable, .importDriver,
      .importCycle, .linkedModulesExhausted, .addedHostsExhausted:
      importDescription
    default: instanceDescription
    }
  }

  private var importDescription: String {
    switch self {
    case .importModuleMissing(let name, let wanted):
      "\(name), which is not loaded; it wants a \(wanted)"
    case .importMissing(let name, let wanted):
      "\(name), which has no such export; it wants a \(wanted)"
    case .importMistyped(let name, let wanted, let found):
      "\(name) as a \(wanted), which is a \(found)"
    case .importNotCallable(let name, let wanted):
      "\(name) as a \(wanted); a driver takes handles, then (i32, i32) or (i32, i32, i32, i32), "
        + "and gives an i32"
    case .importDriver(let name, let wanted, let error): "\(name) as a \(wanted): \(error)"
    case .importCycle(let name): "\(name) imports itself, through others or not"
    case .linkedModulesExhausted(let maximum):
      "an instance would have more than \(maximum) modules"
    case .addedHostsExhausted(let maximum):
      "modules that are added to an instance import more than \(maximum) functions of the host"
    default: preconditionFailure("another error is described elsewhere")
    }
  }

  private var instanceDescription: String {
    switch self {
    case .memoryTooLarge(let name, let byteCount, let limit):
      "a memory of \(name) begins with \(byteCount) bytes, and the limit is \(limit)"
    case .tableTooLarge(let name, let elementCount, let limit):
      "a table of \(name) begins with \(elementCount) elements, and the limit is \(limit)"
    case .limitOutOfRange(let value, let minimum, let maximum):
      "a limit of \(value) is not within \(minimum) to \(maximum)"
    case .dataOutOfRange(let name, let segment):
      "data segment \(segment) of \(name) does not fit its memory"
    case .elementsOutOfRange(let name, let segment):
      "element segment \(segment) of \(name) does not fit its table"
    case .exportMissing(let module, let name): "\(module) exports no \(name)"
    case .exportMistyped(let module, let name, let found): "\(name) of \(module) is a \(found)"
    case .functionMistyped(let module, let name, let wanted, let found):
      "\(name) of \(module) is a function \(found), and \(wanted) is wanted"
    case .wrongArguments(let name, let wanted, let found):
      "\(name) is a function \(wanted), called with "
        + "\(ModuleFunctionType(parameters: found).parameterText)"
    case .busy(let name): "another thread is inside of the instance of \(name)"
    case .nestedTooDeep(let maximum):
      "\(maximum) calls from drivers back into modules are inside of each other, the most"
    case .executor(let error): "\(error)"
    default: preconditionFailure("another error is described elsewhere")
    }
  }
}
