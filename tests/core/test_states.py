"""状態: the words of rows and records agree with the code lists, the registries and each other."""

from __future__ import annotations

from enum import StrEnum

import pytest

from etl.core import states
from etl.core.law.todoke import todoke
from etl.core.mapping import registry
from etl.core.mapping.layout import codes
from etl.core.mapping.transfers import transfers
from etl.core.paper.totsugo import CAUSES, OF_INTAKES, OUTCOMES
from etl.core.receipts import RECEIPTS
from etl.core.states import OPEN, STANDING, Jotai, Kekka, Operation, Totsugo, UketsukeNashi

WORDS = [made for made in vars(states).values() if isinstance(made, type) and issubclass(made, StrEnum) and made is not StrEnum]


@pytest.mark.parametrize("words", WORDS, ids=lambda w: w.__name__)
def test_一つの意味に一つの語(words: type[StrEnum]) -> None:
    assert len({str(w) for w in words}) == len(list(words)) == len(words.__members__), "an alias would be a second name"
    assert words.__doc__ and not words.__doc__.startswith("str(")


def test_コード表と同じ値() -> None:
    assert [str(j) for j in Jotai] == list(codes("uketsuke_jotai"))
    assert [str(k) for k in Kekka] == list(codes("kekka"))


def test_受付の集合() -> None:
    """Open ones stand; withdrawn and registered ones do neither."""
    assert set(OPEN) < set(STANDING)
    assert set(Jotai) - set(STANDING) == {Jotai.TORISAGE, Jotai.TOUROKU}
    assert set(STANDING) - set(OPEN) == {Jotai.SHINTATSU}


def test_操作は登録簿の操作を含む() -> None:
    assert {row.operation for row in transfers().values()} < set(Operation)


def test_突合の結果は九つで_どれにも職員の言葉がある() -> None:
    assert len(Totsugo) == 9
    assert list(OUTCOMES) == list(Totsugo) and len(set(OUTCOMES.values())) == 9
    assert list(OF_INTAKES) == list(Totsugo)[-3:]


def test_受付のない理由はどれも使われ_職員の言葉がある() -> None:
    """Those of the result itself first, then those of the 届書."""
    assert list(CAUSES) == list(UketsukeNashi) and len(set(CAUSES.values())) == len(UketsukeNashi)
    assert {t.without_intake for t in todoke().values()} - {None} == set(list(UketsukeNashi)[4:])


def test_どの工程にも受領証がある() -> None:
    assert set(RECEIPTS) == {step for job in registry.jobs().values() for step in job.steps}
