#!/bin/sh
# Assembles every .wat but the ones that are wrong on purpose. Needs nothing but the project's own node_modules.
set -eu
cd "$(dirname "$0")"
for file in *.wat; do
  case "$file" in broken-*) continue ;; esac
  node ../tools/wasm.ts wat "$file" "${file%.wat}.wasm"
done
node ../tools/wasm.ts truncate strings.wasm truncated.wasm 200
