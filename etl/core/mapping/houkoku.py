"""報告先: which 年金事務所 is in charge of which 受付区, and how the city names itself to it (``mappings/houkoku.yaml``)."""

from __future__ import annotations

from functools import cache
from typing import Annotated

from pydantic import Field as Attr

from etl.core.errors import DefinitionError
from etl.core.mapping.fields import Frozen
from etl.core.mapping.layout import codes, read_page
from etl.definitions import MAPPINGS


class Jimusho(Frozen):
    """A 年金事務所: its name as the addressee, and the 受付区 that it is in charge of."""

    atesaki: str
    uketsuke_ku: tuple[str, ...] = Attr(min_length=1)


class Teishutsu(Frozen):
    """提出元: what the file, the papers and the label of the medium say of the city."""

    todofuken: str = Attr(pattern=r"^[0-9]{2}$")
    gunshiku: str = Attr(pattern=r"^[0-9]{2}$")
    yubin: str = Attr(pattern=r"^[0-9]{7}$")
    shozaichi: str
    meishou: str
    shozokuchou: str
    moto_id: str


class Houkoku(Frozen):
    """``hiraku``: the days of a month on which a report is opened; ``kakunin``: 業務日 of 内容確認・修正期間 (P85)."""

    hiraku: tuple[Annotated[int, Attr(ge=1, le=28)], ...] = Attr(min_length=1)
    kakunin: int = Attr(ge=1)
    teishutsu: Teishutsu
    jimusho: dict[str, Jimusho]


@cache
def houkoku() -> Houkoku:
    """The page. DefinitionError NP-1101 when an office is not of the list, or a 受付区 has none or two."""
    found: Houkoku = read_page(MAPPINGS / "houkoku.yaml", Houkoku)
    wards = [ku for office in found.jimusho.values() for ku in office.uketsuke_ku]
    wrong = (set(found.jimusho) ^ set(codes("nenkin_jimusho"))) | (set(wards) ^ set(codes("uketsuke_ku")))
    if wrong or len(wards) != len(set(wards)):
        why = f"every office and every 受付区 once: {', '.join(sorted(wrong))}"
        raise DefinitionError("NP-1101", file="houkoku.yaml", why=why)
    return found


def saki() -> list[tuple[str, str]]:
    """(受付区, 年金事務所) of every 受付区."""
    return [(ku, code) for code, office in houkoku().jimusho.items() for ku in office.uketsuke_ku]
