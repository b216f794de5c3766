#!/bin/sh
# Needs clang, lld, wasi-libc and libclang-rt for wasm32. CLANG names the compiler (clang-19 if there is one).
set -eu
cd "$(dirname "$0")"
CLANG=${CLANG:-$(command -v clang-19 || command -v clang)}
plain="--target=wasm32 -Os -nostdlib -ffreestanding -mbulk-memory -Wno-pointer-to-int-cast -Wno-int-to-pointer-cast
  -Wl,--no-entry -Wl,--strip-debug -Wl,-z,stack-size=8192"
wasi="--target=wasm32-wasi --sysroot=/usr -Os -Wl,--strip-debug -Wl,-z,stack-size=65536"

$CLANG $plain -DALLOCATOR=0 records/records.c -o records/records.wasm
$CLANG $plain -DALLOCATOR=1 records/records.c -o records/records-allocate.wasm
$CLANG $plain -DALLOCATOR=2 records/records.c -o records/records-alloc.wasm
$CLANG $plain greet/greet.c -o greet/greet.wasm
$CLANG $plain -DWIDE greet/greet.c -o greet/greet-wide.wasm
$CLANG $wasi hello/hello.c -o hello/hello.wasm
$CLANG $wasi json/json.c -o json/json.wasm
$CLANG $wasi probe/probe.c -o probe/probe.wasm
$CLANG $wasi -mexec-model=reactor reactor/reactor.c -o reactor/reactor.wasm
node ../tools/wasm.ts component hello/hello.wasm hello/hello-component.wasm --adapter command
chmod 644 */*.wasm # Linkers mark their output executable.
