// Verifier.swift — ModuleView → VerifiedModule: what is needed, and function after function.
// Freestanding, no heap. Imports nothing. Design: NovaCore.docc/Bytecode.md.
// Source: definite assignment as in "The Java Language Specification", chapter 16, made linear by
// fixing the set at the target of each backward branch (as class files' StackMapTable does).

/// Proves that a module's code is safe to run.
public enum Verifier {
  /// Verifies every function.
  ///
  /// Each function is gone through twice. First its structure: operations, unused bits, indices,
  /// and which words are instructions and which are branched to. Then its registers: each is in
  /// range, and defined on all ways to where it is read, and what is forwarded is what the
  /// register holds. `QuickCheck` does both without finding reasons; what it doesn't accept,
  /// `FunctionCheck` does or refuses.
  ///
  /// - Parameters:
  ///   - view: the module, which the reader checked.
  ///   - scratch: bytes to work in, `scratchByteCount(for:)` of them; their contents don't matter.
  /// - Returns: the same module, as one that may run.
  /// - Throws: `VerifierError` with the first fault of the first function that has one.
  /// - Complexity: O(w · ⌈r / 64⌉) for w words of code and r registers of the largest function.
  public static func verify(
    _ view: ModuleView, scratch: UnsafeMutableRawBufferPointer
  ) throws(VerifierError) -> VerifiedModule {
    var weight = 0
    for own in 0..<view.functions.count {
      // SAFETY: nobody else uses the caller's bytes meanwhile.
      let room = unsafe Scratch(scratch)
      let quick = QuickCheck.run(view, own, room)
      let clearedCount = if let quick { quick } else { try fullCheck(view, own, room) }
      weight = max(weight, Int(view.functions[own].wordCount) + clearedCount / registersPerWeight)
    }
    try checkLines(view)
    return VerifiedModule(verified: view, functionWeightMax: weight)
  }

  /// Registers of 64 bytes.
  private static var registersPerWeight: Int { 8 }

  /// - Returns: how many registers the function clears by the run.
  private static func fullCheck(
    _ view: ModuleView, _ own: Int, _ scratch: Scratch
  ) throws(VerifierError) -> Int {
    var room = scratch
    var check = try FunctionCheck(view, own, &room)
    try check.checkStructure()
    return try check.checkRegisters(&room)
  }

  /// How many bytes of scratch suffice for a module: the most that one of its functions may need.
  ///
  /// - Parameter view: the module.
  /// - Returns: at most `VerifierLimits.scratchByteCountMax`; a function that needs more is
  ///   refused.
  /// - Complexity: O(functions).
  public static func scratchByteCount(for view: ModuleView) -> Int {
    var most = 0
    for own in 0..<view.functions.count {
      let entry = view.functions[own]
      most = max(most, FunctionCheck.scratchWordCount(entry, targetCount: Int(entry.wordCount)))
    }
    // The first word may have to be skipped, because it isn't aligned.
    return min((most + 1) * 8, VerifierLimits.scratchByteCountMax)
  }
}

/// The caller's bytes, handed out from their beginning as words.
@safe struct Scratch {
  let byteCount: Int
  // `wordCount` words of the caller's, for whoever took them.
  private var next: UnsafeMutablePointer<UInt64>?
  private(set) var wordCount: Int

  init(_ bytes: UnsafeMutableRawBufferPointer) {
    let skipped = -Int(bitPattern: bytes.baseAddress) & 7
    byteCount = bytes.count
    wordCount = max(0, bytes.count - skipped) / 8
    // SAFETY: as many whole words as said follow, and nobody else uses them now.
    unsafe next =
      wordCount == 0
      ? nil : (bytes.baseAddress.unsafelyUnwrapped + skipped).assumingMemoryBound(to: UInt64.self)
  }

  /// - Precondition: there are as many words.
  @unsafe mutating func take(_ count: Int) -> UnsafeMutablePointer<UInt64> {
    precondition(count > 0 && count <= wordCount, "whoever takes words has looked for them")
    // SAFETY: more than no words are left, so there is a next one, and `count` are in the scratch.
    let first = unsafe next.unsafelyUnwrapped
    unsafe next = unsafe first + count
    wordCount -= count
    return unsafe first
  }
}

/// The work on one function: its code, and what was found of it.
@safe struct FunctionCheck {
  let indices: IndexCheck
  let entry: FunctionEntry
  /// Words of code.
  let count: Int
  let code: UnsafePointer<UInt64>

  // A bit for each word of the function, in the scratch.
  /// Words that are not an instruction's first.
  let interior: UnsafeMutablePointer<UInt64>
  /// Words that some branch leads to.
  let targets: UnsafeMutablePointer<UInt64>
  /// Of these, the ones that a branch from the same or a later word leads to.
  let loops: UnsafeMutablePointer<UInt64>
  /// Of these, the ones that control was found to reach from an earlier word.
  let reached: UnsafeMutablePointer<UInt64>

