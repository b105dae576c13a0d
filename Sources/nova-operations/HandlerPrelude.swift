// HandlerPrelude.swift — what every file of handlers begins with.
// Hosted. Imports nothing. A file's own copies are inlined where files are compiled one by one.

/// Swift text that stands in each generated file of handlers.
enum HandlerPrelude {
  static let text = memory + context + floats

  private static let memory = """

    @inline(__always) private func slow(_ condition: Bool) -> Bool { _slowPath(condition) }

    // SAFETY of all of these: addresses lie in the code, the register stack, the control stack, the
    // context or a memory; verifier and bounds checks have said so (see Interpreter.md).
    @inline(__always) private func load<Value: BitwiseCopyable>(
      _ address: UInt, as type: Value.Type
    ) -> Value {
      unsafe UnsafeRawPointer(bitPattern: address).unsafelyUnwrapped.load(as: type)
    }
    @inline(__always) private func loadAnywhere<Value: BitwiseCopyable>(
      _ address: UInt, as type: Value.Type
    ) -> Value {
      unsafe UnsafeRawPointer(bitPattern: address).unsafelyUnwrapped.loadUnaligned(as: type)
    }
    @inline(__always) private func store<Value: BitwiseCopyable>(_ address: UInt, _ value: Value) {
      unsafe UnsafeMutableRawPointer(bitPattern: address).unsafelyUnwrapped.storeBytes(
        of: value, as: Value.self)
    }
    @inline(__always) private func u8(_ p: UInt) -> UInt { UInt(load(p, as: UInt8.self)) }
    @inline(__always) private func s8(_ p: UInt) -> Int { Int(load(p, as: Int8.self)) }
    @inline(__always) private func u16(_ p: UInt) -> UInt { UInt(load(p, as: UInt16.self)) }
    @inline(__always) private func s16(_ p: UInt) -> Int { Int(load(p, as: Int16.self)) }
    @inline(__always) private func u32(_ p: UInt) -> UInt { UInt(load(p, as: UInt32.self)) }
    @inline(__always) private func s32(_ p: UInt) -> Int { Int(load(p, as: Int32.self)) }
    @inline(__always) private func u64(_ p: UInt) -> UInt { UInt(load(p, as: UInt64.self)) }
    @inline(__always) private func half(_ p: UInt) -> UInt32 { load(p, as: UInt32.self) }
    @inline(__always) private func loadWord(_ p: UInt) -> UInt64 { load(p, as: UInt64.self) }
    @inline(__always) private func storeWord(_ p: UInt, _ word: UInt64) {
      unsafe UnsafeMutablePointer<UInt64>(bitPattern: p).unsafelyUnwrapped.pointee = word
    }
    @inline(__always) private func load8(_ p: UInt) -> UInt8 { load(p, as: UInt8.self) }
    @inline(__always) private func load16(_ p: UInt) -> UInt16 { loadAnywhere(p, as: UInt16.self) }
    @inline(__always) private func load32(_ p: UInt) -> UInt32 { loadAnywhere(p, as: UInt32.self) }
    @inline(__always) private func load64(_ p: UInt) -> UInt64 { loadAnywhere(p, as: UInt64.self) }

    /// Calls the handler of the instruction at `pc`; with nothing after it, this is a jump.
    @inline(__always) private func go(
      _ pc: UInt, _ fp: UInt, _ mem: UInt, _ acc: UInt64, _ cs: UInt, _ ctx: UInt, _ facc: Double
    ) -> UInt64 {
      // SAFETY: the verifier admits only operations that have a handler in the context's table.
      unsafe UnsafeRawPointer(bitPattern: ctx &+ u16(pc) &* 8).unsafelyUnwrapped.load(
        as: Handler.self)(pc, fp, mem, acc, cs, ctx, facc)
    }

    /// Calls what the context has at `offset`, for what handlers leave to others; a jump as well.
    @inline(__always) private func leave(
      _ offset: UInt, _ pc: UInt, _ fp: UInt, _ mem: UInt, _ acc: UInt64, _ cs: UInt, _ ctx: UInt,
      _ facc: Double
    ) -> UInt64 {
      // SAFETY: the context holds a handler there.
      unsafe UnsafeRawPointer(bitPattern: ctx &- offset).unsafelyUnwrapped.load(as: Handler.self)(
        pc, fp, mem, acc, cs, ctx, facc)
    }

    """

