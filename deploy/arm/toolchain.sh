#!/usr/bin/env bash
# Sourced by build.sh and test.sh: what a build for ARM needs beside cargo. It installs missing
# packages where it may, and finds or makes the standard library of the target. It never changes the
# machine's Rust: what it makes lies under the target folder.
#
# After `prepare ARCH [emulator]`:
#   TRIPLE       the target
#   GCC          its C compiler, which also links
#   OUT          the target folder of all ARM builds, "$CARGO_TARGET_DIR/arm" or target/arm
#   STD_ARGS     cargo's arguments that build the standard library; empty where it is installed
# and the environment holds what cargo needs.
#
# shellcheck shell=bash

ROOT=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
OUT=$(realpath -m "${CARGO_TARGET_DIR:-$ROOT/target}")/arm
# Debian's releases that may carry rust-src of our rustc, the likeliest first.
SUITES=${CASHIER_ARM_SUITES:-trixie-backports trixie forky sid}
MIRROR=${CASHIER_ARM_MIRROR:-http://deb.debian.org/debian}
ATTEMPTS=4

say() { printf 'arm: %s\n' "$*" >&2; }

fail() { # what is wrong; a line for each thing to do
    printf 'arm: ERROR: %s\n' "$1" >&2
    shift
    if [ $# -gt 0 ]; then printf 'arm:   %s\n' "$@" >&2; fi
    exit "${STATUS:-1}"
}

# The same where nothing is wrong here but a mirror away, with an exit status that tells it apart.
MIRROR_AWAY=75
fail_mirror() { STATUS=$MIRROR_AWAY fail "$@"; }

# Debian's mirrors hiccup: try again, with longer and longer pauses.
insist() {
    local attempt
    for attempt in $(seq "$ATTEMPTS"); do
        if "$@" >&2; then return 0; fi
        say "failed, attempt $attempt of $ATTEMPTS: $*"
        if [ "$attempt" -lt "$ATTEMPTS" ]; then sleep $((attempt * 10)); fi
    done
    return 1
}

# The target's names: rustc's, Debian's for its compiler, and QEMU's.
choose() {
    case $1 in
    armv7)
        TRIPLE=armv7-unknown-linux-gnueabihf
        GNU=arm-linux-gnueabihf
        PACKAGES=(gcc-arm-linux-gnueabihf libc6-dev-armhf-cross)
        QEMU=qemu-arm-static
        ;;
    aarch64)
        TRIPLE=aarch64-unknown-linux-gnu
        GNU=aarch64-linux-gnu
        PACKAGES=(gcc-aarch64-linux-gnu libc6-dev-arm64-cross)
        QEMU=qemu-aarch64-static
        ;;
    *) fail "no such architecture: $1" "armv7 or aarch64" ;;
    esac
    GCC=$GNU-gcc
}

# Whether the compiler is there and has the headers and libraries of its target.
compiler_works() {
    local probe=$OUT/probe
    command -v "$GCC" >/dev/null || return 1
    mkdir -p "$OUT"
    printf '#include <stdio.h>\nint main(void) { return puts("") < 0; }\n' |
        "$GCC" -x c -o "$probe" - 2>/dev/null && rm -f "$probe"
}

emulator_works() { command -v "$QEMU" >/dev/null; }

