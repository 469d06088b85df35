"""進達帳票: 5,000 pages of all kinds of 届書, each of A4, as one PDF.

The peer is reportlab's own layout (platypus): the same labels and texts as a table with a grid, a page each; no boxes of digits, no rings, no seal,
and a text that does not fit is left to it. ``python -m benchmarks.forms [pages] [rounds]``. In November 2026 5,000 took 5 s of the 60 s that an
office may wait.
"""

from __future__ import annotations

import io
import sys
from collections.abc import Iterator
from datetime import date
from typing import Any

from pypdf import PdfReader
from reportlab.lib import colors
from reportlab.lib.pagesizes import A4
from reportlab.lib.styles import ParagraphStyle
from reportlab.platypus import PageBreak, Paragraph, SimpleDocTemplate, Table, TableStyle

from benchmarks.measure import Cost, ratio, typical, worker
from etl.core.law.todoke import todoke
from etl.core.paper.shintatsu import Page, page, sheet
from etl.edge.pdf.font import FONT, font, shown
from etl.edge.pdf.shintatsu import Office, chouhyou_pdf

OFFICE = Office("日本年金機構川崎年金事務所", "架空課", "架空市長", "令和8年11月16日", "KNTODOKE_3101_20261116_001.CSV")
TEXTS: dict[str, Any] = {
    "birth_on": date(1980, 12, 31), "sex_code": "2", "postal_code": "2108577", "gaitou_on": date(2026, 11, 1), "jiyu_code": "04",
    "shubetsu_code": "1", "menjo_code": "20", "from_month": date(2026, 7, 1), "to_month": date(2027, 6, 1), "keizoku_flag": True,
    "shitsugyo_flag": False, "gakko_name": "架空大学", "nenkin_code": "6350", "shousho_no": "架１２３４", "seikyusha_name": "架空　花子",
    "seikyusha_zokugara": "妻", "shibou_on": date(2026, 10, 30), "shoshin_on": date(2019, 5, 1), "shindansho_flag": True,
    "new_name_kana": "ｱﾀﾗｼ ｱﾔ", "new_name": "新　彩", "prev_name": "旧　彩", "prev_address": "東京都世田谷区玉川１－２－３",
}  # fmt: skip


#: kanji of JIS X 0208 level 1: a report has many different ones
KANJI = [bytes((high, low)).decode("cp932") for high in range(0x89, 0x97) for low in range(0x80, 0xFD)]


def rows(n: int) -> Iterator[dict[str, Any]]:
    """Records as they were fixed, each another one: nobody is real."""
    kinds = list(todoke())
    for number in range(n):
        code = kinds[number * len(kinds) // n]
        carried = {item: TEXTS.get(item) for item in todoke()[code].items}
        yield {
            **dict.fromkeys(TEXTS), **carried, "uketsuke_no": f"{number:015}", "ku_code": "141313", "todoke_code": code,
            "juri_on": date(2026, 11, 1 + number % 15), "kiso_nenkin_no": f"00{number:08}", "has_number": number % 9 == 0, "name_kana": "ｶｸｳ ｱﾔ",
            "name": f"架空　{KANJI[number % len(KANJI)]}", "address": f"神奈川県川崎市川崎区架空町{number}番地", "bikou": None, "shokken": False,
            "protected": False,
        }  # fmt: skip


def pages(n: int) -> Iterator[Page]:
    return (page(row, (number, n)) for number, row in enumerate(rows(n), 1))


def ours(n: int) -> int:
    """The size of the file."""
    return checked(chouhyou_pdf("進達帳票", OFFICE, pages(n)), n)


def platypus(n: int) -> int:
    """The same as a table a page."""
    font()
    out, style = io.BytesIO(), ParagraphStyle("cell", fontName=FONT, fontSize=9, leading=11, wordWrap="CJK")
    grid = TableStyle([("GRID", (0, 0), (-1, -1), 0.4, colors.black), ("BACKGROUND", (0, 0), (0, -1), colors.lightgrey)])
    story: list[Any] = []
    for one in pages(n):
        about = sheet(one.code)
        head = (
            about.title,
            about.word,
            OFFICE.addressee,
            one.uketsuke_no,
            one.juri,
            one.ku,
            one.sentence,
            OFFICE.made_on,
            OFFICE.sender,
            OFFICE.head,
        )
        story += [Paragraph(shown(text), style) for text in head]
        for title, boxes in about.sections:
            cells = [[Paragraph(shown(t), style) for t in (b.label, "　".join(one.values[b.item]))] for row in boxes for b in row]
            story += [Paragraph(title, style), *([Table(cells, [80, 440], style=grid)] if cells else [])]
        story.append(PageBreak())
    SimpleDocTemplate(out, pagesize=A4).build(story)
    return checked(out.getvalue(), n)


def checked(data: bytes, n: int) -> int:
    assert len(PdfReader(io.BytesIO(data)).pages) == n
    return len(data)


def measure(n: int, fewer: int, rounds: int) -> None:
    """Ours and theirs in processes of their own; theirs, which is slow, makes ``fewer``, and both are compared by the page."""
    mine, same, theirs = list[Cost](), list[Cost](), list[Cost]()
    for _ in range(rounds):
        for work, pages_of, costs in ((ours, n, mine), (ours, fewer, same), (platypus, fewer, theirs)):
            with worker(preload=False) as apart:
                apart(ours, 40)  # imports, the font, the mappings are not its work
                costs.append(apart(work, pages_of))
    print(f"{n:,} pages: {typical(mine)}, {mine[0].result / n:,.0f} bytes a page; {fewer:,} by platypus: {typical(theirs)}")
    print(f"進達帳票 / platypus {ratio(same, theirs):.2f} x (at most 0.6)")
    print(f"peak memory of 進達帳票 {max(c.peak_mb for c in mine):.0f} MB (at most 300)")


def main(n: int = 5_000, rounds: int = 3) -> None:
    measure(n, max(1, n // 10), rounds)


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