  /// Offsets are those of ContextLayout.
  private static let context = """
    @inline(__always) private func functions(_ ctx: UInt) -> UInt { UInt(loadWord(ctx &- 8)) }
    @inline(__always) private func registerStackLimit(_ ctx: UInt) -> UInt {
      UInt(loadWord(ctx &- 16))
    }
    @inline(__always) private func controlStackLimit(_ ctx: UInt) -> UInt {
      UInt(loadWord(ctx &- 24))
    }
    @inline(__always) private func fuel(_ ctx: UInt) -> Int64 { load(ctx &- 32, as: Int64.self) }
    @inline(__always) private func setFuel(_ ctx: UInt, _ left: Int64) {
      storeWord(ctx &- 32, UInt64(bitPattern: left))
    }
    @inline(__always) private func memorySize(_ ctx: UInt) -> UInt64 { loadWord(ctx &- 40) }
    @inline(__always) private func globals(_ ctx: UInt) -> UInt { UInt(loadWord(ctx &- 48)) }
    @inline(__always) private func tableCells(_ ctx: UInt) -> UInt { UInt(loadWord(ctx &- 56)) }
    @inline(__always) private func tableCount(_ ctx: UInt) -> UInt64 { loadWord(ctx &- 64) }
    @inline(__always) private func typeIdentifier(_ ctx: UInt, _ index: UInt) -> UInt32 {
      half(UInt(loadWord(ctx &- 72)) &+ index &* 4)
    }
    @inline(__always) private func instance(_ ctx: UInt) -> UInt { UInt(loadWord(ctx &- 80)) }
    @inline(__always) private func memoryRecord(_ ctx: UInt, _ index: UInt) -> UInt {
      UInt(loadWord(UInt(loadWord(ctx &- 88)) &+ index &* 8))
    }
    @inline(__always) private func tableRecord(_ ctx: UInt, _ index: UInt) -> UInt {
      UInt(loadWord(UInt(loadWord(ctx &- 96)) &+ index &* 8))
    }
    @inline(__always) private func importedGlobal(_ ctx: UInt, _ index: UInt) -> UInt {
      UInt(loadWord(UInt(loadWord(ctx &- 104)) &+ index &* 8))
    }
    /// The zero comes from memory: stores of a constant would become a call of `memset`.
    @inline(__always) private func zero(_ fp: UInt, _ first: UInt, _ count: UInt, _ ctx: UInt) {
      let word = loadWord(ctx &- 152)
      var place = fp &+ first &* 8
      let end = place &+ count &* 8
      while place < end {
        storeWord(place, word)
        place = place &+ 8
      }
    }

    """

  private static let floats = """
    @inline(__always) private func widened(_ value: Float) -> Double {
      Double(bitPattern: UInt64(value.bitPattern))
    }
    @inline(__always) private func narrowed(_ value: Double) -> Float {
      Float(bitPattern: UInt32(truncatingIfNeeded: value.bitPattern))
    }
    #if arch(riscv64)
      // In halves: the compiler puts a float that isn't aligned together on the stack.
      @inline(__always) private func loadFloat(_ p: UInt) -> Float {
        Float(bitPattern: UInt32(load16(p)) | UInt32(load16(p &+ 2)) &<< 16)
      }
      @inline(__always) private func storeFloat(_ p: UInt, _ value: Float) {
        store(p, UInt16(truncatingIfNeeded: value.bitPattern))
        store(p &+ 2, UInt16(truncatingIfNeeded: value.bitPattern &>> 16))
      }
      // The machine's arithmetic gives the canonical NaN itself.
      @inline(__always) private func isNaN(_ value: Double) -> Bool { false }
      @inline(__always) private func isNaN(_ value: Float) -> Bool { false }
    #else
      @inline(__always) private func loadFloat(_ p: UInt) -> Float {
        Float(bitPattern: load32(p))
      }
      @inline(__always) private func storeFloat(_ p: UInt, _ value: Float) {
        store(p, value.bitPattern)
      }
      @inline(__always) private func isNaN(_ value: Double) -> Bool { _slowPath(value != value) }
      @inline(__always) private func isNaN(_ value: Float) -> Bool { _slowPath(value != value) }
    #endif
    @inline(__always) private func canonical(_ value: Double) -> Double {
      isNaN(value) ? Double(bitPattern: 0x7ff8_0000_0000_0000) : value
    }
    @inline(__always) private func canonical(_ value: Float) -> Float {
      isNaN(value) ? Float(bitPattern: 0x7fc0_0000) : value
    }

    """ + HandlerArithmetic.text
}
