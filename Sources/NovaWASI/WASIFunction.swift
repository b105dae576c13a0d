// WASIFunction.swift — the functions of WASI: names, types, and what does them.
// Freestanding. Imports NovaBytecode, NovaModules. Source: WASI snapshot preview 1.

import NovaModules

/// A function that modules can import: WASI preview 1 without sockets.
///
/// Each is done by the method of `WASISystem` of the same name, that nobody else calls: `nova build
/// --prune` leaves out those that no module of a program imports (NovaToolchain's PrunedParts).
public enum WASIFunction: UInt32, CaseIterable, Sendable {
  case argsGet, argsSizesGet, environGet, environSizesGet, clockResGet, clockTimeGet, pollOneoff
  case procExit, procRaise, randomGet, schedYield, fdAdvise, fdAllocate, fdClose, fdDatasync
  case fdSync, fdFdstatGet, fdFdstatSetFlags, fdFdstatSetRights, fdFilestatGet, fdFilestatSetSize
  case fdFilestatSetTimes, fdPrestatGet, fdPrestatDirName, fdReaddir, fdRenumber, fdPread
  case fdPwrite, fdRead, fdWrite, fdSeek, fdTell, pathCreateDirectory, pathFilestatGet
  case pathFilestatSetTimes, pathLink, pathOpen, pathReadlink, pathRemoveDirectory, pathRename
  case pathSymlink, pathUnlinkFile

  /// A line for each, in order: the name, a blank, a letter for each parameter, `i` for 32 bits and
  /// `I` for 64, a colon, and `i` for an errno.
  private static var table: StaticString {
    """
    args_get ii:i
    args_sizes_get ii:i
    environ_get ii:i
    environ_sizes_get ii:i
    clock_res_get ii:i
    clock_time_get iIi:i
    poll_oneoff iiii:i
    proc_exit i:
    proc_raise i:i
    random_get ii:i
    sched_yield :i
    fd_advise iIIi:i
    fd_allocate iII:i
    fd_close i:i
    fd_datasync i:i
    fd_sync i:i
    fd_fdstat_get ii:i
    fd_fdstat_set_flags ii:i
    fd_fdstat_set_rights iII:i
    fd_filestat_get ii:i
    fd_filestat_set_size iI:i
    fd_filestat_set_times iIIi:i
    fd_prestat_get ii:i
    fd_prestat_dir_name iii:i
    fd_readdir iiiIi:i
    fd_renumber ii:i
    fd_pread iiiIi:i
    fd_pwrite iiiIi:i
    fd_read iiii:i
    fd_write iiii:i
    fd_seek iIii:i
    fd_tell ii:i
    path_create_directory iii:i
    path_filestat_get iiiii:i
    path_filestat_set_times iiiiIIi:i
    path_link iiiiiii:i
    path_open iiiiiIIii:i
    path_readlink iiiiii:i
    path_remove_directory iii:i
    path_rename iiiiii:i
    path_symlink iiiii:i
    path_unlink_file iii:i

    """
  }

