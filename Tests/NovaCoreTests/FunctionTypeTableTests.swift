// FunctionTypeTableTests.swift — numbers of function types: one each, and given anew.

import NovaBytecode
import Testing

@testable import NovaModules

@Suite struct FunctionTypeTableTests {
  /// A type for each number: its digits are the parameters.
  private func type(_ number: Int) -> ModuleFunctionType {
    let digits: [ValueType] = [.i32, .i64, .f32, .f64]
    var (rest, parameters) = (number, [ValueType]())
    while rest > 0 {
      parameters.append(digits[rest & 3])
      rest >>= 2
    }
    return ModuleFunctionType(parameters: parameters, results: number & 1 == 0 ? [] : [.i32])
  }

  @Test func `equal types have one number, and different ones have two`() {
    var table = FunctionTypeTable()
    let numbers = (0..<300).map { table.take(type($0)) }
    #expect(Set(numbers).count == 300 && !numbers.contains(nil))
    for index in (0..<300).reversed() {
      let again = table.take(type(index))
      #expect(again == numbers[index])
      #expect(table.find(type(index)) == numbers[index])
    }
    #expect(table.count == 300)
    #expect(table.find(type(300)) == nil)
  }

  @Test func `a number stands for its type until its last use has ended`() throws {
    var table = FunctionTypeTable()
    let numbers = [7, 8, 7].map { table.take(type($0)) }
    let first = try #require(numbers[0])
    #expect(numbers[2] == first)
    table.giveBack(first)
    #expect(table.find(type(7)) == first)
    table.giveBack(first)
    #expect(table.find(type(7)) == nil)
    let next = table.take(type(9))
    #expect(next == first)
    #expect(table.find(type(8)) == numbers[1])
  }

  @Test func `types that nobody has any more keep no place`() {
    var table = FunctionTypeTable()
    let last = table.take(type(1 << 30))
    for round in 0..<3 {
      var taken: [UInt32] = []
      while let number = table.take(type(round << 20 | taken.count)) { taken.append(number) }
      #expect(taken.count == ModuleLimits.functionTypeCountMax - 1)
      for number in taken { table.giveBack(number) }
      #expect(table.count == 1)
    }
    #expect(table.find(type(1 << 30)) == last)
  }
}
