"""The outcomes of a 突合, and why results have no intake, in the words of the office."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from etl.core.mapping.layout import codes
from etl.core.states import Totsugo, UketsukeNashi

OUTCOMES: dict[str, str] = {
    Totsugo.MATCHED: "一致", Totsugo.DIFFERS: "不一致", Totsugo.EXPECTED_WITHOUT_INTAKE: "職権等", Totsugo.UNEXPLAINED: "受付不明",
    Totsugo.RETURNED: "返戻", Totsugo.DUPLICATE: "重複", Totsugo.NOT_SENT: "未進達", Totsugo.WAITING: "結果待ち",
    Totsugo.OVERDUE: "結果超過",
}  # fmt: skip
OF_INTAKES = (Totsugo.NOT_SENT, Totsugo.WAITING, Totsugo.OVERDUE)
CAUSES: dict[str, str] = {
    UketsukeNashi.SHOKKEN: "職権区分", UketsukeNashi.HATACHI: "20歳到達", UketsukeNashi.ROKUJU: "60歳到達",
    UketsukeNashi.KOUNEN: "厚生年金等の取得", UketsukeNashi.JLIS: "住民票の異動（J-LIS）", UketsukeNashi.KOSEKI: "戸籍の届出",
    UketsukeNashi.KAKUNIN: "法定免除の確認", UketsukeNashi.CHOKUSETSU: "機構への申請・継続", UketsukeNashi.SHUSSAN: "産前産後・育児",
    UketsukeNashi.MINASHI: "別の申請による取消し", UketsukeNashi.TOKUREI: "種別4から種別5",
}  # fmt: skip


def in_words(outcomes: Mapping[str, int], causes: Mapping[str, int]) -> tuple[str, ...]:
    """The lines of 処理結果表: the results by outcome, those without an intake by cause; then the intakes without a result."""
    results = [o for o in OUTCOMES if o not in OF_INTAKES]
    lines = [_line("突合した処理結果", [OUTCOMES[o] for o in results], [outcomes.get(o, 0) for o in results])]
    lines += [f"職権等の理由（{'、'.join(by_cause(causes))}）"] if causes else []
    without = [outcomes.get(o, 0) for o in OF_INTAKES]
    return (*lines, *([_line("結果のない受付", [OUTCOMES[o] for o in OF_INTAKES], without)] if any(without) else []))


def subject_in_words(subject: str) -> str:
    """``01 02 matched　file 行3``, the subject of an approval of a result, as the office reads it; another one stays as it is."""
    found = re.fullmatch(r"([0-9]{2}) ([0-9]{2})? ?([a-z_]+)(　.*)", subject)
    if not found or found[3] not in OUTCOMES:
        return subject
    words = (codes("todoke").get(found[1], found[1]), codes("kekka").get(found[2] or "", found[2] or ""), OUTCOMES[found[3]])
    return "　".join(w for w in words if w) + found[4]


def by_cause(causes: Mapping[str, int]) -> list[str]:
    """``職権区分 2``, ``20歳到達 1``, in the order of the words."""
    return [f"{label} {n:,}" for cause, label in CAUSES.items() if (n := causes.get(cause))]


def _line(what: str, labels: Sequence[str], counts: Sequence[int]) -> str:
    found = "、".join(f"{label} {n:,}" for label, n in zip(labels, counts, strict=True) if n)
    return f"{what} {sum(counts):,} 件" + (f"（{found}）" if found else "")
