#!/usr/bin/env bash
# The Debian packages, built twice in two directories: both give the same bytes, and lintian finds no fault. It builds the release
# twice, so only `./dev test --long` runs it.
set -euo pipefail

if [ -z "${FAIRLEAD_LONG:-}" ]; then
    echo "skipped: it takes two builds of the release; run it with ./dev test --long"
    exit 77
fi
for tool in dpkg-shlibdeps lintian; do
    if ! command -v "$tool" >/dev/null; then
        echo "skipped: there is no $tool"
        exit 77
    fi
done

# Copies of the sources alone, so that the directories of source and build differ too.
rm -rf "$WORK" "$PACKAGES"
for name in one another-directory; do
    tree=$WORK/$name/source
    mkdir -p "$tree"
    tar -C "$SOURCE" -c --exclude=./build --exclude=./.git . | tar -C "$tree" -x
    SOURCE_DATE_EPOCH=1000000000 cmake -S "$tree" -B "$WORK/$name/build" -G Ninja -DCMAKE_BUILD_TYPE=Release \
        -DCMAKE_CXX_COMPILER="$CXX" -DFAIRLEAD_BUILD_TESTS=OFF -DFAIRLEAD_PACKAGES=ON
    cmake --build "$WORK/$name/build" --target package
done
mkdir "$PACKAGES"
for package in "$WORK"/one/build/packages/*.deb; do
    cmp "$package" "$WORK/another-directory/build/packages/$(basename "$package")"
    cp "$package" "$PACKAGES"
done
# No upload to Debian is meant, so no bug of Debian's is closed.
lintian --allow-root --fail-on error,warning --suppress-tags initial-upload-closes-no-bugs "$PACKAGES"/*.deb