  init(_ view: ModuleView, _ own: Int, _ scratch: inout Scratch) throws(VerifierError) {
    let index = view.importedFunctionCount + own
    indices = IndexCheck(view: view, function: index)
    entry = view.functions[own]
    count = Int(entry.wordCount)
    guard count <= VerifierLimits.functionWordCountMax else {
      throw VerifierError(
        function: index, wordOffset: 0,
        reason: .functionTooLarge(limit: VerifierLimits.functionWordCountMax),
        value: UInt64(count))
    }
    let wordCount = Self.bitmapWordCount(count)
    guard wordCount * 4 <= scratch.wordCount else {
      throw VerifierError(
        function: index, wordOffset: 0,
        reason: .scratchTooSmall(
          needed: (Self.scratchWordCount(entry, targetCount: count) + 1) * 8),
        value: UInt64(scratch.byteCount))
    }
    // SAFETY: the reader found the function's words within the section; the scratch has room.
    unsafe code = unsafe view.code + Int(entry.firstWord)
    unsafe interior = unsafe scratch.take(wordCount)
    unsafe targets = unsafe scratch.take(wordCount)
    unsafe loops = unsafe scratch.take(wordCount)
    unsafe reached = unsafe scratch.take(wordCount)
    unsafe interior.update(repeating: 0, count: wordCount * 4)
  }

  static func bitmapWordCount(_ wordCount: Int) -> Int { wordCount / 64 + 1 }

  static func scratchWordCount(_ entry: FunctionEntry, targetCount: Int) -> Int {
    let (count, registerCount) = (Int(entry.wordCount), Int(entry.registerCount))
    return bitmapWordCount(count) * 4
      + RegisterStates.wordCount(count, targetCount: targetCount, registerCount: registerCount)
  }

  func error(_ reason: VerifierError.Reason, at word: Int, _ value: UInt64) -> VerifierError {
    VerifierError(function: indices.function, wordOffset: word, reason: reason, value: value)
  }

  // SAFETY of the two: words are the function's, for which bitmap and code have room.

  @inline(__always) func instruction(_ word: Int) -> UInt64 {
    // SAFETY: see above.
    UInt64(littleEndian: unsafe code[word])
  }

  @inline(__always) func isSet(_ bitmap: UnsafeMutablePointer<UInt64>, _ word: Int) -> Bool {
    // SAFETY: see above.
    unsafe bitmap[word >> 6] &>> UInt64(word) & 1 != 0
  }

  @inline(__always) func set(_ bitmap: UnsafeMutablePointer<UInt64>, _ word: Int) {
    // SAFETY: see above.
    unsafe bitmap[word >> 6] |= 1 &<< UInt64(word)
  }
}

/// What the tables say of an instruction's structure.
struct InstructionCheck {
  /// Of the operation.
  let record: UInt64

  @inline(__always) init(_ instruction: UInt64) {
    // SAFETY: there are 1024 records.
    record = unsafe operationRecords[unchecked: Int(truncatingIfNeeded: instruction & 0x3ff)]
  }

  @inline(__always) private func shape(_ word: Int) -> UInt64 {
    // SAFETY: the generator gave each shape that a record names eight words.
    unsafe operationShapes[unchecked: Int(truncatingIfNeeded: record & 0xff) &* 8 &+ word]
  }

  /// Bits of word 0 that must be zero.
  @inline(__always) var unusedMask: UInt64 { shape(6) }
  /// Bits of word 1 that must be zero.
  @inline(__always) var unusedMask1: UInt64 { shape(7) }
  /// Ones over the fields of word 1 that name a register that is read.
  @inline(__always) var readMask1: UInt64 { shape(3) }
  @inline(__always) var wordCount: Int { Int(truncatingIfNeeded: 1 &+ record >> 22 & 1) }
  @inline(__always) var flags: OperationFlags {
    OperationFlags(rawValue: UInt32(truncatingIfNeeded: record >> 32))
  }

  /// Whether the operation has the form that the instruction asks for: bits 16–18 and 19 of the
  /// record stand for forms 1–3 and 0.
  @inline(__always) func hasForm(_ instruction: UInt64) -> Bool {
    record &>> (16 &+ (instruction >> 10 &- 1) & 3) & 1 != 0 && instruction & 0xf000 == 0
  }

  /// Where the branch of an instruction at `word` leads; it may be outside of the function.
  @inline(__always) func target(_ instruction: UInt64, at word: Int) -> Int {
    let signed = Int(Int64(bitPattern: instruction))
    return word &+ wordCount &+ (record & 1 << 23 != 0 ? signed >> 32 : signed >> 48)
  }
}
