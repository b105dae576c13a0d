// ModuleContents.swift — everything that a module's file says, as Swift values.
// Hosted. Imports NovaBytecode. The bytes: Bytecode.md in the book; ModuleContents+Write.swift.

import NovaBytecode

/// What a function takes and gives.
public struct FunctionSignature: Hashable, Sendable {
  /// Types of the parameters, in order.
  public var parameters: [ValueType]
  /// Types of the results, in order.
  public var results: [ValueType]

  /// A signature.
  public init(_ parameters: [ValueType] = [], _ results: [ValueType] = []) {
    self.parameters = parameters
    self.results = results
  }
}

/// A table's type.
public struct ModuleTable: Equatable, Sendable {
  /// `funcref` or `externref`.
  public var element: ValueType
  /// In elements.
  public var limits: SizeLimits

  /// A type.
  public init(_ element: ValueType, _ limits: SizeLimits) {
    (self.element, self.limits) = (element, limits)
  }
}

/// A global's type.
public struct ModuleGlobalType: Equatable, Sendable {
  /// Of its value.
  public var value: ValueType
  /// Whether code may change it.
  public var isMutable: Bool

  /// A type.
  public init(_ value: ValueType, isMutable: Bool = false) {
    (self.value, self.isMutable) = (value, isMutable)
  }
}

/// Something that another module, or the host, gives.
public struct ModuleImport: Equatable, Sendable {
  /// What is wanted.
  public enum Wanted: Equatable, Sendable {
    /// A function of the type with this index.
    case function(typeIndex: UInt32)
    /// A table.
    case table(ModuleTable)
    /// A memory, in pages.
    case memory(SizeLimits)
    /// A global.
    case global(ModuleGlobalType)

    /// Which index space it is in.
    public var kind: ExternalKind {
      switch self {
      case .function: .function
      case .table: .table
      case .memory: .memory
      case .global: .global
      }
    }
  }

  /// Who gives it.
  public var module: [UInt8]
  /// Its name there.
  public var name: [UInt8]
  /// What it must be.
  public var wanted: Wanted

  /// An import.
  public init(module: [UInt8], name: [UInt8], wanted: Wanted) {
    (self.module, self.name, self.wanted) = (module, name, wanted)
  }
}

/// Something that others may use.
public struct ModuleExport: Equatable, Sendable {
  /// Its name for others.
  public var name: [UInt8]
  /// What it is.
  public var kind: ExternalKind
  /// Which, counted with the imports of its kind.
  public var index: UInt32

  /// An export.
  public init(name: [UInt8], kind: ExternalKind, index: UInt32) {
    (self.name, self.kind, self.index) = (name, kind, index)
  }
}

/// A global of the module.
public struct ModuleGlobal: Equatable, Sendable {
  /// Its type.
  public var type: ModuleGlobalType
  /// What it holds at first.
  public var initial: Constant

  /// A global.
  public init(_ type: ModuleGlobalType, initial: Constant) {
    (self.type, self.initial) = (type, initial)
  }
}

/// When the bytes or elements of a segment are put in their place.
public enum SegmentPlacement: Equatable, Sendable {
  /// At instantiation: into the memory or table `target`, from `offset` on.
  case active(target: UInt32, offset: Constant)
  /// When code asks for it.
  case passive
  /// Never: an element segment that only declares of which functions references are made.
  case declared
}

/// Bytes for a memory.
public struct DataSegment: Equatable, Sendable {
  /// When they are copied.
  public var placement: SegmentPlacement
  /// The bytes.
  public var bytes: [UInt8]

  /// A segment.
  public init(_ placement: SegmentPlacement, bytes: [UInt8]) {
    (self.placement, self.bytes) = (placement, bytes)
  }
}

/// References for a table.
public struct ElementSegment: Equatable, Sendable {
  /// When they are copied.
  public var placement: SegmentPlacement
  /// `funcref` or `externref`.
  public var type: ValueType
  /// The references: null, functions or globals.
  public var items: [Constant]

  /// A segment.
  public init(_ placement: SegmentPlacement, type: ValueType, items: [Constant]) {
    (self.placement, self.type, self.items) = (placement, type, items)
  }
}

/// A name for people, of what `kind`, `index` and `part` say together.
public struct ModuleName: Equatable, Sendable {
  /// What is named.
  public var kind: NameKind
  /// Which.
  public var index: UInt32
  /// Which register or word of the function; else 0.
  public var part: UInt32
  /// The name, UTF-8.
  public var name: [UInt8]

