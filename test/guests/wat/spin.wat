;; Guests that do not come back, and their neighbours that do.
(module $spin
  (memory (export "memory") 1)
  ;; spin: func();
  (func (export "spin") (loop $again (br $again)))
  ;; spin_memory: func();   the same with stores, for engines that poll on memory access
  (func (export "spin_memory")
    (loop $again
      (i32.store (i32.const 0) (i32.add (i32.load (i32.const 0)) (i32.const 1)))
      (br $again)))
  ;; spin_bulk: func();   an endless row of 32 KiB fills
  (func (export "spin_bulk")
    (loop $again
      (memory.fill (i32.const 0) (i32.const 7) (i32.const 32768))
      (br $again)))
  ;; spin_grow: func();   grows until refused, then spins on refusals
  (func (export "spin_grow")
    (loop $again
      (drop (memory.grow (i32.const 1)))
      (br $again)))
  ;; rounds: func(n: u64) -> u64;   bounded work: n turns of a loop
  (func (export "rounds") (param $n i64) (result i64)
    (local $i i64)
    (block $done
      (loop $again
        (br_if $done (i64.ge_u (local.get $i) (local.get $n)))
        (local.set $i (i64.add (local.get $i) (i64.const 1)))
        (br $again)))
    (local.get $i))
  ;; answer: func() -> s32;
  (func (export "answer") (result i32) (i32.const 42)))
