// BookTests.swift — every sample of the book's page on assembly is assembled, or fails as printed.

import NovaToolchain
import TestSupport
import Testing

@testable import NovaAssembler

@Suite struct BookTests {
  /// A fenced block of the page.
  private struct Block {
    var language: String
    var text: String
  }

  private static let page = "\(Guests.root)/Sources/NovaCore/NovaCore.docc/Assembly.md"

  private func blocks() throws -> [Block] {
    var blocks: [Block] = []
    var open: Block?
    let page = String(decoding: try readFile(Self.page), as: UTF8.self)
    for line in page.split(separator: "\n", omittingEmptySubsequences: false) {
      if line.hasPrefix("```") {
        if let block = open {
          blocks.append(block)
          open = nil
        } else {
          open = Block(language: String(line.dropFirst(3)), text: "")
        }
      } else {
        open?.text += line + "\n"
      }
    }
    return blocks
  }

  @Test func `samples are assembled, and wrong ones are refused as printed`() throws {
    let blocks = try blocks()
    var (rightCount, wrongCount) = (0, 0)
    for (index, block) in blocks.enumerated() where block.language == "nvasm" {
      let following = index + 1 < blocks.count ? blocks[index + 1] : nil
      let path = block.text.split(separator: "\n")[0].dropFirst(2)
      do {
        _ = try Assembler.assemble(block.text)
        #expect(following?.language != "text", "\(path) is accepted")
        rightCount += 1
      } catch {
        let found = error.text(of: SourceText(Array(block.text.utf8)), path: String(path))
        #expect(following?.language == "text", "\(found)")
        #expect(found + "\n" == following?.text)
        wrongCount += 1
      }
    }
    #expect(rightCount >= 5 && wrongCount >= 2)
  }

  @Test func `the page has every directive`() throws {
    let page = String(decoding: try readFile(Self.page), as: UTF8.self)
    for directive in Array(Parser.directives.keys) + FunctionParser.directives + [".func", ".end"] {
      #expect(page.contains("`\(directive)"), "\(directive) is not in Assembly.md")
    }
  }
}
