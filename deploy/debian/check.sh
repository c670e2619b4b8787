#!/bin/sh
# Checks the package: what is in it, that it is the same when it is built again, and that it installs,
# updates, is provisioned and goes, in a folder of its own.
#
#   check.sh PROGRAM [ARCH]       PROGRAM is a built cashier for ARCH; amd64 without it
#
# Needs dpkg; the second half also root, systemd and init-system-helpers, and is left out, loudly,
# without. Nothing outside a temporary folder is touched.
set -eu
export LC_ALL=C
here=$(cd "$(dirname "$0")" && pwd)
program=$(cd "$(dirname "$1")" && pwd)/$(basename "$1")
arch=${2:-amd64}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT INT TERM
fail() {
    echo "check.sh: $*" >&2
    exit 1
}

# ---- Built twice, differently -------------------------------------------------------------------
export SOURCE_DATE_EPOCH=1700000000
# Debugging lines are most of a program of `cargo build`, and packing them takes minutes.
if [ "$arch" = amd64 ] && strip -o "$work/cashier" "$program" 2>/dev/null; then
    program=$work/cashier
fi
first=$("$here/build.sh" --arch "$arch" --binary "$program" --out "$work/one" --version 0.1.0)
second=$(cd / && umask 077 && TZ=Asia/Shanghai "$here/build.sh" --arch "$arch" --binary "$program" \
    --out "$work/two" --version 0.1.0)
cmp "$first" "$second" || fail 'built twice, the package differs'
if "$here/build.sh" --arch "$([ "$arch" = arm64 ] && echo armhf || echo arm64)" \
    --binary "$program" --out "$work/wrong" 2>/dev/null; then
    fail 'a program of another architecture is packed'
fi

# ---- What is in it ------------------------------------------------------------------------------
dpkg-deb --contents "$first" >"$work/contents"
holds() {
    grep -qE "^$1 root/root +[0-9]+ .* \./$2\$" "$work/contents" ||
        { cat "$work/contents" >&2; fail "it lacks $2, or with another mode or owner than $1"; }
}
holds -rwxr-xr-x usr/bin/cashier
for unit in cashier.service cashier-checkin.service cashier-checkin.timer; do
    holds -rw-r--r-- usr/lib/systemd/system/$unit
done
holds -rw-r--r-- usr/lib/udev/rules.d/60-cashier.rules
holds -rw-r--r-- usr/lib/sysusers.d/cashier.conf
holds -rw-r--r-- usr/lib/tmpfiles.d/cashier.conf
holds drwxr-x--- etc/cashier/
holds -rw-r----- etc/cashier/cashier.toml
for file in README.md copyright OFL.txt changelog.gz CHANGELOG.md.gz third-party.txt.gz examples/no-console.conf; do
    holds -rw-r--r-- "usr/share/doc/cashier/$file"
done
dpkg-deb --field "$first" Depends | grep -qE '^libc6 \(>= 2\.[0-9]+\), .*systemd' || fail 'Depends'
dpkg-deb --ctrl-tarfile "$first" | tar -xOf - ./conffiles | grep -qx /etc/cashier/cashier.toml ||
    fail 'the configuration is no conffile'
dpkg-deb --fsys-tarfile "$first" | tar -xOf - ./usr/share/doc/cashier/third-party.txt.gz | zcat |
    grep -qE '^rustls v[0-9.]+ +.*MIT' || fail 'the list of crates lacks rustls'
if dpkg-deb --fsys-tarfile "$first" | tar -xOf - ./usr/share/doc/cashier/third-party.txt.gz |
    zcat | grep -qF "$here"; then
    fail 'the list of crates tells where it was made'
fi
echo 'the package holds what it should, and is the same when it is built again'

# ---- Installed ----------------------------------------------------------------------------------
missing=''
[ "$(id -u)" = 0 ] || missing="$missing root"
for tool in systemd-sysusers systemd-tmpfiles deb-systemd-helper; do
    command -v $tool >/dev/null || missing="$missing $tool"
done
if [ -n "$missing" ]; then
    echo "!!! SKIPPED: installing the package, for want of:$missing" >&2
    exit 0
