;; A component with a plain function among its imports, which takes a string, and one that it never calls.
;; import log: func(line: string);  import unused: func() -> u32;
;; run: func(n: u32) -> u32;   logs "hi" n times, returns n
(component $imports
  (import "log" (func $log (param "line" string)))
  (import "unused" (func $unused (result u32)))
  (core module $libc (memory (export "memory") 1) (data (i32.const 8) "hi"))
  (core instance $libc (instantiate $libc))
  (core func $log_lowered (canon lower (func $log) (memory (core memory $libc "memory"))))
  (core func $unused_lowered (canon lower (func $unused)))
  (core module $m
    (import "host" "log" (func $log (param i32 i32)))
    (import "host" "unused" (func (result i32)))
    (func (export "run") (param $n i32) (result i32)
      (local $i i32)
      (block $done
        (loop $again
          (br_if $done (i32.ge_u (local.get $i) (local.get $n)))
          (call $log (i32.const 8) (i32.const 2))
          (local.set $i (i32.add (local.get $i) (i32.const 1)))
          (br $again)))
      (local.get $n)))
  (core instance $i (instantiate $m
    (with "host" (instance (export "log" (func $log_lowered)) (export "unused" (func $unused_lowered))))))
  (func (export "run") (param "n" u32) (result u32) (canon lift (core func $i "run"))))
