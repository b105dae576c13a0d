// PlainMain.swift — `main` of programs whose modules import each other at most.
// Freestanding. Imports NovaABI, NovaModules, Synchronization. Design: Decisions/0017.
//
// The linker is given one of these in the place of main.swift's: what that one needs for drivers
// and their callers is left out.

import NovaABI
import NovaModules
import Synchronization

/// Of a pruned program, which has no executor.
@c public func nova_pruned_main() -> Int32 {
  if isTraced { refuse(.trace) }
  return runPlainProgram()
}

/// Of a whole one: when a trace is asked for, it runs as a task of an executor, whose trace that
/// is.
@c public func nova_plain_main() -> Int32 {
  guard isTraced else { return runPlainProgram() }
  let status = ExitStatus()
  do throws(BootstrapError) {
    try NovaRuntime.run(from: RuntimeBootstrap.current) {
      status.value.store(runPlainProgram(), ordering: .relaxed)
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

/// Links the program's modules, calls the function that is asked for, and prints its results.
///
/// - Returns: the exit status.
@inline(never) private func runPlainProgram() -> Int32 {
  let options = RunnerOptions(isGranted: DriverGrants.process.isSuperset(of: .arguments))
  var program = PlainProgram(options.limits)
  // SAFETY: a program has a module, or the line above has ended it.
  let part = unsafe program.parts
  var name = PoolBytes("main")
  if let index = options.function {
    // SAFETY: arguments stay as long as the process.
    name = unsafe ProgramArguments.current[index].withUnsafeBytes { unsafe PoolBytes($0) }
  } else if unsafe part.pointee.module.view.export(named: name) == nil,
    unsafe part.pointee.module.view.startFunction != nil
  {
    program.link()
    var call = PlainCall(program)
    call.runStart()
    return 0
  }
  guard let export = unsafe part.pointee.module.view.export(named: name),
    export.kind == ExternalKind.function.rawValue
  else { misuse { unsafe $0.append(noFunction: name, in: &part.pointee) } }
  let type = unsafe part.pointee.module.view.functionType(
    part.pointee.module.view.typeIndex(ofFunction: Int(export.index)))
  check(options.words, name, type)
  program.link()
  var call = PlainCall(program)
  call.runStart()
  call.setArguments(options.words, type)
  call.run(function: Int(export.index))
  guard options.function != nil else {
    // `main` says the exit status with its first result, where that is an i32.
    return type.resultCount > 0 && type.result(0) == .i32
      ? unsafe Int32(truncatingIfNeeded: call.window[0] & 0xff) : 0
  }
  for index in 0..<type.resultCount {
    var line = Line(to: 1)
    unsafe line.append(ModuleValue(type.result(index), bits: call.window[index]))
    line.write()
  }
  return 0
}

/// Ends the program unless the words are values of a function's parameters.
@inline(never) private func check(_ words: Range<Int>, _ name: PoolBytes, _ type: FunctionType) {
  guard words.count == type.parameterCount else {
    misuse {
      $0.append(name)
      $0.append(wanted: type.parameterCount, found: words.count)
    }
  }
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
