// The pointer-and-length ABI: allocate(size) -> pointer, fn(pointer, length) -> (pointer << 32) | length. Nobody frees.
// With -DWIDE all integers are 64 bits wide, as some guests have it.
#define EXPORT(name) __attribute__((export_name(name)))
#ifdef WIDE
typedef unsigned long long word;
#else
typedef unsigned int word;
#endif
typedef unsigned char u8;
typedef unsigned long long u64;

extern u8 __heap_base;
static unsigned top;

static u8 *take(unsigned size) {
  unsigned at = top ? top : (unsigned)&__heap_base, end = at + size, have = __builtin_wasm_memory_size(0) << 16;
  if (end > have && __builtin_wasm_memory_grow(0, (end - have + 65535) >> 16) == (__SIZE_TYPE__)-1) __builtin_trap();
  top = end;
  return (u8 *)at;
}

static u64 pack(const u8 *at, unsigned len) { return (u64)(unsigned)at << 32 | len; }

EXPORT("allocate") word allocate(word size) { return (word)(unsigned)take((unsigned)size); }

EXPORT("greet") u64 greet(word at, word len) {
  u8 *out = take((unsigned)len + 7);
  __builtin_memcpy(out, "Hello, ", 7);
  __builtin_memcpy(out + 7, (const u8 *)(unsigned)at, (unsigned)len);
  return pack(out, (unsigned)len + 7);
}

EXPORT("upper") u64 upper(word at, word len) {
  u8 *text = (u8 *)(unsigned)at;
  for (unsigned i = 0; i < len; i++)
    if (text[i] >= 'a' && text[i] <= 'z') text[i] -= 32;
  return pack(text, (unsigned)len);
}

// A result outside the memory, a function without a result, and one that traps.
EXPORT("outside") u64 outside(word at, word len) { return (u64)0x7fffff00u << 32 | 16; }
EXPORT("noresult") void noresult(word at, word len) {}
EXPORT("trap") u64 trap(word at, word len) { __builtin_trap(); }
EXPORT("spin") u64 spin(word at, word len) { for (volatile int go = 1; go;) {} return 0; }
