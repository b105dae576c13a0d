// QuickCheck.swift — both passes over a function with few registers: by masks, without reasons.
// Freestanding, no heap. Imports nothing. Design: NovaCore.docc/Bytecode.md.

/// Accepts functions that `FunctionCheck` accepts as well, several times as fast.
///
/// Where it says nothing, the function has a fault or too many registers; `FunctionCheck` tells
/// which. A set of registers is one word, and an instruction is right when four words of it are
/// zero: bits without meaning, registers beyond the function's, registers that were not written,
/// and what a forwarded operand's register and that of the last result differ in.
///
/// Nothing on the straight way depends on an instruction's length, so that the processor can begin
/// with the next instruction before it knows this one: what has a second word leaves it.
@safe struct QuickCheck {
  let indices: IndexCheck
  // Of the module, for the commonest call.
  let functions: ModuleEntries<FunctionEntry>
  let types: ModuleEntries<FunctionTypeEntry>
  let registerCount: Int
  let windowBase: Int
  let resultCount: Int
  /// Words of code.
  let count: Int
  let code: UnsafePointer<UInt64>
  /// For each word the set at the branches that lead to it, in the scratch; 0 where none does.
  let marks: UnsafeMutablePointer<UInt64>
  /// What of a set stays defined over a loop, whose calls may take the rest away.
  let belowWindow: UInt64
  /// Flags of operations that the module has no use for.
  let missing: UInt64

  /// Registers 0 … 61 are the lowest bits of a set.
  static var registerCountMax: Int { 62 }
  /// In each mark that an earlier branch reached, and in each current set: "register 63", which
  /// stands for a place that names none, is defined.
  static var reached: UInt64 { 1 << 63 }
  /// In each mark that a later branch leads to.
  static var loop: UInt64 { 1 << 62 }
  /// The lowest bit of each place where a first word may name a register: a or a0, a1, b, c.
  static var places: UInt64 { 0x0001_0001_0101_0000 }
  // Of an operation's record; see `CheckFile`.
  static var writesInteger: UInt64 { 1 << 20 }
  static var writesFloat: UInt64 { 1 << 21 }
  static var twoWords: UInt64 { 1 << 22 }
  static var wideBranch: UInt64 { 1 << 23 }
  static var byOperand: UInt64 { 1 << 24 }
  static var writesSecondA1: UInt64 { 1 << 25 }
  static var writesSecondB: UInt64 { 1 << 26 }
  static var readsSecondWord: UInt64 { 1 << 27 }

  static func flags(_ flags: OperationFlags) -> UInt64 { UInt64(flags.rawValue) << 32 }

  /// What is known before an instruction.
  struct State {
    /// The registers that are defined, and `reached`; never `loop`.
    var defined: UInt64
    /// The register of the last integer result, at each of `places`; 63 when it isn't known.
    var integer = nowhere
    /// The same of the last float result.
    var float = nowhere
    /// Registers that instructions cleared by the run, all together.
    var clearedCount = 0

    static var nowhere: UInt64 { 63 &* places }

    mutating func forgetResults() { (integer, float) = (Self.nowhere, Self.nowhere) }

    @inline(__always) mutating func write(_ register: UInt64, isInteger: Bool, isFloat: Bool) {
      defined |= 1 &<< register
      let written = register &* places
      // Only the register's newest result is in it; register 63 takes nobody's place.
      integer = isInteger ? written : integer == written ? Self.nowhere : integer
      float = isFloat ? written : float == written ? Self.nowhere : float
    }
  }

  /// Checks an own function.
  ///
  /// - Returns: how many registers it clears by the run; nil says nothing.
  static func run(_ view: ModuleView, _ own: Int, _ scratch: Scratch) -> Int? {
    let entry = view.functions[own]
    let count = Int(entry.wordCount)
    guard entry.registerCount <= registerCountMax, count <= VerifierLimits.functionWordCountMax,
      count <= scratch.wordCount
    else { return nil }
    var room = scratch
    // SAFETY: the scratch has a word for each of the function's, as was just found.
    let marks = unsafe room.take(count)
    unsafe marks.update(repeating: 0, count: count)
    let check = unsafe QuickCheck(view, own, entry, marks)
    guard check.markLoops() else { return nil }
    let parameterCount = Int(view.types[Int(entry.typeIndex)].parameterCount)
    return check.check(State(defined: reached | set(0, parameterCount)))
  }

