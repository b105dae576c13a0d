// QemuLaunch.swift — how an emulator is started so that a perturbation reaches the program exactly.
// Hosted. Imports Glibc and CNovaProbe, which knows the scratch folders' files.

import CNovaProbe
import Glibc

/// A folder for sockets, logs and results; removed with everything in it when the value goes away.
struct ScratchFolder: ~Copyable {
  let path: String

  init(in parent: String) throws(ProbeError) {
    var text = [CChar](repeating: 0, count: Int(PATH_MAX))
    // SAFETY: the parent is a C string, the array a buffer of the count that is passed.
    let result = unsafe nova_scratch_make(parent, &text, text.count)
    guard result == 0 else { throw .scratch(path: parent, errno: Int32(-result)) }
    path = String(decoding: text.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
  }

  deinit {
    // SAFETY: the path is a C string during the call.
    unsafe nova_scratch_remove(path)
  }

  /// From now on a signal that ends this process removes its scratch folders first.
  static func removeOnSignals() { nova_scratch_end_on_signals() }

  /// The gdb stub's socket.
  var socket: String { "\(path)/gdb" }
  /// The emulator's log.
  var log: String { "\(path)/log" }
  /// The plug-in's results.
  var result: String { "\(path)/result" }
  /// Results that nobody reads: the plug-in only closes descriptors.
  var unused: String { "\(path)/unused" }

  /// A copy of the program.
  var program: String { "\(path)/program" }

  /// Makes a file of null bytes, or empties it.
  func makeFile(_ path: String, byteCount: Int) throws(ProbeError) {
    // SAFETY: the path is a C string during the call.
    let descriptor = unsafe open(path, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0o600)
    guard descriptor >= 0 else { throw .scratch(path: path, errno: errno) }
    defer { close(descriptor) }
    guard ftruncate(descriptor, off_t(byteCount)) == 0 else {
      throw .scratch(path: path, errno: errno)
    }
  }
}

extension QemuProbe {
  /// Variables of these names change the emulator or its loader, not only the program.
  private static let emulatorVariablePrefixes = ["QEMU_", "LD_", "GLIBC_", "MALLOC_", "G_"]

  /// qemu itself runs on the stack that RLIMIT_STACK limits: less than this kills it.
  private static let emulatorStackByteCountMin: UInt64 = 256 << 10

  /// qemu maps the program's whole stack at once: a larger one is cut to this.
  private static let guestStackByteCountMax: UInt64 = 1 << 30

  /// The emulator's process with a perturbation applied.
  ///
  /// Outputs go to files in memory: they hold any amount while the program is stopped.
  func launch(
    _ perturbation: Perturbation, options: [String]
  ) throws(ProbeError) -> ProcessRequest {
    var options = options
    if let seed = perturbation.randomSeed { options += ["-seed", String(seed)] }
    if let model = perturbation.cpuModel { options += ["-cpu", model] }
    // RLIM_INFINITY is no size: qemu then keeps its default.
    if let limit = perturbation.stackLimitBytes, limit != .max {
      options += ["-s", String(min(limit, Self.guestStackByteCountMax))]
    }
    if let guestBase { options += ["-B", "0x" + String(guestBase, radix: 16)] }
    let (passed, environment) = try Self.split(perturbation.environment)
    for variable in passed { options += ["-E", variable] }
    var request = ProcessRequest(emulator, options + [program] + perturbation.arguments)
    request.environment = environment
    request.workingDirectory = perturbation.workingDirectory
    request.output = .memory
    request.errorOutput = .memory
    request.leadsGroup = true
    request.skippedProcessCount = perturbation.skippedProcessCount
    request.randomisesAddresses = perturbation.randomisesAddresses
    // -s alone sets the size of the program's stack, the limit is what the program can ask for.
    request.stackLimitBytes = perturbation.stackLimitBytes.map {
      max($0, Self.emulatorStackByteCountMin)
    }
    return request
  }

  /// What `-E` passes, and the emulator's own environment, which the program inherits.
  ///
  /// qemu 7.2 hands variables out in reverse, those of `-E` first, so both lists are reversed here;
  /// it takes a comma for the end of a variable of `-E`, so only those travel there that would
  /// change the emulator.
  static func split(
    _ variables: [String]
  ) throws(ProbeError) -> (passed: [String], environment: [String]) {
    var passed: [String] = []
    var environment: [String] = []
    for variable in variables.reversed() {
      guard variable.utf8.dropFirst().contains(UInt8(ascii: "=")) else {
        throw .unpassableVariable(variable)
      }
      if emulatorVariablePrefixes.contains(where: { variable.hasPrefix($0) }) {
        if variable.utf8.contains(UInt8(ascii: ",")) { throw .unpassableVariable(variable) }
        passed.append(variable)
      } else {
        environment.append(variable)
      }
    }
    return (passed, environment)
  }

  /// The `-plugin` options; qemu takes a comma for the end of a value unless it is doubled.
  func plugInOptions(
    _ plugIn: String, result: String, _ perturbation: Perturbation, more: [String] = []
  ) -> [String] {
    func escaped(_ text: String) -> String {
      text.split(separator: ",", omittingEmptySubsequences: false).joined(separator: ",,")
    }
    var values = ["result=\(escaped(result))", "main=\(String(places.main, radix: 16))"] + more
    if !perturbation.closedDescriptors.isEmpty {
      values.append("close=\(perturbation.closedDescriptors.map(String.init).joined())")
    }
    return ["-plugin", ([escaped(plugIn)] + values).joined(separator: ",")]
  }

  /// What the process wrote to a file in memory.
  static func contents(of descriptor: Int32) -> [UInt8] {
    var sink = Sink(descriptor: descriptor, isPipe: false)
    // A file in memory is always readable; what was read before a failure is the best there is.
    try? sink.drain(limit: Int.max)
    return sink.bytes
  }

  static func text(of descriptor: Int32) -> String {
    String(decoding: contents(of: descriptor), as: UTF8.self)
  }
}

extension ChildProcess {
  private static let waitMicroseconds: UInt32 = 300

  /// Waits until the process has ended; null when the deadline (monotonic milliseconds) passes.
  mutating func end(before deadline: Int) -> Ending? {
    while true {
      if let ending = poll() { return ending }
      if monotonicMilliseconds() > deadline { return nil }
      usleep(Self.waitMicroseconds)
    }
  }
}
