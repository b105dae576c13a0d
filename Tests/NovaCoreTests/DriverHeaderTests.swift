// DriverHeaderTests.swift — nova_driver.h compiles as C and C++, and Rust agrees on each offset.

import Glibc
import NovaABI
import NovaToolchain
import TestSupport
import Testing

@Suite struct DriverHeaderTests {
  /// Compilers that are not installed are passed over; clang comes with Swift.
  static let languages: [(compiler: String, standard: String, language: String)] = [
    ("clang", "c11", "c"), ("clang++", "c++17", "c++"), ("gcc", "c11", "c"),
    ("g++", "c++17", "c++"),
  ]

  private static func tool(_ name: String) -> String? {
    let compiler = findExecutable(named: "swiftc").flatMap(Files.resolve)
    let own = compiler.flatMap { findExecutable(named: "\(Files.parent(of: $0))/\(name)") }
    return own ?? findExecutable(named: name)
  }

  /// Two drivers in the table, in words that C and C++ share.
  private static let program = """
    #include "nova_driver.h"
    static int32_t one(void *context, struct nova_driver_call *call) {
      (void)context;
      call->output_byte_count = 0;
      return 0;
    }
    static const struct nova_driver_operation operations[] = {
        {sizeof operations[0], NOVA_DRIVER_ABI, "one", one}};
    static const struct nova_driver first = {
        sizeof first, NOVA_DRIVER_ABI, "first", 1, 0, 0, 0, operations, 1, 0, 0};
    static const struct nova_driver second = {
        sizeof second, NOVA_DRIVER_ABI, "second", 1, 0, 0, 0, operations, 1, 0, 0};
    NOVA_DRIVER(first);
    NOVA_DRIVER(second);
    static int32_t add(const struct nova_driver_host *host, const struct nova_driver *driver) {
      *(int *)host->registry += driver == &first ? 1 : driver == &second ? 2 : 100;
      return NOVA_DRIVER_accepted;
    }
    int main(void) {
      int sum = 0;
      const struct nova_driver_host host = {sizeof host, NOVA_DRIVER_ABI, add, &sum};
      uint64_t count;
      const nova_driver_entry *const entries = nova_driver_entries(&count);
      for (uint64_t i = 0; i < count; i++)
        entries[i](&host);
      return count == 2 && sum == 3 ? 0 : 1;
    }

    """

  @Test(arguments: languages)
  func `the header compiles without a warning, and the table holds what is stated`(
    compiler: String, standard: String, language: String
  ) throws {
    guard let path = Self.tool(compiler) else {
      #expect(!compiler.hasPrefix("clang"), "clang comes with the compiler")
      return
    }
    let folder = try TemporaryFolder()
    try folder.write(Self.program, to: "table")
    let arguments = [
      "-std=\(standard)", "-Wall", "-Wextra", "-Wconversion", "-Wshadow", "-Wpedantic", "-Werror",
      "-O2", "-ffunction-sections", "-fdata-sections", "-Wl,--gc-sections",
      "-I", "\(Guests.root)/crt/include", "-x", language, "\(folder.path)/table",
      "-o", "\(folder.path)/table.out",
    ]
    let compiled = try run(ProcessRequest(path, arguments))
    #expect(compiled.isSuccess, "\(compiled.errorText)")
    #expect(try run(ProcessRequest("\(folder.path)/table.out")).isSuccess)
  }

  /// The records as Rust's repr(C) spells them; prints sizes and offsets.
  private static let mirror = """
    #![allow(dead_code)]
    use std::ffi::{c_char, c_void};
    use std::mem::{offset_of, size_of};
    #[repr(C)] struct Call { byte_count: u32, abi: u32, handles: *const u64, handle_count: u64,
      input: *const c_void, input_byte_count: u64, output: *mut c_void, output_capacity: u64,
      output_byte_count: u64 }
    type Function = extern "C" fn(*mut c_void, *mut Call) -> i32;
    #[repr(C)] struct Operation { byte_count: u32, abi: u32, name: *const c_char,
      function: Option<Function> }
    #[repr(C)] struct Driver { byte_count: u32, abi: u32, name: *const c_char, major: u32,
      minor: u32, grants: u64, context: *mut c_void, operations: *const Operation,
      operation_count: u64, open: Option<extern "C" fn(*mut c_void) -> i32>,
      close: Option<extern "C" fn(*mut c_void)> }
    #[repr(C)] struct Host { byte_count: u32, abi: u32,
      add: Option<extern "C" fn(*const Host, *const Driver) -> i32>, registry: *mut c_void }
    fn main() {
      println!("{} {} {} {} {} {} {} {}", size_of::<Call>(), offset_of!(Call, handles),
        offset_of!(Call, handle_count), offset_of!(Call, input),
        offset_of!(Call, input_byte_count), offset_of!(Call, output),
        offset_of!(Call, output_capacity), offset_of!(Call, output_byte_count));
      println!("{} {} {}", size_of::<Operation>(), offset_of!(Operation, name),
        offset_of!(Operation, function));
      println!("{} {} {} {} {} {} {} {} {} {}", size_of::<Driver>(), offset_of!(Driver, name),
        offset_of!(Driver, major), offset_of!(Driver, minor), offset_of!(Driver, grants),
        offset_of!(Driver, context), offset_of!(Driver, operations),
        offset_of!(Driver, operation_count), offset_of!(Driver, open), offset_of!(Driver, close));
      println!("{} {} {}", size_of::<Host>(), offset_of!(Host, add), offset_of!(Host, registry));
    }

    """

  private static func offset<Record>(_ field: PartialKeyPath<Record>) -> Int {
    MemoryLayout<Record>.offset(of: field) ?? -1
  }

  /// What the header's own records have.
  private static var layout: String {
    let lines: [[Int]] = unsafe [
      [
        MemoryLayout<nova_driver_call>.size, offset(\nova_driver_call.handles),
        offset(\nova_driver_call.handle_count), offset(\nova_driver_call.input),
        offset(\nova_driver_call.input_byte_count), offset(\nova_driver_call.output),
        offset(\nova_driver_call.output_capacity), offset(\nova_driver_call.output_byte_count),
      ],
      [
        MemoryLayout<nova_driver_operation>.size, offset(\nova_driver_operation.name),
        offset(\nova_driver_operation.function),
      ],
      [
        MemoryLayout<nova_driver>.size, offset(\nova_driver.name), offset(\nova_driver.major),
        offset(\nova_driver.minor), offset(\nova_driver.grants), offset(\nova_driver.context),
        offset(\nova_driver.operations), offset(\nova_driver.operation_count),
        offset(\nova_driver.open), offset(\nova_driver.close),
      ],
      [
        MemoryLayout<nova_driver_host>.size, offset(\nova_driver_host.add),
        offset(\nova_driver_host.registry),
      ],
    ]
    return lines.map { $0.map(String.init).joined(separator: " ") + "\n" }.joined()
  }

  static var rust: String? { findExecutable(named: "rustc") }

  @Test(.enabled(if: rust != nil, "rustc is not installed"))
  func `a mirror in Rust has the same sizes and offsets`() throws {
    let compiler = try #require(Self.rust)
    let folder = try TemporaryFolder()
    try folder.write(Self.mirror, to: "mirror.rs")
    let compiled = try run(
      ProcessRequest(
        compiler,
        [
          "--edition", "2021", "-o", "\(folder.path)/mirror",
          "\(folder.path)/mirror.rs",
        ]))
    try #require(compiled.isSuccess, "\(compiled.errorText)")
    #expect(try run(ProcessRequest("\(folder.path)/mirror")).outputText == Self.layout)
  }
}
