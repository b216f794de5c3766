(module $recurse
  ;; depth: func(n: u32) -> u32;   n nested calls; a large n overflows the stack
  (func $depth (export "depth") (param $n i32) (result i32)
    (if (result i32) (i32.eqz (local.get $n))
      (then (i32.const 0))
      (else (i32.add (i32.const 1) (call $depth (i32.sub (local.get $n) (i32.const 1)))))))
  ;; forever: func() -> s32;   always overflows the stack
  (func $forever (export "forever") (result i32)
    (i32.add (i32.const 1) (call $forever)))
  ;; answer: func() -> s32;
  (func (export "answer") (result i32) (i32.const 42)))
