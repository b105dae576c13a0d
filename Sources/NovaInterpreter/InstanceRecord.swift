// InstanceRecord.swift — what the interpreter knows of an instance; made and kept by the loader.
// Freestanding, no heap. Imports nothing. Design: NovaCore.docc/Interpreter.md.

/// A function as calls and tables refer to it; 32 bytes that handlers read.
///
/// - Offset 0: its first instruction; nil for a function of the host.
/// - Offset 8: bytes of its frame.
/// - Offset 16: canonical number of its type, equal for equal types of any module.
/// - Offset 20: which of its instance's own functions it is, and whether references to it exist.
/// - Offset 24: its instance.
@unsafe public struct FunctionDescriptor {
  /// Its first instruction, verified; nil for a function of the host.
  public var code: UnsafeRawPointer?
  /// `registerCount` × 8.
  public var frameByteCount: UInt64
  /// Equal for equal types of any module.
  public var typeIdentifier: UInt32
  // The index, and above it `referencedBit`: a module has fewer functions than 2³¹.
  private var indexBits: UInt32
  /// The instance whose code it is.
  public var instance: UnsafeMutablePointer<InstanceRecord>?

  private static var referencedBit: UInt32 { 1 << 31 }

  // SAFETY: of the two, that bits are taken apart, and no pointer is followed.

  /// Which of its instance's own functions.
  public var index: UInt32 { unsafe indexBits & ~Self.referencedBit }

  /// Whether somebody was given a reference to it: numbers that modules make up find no other
  /// functions.
  public var isReferenced: Bool {
    get { unsafe indexBits & Self.referencedBit != 0 }
    set { unsafe indexBits = newValue ? index | Self.referencedBit : index }
  }

  /// - Safety: all pointers stay valid while the descriptor can be called.
  public init(
    code: UnsafeRawPointer?, frameByteCount: UInt64, typeIdentifier: UInt32, index: UInt32,
    instance: UnsafeMutablePointer<InstanceRecord>?, isReferenced: Bool = true
  ) {
    unsafe self.code = code
    unsafe self.frameByteCount = frameByteCount
    unsafe self.typeIdentifier = typeIdentifier
    unsafe indexBits = isReferenced ? index | Self.referencedBit : index
    unsafe self.instance = instance
  }
}

/// A memory; importers share the record.
///
/// Handlers read the first two words.
@unsafe public struct MemoryRecord {
  /// Byte 0; does not move while an execution is in a handler.
  public var bytes: UnsafeMutableRawPointer
  /// A multiple of 65536, at most 2³².
  public var byteCount: UInt64

  /// - Safety: `byteCount` bytes at `bytes` stay readable and writable.
  public init(bytes: UnsafeMutableRawPointer, byteCount: UInt64) {
    unsafe self.bytes = bytes
    unsafe self.byteCount = byteCount
  }
}

/// What a table's cells hold.
public enum ReferenceKind: UInt8, Sendable {
  /// Addresses of function descriptors; 0 is null.
  case function
  /// 64 bits of the host; 0 is null.
  case external
}

/// A table; importers share the record.
///
/// Handlers read the first two words.
@unsafe public struct TableRecord {
  /// Cell 0; see `ReferenceKind`.
  public var cells: UnsafeMutablePointer<UInt64>
  /// Cells in use, at most 2³² - 1.
  public var elementCount: UInt64
  /// What the cells hold.
  public var kind: ReferenceKind

  /// - Safety: `elementCount` cells stay readable and writable.
  public init(cells: UnsafeMutablePointer<UInt64>, elementCount: UInt64, kind: ReferenceKind) {
    unsafe self.cells = cells
    unsafe self.elementCount = elementCount
    unsafe self.kind = kind
  }
}

/// A data segment's bytes, or an element segment's cells; dropping sets the count to 0.
@unsafe public struct SegmentRecord {
  /// Bytes, or cells of 8 bytes as a table of the segment's kind has them.
  public var start: UnsafeRawPointer?
  /// Bytes, or cells.
  public var count: UInt64

  /// - Safety: the segment stays readable.
  public init(start: UnsafeRawPointer?, count: UInt64) {
    unsafe self.start = start
    unsafe self.count = count
  }
}

/// An instance: where everything is that its code names by number.
///
/// The verifier has checked every number against the module; the loader makes arrays that long.
@unsafe public struct InstanceRecord {
  /// Upper half of references to its functions; 0 is the host's.
  public var number: UInt32
  /// Elements of `functions`.
  public var functionCount: UInt32
  /// Its own functions, in the order of their code.
  public var functions: UnsafeMutablePointer<FunctionDescriptor>?
  /// Imported functions.
  public var imports: UnsafeMutablePointer<UnsafePointer<FunctionDescriptor>>?
  /// Its own globals, 8 bytes each.
  public var globals: UnsafeMutablePointer<UInt64>?
  /// Imported globals.
  public var importedGlobals: UnsafeMutablePointer<UnsafeMutablePointer<UInt64>>?
  /// Canonical number of each type of the module.
  public var typeIdentifiers: UnsafePointer<UInt32>?
  /// Memories, imported ones included.
  public var memories: UnsafeMutablePointer<UnsafeMutablePointer<MemoryRecord>>?
  /// Elements of `memories`.
  public var memoryCount: UInt32
  /// Tables, imported ones included.
  public var tables: UnsafeMutablePointer<UnsafeMutablePointer<TableRecord>>?
  /// Elements of `tables`.
  public var tableCount: UInt32
  /// Data segments.
  public var dataSegments: UnsafeMutablePointer<SegmentRecord>?
  /// Element segments.
  public var elementSegments: UnsafeMutablePointer<SegmentRecord>?

  /// An instance with nothing in it.
  public init(number: UInt32) {
    // SAFETY: nothing is pointed to yet.
    unsafe self.number = number
    unsafe functionCount = 0
    unsafe memoryCount = 0
    unsafe tableCount = 0
    unsafe functions = nil
    unsafe imports = nil
    unsafe globals = nil
    unsafe importedGlobals = nil
    unsafe typeIdentifiers = nil
    unsafe memories = nil
    unsafe tables = nil
    unsafe dataSegments = nil
    unsafe elementSegments = nil
  }
}
