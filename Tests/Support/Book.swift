// Book.swift — the blocks of code of the book's pages, as tests compile and run them.
// Hosted. Imports NovaToolchain.

import NovaToolchain

/// A fenced block of code.
public struct BookBlock: Sendable, CustomStringConvertible {
  /// The page's name, such as `Modules`.
  public let page: String
  /// The line behind the fence, from 1.
  public let line: Int
  /// What stands behind the fence; empty where nothing does.
  public let language: String
  /// The lines, each with its end.
  public fileprivate(set) var text = ""
  /// The block of the language `text` right below: what comes of this one.
  public fileprivate(set) var result: String?

  /// Where it stands.
  public var description: String { "\(page).md:\(line)" }

  /// The file that its first line names in a comment: `; power.nvasm — …`.
  public var fileName: String? {
    let words = text.prefix { $0 != "\n" }.split(separator: " ")
    guard words.count > 1, [";", "//"].contains(words[0]), words[1].contains(".") else {
      return nil
    }
    return String(words[1])
  }
}

/// The book, and README.md as a page of it.
public enum Book {
  private static let folder = "\(Guests.root)/Sources/NovaCore/NovaCore.docc"

  /// The names of its pages.
  public static func pages() throws -> [String] {
    let listed = try NovaToolchain.run(ProcessRequest("/bin/ls", [folder]))
    return listed.outputText.split(separator: "\n").filter { $0.hasSuffix(".md") }
      .map { String($0.dropLast(3)) } + ["README"]
  }

  /// A page's lines.
  public static func lines(of page: String) throws -> [Substring] {
    let path = page == "README" ? "\(Guests.root)/README.md" : "\(folder)/\(page).md"
    return String(decoding: try readFile(path), as: UTF8.self)
      .split(separator: "\n", omittingEmptySubsequences: false)
  }

  /// A page's blocks, in their order.
  public static func blocks(of page: String) throws -> [BookBlock] {
    var blocks: [BookBlock] = []
    var open: BookBlock?
    for (index, line) in try lines(of: page).enumerated() {
      guard line.hasPrefix("```") else {
        open?.text += line + "\n"
        continue
      }
      if let block = open {
        blocks.append(block)
        open = nil
      } else {
        open = BookBlock(page: page, line: index + 2, language: String(line.dropFirst(3)))
      }
    }
    for index in blocks.indices.dropFirst() where blocks[index].language == "text" {
      let previous = blocks[index - 1]
      // Between are two fences and an empty line.
      let isBelow = previous.line + previous.text.count(where: { $0 == "\n" }) + 3
      if blocks[index].line == isBelow { blocks[index - 1].result = blocks[index].text }
    }
    return blocks
  }
}
