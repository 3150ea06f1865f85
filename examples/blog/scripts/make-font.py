#!/usr/bin/env python3
"""Draws the Field Notes display face: a pixel font on a 5 by 9 grid.

Each glyph is a width and up to nine rows of hex. Row 0 is the top of a capital,
row 6 stands on the baseline, rows 7 and 8 are the descender. Bit width-1 is the
leftmost pixel. Needs fontTools and brotli; writes public/fonts/FieldNotes.{ttf,woff2}.
"""

from pathlib import Path

from fontTools.fontBuilder import FontBuilder
from fontTools.pens.ttGlyphPen import TTGlyphPen
from fontTools.ttLib import TTFont

PIXEL = 100
OVERLAP = 3  # rows overlap a little, so that no hairline shows between them
OUT = Path(__file__).resolve().parent.parent / "public" / "fonts"

GLYPHS = """
A 5 0e 11 11 1f 11 11 11
B 5 1e 11 11 1e 11 11 1e
C 5 0e 11 10 10 10 11 0e
D 5 1e 11 11 11 11 11 1e
E 5 1f 10 10 1e 10 10 1f
F 5 1f 10 10 1e 10 10 10
G 5 0e 11 10 17 11 11 0e
H 5 11 11 11 1f 11 11 11
I 3 7 2 2 2 2 2 7
J 5 01 01 01 01 01 11 0e
K 5 11 12 14 18 14 12 11
L 5 10 10 10 10 10 10 1f
M 5 11 1b 15 15 11 11 11
N 5 11 19 19 15 13 13 11
O 5 0e 11 11 11 11 11 0e
P 5 1e 11 11 1e 10 10 10
Q 5 0e 11 11 11 15 12 0d
R 5 1e 11 11 1e 14 12 11
S 5 0f 10 10 0e 01 01 1e
T 5 1f 04 04 04 04 04 04
U 5 11 11 11 11 11 11 0e
V 5 11 11 11 11 11 0a 04
W 5 11 11 11 15 15 1b 11
X 5 11 11 0a 04 0a 11 11
Y 5 11 11 0a 04 04 04 04
Z 5 1f 01 02 04 08 10 1f
a 5 0 0 0e 01 0f 11 0f
b 5 10 10 1e 11 11 11 1e
c 5 0 0 0e 11 10 11 0e
d 5 01 01 0f 11 11 11 0f
e 5 0 0 0e 11 1f 10 0e
f 4 3 4 e 4 4 4 4
g 5 0 0 0f 11 11 11 0f 01 0e
h 5 10 10 1e 11 11 11 11
i 1 1 0 1 1 1 1 1
j 3 1 0 1 1 1 1 1 5 2
k 4 8 8 9 a c a 9
l 2 2 2 2 2 2 2 1
m 5 0 0 1a 15 15 15 15
n 5 0 0 1e 11 11 11 11
o 5 0 0 0e 11 11 11 0e
p 5 0 0 1e 11 11 11 1e 10 10
q 5 0 0 0f 11 11 11 0f 01 01
r 4 0 0 b c 8 8 8
s 5 0 0 0f 10 0e 01 1e
t 4 4 4 e 4 4 4 3
u 5 0 0 11 11 11 11 0f
v 5 0 0 11 11 11 0a 04
w 5 0 0 11 11 15 15 0a
x 5 0 0 11 0a 04 0a 11
y 5 0 0 11 11 11 11 0f 01 0e
z 5 0 0 1f 02 04 08 1f
0 5 0e 11 13 15 19 11 0e
1 3 2 6 2 2 2 2 7
2 5 0e 11 01 06 08 10 1f
3 5 0e 11 01 06 01 11 0e
4 5 02 06 0a 12 1f 02 02
5 5 1f 10 1e 01 01 11 0e
6 5 06 08 10 1e 11 11 0e
7 5 1f 01 02 04 08 08 08
8 5 0e 11 11 0e 11 11 0e
9 5 0e 11 11 0f 01 02 0c
! 1 1 1 1 1 1 0 1
" 3 5 5
# 5 0a 0a 1f 0a 1f 0a 0a
$ 5 04 0f 14 0e 05 1e 04
% 5 18 19 02 04 08 13 03
& 5 0c 12 14 08 15 12 0d
' 1 1 1
( 2 1 2 2 2 2 2 1
) 2 2 1 1 1 1 1 2
* 3 5 2 5
+ 5 0 04 04 1f 04 04
, 2 0 0 0 0 0 1 1 2
- 3 0 0 0 7
. 1 0 0 0 0 0 0 1
/ 3 1 1 2 2 2 4 4
: 1 0 0 1 0 0 1
; 2 0 0 1 0 0 1 1 2
< 4 1 2 4 8 4 2 1
= 4 0 0 f 0 f
> 4 8 4 2 1 2 4 8
? 5 0e 11 01 06 04 0 04
@ 5 0e 11 17 15 17 10 0e
[ 2 3 2 2 2 2 2 3
\\ 3 4 4 2 2 2 1 1
] 2 3 1 1 1 1 1 3
^ 3 2 5
_ 5 0 0 0 0 0 0 1f
` 2 2 1
{ 3 1 2 2 4 2 2 1
| 1 1 1 1 1 1 1 1
} 3 4 2 2 1 2 2 4
~ 5 0 0 08 15 02
\u00e0 5 08 04 0e 01 0f 11 0f
\u00e8 5 08 04 0e 11 1f 10 0e
\u00e9 5 02 04 0e 11 1f 10 0e
\u00ef 3 5 0 2 2 2 2 2
\u00f6 5 0a 0 0e 11 11 11 0e
\u00fc 5 0a 0 11 11 11 11 0f
\u2013 4 0 0 0 f
\u2014 6 0 0 0 3f
\u2018 1 1 1
\u2019 1 1 1
\u201c 3 5 5
\u201d 3 5 5
\u2026 5 0 0 0 0 0 0 15
\u00b7 1 0 0 0 1
\u2192 6 0 04 02 3f 02 04
"""


