// ModuleImage.swift — a static program made of a runner and a module: the new file's bytes.
// Hosted. Imports nothing; pure work on bytes, for any CPU on any. Design:
// Decisions/0017-a-module-as-a-program.md.
//
//   ELF header                 points at the tables below
//   the runner's file bytes    at the same places; four words of the module note are stated
//   padding                    to a multiple of 64
//   the module                 ┐ the new segment: readable, neither writable nor executable
//   modules that it imports    │ each behind a head of 64 bytes, at multiples of 64
//   what WASI grants it        │ behind such a head
//   program headers            ┘ the runner's, and the new segment's
//   symbols and their names    unless they are left out
//   names of sections, section headers

/// Why a runner and a module don't make a program; nothing was written.
public enum ModuleImageError: Error, Equatable {
  /// The runner is no ELF file that can be read.
  case runner(ELFError)
  /// The runner was not made to carry a module.
  case notARunner
  /// The runner carries a module already.
  case occupied(byteCount: UInt64)
  /// The module is larger than `ModuleImage.moduleByteCountMax`.
  case moduleTooLarge(byteCount: Int)
  /// There is no module: 0 bytes.
  case noModule
  /// The runner's bootstrap record has no room for a setting.
  case noRoomForSetting(key: UInt64)
  /// A module's name is not 1 to `LinkedModuleFile.nameByteCountMax` bytes without a zero.
  case badName([UInt8])
  /// A folder's name or a variable that is empty or holds a zero.
  case badGrant([UInt8])
  case settings(BuildSettingsError)
}

/// A program with a module in it.
public struct ModuleImage: Sendable {
  /// The most bytes of a module.
  public static let moduleByteCountMax = 1 << 30
  /// The name of the section that holds the module.
  public static let sectionName = ".nova.module"
  /// The module begins at a multiple of what its sections are aligned to; what precedes it in its
  /// first page are the file's bytes there.
  static let moduleAlignment: UInt64 = 64
  /// The smallest page of the three CPUs.
  static let pageByteCount: UInt64 = 4096
  /// The largest page: what lies in one is mapped as one.
  static let pageByteCountMax: UInt64 = 0x10000

  /// The program's file.
  public let bytes: [UInt8]

  /// Puts a module into a runner.
  ///
  /// - Parameters:
  ///   - module: a module's file; not looked into.
  ///   - linked: modules that it, or one of them, imports.
  ///   - statement: by which version of the format all of them were verified, as
  ///     `VerifiedModule.buildStatement` says it; 0 when they were not, and then no runner runs
  ///     them.
  ///   - grants: what the module is granted through WASI; nil when it imports nothing of it.
  ///   - runner: an ELF program with a module note, and no module yet.
  ///   - settings: what the bootstrap record says in place of the runner's.
  ///   - keepsSymbols: whether the runner's symbols are in the new file; `nova symbolize` and
  ///     `nova inspect` read them, the program does not.
  /// - Throws: `ModuleImageError`.
  public init(
    module: [UInt8], linked: [LinkedModuleFile] = [], statement: UInt64 = 0,
    grants: WASIGrants? = nil, runner: [UInt8], settings: BuildSettings = BuildSettings(),
    keepsSymbols: Bool = true
  ) throws(ModuleImageError) {
    guard !module.isEmpty else { throw .noModule }
    let modules = try ModulePayload(module, linked, grants, statement: statement)
    guard modules.bytes.count <= Self.moduleByteCountMax else {
      throw .moduleTooLarge(byteCount: modules.bytes.count)
    }
    do { try settings.validate() } catch { throw .settings(error) }
    let file: ELFFile
    let found: ELFFile.ModulePlace?
    do throws(ELFError) {
      file = try ELFFile(runner)
      found = try file.modulePlace()
    } catch { throw .runner(error) }
    guard let place = found, file.kind == .executable else { throw .notARunner }
    guard place.byteCount == 0 else { throw .occupied(byteCount: place.byteCount) }
    var writer = ImageWriter(file)
    try writer.state(settings)
    writer.append(modules, statedAt: place.fileOffset)
    writer.identify(modules, settings: settings)
    writer.appendSections(keepsSymbols: keepsSymbols)
    bytes = writer.bytes
  }
}
