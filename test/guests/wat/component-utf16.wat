;; A component whose strings are UTF-16, as some languages have them.
;; echo: func(s: string) -> string;  units: func(s: string) -> u32;   the length in UTF-16 code units
(component $utf16
  (core module $m
    (memory (export "memory") 1)
    (global $top (mut i32) (i32.const 64))
    (func (export "cabi_realloc") (param $old i32) (param $old_size i32) (param $align i32) (param $size i32) (result i32)
      (local $at i32)
      (local.set $at (i32.and (i32.add (global.get $top) (i32.const 7)) (i32.const -8)))
      (global.set $top (i32.add (local.get $at) (local.get $size)))
      (if (i32.gt_u (global.get $top) (i32.const 65536)) (then unreachable))
      (memory.copy (local.get $at) (local.get $old)
        (select (local.get $old_size) (local.get $size) (i32.lt_u (local.get $old_size) (local.get $size))))
      (local.get $at))
    (func (export "units") (param i32 i32) (result i32) (local.get 1))
    (func (export "echo") (param i32 i32) (result i32)
      (i32.store (i32.const 0) (local.get 0))
      (i32.store (i32.const 4) (local.get 1))
      (i32.const 0))
    (func (export "cabi_post_echo") (param i32) (global.set $top (i32.const 64))))
  (core instance $i (instantiate $m))
  (func (export "units") (param "s" string) (result u32)
    (canon lift (core func $i "units") string-encoding=utf16
      (memory (core memory $i "memory"))
      (realloc (core func $i "cabi_realloc"))))
  (func (export "echo") (param "s" string) (result string)
    (canon lift (core func $i "echo") string-encoding=utf16
      (memory (core memory $i "memory"))
      (realloc (core func $i "cabi_realloc"))
      (post-return (core func $i "cabi_post_echo")))))
