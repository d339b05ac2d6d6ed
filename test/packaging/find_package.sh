#!/usr/bin/env bash
# The consumer against the installed CMake package.
set -euo pipefail

rm -rf "$WORK"
cmake -S "$SOURCE/test/consumer" -B "$WORK" -G Ninja -DCMAKE_BUILD_TYPE="$BUILD_TYPE" -DCMAKE_PREFIX_PATH="$PREFIX"
cmake --build "$WORK"
"$WORK/consumer"