  func perform(_ system: WASISystem, _ call: WASICall) throws(WASIErrno) {
    switch self {
    case .argsGet: try system.argsGet(call)
    case .argsSizesGet: try system.argsSizesGet(call)
    case .environGet: try system.environGet(call)
    case .environSizesGet: try system.environSizesGet(call)
    case .clockResGet: try system.clockResGet(call)
    case .clockTimeGet: try system.clockTimeGet(call)
    case .pollOneoff: try system.pollOneoff(call)
    case .procExit: try system.procExit(call)
    case .procRaise: try system.procRaise(call)
    case .randomGet: try system.randomGet(call)
    case .schedYield: try system.schedYield(call)
    case .fdAdvise: try system.fdAdvise(call)
    case .fdAllocate: try system.fdAllocate(call)
    case .fdClose: try system.fdClose(call)
    case .fdDatasync: try system.fdDatasync(call)
    case .fdSync: try system.fdSync(call)
    case .fdFdstatGet: try system.fdFdstatGet(call)
    case .fdFdstatSetFlags: try system.fdFdstatSetFlags(call)
    case .fdFdstatSetRights: try system.fdFdstatSetRights(call)
    case .fdFilestatGet: try system.fdFilestatGet(call)
    case .fdFilestatSetSize: try system.fdFilestatSetSize(call)
    case .fdFilestatSetTimes: try system.fdFilestatSetTimes(call)
    case .fdPrestatGet: try system.fdPrestatGet(call)
    case .fdPrestatDirName: try system.fdPrestatDirName(call)
    case .fdReaddir: try system.fdReaddir(call)
    case .fdRenumber: try system.fdRenumber(call)
    case .fdPread: try system.fdPread(call)
    case .fdPwrite: try system.fdPwrite(call)
    case .fdRead: try system.fdRead(call)
    case .fdWrite: try system.fdWrite(call)
    case .fdSeek: try system.fdSeek(call)
    case .fdTell: try system.fdTell(call)
    case .pathCreateDirectory: try system.pathCreateDirectory(call)
    case .pathFilestatGet: try system.pathFilestatGet(call)
    case .pathFilestatSetTimes: try system.pathFilestatSetTimes(call)
    case .pathLink: try system.pathLink(call)
    case .pathOpen: try system.pathOpen(call)
    case .pathReadlink: try system.pathReadlink(call)
    case .pathRemoveDirectory: try system.pathRemoveDirectory(call)
    case .pathRename: try system.pathRename(call)
    case .pathSymlink: try system.pathSymlink(call)
    case .pathUnlinkFile: try system.pathUnlinkFile(call)
    }
  }
}

extension WASIFunction {
  /// How many there are.
  public static var count: Int { Int(pathUnlinkFile.rawValue) + 1 }

  /// The function of a name.
  public init?(named name: PoolBytes) {
    var place = 0
    for number in 0..<Self.count {
      if Self.line(at: place, begins: name) {
        self.init(rawValue: UInt32(number))
        return
      }
      place = Self.end(of: UInt8(ascii: "\n"), from: place) + 1
    }
    return nil
  }

  /// Whether the name and a blank stand at a place of the table.
  private static func line(at place: Int, begins name: PoolBytes) -> Bool {
    let table = PoolBytes(table)
    guard name.count < table.count - place else { return false }
    for index in 0..<name.count where table[place + index] != name[index] { return false }
    return table[place + name.count] == UInt8(ascii: " ")
  }

  /// Where a byte stands next in the table.
  private static func end(of byte: UInt8, from start: Int) -> Int {
    let table = PoolBytes(table)
    var place = start
    while table[place] != byte { place += 1 }
    return place
  }

  /// Where its line begins.
  private var start: Int {
    var place = 0
    for _ in 0..<rawValue { place = Self.end(of: UInt8(ascii: "\n"), from: place) + 1 }
    return place
  }

  /// What importers name.
  var name: ModuleName {
    let table = PoolBytes(Self.table)
    return ModuleName((start..<Self.end(of: UInt8(ascii: " "), from: start)).map { table[$0] })
  }

  /// What importers must state.
  var type: ModuleFunctionType {
    var parameters: [ValueType] = []
    var results: [ValueType] = []
    eachType { type, isResult in
      if isResult { results.append(type) } else { parameters.append(type) }
      return true
    }
    return ModuleFunctionType(parameters: parameters, results: results)
  }

  /// Whether it has the type that an importer states.
  public func hasType(_ type: FunctionType) -> Bool {
    var (parameterCount, resultCount) = (0, 0)
    let isSame = eachType { own, isResult in
      if isResult {
        resultCount += 1
        return resultCount <= type.resultCount && type.result(resultCount - 1) == own
      }
      parameterCount += 1
      return parameterCount <= type.parameterCount && type.parameter(parameterCount - 1) == own
    }
    return isSame && parameterCount == type.parameterCount && resultCount == type.resultCount
  }

  /// Calls `body` with the type of each parameter and result, until it answers false.
  @discardableResult private func eachType(_ body: (ValueType, Bool) -> Bool) -> Bool {
    let table = PoolBytes(Self.table)
    let types = Self.end(of: UInt8(ascii: " "), from: start) + 1
    var isResult = false
    for index in types..<Self.end(of: UInt8(ascii: "\n"), from: types) {
      if table[index] == UInt8(ascii: ":") {
        isResult = true
        continue
      }
      guard body(table[index] == UInt8(ascii: "I") ? .i64 : .i32, isResult) else { return false }
    }
    return true
  }
}
