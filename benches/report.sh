#!/usr/bin/env bash
# Size, memory, start and idle figures of the release build, on this machine, in one run.
# Whole-process figures; machines are noisy, so look at the ratios to the aims, not at digits.
set -euo pipefail
cd "$(dirname "$0")/.."
target=${CARGO_TARGET_DIR:-target}
work=$(mktemp -d)
trap 'kill $(jobs -p) 2>/dev/null || true; rm -rf "$work"' EXIT

cargo build --release -q
full=$target/release/cashier
cargo build --release -q --no-default-features --target-dir "$target/device"
device=$target/device/release/cashier
# Waits until a file says this, for as long as the process that writes it lives.
until_said() { # PID FILE TEXT
    until grep -q "$3" "$2" 2>/dev/null; do
        kill -0 "$1" 2>/dev/null || { cat "$2" >&2; exit 1; }
        read -rt 0.05 <> <(:) || true
    done
}
row() { printf '%-46s %12s   aim %s\n' "$1" "$2" "$3"; }
mib() { awk -v b="$1" 'BEGIN { printf "%.2f MB", b / 1000000 }'; }

row 'release binary, stripped' "$(mib "$(stat -c %s "$full")")" '8 MB'
row "device's binary (--no-default-features)" "$(mib "$(stat -c %s "$device")")" '8 MB'

"$full" simulator --kind shouqianba --json >"$work/sim.json" &
until_said $! "$work/sim.json" base_url
field() { sed -E "s/.*\"$1\":\"([^\"]*)\".*/\1/" "$work/sim.json"; }
printf '[gateway]\nkind = "shouqianba"\nbase_url = "%s"\nterminal_sn = "%s"\nkey = "%s"\nallow_plaintext = true\n[journal]\npath = "journal.db"\n' \
    "$(field base_url)" "$(field id)" "$(field key)" >"$work/cashier.toml"

# The firmware logs how long after its start the first frame was shown.
starts=()
for _ in 1 2 3 4 5; do
    mkfifo "$work/log"
    begin=$(date +%s%N)
    "$device" run --config "$work/cashier.toml" 2>"$work/log" &
    pid=$!
    while read -r line; do [[ $line == *'first frame'* ]] && break; done <"$work/log"
    starts+=($((($(date +%s%N) - begin) / 1000)))
    kill "$pid"; wait "$pid" || true
    rm "$work/log"
done
middle=$(printf '%s\n' "${starts[@]}" | sort -n | sed -n 3p)
row 'process start to first frame, median of 5' "$((middle / 1000)).$((middle % 1000 / 100)) ms" '50 ms'

"$device" run --config "$work/cashier.toml" 2>"$work/run.log" &
pid=$!
until_said "$pid" "$work/run.log" 'first frame'
row 'resident memory of `run`' "$(mib "$(($(awk '/VmRSS/ { print $2 }' "/proc/$pid/status") * 1024))")" '20 MB'

idle() { # pid, seconds
    local ticks before after switches_before switches_after
    ticks=$(getconf CLK_TCK)
    before=$(awk '{ print $14 + $15 }' "/proc/$1/stat")
    switches_before=$(awk '/^voluntary/ { print $2 }' "/proc/$1/status")
    read -rt "$2" <> <(:) || true
    after=$(awk '{ print $14 + $15 }' "/proc/$1/stat")
    switches_after=$(awk '/^voluntary/ { print $2 }' "/proc/$1/status")
    awk -v d=$((after - before)) -v t="$ticks" -v s="$2" -v w=$((switches_after - switches_before)) \
        'BEGIN { printf "%.2f %% of a core, %d wake-ups in %d s\n", 100 * d / t / s, w, s }'
}
row '`run`, idle' "$(idle "$pid" 20)" '1 %'

"$full" demo --listen 127.0.0.1:0 >"$work/demo.log" 2>&1 &
pid=$!
until_said "$pid" "$work/demo.log" 'http://'
row '`demo`, idle' "$(idle "$pid" 20)" '1 %'
