;; A reactor: ready: func() -> s32; gives 1 only after _initialize ran once, 2 after it ran twice
(module $initialize
  (global $runs (mut i32) (i32.const 0))
  (func (export "_initialize") (global.set $runs (i32.add (global.get $runs) (i32.const 1))))
  (func (export "ready") (result i32) (global.get $runs)))
