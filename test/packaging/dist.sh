#!/usr/bin/env bash
# The tarball of `./dev dist`: the same bytes each time, no date in its compression, and a tree that configures without a network.
# With FAIRLEAD_LONG the library and the command are built from it.
set -euo pipefail

if ! [ -e "$SOURCE/.git" ] || ! git -C "$SOURCE" rev-parse --quiet --verify HEAD >/dev/null 2>&1; then
    echo "skipped: this tree is not a clone of the repository that git can read, from which a tarball is made"
    exit 77
fi

rm -rf "$WORK"
mkdir -p "$WORK"
tarball() { "$SOURCE/dev" dist "$1" | sed -n 's/^wrote //p'; }
first=$(tarball "$WORK/first")
second=$(tarball "$WORK/second")
cmp "$first" "$second"

tar -xzf "$first" -C "$WORK"
tree=$WORK/$(basename "$first" .tar.gz)
if grep -q Format "$tree/cmake/source_date.txt"; then
    echo "the tarball does not know the date of its source"
    exit 1
fi

# Where the system allows it, in a network of its own that leads nowhere.
alone=(unshare --map-root-user --net)
if ! "${alone[@]}" true 2>/dev/null; then alone=(); fi
# Looking for the flags of hardening takes longest.
"${alone[@]}" cmake -S "$tree" -B "$WORK/build" -G Ninja -DCMAKE_BUILD_TYPE="$BUILD_TYPE" -DFAIRLEAD_BUILD_TESTS=OFF \
    -DFAIRLEAD_HARDENING="${FAIRLEAD_LONG:-OFF}" -DCMAKE_CXX_COMPILER_LAUNCHER="$LAUNCHER"
if [ -n "${FAIRLEAD_LONG:-}" ]; then
    "${alone[@]}" cmake --build "$WORK/build" --target fairlead-command fairlead-generated
    "$WORK/build/apps/fairlead/fairlead" --version
fi
