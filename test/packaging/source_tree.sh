#!/usr/bin/env bash
# The consumer with Fairlead's source tree inside its own build, as add_subdirectory and FetchContent do it, and the
# library shared for once and without its optional parts. Nothing but the library may be built, and nothing of it installed.
set -euo pipefail

rm -rf "$WORK"
cmake -S "$SOURCE/test/consumer" -B "$WORK" -G Ninja -DBUILD_SHARED_LIBS=ON -DFAIRLEAD_FILES=OFF -DFAIRLEAD_TLS=OFF \
    -DFAIRLEAD_NATS=OFF -DFAIRLEAD_ZSTD=OFF -DFAIRLEAD_ZLIB=OFF -DFAIRLEAD_SOURCE_DIR="$SOURCE" \
    -DCMAKE_UNITY_BUILD_BATCH_SIZE=40 -DCMAKE_CXX_COMPILER_LAUNCHER="$LAUNCHER"
cmake --build "$WORK" -j 2
"$WORK/consumer"

# The names of public headers are visible, and no others of ours.
names=$(nm --dynamic --defined-only --demangle "$WORK"/fairlead/libfairlead.so)
if ! grep -q ' fairlead::server::listen(' <<<"$names" || grep -E ' fairlead::(session_impl|send_queue)::' <<<"$names"; then
    echo "the shared library shows the wrong names"
    exit 1
fi

if [ -e "$WORK/fairlead/apps" ] || [ -e "$WORK/fairlead/test" ]; then
    echo "programs or tests of Fairlead became part of the project that uses it"
    exit 1
fi
