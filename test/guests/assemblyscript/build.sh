#!/bin/sh
# Needs AssemblyScript 0.28 (ASC names its compiler), which reads only files ending in .ts; ours end in .as, so that the
# TypeScript compiler of the project passes them by. --use abort= turns the import env.abort into a plain trap.
set -eu
cd "$(dirname "$0")"
here=$PWD
mkdir -p ../.build/assemblyscript
cp strings/strings.as ../.build/assemblyscript/strings.ts
cd ../.build/assemblyscript
"${ASC:-asc}" strings.ts -o "$here/strings/strings.wasm" -O3 --shrinkLevel 2 --runtime stub --use abort=
"${ASC:-asc}" strings.ts -o "$here/strings/strings-abort.wasm" -O3 --shrinkLevel 2 --runtime stub
