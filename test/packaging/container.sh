#!/usr/bin/env bash
# The containers of `fairlead new`: built by their Dockerfiles from the Debian packages, run, asked as README.md says, and stopped.
# There is no registry: a base by debootstrap has the name of the Dockerfile's, and a namespace stands for what runs containers.
set -euo pipefail

source "$SOURCE/test/packaging/minimal_system.sh"

if [ -z "${FAIRLEAD_LONG:-}" ]; then skip "it makes a system by debootstrap; run it with ./dev test --long"; fi
if ! compgen -G "$PACKAGES/*.deb" >/dev/null; then skip "there are no packages in $PACKAGES"; fi
if ! command -v buildah >/dev/null; then skip "there is no buildah"; fi

images() { buildah --root "$WORK/storage" --runroot "$WORK/run" "$@"; }
of_image() { images inspect --type image --format "$2" "localhost/$1"; }

# Images stay mounted otherwise, and take gigabytes.
remove_images() {
    awk -v under="$WORK/" 'index($2, under) == 1 { print $2 }' /proc/self/mounts | tac | xargs --no-run-if-empty umount
    rm -rf "$WORK/storage" "$WORK/run"
}

make_base() {
    make_system "$WORK/root" "$WORK/debootstrap.log"
    # As in the images of Debian: apt leaves nothing behind.
    echo 'APT::Keep-Downloaded-Packages "false"; Dir::Cache::pkgcache ""; Dir::Cache::srcpkgcache "";' \
        >"$WORK/root/etc/apt/apt.conf.d/docker-clean"
    local container
    container=$(images from scratch)
    images add --quiet "$container" "$WORK/root" / >/dev/null
    images config --env PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin "$container"
    images commit --quiet --rm "$container" "docker.io/library/$1" >/dev/null
    rm -rf "$WORK/root"
}

# Asks and stops the program of an image, which is process 1 of a namespace, with the user and the command of the image.
use=$(cat <<'SCRIPT'
set -euxo pipefail
image=$1 user=$2 command=$3
ip link set lo up
unshare --pid --fork --kill-child chroot --userspec="$user" "$image" $command >said 2>&1 &
while ! grep -q ^listening said; do
    if ! kill -0 $!; then cat said; exit 1; fi
    sleep 0.1
done
server=$(pgrep -P $!)
test "$(stat -c %u "/proc/$server")" = "${user%:*}"

answer=$(eval "$(grep '| fairlead talk' README.md)")
grep -qF "This prints \`$answer\`." README.md
kill -TERM "$server"
wait $! # 0: it has ended gracefully
cat said
SCRIPT
)

# try NAME OPTIONS…
try() {
    local name=$1 begin=$SECONDS container image
    fairlead new "$@" --in "$WORK" >/dev/null
    cd "$WORK/$name"
    mkdir packages
    cp "$PACKAGES"/lib*.deb packages
    images bud --quiet --isolation chroot --pull=never --layers --tag "$name" . >"$WORK/$name.log" 2>&1 ||
        { tail -n 40 "$WORK/$name.log"; exit 1; }
    container=$(images from --pull=never "localhost/$name")
    image=$(images mount "$container")
    if [ -e "$image/packages" ] || chroot "$image" sh -c 'command -v g++'; then echo "$name: parts of the build remained"; exit 1; fi
    if [ -e test/certificate.sh ]; then # README.md says where it lies, and for which user
        sh test/certificate.sh 2>/dev/null
        install -D -o 65534 -m 0400 -t "$image/etc/$name" chain.pem key.pem
    fi
    unshare --net bash -c "$use" use "$image" "$(of_image "$name" '{{.OCIv1.Config.User}}')" \
        "$(of_image "$name" '{{range .OCIv1.Config.Entrypoint}}{{.}} {{end}}{{range .OCIv1.Config.Cmd}}{{.}} {{end}}')"
    echo "$name: $(($(du -sxk "$image" | cut -f 1) / 1024)) MiB with its system, $((SECONDS - begin)) s"
    images rm "$container" >/dev/null
}

remove_images # of a run that was killed
rm -rf "$WORK"
mkdir -p "$WORK"
trap remove_images EXIT
export PATH="$PREFIX/bin:$PATH"
fairlead new base --in "$WORK" >/dev/null
make_base "$(sed -n 's/^FROM \([^ ]*\)$/\1/p' "$WORK/base/Dockerfile")"
try tcp-container
try session-container --handler session --framing custom
try udp-container --transport udp
try ws-container --transport ws
if fairlead new with-tls --in "$WORK" --transport tls >/dev/null; then try tls-container --transport tls; fi # a build with TLS
