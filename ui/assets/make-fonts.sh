#!/bin/sh
# Makes the fonts of the screen from Debian's package fonts-noto-cjk (Noto Sans CJK SC, SIL OFL 1.1).
#
#   NotoSansSC-Regular-subset.otf  ASCII, GB2312 and the signs below: every string that can come in
#   NotoSansSC-Bold-subset.otf     ASCII and the characters of the product's own strings
#
# Run it again when a string of src/locale/table.rs gains a character (a test says so).
# Needs apt-get (or the package already unpacked, its folder given as $1) and python3 with venv.
set -eu
here=$(CDPATH= cd -- "$(dirname -- "$0")" && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT INT TERM

if [ $# -ge 1 ]; then
    fonts=$1
else
    (cd "$work" && apt-get download fonts-noto-cjk && dpkg-deb -x fonts-noto-cjk_*.deb unpacked)
    fonts=$work/unpacked/usr/share/fonts/opentype/noto
fi
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet 'fonttools==4.59.0'

python3 - "$here/../src/locale/table.rs" "$work/regular.txt" "$work/bold.txt" <<'PY'
import sys
table, regular, bold = sys.argv[1:]
ascii_ = {chr(c) for c in range(0x20, 0x7F)}
signs = set("¥£€·…—–“”‘’×÷±°©®•→←↑↓≠□＄￥　")
gb2312 = set()
for high in range(0xA1, 0xF8):
    for low in range(0xA1, 0xFF):
        try:
            gb2312.add(bytes([high, low]).decode("gb2312"))
        except UnicodeDecodeError:
            pass
own = {c for c in open(table, encoding="utf-8").read() if c.isprintable()}
open(regular, "w", encoding="utf-8").write("".join(sorted(ascii_ | signs | gb2312 | own)))
open(bold, "w", encoding="utf-8").write("".join(sorted(ascii_ | signs | own)))
PY

for weight in Regular Bold; do
    list=$(echo "$weight" | tr 'RB' 'rb')
    # Face 2 of the collection is Simplified Chinese; hinting and layout tables are of no use to us.
    "$work/venv/bin/pyftsubset" "$fonts/NotoSansCJK-$weight.ttc" --font-number=2 \
        --text-file="$work/$list.txt" --layout-features='' --no-hinting --desubroutinize \
        --drop-tables+=vhea,vmtx,VORG,BASE,GDEF,GPOS,GSUB --name-IDs='0,1,2,13,14' \
        --notdef-outline --output-file="$here/NotoSansSC-$weight-subset.otf"
done
ls -l "$here"/*.otf
