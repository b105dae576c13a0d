// ModuleContents+Strip.swift — a module without what only people and tools read.
// Hosted. Imports NovaBytecode.

import NovaBytecode

extension ModuleContents {
  /// The module without names, lines, source files and custom sections.
  ///
  /// What it does is the same; traps are told without names and lines. Exports keep their names.
  public var stripped: ModuleContents {
    var stripped = self
    stripped.names = []
    stripped.sourceFiles = []
    stripped.customs = []
    for index in stripped.functions.indices { stripped.functions[index].places = [] }
    return stripped
  }
}
