#!/bin/sh
# Makes the three fonts that reports embed, from Debian packages; the same packages, the same bytes.
#
#   apt-get install fonts-morisawa-bizud-gothic fonts-noto-cjk fonttools
#   scripts/make-fallback-font.sh
#
# BIZ UDGothic lacks some 20,000 kanji that occur in names of people and places. The fallback is
# Noto Sans CJK, Japanese face, cut down to what BIZ UDGothic lacks; Hangul is left out for size.
set -eu

biz=/usr/share/fonts/truetype/bizud-gothic
noto=/usr/share/fonts/opentype/noto/NotoSansCJK-Regular.ttc
out=$(dirname "$0")/../crates/report/fonts
points=$(mktemp)
trap 'rm -f "$points"' EXIT

cp "$biz/BIZUDGothic-Regular.ttf" "$biz/BIZUDGothic-Bold.ttf" "$out/"

/usr/bin/python3 - "$biz/BIZUDGothic-Regular.ttf" "$noto" >"$points" <<'PYTHON'
import sys
from fontTools.ttLib import TTFont

HANGUL = [
    (0x1100, 0x11FF), (0x302E, 0x302F), (0x3130, 0x318F), (0x3200, 0x321E), (0x3260, 0x327E),
    (0xA960, 0xA97F), (0xAC00, 0xD7FF), (0xFFA0, 0xFFDC),
]
have = TTFont(sys.argv[1]).getBestCmap()
for point in sorted(TTFont(sys.argv[2], fontNumber=0).getBestCmap()):
    if point not in have and not any(low <= point <= high for low, high in HANGUL):
        print(f"U+{point:04X}")
PYTHON

# Reports are set horizontally and upright: no layout features, no hinting.
/usr/bin/pyftsubset "$noto" --font-number=0 --unicodes-file="$points" --layout-features= --no-hinting \
    --desubroutinize --name-IDs=0,1,2,3,4,5,6,13,14 --output-file="$out/NotoSansCJKjp-Fallback.otf"
