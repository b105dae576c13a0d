// SpecificationGuests.swift — the same scripts in a program without an operating system's library.
// Hosted. Imports Foundation, SpecificationPlayer, TestSupport.

import Foundation
import SpecificationPlayerHosted
import TestSupport

extension SpecificationSuite {
  /// What the guest `specification` plays: the module `spectest`, its byte count in front, and
  /// those commands of all scripts that it can play.
  ///
  /// - Returns: the file's bytes, and how many commands it has.
  public func guestFile() throws -> (bytes: [UInt8], commandCount: Int) {
    let host = try SpectestModule.fileBytes()
    var bytes = (0..<4).map { UInt8(truncatingIfNeeded: host.count >> (8 * $0)) } + host
    var commandCount = 0
    for name in names {
      let script = try script(name)
      bytes += script.bytes
      commandCount += script.commands.count
    }
    return (bytes, commandCount)
  }

  /// Plays all scripts in the guest for a CPU, under its emulator.
  ///
  /// - Parameters:
  ///   - file: holds what `guestFile` gives.
  ///   - cpu: the guest's.
  /// - Returns: a line for each command that failed, and the counts.
  /// - Throws: `GuestError.missing` when the guest was not built.
  public static func runGuest(_ file: String, on cpu: GuestCPU) throws -> [String] {
    let completion = try Guests.run("specification", on: cpu, arguments: [file])
    return completion.output.split(separator: "\n").map(String.init)
      + (completion.status == 0 ? [] : ["status \(completion.status) \(completion.errorOutput)"])
  }

  /// The last line of a guest that did everything as it should.
  public func guestResult(commandCount: Int) -> String {
    "scripts \(names.count), passed \(commandCount), failed 0, bytes left 0"
  }
}
