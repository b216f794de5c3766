;; Its start section traps: instantiation fails.
(module $start_trap
  (func $init unreachable)
  (start $init)
  (func (export "answer") (result i32) (i32.const 42)))
