#!/bin/sh
# Rebuilds the guests of the languages named (all, if none is): says which toolchain is missing, and goes on with the others.
# Exit code 1 if a build that was started failed. CLANG, ZIG and ASC may name compilers that are not on PATH.
set -u
cd "$(dirname "$0")"
PATH="$PWD/../../node_modules/.bin:$PATH"
failed=0

has() { command -v "$1" > /dev/null 2>&1; }
wasi_libc() { test -f /usr/lib/wasm32-wasi/libc.a; }
rust_targets() { rustc --print target-libdir --target wasm32-wasip2 2> /dev/null | xargs -I{} test -d {}; }

build() { # language, what it needs, the test for it, the command
  if ! eval "$3"; then
    echo "$1: left out, needs $2"
  elif eval "$4" > .build/log 2>&1; then
    echo "$1: built"
  else
    echo "$1: FAILED" && tail -20 .build/log
    failed=1
  fi
}

mkdir -p .build
for language in ${*:-wat rust c zig assemblyscript go js}; do
  case "$language" in
    wat) build wat "the project's node_modules" "has node" wat/build.sh ;;
    rust) build rust "cargo and the targets wasm32-unknown-unknown, wasm32-wasip1, wasm32-wasip2" "has cargo && rust_targets" rust/build.sh ;;
    c) build c "clang, lld, wasi-libc, libclang-rt for wasm32" "{ has \"\${CLANG:-clang-19}\" || has clang; } && wasi_libc" c/build.sh ;;
    zig) build zig "Zig 0.14" "has \"\${ZIG:-zig}\"" zig/build.sh ;;
    assemblyscript) build assemblyscript "AssemblyScript (asc)" "has \"\${ASC:-asc}\"" assemblyscript/build.sh ;;
    go) build go "Go 1.25" "has go" go/build.sh ;;
    js) build js "the project's node_modules" "has node" "node js/build.ts --force && node js/web-build.ts" ;;
    *) echo "unknown language $language" && failed=1 ;;
  esac
done
exit $failed
