"""届書: the items that each 届書種別 needs, its possible persons, its group. One entry per code in ``mappings/todoke.yaml``."""

from __future__ import annotations

import json
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any, Literal

from etl.core.errors import DefinitionError
from etl.core.law.kijitsu import kijitsu
from etl.core.mapping.fields import Frozen, Word
from etl.core.mapping.layout import codes, layouts, read_page
from etl.core.states import UketsukeNashi
from etl.definitions import MAPPINGS

DATASET, RESULT, REPORT = "uketsuke", "kikou_kekka", "shintatsu"
Group = Literal["menjo", "fuka", "saitei_rorei", "saitei_shogai", "saitei_izoku", "saitei_rofuku"]
BY_PENSION = "nenkin"  # the group of the intake's 年金コード


class Nenkin(Frozen):
    """A pension by its 年金コード, and the 受付 group of a 届 about it."""

    codes: tuple[str, ...]
    group: Group


class Todoke(Frozen):
    """One 届書種別; ``needs`` holds names of items, ``a|b`` where one of them is enough; ``items``: those of its report; ``ages``: 満年齢 on 受理日, from
    and below, by their names in ``kijitsu``; ``nenkin``: the pensions that it can be about (empty: any)."""

    basis: str
    needs: tuple[str, ...]
    items: tuple[str, ...]
    ages: tuple[Word | None, Word | None] = (None, None)
    shikaku: Literal["open", "none", "dai1"] | None = None
    resident: bool = False
    group: Group | Literal["nenkin"] | None = None
    menjo: str | None = None
    nenkin: tuple[str, ...] = ()
    compared: tuple[str, ...]
    without_intake: UketsukeNashi | None = None


class Shokken(Frozen):
    """職権: a loss that the city reports by itself, as which 届書, for which 事由."""

    todoke_code: str
    jiyu: tuple[str, ...]


class _Page(Frozen):
    person: tuple[str, ...]
    reported: tuple[str, ...]
    unreported: dict[str, tuple[str, ...]]
    shokken: Shokken
    restated: tuple[str, ...]
    nenkin: dict[str, Nenkin]
    todoke: dict[str, Todoke]


@cache
def todoke(path: Path = MAPPINGS / "todoke.yaml") -> dict[str, Todoke]:
    """code -> 届書, ``compared`` and ``items`` with those of every 届書 first.

    DefinitionError NP-1101 when a code of the list has no entry, an entry no code, an item is not one of the file's, an age not one of
    ``kijitsu``, a 免除種類 not one of its list, or a pension none of the page.
    """
    page = _page(path)
    _known(path, "todoke", set(page.todoke) ^ set(codes("todoke")))
    _known(path, "menjo", {t.menjo for t in page.todoke.values() if t.menjo} - set(codes("menjo")))
    _known(path, "nenkin", {n for t in page.todoke.values() for n in t.nenkin} - set(page.nenkin))
    _known(path, "todoke", {*page.unreported, page.shokken.todoke_code} - set(codes("todoke")))
    _known(path, "jiyu", {j for jiyu in (*page.unreported.values(), page.shokken.jiyu) for j in jiyu} - set(codes("jiyu")))
    for dataset, named in (
        (REPORT, {*page.reported, *(i for t in page.todoke.values() for i in t.items)}),
        (DATASET, _needed(page)),
        (RESULT, {*page.person, *page.restated, *(i for t in page.todoke.values() for i in t.compared)}),
    ):
        _known(path, dataset, named - {f.name for f in layouts()[dataset].data.fields})
    _known(path, "kijitsu", {a for t in page.todoke.values() for a in t.ages if a} - kijitsu().names("age"))
    both = {code: (page.person + t.compared, page.reported + t.items) for code, t in page.todoke.items()}
    return {code: t.model_copy(update={"compared": both[code][0], "items": both[code][1]}) for code, t in page.todoke.items()}


@cache
def _page(path: Path) -> _Page:
    page: _Page = read_page(path, _Page)
    return page


def _known(path: Path, of: str, strange: set[str]) -> None:
    """DefinitionError NP-1101 when something is named that ``of`` does not know."""
    if strange:
        raise DefinitionError("NP-1101", file=path.name, why=f"{of} {'・'.join(sorted(strange))}")


def nenkin(path: Path = MAPPINGS / "todoke.yaml") -> dict[str, Nenkin]:
    """The pensions by their names."""
    return _page(path).nenkin


def unreported(path: Path = MAPPINGS / "todoke.yaml") -> dict[str, tuple[str, ...]]:
    """届書 -> the 事由 for which none is reported to 日本年金機構."""
    return _page(path).unreported


def shokken(path: Path = MAPPINGS / "todoke.yaml") -> Shokken:
    """Which losses the city reports by itself."""
    return _page(path).shokken


def told(path: Path = MAPPINGS / "todoke.yaml") -> tuple[str, ...]:
    """The items of a result in which a second one of the same intake says something else than the first: all but ``restated``."""
    return tuple(f.name for f in layouts()[RESULT].data.stored if f.name not in _page(path).restated)


def _needed(page: _Page) -> set[str]:
    return {item for t in page.todoke.values() for need in t.needs for item in need.split("|")}


@cache
def as_json(on: date) -> str:
    """The table for a statement, with the ages of a day: one object per 届書, each need with its label and the columns that may hold it."""
    return json.dumps([{"todoke_code": code, **_columns(t, on)} for code, t in todoke().items()], ensure_ascii=False)


def _columns(t: Todoke, on: date) -> dict[str, Any]:
    label = {f.name: f.label for f in layouts()[DATASET].data.fields}
    needs = [need.split("|") for need in t.needs]
    least, below = (kijitsu().age(name, on) if name else None for name in t.ages)
    return {
        "needs": [
            {"label": "又は".join(label[i] for i in items), "items": ["kojin_id" if i == "kojin_no" else i for i in items]} for items in needs
        ],
        "from_age": least, "below_age": below, "shikaku": t.shikaku, "resident": t.resident, "menjo_code": t.menjo,
        "nenkin": [code for name in t.nenkin for code in nenkin()[name].codes] or None, **_group(t), "compared": t.compared,
        "without_intake": t.without_intake,
    }  # fmt: skip


def _group(t: Todoke) -> dict[str, Any]:
    """``group``, or ``groups`` by 年金コード of the pensions that it can be about."""
    if t.group != BY_PENSION:
        return {"group": t.group}
    return {"groups": {code: n.group for name, n in nenkin().items() if not t.nenkin or name in t.nenkin for code in n.codes}}
