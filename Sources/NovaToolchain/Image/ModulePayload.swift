// ModulePayload.swift — a program's module, those that it imports and what it is granted, as the
// bytes of one segment.
// Hosted. Imports NovaABI for the form of what follows the first. The program's side:
// NovaModules/ModuleLoader+Program.swift.

import NovaABI

/// A module that a program's module imports, under the name by which it does.
public struct LinkedModuleFile: Sendable {
  /// The most bytes of a name.
  public static let nameByteCountMax = Int(NOVA_LINKED_MODULE_NAME_BYTE_COUNT_MAX)

  /// 1 to `nameByteCountMax` bytes, none of them zero.
  public let name: [UInt8]
  /// A module's file.
  public let bytes: [UInt8]

  /// A module of this name.
  public init(name: [UInt8], bytes: [UInt8]) {
    self.name = name
    self.bytes = bytes
  }
}

/// What a program carries.
struct ModulePayload {
  private(set) var bytes: [UInt8]
  /// Of the program's module, which comes first.
  let byteCount: Int
  /// Of what comes behind it, from the next multiple of the modules' alignment.
  private(set) var linkedByteCount = 0
  let statement: UInt64

  private static let alignment = Int(NOVA_LINKED_MODULE_ALIGNMENT)

  /// - Throws: `ModuleImageError.badName`, `.badGrant`.
  init(
    _ module: [UInt8], _ linked: [LinkedModuleFile], _ grants: WASIGrants?, statement: UInt64
  ) throws(ModuleImageError) {
    bytes = module
    byteCount = module.count
    self.statement = statement
    for file in linked {
      let maximum = LinkedModuleFile.nameByteCountMax
      guard !file.name.isEmpty, file.name.count <= maximum, !file.name.contains(0) else {
        throw .badName(file.name)
      }
      appendHead(UInt64(NOVA_LINKED_MODULE_MAGIC), name: file.name, file.bytes.count)
      bytes += file.bytes
    }
    if !linked.isEmpty {
      pad()
      linkedByteCount = bytes.count - (byteCount + Self.alignment - 1) & ~(Self.alignment - 1)
    }
    if let grants {
      let texts = try grants.texts()
      appendHead(UInt64(NOVA_WASI_GRANTS_MAGIC), name: [], texts.count)
      bytes += texts
    }
  }

  private mutating func appendHead(_ magic: UInt64, name: [UInt8], _ byteCount: Int) {
    pad()
    append(magic)
    append(UInt64(byteCount))
    bytes += name
    bytes += [UInt8](repeating: 0, count: LinkedModuleFile.nameByteCountMax - name.count)
  }

  private mutating func pad() {
    bytes += [UInt8](repeating: 0, count: -bytes.count & (Self.alignment - 1))
  }

  private mutating func append(_ word: UInt64) {
    for shift in stride(from: 0, to: 64, by: 8) {
      bytes.append(UInt8(truncatingIfNeeded: word >> shift))
    }
  }
}
