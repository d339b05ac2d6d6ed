# Sourced by tests that take a Debian with nothing in it.

skip() {
    echo "skipped: $1"
    exit 77
}

# make_system DIRECTORY LOG: the Debian of this machine, by debootstrap, which finds packages as this machine does. Skips the
# test where there can be none.
make_system() {
    if ! command -v debootstrap >/dev/null; then skip "there is no debootstrap"; fi
    if ((EUID != 0)) || ! unshare --mount true 2>/dev/null; then skip "it takes root and a mount namespace of its own"; fi
    local suite mirror
    suite=$(. /etc/os-release && echo "${VERSION_CODENAME:-}")
    mirror=$(apt-get indextargets --format '$(REPO_URI) $(CODENAME)' 'Created-By: Packages' | sed -n "s| $suite\$||p" | head -1)
    if [ -z "$mirror" ]; then skip "apt knows no archive of $suite"; fi
    debootstrap --variant=minbase "$suite" "$1" "$mirror" >"$2" 2>&1 || skip "debootstrap failed: $(tail -1 "$2")"
    cp /etc/resolv.conf "$1/etc/resolv.conf"
    cp /etc/apt/apt.conf.d/*proxy* "$1/etc/apt/apt.conf.d/" 2>/dev/null || true
}
