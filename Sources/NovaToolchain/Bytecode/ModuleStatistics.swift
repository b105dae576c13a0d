// ModuleStatistics.swift — which operations a module's code consists of, and what its parts weigh.
// Hosted. Imports NovaAssembler and NovaBytecode.

import NovaAssembler
import NovaBytecode

/// Operations and sections of a module, counted.
public struct ModuleStatistics {
  /// A name and how often it is there.
  public struct Count: Equatable {
    /// What is counted.
    public var name: String
    /// How often.
    public var count: Int
  }

  /// Bytes of the file.
  public var fileByteCount: Int
  /// Bytes by section, without padding, in the order of the file.
  public var sectionByteCounts: [Count]
  /// How many instructions there are.
  public var instructionCount: Int
  /// How many of them take an operand from the last result.
  public var forwardedCount: Int
  /// How many of them mean several others.
  public var fusedCount: Int
  /// Operations without regard to forwarding, the most frequent first.
  public var operations: [Count]

  /// Counts.
  ///
  /// - Parameter bytes: the file.
  /// - Throws: `ModuleRefusal` when the bytes are no module that may run.
  public init(_ bytes: [UInt8]) throws(ModuleRefusal) {
    try Modules.verify(bytes)
    let contents = try Modules.contents(of: bytes)
    sectionByteCounts = try ModuleInspection(bytes, largestCount: 0).sections.map {
      Count(name: $0.name, count: Int($0.byteCount))
    }
    fileByteCount = bytes.count
    var counts: [Operation: Int] = [:]
    do throws(CodeError) {
      for function in contents.functions {
        for operation in try Disassembler.operations(of: function) {
          counts[operation, default: 0] += 1
        }
      }
    } catch {
      throw .code(error)
    }
    instructionCount = counts.values.reduce(0, +)
    forwardedCount = counts.reduce(0) { $0 + ($1.key.forwardedOperand == nil ? 0 : $1.value) }
    fusedCount = counts.reduce(0) {
      $0 + ($1.key.descriptor.flags.contains(.fused) ? $1.value : 0)
    }
    var bases: [String: Int] = [:]
    for (operation, count) in counts { bases[operation.base.name, default: 0] += count }
    operations = bases.map { Count(name: $0.key, count: $0.value) }
      .sorted { ($1.count, $0.name) < ($0.count, $1.name) }
  }

  /// The counts for people, in columns; ends with a line break.
  public var text: String {
    var lines = ["\(fileByteCount) bytes", "", "bytes by section"]
    lines += columns(sectionByteCounts.map { ["\($0.count)", $0.name] })
    lines += [
      "",
      "\(instructionCount) instructions, \(forwardedCount) forwarded, \(fusedCount) fused",
    ]
    lines += columns(operations.map { ["\($0.count)", $0.name] })
    return lines.joined(separator: "\n") + "\n"
  }

  /// The counts as JSON; ends with a line break.
  public var json: String {
    JSONValue.object([
      ("fileByteCount", .number(UInt64(fileByteCount))),
      ("sections", Self.json(sectionByteCounts)),
      ("instructionCount", .number(UInt64(instructionCount))),
      ("forwardedCount", .number(UInt64(forwardedCount))),
      ("fusedCount", .number(UInt64(fusedCount))), ("operations", Self.json(operations)),
    ]).rendered() + "\n"
  }

  private static func json(_ counts: [Count]) -> JSONValue {
    .object(counts.map { ($0.name, .number(UInt64($0.count))) })
  }
}
