// Manifest+JSON.swift — a check's result for machines.
// Hosted. Imports nothing. Addresses and hashes are strings: JSON's numbers lose bits past 2⁵³.

extension CheckResult {
  /// The result with its manifest and differences as JSON text; ends with a line break.
  public var json: String {
    let value = JSONValue.object([
      ("verdict", .text(verdict.rawValue)),
      ("qemuRunCount", .number(UInt64(qemuRunCount))),
      ("nativeRunCount", .number(UInt64(nativeRunCount))),
      ("differences", .list(differences.map { $0.json })),
      ("manifest", manifest.json),
    ])
    return value.rendered() + "\n"
  }
}

extension Difference {
  fileprivate var json: JSONValue {
    .object([
      ("weight", .text(weight.rawValue)), ("place", .text(place.text)), ("run", .text(run)),
      ("baseline", baseline.map { .text($0) } ?? .null), ("expected", .text(expected)),
      ("found", .text(found)), ("cause", .text(cause)),
    ])
  }
}

extension Manifest {
  /// The manifest as a JSON value.
  var json: JSONValue {
    .object([
      ("formatVersion", .number(UInt64(Self.formatVersion))),
      ("cpu", .text(target.rawValue)), ("digest", .text(digest)),
      ("bootstrap", .object(bootstrap.map { ($0.name, .text($0.value)) })),
      (
        "inputs",
        .list(
          inputs.map {
            .object([
              ("name", .text($0.name)), ("treatment", .text($0.treatment.rawValue)),
              ("how", .text($0.how)),
            ])
          })
      ),
      (
        "registers",
        .list(
          registers.map {
            .object([
              ("name", .text($0.name)), ("value", .text($0.value)), ("reason", .text($0.reason)),
            ])
          })
      ),
      ("zeroRegisters", .object(zeroRegisters.map { ($0.name, .number(UInt64($0.count))) })),
      ("mappings", .list(mappings.map { $0.json })),
      ("regions", .list(regions.map { $0.json })),
      (
        "callsBeforeMain",
        .list(
          callsBeforeMain.map {
            .object([("name", .text($0.call.name)), ("reason", .text($0.reason))])
          })
      ),
      (
        "normalised",
        .list(
          normalised.map {
            .object([("cause", .text($0.cause)), ("effect", .text($0.effect))])
          })
      ),
      ("isMultithreaded", .truth(isMultithreaded)),
      ("callsFromMain", .list(callsFromMain.map { .text($0.text) })),
      ("trace", trace?.json ?? .null),
      ("outputByteCount", .number(UInt64(outputByteCount))),
      ("errorOutputByteCount", .number(UInt64(errorOutputByteCount))),
      ("ending", .text(ending.text)),
    ])
  }
}

extension Mapping {
  fileprivate var json: JSONValue {
    .object([
      ("low", .text(hexadecimal(low))), ("high", .text(hexadecimal(high))),
      ("permissions", .text(permissions)), ("name", .text(name)),
    ])
  }
}

extension ManifestRegion {
  fileprivate var json: JSONValue {
    .object([
      ("name", .text(name)), ("address", .text(hexadecimal(address))),
      ("byteCount", .number(byteCount)), ("zeroByteCount", .number(zeroByteCount)),
      (
        "exceptions",
        .list(
          exceptions.map {
            .object([
              ("address", .text(hexadecimal($0.address))), ("byteCount", .number($0.byteCount)),
              ("reason", .text($0.reason)),
            ])
          })
      ),
    ])
  }
}

extension InstructionTrace {
  fileprivate var json: JSONValue {
    .object([
      ("instructionCount", .number(instructionCount)),
      ("programCounterHash", .text(hexadecimalDigits(programCounterHash, digitCount: 16))),
      ("accessCount", .number(accessCount)),
      ("accessHash", .text(hexadecimalDigits(accessHash, digitCount: 16))),
    ])
  }
}
