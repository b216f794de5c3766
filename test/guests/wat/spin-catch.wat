;; An endless loop that throws and catches everything, so that no exception gets out of it.
(module $spin_catch
  (tag $oops)
  (func $thrower (throw $oops))
  ;; spin: func();
  (func (export "spin")
    (loop $again
      (try (do (call $thrower)) (catch_all))
      (br $again)))
  ;; throws: func();   lets a WebAssembly.Exception out
  (func (export "throws") (throw $oops))
  ;; answer: func() -> s32;
  (func (export "answer") (result i32) (i32.const 42)))
