;; Wrong on purpose: line 4 names an instruction that does not exist.
(module $broken
  (func (export "answer") (result i32)
    (i32.constant 42)))
