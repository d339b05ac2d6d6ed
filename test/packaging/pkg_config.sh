#!/usr/bin/env bash
# The consumer compiled by hand with what pkg-config says.
set -euo pipefail

rm -rf "$WORK"
mkdir -p "$WORK"
PKG_CONFIG_PATH=$(dirname "$(find "$PREFIX" -name fairlead.pc)")
export PKG_CONFIG_PATH
flags=$(pkg-config --cflags --libs fairlead)
echo "pkg-config says: $flags"
# shellcheck disable=SC2086 # the flags are words
"$CXX" -std=c++20 "$SOURCE/test/consumer/main.cpp" $flags -Wl,-rpath,"$(pkg-config --variable=libdir fairlead)" \
    -o "$WORK/consumer"
"$WORK/consumer"
