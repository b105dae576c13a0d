// Descriptions.swift — every error in words: what is wrong, where, and what to do about it.
// Hosted. Imports Glibc and NovaToolchain.

import Glibc
import NovaToolchain

/// The system's words for an errno.
func systemMessage(_ error: Int32) -> String {
  // SAFETY: one thread, and the text is copied at once.
  guard let text = unsafe strerror(error) else { return "error \(error)" }
  return unsafe String(cString: text)
}

/// Bytes as a person writes them: `64K` where they are a whole number of a unit.
func sizeText(_ byteCount: UInt64) -> String {
  for (shift, unit) in [(40, "T"), (30, "G"), (20, "M"), (10, "K")]
  where byteCount > 0 && byteCount % (1 << UInt64(shift)) == 0 {
    return "\(byteCount >> UInt64(shift))\(unit)"
  }
  return "\(byteCount)"
}

func describe(_ error: BuildSettingsError) -> Failure {
  switch error {
  case .outOfRange(let option, let value, let minimum, let maximum):
    Failure(
      "\(option) \(sizeText(value)) is out of range; give \(sizeText(minimum)) to "
        + "\(sizeText(maximum))")
  case .windowExceedsStack(let window, let stack):
    Failure(
      "--initial-window \(sizeText(window)) is larger than --stack-size \(sizeText(stack)); give "
        + "a smaller window or a larger stack")
  }
}

func describe(_ error: InstallationError) -> Failure {
  switch error {
  case .notInRoot(let path):
    Failure("NOVACORE_ROOT names \(path), which does not hold NovaCore; unset or correct it")
  case .notFound(let searched):
    Failure(
      "NovaCore's sources were not found (looked in \(searched.joined(separator: ", "))); run "
        + "nova from a checkout, install it with make install, or set NOVACORE_ROOT")
  case .noRunner(let target, let path):
    Failure(
      "there is no runner for \(target.rawValue) at \(path); run make runners in a checkout, or "
        + "install NovaCore again")
  case .bundle(let output):
    Failure("the Swift SDK bundle could not be made; linker/make-sdk says:\n\(output)")
  case .process(let error): describe(error)
  case .file(let error): describe(error)
  }
}

func describe(_ error: PackageBuildError?) -> Failure {
  switch error {
  case .noPackage(let folder):
    Failure(
      "there is no Package.swift in \(Files.resolve(folder) ?? folder); go to a package, make one "
        + "with nova new NAME, or give a program's file")
  case .notWritable(let folder):
    Failure("\(folder) cannot be written; make it writable, or give another --scratch-path")
  case .noCompiler:
    Failure("swift is not on PATH; install the Swift toolchain (nova doctor says what is missing)")
  case .settings(let error): describe(error)
  case .installation(let error): describe(error)
  case .file(let error): describe(error)
  case .process(let error): describe(error)
  case .notStripped(let tool, nil):
    Failure("\(tool) is missing, which strips; nova doctor says what to install")
  case .notStripped(let tool, let output?): Failure("\(tool) failed: \(output)")
  case .failed(let ending, let output):
    Failure(
      (output.isEmpty ? "" : "the build failed:\n\(output)")
        + (ending == .exited(1) ? "" : "swift build ended with \(ending)"),
      status: .failed)
  case .noProgram(let wanted?, let made):
    Failure(
      "the package makes no program \(wanted); it makes "
        + (made.isEmpty ? "none" : made.joined(separator: ", ")))
  case .noProgram(nil, _):
    Failure("the package makes no program; add an executableTarget to its Package.swift")
  case .severalPrograms(let names):
    Failure(
      "the package makes several programs; say --product with one of "
        + names.joined(separator: ", "))
  case nil: Failure("the build failed")
  }
}

func describe(_ error: NewPackageError) -> Failure {
  switch error {
  case .badName(let name):
    Failure(
      "'\(name)' is not a package's name; give a letter, then letters, digits, - and _, at most "
        + "\(NewPackage.nameCountMax)")
  case .reservedName(let name):
    Failure("\(name) is a module that every program has already; give another name")
  case .occupied(let path):
    Failure("\(path) is there already; give another name, or remove it")
  case .badVersion(let version):
    Failure("'\(version)' is not a version; give three numbers, such as 1.2.0")
  case .file(let error): describe(error)
  }
}

func describe(_ error: ProgramRunError) -> Failure {
  switch error {
  case .noEmulator(let name):
    Failure(
      "\(name) is not on PATH, and this program is for another CPU than this machine's; "
        + "apt-get install qemu-user")
  case .refused(let path, EACCES):
    Failure("\(path) may not be executed; chmod +x \(path)")
  case .refused(let path, let error):
    Failure("\(path) cannot be run: \(systemMessage(error))")
  }
}

