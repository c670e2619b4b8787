#!/bin/sh
# Checks the rules: udev understands every line, and gives devices the names that it should.
#
#   check.sh [--maybe]      with --maybe, a machine that cannot do it is no failure
#
# The devices are folders in a /sys of this script's own, in a mount namespace of its own: nothing
# outside is touched. Needs udevadm, and unshare as root or with user namespaces.
set -eu
cd "$(dirname "$0")"

skip() {
    echo "!!! $1: the udev rules are NOT checked." >&2
    [ "$maybe" = --maybe ] && exit 0
    exit 1
}

maybe=${1:-}
if [ "${2:-}" != inside ]; then
    command -v udevadm >/dev/null || skip 'udevadm is not here (Debian: apt-get install udev)'
    if udevadm verify --help >/dev/null 2>&1; then
        udevadm verify --no-style 60-cashier.rules 2>/dev/null ||
            udevadm verify 60-cashier.rules || exit 1
    fi
    space='unshare --mount'
    [ "$(id -u)" = 0 ] || space='unshare --mount --map-root-user'
    $space mount -t tmpfs tmpfs /mnt 2>/dev/null || skip 'no mount namespace may be made here'
    exec $space "$PWD/check.sh" "$maybe" inside
fi

mount -t tmpfs tmpfs /mnt
rules=$(cat 60-cashier.rules)
mkdir -p /etc/udev/rules.d /usr/lib/udev/rules.d /run/udev
for folder in /etc/udev/rules.d /usr/lib/udev/rules.d /run/udev /sys; do
    mount -t tmpfs tmpfs "$folder"
done
printf '%s\n' "$rules" >/etc/udev/rules.d/60-cashier.rules
# udevadm makes the links it tests.
mkdir /mnt/dev
mount -t tmpfs tmpfs /mnt/dev
: >/mnt/dev/null
mount --bind /dev/null /mnt/dev/null
mount --rbind /mnt/dev /dev
export SYSTEMD_DEVICE_VERIFY_SYSFS=0 SYSTEMD_LOG_LEVEL=info
failed=0

# A device of a USB vendor and product: its own node, on an interface, on the device.
#   usb SUBSYSTEM NAME VENDOR PRODUCT [KEY-BITMAP]
usb() {
    at=/sys/devices/usb1/1-1
    rm -rf /sys/devices /sys/class /sys/bus
    mkdir -p /sys/bus/usb "/sys/class/$1" "$at/1-1:1.0/$1/$2"
    for one in "$at" "$at/1-1:1.0"; do
        : >"$one/uevent"
        ln -s /sys/bus/usb "$one/subsystem"
    done
    printf '%s\n' "$3" >"$at/idVendor"
    printf '%s\n' "$4" >"$at/idProduct"
    node="$at/1-1:1.0/$1/$2"
    if [ "$1" = input ]; then
        # An event node has its keys in the device above it.
        mkdir -p "$at/1-1:1.0/input/input0/$2" "$at/1-1:1.0/input/input0/capabilities"
        rmdir "$node"
        node="$at/1-1:1.0/input/input0/$2"
        printf 'PRODUCT=3/%s/%s/111\nEV=120013\nKEY=%s\n' "$3" "$4" "$5" \
            >"$at/1-1:1.0/input/input0/uevent"
        printf '%s\n' "$5" >"$at/1-1:1.0/input/input0/capabilities/key"
        printf '120013\n' >"$at/1-1:1.0/input/input0/capabilities/ev"
        ln -s /sys/class/input "$at/1-1:1.0/input/input0/subsystem"
    fi
    printf 'MAJOR=13\nMINOR=64\nDEVNAME=%s\n' "$2" >"$node/uevent"
    ln -s "/sys/class/$1" "$node/subsystem"
    ln -s "$node" "/sys/class/$1/$2"
}

# What udev says of the device that was made last has to hold this line; "no" means no name.
gets() {
    said=$(udevadm test --action=add "$node" 2>&1) || {
        printf '%s\n' "$said" >&2
        failed=1
        return
    }
    if printf '%s\n' "$said" | grep -E '60-cashier.rules:[0-9]+' | grep -iE 'invalid|unknown|fail'; then
        failed=1
    fi
    links=$(printf '%s\n' "$said" | sed -n 's/^DEVLINKS=//p' | tr ' ' '\n' | grep '^/dev/cashier/' || echo no)
    if [ "$links" != "$1" ]; then
        echo "$node of $(cat "$at/idVendor" 2>/dev/null): expected $1, found $links" >&2
        printf '%s\n' "$said" >&2
        failed=1
    fi
}

# Every key of a full keyboard, and the keys of a number pad.
board='e080ffdf01cfffff fffffffffffffffe'
pad='1000000000007 f7f0c000 0'
usb tty ttyACM0 05e0 1701; gets /dev/cashier/scanner
printf '%s\n' "$said" | grep -q '^ID_MM_DEVICE_IGNORE=1' || { echo 'modems' >&2; failed=1; }
usb tty ttyACM0 0c2e 0901; gets /dev/cashier/scanner
usb tty ttyACM0 1eab 0c06; gets /dev/cashier/scanner
usb tty ttyUSB0 1a86 7523; gets no
usb usbmisc lp0 04b8 0e15; gets /dev/cashier/printer
usb input event2 05e0 1200 "$board"; gets /dev/cashier/scanner-keys
usb input event2 0581 011c "$board"; gets /dev/cashier/scanner-keys
usb input event2 13ba 0018 "$board"; gets /dev/cashier/scanner-keys
usb input event3 05e0 1200 "$pad"; gets no
usb input event3 046d c31c "$board"; gets no
usb input event3 13ba 0001 "$pad"; gets /dev/cashier/keypad

# The board's own line: no USB, so no name and no guess.
rm -rf /sys/devices /sys/class
mkdir -p /sys/class/tty /sys/devices/platform/uart/tty/ttyS1 /sys/bus/platform
node=/sys/devices/platform/uart/tty/ttyS1
ln -s /sys/class/tty "$node/subsystem"
printf 'MAJOR=4\nMINOR=65\nDEVNAME=ttyS1\n' >"$node/uevent"
gets no

# The light of the screen: its files go to the group.
mkdir -p /sys/class/backlight /sys/devices/platform/light/backlight/panel
node=/sys/devices/platform/light/backlight/panel
ln -s /sys/class/backlight "$node/subsystem"
: >"$node/uevent"
: >"$node/brightness"
gets no
for run in "/bin/chgrp video $node/brightness" "/bin/chmod g+w $node/brightness"; do
    printf '%s\n' "$said" | grep -qF "$run" || { echo "the light: $run is missing" >&2; failed=1; }
done
[ "$failed" = 0 ] && echo 'the udev rules name what they should'
exit "$failed"
