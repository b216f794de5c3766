#!/bin/sh
# Needs Zig 0.14 (ZIG names it). The default stack of 16 MiB would make a memory of 257 pages: hence --stack.
set -eu
cd "$(dirname "$0")/strings"
cache="$PWD/../../.build/zig"
"${ZIG:-zig}" build-exe strings.zig -target wasm32-freestanding -O ReleaseSmall -fstrip -fno-entry -rdynamic --stack 65536 \
  -femit-bin=strings.wasm --cache-dir "$cache" --global-cache-dir "$cache"
rm -f strings.wasm.o
chmod 644 strings.wasm # The linker marks its output executable.
