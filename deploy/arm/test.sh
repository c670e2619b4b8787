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
# Emulation is about ten times slower than the host, which runs the full number of cases.
export PROPTEST_CASES=${PROPTEST_CASES:-64}
# Nobody steps through these; without debug information they are built in half the time.
export CARGO_PROFILE_DEV_DEBUG=false

cd "$ROOT"
began=$SECONDS
cargo test --locked --no-default-features --target "$TRIPLE" "${STD_ARGS[@]}" \
    -p cashier -p hal -p ui --lib --test rows --test properties --test gateway --test journal \
    -- "$@"
say "the tests on $TRIPLE took $((SECONDS - began)) s"
