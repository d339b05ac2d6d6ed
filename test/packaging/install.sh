#!/usr/bin/env bash
# Installs the build, then moves the tree: nothing in it may remember where it was built or first installed.
set -euo pipefail

rm -rf "$WORK" "$PREFIX"
cmake --install "$BUILD" --prefix "$WORK/first" >"$BUILD/install.log"
mv "$WORK/first" "$PREFIX"

for file in fairlead.hpp fairlead-config.cmake fairlead-config-version.cmake fairlead-targets.cmake fairlead.pc \
    doc/fairlead/README.md doc/fairlead/docs/README.md doc/fairlead/docs/first-server.md \
    doc/fairlead/docs/images/performance.svg doc/fairlead/apps/examples/01_echo_server.cpp; do
    if [ -z "$(find "$PREFIX" -path "*/$file")" ]; then
        echo "not installed: $file"
        exit 1
    fi
done
if grep -rIn -e "$SOURCE" -e "$BUILD" "$PREFIX"; then
    echo "the installed tree names the tree it was built in"
    exit 1
fi
if grep -rIn -e -fstack -e FORTIFY_SOURCE -e relro "$PREFIX"; then
    echo "the installed package has its users take our flags of hardening"
    exit 1
fi
if [ -e "$PREFIX/bin/fairlead" ]; then
    "$PREFIX/bin/fairlead" --version
fi
