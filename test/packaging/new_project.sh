#!/usr/bin/env bash
# Projects of `fairlead new` are built against the installed package and tested, by the commands that it prints: one, or with
# FAIRLEAD_LONG all kinds.
set -euo pipefail

rm -rf "$WORK"
mkdir -p "$WORK"
export PATH="$PREFIX/bin:$PATH" # CMake looks for packages beside the programs, too
export CMAKE_CXX_COMPILER_LAUNCHER=$LAUNCHER

# try NAME OPTIONS…
try() {
    cd "$WORK"
    fairlead new "$@" | tee made
    local begin=$SECONDS
    eval "$(tail -n 3 made | sed 's/$/ \&\&/') true"
    echo "$*: $((SECONDS - begin)) s"
}

try session-custom --handler session --framing custom
if [ -z "${FAIRLEAD_LONG:-}" ]; then exit; fi

for handler in message session; do
    try "$handler-length" --handler $handler
    try "$handler-ws" --handler $handler --transport ws
done
try message-custom --framing custom
try message-udp --transport udp
try session-udp --handler session --transport udp
# shellcheck disable=SC1003 # a backslash
for framing in 'delimiter:"\r\n\\' delimiter:aho fixed:16 raw varint; do
    try "framing-${framing%%:*}" --framing "$framing"
    rm -rf "$WORK/framing-delimiter"
done
if fairlead new message-tls --in "$WORK" --transport tls >/dev/null; then # a build with TLS
    rm -rf "$WORK/message-tls"
    try message-tls --transport tls --framing line
    try session-custom-tls --handler session --transport tls --framing custom
fi

cd "$WORK/session-custom"
cmake --preset sanitize && cmake --build --preset sanitize && ctest --preset sanitize
cmake --preset release && cmake --build --preset release && cmake --install build/release --prefix "$WORK/prefix"
test -x "$WORK/prefix/bin/session-custom"
