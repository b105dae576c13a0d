// Port.swift — a module that does nothing but call WASI for the tests, one function for each.

import NovaAssembler
import NovaModules
import TestSupport
import Testing

@testable import NovaWASI

/// A granted folder, and a module that was granted it.
struct Port {
  /// Bytes of the module's memory.
  static let memoryByteCount: UInt32 = 65_536
  /// Where the tests put paths and find results; what lies between is theirs.
  static let (path, otherPath, result, buffer): (UInt32, UInt32, UInt32, UInt32) =
    (1024, 8192, 16_384, 20_480)

  let instance: ModuleInstance
  let system: WASISystem
  /// The text of a module that imports each function and exports a call of it.
  private static var text: String {
    var lines = [".memory bytes 1", ".export memory bytes"]
    var functions: [String] = []
    for function in WASIFunction.allCases {
      let type = function.type
      let types = type.parameters.map { $0.name }
      let result = type.results.isEmpty ? "" : " -> i32"
      let parameters = types.enumerated().map { "p\($0): \($1)" }.joined(separator: ", ")
      let list = types.map { "\($0)" }.joined(separator: ", ")
      lines.append(
        ".import \"wasi_snapshot_preview1\" \"\(function.name)\" func \(function.name) "
          + "(\(list))\(result)")
      lines.append(".export func call_\(function.name)")
      let window = (0..<max(1, types.count)).map { "w\($0)" }
      functions.append(".func call_\(function.name) (\(parameters))\(result)")
      functions.append(".window \(window.joined(separator: ", "))")
      for index in types.indices { functions.append("mov w\(index), p\(index)") }
      functions.append("call_import w0, \(function.name)")
      functions.append(type.results.isEmpty ? "ret0" : "ret w0")
      functions.append(".end")
    }
    return (lines + functions).joined(separator: "\n") + "\n"
  }

  /// Runs `body` with a module; afterwards all memory has come back.
  static func with(
    _ configuration: WASIConfiguration = WASIConfiguration(), _ body: (Port) throws -> Void
  ) throws {
    let runtime = try NovaRuntime(
      from: RuntimeBootstrap.Builder().heap(byteCount: 16 << 20).build())
    let before = runtime.memoryContract.stats.liveByteCount
    do {
      let loader = try ModuleLoader(runtime)
      let system = try WASISystem(configuration)
      let bytes = try Assembler.assemble(Self.text)
      let module = try loader.load("port", copying: bytes.span)
      #expect(module.importsWASI)
      try system.add(to: loader, for: [module])
      try body(Port(instance: try loader.instantiate(module), system: system))
    }
    #expect(runtime.memoryContract.stats.liveByteCount == before)
  }

  /// Runs `body` with a module that was granted a fresh folder as descriptor 3.
  static func withFolder(
    grants: DriverGrants = [], _ body: (Port, TemporaryFolder) throws -> Void
  ) throws {
    let folder = try TemporaryFolder()
    var configuration = WASIConfiguration()
    configuration.grants = grants
    configuration.directories = [
      WASIDirectory(host: Array(folder.path.utf8), guest: Array("/data".utf8))
    ]
    try with(configuration) { try body($0, folder) }
  }

  /// Calls a function.
  ///
  /// - Returns: its errno; 0 for a function without one.
  @discardableResult
  func call(_ name: String, _ arguments: UInt64...) throws -> UInt16 {
    let function = try #require(WASIFunction.allCases.first { "\($0.name)" == name })
    #expect(function.type.parameters.count == arguments.count, "\(name)")
    let values = zip(function.type.parameters, arguments).map { ModuleValue($0, bits: $1) }
    let results = try instance.call(NovaModules.ModuleName("call_\(name)"), values)
    guard case .i32(let errno)? = results.first else { return 0 }
    return UInt16(errno)
  }

  // MARK: Memory

  func write(_ bytes: [UInt8], at address: UInt32) throws {
    // SAFETY: the memory has as many bytes, and nothing runs in it meanwhile.
    try unsafe instance.withMemory("bytes") { memory in
      for (index, byte) in bytes.enumerated() { unsafe memory[Int(address) + index] = byte }
    }
  }

  func write(words numbers: [UInt32], at address: UInt32) throws {
    try write(
      numbers.flatMap { number in (0..<4).map { UInt8(number >> (8 * $0) & 0xff) } }, at: address)
  }

