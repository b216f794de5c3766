;; Imports a function that nobody provides. `answer` does not need it.
(module $imports_env
  (import "env" "f" (func $f (param i32) (result i32)))
  ;; answer: func() -> s32;
  (func (export "answer") (result i32) (i32.const 42))
  ;; use_f: func(a: s32) -> s32;
  (func (export "use_f") (param $a i32) (result i32) (call $f (local.get $a))))
