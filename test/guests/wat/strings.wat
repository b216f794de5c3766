;; Strings by the canonical ABI, written by hand. A bump allocator that never frees; the cabi_post_* functions reset it,
;; so `heap_used` tells whether the host called them.
(module $strings
  (memory (export "memory") 1)
  (global $base i32 (i32.const 64))            ;; 0..63: return areas
  (global $top (mut i32) (i32.const 64))

  (func $realloc (export "cabi_realloc")
    (param $old i32) (param $old_size i32) (param $align i32) (param $size i32) (result i32)
    (local $at i32)
    (local.set $at
      (i32.and
        (i32.add (global.get $top) (i32.sub (local.get $align) (i32.const 1)))
        (i32.sub (i32.const 0) (local.get $align))))
    (global.set $top (i32.add (local.get $at) (local.get $size)))
    (if (i32.gt_u (global.get $top) (i32.mul (memory.size) (i32.const 65536)))
      (then
        (if (i32.eq (i32.const -1)
              (memory.grow
                (i32.add (i32.const 1)
                  (i32.div_u
                    (i32.sub (global.get $top) (i32.mul (memory.size) (i32.const 65536)))
                    (i32.const 65536)))))
          (then unreachable))))
    (memory.copy (local.get $at) (local.get $old) (local.get $old_size))
    (local.get $at))

  (func $post (param i32) (global.set $top (global.get $base)))
  (export "cabi_post_echo" (func $post))
  (export "cabi_post_concat" (func $post))
  (export "cabi_post_shout" (func $post))
  (export "cabi_post_reverse" (func $post))

  ;; Stores (ptr, len) in the return area and gives its address.
  (func $pair (param $ptr i32) (param $len i32) (result i32)
    (i32.store (i32.const 0) (local.get $ptr))
    (i32.store (i32.const 4) (local.get $len))
    (i32.const 0))

  ;; echo: func(s: string) -> string;
  (func (export "echo") (param $ptr i32) (param $len i32) (result i32)
    (call $pair (local.get $ptr) (local.get $len)))

  ;; length: func(s: string) -> u32;   in UTF-8 bytes
  (func (export "length") (param $ptr i32) (param $len i32) (result i32)
    (local.get $len))

  ;; concat: func(a: string, b: string) -> string;
  (func (export "concat") (param $a i32) (param $alen i32) (param $b i32) (param $blen i32) (result i32)
    (local $to i32)
    (local.set $to
      (call $realloc (i32.const 0) (i32.const 0) (i32.const 1) (i32.add (local.get $alen) (local.get $blen))))
    (memory.copy (local.get $to) (local.get $a) (local.get $alen))
    (memory.copy (i32.add (local.get $to) (local.get $alen)) (local.get $b) (local.get $blen))
    (call $pair (local.get $to) (i32.add (local.get $alen) (local.get $blen))))

  ;; shout: func(s: string) -> string;   ASCII letters to upper case, in place
  (func (export "shout") (param $ptr i32) (param $len i32) (result i32)
    (local $i i32) (local $c i32)
    (block $done
      (loop $next
        (br_if $done (i32.ge_u (local.get $i) (local.get $len)))
        (local.set $c (i32.load8_u (i32.add (local.get $ptr) (local.get $i))))
        (if (i32.lt_u (i32.sub (local.get $c) (i32.const 97)) (i32.const 26))
          (then
            (i32.store8 (i32.add (local.get $ptr) (local.get $i)) (i32.sub (local.get $c) (i32.const 32)))))
        (local.set $i (i32.add (local.get $i) (i32.const 1)))
        (br $next)))
    (call $pair (local.get $ptr) (local.get $len)))

  ;; reverse: func(bytes: list<u8>) -> list<u8>;
  (func (export "reverse") (param $ptr i32) (param $len i32) (result i32)
    (local $to i32) (local $i i32)
    (local.set $to (call $realloc (i32.const 0) (i32.const 0) (i32.const 1) (local.get $len)))
    (block $done
      (loop $next
        (br_if $done (i32.ge_u (local.get $i) (local.get $len)))
        (i32.store8
          (i32.add (local.get $to) (i32.sub (i32.sub (local.get $len) (i32.const 1)) (local.get $i)))
          (i32.load8_u (i32.add (local.get $ptr) (local.get $i))))
        (local.set $i (i32.add (local.get $i) (i32.const 1)))
        (br $next)))
    (call $pair (local.get $to) (local.get $len)))

  ;; sum: func(xs: list<s32>) -> s64;
  (func (export "sum") (param $ptr i32) (param $len i32) (result i64)
    (local $i i32) (local $total i64)
    (block $done
      (loop $next
        (br_if $done (i32.ge_u (local.get $i) (local.get $len)))
        (local.set $total
          (i64.add (local.get $total)
            (i64.load32_s (i32.add (local.get $ptr) (i32.mul (local.get $i) (i32.const 4))))))
        (local.set $i (i32.add (local.get $i) (i32.const 1)))
        (br $next)))
    (local.get $total))

  ;; bad_utf8: func() -> string;   one byte that is no UTF-8
  (func (export "bad_utf8") (result i32)
    (i32.store8 (i32.const 16) (i32.const 0xff))
    (call $pair (i32.const 16) (i32.const 1)))

  ;; out_of_bounds: func() -> string;   a pointer outside the memory
  (func (export "out_of_bounds") (result i32)
    (call $pair (i32.const 0x7fffff00) (i32.const 10)))

  ;; heap_used: func() -> u32;
  (func (export "heap_used") (result i32)
    (i32.sub (global.get $top) (global.get $base))))