fi
root=$work/root
mkdir -p "$root/var/lib/dpkg/info" "$root/var/lib/dpkg/updates" "$root/etc"
: >"$root/var/lib/dpkg/status"
# The users that every Debian has, and with other numbers than here: whoever takes those of this
# machine is found out.
echo 'root:x:0:0:root:/root:/bin/sh' >"$root/etc/passwd"
printf 'root:x:0:\ntty:x:5:\nlp:x:7:\ndialout:x:20:\nvideo:x:44:\ninput:x:987:\n' >"$root/etc/group"
dpkg_in() {
    dpkg --root="$root" --force-script-chrootless --force-depends --force-architecture --force-confdef --force-confold \
        --log=/dev/null "$@" >"$work/said" 2>&1 || { cat "$work/said" >&2; fail "dpkg $*"; }
}
is() {
    found=$(stat -c '%a %u:%g' "$root/$2")
    [ "$found" = "$1" ] || fail "$2 is $found and not $1"
}

dpkg_in --install "$first"
grep -q 'not configured yet' "$work/said" || fail 'it does not say what to do next'
uid=$(sed -n 's/^cashier:[^:]*:\([0-9]*\):.*/\1/p' "$root/etc/passwd")
gid=$(sed -n 's/^cashier:[^:]*:\([0-9]*\):.*/\1/p' "$root/etc/group")
[ -n "$uid" ] && [ -n "$gid" ] || fail 'there is no user cashier'
for group in dialout input lp tty video; do
    grep -qE "^$group:.*[:,]cashier(,|\$)" "$root/etc/group" || fail "cashier is not in $group"
done
is "750 0:$gid" etc/cashier
is "640 0:$gid" etc/cashier/cashier.toml
is "700 $uid:$gid" var/lib/cashier
wanted=$root/etc/systemd/system/multi-user.target.wants/cashier.service
[ -L "$wanted" ] || fail 'it is not started with the device'

# ---- Provisioned --------------------------------------------------------------------------------
provision=$root/usr/share/doc/cashier/examples/provision.sh
sed -e 's/^device = "dev01"/device = "@DEVICE@"/' -e 's/^name = .*/name = "@SHOP@"/' \
    "$root/etc/cashier/cashier.toml" >"$work/fleet.toml"
printf '# The till at the door.\nDEVICE = dev017\r\nSHOP =达美乐 #2\n' >"$work/dev017"
printf 'THE-KEY' >"$work/dev017.key"
printf 'DEVICE = dev017\n' >"$work/bad-missing"
printf 'DEVICE = dev"017\nSHOP = x\n' >"$work/bad-quote"
printf 'DEVICE = dev017\nSHOP = x\nSHOPP = y\n' >"$work/bad-unused"
before=$(md5sum <"$root/etc/cashier/cashier.toml")
for bad in bad-missing bad-quote bad-unused; do
    if "$provision" --root "$root" --template "$work/fleet.toml" --device "$work/$bad" \
        --key "$work/dev017.key" 2>"$work/said"; then
        fail "$bad is taken"
    fi
    [ "$(md5sum <"$root/etc/cashier/cashier.toml")" = "$before" ] || fail "$bad changes something"
    [ ! -e "$root/var/lib/cashier/key" ] || fail "$bad leaves a key"
done
"$provision" --root "$root" --template "$work/fleet.toml" --device "$work/dev017" --key "$work/dev017.key"
grep -qx 'device = "dev017"' "$root/etc/cashier/cashier.toml" || fail 'the device has no number'
grep -qx 'name = "达美乐 #2"' "$root/etc/cashier/cashier.toml" || fail 'the shop has no name'
is "640 0:$gid" etc/cashier/cashier.toml
is "600 $uid:$gid" var/lib/cashier/key
[ "$(cat "$root/var/lib/cashier/key")" = THE-KEY ] || fail 'the key is another'
# A second time: the key may have been changed by check-ins, and stays, whatever a cut has left.
printf 'CUT-KEY' >"$root/var/lib/cashier/.key.part"
printf 'FIRST-KEY' | "$provision" --root "$root" --template "$work/fleet.toml" \
    --device "$work/dev017" --key - 2>/dev/null
