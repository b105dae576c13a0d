// ProgramTests.swift — ends, users and folders: what `run` passes on and `build` does not depend
// on.

import Glibc
import NovaToolchain
import TestSupport
import Testing

@Suite(.serialized) struct ProgramTests {
  private static let program = #"""
    import NovaCore

    final class Shape {
      let sides: [Int]
      init(_ sides: [Int]) { self.sides = sides }
    }

    @main
    enum Program {
      static func main() {
        let arguments = ProgramArguments.current
        let shape = Shape([3, 4, 5])
        var counts: [String: Int] = [:]
        for side in shape.sides { counts["\(side % 2)", default: 0] += 1 }
        let double = { (number: Int) in number * 2 }
        print("\(counts["1"] ?? 0) odd, \(shape.sides.map(double).reduce(0, +))")
        if arguments.string(at: 1) == "crash" { print(shape.sides[counts.count + 1]) }
        System.exit(Int32(arguments.count))
      }
    }

    """#

  @Test func `run ends with the program's own status on each CPU`() throws {
    let folder = try TemporaryFolder()
    let package = try folder.makePackage(program: Self.program)
    for target in Target.allCases {
      let run = ["run", "--target", target.rawValue, "--"]
      let ended = try Command.nova(run + ["one", "--two"], in: package)
      #expect(ended.status == 3, "\(target): \(ended.errorOutput)")
      #expect(ended.output == "2 odd, 24\n")
      let crashed = try Command.nova(run + ["crash"], in: package)
      let traps = [128 + SIGILL, 128 + SIGTRAP]
      #expect(traps.contains(crashed.status), "\(target): \(crashed)")
      #expect(crashed.output == "2 odd, 24\n")
    }
  }

  @Test(arguments: Target.allCases)
  func `two folders give one file`(target: Target) throws {
    let programs = try ["short", "another/and/longer"].map { place in
      let folder = try TemporaryFolder()
      try Files.makeFolder("\(folder.path)/\(place)")
      let made = try Command.nova(["new", "hello"], in: "\(folder.path)/\(place)")
      try #require(made.status == 0, "\(made.errorOutput)")
      return try build(in: "\(folder.path)/\(place)/hello", target: target)
    }
    #expect(programs[0] == programs[1])
  }

  @Test func `another user with a read-only home gets the same file`() throws {
    // Only root can become somebody else, and only where somebody else may read this checkout;
    // otherwise it gives up the right to write where it may not. The home is read-only for all.
    guard getuid() == 0 else { return try expectBuild(as: []) }
    let nobody = ["setpriv", "--reuid", "65534", "--regid", "65534", "--clear-groups"]
    let words = nobody + ["test", "-r", "\(Guests.root)/Package.swift"]
    let isReadable = try Command.run(words[0], Array(words.dropFirst())).status == 0
    try expectBuild(as: isReadable ? nobody : ["setpriv", "--bounding-set", "-dac_override"])
  }

  private func expectBuild(as user: [String]) throws {
    let folder = try TemporaryFolder()
    let own = try build(in: try folder.makePackage(), target: .x86_64)
    let home = "\(folder.path)/home"
    let theirs = "\(folder.path)/theirs"
    try Files.makeFolder(home)
    try Files.makeFolder(theirs)
    let source = "\(folder.path)/hello"
    for part in ["Package.swift", "Sources", "Tests"] {
      try #require(try Command.run("cp", ["-R", "\(source)/\(part)", theirs]).status == 0)
    }
    // SAFETY: the paths are C strings during the calls.
    _ = unsafe (chmod(home, 0o555), chmod(theirs, 0o777))
    let words = user + [Command.path, "build", "--output", "\(theirs)/program"]
    let built = try Command.run(
      words[0], Array(words.dropFirst()), in: theirs, environment: ["HOME=\(home)"])
    try #require(built.status == 0, "\(built.output) \(built.errorOutput)")
    #expect(try readFile("\(theirs)/program") == own)
    #expect(try folder.names(in: "home").isEmpty)
  }

  private func build(in package: String, target: Target) throws -> [UInt8] {
    let built = try Command.nova(
      ["build", "--target", target.rawValue, "--output", "program"], in: package)
    try #require(built.status == 0, "\(built.output) \(built.errorOutput)")
    return try readFile("\(package)/program")
  }
}