  /// A name.
  public init(_ kind: NameKind, index: UInt32 = 0, part: UInt32 = 0, name: [UInt8]) {
    (self.kind, self.index, self.part, self.name) = (kind, index, part, name)
  }
}

/// A place in a source file.
public struct SourcePlace: Equatable, Sendable, BitwiseCopyable {
  /// Index in the module's source files.
  public var file: UInt32
  /// From 1; 0 when it is not known.
  public var line: UInt32
  /// From 1; 0 when it is not known.
  public var column: UInt32

  /// A place.
  public init(file: UInt32 = 0, line: UInt32, column: UInt32 = 0) {
    (self.file, self.line, self.column) = (file, line, column)
  }
}

/// Bytes that nothing but tools reads.
public struct CustomSection: Equatable, Sendable {
  /// What they are, UTF-8.
  public var name: [UInt8]
  /// The bytes.
  public var bytes: [UInt8]

  /// A section.
  public init(name: [UInt8], bytes: [UInt8]) { (self.name, self.bytes) = (name, bytes) }
}

/// A section of a kind that this version doesn't know, which the file allows to pass over.
public struct UnknownSection: Equatable, Sendable {
  /// Above all known ones.
  public var kind: UInt16
  /// The byte count of each of its entries.
  public var entryByteCount: UInt32
  /// Its bytes.
  public var bytes: [UInt8]

  /// A section.
  public init(kind: UInt16, entryByteCount: UInt32, bytes: [UInt8]) {
    (self.kind, self.entryByteCount, self.bytes) = (kind, entryByteCount, bytes)
  }
}

/// A function of the module's own: its code in words, and where it comes from.
public struct FunctionContents: Equatable, Sendable {
  /// Its type.
  public var typeIndex: UInt32
  /// Registers of its frame.
  public var registerCount: UInt16
  /// The first register of which calls may make a window.
  public var windowBase: UInt16
  /// Its instructions.
  public var words: [UInt64]
  /// From which word of the function on the code comes from which place, ascending.
  public var places: [(word: UInt32, place: SourcePlace)]

  /// A function.
  public init(
    typeIndex: UInt32, registerCount: UInt16, windowBase: UInt16, words: [UInt64],
    places: [(word: UInt32, place: SourcePlace)] = []
  ) {
    (self.typeIndex, self.registerCount) = (typeIndex, registerCount)
    (self.windowBase, self.words, self.places) = (windowBase, words, places)
  }

  /// Whether all of it is equal.
  public static func == (left: FunctionContents, right: FunctionContents) -> Bool {
    left.typeIndex == right.typeIndex && left.registerCount == right.registerCount
      && left.windowBase == right.windowBase && left.words == right.words
      && left.places.elementsEqual(right.places, by: ==)
  }
}

/// A module: what `ModuleBuilder` makes, what a file is written from, what a file is read into.
public struct ModuleContents: Equatable, Sendable {
  /// Beyond the base format; every bit a `ModuleFeature`.
  public var features: UInt64 = 0
  /// Of the module as a whole.
  public var flags = ModuleFlags(rawValue: 0)
  /// Types of functions.
  public var types: [FunctionSignature] = []
  /// What others give, in the order of their index spaces.
  public var imports: [ModuleImport] = []
  /// Own functions.
  public var functions: [FunctionContents] = []
  /// Own tables.
  public var tables: [ModuleTable] = []
  /// Own memories, in pages.
  public var memories: [SizeLimits] = []
  /// Own globals.
  public var globals: [ModuleGlobal] = []
  /// What others may use; sorted by name where a file is written.
  public var exports: [ModuleExport] = []
  /// References for tables.
  public var elementSegments: [ElementSegment] = []
  /// Bytes for memories.
  public var dataSegments: [DataSegment] = []
  /// The function that runs at instantiation.
  public var startFunction: UInt32?
  /// Names for people; sorted where a file is written.
  public var names: [ModuleName] = []
  /// Files that `SourcePlace.file` counts.
  public var sourceFiles: [[UInt8]] = []
  /// What only tools read.
  public var customs: [CustomSection] = []
  /// What a later version may know.
  public var unknownSections: [UnknownSection] = []

  /// A module that holds nothing.
  public init() {}

  /// How many imports there are of a kind.
  public func importCount(_ kind: ExternalKind) -> Int {
    imports.count { $0.wanted.kind == kind }
  }
}
