#!/usr/bin/env bash
# The Debian packages in a system that has nothing else: installed, used and removed. They are those of debian_packages.sh, or of
# the directory that PACKAGES names.
set -euo pipefail

skip() {
    echo "skipped: $1"
    exit 77
}

if [ -z "${FAIRLEAD_LONG:-}" ]; then skip "it makes a system by debootstrap; run it with ./dev test --long"; fi
if ! compgen -G "$PACKAGES/*.deb" >/dev/null; then skip "there are no packages in $PACKAGES"; fi
if ! command -v debootstrap >/dev/null; then skip "there is no debootstrap"; fi
if ((EUID != 0)) || ! unshare --mount true 2>/dev/null; then skip "it takes root and a mount namespace of its own"; fi
suite=$(. /etc/os-release && echo "${VERSION_CODENAME:-}")
mirror=$(apt-get indextargets --format '$(REPO_URI) $(CODENAME)' 'Created-By: Packages' | sed -n "s| $suite\$||p" | head -1)
if [ -z "$mirror" ]; then skip "apt knows no archive of $suite"; fi

root=$WORK/root
rm -rf "$WORK"
mkdir -p "$WORK"
debootstrap --variant=minbase "$suite" "$root" "$mirror" >"$WORK/debootstrap.log" 2>&1 ||
    skip "debootstrap failed: $(tail -1 "$WORK/debootstrap.log")"
mkdir "$root/packages"
cp "$PACKAGES"/*.deb "$root/packages"
cp -r "$SOURCE/test/consumer" "$root/consumer"
cp /etc/resolv.conf "$root/etc/resolv.conf"
cp /etc/apt/apt.conf.d/*proxy* "$root/etc/apt/apt.conf.d/" 2>/dev/null || true

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
unshare --mount bash -c 'mount -t proc proc "$1/proc" && exec chroot "$1" bash /use.sh' chroot "$root"
rm -rf "$root"
