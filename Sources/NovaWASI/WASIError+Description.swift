// WASIError+Description.swift — why a module can't be granted what was asked for, in words.
// Freestanding. Imports NovaCore, NovaModules. Design: NovaCore.docc/WASI.md.

import NovaCore
import NovaModules

extension WASIError: CustomStringConvertible {
  /// The error in English, without a line's end.
  public var description: String {
    switch self {
    case .directory(let directory, let error):
      "the folder \(ModuleName(directory.host)) can't be granted: \(error)"
    case .badText(let bytes) where bytes.isEmpty: "a folder's name is empty"
    case .badText(let bytes): "'\(ModuleName(bytes))' holds a zero byte"
    case .tooManyDirectories(let maximum): "there are more than \(maximum) folders"
    }
  }
}
