// PlainMain.swift — `main` of programs whose modules import each other at most.
// Freestanding. Imports NovaABI, NovaModules, Synchronization. Design: Decisions/0017.
//
// The linker is given one of these in the place of main.swift's: what that one needs for drivers
// and their callers is left out.

import NovaABI
import NovaModules
import Synchronization

/// Of a pruned program, which has no executor.
@c public func nova_pruned_main() -> Int32 { withoutTrace { runPlainProgram() } }

/// Of a whole one.
@c public func nova_plain_main() -> Int32 { withTrace { runPlainProgram() } }

@inline(__always) func withoutTrace(_ body: () -> Int32) -> Int32 {
  if isTraced { refuse(.trace) }
  return body()
}

/// When a trace is asked for, `body` runs as a task of an executor, whose trace that is.
@inline(__always) func withTrace(_ body: @Sendable @escaping () -> Int32) -> Int32 {
  guard isTraced else { return body() }
  let status = ExitStatus()
  do throws(BootstrapError) {
    try NovaRuntime.run(from: RuntimeBootstrap.current) {
      status.value.store(body(), ordering: .relaxed)
    }
  } catch { refuse(.runtime) }
  return status.value.load(ordering: .relaxed)
}

private final class ExitStatus: Sendable {
  let value = Atomic<Int32>(0)
}

private var isTraced: Bool {
  // SAFETY: the start record lives as long as the process.
  unsafe nova_started().pointee.trace_descriptor != 0
}

@inline(never) private func runPlainProgram() -> Int32 {
  runModule(plainOptions(), word: "main", outside: nil, isCommand: false) ?? 0
}

/// Links the program's modules, calls the function that is asked for, and prints its results.
///
/// - Parameters:
///   - options: what the command line asks for.
///   - word: the function that is called unless they name one.
///   - outside: what modules import of no module; nil where that is nothing.
///   - isCommand: whether the program was made for this function, which takes nothing and needs no
///     other before it.
/// - Returns: the exit status; nil when a module ended itself, as it can only by what is outside.
@inline(__always) func runModule(
  _ options: RunnerOptions, word: StaticString, outside: UnsafeMutableRawPointer?,
  isCommand: Bool
) -> Int32? {
  var program = unsafe PlainProgram(options.limits, outside: outside)
  // SAFETY: a program has a module, or the line above has ended it.
  let part = unsafe program.parts
  // Where nothing is outside, the compiler leaves out what concerns it.
  let hasOutside = unsafe outside != nil
  var name = PoolBytes(word)
  if let index = options.function {
    // SAFETY: arguments stay as long as the process.
    name = unsafe ProgramArguments.current[index].withUnsafeBytes { unsafe PoolBytes($0) }
  } else if !isCommand, unsafe part.pointee.module.view.export(named: name) == nil,
    unsafe part.pointee.module.view.startFunction != nil
  {
    program.link()
    var call = PlainCall(program)
    guard call.runStart() || !hasOutside else { return nil }
    return 0
  }
  guard let export = unsafe part.pointee.module.view.export(named: name),
    export.kind == ExternalKind.function.rawValue
  else {
    if isCommand { refuse(.other) }
    misuse { unsafe $0.append(noFunction: name, in: &part.pointee) }
  }
  let type = unsafe part.pointee.module.view.functionType(
    part.pointee.module.view.typeIndex(ofFunction: Int(export.index)))
  guard options.words.count == type.parameterCount else {
    if isCommand { refuse(.other) }
    misuse {
      $0.append(name)
      $0.append(wanted: type.parameterCount, found: options.words.count)
    }
  }
  if !options.words.isEmpty { check(options.words, name, type) }
  program.link()
  if hasOutside { unsafe requireCode(&part.pointee, export) }
  var call = PlainCall(program)
  guard call.runStart() || !hasOutside else { return nil }
  if hasOutside, !isCommand {
    guard unsafe call.initialize(&part.pointee) else { return nil }
  }
  if !options.words.isEmpty { call.setArguments(options.words, type) }
  guard call.run(function: Int(export.index)) || !hasOutside else { return nil }
  guard options.function != nil else {
    // `main` says the exit status with its first result, where that is an i32.
    return type.resultCount > 0 && type.result(0) == .i32
      ? unsafe Int32(truncatingIfNeeded: call.window[0] & 0xff) : 0
  }
  call.printResults(type)
  return 0
}

/// What the command line asks for, where the program may see it.
func plainOptions() -> RunnerOptions {
  RunnerOptions(isGranted: DriverGrants.process.isSuperset(of: .arguments))
}

/// Ends the program unless the words are values of a function's parameters, of which there are as
/// many.
@inline(never) private func check(_ words: Range<Int>, _ name: PoolBytes, _ type: FunctionType) {
  for index in words {
    let type = type.parameter(index - words.lowerBound)
    guard WrittenNumber.value(ProgramArguments.current[index], type) == nil else { continue }
    misuse {
      $0.append(name)
      $0.append(argument: index, isNo: type)
    }
  }
}

extension PlainCall {
  /// Puts words that were checked where the function finds them.
  fileprivate func setArguments(_ words: Range<Int>, _ type: FunctionType) {
    let window = unsafe emptyWindow
    for index in words {
      let place = index - words.lowerBound
      guard let value = WrittenNumber.value(ProgramArguments.current[index], type.parameter(place))
      else { continue }
      // SAFETY: the window has room for as many as a type may have.
      unsafe window[place] = value.bits
    }
  }

  /// Prints what the function gave, a line for each.
  fileprivate func printResults(_ type: FunctionType) {
    for index in 0..<type.resultCount {
      var line = Line(to: 1)
      // SAFETY: the window has as many registers as the type has results.
      unsafe line.append(ModuleValue(type.result(index), bits: window[index]))
      line.write()
    }
  }
}

extension Line {
  fileprivate mutating func append(noFunction name: PoolBytes, in part: inout PlainPart) {
    append(Misuse.noFunction)
    append(name)
    var isFirst = true
    for index in 0..<(unsafe part.module.view.exports.count) {
      guard let export = unsafe part.functionExport(index) else { continue }
      append(isFirst ? Misuse.first : Misuse.next)
      append(export.name)
      isFirst = false
    }
  }
}
