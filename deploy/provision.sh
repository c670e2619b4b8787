#!/bin/sh
# Makes one of many terminals: writes its configuration and its key, and checks both.
#
#   provision.sh --device FILE --template FILE --key FILE [--root FOLDER]
#
#   --template   a cashier.toml of your fleet, with @NAME@ where the terminals differ
#   --device     what is @NAME@ for this one: lines "NAME = value", "#" begins a comment
#   --key        the file with its key; "-" reads it from standard input
#   --root       a mounted image; without it, this device
#
# The package has to be installed there. Nothing is written unless every @NAME@ has its value, and no
# value can end the "text" it stands in. The key is never an argument and never shown. May be
# interrupted and run again: with the same files it changes nothing, except that a 收钱吧 terminal
# whose key was changed by check-ins must not be given its first one again, so an existing key is kept
# (--replace-key replaces it).
set -eu
umask 077

fail() {
    echo "provision.sh: $*" >&2
    exit 1
}
device='' template='' key='' root='' replace=no
while [ $# -gt 0 ]; do
    case "$1" in
    --replace-key)
        replace=yes
        shift
        continue
        ;;
    esac
    [ $# -ge 2 ] || fail "what is $1? see the head of this file"
    case "$1" in
    --device) device=$2 ;;
    --template) template=$2 ;;
    --key) key=$2 ;;
    --root)
        # What a script has forgotten to set must not become this very machine.
        [ -d "$2" ] || fail "--root: there is no folder '$2'"
        root=${2%/}
        ;;
    *) fail "what is $1? see the head of this file" ;;
    esac
    shift 2
done
[ -n "$device" ] && [ -n "$template" ] && [ -n "$key" ] || fail '--device, --template and --key are needed'
for file in "$device" "$template"; do [ -f "$file" ] || fail "there is no $file"; done
[ "$key" = - ] || [ -f "$key" ] || fail "there is no $key"

# By number: the users of an image are not those of the machine that makes it.
ids=$(sed -n 's/^cashier:[^:]*:\([0-9]*\):\([0-9]*\):.*/\1:\2/p' "$root/etc/passwd")
[ -n "$ids" ] || fail "$root/etc/passwd has no user cashier: install the package first"
[ -d "$root/etc/cashier" ] && [ -d "$root/var/lib/cashier" ] || fail 'install the package first'

new=$root/etc/cashier/.cashier.toml.part
key_path=$root/var/lib/cashier/key
part=$root/var/lib/cashier/.key.part
trap 'rm -f "$new" "$part"' EXIT
trap 'exit 129' HUP
trap 'exit 130' INT
trap 'exit 143' TERM
# What a cut left of an earlier run is nobody's key. From here on no file that is there is written
# into: the folder of the keys is not root's alone.
rm -f "$new" "$part"
set -C
awk -v device="$device" '
    function refuse(why) { print "provision.sh: " why >"/dev/stderr"; failed = 1; exit 1 }
    FILENAME == device {
        sub(/\r$/, "")
        if ($0 ~ /^[ \t]*(#|$)/) next
        at = index($0, "=")
        name = substr($0, 1, at - 1); value = substr($0, at + 1)
        gsub(/^[ \t]+|[ \t]+$/, "", name); gsub(/^[ \t]+|[ \t]+$/, "", value)
        if (at == 0 || name !~ /^[A-Za-z0-9_]+$/) refuse(device ":" FNR ": expected NAME = value")
        if (value == "") refuse(device ":" FNR ": " name " has no value")
        if (value ~ /["\\]/ || value ~ /[[:cntrl:]]/)
            refuse(device ":" FNR ": " name ": a quote, a backslash or a control character")
        if (name in values) refuse(device ":" FNR ": " name " stands here twice")
        values[name] = value
        next
    }
    {
        line = $0; done = ""
        # Explanations may say @NAME@ as they like.
        if (line !~ /^[ \t]*#/)
            while (match(line, /@[A-Za-z0-9_]+@/)) {
                name = substr(line, RSTART + 1, RLENGTH - 2)
                if (!(name in values)) refuse(FILENAME ":" FNR ": " device " has no value for @" name "@")
                done = done substr(line, 1, RSTART - 1) values[name]
                line = substr(line, RSTART + RLENGTH)
                used[name] = 1
            }
        print done line
    }
    END {
        if (failed) exit 1
        for (name in values) if (!(name in used)) refuse("the template has no @" name "@, which " device " sets")
    }
' "$device" "$template" >"$new" || exit 1

if [ ! -s "$key_path" ] || [ "$replace" = yes ]; then
    if [ "$key" = - ]; then cat >"$part"; else cat "$key" >"$part"; fi
    [ -s "$part" ] || fail 'the key is empty'
    chown -h "$ids" "$part"
else
    echo 'provision.sh: there is a key already, and it is kept' >&2
fi
chown "0:${ids#*:}" "$new"
chmod 640 "$new"
# Whole on the disk before they have their names. The configuration goes in first: as soon as there is
# a key, the service may start.
sync
mv "$new" "$root/etc/cashier/cashier.toml"
if [ -e "$part" ]; then mv -T "$part" "$key_path"; fi
sync

[ -z "$root" ] || exit 0
# Stopped, so that the devices are free to be looked at; started again whatever is found or comes.
trap 'systemctl start cashier.service' EXIT
systemctl stop cashier.service
well=0
runuser -u cashier -- cashier check --config /etc/cashier/cashier.toml || well=$?
trap - EXIT
systemctl start cashier.service
exit "$well"
