#!/usr/bin/env bash
# The software device's kernel, modules and busybox, from Debian: `deploy/emulator/fetch.sh FOLDER`.
#
# The kept copy in $CASHIER_ARM_CACHE (guest-armhf-*.tar.xz, with its checksum in deploy/arm/checksums)
# is tried first. Otherwise the packages come by name from Debian 12, through an apt that knows only
# its own lists (armhf, main): it checks every package against the signed index, and this machine's
# apt stays as it is. Exit status 75: a mirror failed, and nothing else.
set -euo pipefail
. "$(dirname "${BASH_SOURCE[0]}")/../arm/toolchain.sh"
say() { printf 'emulator: %s\n' "$*" >&2; }
[ $# = 1 ] || fail 'usage: deploy/emulator/fetch.sh FOLDER'

# The stamp comes last.
if [ -e "$1/complete" ]; then exit 0; fi
rm -rf "$1"
mkdir -p "$1"
folder=$(cd "$1" && pwd)

from_cache() {
    local kept sum
    [ -n "${CASHIER_ARM_CACHE:-}" ] || return 1
    for kept in "$CASHIER_ARM_CACHE"/guest-armhf-*.tar.xz; do
        sum=$(awk -v name="$(basename "$kept")" '$2 == name { print $1 }' "$ROOT/deploy/arm/checksums")
        if [ -n "$sum" ] && [ "$(sha256sum "$kept" | cut -d' ' -f1)" = "$sum" ]; then
            say "the guest: $kept"
            tar -xJf "$kept" -C "$folder" || fail "$kept cannot be unpacked" 'is xz-utils installed, and room on the disk?'
            return 0
        fi
        say "!!! $kept is not used: its SHA-256 does not stand in deploy/arm/checksums"
    done
    return 1
}

from_debian() {
    local apt=$folder/apt kernel deb keyring=/usr/share/keyrings/debian-archive-keyring.gpg
    local programs=/usr/sbin:/sbin:$PATH
    if ! command -v apt-get >/dev/null || ! command -v dpkg-deb >/dev/null || [ ! -f "$keyring" ]; then
        fail "the guest's packages need Debian's apt, dpkg and $keyring" \
            'or a kept copy in the folder that CASHIER_ARM_CACHE names'
    fi
    PATH=$programs command -v depmod >/dev/null ||
        fail 'depmod is missing' 'on Debian or Ubuntu: sudo apt-get install kmod'
    mkdir -p "$apt"/{lists/partial,cache/archives/partial,debs}
    printf 'deb [signed-by=%s] %s bookworm main\n' "$keyring" "$MIRROR" >"$apt/sources.list"
    local own=(-qq -o Dir::Etc::sourcelist="$apt/sources.list" -o Dir::Etc::sourceparts=/dev/null
        -o Dir::Etc::preferencesparts=/dev/null -o Dir::State::lists="$apt/lists"
        -o Dir::State::status=/dev/null -o Dir::Cache="$apt/cache" -o APT::Sandbox::User=root
        -o APT::Architecture=armhf -o APT::Architectures=armhf -o Acquire::Languages=none)
    say "the guest's packages come from $MIRROR"
    insist apt-get "${own[@]}" update || fail_mirror "no lists of packages from $MIRROR"
    # The package without a version names the kernel of today.
    kernel=$(apt-cache "${own[@]}" depends linux-image-armmp |
        sed -n 's/^ *Depends: \(linux-image-[0-9][^ ]*-armmp\)$/\1/p' | head -n 1)
    [ -n "$kernel" ] || fail 'linux-image-armmp names no kernel'
    download() { (cd "$apt/debs" && apt-get "${own[@]}" download "$kernel" busybox-static); }
    insist download || fail_mirror "no $kernel and busybox-static from $MIRROR"
    for deb in "$apt"/debs/*.deb; do dpkg-deb -x "$deb" "$folder"; done
    PATH=$programs depmod -b "$folder" "${kernel#linux-image-}"
    rm -rf "$apt"
}

from_cache || from_debian
: >"$folder/complete"
