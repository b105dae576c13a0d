// Inspection+Origin.swift — sizes of code and variables, and whose they are.
// Hosted. Imports nothing. Source of the mangling: swift/docs/ABI/Mangling.rst.

/// The symbols of a file that occupy memory, each byte counted once.
struct SymbolSizes {
  private(set) var symbols: [Inspection.Symbol] = []

  /// C files of crt and CNovaHost: their local symbols are NovaCore's.
  static let runtimeFiles: Set<String> = [
    "allocate.c", "atomics.c", "bootstrap.c", "builtins.c", "clone.S", "contracts.c", "file.c",
    "folder.c", "host.c", "initialise.c", "map.c", "math.c", "memory.S", "module.c", "output.c",
    "parse.c",
    "platform_layer.c", "random.c", "start.c", "thread.c", "trap.c", "wait.c",
  ]

  /// NovaCore's freestanding Swift modules.
  static let runtimeModules: Set<String> = [
    "NovaABI", "NovaClosure", "NovaSystem", "NovaMemory", "NovaConcurrency", "NovaBytecode",
    "NovaInterpreter", "NovaCore", "NovaModules", "NovaWASI",
  ]

  /// What crt provides under the names that the compiler and the standard library call.
  static let runtimeFunctions: Set<String> = [
    "aligned_alloc", "arc4random_buf", "calloc", "free", "malloc", "memchr", "memcmp", "memcpy",
    "memmove", "memset", "posix_memalign", "putchar", "realloc", "strcmp", "strlen",
    "abort", "ceil", "ceilf", "exp", "floor", "floorf", "fma", "fmod", "fmodf", "lrint", "rint",
    "rintf", "round", "roundf", "sqrt", "trunc", "truncf",
  ]

  init(_ file: ELFFile, record: BootstrapRecord?) {
    var fileName = ""
    var found: [Inspection.Symbol] = []
    for symbol in file.symbols {
      if symbol.kind == .file { fileName = symbol.name }
      guard symbol.kind == .function || symbol.kind == .object, symbol.byteCount > 0,
        symbol.sectionNumber > 0, Int(symbol.sectionNumber) < file.sections.count
      else { continue }
      let section = file.sections[Int(symbol.sectionNumber)]
      guard section.isAllocated else { continue }
      let origin = Self.origin(of: symbol, in: fileName, record: record)
      found.append(
        Inspection.Symbol(
          name: symbol.name, address: symbol.address, byteCount: symbol.byteCount,
          section: section.name, origin: origin))
    }
    symbols = Self.withoutOverlaps(found)
  }

  /// Of symbols that share bytes, the first and longest keeps them; aliases go.
  private static func withoutOverlaps(_ symbols: [Inspection.Symbol]) -> [Inspection.Symbol] {
    var kept: [Inspection.Symbol] = []
    var end: UInt64 = 0
    for symbol in symbols.sorted(by: { ($0.address, $1.byteCount) < ($1.address, $0.byteCount) }) {
      let (last, wraps) = symbol.address.addingReportingOverflow(symbol.byteCount)
      guard symbol.address >= end, !wraps else { continue }
      kept.append(symbol)
      end = last
    }
    return kept
  }

  private static func origin(
    of symbol: ELFSymbol, in fileName: String, record: BootstrapRecord?
  ) -> SymbolOrigin {
    // The linker script puts start-up's code and record into ranges of their own.
    if record?.startText?.contains(symbol.address) == true { return .startUp }
    if record?.recorded?.contains(symbol.address) == true { return .startUp }
    let name = symbol.name
    if let module = mangledModule(of: name) {
      if module == "Swift" { return .standardLibrary }
      return runtimeModules.contains(module) ? .runtime : .program
    }
    let prefixes = ["swift_", "_swift_", "__swift", "$ss", "$es"]
    if prefixes.contains(where: name.hasPrefix) { return .standardLibrary }
    // Names with two underscores belong to the implementation: stack protector, compiler runtime.
    if name.hasPrefix("nova_") || name.hasPrefix("__") || runtimeFunctions.contains(name) {
      return .runtime
    }
    return !symbol.isGlobal && runtimeFiles.contains(fileName) ? .runtime : .program
  }

  /// The module of the outermost declaration of a mangled Swift name; null for other names.
  static func mangledModule(of name: String) -> String? {
    // `$s` everywhere, `$e` in Embedded Swift; objects carry a further letter in front of either.
    guard
      let rest = ["$s", "$e", "_$s", "_$e"].first(where: name.hasPrefix).map({
        name.dropFirst($0.count)
      })
    else { return nil }
    switch rest.first {
    case "s": return "Swift"
    case "S":
      // `So` and `SC` are C's; every other letter abbreviates a type of the standard library.
      let second = rest.dropFirst().first
      return second == "o" || second == "C" ? "__C" : "Swift"
    case let digit? where digit.isNumber && digit != "0":
      let length = rest.prefix { $0.isNumber }
      guard let count = Int(length) else { return nil }
      let module = rest.dropFirst(length.count).prefix(count)
      return module.utf8.count == count ? String(module) : nil
    default: return nil
    }
  }
}
