#!/usr/bin/env bash
# The software device's root: `deploy/emulator/initramfs.sh GUEST FIRMWARE CONFIG OUT`.
#
# GUEST is what fetch.sh made, FIRMWARE the armv7 binary, CONFIG a folder that becomes /etc/cashier.
# Busybox, the modules in the order in which they are loaded, the C library of the cross compiler, the
# firmware and guest/init, in one uncompressed cpio archive: unpacking costs an emulated CPU more than
# reading.
set -euo pipefail
[ $# = 4 ] || { sed -n '2,7s/^# \{0,1\}//p' "$0"; exit 2; }
guest=$1 firmware=$2 config=$3 out=$4
here=$(cd "$(dirname "$0")" && pwd)
sysroot=${CASHIER_ARM_SYSROOT:-/usr/arm-linux-gnueabihf}
command -v cpio >/dev/null || { echo 'initramfs: cpio is missing: install it' >&2; exit 1; }

# What makes a screen and a disk comes first; the firmware need not wait for the rest.
first='virtio-pci virtio-gpu virtio_blk crc32c_generic ext4'
rest='evdev virtio_input virtio_net xhci-pci usbhid hid-generic ftdi_sio cdc-acm uinput'

modules=$(find "$guest/lib/modules" -mindepth 1 -maxdepth 1 -type d | sort -V | tail -n 1)
root=$(mktemp -d)
trap 'rm -rf "$root"' EXIT
mkdir -p "$root"/{bin,sbin,lib,dev,proc,sys,run,tmp,root,modules,etc/cashier,var/lib/cashier}

# Every module below the ones named, each after those it needs; a module built into the kernel is in
# no list.
order() {
    awk -v wanted="$1" '
        function put(path,  n, i, needs) {
            if (path in done) return
            done[path] = 1
            n = split(depends[path], needs, " ")
            for (i = n; i >= 1; i--) put(needs[i])
            print path
        }
        {
            path = $1; sub(/:$/, "", path)
            name = path; sub(/.*\//, "", name); sub(/\.ko.*$/, "", name); gsub(/-/, "_", name)
            paths[name] = path
            $1 = ""; depends[path] = $0
        }
        END {
            n = split(wanted, names, " ")
            for (i = 1; i <= n; i++) { gsub(/-/, "_", names[i]); if (names[i] in paths) put(paths[names[i]]) }
        }' "$modules/modules.dep"
}
stage() { # LIST NAMES: copies them and writes the list that init loads
    local path
    while read -r path; do
        [ -e "$root/modules/$(basename "$path")" ] && continue
        cp "$modules/$path" "$root/modules/"
        basename "$path" >>"$root/etc/modules.$1"
    done < <(order "$2")
}
stage first "$first"
stage rest "$rest"

cp "$guest/bin/busybox" "$root/bin/busybox"
for library in ld-linux-armhf.so.3 libc.so.6 libm.so.6 libgcc_s.so.1; do
    cp -L "$sysroot/lib/$library" "$root/lib/" || {
        echo "initramfs: $sysroot/lib/$library is missing: install libc6-dev-armhf-cross and" \
            'gcc-arm-linux-gnueabihf' >&2
        exit 1
    }
done
cp "$firmware" "$root/bin/cashier"
cp -r "$config/." "$root/etc/cashier/"
chmod -R go-rwx "$root/etc/cashier"
cp "$here/guest/init" "$root/init"
chmod 755 "$root/init" "$root/bin/cashier" "$root/bin/busybox"
(cd "$root" && find . -mindepth 1 -print0 | LC_ALL=C sort -z |
    cpio --quiet --null --create --format=newc --owner=0:0) >"$out"
