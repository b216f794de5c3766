;; Two components inside a third: `doubler` imports what `adder` exports, and the whole exports the interface weft:nested/math@0.1.0.
;; twice: func(n: s32) -> s32;  add: func(a: s32, b: s32) -> s32;
(component $nested
  (component $adder
    (core module $m
      (func (export "add") (param i32 i32) (result i32) (i32.add (local.get 0) (local.get 1))))
    (core instance $i (instantiate $m))
    (func (export "add") (param "a" s32) (param "b" s32) (result s32)
      (canon lift (core func $i "add"))))
  (component $doubler
    (import "add" (func $add (param "a" s32) (param "b" s32) (result s32)))
    (core func $add_lowered (canon lower (func $add)))
    (core module $m
      (import "host" "add" (func $add (param i32 i32) (result i32)))
      (func (export "twice") (param i32) (result i32) (call $add (local.get 0) (local.get 0))))
    (core instance $i (instantiate $m (with "host" (instance (export "add" (func $add_lowered))))))
    (func (export "twice") (param "n" s32) (result s32)
      (canon lift (core func $i "twice"))))
  (instance $a (instantiate $adder))
  (instance $d (instantiate $doubler (with "add" (func $a "add"))))
  (instance (export "weft:nested/math@0.1.0")
    (export "twice" (func $d "twice"))
    (export "add" (func $a "add"))))
