;; The smallest guest: answer: func() -> s32;
(module $answer
  (func (export "answer") (result i32)
    (i32.const 42)))
