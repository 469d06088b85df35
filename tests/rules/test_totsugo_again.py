"""二つ目の結果: 同じ受付の先の結果と、一覧の項目のひとつだけが違うとき、重複か不一致か。項目は処理結果一覧の定義から取る。"""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import kit
import pytest
from kit import DAY, no

from etl.core.mapping.layout import codes, layouts
from etl.site import Site

#: type -> another value than ``_of`` gives
OTHER: dict[str, Any] = {
    "date8": date(2025, 8, 31), "month": date(2024, 3, 1), "hankaku": "ﾍﾞﾂ", "jis": "別", "flag": True, "kojin_no": kit.kojin_no(9999),
}  # fmt: skip
#: the items of a result; the municipality is always ours, 作成年月日 that of its list
ITEMS = [f for f in layouts()["kikou_kekka"].data.stored if f.name not in ("shichoson_code5", "created_on")]
RESTATED = {"tsuchi_code", "postal_code", "address_kana", "address", "name"}


def _of(person: int) -> dict[str, Any]:
    """A result with every item set."""
    return {
        "uketsuke_no": no(person), "kiso_nenkin_no": kit.kiso(person), "kojin_no": kit.kojin_no(person), "nenkin_code": "1150",
        "name_kana": f"ｶｸｳ {person}", "postal_code": "2100001", "address_kana": "ｶｸｳﾁｮｳ", "jiyu_code": "03", "shubetsu_code": "1", "menjo_code": "20",
        "from_month": date(2025, 7, 1), "to_month": date(2026, 6, 1), "gaitou_on": date(2025, 9, 1), "todoke_code": "03",
    }  # fmt: skip


def _another(item: Any, value: Any) -> Any:
    """A value of the item's kind that is not this one."""
    if item.codes:
        return next(c for c in codes(item.codes) if c != value)
    return OTHER[item.type] if item.type in OTHER else "9" * item.size


@pytest.fixture(scope="module")
def again(town: Site) -> dict[int, tuple[str, str]]:
    """line of the second list -> (outcome, items): each result once more, one with another value of each item, one without it, one the same."""
    people = range(1, 2 * len(ITEMS) + 2)
    same = [_of(n) for n in people]
    changed = [{i.name: _another(i, {**kit.KEKKA, **_of(1)}.get(i.name))} for i in ITEMS] + [{i.name: None} for i in ITEMS] + [{}]
    kit.uketsuke(town, [
        {"uketsuke_no": no(n), "atena_no": no(n), "kiso_nenkin_no": kit.kiso(n), "todoke_code": "03", "gaitou_on": date(2025, 9, 1), "jotai_code": "4"}
        for n in people
    ])  # fmt: skip
    kit.run(town, "uketsuke_daily", DAY)
    kit.kekka(town, same)
    kit.run(town, "kikou_kekka", DAY)
    kit.kekka(town, [{**first, **other} for first, other in zip(same, changed, strict=True)], on=DAY + timedelta(days=1))
    assert kit.run(town, "kikou_kekka", DAY + timedelta(days=1))["error"] is None
    rows = kit.query(
        town,
        "select k.line, t.outcome, array_to_string(t.items, ' ') from pension.totsugo t join pension.kikou_kekka k using (kikou_kekka_id)"
        " join ledger.file f using (file_id) where t.superseded_at is null and f.business_on = :on",
        on=DAY + timedelta(days=1),
    )
    return {line: (outcome, items) for line, outcome, items in rows}


@pytest.mark.parametrize("missing", [False, True], ids=["別の値", "値がない"])
@pytest.mark.parametrize("at", range(len(ITEMS)), ids=lambda at: f"{ITEMS[at].label}")
def test_二つ目の結果は_住所などだけが違えば重複_ほかは違う項目の不一致(
    again: dict[int, tuple[str, str]], at: int, missing: bool
) -> None:
    outcome, items = again[2 + at + missing * len(ITEMS)]
    if ITEMS[at].name in RESTATED:
        assert outcome == "duplicate"
    else:
        assert (outcome, items) == ("differs", ITEMS[at].name)


def test_別の日の一覧で同じことを言う結果は重複(again: dict[int, tuple[str, str]]) -> None:
    assert again[2 + 2 * len(ITEMS)][0] == "duplicate"
    assert {i.name for i in ITEMS} >= RESTATED
