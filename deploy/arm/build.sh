#!/usr/bin/env bash
# Builds the device's firmware for ARM, without containers and without rustup:
#
#     deploy/arm/build.sh [armv7|aarch64|all] [CARGO-ARGUMENT]...
#
# The default is armv7. The further arguments go to `cargo build`, such as `--features panel`. The
# binaries are target/arm/TRIPLE/release/cashier; their paths are all that goes to standard output.
# README.md beside this file says what is needed, and which variables are heeded.
set -euo pipefail
. "$(dirname "${BASH_SOURCE[0]}")/toolchain.sh"
export CARGO_TARGET_DIR=$OUT

# A device's flash has room for a program of 6 MB (armv7, as it is flashed: stripped).
SIZE_MAX=6000000

which=armv7
case ${1:-} in
armv7 | aarch64 | all)
    which=$1
    shift
    ;;
'' | -*) ;;
*) fail "no such architecture: $1" "usage: deploy/arm/build.sh [armv7|aarch64|all] [CARGO-ARGUMENT]..." ;;
esac

# What a person wants to know of a binary, and what must be true of it.
look_at() {
    local binary=$1 size machine glibc
    size=$(stat -c %s "$binary")
    machine=$("$GNU-readelf" -h "$binary" | sed -n 's/^ *Machine: *//p')
    glibc=$("$GNU-readelf" -V "$binary" | grep -o 'GLIBC_[0-9.]*' | sort -Vu | tail -1)
    say "$binary: $machine, $(awk -v b="$size" 'BEGIN { printf "%.2f", b / 1000000 }') MB," \
        "needs ${glibc/_/ } or later"
    if emulator_works && ! "$QEMU" -L "/usr/$GNU" "$binary" --version >&2; then
        fail "the binary does not start under $QEMU: $binary"
    fi
    if [ "$ARCH" = armv7 ] && [ $# -eq 1 ] && [ "$size" -gt "$SIZE_MAX" ]; then
        fail "the binary for armv7 has $size bytes; at most $SIZE_MAX fit"
    fi
}

build() {
    ARCH=$1
    shift
    local began=$SECONDS features=()
    # The caller's compiler, not the one that the target before this made of it.
    if [ -n "$caller_rustc" ]; then export RUSTC=$caller_rustc; else unset RUSTC; fi
    prepare "$ARCH"
    # A backtrace of a stripped binary has no names, so the library goes without; the message and
    # the place of a panic are logged all the same.
    if [ ${#STD_ARGS[@]} -gt 0 ]; then features=(-Zbuild-std-features=optimize_for_size); fi
    (cd "$ROOT" && cargo build --locked --release -p cashier --no-default-features --target "$TRIPLE" \
        "${STD_ARGS[@]}" "${features[@]}" "$@") >&2
    look_at "$OUT/$TRIPLE/release/cashier" "$@"
    say "$TRIPLE took $((SECONDS - began)) s"
    printf '%s\n' "$OUT/$TRIPLE/release/cashier"
}

caller_rustc=${RUSTC:-}
case $which in
all)
    build armv7 "$@"
    build aarch64 "$@"
    ;;
*) build "$which" "$@" ;;
esac
