#!/usr/bin/env bash
# Boots the firmware on an ARM device made of software. README.md beside this file says what it has.
#
#     deploy/emulator/run.sh [OPTION]...
#
#     --window           a window shows the screen, and this keyboard is the keypad (needs a display)
#     --headless         no window; the default where there is no display
#     --base-url URL     the gateway; by default one that is simulated here, which is started
#     --kind KIND        its protocol: shouqianba (the default), sosopay-json or sosopay-xml
#     --config FOLDER    becomes /etc/cashier, with cashier.toml in it; made from the above otherwise
#     --firmware FILE    the armv7 binary; by default deploy/arm/build.sh builds it
#     --device FOLDER    the device: its disk and sockets; target/emulator/device by default
#     --fresh            a new disk
#     --drop-unflushed   a disk with a cache of its own that loses power, too: writes go to writes.log
#                        beside it (QEMU's blklogwrites), what was there before stays in before.img,
#                        and after a cut the writes up to the last flush count: README, "Power cuts"
#     --steady           the device's clock counts its instructions, two nanoseconds each, so that times
#                        measured in it do not depend on this machine; slower to wait for
#     --harness FOLDER   for programs: QEMU connects to the sockets console, shell, scanner and qmp in
#                        FOLDER, which the caller listens on, and nothing is asked or said
#
# The guest's console is here; Ctrl-A X ends the device as a power cut would.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
root=$(cd "$here/../.." && pwd)
out=${CARGO_TARGET_DIR:-$root/target}/emulator

window=auto base_url='' kind=shouqianba config='' firmware='' device='' fresh=no drop=no steady=no harness=''
wrong() { printf 'run: %s\n' "$*" >&2; exit 2; }
while [ $# -gt 0 ]; do
    case $1 in
    --window) window=yes ;;
    --headless) window=no ;;
    --fresh) fresh=yes ;;
    --drop-unflushed) drop=yes ;;
    --steady) steady=yes ;;
    --base-url | --kind | --config | --firmware | --device | --harness)
        [ $# -ge 2 ] || wrong "$1 needs a value"
        name=${1#--}
        printf -v "${name//-/_}" '%s' "$2"
        shift
        ;;
    -h | --help) sed -n '2,/^set /{/^set /d;s/^# \{0,1\}//;p}' "$0"; exit 0 ;;
    *) wrong "no such option: $1; --help tells them" ;;
    esac
    shift
done
[ -z "$harness" ] || [ -n "$config" ] || wrong '--harness needs --config'
"$here/packages.sh"
if [ "$window" = auto ]; then
    if [ -n "${DISPLAY:-}${WAYLAND_DISPLAY:-}" ]; then window=yes; else window=no; fi
fi
if [ "$window" = yes ] && ! qemu-system-arm -display help 2>/dev/null | grep -q '^sdl$'; then
    echo 'run: this QEMU has no window: apt-get install qemu-system-gui, or --headless' >&2
    exit 1
fi

device=${device:-$out/device}
mkdir -p "$device" "$out"
# The processes beside QEMU end with this script.
simulator=''
trap '[ -z "$simulator" ] || kill "$simulator" 2>/dev/null || true' EXIT

# A gateway on this host, for whoever gives none; the guest sees the host's loopback as 10.0.2.2.
start_simulator() {
    local said=$device/simulator.json
    cargo build --quiet --manifest-path "$root/Cargo.toml"
    "${CARGO_TARGET_DIR:-$root/target}/debug/cashier" simulator --kind "$kind" --json >"$said" &
    simulator=$!
    until [ -s "$said" ]; do
        kill -0 "$simulator" 2>/dev/null || { echo 'run: the simulator did not start' >&2; exit 1; }
        read -rt 0.05 <> <(:) || true
    done
    printf 'gateway: %s\n' "$(cat "$said")"
    base_url=$(sed -E 's/.*"base_url":"([^"]*)".*/\1/' "$said")
}

