// WASIConfiguration+Program.swift — what a program that `nova build` made grants its module.
// Freestanding. Imports NovaCore, NovaSystem. The form: crt/include/nova_module.h.

import NovaCore
import NovaSystem

extension WASIConfiguration {
  /// What a module knows its program as: the same in every program, wherever it lies.
  public static var programName: [UInt8] { [UInt8]("program".utf8) }

  /// What `nova build` stated in the program's own file; nothing in any other.
  ///
  /// The command line's words are the module's where the process was granted `arguments`.
  public static var ofProgram: WASIConfiguration {
    var configuration = WASIConfiguration()
    configuration.grants = .process
    configuration.arguments = [programName]
    if configuration.grants.contains(.arguments) {
      let words = ProgramArguments.current
      var index = 1
      while index < words.count {
        configuration.arguments.append([UInt8](copying: words[index]))
        index += 1
      }
    }
    if let texts = ProgramModule.wasiGrants { configuration.read(texts) }
    configuration.addEnvironment(configuration.grants)
    return configuration
  }

  /// Takes texts, each with a zero behind it; what is of no known kind grants nothing.
  private mutating func read(_ texts: Span<UInt8>) {
    var host: [UInt8] = []
    var start = 0
    for index in texts.indices where texts[index] == 0 {
      if index > start {
        let text = [UInt8](copying: texts.extracting(start + 1..<index))
        switch texts[start] {
        case UInt8(ascii: "d"): host = text
        case UInt8(ascii: "g"): directories.append(WASIDirectory(host: host, guest: text))
        case UInt8(ascii: "e"): environment.append(text)
        case UInt8(ascii: "i"): hasInput = true
        default: break
        }
      }
      start = index + 1
    }
  }
}

extension [UInt8] {
  init(copying bytes: Span<UInt8>) {
    self.init()
    reserveCapacity(bytes.count)
    for index in bytes.indices { append(bytes[index]) }
  }
}
