;; Wrong on purpose: well formed, but `answer` leaves an i64 where an i32 is promised.
(module $broken_type
  (func (export "answer") (result i32)
    (i64.const 42)))
