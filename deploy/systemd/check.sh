#!/bin/sh
# Checks the units: systemd finds nothing wrong with them, and the exposure of the terminal's is at
# most 1.5.
#
#   check.sh [--maybe]      with --maybe, a machine without systemd-analyze is no failure
#
# Nothing is started and nothing outside a temporary folder is touched.
set -eu
cd "$(dirname "$0")"
exposure_max_tenths=15

if ! command -v systemd-analyze >/dev/null; then
    echo '!!! systemd-analyze is not here (Debian: apt-get install systemd): the unit is NOT checked.' >&2
    [ "${1:-}" = --maybe ] && exit 0
    exit 1
fi
if [ "$(systemd-analyze --version | awk 'NR == 1 { print $2 }')" -lt 252 ]; then
    echo '!!! systemd-analyze is older than 252: the unit is NOT checked.' >&2
    [ "${1:-}" = --maybe ] && exit 0
    exit 1
fi

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT INT TERM

# The program is not installed here, and systemd wants to see one.
for unit in cashier.service cashier-checkin.service cashier-checkin.timer; do
    sed 's|^ExecStart=/usr/bin/cashier |ExecStart=/bin/true |' "$unit" >"$folder/$unit"
done
grep -q '^ExecStart=/bin/true run --config' "$folder/cashier.service"
verify() {
    said=$(cd "$folder" && SYSTEMD_UNIT_PATH="$folder:" systemd-analyze verify --man=no \
        --recursive-errors=no "$@" 2>&1) ||
        { printf '%s\n' "$said" >&2; exit 1; }
    # Some mistakes (an unknown key, say) are told and do not count for systemd. They do here.
    told=$(printf '%s\n' "$said" | grep -F cashier || true)
    [ -z "$told" ] || { printf '%s\n' "$told" >&2; exit 1; }
}
verify "$folder/cashier.service" "$folder/cashier-checkin.service" "$folder/cashier-checkin.timer"
mkdir "$folder/cashier.service.d"
cp no-console.conf "$folder/cashier.service.d/"
verify "$folder/cashier.service"
rm -r "$folder/cashier.service.d"

# The check-in stops the till, and starts it again when it ends: it must not be left out after that.
if grep -E '^(Condition|Assert)' "$folder/cashier-checkin.service" >&2; then
    echo 'a check-in that a condition leaves out would leave the till stopped' >&2
    exit 1
fi
for key in OnSuccess OnFailure; do
    grep -q "^$key=cashier.service\$" "$folder/cashier-checkin.service" ||
        { echo "a check-in needs $key=cashier.service" >&2; exit 1; }
done

# A class of devices whose driver is a module is known only once that is loaded: without it, what is
# plugged in later stays closed.
for module in char-ttyUSB:usbserial char-ttyACM:cdc_acm char-usb:usblp char-drm:drm; do
    grep -q "^DeviceAllow=${module%:*} " "$folder/cashier.service" ||
        { echo "the service may not open ${module%:*}" >&2; exit 1; }
    for key in Wants After; do
        grep -qE "^$key=(.* )?modprobe@${module#*:}\.service( |\$)" "$folder/cashier.service" ||
            { echo "DeviceAllow=${module%:*} needs $key=modprobe@${module#*:}.service" >&2; exit 1; }
    done
done

said=$(systemd-analyze security --offline=yes --no-pager --threshold=$exposure_max_tenths \
    "$folder/cashier.service") || {
    printf '%s\n' "$said" | grep -v '✓' >&2
    echo "the exposure of the unit is above $exposure_max_tenths tenths" >&2
    exit 1
}
printf '%s\n' "$said" | tail -n 1
