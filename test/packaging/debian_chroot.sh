#!/usr/bin/env bash
# The Debian packages in a system that has nothing else: installed, used and removed. They are those of debian_packages.sh, or of
# the directory that PACKAGES names.
set -euo pipefail

source "$SOURCE/test/packaging/minimal_system.sh"

if [ -z "${FAIRLEAD_LONG:-}" ]; then skip "it makes a system by debootstrap; run it with ./dev test --long"; fi
if ! compgen -G "$PACKAGES/*.deb" >/dev/null; then skip "there are no packages in $PACKAGES"; fi

root=$WORK/root
rm -rf "$WORK"
mkdir -p "$WORK"
make_system "$root" "$WORK/debootstrap.log"
mkdir "$root/packages"
cp "$PACKAGES"/*.deb "$root/packages"
cp -r "$SOURCE/test/consumer" "$root/consumer"

cat >"$root/use.sh" <<'SCRIPT'
set -euxo pipefail
export DEBIAN_FRONTEND=noninteractive LC_ALL=C.UTF-8 MANPAGER=cat
ours() { find / -xdev -name '*fairlead*' -not -path '/packages/*' -not -path '/proc/*' -not -path '/var/cache/man/*' | sort; }
apt-get -qq update
apt-get -qq -y --no-install-recommends install cmake g++ make man-db pkg-config >/dev/null
ours >/before

apt-get -qq -y --no-install-recommends install /packages/*.deb >/dev/null
fairlead --version
man fairlead | grep -q 'Messages over TCP'
man 7 fairlead-url | grep -q tcp://HOST:PORT
man fairlead-serve >/dev/null
test -s /usr/share/bash-completion/completions/fairlead
fairlead serve echo --framing line --listen unix:///tmp/echo.sock &
while ! [ -S /tmp/echo.sock ]; do sleep 0.1; done
test "$(echo ahoy | fairlead talk unix:///tmp/echo.sock --framing line)" = ahoy
kill %1
wait %1

cmake -S /consumer -B /consumer/build -DCMAKE_BUILD_TYPE=Release
cmake --build /consumer/build
/consumer/build/consumer
ldd /consumer/build/consumer | grep libfairlead.so.0
g++ -std=c++20 /consumer/main.cpp $(pkg-config --cflags --libs fairlead) -o /consumer/by-pkg-config
/consumer/by-pkg-config

apt-get -qq -y purge fairlead libfairlead-dev libfairlead0 >/dev/null
ours >/after
diff /before /after
SCRIPT
# Nothing of this machine's build is there, such as its ccache.
unshare --mount bash -c 'mount -t proc proc "$1/proc" && exec env -u CMAKE_CXX_COMPILER_LAUNCHER chroot "$1" bash /use.sh' \
    chroot "$root"
rm -rf "$root"