[ "$(cat "$root/var/lib/cashier/key")" = THE-KEY ] || fail 'the key is lost'
[ "$(find "$root/etc/cashier" "$root/var/lib/cashier" -type f | wc -l)" = 2 ] || fail 'leftovers'
if "$provision" --root '' --template "$work/fleet.toml" --device "$work/dev017" \
    --key "$work/dev017.key" 2>"$work/said" || ! grep -q 'no folder' "$work/said"; then
    fail 'a root that a script forgot to set is taken for this machine'
fi
# Interrupted over half a key: nothing has changed, and nothing is left.
before=$(md5sum "$root/etc/cashier/cashier.toml" "$root/var/lib/cashier/key")
mkfifo "$work/keys"
(exec "$provision" --root "$root" --template "$work/fleet.toml" --device "$work/dev017" --key - \
    --replace-key <"$work/keys" 2>/dev/null) &
exec 9>"$work/keys"
printf 'HALF' >&9
until [ -s "$root/var/lib/cashier/.key.part" ]; do kill -0 $! || fail 'it is over too soon'; done
kill -TERM $! # HUP may be ignored here, as it is where no terminal is.
exec 9>&-
if wait $!; then fail 'interrupted, it says that all is well'; fi
[ "$(md5sum "$root/etc/cashier/cashier.toml" "$root/var/lib/cashier/key")" = "$before" ] ||
    fail 'interrupted, it changes something'
[ "$(find "$root/etc/cashier" "$root/var/lib/cashier" -type f | wc -l)" = 2 ] || fail 'leftovers of a cut'

# ---- Updated, and gone --------------------------------------------------------------------------
echo money >"$root/var/lib/cashier/journal.db"
second=$("$here/build.sh" --arch "$arch" --binary "$program" --out "$work/new" --version 0.1.1)
rm "$wanted"
dpkg_in --install "$second"
grep -qx 'device = "dev017"' "$root/etc/cashier/cashier.toml" || fail 'an update loses the configuration'
is "640 0:$gid" etc/cashier/cashier.toml
[ ! -e "$wanted" ] || fail 'an update starts what somebody has disabled'
# One that explains its configuration in other words, and nobody there to be asked whose to keep.
dpkg-deb --raw-extract "$second" "$work/unpacked"
sed -i 's/^Version: .*/Version: 0.1.2/' "$work/unpacked/DEBIAN/control"
echo '# In other words.' >>"$work/unpacked/etc/cashier/cashier.toml"
dpkg-deb --root-owner-group --build "$work/unpacked" "$work/third.deb" >/dev/null
if dpkg --root="$root" --force-script-chrootless --force-depends --force-architecture --log=/dev/null \
    --install "$work/third.deb" </dev/null >/dev/null 2>&1; then
    fail 'dpkg does not ask whose configuration to keep: does the README say so still?'
fi
dpkg_in --force-confold --configure cashier
grep -qx 'device = "dev017"' "$root/etc/cashier/cashier.toml" || fail 'an update replaces the configuration'
grep -q 'In other words' "$root/etc/cashier/cashier.toml.dpkg-dist" || fail 'the new one is not beside it'
[ "$(stat -c %a "$root/etc/cashier/cashier.toml.dpkg-dist")" = 640 ] || fail 'the new one is open to all'
# And back.
dpkg_in --install "$second"
grep -qx 'device = "dev017"' "$root/etc/cashier/cashier.toml" || fail 'going back loses the configuration'
dpkg_in --remove cashier
[ ! -e "$root/usr/bin/cashier" ] || fail 'it does not go'
mkdir -p "$root/etc/systemd/system/timers.target.wants"
ln -s /usr/lib/systemd/system/cashier-checkin.timer "$root/etc/systemd/system/timers.target.wants/"
dpkg_in --purge cashier
[ ! -L "$root/etc/systemd/system/timers.target.wants/cashier-checkin.timer" ] || fail 'a purge leaves the timer'
[ ! -L "$wanted" ] || fail 'a purge leaves the service'
grep -q 'is kept' "$work/said" || fail 'a purge does not say what it keeps'
[ ! -e "$root/etc/cashier/cashier.toml" ] || fail 'a purge keeps the configuration'
[ "$(cat "$root/var/lib/cashier/journal.db")" = money ] || fail 'a purge deletes the record of money'
[ -e "$root/var/lib/cashier/key" ] || fail 'a purge deletes the key of open charges'
echo 'the package installs, is provisioned, is updated and goes; the record of money stays'
