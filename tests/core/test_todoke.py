"""届書の表: 33 の届書がすべて一度ずつあり、項目はファイルにあるものだけ。"""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path
from typing import Any

import pytest
import yaml

from etl.core.errors import DefinitionError
from etl.core.law import todoke
from etl.core.mapping.layout import MAPPINGS, codes

PAGE = MAPPINGS / "todoke.yaml"


def test_届書は_33_種でコード表と同じ() -> None:
    assert len(todoke.todoke()) == 33
    assert list(todoke.todoke()) == list(codes("todoke"))


def test_受付の群_裁定請求等はどれも裁定受付に入り_59と62は年金コードによる() -> None:
    groups = {code: t.group for code, t in todoke.todoke().items() if t.group}
    assert {c for c in groups if c > "50"} == {str(n) for n in range(51, 64)}
    assert {c for c, g in groups.items() if g == "nenkin"} == {"59", "62"}
    assert {c: g for c, g in groups.items() if c < "50"} == {"21": "fuka"} | dict.fromkeys(
        ["31", "33", "34", "41", "42"], "menjo"
    )


def test_年金コードの群は_届書が対象とする年金だけ() -> None:
    said = {t["todoke_code"]: t for t in json.loads(todoke.as_json(date(2026, 11, 5)))}
    shogai, izoku = dict.fromkeys(["5350", "2650", "6350"], "saitei_shogai"), dict.fromkeys(["6450", "5950"], "saitei_izoku")
    assert said["59"]["groups"] == shogai | izoku and "group" not in said["59"]
    assert said["62"]["groups"] == {"1150": "saitei_rorei"} | shogai | izoku
    assert said["61"]["nenkin"] == ["2650", "6350"] and said["56"]["nenkin"] == [*shogai, *izoku] and said["53"]["nenkin"] is None


def test_人の項目はどの届書でも比べる() -> None:
    assert all(
        t.compared[:6] == ("todoke_code", "kiso_nenkin_no", "name_kana", "birth_on", "sex_code", "kojin_no")
        for t in todoke.todoke().values()
    )


def test_個人番号は列では参照番号になる() -> None:
    assert "kojin_no" not in [i for t in json.loads(todoke.as_json(date(2025, 9, 30))) for n in t["needs"] for i in n["items"]]


def _without(page: Any) -> None:
    del page["todoke"]["60"]


def _more(page: Any) -> None:
    page["todoke"]["99"] = page["todoke"]["01"]


def _unknown_need(page: Any) -> None:
    page["todoke"]["01"]["needs"].append("gaitou_on|nani_on")


def _unknown_compared(page: Any) -> None:
    page["todoke"]["01"]["compared"].append("menjo_year")


def _unknown_group(page: Any) -> None:
    page["todoke"]["51"]["group"] = "saitei"


def _unknown_age(page: Any) -> None:
    page["todoke"]["01"]["ages"] = ["shutoku", "shibou"]  # a number of days


def _unknown_menjo(page: Any) -> None:
    page["todoke"]["33"]["menjo"] = "51"


def _unknown_pension(page: Any) -> None:
    page["todoke"]["59"]["nenkin"].append("企業年金")


def _no_basis(page: Any) -> None:
    del page["todoke"]["51"]["basis"]


@pytest.mark.parametrize(
    "damage",
    [
        _without,
        _more,
        _unknown_need,
        _unknown_compared,
        _unknown_group,
        _unknown_age,
        _unknown_menjo,
        _unknown_pension,
        _no_basis,
    ],
    ids=lambda f: f.__name__,
)
def test_欠けた届書や知らない項目は断られる(tmp_path: Path, damage: Any) -> None:
    page = yaml.safe_load(PAGE.read_text(encoding="utf-8"))
    damage(page)
    path = tmp_path / "todoke.yaml"
    path.write_text(yaml.safe_dump(page, allow_unicode=True), encoding="utf-8")
    with pytest.raises(DefinitionError, match="NP-1101"):
        todoke.todoke(path)