  func bytes(at address: UInt32, _ count: Int) throws -> [UInt8] {
    // SAFETY: the memory has as many bytes, and nothing runs in it meanwhile.
    try unsafe instance.withMemory("bytes") { memory in
      (0..<count).map { unsafe memory[Int(address) + $0] }
    }
  }

  func number(at address: UInt32, byteCount: Int = 4) throws -> UInt64 {
    try bytes(at: address, byteCount).reversed().reduce(0) { $0 << 8 | UInt64($1) }
  }

  func text(at address: UInt32, _ count: Int) throws -> String {
    String(decoding: try bytes(at: address, count), as: UTF8.self)
  }

  /// Puts a path at one of the two places: address and size.
  func path(_ text: String, at place: UInt32 = Port.path) throws -> (UInt64, UInt64) {
    let bytes = Array(text.utf8)
    try write(bytes, at: place)
    return (UInt64(place), UInt64(bytes.count))
  }

  // MARK: Files

  static let allRights = UInt64(UInt32.max)

  /// Opens a path in descriptor 3.
  ///
  /// - Returns: the descriptor, or the errno.
  func open(
    _ name: String, in folder: UInt64 = 3, follows: Bool = true, ways: UInt64 = 0,
    rights: UInt64 = allRights, flags: UInt64 = 0
  ) throws -> Result<UInt64, Refusal> {
    let (address, count) = try path(name)
    let errno = try call(
      "path_open", folder, follows ? 1 : 0, address, count, ways, rights, rights, flags,
      UInt64(Self.result))
    guard errno == 0 else { return .failure(Refusal(errno: errno)) }
    return .success(try number(at: Self.result))
  }

  /// Reads from a descriptor, at most 1024 bytes.
  func read(_ descriptor: UInt64) throws -> String {
    try write(words: [Self.buffer, 1024], at: Self.result + 64)
    let errno = try call(
      "fd_read", descriptor, UInt64(Self.result + 64), 1, UInt64(Self.result))
    #expect(errno == 0)
    return try text(at: Self.buffer, Int(try number(at: Self.result)))
  }

  /// Writes a text to a descriptor.
  @discardableResult
  func write(_ text: String, to descriptor: UInt64) throws -> UInt16 {
    let (address, count) = try path(text, at: Self.buffer)
    try write(words: [UInt32(address), UInt32(count)], at: Self.result + 64)
    return try call("fd_write", descriptor, UInt64(Self.result + 64), 1, UInt64(Self.result))
  }

  /// Calls a function of one path in descriptor 3.
  func onPath(_ function: String, _ name: String) throws -> UInt16 {
    let (address, count) = try path(name)
    return try call(function, 3, address, count)
  }

  /// Calls a function of two paths in descriptor 3.
  func onPaths(_ function: String, _ name: String, _ other: String) throws -> UInt16 {
    let (address, count) = try path(name)
    let (otherAddress, otherCount) = try path(other, at: Self.otherPath)
    switch function {
    case "path_symlink": return try call(function, address, count, 3, otherAddress, otherCount)
    case "path_link":
      return try call(function, 3, 0, address, count, 3, otherAddress, otherCount)
    default: return try call(function, 3, address, count, 3, otherAddress, otherCount)
    }
  }
}

/// An errno as a failure.
struct Refusal: Error, Equatable {
  let errno: UInt16
}

extension Result where Success == UInt64, Failure == Refusal {
  /// The errno; 0 for a success.
  var errno: UInt16 {
    switch self {
    case .success: 0
    case .failure(let refusal): refusal.errno
    }
  }
}

/// WASI's error numbers that the tests expect.
enum Errno {
  static let badDescriptor: UInt16 = 8
  static let exists: UInt16 = 20
  static let fault: UInt16 = 21
  static let invalid: UInt16 = 28
  static let isDirectory: UInt16 = 31
  static let loop: UInt16 = 32
  static let nameTooLong: UInt16 = 37
  static let missing: UInt16 = 44
  static let notDirectory: UInt16 = 54
  static let notEmpty: UInt16 = 55
  static let notSupported: UInt16 = 58
  static let notPermitted: UInt16 = 63
  static let notCapable: UInt16 = 76
}
