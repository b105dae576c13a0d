// ModuleLimits.swift — what a call of a module may use, each limit by its name.
// Freestanding. Imports nothing. Design: NovaCore.docc/Modules.md.

/// What a module's instance and calls may use; beyond a limit a call traps, or a growth is refused.
public struct ModuleLimits: Equatable, Sendable {
  /// Units of fuel for each call, or nil for any number: one for each taken branch, each
  /// call and each growth, and for each 64 bytes of bulk work.
  public var fuel: UInt64?
  /// Nanoseconds of the monotonic clock for each call, or nil for ever.
  public var timeoutNanoseconds: UInt64?
  /// Bytes of all memories and tables of the instance and of the modules that it imports, or nil
  /// for what the runtime's memory has.
  ///
  /// With a number they lie in a child contract, which is charged for all of it at once.
  public var memoryByteCount: Int?
  /// Calls of module functions that are under way at once, `callDepthMin … callDepthMax`; one into
  /// another module counts twice.
  public var callDepth: Int
  /// Registers of all those calls together, `registerCountMin … registerCountMax`.
  public var registerCount: Int
  /// Elements of each table.
  public var tableElementCount: Int
  /// Modules that `ModuleInstance.add` may add, with what they import: room is kept for them.
  public var addedModuleCount: Int
  /// Whether a module may run whose results that are not numbers have the CPU's own bits.
  public var allowsNativeNaN: Bool

  /// Limits; what is not said has the usual value.
  public init(
    fuel: UInt64? = nil, timeoutNanoseconds: UInt64? = nil, memoryByteCount: Int? = nil,
    callDepth: Int = ModuleLimits.callDepthDefault,
    registerCount: Int = ModuleLimits.registerCountDefault,
    tableElementCount: Int = ModuleLimits.tableElementCountDefault, addedModuleCount: Int = 0,
    allowsNativeNaN: Bool = false
  ) {
    self.fuel = fuel
    self.timeoutNanoseconds = timeoutNanoseconds
    self.memoryByteCount = memoryByteCount
    self.callDepth = callDepth
    self.registerCount = registerCount
    self.tableElementCount = tableElementCount
    self.addedModuleCount = addedModuleCount
    self.allowsNativeNaN = allowsNativeNaN
  }

  /// Sets the call depth, and as many registers for each call as there usually are.
  ///
  /// Registers never become fewer than there were, nor more than `registerCountMax`.
  ///
  /// - Parameter depth: `callDepthMin … callDepthMax`.
  public mutating func allowDepth(_ depth: Int) {
    callDepth = depth
    let perCall = ModuleLimits.registerCountDefault / ModuleLimits.callDepthDefault
    registerCount = max(registerCount, min(depth * perCall, ModuleLimits.registerCountMax))
  }

  /// The least call depth.
  public static var callDepthMin: Int { 4 }
  /// The least registers: what arguments and results may take.
  public static var registerCountMin: Int { 1024 }
  /// The usual call depth.
  public static var callDepthDefault: Int { 4096 }
  /// The greatest call depth.
  public static var callDepthMax: Int { 1 << 24 }
  /// The usual count of registers: 256 KiB.
  public static var registerCountDefault: Int { 32768 }
  /// The most registers: 1 GiB.
  public static var registerCountMax: Int { 1 << 27 }
  /// The usual most elements of a table.
  public static var tableElementCountDefault: Int { 1 << 20 }
  /// Units of fuel between two looks at the clock, and of one turn of a queued call; fewer where a
  /// function is so long that they could take more than `weightPerSlice`.
  public static var fuelPerSlice: UInt64 { 20_000 }
  /// Words of code that such a slice may go through; 64 bytes of registers that `zero` clears count
  /// as one.
  public static var weightPerSlice: Int { 1 << 24 }
  /// Calls that go from a driver or host function back into a module, one inside of the other.
  public static var nestedCallCountMax: Int { 64 }
  /// Modules of one instance, itself and what it imports.
  public static var linkedModuleCountMax: Int { 256 }
  /// Functions outside of modules that all modules which are added to an instance may import.
  public static var addedHostCountMax: Int { 1024 }
  /// Modules that a loader has at once.
  public static var moduleCountMax: Int { 4096 }
  /// Different function types of all modules of a loader.
  public static var functionTypeCountMax: Int { 65_536 }
  /// Frames that a trap tells of, the innermost first.
  public static var backtraceFrameCountMax: Int { 32 }
}
