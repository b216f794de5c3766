#!/bin/sh
# Needs Go 1.25 or newer. The result is about 3 MB and is not committed: it goes to .build/go/hello.wasm.
set -eu
cd "$(dirname "$0")/hello"
mkdir -p ../../.build/go
GOOS=wasip1 GOARCH=wasm go build -trimpath -ldflags="-s -w" -o ../../.build/go/hello.wasm .
