#!/bin/sh
# Makes the Debian package of a program that is already built.
#
#   build.sh --arch armhf|arm64|amd64 --binary FILE [--out FOLDER] [--version VERSION]
#
# The version is Cargo.toml's. Same sources, same program, same package, byte for byte: times are
# SOURCE_DATE_EPOCH, or else the last commit's. DEBFULLNAME and DEBEMAIL name who answers for it.
# Needs dpkg-deb, and cargo for the list of crates (nothing is built or downloaded).
set -eu
umask 022
export LC_ALL=C TZ=UTC

here=$(cd "$(dirname "$0")" && pwd)
root=$(cd "$here/../.." && pwd)
usage() {
    sed -n '2,8p' "$0" | sed 's/^# \{0,1\}//' >&2
    exit 2
}
fail() {
    echo "build.sh: $*" >&2
    exit 1
}

arch='' binary='' out='' version=''
while [ $# -gt 0 ]; do
    [ $# -ge 2 ] || usage
    case "$1" in
    --arch) arch=$2 ;;
    --binary) binary=$2 ;;
    --out) out=$2 ;;
    --version) version=$2 ;;
    *) usage ;;
    esac
    shift 2
done
[ -n "$arch" ] && [ -n "$binary" ] || usage
[ -f "$binary" ] || fail "there is no $binary"
[ -n "$out" ] || out=$root/target/debian
[ -n "$version" ] || version=$(sed -n '/^\[workspace.package\]/,/^\[/s/^version = "\(.*\)"/\1/p' "$root/Cargo.toml")
[ -n "$version" ] || fail 'Cargo.toml has no version'

# The program of another architecture would install well and start nothing. ELF: bytes 4 (class) and
# 18-19 (machine).
elf=$(od -An -tx1 -j4 -N1 "$binary" | tr -d ' \n')$(od -An -tx1 -j18 -N2 "$binary" | tr -d ' \n')
case "$arch" in
armhf) wanted=012800 target=armv7-unknown-linux-gnueabihf ;;
arm64) wanted=02b700 target=aarch64-unknown-linux-gnu ;;
amd64) wanted=023e00 target=x86_64-unknown-linux-gnu ;;
*) fail "--arch $arch: expected armhf, arm64 or amd64" ;;
esac
[ "$(head -c4 "$binary" | od -An -tx1 | tr -d ' \n')" = 7f454c46 ] || fail "$binary is no program"
[ "$elf" = "$wanted" ] || fail "$binary is not built for $arch"

if [ -z "${SOURCE_DATE_EPOCH:-}" ]; then
    SOURCE_DATE_EPOCH=$(git -C "$root" log -1 --format=%ct 2>/dev/null) ||
        fail 'set SOURCE_DATE_EPOCH: there is no git history to take the time from'
fi
export SOURCE_DATE_EPOCH

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT INT TERM
tree=$work/tree
put() { install -D -m "$1" "$2" "$tree/$3"; }
packed() { gzip -9n >"$tree/$1" && chmod 644 "$tree/$1"; }

put 755 "$binary" usr/bin/cashier
for unit in cashier.service cashier-checkin.service cashier-checkin.timer; do
    put 644 "$root/deploy/systemd/$unit" usr/lib/systemd/system/$unit
done
put 644 "$root/deploy/udev/60-cashier.rules" usr/lib/udev/rules.d/60-cashier.rules
put 644 "$here/package/sysusers.conf" usr/lib/sysusers.d/cashier.conf
put 644 "$here/package/tmpfiles.conf" usr/lib/tmpfiles.d/cashier.conf
install -d -m 750 "$tree/etc/cashier"
put 640 "$root/deploy/config/cashier.toml" etc/cashier/cashier.toml
doc=usr/share/doc/cashier
put 644 "$here/package/copyright" $doc/copyright
put 644 "$root/ui/assets/OFL.txt" $doc/OFL.txt
put 644 "$root/deploy/README.md" $doc/README.md
put 644 "$root/deploy/systemd/no-console.conf" $doc/examples/no-console.conf
put 644 "$root/deploy/config/cashier.toml" $doc/examples/cashier.toml
put 755 "$root/deploy/provision.sh" $doc/examples/provision.sh
packed $doc/CHANGELOG.md.gz <"$root/CHANGELOG.md"
maintainer="${DEBFULLNAME:-Maintainers of cashier} <${DEBEMAIL:-cashier@example.com}>"
packed $doc/changelog.gz <<CHANGES
cashier ($version) stable; urgency=medium

  * What has changed stands in CHANGELOG.md.gz.

 -- $maintainer  $(date -u -R -d "@$SOURCE_DATE_EPOCH")
