// ProcessHeap.swift — the one arena that Embedded Swift and C allocate from.
// Freestanding. Imports NovaABI, NovaSystem. Design: NovaCore.docc/Memory.md.

#if hasFeature(Embedded)

  import NovaABI
  import NovaSystem

  extension BlockStore {
    /// The store of the heap that start-up mapped, locked; the first caller lays it out.
    ///
    /// The heap is all zero at `main`, and memory that nobody asks for is never touched.
    static func lockProcess() -> BlockStore {
      // SAFETY: the start record lives as long as the process and is not written after start-up.
      let started = unsafe nova_started().pointee
      // SAFETY: start-up mapped the heap at a page's start, and zeros are a valid record.
      guard let low = unsafe UnsafeMutableRawPointer(bitPattern: UInt(started.heap_low)) else {
        System.fail("the heap was used before start-up mapped it")
      }
      let store = unsafe BlockStore(control: low.assumingMemoryBound(to: ArenaControl.self))
      store.lock()
      guard unsafe store.control.pointee.isReady else {
        unsafe store.layOut(byteCount: Int(started.heap_high - started.heap_low))
        return store
      }
      return store
    }
  }

  /// Lends zeroed bytes; nil when there is no room.
  @unsafe @c @implementation
  public func nova_allocate(_ byteCount: Int, _ alignment: Int) -> UnsafeMutableRawPointer? {
    // A size above Int.max arrives here as a negative number.
    guard byteCount >= 0 else { return nil }
    let store = BlockStore.lockProcess()
    defer { store.unlock() }
    guard store.injected() == nil,
      let offset = store.charge(byteCount: byteCount, alignment: alignment)
    else { return nil }
    // SAFETY: `charge` returned the offset of a block that nobody else has.
    return unsafe store.address(offset)
  }

  /// Takes lent bytes back.
  @unsafe @c @implementation
  public func nova_release(_ address: UnsafeMutableRawPointer!) {
    let store = BlockStore.lockProcess()
    // SAFETY: only the number is used, and `lentOffset` stops the program unless a block has it.
    store.settleRelease(unsafe store.lentOffset(of: address), isZero: false)
    store.unlock()
  }

  /// Bytes that may be used at a lent address.
  @unsafe @c @implementation
  public func nova_lent_byte_count(_ address: UnsafeRawPointer!) -> Int {
    let store = BlockStore.lockProcess()
    defer { store.unlock() }
    // SAFETY: as in `nova_release`.
    let block = unsafe store.lentOffset(of: address) - BlockStore.headerByteCount
    return store.size(block) - BlockStore.headerByteCount
  }

  /// Tells why there is no room, and stops.
  @c @implementation
  public func nova_out_of_memory(_ byteCount: Int, _ alignment: Int) -> Never {
    let store = BlockStore.lockProcess()
    var message = Message("nova: out of memory: ")
    message.append(UInt(bitPattern: byteCount))
    message.append(" bytes requested, the largest free block holds ")
    message.append(UInt(store.available(alignment: alignment)))
    message.append(" of ")
    message.append(UInt(store.capacity))
    message.append("; build with a larger --heap-size")
    store.unlock()
    message.fail()
  }

#endif
