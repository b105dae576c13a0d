// CompilerTool.swift — where the tools are that come with the Swift compiler.
// Hosted. Imports nothing.

/// The tools of the Swift toolchain, which Debian also has.
enum CompilerTool {
  /// Debian installs tools with their version behind the name; newer first.
  private static let versions = (11...30).reversed()

  /// The tool beside the Swift compiler, else on PATH, else on PATH under a version's name.
  static func find(_ name: String) -> String? {
    if let compiler = findExecutable(named: "swiftc").flatMap(Files.resolve),
      let tool = findExecutable(named: "\(Files.parent(of: compiler))/\(name)")
    {
      return tool
    }
    if let tool = findExecutable(named: name) { return tool }
    return versions.lazy.compactMap { findExecutable(named: "\(name)-\($0)") }.first
  }
}