CHANGES

# What is in the program: a line for each crate, with its licence and where it comes from.
{
    echo 'The crates in the program: name, version, licence, source.'
    echo
    (cd "$root" && cargo tree --locked --offline --quiet --package cashier --no-default-features \
        --edges normal --target "$target" --prefix none --no-dedupe \
        --format '{p}|{l}|{r}') |
        sed -e 's/ (proc-macro)//' -e 's/ ([^|]*)//' -e 's/ (\*)//' |
        grep -v -E '^(cashier|hal|ui|simulator) v' |
        awk -F'|' '{ printf "%-36s %-40s %s\n", $1, $2, $3 }' | sort -u
} >"$work/third-party"
[ "$(wc -l <"$work/third-party")" -gt 50 ] || fail 'cargo does not tell what is in the program'
# Their texts, each once, with the crates that it came with.
mkdir "$work/texts"
sed 1,2d "$work/third-party" | while read -r name version _; do
    for file in "${CARGO_HOME:-$HOME/.cargo}"/registry/src/*/"$name-${version#v}"/*; do
        case "${file##*/}" in
        LICEN[CS]E* | COPYING* | COPYRIGHT* | NOTICE* | UNLICENSE* | license* | copying*) ;;
        *) continue ;;
        esac
        [ -f "$file" ] || continue
        sum=$(md5sum <"$file" | cut -c1-32)
        [ -e "$work/texts/$sum" ] || printf '%s\n' "$sum" >>"$work/order"
        cp "$file" "$work/texts/$sum"
        printf '%s %s\n' "$name" "$version" >>"$work/texts/$sum.of"
    done
done
{
    cat "$work/third-party"
    if [ -s "$work/order" ]; then
        while read -r sum; do
            printf '\n%s\n' '================================================================'
            uniq "$work/texts/$sum.of"
            printf '%s\n\n' '----------------------------------------------------------------'
            cat "$work/texts/$sum"
        done <"$work/order"
    else
        echo 'build.sh: no sources of the crates are here: their licences are listed without texts' >&2
    fi
} >"$work/third-party-all"
packed $doc/third-party.txt.gz <"$work/third-party-all"

# The oldest C library that has all that the program asks for.
libc=$(grep -ao 'GLIBC_2\.[0-9]*' "$binary" | sort -uV | tail -n 1 | sed 's/GLIBC_//')
[ -n "$libc" ] || fail "$binary is linked with no glibc"
needs="libc6 (>= $libc)"
if grep -aq 'libgcc_s\.so\.1' "$binary"; then needs="$needs, libgcc-s1"; fi

mkdir "$tree/DEBIAN"
for script in postinst prerm postrm; do install -m 755 "$here/package/$script" "$tree/DEBIAN/$script"; done
echo /etc/cashier/cashier.toml >"$tree/DEBIAN/conffiles"
(cd "$tree" && find usr -type f | sort | xargs md5sum) >"$tree/DEBIAN/md5sums"
cat >"$tree/DEBIAN/control" <<CONTROL
Package: cashier
Version: $version
Architecture: $arch
Maintainer: $maintainer
Installed-Size: $(find "$tree/usr" "$tree/etc" -type f -exec wc -c {} + | awk '$2 != "total" { kb += int(($1 + 1023) / 1024) } END { print kb }')
Depends: $needs, init-system-helpers (>= 1.60), systemd (>= 252), udev
Section: comm
Priority: optional
Description: payment terminal for WeChat Pay, Alipay and others
 The firmware of a cashier's QR-payment terminal: it scans the customer's code
 or shows one to be scanned, charges through a payment gateway, and knows of
 every charge whether money moved, over failures of network and power.
 .
 The service starts once it is configured and has a key.
CONTROL
chmod 644 "$tree/DEBIAN/conffiles" "$tree/DEBIAN/md5sums" "$tree/DEBIAN/control"
find "$tree" -depth -exec touch -h -d "@$SOURCE_DATE_EPOCH" {} +

mkdir -p "$out"
package=$out/cashier_${version}_$arch.deb
dpkg-deb --root-owner-group -Zxz --threads-max=1 --build "$tree" "$package" >/dev/null
echo "$package"
