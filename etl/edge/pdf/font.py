"""紙（PDF）の文字: the font inside the files, how wide a text is and where it breaks, and putting a finished file in its place.

A character that the font lacks is shown as 〓, never left out.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from importlib.metadata import distribution
from typing import Any
from unicodedata import category

from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFont
from reportlab.pdfgen.canvas import Canvas

from etl.core.paper.cells import Cell, cell_text
from etl.core.paper.width import clean

FONT, FONT_PACKAGE, FONT_FILE = "IPAexGothic", "matplotlib-fontja", "matplotlib_fontja/fonts/ipaexg.ttf"
GETA = "〓"  # what a printer sets for a character that it has not
NEVER_FIRST = frozenset("、。，．・：；？！）」』】〕ー々")  # these take their neighbour along to the next line


class _Font(TTFont):
    """The library writes a wrong Unicode value for characters beyond U+FFFF: they print well but could not be searched or copied."""

    def addObjects(self, doc: Any) -> None:
        subsets = [list(s) for s in self.state[doc].subsets]
        super().addObjects(doc)
        for n, subset in enumerate(subsets):
            name = doc.idToObject["BasicFonts"].dict[f"{doc.fontMapping[self.fontName][1:]}+{n}"].BaseFont
            stream = doc.idToObject[f"toUnicodeCMap:{name}"]
            for code, value in enumerate(subset):
                if value > 0xFFFF:
                    right = chr(value).encode("utf-16-be").hex().upper()
                    stream.content = stream.content.replace(f"<{code:02X}> <{value:04X}>", f"<{code:02X}> <{right}>")


class _Printable(dict[int, int]):
    """For str.translate: control characters become spaces, what the font lacks becomes 〓. Another firm's 外字 are lacking, too."""

    def __init__(self, glyphs: dict[int, int]):
        super().__init__({ord("\n"): ord("\n"), ord("\u3000"): ord("\u3000")})
        self._glyphs = glyphs

    def __missing__(self, code: int) -> int:
        shown = ord(clean(chr(code)))
        self[code] = shown if self._glyphs.get(shown) and category(chr(shown)) != "Co" else ord(GETA)
        return self[code]


@cache
def font() -> tuple[_Printable, dict[int, float]]:
    """Registers the font. Its characters, and their widths in font sizes. The package is not imported: it would load matplotlib."""
    font = _Font(FONT, str(distribution(FONT_PACKAGE).locate_file(FONT_FILE)))
    pdfmetrics.registerFont(font)
    face: Any = font.face
    widths = {code: face.getCharWidth(code) / 1000 for code in face.charToGlyph}
    return _Printable(face.charToGlyph), widths


def measure(text: str) -> float:
    """Font sizes that the text is wide: a kanji 1, half-width kana 0.5; the letters of this font are proportional."""
    widths = font()[1]
    return sum([widths[ord(c)] for c in text])


def wrap(text: str, room: float) -> list[str]:
    """The text in lines of at most ``room`` font sizes; Japanese may break anywhere. At least one line, in each a character."""
    found = []
    for line in text.split("\n"):
        if measure(line) <= room + 1e-6:
            found.append(line)
            continue
        begin, used, widths = 0, 0.0, font()[1]
        for at, character in enumerate(line):
            used += (size := widths[ord(character)])
            if used > room + 1e-6 and at > begin:
                cut = at - 1 if character in NEVER_FIRST and at - begin > 1 else at
                found.append(line[begin:cut])
                begin, used = cut, size + (widths[ord(line[cut])] if cut < at else 0)
        found.append(line[begin:])
    return found


def shown(value: Cell) -> str:
    """A cell as text that the font can print."""
    return cell_text(value).translate(font()[0])


def lost(values: Sequence[Cell]) -> int:
    """How many characters of the texts are not printed as themselves."""
    return sum(shown(v).count(GETA) - v.count(GETA) for v in values if isinstance(v, str))


def say(canvas: Canvas, x: float, y: float, text: str, size: float) -> None:
    canvas.setFont(FONT, size)
    canvas.drawString(x, y, text)
