// BookTests.swift — every sample of assembly in the book is assembled, or fails as printed.

import NovaToolchain
import TestSupport
import Testing

@testable import NovaAssembler

@Suite struct BookTests {
  @Test func `samples are assembled, and wrong ones are refused as printed`() throws {
    var (rightCount, wrongCount) = (0, 0)
    for page in try Book.pages() {
      for block in try Book.blocks(of: page) where block.language == "nvasm" {
        do {
          _ = try Assembler.assemble(block.text)
          #expect(block.result == nil, "\(block) is accepted")
          rightCount += 1
        } catch {
          let path = try #require(block.fileName, "\(block) begins with ; FILE.nvasm — …")
          let found = error.text(of: SourceText(Array(block.text.utf8)), path: path)
          #expect(found + "\n" == block.result, "\(block)")
          wrongCount += 1
        }
      }
    }
    #expect(rightCount >= 5 && wrongCount >= 2)
  }

  @Test func `the page has every directive`() throws {
    let page = try Book.lines(of: "Assembly").joined(separator: "\n")
    for directive in Array(Parser.directives.keys) + FunctionParser.directives + [".func", ".end"] {
      #expect(page.contains("`\(directive)"), "\(directive) is not in Assembly.md")
    }
  }
}
