/** A small module for each part of WebAssembly that rewriting must leave as it is. Every export takes one i32. */
export const features: Readonly<Record<string, string>> = {
  "loops and branches": `(module
    (func (export "sum") (param i32) (result i32) (local $s i32)
      (block $out (loop $next (br_if $out (i32.eqz (local.get 0))) (local.set $s (i32.add (local.get $s) (local.get 0)))
        (local.set 0 (i32.sub (local.get 0) (i32.const 1))) (br $next))) (local.get $s))
    (func (export "switch") (param i32) (result i32)
      (block $c (block $b (block $a (br_table $a $b $c (local.get 0))) (return (i32.const 10))) (return (i32.const 20))) (i32.const 30))
    (func (export "value") (param i32) (result i32) (block $b (result i32) (br_if $b (i32.const 5) (local.get 0)) (drop) (i32.const 6))))`,
  calls: `(module (table 2 funcref) (elem (i32.const 0) $even $odd)
    (func $even (export "even") (param i32) (result i32) (if (result i32) (local.get 0) (then (call_indirect (param i32) (result i32) (i32.sub (local.get 0) (i32.const 1)) (i32.const 1))) (else (i32.const 1))))
    (func $odd (param i32) (result i32) (if (result i32) (local.get 0) (then (call $even (i32.sub (local.get 0) (i32.const 1)))) (else (i32.const 0))))
    (func (export "bad") (param i32) (result i32) (call_indirect (param i64) (result i32) (i64.const 1) (local.get 0))))`,
  "several results": `(module
    (func $two (param i32) (result i32 i64) (local.get 0) (i64.extend_i32_s (local.get 0)))
    (func (export "swap") (param i32) (result i64 i32) (local $a i64) (call $two (local.get 0)) (local.set $a) (drop) (local.get $a) (i32.const 7))
    (func (export "pass") (param i32) (result i32 i64) (if (local.get 0) (then (return (i32.const 1) (i64.const 2)))) (call $two (local.get 0)) (drop) (i64.const 9))
    (func (export "block") (param i32) (result i32) (loop $l (result i32 i32) (i32.const 1) (local.get 0)) (i32.add)))`,
  memory: `(module (memory 1 5) (data "passive")
    (func (export "grow") (param i32) (result i32) (drop (memory.grow (local.get 0))) (i32.add (i32.mul (i32.const 100) (memory.size)) (memory.grow (i32.const 1))))
    (func (export "store") (param i32) (result i32) (i32.store8 offset=65530 (local.get 0) (i32.const 7)) (i32.load8_u offset=65530 (local.get 0)))
    (func (export "fill") (param i32) (result i32) (memory.fill (i32.const 10) (i32.const 1) (local.get 0)) (memory.copy (i32.const 500) (i32.const 10) (local.get 0)) (i32.load (i32.const 500)))
    (func (export "init") (param i32) (result i32) (memory.init 0 (i32.const 0) (local.get 0) (i32.const 3)) (data.drop 0) (i32.load (i32.const 0))))`,
  "several memories": `(module (memory 1 2) (memory $b 2 4)
    (func (export "grow") (param i32) (result i32) (drop (memory.grow $b (local.get 0))) (drop (memory.grow 0 (i32.const 1))) (i32.add (memory.size 0) (i32.mul (i32.const 10) (memory.size $b))))
    (func (export "copy") (param i32) (result i32) (i32.store $b (i32.const 8) (local.get 0)) (memory.copy 0 $b (i32.const 0) (i32.const 8) (i32.const 4)) (i32.load (i32.const 0))))`,
  memory64: `(module (memory i64 1 3)
    (func (export "grow") (param i32) (result i64) (i64.add (memory.grow (i64.extend_i32_s (local.get 0))) (i64.mul (i64.const 10) (memory.size))))
    (func (export "fill") (param i32) (result i32) (memory.fill (i64.const 0) (i32.const 3) (i64.extend_i32_s (local.get 0))) (i32.load (i64.const 0))))`,
  "shared memory": `(module (memory 1 3 shared)
    (func (export "add") (param i32) (result i32) (drop (i32.atomic.rmw.add (i32.const 0) (local.get 0))) (atomic.fence) (i32.atomic.load (i32.const 0)))
    (func (export "grow") (param i32) (result i32) (i32.add (memory.grow (local.get 0)) (memory.size)))
    (func (export "notify") (param i32) (result i32) (memory.atomic.notify (i32.const 0) (local.get 0))))`,
  tables: `(module (table $t 2 10 externref) (table $f 3 funcref) (elem (table $f) (i32.const 0) func $one) (elem $e func $one $one) (func $one)
    (func (export "grow") (param i32) (result i32) (i32.add (table.grow $t (ref.null extern) (local.get 0)) (i32.mul (i32.const 100) (table.size $t))))
    (func (export "fill") (param i32) (result i32) (table.fill $f (i32.const 1) (ref.func $one) (local.get 0)) (ref.is_null (table.get $f (i32.const 2))))
    (func (export "init") (param i32) (result i32) (table.init $f $e (local.get 0) (i32.const 0) (i32.const 2)) (table.copy $f $f (i32.const 1) (i32.const 0) (i32.const 1)) (ref.is_null (table.get $f (i32.const 1)))))`,
  "tail calls": `(module
    (func $down (export "down") (param i32) (result i32) (if (i32.eqz (local.get 0)) (then (return (i32.const 42)))) (return_call $down (i32.sub (local.get 0) (i32.const 1))))
    (func (export "far") (param i32) (result i32) (return_call $down (i32.mul (local.get 0) (i32.const 100)))))`,
  exceptions: `(module (tag $e (param i32))
    (func $throws (param i32) (if (local.get 0) (then (throw $e (local.get 0)))))
    (func (export "catch") (param i32) (result i32)
      (block $h (result i32) (try_table (catch $e $h) (call $throws (local.get 0))) (i32.const -1)))
    (func (export "all") (param i32) (result i32) (local $n i32)
      (loop $again (block $h (try_table (catch_all $h) (call $throws (i32.const 1)))) (local.set $n (i32.add (local.get $n) (i32.const 1))) (br_if $again (i32.lt_s (local.get $n) (local.get 0)))) (local.get $n))
    (func (export "uncaught") (param i32) (result i32) (call $throws (local.get 0)) (i32.const 0))
    (func (export "reference") (param i32) (result i32)
      (block $o (result i32) (try_table (catch $e $o) (block $h (result exnref) (try_table (catch_all_ref $h) (call $throws (local.get 0))) (return (i32.const 3))) (throw_ref)) (i32.const 4))))`,
  "legacy exceptions": `(module (tag $e (param i32))
    (func $throws (param i32) (if (local.get 0) (then (throw $e (local.get 0)))))
    (func (export "catch") (param i32) (result i32) (local $n i32)
      (loop $l (try (do (call $throws (local.get $n))) (catch $e (drop)) (catch_all (local.set $n (i32.const 99))))
        (br_if $l (i32.lt_s (local.tee $n (i32.add (local.get $n) (i32.const 1))) (local.get 0)))) (local.get $n))
    (func (export "rethrow") (param i32) (result i32)
      (try (result i32) (do (try (result i32) (do (call $throws (local.get 0)) (i32.const 1)) (catch_all (rethrow 0)))) (catch $e (i32.add (i32.const 100)))))
    (func (export "delegate") (param i32) (result i32)
      (try $outer (result i32) (do (try (result i32) (do (call $throws (local.get 0)) (i32.const 1)) (delegate $outer))) (catch $e))))`,
  vectors: `(module (memory 1)
    (func (export "add") (param i32) (result i32) (i32x4.extract_lane 2 (i32x4.add (i32x4.splat (local.get 0)) (v128.const i32x4 1 2 3 4))))
    (func (export "lanes") (param i32) (result i32) (v128.store8_lane 3 (i32.const 0) (i8x16.shuffle 0 1 2 3 4 5 6 7 16 17 18 19 20 21 22 23 (i8x16.splat (local.get 0)) (i8x16.splat (i32.const 1)))) (i32.load8_u (i32.const 0)))
    (func (export "relaxed") (param i32) (result i32) (i8x16.extract_lane_u 0 (i8x16.relaxed_swizzle (i8x16.splat (local.get 0)) (i8x16.splat (i32.const 0))))))`,
  "references and structures": `(module (type $p (struct (field (mut i32)) (field i8))) (type $a (array (mut i32))) (type $f (func (param i32) (result i32)))
    (rec (type $l (struct (field (ref null $m)))) (type $m (struct (field (ref null $l)))))
    (func $double (type $f) (i32.mul (local.get 0) (i32.const 2))) (elem declare func $double)
    (func (export "struct") (param i32) (result i32) (local $p (ref $p)) (local.set $p (struct.new $p (local.get 0) (i32.const 2))) (struct.set $p 0 (local.get $p) (i32.add (local.get 0) (i32.const 1))) (struct.get $p 0 (local.get $p)))
    (func (export "array") (param i32) (result i32) (local $a (ref $a)) (local.set $a (array.new $a (i32.const 5) (local.get 0))) (array.fill $a (local.get $a) (i32.const 0) (i32.const 9) (i32.const 1)) (array.copy $a $a (local.get $a) (i32.const 1) (local.get $a) (i32.const 0) (i32.const 1)) (array.get $a (local.get $a) (i32.const 1)))
    (func (export "cast") (param i32) (result i32) (block $b (result (ref i31)) (drop (br_on_cast $b anyref (ref i31) (if (result anyref) (local.get 0) (then (ref.i31 (local.get 0))) (else (array.new_default $a (i32.const 1)))))) (return (i32.const -1))) (i31.get_s))
    (func (export "fails") (param i32) (result i32) (struct.get $p 0 (ref.cast (ref $p) (array.new_fixed $a 2 (local.get 0) (i32.const 1)))))
    (func (export "reference") (param i32) (result i32) (call_ref $f (local.get 0) (ref.func $double)))
    (func (export "null") (param i32) (result i32) (block $b (drop (br_on_null $b (if (result (ref null $p)) (local.get 0) (then (ref.null $p)) (else (struct.new_default $p))))) (return (i32.const 1))) (i32.const 2)))`,
  "a start function": `(module (memory 1) (global $g (mut i32) (i32.const 1)) (start $s) (func $s (global.set $g (i32.const 5)) (drop (memory.grow (i32.const 1))))
    (func (export "get") (param i32) (result i32) (i32.add (global.get $g) (memory.size))))`,
  traps: `(module (memory 1)
    (func (export "unreachable") (param i32) (result i32) (if (local.get 0) (then (unreachable))) (i32.const 0))
    (func (export "divide") (param i32) (result i32) (i32.div_s (i32.const 6) (local.get 0)))
    (func (export "load") (param i32) (result i32) (i32.load (i32.shl (local.get 0) (i32.const 20)))))`,
};
