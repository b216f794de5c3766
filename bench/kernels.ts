/** CPU-bound functions `run(n: i32) -> i32` in WebAssembly text, some milliseconds each: calls, loops, stores, floats. */

/** One of them, and the argument that takes it some milliseconds. */
export interface Kernel {
  readonly name: string;
  readonly n: number;
  readonly wat: string;
}

const fib = `(module
  (func $fib (param $n i32) (result i32)
    (if (result i32) (i32.lt_s (local.get $n) (i32.const 2))
      (then (local.get $n))
      (else (i32.add
        (call $fib (i32.sub (local.get $n) (i32.const 1)))
        (call $fib (i32.sub (local.get $n) (i32.const 2)))))))
  (func (export "run") (param i32) (result i32) (call $fib (local.get 0))))`;

/** Primes below n, up to 4 million. */
const sieve = `(module (memory 64)
  (func (export "run") (param $n i32) (result i32) (local $i i32) (local $j i32) (local $count i32)
    (memory.fill (i32.const 0) (i32.const 0) (local.get $n))
    (local.set $i (i32.const 2))
    (block $end (loop $outer
      (br_if $end (i32.ge_u (local.get $i) (local.get $n)))
      (if (i32.eqz (i32.load8_u (local.get $i))) (then
        (local.set $count (i32.add (local.get $count) (i32.const 1)))
        (local.set $j (i32.shl (local.get $i) (i32.const 1)))
        (block $done (loop $inner
          (br_if $done (i32.ge_u (local.get $j) (local.get $n)))
          (i32.store8 (local.get $j) (i32.const 1))
          (local.set $j (i32.add (local.get $j) (local.get $i)))
          (br $inner)))))
      (local.set $i (i32.add (local.get $i) (i32.const 1)))
      (br $outer)))
    (local.get $count)))`;

/** The product of two n by n matrices of f64, n up to 200. */
const matmul = `(module (memory 16)
  (func $at (param $base i32) (param $index i32) (result i32)
    (i32.add (local.get $base) (i32.shl (local.get $index) (i32.const 3))))
  (func (export "run") (param $n i32) (result i32)
    (local $i i32) (local $j i32) (local $k i32) (local $sum f64)
    (block $i_end (loop $i_next
      (br_if $i_end (i32.ge_u (local.get $i) (local.get $n)))
      (local.set $j (i32.const 0))
      (block $j_end (loop $j_next
        (br_if $j_end (i32.ge_u (local.get $j) (local.get $n)))
        (local.set $sum (f64.const 0))
        (local.set $k (i32.const 0))
        (block $k_end (loop $k_next
          (br_if $k_end (i32.ge_u (local.get $k) (local.get $n)))
          (local.set $sum (f64.add (local.get $sum) (f64.mul
            (f64.load (call $at (i32.const 0) (i32.add (i32.mul (local.get $i) (local.get $n)) (local.get $k))))
            (f64.load (call $at (i32.const 320000) (i32.add (i32.mul (local.get $k) (local.get $n)) (local.get $j)))))))
          (local.set $k (i32.add (local.get $k) (i32.const 1)))
          (br $k_next)))
        (f64.store (call $at (i32.const 640000) (i32.add (i32.mul (local.get $i) (local.get $n)) (local.get $j)))
          (local.get $sum))
        (local.set $j (i32.add (local.get $j) (i32.const 1)))
        (br $j_next)))
      (local.set $i (i32.add (local.get $i) (i32.const 1)))
      (br $i_next)))
    (local.get $n)))`;

/** CRC-32 without a table, over n bytes. */
const crc = `(module (memory 16)
  (func (export "run") (param $n i32) (result i32) (local $i i32) (local $crc i32) (local $bit i32)
    (local.set $crc (i32.const -1))
    (block $end (loop $next
      (br_if $end (i32.ge_u (local.get $i) (local.get $n)))
      (local.set $crc (i32.xor (local.get $crc) (i32.load8_u (i32.and (local.get $i) (i32.const 65535)))))
      (local.set $bit (i32.const 8))
      (loop $bits
        (local.set $crc (i32.xor (i32.shr_u (local.get $crc) (i32.const 1))
          (i32.and (i32.const 0xEDB88320) (i32.sub (i32.const 0) (i32.and (local.get $crc) (i32.const 1))))))
        (br_if $bits (local.tee $bit (i32.sub (local.get $bit) (i32.const 1)))))
      (local.set $i (i32.add (local.get $i) (i32.const 1)))
      (br $next)))
    (local.get $crc)))`;

/** Points of an n by n picture that stay bounded for 100 steps. */
const mandelbrot = `(module
  (func $escapes (param $a f64) (param $b f64) (result i32) (local $x f64) (local $y f64) (local $t f64) (local $i i32)
    (loop $next
      (local.set $t (f64.add (f64.sub (f64.mul (local.get $x) (local.get $x)) (f64.mul (local.get $y) (local.get $y)))
        (local.get $a)))
      (local.set $y (f64.add (f64.mul (f64.const 2) (f64.mul (local.get $x) (local.get $y))) (local.get $b)))
      (local.set $x (local.get $t))
      (if (f64.gt (f64.add (f64.mul (local.get $x) (local.get $x)) (f64.mul (local.get $y) (local.get $y))) (f64.const 4))
        (then (return (i32.const 1))))
      (br_if $next (i32.lt_u (local.tee $i (i32.add (local.get $i) (i32.const 1))) (i32.const 100))))
    (i32.const 0))
  (func $scaled (param $i i32) (param $n i32) (result f64)
    (f64.sub (f64.div (f64.convert_i32_u (i32.mul (local.get $i) (i32.const 4))) (f64.convert_i32_u (local.get $n)))
      (f64.const 2)))
  (func (export "run") (param $n i32) (result i32) (local $i i32) (local $count i32)
    (loop $next
      (local.set $count (i32.add (local.get $count) (i32.eqz (call $escapes
        (call $scaled (i32.rem_u (local.get $i) (local.get $n)) (local.get $n))
        (call $scaled (i32.div_u (local.get $i) (local.get $n)) (local.get $n))))))
      (br_if $next (i32.lt_u (local.tee $i (i32.add (local.get $i) (i32.const 1)))
        (i32.mul (local.get $n) (local.get $n)))))
    (local.get $count)))`;

export const kernels: readonly Kernel[] = [
  { name: "fib", n: 32, wat: fib },
  { name: "sieve", n: 1_000_000, wat: sieve },
  { name: "matmul", n: 160, wat: matmul },
  { name: "crc32", n: 500_000, wat: crc },
  { name: "mandelbrot", n: 400, wat: mandelbrot },
];
