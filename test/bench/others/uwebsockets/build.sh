#!/bin/sh
# build.sh CHECKOUT DIRECTORY
#
# Builds uwebsockets-echo and uwebsockets-publish in DIRECTORY, from a checkout of uWebSockets with its submodule uSockets; without
# TLS and compression.
set -eu

if [ $# -ne 2 ]; then
    echo "usage: $0 CHECKOUT DIRECTORY" >&2
    exit 2
fi
here=$(dirname "$0") sockets=$1/uSockets/src
if [ ! -f "$sockets/libusockets.h" ]; then
    echo "$0: $1 has no uSockets/src/libusockets.h: give a checkout of uWebSockets with its submodules" >&2
    exit 1
fi
objects=$(mktemp -d)
trap 'rm -r "$objects"' EXIT
for source in "$sockets"/*.c "$sockets"/eventing/*.c; do
    gcc -std=c11 -O3 -flto=auto -DLIBUS_NO_SSL -I"$sockets" -c "$source" -o "$objects/$(basename "$source" .c).o"
done
mkdir -p "$2"
for program in echo publish; do
    g++ -std=c++20 -O3 -flto=auto -DNDEBUG -DLIBUS_NO_SSL -DUWS_NO_ZLIB -I"$1/src" -I"$sockets" -o "$2/uwebsockets-$program" \
        "$here/$program.cpp" "$objects"/*.o
done
