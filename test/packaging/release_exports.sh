#!/usr/bin/env bash
# Configured as the release is, which has the library static and shared. `cmake --install` installs the static one alone: what CMake
# finds there is that one, and not the shared one of the Debian packages.
set -euo pipefail

rm -rf "$WORK"
cmake -S "$SOURCE" -B "$WORK" -G Ninja -DCMAKE_BUILD_TYPE="$BUILD_TYPE" -DFAIRLEAD_PACKAGES=ON -DFAIRLEAD_BUILD_TESTS=OFF \
    -DFAIRLEAD_BUILD_APPS=OFF
grep -q 'add_library(fairlead::fairlead STATIC IMPORTED)' "$WORK"/CMakeFiles/Export/*/fairlead-targets.cmake
grep -q 'add_library(fairlead::fairlead SHARED IMPORTED)' "$WORK"/CMakeFiles/Export/*/fairlead-shared-targets.cmake