  /// - Safety: `marks` has a word for each of the function's.
  @unsafe private init(
    _ view: ModuleView, _ own: Int, _ entry: FunctionEntry, _ marks: UnsafeMutablePointer<UInt64>
  ) {
    indices = IndexCheck(view: view, function: view.importedFunctionCount + own)
    (functions, types) = (view.functions, view.types)
    registerCount = Int(entry.registerCount)
    windowBase = Int(entry.windowBase)
    resultCount = Int(view.types[Int(entry.typeIndex)].resultCount)
    count = Int(entry.wordCount)
    // SAFETY: the reader found the function's words within the section.
    unsafe code = unsafe view.code + Int(entry.firstWord)
    unsafe self.marks = unsafe marks
    belowWindow = Self.reached | Self.set(0, windowBase)
    missing =
      (view.memoryCount > 0 ? 0 : Self.flags(.memory))
      | (view.needs(.tailCalls) ? 0 : Self.flags(.tail))
  }

  /// The set of `count` registers from `first` on, all below `registerCountMax`.
  static func set(_ first: Int, _ count: Int) -> UInt64 {
    (1 &<< UInt64(count) &- 1) &<< UInt64(first)
  }

  // SAFETY of the two: words are the function's.

  @inline(__always) func instruction(_ word: Int) -> UInt64 {
    // SAFETY: see above.
    UInt64(littleEndian: unsafe code[word])
  }

  @inline(__always) static func record(_ instruction: UInt64) -> UInt64 {
    // SAFETY: there are 1024 records.
    unsafe operationRecords[unchecked: Int(truncatingIfNeeded: instruction & 0x3ff)]
  }

  /// Pass 1: marks each word that a branch from the same or a later word leads to.
  private func markLoops() -> Bool {
    let uncommon = Self.flags(.branch | .branchTable) | Self.twoWords
    var word = 0
    while word < count {
      let instruction = instruction(word)
      let record = Self.record(instruction)
      let start = word
      word &+= 1
      guard record & uncommon != 0 else { continue }
      if record & Self.twoWords != 0 { word &+= 1 }
      if record & Self.flags(.branch) != 0 {
        guard markLoop(target(instruction, record, from: word), from: start) else { return false }
      } else if record & Self.flags(.branchTable) != 0 {
        let entryCount = Self.entryCount(instruction)
        word &+= (entryCount &+ 1) / 2
        guard word <= count else { return false }
        for entry in 0..<entryCount {
          guard markLoop(entryTarget(entry, at: start), from: start) else { return false }
        }
      }
    }
    return true
  }

  @inline(__always) private func markLoop(_ target: Int, from word: Int) -> Bool {
    guard target <= word else { return true }
    guard target >= 0 else { return false }
    // SAFETY: the target is a word of the function.
    unsafe marks[target] = Self.loop
    return true
  }

  /// Where a branch leads whose instruction ends at `end`; it may be outside of the function.
  @inline(__always) func target(_ instruction: UInt64, _ record: UInt64, from end: Int) -> Int {
    let signed = Int(Int64(bitPattern: instruction))
    return end &+ (record & Self.wideBranch != 0 ? signed >> 32 : signed >> 48)
  }

  /// How many entries a branch table has.
  static func entryCount(_ instruction: UInt64) -> Int { Int(instruction >> 32 & 0xffff) + 1 }

  /// Where an entry of the branch table at `word` leads.
  func entryTarget(_ entry: Int, at word: Int) -> Int {
    let pair = instruction(word &+ 1 &+ entry >> 1)
    let offset = Int32(truncatingIfNeeded: pair &>> UInt64(32 &* (entry & 1)))
    return word &+ 1 &+ Int(offset)
  }

