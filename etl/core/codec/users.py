"""職員の名前: one person however the name is spelled. ``person`` is what names are compared by, here and as ``ledger.person`` in the database.

Compared after NFKC, without case, spaces and invisible characters, and with characters that look the same in print (ロ/口, ニ/二) as one. A name
is written in printable ASCII and Japanese characters; any other script has letters that look like those of another name, so it names nobody.
"""

from __future__ import annotations

import re
import unicodedata

from etl.core.codec import chars
from etl.core.codec.digits import holds_kojin_no

LONGEST = 64  # characters of a name
#: spaces, controls, format characters, fillers, variation selectors and tags; ``ledger.person`` has the same text
UNSEEN = (
    r"[\u0001-\u0020\u007f-\u00a0\u00ad\u034f\u061c\u115f\u1160\u1680\u17b4\u17b5\u180b-\u180f\u2000-\u200f\u2028-\u202f\u205f-\u206f"
    r"\u2800\u3000\u3164\ufe00-\ufe0f\ufeff\uffa0\ufff0-\ufffb\U000e0000-\U000e0fff]"
)
#: printable ASCII, kana, ideographs and 外字
WRITTEN = r"[\u0021-\u007e\u3005-\u3007\u3041-\u3096\u30a1-\u30fc\u3400-\u4dbf\u4e00-\u9fff\ue000-\ufaff\U00020000-\U0003ffff]+"
ALIKE, PLAIN = "カエオタチトニハヘベペロー一", "力工才夕千卜二八へべぺ口--"
_UNSEEN, _WRITTEN, _ALIKE = re.compile(UNSEEN), re.compile(WRITTEN), str.maketrans(ALIKE, PLAIN)


def person(name: str) -> str | None:
    """What two spellings of one name have in common; None for what names nobody (blank, or characters that a name does not have)."""
    seen = _UNSEEN.sub("", unicodedata.normalize("NFKC", name))
    return seen.lower().translate(_ALIKE) if _WRITTEN.fullmatch(seen) else None


def same(one: str, other: str) -> bool:
    """Whether these may be one person: also when either names nobody, since nobody can tell then."""
    found = person(one), person(other)
    return None in found or found[0] == found[1]


def spelled(name: str) -> str:
    """A name as records show it: NFKC, without what cannot be seen, one space where there were some. ValueError with a sentence, never the name."""
    if person(name) is None:
        raise ValueError("空白か、名前に使えない文字があります")
    if len(name) > LONGEST:
        raise ValueError(f"{LONGEST}文字を超えています")
    if holds_kojin_no(name):
        raise ValueError("12桁の数字は書けません")
    return " ".join(filter(None, (_UNSEEN.sub("", part) for part in unicodedata.normalize("NFKC", name).split())))


def keyed(text: str) -> str:
    """Who keyed a form: a name as lists show it, as it stands in the cell. ValueError with a sentence, also when it would forge a line of a list."""
    if chars.flaw(text):
        raise ValueError("改行、制御文字又は見えない文字があります")
    spelled(text)
    return text
