// The canonical ABI for C without any library: a small heap, strings, lists.
// Build with -DALLOCATOR=0 (cabi_realloc), 1 (allocate + deallocate) or 2 (alloc): the name under which the host finds the heap.
#pragma once
typedef unsigned char u8;
typedef unsigned int u32;
typedef int s32;
typedef long long s64;

#define EXPORT(name) __attribute__((export_name(name)))
#ifndef ALLOCATOR
#define ALLOCATOR 0
#endif

typedef struct { u8 *at; u32 len; } string;

extern u8 __heap_base;
static u32 heap_top;

static void *take(u32 size, u32 align) {
  u32 at = heap_top ? heap_top : (u32)&__heap_base;
  at = (at + align - 1) & -align;
  u32 end = at + size, have = __builtin_wasm_memory_size(0) << 16;
  if (end < at) __builtin_trap();
  if (end > have && __builtin_wasm_memory_grow(0, ((end - have) + 65535) >> 16) == (__SIZE_TYPE__)-1) __builtin_trap();
  heap_top = end;
  return (void *)at;
}

// Every result is the last thing of its call, so the post-return functions simply empty the heap.
static void free_all(void) { heap_top = 0; }

static void copy(void *to, const void *from, u32 len) { __builtin_memcpy(to, from, len); }

#if ALLOCATOR == 0
EXPORT("cabi_realloc") void *cabi_realloc(void *old, u32 old_size, u32 align, u32 size) {
  void *at = take(size, align);
  if (old_size) copy(at, old, old_size < size ? old_size : size);
  return at;
}
#elif ALLOCATOR == 1
EXPORT("allocate") void *allocate(u32 size) { return take(size, 8); }
EXPORT("deallocate") void deallocate(void *at, u32 size) {
  if ((u32)at + size == heap_top) heap_top = (u32)at;
}
#else
EXPORT("alloc") void *alloc(u32 size) { return take(size, 8); }
#endif

// How many bytes of the heap are in use.
EXPORT("heap_used") u32 heap_used(void) { return heap_top ? heap_top - (u32)&__heap_base : 0; }