def rectangles(width, rows):
    """Yields one rectangle (x0, y0, x1, y1) for every horizontal run of pixels."""
    for index, row in enumerate(rows):
        bits = int(row, 16)
        top = (7 - index) * PIXEL
        start = None
        for column in range(width + 1):
            on = column < width and bits >> (width - 1 - column) & 1
            if on and start is None:
                start = column
            if not on and start is not None:
                yield start * PIXEL, top - PIXEL - OVERLAP, column * PIXEL, top
                start = None


def draw(width, rows):
    pen = TTGlyphPen(None)
    for x0, y0, x1, y1 in rectangles(width, rows):
        pen.moveTo((x0, y0))
        pen.lineTo((x0, y1))
        pen.lineTo((x1, y1))
        pen.lineTo((x1, y0))
        pen.closePath()
    return pen.glyph()


def main():
    outlines = {".notdef": draw(5, ["1f", "11", "11", "11", "11", "11", "1f"]), "space": draw(1, [])}
    metrics = {".notdef": (600, 0), "space": (350, 0)}
    cmap = {0x20: "space", 0xA0: "space"}
    for line in GLYPHS.strip().splitlines():
        char, width, *rows = line.split()
        code = ord(char)
        name = f"uni{code:04X}"
        width = int(width)
        outlines[name] = draw(width, rows)
        metrics[name] = ((width + 1) * PIXEL, 0)
        cmap[code] = name

    builder = FontBuilder(1000, isTTF=True)
    builder.setupGlyphOrder(list(outlines))
    builder.setupCharacterMap(cmap)
    builder.setupGlyf(outlines)
    table = builder.font["glyf"]
    builder.setupHorizontalMetrics(
        {name: (advance, getattr(table[name], "xMin", 0)) for name, (advance, _) in metrics.items()}
    )
    builder.setupHorizontalHeader(ascent=850, descent=-250)
    builder.setupNameTable(
        {
            "familyName": "Field Notes",
            "styleName": "Regular",
            "uniqueFontIdentifier": "Field Notes Regular 1.0",
            "fullName": "Field Notes Regular",
            "psName": "FieldNotes-Regular",
            "version": "Version 1.0",
            "licenseDescription": "MIT OR Apache-2.0",
        }
    )
    builder.setupOS2(sTypoAscender=850, sTypoDescender=-250, usWinAscent=850, usWinDescent=250, sxHeight=500, sCapHeight=700)
    builder.setupPost()
    builder.setupHead(unitsPerEm=1000, created=3800000000, modified=3800000000)
    builder.font.recalcTimestamp = False
    OUT.mkdir(parents=True, exist_ok=True)
    builder.save(OUT / "FieldNotes.ttf")

    packed = TTFont(OUT / "FieldNotes.ttf", recalcTimestamp=False)
    packed.flavor = "woff2"
    packed.save(OUT / "FieldNotes.woff2")


if __name__ == "__main__":
    main()
