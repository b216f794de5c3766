;; Everything in a module that can change, and a probe that tells what has.
(module $state
  (memory (export "memory") 1)
  (table $t 2 funcref)
  (global $small (mut i32) (i32.const 5))
  (global $wide (mut i64) (i64.const -1))
  (global $real (mut f64) (f64.const 1.5))
  (data $text (i32.const 16) "fresh")
  (data $spare "spare")
  (elem (i32.const 0) $one)
  (elem $more func $two)
  (func $one (result i32) (i32.const 1))
  (func $two (result i32) (i32.const 2))
  ;; set: func(at: u32, value: u32);
  (func (export "set") (param $at i32) (param $value i32) (i32.store (local.get $at) (local.get $value)))
  ;; get: func(at: u32) -> u32;
  (func (export "get") (param $at i32) (result i32) (i32.load (local.get $at)))
  ;; mutate: func();   changes all seven kinds of state
  (func (export "mutate")
    (global.set $small (i32.const 6))
    (global.set $wide (i64.const 0))
    (global.set $real (f64.const 2.5))
    (i32.store (i32.const 16) (i32.const 0))
    (i32.store (i32.const 60000) (i32.const 1))
    (table.init $t $more (i32.const 0) (i32.const 0) (i32.const 1))
    (drop (memory.grow (i32.const 1))))
  ;; probe: func() -> u32;   a bit for each kind that differs from a fresh instance:
  ;; 1 i32 global, 2 i64 global, 4 f64 global, 8 data segment, 16 zeroed memory, 32 table, 64 memory size
  (func (export "probe") (result i32)
    (i32.or
      (i32.or
        (i32.or
          (i32.ne (global.get $small) (i32.const 5))
          (i32.shl (i64.ne (global.get $wide) (i64.const -1)) (i32.const 1)))
        (i32.or
          (i32.shl (f64.ne (global.get $real) (f64.const 1.5)) (i32.const 2))
          (i32.shl (i32.ne (i32.load (i32.const 16)) (i32.const 0x73657266)) (i32.const 3))))
      (i32.or
        (i32.or
          (i32.shl (i32.ne (i32.load (i32.const 60000)) (i32.const 0)) (i32.const 4))
          (i32.shl (i32.ne (call_indirect $t (result i32) (i32.const 0)) (i32.const 1)) (i32.const 5)))
        (i32.shl (i32.ne (memory.size) (i32.const 1)) (i32.const 6)))))
  ;; drop_segments: func();   afterwards `init_spare` traps
  (func (export "drop_segments") (data.drop $spare) (elem.drop $more))
  ;; init_spare: func() -> u32;
  (func (export "init_spare") (result i32)
    (memory.init $spare (i32.const 128) (i32.const 0) (i32.const 5))
    (i32.load8_u (i32.const 128))))
