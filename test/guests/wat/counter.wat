;; Counts its own calls, in a global and in memory: both return 1 on a fresh instance.
(module $counter
  (memory (export "memory") 1)
  (global $count (export "count") (mut i32) (i32.const 0))
  ;; next: func() -> s32;
  (func (export "next") (result i32)
    (global.set $count (i32.add (global.get $count) (i32.const 1)))
    (global.get $count))
  ;; next_memory: func() -> s32;
  (func (export "next_memory") (result i32)
    (i32.store (i32.const 1024) (i32.add (i32.load (i32.const 1024)) (i32.const 1)))
    (i32.load (i32.const 1024))))
