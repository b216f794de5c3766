;; Imports its memory, a table and a global, as emscripten and some linkers do.
(module $imports_memory
  (import "env" "memory" (memory 1 4))
  (import "env" "table" (table 1 funcref))
  (import "env" "base" (global $base i32))
  (func (export "peek") (param $at i32) (result i32) (i32.load (local.get $at)))
  (func (export "base") (result i32) (global.get $base)))