  /// Pass 2: everything else, on the straight way.
  private func check(_ atBeginning: State) -> Int? {
    var state = atBeginning
    let rare = Self.rare | Self.twoWords | missing
    let writesSecond = Self.writesSecondA1 | Self.writesSecondB
    let uncommon = rare | writesSecond | Self.flags(.branch | .terminator)
    // Carries a register from the function's count on into the bit above its six.
    let lanes = UInt64(64 &- registerCount) &* Self.places
    var word = 0
    while word < count {
      // SAFETY: there is a mark for each word.
      let mark = unsafe marks[word]
      if mark != 0 { enter(word, mark, &state) }
      let instruction = instruction(word)
      let record = Self.record(instruction)
      let first = Int(truncatingIfNeeded: record & 0xff) &* 8
      // SAFETY: the generator gave each shape that a record names eight words.
      let registers = unsafe instruction & operationChecks[unchecked: first &+ 1]
      let beyond = (registers &+ lanes) & (64 &* Self.places)
      // SAFETY: as above; four of the words are for the forms.
      let unused = unsafe instruction & operationChecks[unchecked: first]
      let form = Int(truncatingIfNeeded: instruction >> 10 & 3)
      let forwarded = unsafe operationChecks[unchecked: first &+ 4 &+ form]
      let last = forwarded & 1 << 12 != 0 ? state.float : state.integer
      let notForwarded = (instruction ^ last) & forwarded
      // SAFETY: as above.
      let read = unsafe registers | operationChecks[unchecked: first &+ 2]
      let needed =
        Self.reached | 1 &<< (read >> 16) | 1 &<< (read >> 24) | 1 &<< (read >> 32)
        | 1 &<< (read >> 48)
      guard beyond | unused | notForwarded | needed & ~state.defined == 0 else { return nil }
      // SAFETY: as above.
      let written = unsafe (registers | operationChecks[unchecked: first &+ 3]) >> 16 & 63
      state.write(
        written, isInteger: record & Self.writesInteger != 0,
        isFloat: record & Self.writesFloat != 0)
      guard record & uncommon != 0 else {
        word &+= 1
        continue
      }
      if record & writesSecond != 0 {
        let place: UInt64 = record & Self.writesSecondB != 0 ? 32 : 24
        state.write(instruction &>> place & 63, isInteger: true, isFloat: false)
      }
      var next = word &+ 1
      if record & rare != 0 {
        // A copy, so that the state itself can stay in registers.
        var left = state
        guard let end = leave(instruction, record, at: word, &left) else { return nil }
        state = left
        next = end
      }
      if record & Self.flags(.branch) != 0 {
        let target = target(instruction, record, from: next)
        guard branch(to: target, from: word, next: next, state.defined) else { return nil }
      }
      word = next
      guard record & Self.flags(.terminator) != 0 else { continue }
      guard next < count else { return state.clearedCount }
      // SAFETY: there is a mark for each word.
      let after = unsafe marks[next]
      // What only later branches lead to takes the set from here.
      if after & Self.reached != 0 { state.defined = ~Self.loop }
      guard after != 0 else { return nil }
    }
    // The last instruction lets control go on behind it.
    return nil
  }

  /// Begins a block at a branch target.
  ///
  /// Where control comes back to, the set is fixed now: no more than what every earlier way
  /// brings, and only what calls in between can't take away. Each branch back is held to it, so
  /// any guess would be sound; where only such branches lead, it is the set of the code before.
  @inline(__always) private func enter(_ word: Int, _ mark: UInt64, _ state: inout State) {
    if mark & Self.reached != 0 { state.defined &= mark & ~Self.loop }
    if mark & Self.loop != 0 {
      state.defined &= belowWindow
      // SAFETY: there is a mark for each word.
      unsafe marks[word] = state.defined | Self.loop
    }
    state.forgetResults()
  }
}
