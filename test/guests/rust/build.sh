#!/bin/sh
# Needs rustup with the targets wasm32-unknown-unknown, wasm32-wasip1 and wasm32-wasip2 (rustup target add …), and cargo's registry.
set -eu
cd "$(dirname "$0")"
export CARGO_TARGET_DIR="$PWD/../.build/rust"
out="$CARGO_TARGET_DIR"
# Panic messages name source files: without the folders of the machine that built them.
export RUSTFLAGS="--remap-path-prefix=$PWD=guests --remap-path-prefix=${CARGO_HOME:-$HOME/.cargo}=cargo --remap-path-prefix=$(rustc --print sysroot)=rust"

cargo build --release --target wasm32-unknown-unknown -p core-strings -p shapes -p sleeper -p host-import -p counter -p fetcher -p user-app -p caller -p user-store -p worker -p peer -p tally -p web
cargo build --release --target wasm32-wasip1 -p run
cargo build --release --target wasm32-wasip2 -p run -p wasi-tour -p net

plain="$out/wasm32-unknown-unknown/release"
cp "$plain/core_strings.wasm" core-strings/core-strings.wasm
for name in shapes sleeper host-import counter fetcher user-app caller user-store worker peer tally web; do
  node ../tools/wasm.ts component "$plain/$(echo $name | tr - _).wasm" "$name/$name.wasm"
done
cp "$out/wasm32-wasip2/release/wasi_tour.wasm" wasi-tour/wasi-tour.wasm
cp "$out/wasm32-wasip2/release/net.wasm" net/net.wasm
cp "$out/wasm32-wasip1/release/run.wasm" run/run-p1.wasm
cp "$out/wasm32-wasip2/release/run.wasm" run/run-p2.wasm
node ../tools/wasm.ts component run/run-p1.wasm run/run-adapted.wasm --adapter command
chmod 644 */*.wasm # cargo marks its output executable.
