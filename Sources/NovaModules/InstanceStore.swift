// InstanceStore.swift — what memories and tables of an instance are lent from, and how much it is.
// Freestanding. Imports NovaMemory. Design: NovaCore.docc/Modules.md.

import NovaMemory

/// The contract of one instantiation, with its limit.
final class InstanceStore {
  let core: LoaderCore
  let limits: ModuleLimits
  /// A child with room for the limit; where there is none, the runtime's arena by another name.
  let memory: Arena
  /// Bytes of memories and tables, as their modules see them.
  private(set) var chargedByteCount = 0
  /// Whether a memory may set aside what the limit leaves: once, and only of a child, which is
  /// charged for all of it anyway.
  private var hasReserve = false

  /// What a child needs besides what it lends: its record, its table, headers and rounding.
  static var overheadByteCount: Int { 65_536 }

  init(
    _ core: LoaderCore, _ limits: ModuleLimits, for module: ModuleName
  ) throws(ModuleError) {
    self.core = core
    self.limits = limits
    guard let limit = limits.memoryByteCount else {
      memory = core.memory.alias()
      return
    }
    let maximum = Arena.byteCountMax - Self.overheadByteCount
    guard limit >= 0, limit <= maximum else {
      throw .limitOutOfRange(value: limit, minimum: 0, maximum: maximum)
    }
    do throws(MemoryError) {
      memory = try core.memory.makeChild(byteCount: limit + Self.overheadByteCount)
    } catch {
      throw .memory(module, error)
    }
    hasReserve = true
  }

  /// Counts bytes; false when the limit has no room for them, and nothing is counted.
  func charge(_ byteCount: Int) -> Bool {
    let (sum, overflow) = chargedByteCount.addingReportingOverflow(byteCount)
    guard !overflow, sum <= limits.memoryByteCount ?? .max else { return false }
    chargedByteCount = sum
    return true
  }

  /// Counts bytes no more.
  func discharge(_ byteCount: Int) { chargedByteCount -= byteCount }

  /// Lends zeroed bytes; nil without room.
  func lend(_ byteCount: Int) -> MemoryHandle? {
    do throws(MemoryError) {
      return try memory.allocateArc(byteCount: byteCount, tag: .moduleMemory)
    } catch {
      return nil
    }
  }

  /// As `lend`, for the beginning of `module`.
  func lend(_ byteCount: Int, for module: ModuleName) throws(ModuleError) -> MemoryHandle {
    do throws(MemoryError) {
      return try memory.allocateArc(byteCount: byteCount, tag: .moduleMemory)
    } catch {
      throw .memory(module, error)
    }
  }

  /// Gives a block back; drivers that are inside of it keep it until they leave.
  func giveBack(_ handle: MemoryHandle) {
    do throws(MemoryError) {
      try memory.release(handle)
    } catch {
      preconditionFailure("a module's memory was released by somebody else")
    }
  }

  /// The address of a block that is lent.
  ///
  /// - Safety: not to be used after the block was given back.
  @unsafe func address(of handle: MemoryHandle) -> UnsafeMutableRawPointer {
    do throws(MemoryError) {
      // SAFETY: a block never moves, and stays for the store's reference.
      return try unsafe memory.withBytes(of: handle) {
        unsafe $0.baseAddress ?? UnsafeMutableRawPointer(bitPattern: 16).unsafelyUnwrapped
      }
    } catch {
      preconditionFailure("a module's memory was released by somebody else")
    }
  }

  /// How many bytes a memory that may grow from `byteCount` to `maximum` should have room for, once
  /// all memories and tables are counted.
  func roomForGrowth(_ byteCount: Int, maximum: Int) -> Int {
    guard hasReserve, let limit = limits.memoryByteCount, maximum > byteCount else {
      return byteCount
    }
    hasReserve = false
    return min(maximum, byteCount + limit - chargedByteCount)
  }
}

extension AllocationTag {
  /// Memories and tables of modules' instances.
  public static var moduleMemory: AllocationTag { AllocationTag(rawValue: 0xfe) }
  /// Modules: their files, and what their instances and calls need besides.
  public static var module: AllocationTag { AllocationTag(rawValue: 0xff) }
}
