// hello.zig — the peers' Zig program: no libc, standard library only.
const std = @import("std");

pub fn main() void {
    _ = std.os.linux.write(1, "hello\n", 6);
}
