// A core module with strings by the canonical ABI, in AssemblyScript without its runtime's own string type at the border:
// WIT strings are UTF-8, AssemblyScript's are UTF-16. Nothing is freed (stub runtime).

export function cabi_realloc(old: usize, oldSize: usize, align: usize, size: usize): usize {
  const at = heap.alloc(size + align);
  const aligned = (at + align - 1) & ~(align - 1);
  if (oldSize > 0) memory.copy(aligned, old, oldSize);
  return aligned;
}

function give(text: string): usize {
  const length = String.UTF8.byteLength(text);
  const area = heap.alloc(8 + length);
  String.UTF8.encodeUnsafe(changetype<usize>(text), text.length, area + 8);
  store<u32>(area, <u32>(area + 8));
  store<u32>(area, length, 4);
  return area;
}

// add: func(a: s32, b: s32) -> s32;
export function add(a: i32, b: i32): i32 {
  return a + b;
}

// half: func(x: f64) -> f64;
export function half(x: f64): f64 {
  return x / 2;
}

// greet: func(name: string) -> string;
export function greet(at: usize, length: usize): usize {
  return give("Hello, " + String.UTF8.decodeUnsafe(at, length));
}

// upper: func(text: string) -> string;
export function upper(at: usize, length: usize): usize {
  return give(String.UTF8.decodeUnsafe(at, length).toUpperCase());
}

// sum: func(xs: list<f64>) -> f64;
export function sum(at: usize, length: usize): f64 {
  let total: f64 = 0;
  for (let i: usize = 0; i < length; i++) total += load<f64>(at + i * 8);
  return total;
}

// fails: func();   throws, which is the import env.abort; without one it traps
export function fails(): void {
  throw new Error("on purpose");
}