func describe(_ error: FileChangeError) -> Failure {
  let verb =
    switch error.action {
    case .open, .write, .replace: "cannot be written"
    case .makeFolder: "cannot be made"
    }
  return Failure(
    "\(error.path) \(verb): \(systemMessage(error.errno)); give a place that you may write to")
}

func describe(_ error: FileError?) -> Failure {
  switch error {
  case .unreadable(let path, EISDIR): Failure("\(path) is a folder; give a file")
  case .unreadable(let path, let error):
    Failure("\(path) cannot be read: \(systemMessage(error))")
  case .tooLarge(let path, let byteCount, let byteCountMax):
    Failure(
      "\(path) has \(byteCount) bytes, more than the \(byteCountMax) that are read; give a program")
  case nil: Failure("a file cannot be read")
  }
}

func describe(_ error: ProcessError) -> Failure {
  switch error {
  case .refused(let step, let executable, let error):
    Failure("\(executable) could not be started (\(step)): \(systemMessage(error))")
  case .unopenable(let path, let error):
    Failure("\(path) cannot be opened: \(systemMessage(error))")
  case .embeddedNull(let text):
    Failure("an argument holds a NUL byte: \(text.prefix { $0 != "\0" })…")
  case .descriptor(let error): Failure("a pipe failed: \(systemMessage(error))")
  case .timedOut(let milliseconds, _, _):
    Failure("a program was killed after \(milliseconds / 1000) s")
  case .tooMuchOutput(let byteCountMax):
    Failure("a program was killed after it had written \(sizeText(UInt64(byteCountMax))) bytes")
  }
}

/// `path` is the file that was read.
func describe(_ error: ELFError, in path: String) -> Failure {
  let remedy = "give a program that nova build made"
  let words: String
  switch error {
  case .notELF(let kind): words = "is \(describe(kind)), not an ELF program"
  case .truncated(let part, let offset, let byteCount, let fileByteCount):
    words =
      "is cut short: \(part) at byte \(offset) needs \(byteCount) bytes, and the file ends at "
      + "\(fileByteCount)"
  case .unsupportedClass: words = "is an ELF file, but not a 64-bit one"
  case .unsupportedByteOrder: words = "is an ELF file, but not a little-endian one"
  case .unsupportedMachine(let machine):
    words = "is a program for another CPU (ELF machine \(machine))"
  case .unsupportedType(let type): words = "is an ELF file of type \(type), not a program"
  case .badEntrySize(let part, let offset, let found, let expected):
    words = "is damaged: \(part) at byte \(offset) has entries of \(found) bytes, not \(expected)"
  case .badName(let part, let offset):
    words = "is damaged: a name in \(part), used at byte \(offset), lies outside its table"
  case .badSectionNumber(let number, let offset):
    words = "is damaged: there is no section \(number), named at byte \(offset)"
  case .badRange(let part, let offset):
    words = "is damaged: \(part) at byte \(offset) has an impossible range"
  case .noBootstrapNote:
    words = "was not linked with NovaCore's linker script"
  case .badBootstrapNote(let offset):
    words = "is damaged: its NovaCore note at byte \(offset) is not one pair of addresses"
  case .badBootstrapBounds(let start, let end):
    words =
      "is damaged: its bootstrap record would lie at 0x\(String(start, radix: 16)) to "
      + "0x\(String(end, radix: 16))"
  case .badModuleNote(let offset):
    words = "is damaged: its module note at byte \(offset) is not one pair of words"
  case .badModuleBounds(let address, let byteCount):
    words =
      "is damaged: its module of \(byteCount) bytes would lie at 0x\(String(address, radix: 16))"
  case .unsupportedVersion(let found, let expected):
    words = "has a bootstrap record of version \(found), not \(expected); build it again"
  }
  return Failure("\(path) \(words); \(remedy)")
}

/// `path` is a file that is not what was wanted.
func describe(_ file: ForeignFile, _ path: String, not wanted: String) -> Failure {
  let (found, remedy) =
    switch file {
    case .assembly: ("assembly text", "nova asm \(path) makes a module of it")
    case .webAssemblyText:
      ("WebAssembly's text", "wat2wasm \(path) makes a .wasm file of it, which nova takes")
    case .text: ("text", "give a file that nova asm, nova build or a compiler made")
    case .other(let kind):
      (
        describe(kind),
        wanted == "a program"
          ? "give a program that nova build made" : "give a .nvc, .nvasm or .wasm file"
      )
    }
  return Failure("\(path) is \(found), not \(wanted); \(remedy)")
}

private func describe(_ kind: FileKind) -> String {
  switch kind {
  case .empty: "empty"
  case .elf: "an ELF file"
  case .webAssembly: "a WebAssembly module"
  case .novaModule: "a NovaCore module"
  case .archive: "a static library"
  case .script: "a script"
  case .gzip: "a gzip archive"
  case .machO: "a macOS program"
  case .windowsExecutable: "a Windows program"
  case .llvmBitcode: "LLVM bitcode"
  case .unknown: "of an unknown kind"
  }
}
