#!/usr/bin/env bash
# Installs what the software device needs of Debian's packages and is not there, where it may.
# Exit status 75: a mirror failed, and nothing else.
set -euo pipefail
. "$(dirname "${BASH_SOURCE[0]}")/../arm/toolchain.sh"
say() { printf 'emulator: %s\n' "$*" >&2; }
missing=()
want() { PATH=/usr/sbin:/sbin:$PATH command -v "$1" >/dev/null || missing+=("$2"); }
want qemu-system-arm qemu-system-arm
want cpio cpio
want depmod kmod
want mkfs.ext4 e2fsprogs
[ -e /usr/arm-linux-gnueabihf/lib/libc.so.6 ] || missing+=(libc6-dev-armhf-cross)
[ -e /usr/arm-linux-gnueabihf/lib/libgcc_s.so.1 ] || missing+=(gcc-arm-linux-gnueabihf)
[ ${#missing[@]} -gt 0 ] || exit 0
if [ "$(id -u)" != 0 ] || ! command -v apt-get >/dev/null; then
    fail "packages are missing" "on Debian or Ubuntu: sudo apt-get install ${missing[*]}"
fi
say "installing ${missing[*]}"
apt=(env DEBIAN_FRONTEND=noninteractive apt-get -qq -o DPkg::Lock::Timeout=300)
install_missing() { "${apt[@]}" update && "${apt[@]}" install -y --no-install-recommends "${missing[@]}"; }
insist install_missing || fail_mirror "apt-get could not install ${missing[*]}"
