;; Memory on demand.
(module $grow
  (memory (export "memory") 1)
  ;; grow: func(n: u32) -> u32;   page by page up to n pages; returns the pages it got
  (func (export "grow") (param $n i32) (result i32)
    (block $done
      (loop $again
        (br_if $done (i32.ge_u (memory.size) (local.get $n)))
        (br_if $done (i32.eq (memory.grow (i32.const 1)) (i32.const -1)))
        (br $again)))
    (memory.size))
  ;; grow_once: func(by: u32) -> s32;   what memory.grow returns: the old size, or -1
  (func (export "grow_once") (param $by i32) (result i32) (memory.grow (local.get $by)))
  ;; size: func() -> u32;
  (func (export "size") (result i32) (memory.size))
  ;; touch: func() -> u32;   writes one byte to each page; returns the pages written
  (func (export "touch") (result i32)
    (local $i i32)
    (block $done
      (loop $again
        (br_if $done (i32.ge_u (local.get $i) (memory.size)))
        (i32.store8 (i32.mul (local.get $i) (i32.const 65536)) (i32.const 1))
        (local.set $i (i32.add (local.get $i) (i32.const 1)))
        (br $again)))
    (local.get $i)))
