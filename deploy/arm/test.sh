#!/usr/bin/env bash
# Runs tests as ARM programs, by QEMU's emulation of Linux processes:
#
#     deploy/arm/test.sh [armv7|aarch64] [TEST-ARGUMENT]...
#
# The default is armv7: 32 bits is where a `usize` or a time is another one than on a desk. The set
# is what decides about money and what draws: all unit tests of the rooms, the machine's rows and
# properties, the gateways' codecs, and the journal on the very SQLite that is shipped. Tests that
# start the whole program stay on the host; deploy/emulator boots it as a whole.
# The further arguments go to the test programs, such as a name.
set -euo pipefail
. "$(dirname "${BASH_SOURCE[0]}")/toolchain.sh"
export CARGO_TARGET_DIR=$OUT

which=armv7
case ${1:-} in
armv7 | aarch64)
    which=$1
    shift
    ;;
esac
prepare "$which" emulator

upper=$(printf '%s' "$TRIPLE" | tr 'a-z-' 'A-Z_')
export "CARGO_TARGET_${upper}_RUNNER=$QEMU -L /usr/$GNU"
# Emulation is about twenty times slower than the host, which runs all cases. Left to the host: the
# journal cut or damaged at every single place and under any sequence of entries, a body of a
# megabyte, all strings on all screens.
export PROPTEST_CASES=${PROPTEST_CASES:-64}
skips=(--skip cuts:: --skip no_flipped_byte --skip the_log_is_bounded
    --skip i6_any_sequence_is_taken --skip i12_any_sequence_of_refunds
    --skip i15_deep_large_and_wrong_bodies --skip every_string_fits)
# QEMU has this one process only, so a test cannot start another copy of itself.
skips+=(--skip processes::)
# And all that opens a serial line: QEMU 7.2 has no TCGETS2 for processes, which baud rates need. Those
# run on the host, and on a real ARM kernel in deploy/emulator.
for file in $(cd "$ROOT/hal/src" && grep -rl 'TTYPort::pair' . | sort); do
    module=${file#./}
    module=${module%.rs}
    skips+=(--skip "${module//\//::}")
done
say "not run here: $(printf "%s\n" "${skips[@]}" | grep -v -e --skip | paste -sd" ")"

# To build takes longer than to run: no debug information, and optimization only where it pays.
export CARGO_PROFILE_DEV_DEBUG=false
profile=(--config 'profile.dev.package."*".opt-level=0')
for hot in ab_glyph ab_glyph_rasterizer ttf-parser embedded-graphics png proptest rand_chacha sha2; do
    profile+=(--config "profile.dev.package.$hot.opt-level=1")
done

cd "$ROOT"
began=$SECONDS
cargo test --locked --no-default-features --target "$TRIPLE" "${STD_ARGS[@]}" "${profile[@]}" \
    -p cashier -p hal -p ui --lib --test rows --test properties --test gateway --test journal \
    --no-fail-fast -- "${skips[@]}" "$@"
say "the tests on $TRIPLE took $((SECONDS - began)) s"