# Installs what is missing; says exactly what is missing where it may not.
packages() {
    local missing=()
    compiler_works || missing+=("${PACKAGES[@]}")
    if [ "${1:-}" = emulator ]; then emulator_works || missing+=(qemu-user-static); fi
    [ ${#missing[@]} -gt 0 ] || return 0

    if [ "$(id -u)" != 0 ] || ! command -v apt-get >/dev/null; then
        fail "the build for $TRIPLE needs packages that are not installed" \
            "on Debian or Ubuntu: sudo apt-get install ${missing[*]}"
    fi
    say "installing ${missing[*]}"
    local apt=(env DEBIAN_FRONTEND=noninteractive apt-get -qq -o DPkg::Lock::Timeout=300)
    install_missing() {
        # Another source of this machine that fails is none of ours: the install decides.
        "${apt[@]}" update || say "apt-get update failed in part"
        "${apt[@]}" install -y --no-install-recommends "${missing[@]}"
    }
    insist install_missing || fail_mirror "apt-get could not install ${missing[*]}" \
        "the mirror may be away: try again later, or install them by hand"
    compiler_works || fail "$GCC is installed and cannot link a program" \
        "look at: echo 'int main(void){return 0;}' | $GCC -x c -o /dev/null -"
}

# The folder library/ of this rustc's source, unpacked into "$1" from the cache folder.
library_from_cache() {
    local name=rust-library-$RELEASE.tar.xz file sum
    [ -n "${CASHIER_ARM_CACHE:-}" ] || return 1
    file=$CASHIER_ARM_CACHE/$name
    if [ ! -f "$file" ]; then
        say "no $name in $CASHIER_ARM_CACHE"
        return 1
    fi
    sum=$(awk -v name="$name" '$2 == name { print $1 }' "$ROOT/deploy/arm/checksums")
    if [ -z "$sum" ]; then
        say "!!! $name is not used: its checksum does not stand in deploy/arm/checksums"
        return 1
    fi
    if [ "$(sha256sum "$file" | cut -d' ' -f1)" != "$sum" ]; then
        say "!!! $file is not used: its SHA-256 is not the one in deploy/arm/checksums"
        return 1
    fi
    say "the standard library's source: $file"
    tar -xJf "$file" -C "$1" || fail "$file cannot be unpacked" 'is xz-utils installed, and room on the disk?'
}

# The same folder from Debian's package rust-src. apt gets a configuration of its own, so that the
# machine's sources and lists stay as they are; it checks signatures and checksums as always.
library_from_debian() {
    local dir=$1/apt version suite
    local keyring=/usr/share/keyrings/debian-archive-keyring.gpg
    command -v apt-get >/dev/null && command -v dpkg >/dev/null || return 1
    if [ ! -f "$keyring" ]; then
        say "no $keyring (package debian-archive-keyring): Debian's packages cannot be checked"
        return 1
    fi
    for suite in $SUITES; do
        rm -rf "$dir"
        mkdir -p "$dir/lists/partial" "$dir/cache/archives/partial" "$dir/deb"
        # apt downloads as a user of its own, who must get there.
        chmod 755 "$1" "$dir" "$dir/deb"
        printf 'deb [signed-by=%s] %s %s main\n' "$keyring" "$MIRROR" "$suite" >"$dir/sources.list"
        local own=(-qq -o Dir::Etc::sourcelist="$dir/sources.list" -o Dir::Etc::sourceparts=/dev/null
            -o Dir::Etc::preferencesparts=/dev/null -o Dir::State::lists="$dir/lists"
            -o Dir::State::status=/dev/null -o Dir::Cache="$dir/cache" -o APT::Sandbox::User=root
            -o APT::Update::Error-Mode=any -o APT::Architecture=amd64 -o APT::Architectures=amd64 -o Acquire::Languages=none)
        insist apt-get "${own[@]}" update || continue
        version=$(apt-cache "${own[@]}" madison rust-src |
            awk -v want="$RELEASE+" 'index($3, want) == 1 { print $3; exit }')
        if [ -z "$version" ]; then
            say "$suite has no rust-src of $RELEASE"
            continue
        fi
        say "the standard library's source: rust-src $version of Debian $suite"
        fetch() { (cd "$dir/deb" && apt-get "${own[@]}" download "rust-src=$version"); }
        insist fetch || continue
        dpkg -x "$dir"/deb/rust-src_*.deb "$dir/root"
        mv "$dir/root/usr/src/rustc-$RELEASE/library" "$1/library"
        rm -rf "$dir"
        return 0
    done
    rm -rf "$dir"
    return 1
}

# A copy of the sysroot that also has the source: links to all of rustlib but its src.
make_sysroot() {
    local real=$1 new=$2.new
    say "making a sysroot with the standard library's source"
    rm -rf "$new" "$2"
    mkdir -p "$new/lib/rustlib/src/rust"
    library_from_cache "$new/lib/rustlib/src/rust" ||
        library_from_debian "$new/lib/rustlib/src/rust" ||
        fail_mirror "no source of the standard library of Rust $RELEASE for $TRIPLE" \
            "with rustup: rustup target add $TRIPLE (or: rustup component add rust-src)" \
            "or let CASHIER_ARM_CACHE name a folder with rust-library-$RELEASE.tar.xz" \
            "looked in: ${CASHIER_ARM_CACHE:-no cache folder}; $MIRROR: $SUITES"
    [ -f "$new/lib/rustlib/src/rust/library/std/Cargo.toml" ] ||
        fail "what was fetched holds no library/std/Cargo.toml"
    find "$real/lib/rustlib" -mindepth 1 -maxdepth 1 ! -name src \
        -exec ln -s -t "$new/lib/rustlib" {} +
    printf '%s\n' "$real" >"$new/copy-of"
    mv "$new" "$2"
}

# Finds the target's standard library, or arranges that cargo builds it.
standard_library() {
    local rustc=${RUSTC:-rustc} real sysroot wrapper text
    STD_ARGS=()
    real=$("$rustc" --print sysroot)
    if compgen -G "$real/lib/rustlib/$TRIPLE/lib/libstd-*.rlib" >/dev/null; then
        say "the standard library of $TRIPLE is installed"
        return 0
    fi
    # Cargo and rustc of a release do what is needed here only with this variable. Our own code
    # asks for nothing that a release does not have.
    export RUSTC_BOOTSTRAP=1
    STD_ARGS=(-Zbuild-std=std,panic_abort)
    if [ -f "$real/lib/rustlib/src/rust/library/std/Cargo.toml" ]; then
        say "the standard library of $TRIPLE is built from the toolchain's own source"
        return 0
    fi
    # Only the source of this very compiler goes with it.
    RELEASE=$("$rustc" -vV | sed -n 's/^release: //p')
    sysroot=$OUT/sysroot-$RELEASE
    wrapper=$OUT/rustc-$RELEASE
    if [ "$(cat "$sysroot/copy-of" 2>/dev/null)" != "$real" ]; then
        make_sysroot "$real" "$sysroot"
    fi
    # Written only when it changes: cargo builds everything anew when its compiler has changed.
    text=$(printf '#!/bin/sh\nexec "%s/bin/rustc" --sysroot "%s" "$@"' "$real" "$sysroot")
    if [ "$(cat "$wrapper" 2>/dev/null)" != "$text" ]; then
        printf '%s\n' "$text" >"$wrapper"
        chmod +x "$wrapper"
    fi
    export RUSTC=$wrapper
    say "the standard library of $TRIPLE is built from $sysroot"
}

prepare() {
    choose "$1"
    packages "${2:-}"
    standard_library
}
