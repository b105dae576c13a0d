// Reader.swift — reads the standard input in chunks within a quota, and counts them in parallel.

import NovaCore

/// A job of the run loop: each poll reads a chunk, or counts all of them when the quota is full.
struct Reader: LoopJob, ~Copyable {
  /// Whole words of the input, in memory of the quota.
  struct Chunk {
    let handle: MemoryHandle
    let byteCount: Int
  }

  static var chunkByteCount: Int { 65536 }

  let executor: TaskExecutor
  let quota: Arena
  let progress: Progress
  let timer: TimerHandle
  private var chunks: [Chunk] = []
  /// The beginning of a word that goes on in the next chunk.
  private var rest: [UInt8] = []
  private var tally: Tally = [:]

  init(
    executor: TaskExecutor, quota: consuming Arena, progress: Progress, timer: TimerHandle
  ) {
    self.executor = executor
    self.quota = quota
    self.progress = progress
    self.timer = timer
  }

  mutating func poll(_ context: LoopContext) -> LoopState {
    do throws(MemoryError) {
      if try readChunk() { return .ready }
      try countChunks()
    } catch {
      Program.fail("\(error); give a larger quota")
    }
    try? context.loop.cancel(timer)
    for (word, count) in tally.ranked(10) { print("\(count) \(word)") }
    return .idle
  }

  /// Reads the next chunk; false at the end of the input.
  private mutating func readChunk() throws(MemoryError) -> Bool {
    let handle: MemoryHandle
    do throws(MemoryError) {
      handle = try quota.allocateArc(byteCount: Reader.chunkByteCount)
    } catch .capacityExceeded where !chunks.isEmpty {
      // The quota holds the input back until what was read is counted.
      try countChunks()
      return true
    }
    var rest = rest
    let byteCount = try unsafe quota.withBytes(of: handle) { bytes in
      unsafe Reader.fill(bytes.bindMemory(to: UInt8.self), &rest)
    }
    self.rest = rest
    chunks.append(Chunk(handle: handle, byteCount: byteCount))
    progress.add(byteCount)
    return byteCount > 0
  }

  /// Reads until the bytes are full or the input ends; what begins a word at their end is the rest.
  ///
  /// - Returns: how many bytes hold whole words.
  @unsafe
  private static func fill(
    _ bytes: UnsafeMutableBufferPointer<UInt8>, _ rest: inout [UInt8]
  ) -> Int {
    var count = unsafe bytes.update(fromContentsOf: rest)
    rest = []
    while count < bytes.count {
      // SAFETY: the free bytes are used here only.
      var free = unsafe bytes.extracting(count...).mutableSpan
      do throws(SystemError) {
        let readCount = try System.read(from: 0, into: &free)
        if readCount == 0 { return count }
        count += readCount
      } catch {
        Program.fail("\(error)")
      }
    }
    while count > 0, unsafe Tally.isLetter(bytes[count - 1]) { count -= 1 }
    if count == 0 { Program.fail("a word is longer than \(bytes.count) bytes") }
    rest = unsafe Array(bytes[count...])
    return count
  }

  private mutating func countChunks() throws(MemoryError) {
    tally.add(try Reader.count(chunks[...], in: quota, on: executor))
    for chunk in chunks { try quota.release(chunk.handle) }
    chunks = []
  }

  /// Counts one half here, the other wherever a worker is free.
  private static func count(
    _ chunks: ArraySlice<Chunk>, in quota: borrowing Arena, on executor: TaskExecutor
  ) throws(MemoryError) -> Tally {
    guard chunks.count > 1 else {
      guard let chunk = chunks.first else { return [:] }
      return try unsafe quota.withBytes(of: chunk.handle) { bytes in
        Tally(of: unsafe bytes.bindMemory(to: UInt8.self).extracting(..<chunk.byteCount).span)
      }
    }
    let middle = (chunks.startIndex + chunks.endIndex) / 2
    var (tally, other) = try executor.join(
      { _ throws(MemoryError) in try count(chunks[..<middle], in: quota, on: executor) },
      { _ throws(MemoryError) in try count(chunks[middle...], in: quota, on: executor) })
    tally.add(other)
    return tally
  }
}
