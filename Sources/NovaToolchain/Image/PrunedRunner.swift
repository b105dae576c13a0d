// PrunedRunner.swift — a runner linked anew, with the handlers of the operations a module uses.
// Hosted. Design: Decisions/0017-a-module-as-a-program.md.
//
// `make runners` keeps the runner also as one relocatable object, each function in a section of its
// own. Handlers are referred to by the lists of handlers and by nothing else; where a list's
// relocation names the handler of an operation that no module uses, the list is made shorter by it,
// and the linker leaves the handler out.

/// Why a runner could not be pruned; nothing was written.
public enum PruningError: Error, Equatable {
  /// The runner's object was not built or installed.
  case noObject(target: Target, path: String)
  case file(FileError)
  case copy(FileChangeError)
  /// The object is no ELF file that can be read.
  case object(path: String, ELFError)
  /// The object does not hold the tables of handlers where they are looked for.
  case noTable(path: String, symbol: String)
  /// `ld.lld` is neither beside the compiler nor on PATH.
  case noLinker(name: String)
  case process(ProcessError)
  /// The linker refused; what it wrote.
  case link(output: String)
}

/// A runner's object, and what of it a module needs.
struct PrunedRunner {
  /// Path of the object.
  let objectPath: String
  private let script: String
  private let kind: ModuleRunner
  private let wasiFunctions: Set<String>
  private let object: ELFFile

  private static let relocationByteCount = 24
  private static let linker = "ld.lld"
  private static let timeLimitMilliseconds = 60_000

  /// Reads the object of the installation's runner.
  ///
  /// - Parameters:
  ///   - target: the CPU.
  ///   - kind: what the modules import.
  ///   - wasiFunctions: what the runner has of WASI.
  ///   - installation: where the runner is.
  /// - Throws: `PruningError`.
  init(
    for target: Target, _ kind: ModuleRunner, _ wasiFunctions: Set<String>,
    _ installation: Installation
  ) throws(PruningError) {
    // All of them are made of one object.
    let path = installation.runnerPath(for: target, .drivers) + ".o"
    guard Files.exists(path) else { throw .noObject(target: target, path: path) }
    let bytes: [UInt8]
    do { bytes = try readFile(path) } catch { throw .file(error) }
    do { object = try ELFFile(bytes) } catch { throw .object(path: path, error) }
    objectPath = path
    self.kind = kind
    self.wasiFunctions = wasiFunctions
    script = "\(installation.root)/linker/nova.ld"
  }

  /// The runner with the handlers that modules need, and no others.
  ///
  /// - Parameter needs: what the modules use.
  /// - Returns: the runner's file.
  /// - Throws: `PruningError`.
  func linked(for needs: ModuleNeeds) throws(PruningError) -> [UInt8] {
    let changed = try objectBytes(keeping: needs)
    guard let linker = CompilerTool.find(Self.linker) else { throw .noLinker(name: Self.linker) }
    let folder: String
    do { folder = try Files.makeTemporaryFolder("nova-prune") } catch { throw .copy(error) }
    let (input, output) = ("\(folder)/runner.o", "\(folder)/runner")
    defer { for path in [input, output, folder] { Files.remove(path) } }
    do { try Files.write(changed, to: input) } catch { throw .copy(error) }
    let symbols = kind.prunedSymbols(isCommand: !needs.takesOptions)
    var request = ProcessRequest(
      linker,
      [
        "-static", "--gc-sections", "--icf=all", "--build-id=sha1", "-z", "noexecstack",
        "-T", script, input, "-o", output,
      ] + symbols.flatMap { ["--defsym", "\($0)=\($1)"] })
    request.timeLimitMilliseconds = Self.timeLimitMilliseconds
    let outcome: ProcessOutcome
    do { outcome = try NovaToolchain.run(request) } catch { throw .process(error) }
    guard outcome.isSuccess else { throw .link(output: outcome.errorText) }
    do { return try readFile(output) } catch { throw .file(error) }
  }

  /// The object with shorter lists of handlers, and without the parts that are not needed.
  private func objectBytes(keeping used: ModuleNeeds) throws(PruningError) -> [UInt8] {
    var lists = HandlerLists(object, objectPath)
    for table in HandlerLists.names {
      // Options choose the handlers that charge fuel.
      let isUsed = used.takesOptions || !table.areCharged
      try lists.add(handlers: table.handlers, numbers: table.numbers) {
        isUsed && used.contains($0)
      }
    }
    var bytes = try lists.objectBytes()
    let parts = PrunedPart.all + wasiFunctions.map { PrunedPart.wasi($0) }
    for standIn in PrunedPart.StandIn.allCases {
      let unneeded = parts.filter { $0.standIn == standIn && !$0.isNeeded(used) }
      try leaveOut(unneeded.flatMap(\.functions), standIn.rawValue, &bytes)
    }
    return bytes
  }

  /// Makes a relocation name another symbol: the upper half of its second word; the null symbol
  /// isn't kept.
  private static func name(_ symbol: Int, at fileOffset: Int, _ bytes: inout [UInt8]) {
    let number = UInt32(symbol + 1)
    for index in 0..<4 {
      bytes[fileOffset + 12 + index] = UInt8(truncatingIfNeeded: number >> (8 * index))
    }
  }

  /// Makes what names functions name what stands for them.
  private func leaveOut(
    _ functions: [String], _ standInName: String, _ bytes: inout [UInt8]
  ) throws(PruningError) {
    guard let standIn = object.symbols.firstIndex(where: { $0.name == standInName }) else {
      throw .noTable(path: objectPath, symbol: standInName)
    }
    var named: Set<UInt32> = []
    for function in functions {
      let sections = object.symbols.filter {
        // What the compiler made of several functions may be needed for another one of them.
        $0.kind == .function && $0.name.hasPrefix(function) && $0.sectionNumber > 0
          && !$0.name.hasSuffix("Tm")
      }.map(\.sectionNumber)
      guard !sections.isEmpty else { throw .noTable(path: objectPath, symbol: function) }
      // Each function is in a section of its own, by which it may be named as well.
      for (index, symbol) in object.symbols.enumerated()
      where sections.contains(symbol.sectionNumber)
        && (symbol.kind == .function || symbol.kind == .section)
      { named.insert(UInt32(index + 1)) }
    }
    for section in object.sections where section.kind == ELFSection.relocations {
      let places = object.bytes(of: section)
      for place in stride(
        from: places.startIndex, to: places.endIndex - Self.relocationByteCount + 1,
        by: Self.relocationByteCount)
      {
        let symbol = UInt32(truncatingIfNeeded: ELFFile.word(places[place + 8..<place + 16]) >> 32)
        if named.contains(symbol) { Self.name(standIn, at: place, &bytes) }
      }
    }
  }
}
