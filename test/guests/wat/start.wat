;; Has a start section. started: func() -> s32; gives 7
(module $start
  (memory (export "memory") 1)
  (func $init (i32.store (i32.const 0) (i32.const 7)))
  (start $init)
  (func (export "started") (result i32) (i32.load (i32.const 0))))
