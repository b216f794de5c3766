// A freestanding core module with strings by the canonical ABI.
const std = @import("std");
const heap = std.heap.wasm_allocator;

const Text = extern struct { at: [*]u8, len: usize };
var result: Text = undefined;

export fn cabi_realloc(old: [*]u8, old_size: usize, alignment: usize, size: usize) ?[*]u8 {
    _ = alignment;
    if (size == 0) return @ptrFromInt(8);
    const block = if (old_size == 0) heap.alloc(u8, size) else heap.realloc(old[0..old_size], size);
    return (block catch return null).ptr;
}

fn give(text: []u8) *Text {
    result = .{ .at = text.ptr, .len = text.len };
    return &result;
}

// add: func(a: s32, b: s32) -> s32;
export fn add(a: i32, b: i32) i32 {
    return a +% b;
}

// greet: func(name: string) -> string;
export fn greet(at: [*]u8, len: usize) *Text {
    const name = at[0..len];
    defer if (len > 0) heap.free(name);
    return give(std.mem.concat(heap, u8, &.{ "Hello, ", name }) catch @trap());
}

// reverse: func(bytes: list<u8>) -> list<u8>;
export fn reverse(at: [*]u8, len: usize) *Text {
    std.mem.reverse(u8, at[0..len]);
    return give(at[0..len]);
}

// vowels: func(text: string) -> u32;
export fn vowels(at: [*]u8, len: usize) u32 {
    defer if (len > 0) heap.free(at[0..len]);
    var count: u32 = 0;
    for (at[0..len]) |byte| {
        if (std.mem.indexOfScalar(u8, "aeiouAEIOU", byte) != null) count += 1;
    }
    return count;
}

fn release(text: *Text) callconv(.c) void {
    if (text.len > 0) heap.free(text.at[0..text.len]);
}

comptime {
    @export(&release, .{ .name = "cabi_post_greet" });
    @export(&release, .{ .name = "cabi_post_reverse" });
}
