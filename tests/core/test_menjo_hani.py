"""免除等の事前審査の幅: 所得が増えて有利にはならず、書類で分かっても、誰の失業でも、言ったことは覆らない。"""

from __future__ import annotations

from dataclasses import replace
from datetime import date

from hypothesis import given, settings
from hypothesis import strategies as st

from etl.core.law import menjo
from etl.core.law.kijun import Part, kijun_of
from etl.core.law.menjo import APPLICANT, HEAD, SPOUSE, Missing, Person, Shotoku
from tests.core.incomes import check

YEN, COUNT = st.integers(0, 5_000_000), st.integers(0, 4)
PEOPLE = st.builds(
    Shotoku, YEN, COUNT, COUNT, COUNT, COUNT, st.booleans(), COUNT, COUNT, st.sampled_from("012"), st.sampled_from("012"), st.booleans(), YEN, YEN, YEN,
    YEN, YEN,
)  # fmt: skip
KNOWN = st.builds(Missing, YEN, YEN, YEN, YEN, COUNT, st.booleans())
PAPERS = st.builds(Missing, *(st.none() | s for s in (YEN, YEN, YEN, YEN, COUNT, st.booleans())))
KINDS, AGES = st.sampled_from(["20", "21", "22", "23", "30", "40"]), st.integers(20, 62)
MONTHS = st.sampled_from([date(2020, 7, 1), date(2025, 7, 1), date(2026, 4, 1), date(2026, 7, 1)])
ORDER = (menjo.FULL, menjo.DEFERRED, menjo.PARTLY, menjo.UNKNOWN, menjo.NO)
WORDS = (menjo.SURE, menjo.POSSIBLE, menjo.NO)


@settings(deadline=None)
@given(
    kind=KINDS,
    own=PEOPLE,
    other=PEOPLE,
    papers=PAPERS,
    age=AGES,
    month=MONTHS,
    more=st.integers(1, 3_000_000),
    jobless=st.booleans(),
)
def test_所得が増えて有利にはならない(
    kind: str, own: Shotoku, other: Shotoku, papers: Missing, age: int, month: date, more: int, jobless: bool
) -> None:
    richer = replace(own, goukei_shotoku_yen=(own.goukei_shotoku_yen or 0) + more)
    before, after = (
        check(kind, Person(APPLICANT, s, papers), Person(HEAD, other), age=age, first=month, jobless=jobless)
        for s in (own, richer)
    )
    assert ORDER.index(before.outcome) <= ORDER.index(after.outcome)
    for code, word in after.parts.items():
        assert code not in before.parts or WORDS.index(before.parts[code]) <= WORDS.index(word)


@settings(deadline=None)
@given(kind=KINDS, own=PEOPLE, other=PEOPLE, papers=PAPERS, known=KNOWN, age=AGES, month=MONTHS)
def test_書類で分かっても言ったことは覆らない(
    kind: str, own: Shotoku, other: Shotoku, papers: Missing, known: Missing, age: int, month: date
) -> None:
    wider = Missing(*(k if p is None else p for p, k in zip(papers, known, strict=True)))
    before, after = (check(kind, Person(APPLICANT, own, p), Person(HEAD, other), age=age, first=month) for p in (papers, wider))
    if before.outcome in (menjo.FULL, menjo.DEFERRED, menjo.NO):
        assert after.outcome == before.outcome
    if before.outcome == menjo.PARTLY:
        assert after.outcome in (menjo.PARTLY, menjo.NO)
    assert before.parts.keys() == after.parts.keys()
    assert all(after.parts[code] == word for code, word in before.parts.items() if word != menjo.POSSIBLE)


@settings(deadline=None)
@given(kind=KINDS, own=PEOPLE, spouse=PEOPLE, head=PEOPLE, age=AGES, month=MONTHS)
def test_誰の失業でも言ったことは覆らない(kind: str, own: Shotoku, spouse: Shotoku, head: Shotoku, age: int, month: date) -> None:
    people = [Person(APPLICANT, own), Person(SPOUSE, spouse), Person(HEAD, head)]
    found = check(kind, *people, age=age, first=month, jobless=True)
    for one in people:
        true = check(kind, *(p for p in people if p is not one), age=age, first=month)
        assert found.outcome == menjo.UNKNOWN or ORDER.index(true.outcome) <= ORDER.index(found.outcome)
        assert all(word != menjo.SURE or true.parts.get(code, word) == word for code, word in found.parts.items())
    assert menjo.NO not in (found.outcome, *found.parts.values())


@settings(deadline=None)
@given(s=PEOPLE, papers=PAPERS, known=KNOWN, month=MONTHS, part=st.sampled_from(["ichibu", "gakusei"]), base=YEN)
def test_範囲は不足の項目が分かったときの額を含む(
    s: Shotoku, papers: Missing, known: Missing, month: date, part: Part, base: int
) -> None:
    k, all_known = kijun_of(month), Missing(*(p if p is not None else x for p, x in zip(papers, known, strict=True)))
    assert k
    for bounds, exact in (
        (menjo.partial_figure(k, s, part, papers), menjo.partial_figure(k, s, part, all_known)),
        (menjo.partial_limit(k, s, base, papers), menjo.partial_limit(k, s, base, all_known)),
    ):
        assert bounds and exact and bounds.low <= exact.low == exact.high <= bounds.high


@settings(deadline=None)
@given(s=PEOPLE, name=st.sampled_from(list(Shotoku.__dataclass_fields__)))
def test_必要な項目が一つでもなければ範囲も言わない(s: Shotoku, name: str) -> None:
    lacking = replace(s, **{name: None})
    income = replace(lacking, goukei_shotoku_yen=None if name == "goukei_shotoku_yen" else 10**9)
    found = check("20", Person(APPLICANT, income), age=55)
    assert (found.outcome, dict(found.parts)) == (menjo.UNKNOWN, {})
