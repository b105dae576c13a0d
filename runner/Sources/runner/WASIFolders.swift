// WASIFolders.swift — the folders that a program was built to reach, or why there are none.
// Freestanding. Imports NovaModules, NovaWASI. Design: NovaCore.docc/WASI.md.

import NovaModules
import NovaWASI

/// Opens the folders; ends the process with 2 when one is not there.
///
/// A function of its own, that a pruned program is made without which was granted none.
@inline(never) func openFolders(of system: WASISystem) {
  do throws(WASIError) { try system.openProgramFolders() } catch {
    var line = Line(to: 2)
    switch error {
    case .directory(let directory, let error):
      line.append("the program was built to reach a folder that can't be opened")
      if let summary = error.summary {
        line.append(", since ")
        line.append(summary)
      }
      line.append(" (errno ")
      line.append(Int(error.errno))
      line.append("): ")
      line.append(ModuleName(directory.host))
    case .badText(let text):
      line.append("an argument or a grant is no text: ")
      line.append(ModuleName(text))
    case .tooManyDirectories(let maximum):
      line.append("the program was built to reach more folders than there can be: ")
      line.append(maximum)
    }
    line.write()
    System.exit(2)
  }
}
