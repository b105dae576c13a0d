// ExecutionContext+Bulk.swift — bulk work on memories and tables, in pieces that are charged.
// Freestanding, no heap. Imports nothing. Design: NovaCore.docc/Interpreter.md.

/// Target, source and count of bulk work, in bytes or elements; each below 2³².
struct Bulk {
  let target: Int
  let source: Int
  let count: Int

  /// Bytes that one unit of fuel pays for, after the first unit.
  static let byteCountPerUnit = 64
  /// Bytes that are charged, then done, before the next are: the most that happens between two
  /// looks at the fuel.
  static let byteCountPerPiece = 65536

  /// - Safety: a verified instruction of bulk work, and its frame.
  @unsafe init(_ instruction: Instruction, _ fp: UInt) {
    target = unsafe Int(instruction.read32(instruction.a, fp))
    source = unsafe Int(instruction.read32(instruction.b, fp))
    count = unsafe Int(instruction.read32(instruction.c, fp))
  }

  func isWithin(_ targetCount: UInt64, _ sourceCount: UInt64) -> Bool {
    UInt64(target + count) <= targetCount && UInt64(source + count) <= sourceCount
  }
}

extension ExecutionContext {
  /// Does work whose bounds were checked, piece by piece, each charged before it is done; goes on
  /// behind the pieces that were done before the fuel ran out.
  ///
  /// - Parameters:
  ///   - bulk: how much.
  ///   - bytesEach: of an element; a power of two.
  ///   - fromEnd: the last piece first, where source and target may overlap upwards.
  ///   - body: does elements from `first` on, `count` of them.
  /// - Returns: `done`, or `exhausted` in front of a piece.
  func inPieces(
    _ bulk: Bulk, bytesEach: Int, fromEnd: Bool = false,
    _ body: (_ first: Int, _ count: Int) -> Void
  ) -> SlowResult {
    // SAFETY: the words are the context's.
    var done = unsafe Int(get(ContextLayout.bulkDone))
    repeat {
      let count = min(bulk.count - done, Bulk.byteCountPerPiece / bytesEach)
      let units = (done == 0 ? 1 : 0) + count * bytesEach / Bulk.byteCountPerUnit
      guard unsafe charge(UInt64(units)) else {
        unsafe set(ContextLayout.bulkDone, UInt64(done))
        return unsafe .exhausted
      }
      body(fromEnd ? bulk.count - done - count : done, count)
      done += count
    } while done < bulk.count
    unsafe set(ContextLayout.bulkDone, 0)
    return unsafe .done
  }
}
