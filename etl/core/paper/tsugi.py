"""次にすること: what a person does after a run, in the order of urgency, each with what can be typed or opened."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

from etl.core.mapping import registry
from etl.core.paper.pages import FileLine, FindingLine, ListLine
from etl.core.states import FileOutcome, Totsugo

NOTHING = "特にありません"
FAILED, LOOK = (
    (FileOutcome.REFUSED, FileOutcome.WAITING),
    {"隔離・注意一覧": "を見る", "訂正依頼": "を提供元へ送る", "復旧の照合": "を承認者と読む"},
)
TO_SEE = {
    Totsugo.DIFFERS: "不一致一覧を見て、どちらの値が正しいかを確かめる",
    Totsugo.UNEXPLAINED: "受付不明一覧を見て、窓口に届出がなかったかを確かめる",
    Totsugo.OVERDUE: "結果未着一覧を見て、年金事務所に確かめる",
}


def next_steps(
    files: Sequence[tuple[FileLine, str]], findings: Iterable[FindingLine], lists: Iterable[ListLine], waiting: Mapping[str, int],
    outcomes: Mapping[str, int],
) -> tuple[str, ...]:  # fmt: skip
    """``files`` with the remedy of those that did not enter; ``waiting``: kind of approval -> how many; ``outcomes`` of the 突合."""
    return tuple(dict.fromkeys(_steps(files, findings, lists, waiting, outcomes))) or (NOTHING,)


def _steps(
    files: Sequence[tuple[FileLine, str]], findings: Iterable[FindingLine], lists: Iterable[ListLine], waiting: Mapping[str, int],
    outcomes: Mapping[str, int],
) -> Iterator[str]:  # fmt: skip
    yield from (f"{file.result}：{file.name}　{remedy}" for file, remedy in files if file.outcome in FAILED)
    if any(f.balance == "不一致" for f, _ in files):
        yield "件数の内訳が合わないので、使わずに開発担当へ連絡する"
    yield from (f"{made.name} {LOOK[made.title]}（{made.rows:,} 件）" for made in lists if made.title in LOOK)
    if any(f.severity == "warn" for f in findings):
        yield "「注意」の検証は、検証結果（html）を見て理由を確かめる"
    for kind, count in waiting.items():
        label = registry.approvals()[kind].label
        yield f"承認待ち（{label}）{count:,} 件：起案者とは別の職員が決める（kokunen approve {kind} --list）"
    yield from (f"{text}（{outcomes[o]:,} 件）" for o, text in TO_SEE.items() if outcomes.get(o))