# The configuration of the demo merchant, whose key everybody knows.
write_config() {
    config=$device/etc
    mkdir -p "$config"
    local id=0010000001
    [ "$kind" = shouqianba ] && id=1122234-dewls02s2
    {
        printf '[merchant]\nid = "%s"\nname = "达美乐披萨"\nstore = "02016"\n\n' "$id"
        printf '[gateway]\nkind = "%s"\nbase_url = "%s"\n' "$kind" "${base_url/127.0.0.1/10.0.2.2}"
        [ "$kind" = shouqianba ] && printf 'terminal_sn = "%s"\n' "$id"
        printf 'key_file = "key"\nallow_plaintext = true\n\n'
        cat "$here/guest/devices.toml"
    } >"$config/cashier.toml"
    (umask 077 && printf 'demo-key-for-simulations\n' >"$config/key")
}

[ -n "$config" ] || { [ -n "$base_url" ] || start_simulator; write_config; }
[ -n "$firmware" ] || firmware=$("$root/deploy/arm/build.sh" armv7)
"$here/fetch.sh" "$out/guest" >&2
"$here/initramfs.sh" "$out/guest" "$firmware" "$config" "$device/initramfs"
kernel=$(find "$out/guest/boot" -name 'vmlinuz-*' | sort -V | tail -n 1)

disk=$device/disk.img
if [ "$fresh" = yes ] || [ ! -e "$disk" ]; then
    rm -f "$disk"
    truncate -s 64M "$disk"
    PATH=$PATH:/usr/sbin mkfs.ext4 -q -L cashier -m 0 -E lazy_itable_init=0,lazy_journal_init=0 "$disk"
fi

# The disk. Without a host's cache, what QEMU was told to write before it dies is written; with the
# log, a reader can tell what was flushed from what a real disk might have lost (README, "Power cuts").
if [ "$drop" = yes ]; then
    cp --sparse=always "$disk" "$device/before.img"
    : >"$device/writes.log"
    drive=(
        -blockdev "driver=file,filename=$disk,node-name=medium,cache.no-flush=on"
        -blockdev "driver=file,filename=$device/writes.log,node-name=writes,cache.no-flush=on"
        -blockdev 'driver=blklogwrites,node-name=disk,file=medium,log=writes,log-sector-size=512'
    )
else
    drive=(-blockdev "driver=file,filename=$disk,node-name=disk,cache.direct=on")
fi

# A harness listens; everyone else connects.
socket() {
    if [ -n "$harness" ]; then
        printf 'socket,id=%s,path=%s' "$1" "$harness/$1"
    else
        printf 'socket,id=%s,path=%s,server=on,wait=off' "$1" "$device/$1"
    fi
}
if [ -n "$harness" ]; then
    console=(-chardev "$(socket console)" -serial chardev:console)
else
    console=(-serial mon:stdio)
fi
if [ "$steady" = yes ]; then clock=(-icount shift=1); else clock=(); fi
# GTK's window would tell the guest its own size before it has the screen's.
if [ "$window" = yes ]; then display=(-display sdl); else display=(-display none); fi

[ -n "$harness" ] || printf 'sockets (scanner, shell, qmp): %s\n' "$device"
# exec where nothing has to be cleaned up afterwards, so that a harness can kill QEMU by its child's id.
run() { if [ -n "$simulator" ]; then "$@"; else exec "$@"; fi; }
run qemu-system-arm -M virt,highmem=off -cpu cortex-a15 -m 512 -nodefaults \
    -kernel "$kernel" -initrd "$device/initramfs" \
    -append "console=ttyAMA0 loglevel=5 printk.devkmsg=on panic=-1 ${CASHIER_EMULATOR_APPEND:-}" \
    "${console[@]}" "${display[@]}" "${clock[@]}" -no-reboot \
    -device virtio-gpu-pci,id=gpu0,xres=480,yres=800 \
    -device virtio-keyboard-pci,display=gpu0 \
    -device qemu-xhci,id=usb -device usb-kbd,bus=usb.0 \
    -chardev "$(socket scanner)" \
    -device usb-serial,bus=usb.0,id=scanner0,chardev=scanner,always-plugged=on \
    -netdev user,id=net0 -device virtio-net-pci,netdev=net0,romfile= \
    "${drive[@]}" -device virtio-blk-pci,drive=disk \
    -chardev "$(socket shell)" -device pci-serial,chardev=shell \
    -chardev "$(socket qmp)" -mon chardev=qmp,mode=control
