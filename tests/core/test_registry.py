"""登録簿: the three tables agree with the mappings or are refused by name (NP-1101); what is made of them stands nowhere else."""

from __future__ import annotations

import ast
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import kit
import pytest

from etl.core.errors import DefinitionError
from etl.core.mapping import layout, registry
from etl.core.mapping import transfers as outbound
from etl.core.mapping.transfers import transfers
from etl.core.states import Operation

ROOT = Path(__file__).resolve().parents[2]
PAGES = ("jobs", "transfers", "approvals")
Registry = Callable[[], None]


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """The registries read from a copy of ``mappings/``."""
    copy = shutil.copytree(ROOT / "mappings", tmp_path / "mappings")
    for room in (registry, outbound):
        monkeypatch.setattr(room, "MAPPINGS", copy)
        monkeypatch.setattr(room, "arriving", lambda: layout.arriving(copy))
    monkeypatch.setattr(outbound, "leaving", lambda: layout.leaving(copy))
    _forget()
    yield copy
    _forget()


def _forget() -> None:
    for page in PAGES:
        getattr(registry, page).cache_clear()


def change(folder: Path, page: str, old: str, new: str) -> None:
    """In place; the page must have the old text."""
    path = folder / f"{page}.yaml"
    text = path.read_text(encoding="utf-8")
    assert old in text, old
    path.write_text(text.replace(old, new, 1), encoding="utf-8")


def read_all() -> None:
    for page in PAGES:
        getattr(registry, page)()


# ---- wrong rows ------------------------------------------------------------------------------------------------------------

WRONG = kit.table("""
| 事例                             | 頁                   | 元                                                            | 誤り                                               | 名指し                 |
|----------------------------------|----------------------|---------------------------------------------------------------|----------------------------------------------------|------------------------|
| 許可より多い項目                 | transfers            | uketsuke_no, kankei_code]                                     | uketsuke_no]                                       | S02-SHOTOKU, kankei_code |
| 個人番号のことを言わない         | transfers            | kojin_no: true                                                | kojin_no: false                                    | S01-JUKI, kojin_no     |
| 個人番号の無いファイルで言う     | transfers            | subjects: shotoku_needed                                      | subjects: shotoku_needed; kojin_no: true           | S02-SHOTOKU, kojin_no  |
| 一つの出力に二行、他に行が無い   | transfers            | dataset: kokuho_shikaku_shunou                                | dataset: kokuho_shikaku_hoken                      | kokuho_shikaku_hoken, kokuho_shikaku_shunou |
| マッピングの無い行               | transfers            | dataset: shotoku_shoukai                                      | dataset: shotoku                                   | S02-SHOTOKU, shotoku   |
| 受入のマッピングを出力とする行   | transfers            | dataset: shotoku_shoukai                                      | dataset: shotoku_kaitou                            | S02-SHOTOKU, shotoku_kaitou |
| 二度出る番号                     | transfers            | id: S02-SHOTOKU                                               | id: S01-JUKI                                       | S01-JUKI               |
| 番号の形                         | transfers            | id: S02-SHOTOKU                                               | id: S2                                             | transfers.yaml 6.id    |
| 二行が一つの業務を別に言う       | transfers            | {name: shotoku_shoukai_daily, title: 所得照会（日次）, period: day} | {name: juki_shoukai_daily, title: 別, period: day} | juki_shoukai_daily     |
| 受入の業務と同じ名の出力         | transfers            | name: shotoku_shoukai_daily                                   | name: juki_daily                                   | juki_daily             |
| 工程の無い組合せ                 | transfers            | title: 所得照会（日次）, period: day                          | title: 所得照会（月次）, period: month             | S02-SHOTOKU, 照会, month |
| 照会に版の承認                   | transfers            | counts: requested                                             | approval: {kind: x, label: x, days: 1}             | S02-SHOTOKU, approval  |
| 知らない操作                     | transfers            | operation: 所得照会                                           | operation: 所得の照会                              | transfers.yaml 6.operation |
| 項目に無い保留                   | transfers            | {item: setai_no,                                              | {item: kojin_no,                                   | T04-IRYOHOKEN, kojin_no |
| 知らない媒体                     | transfers            | channel: {kind: sftp, to: kiban-zei}                          | channel: {kind: mail}                              | transfers.yaml 6.channel.kind |
| 根拠が無い                       | transfers            | basis: [評価書 Ⅰ-2 機能2・8, 評価書 Ⅱ-2③（対象となる本人の範囲）]   | basis: []                                          | transfers.yaml 5.basis |
| 一つの承認を別に言う             | approvals            | teisei: {label: 訂正, what: 同じ連番で内容が違う訂正ファイル、紙の一覧の入力票, days: 30} | kokuho: {label: 国保, what: 国保, days: 30} | kokuho                 |
| 期限の無い承認                   | approvals            | 紙の一覧の入力票, days: 30}                                   | 紙の一覧の入力票}                                  | approvals.yaml teisei  |
| 期限が二つの承認                 | approvals            | 紙の一覧の入力票, days: 30}                                   | 紙の一覧の入力票, days: 30, days_of: uketsuke.rows} | approvals.yaml teisei  |
| 知らない工程                     | jobs                 | then: [check]                                                 | then: [look]                                       | uketsuke_daily.then    |
| 読む業務の無い受入               | jobs                 | reads: [juki_idou]                                            | reads: []                                          | juki_daily.reads       |
| 二つの業務が読む受入             | jobs                 | reads: [juki_idou]                                            | reads: [juki_idou, uketsuke]                       | uketsuke               |
| 一つの業務が二度読む受入         | jobs                 | reads: [juki_idou]                                            | reads: [juki_idou, juki_idou]                      | juki_idou              |
| マッピングの無い受入             | jobs                 | reads: [juki_idou]                                            | reads: [juki_idou, juki_zen]                       | juki_zen               |
| 出力のマッピングを読む           | jobs                 | reads: [juki_idou]                                            | reads: [juki_idou, juki_shoukai]                   | juki_shoukai           |
| 二度書いた業務                   | jobs                 | uketsuke_daily:                                               | juki_daily:                                        | juki_daily             |
| 知らない語                       | jobs                 | once: true                                                    | ones: true                                         | ikou_once              |
| 一つの業務に二つの照会           | transfers            | {name: shotoku_shoukai_daily, title: 所得照会（日次）, period: day} | {name: juki_shoukai_daily, title: 住基照会（日次）, period: day} | juki_shoukai_daily |
| 結果の語と同じ件数の語           | transfers            | counts: requested                                             | counts: run_id                                     | S02-SHOTOKU, run_id    |
| 二度言う項目                     | transfers            | items: [shoukai_no, atena_no, soutou_year,                    | items: [shoukai_no, shoukai_no, atena_no, soutou_year, | S02-SHOTOKU, items |
| 終わりが始めより前の許可         | transfers            | {no: 国年照第2号, from: 2016-01-01, until: null,               | {no: 国年照第2号, from: 2016-01-01, until: 2015-12-31, | S02-SHOTOKU, permission |
| 照会に保留                       | transfers            | counts: requested                                             | holds: {item: atena_no, reason: x, title: x}       | S02-SHOTOKU, holds     |
| 無い文                           | transfers            | select: transfer/kokuho_shikaku                               | select: transfer/nanika                            | T04-IRYOHOKEN, nanika  |
| sql の外の文                     | transfers            | select: transfer/kokuho_shikaku                               | select: ../mappings/city                           | transfers.yaml 3.select |
| 選ぶための文でない文             | transfers            | select: transfer/kokuho_shikaku                               | select: schema/01_rooms                            | transfers.yaml 3.select |
| 版を比べられないキー             | kokuho_shikaku_hoken | key: [atena_no, kiso_nenkin_no, acquired_on]                  | key: []                                            | T04-IRYOHOKEN, key     |
| 無いことのある項目のキー         | kokuho_shikaku_hoken | key: [atena_no, kiso_nenkin_no, acquired_on]                  | key: [atena_no, lost_on]                           | T04-IRYOHOKEN, key     |
| 期限のデータセットが無い         | approvals            | days_of: shotoku_kaitou.quarantine                            | days_of: shotoku.quarantine                        | approvals.yaml shotoku_kaitou, days_of |
| 期限の保存期間が無い             | approvals            | days_of: shotoku_kaitou.quarantine                            | days_of: shotoku_kaitou                            | approvals.yaml shotoku_kaitou, days_of |
| 期限が日数でない                 | approvals            | days_of: shotoku_kaitou.quarantine                            | days_of: shotoku_kaitou.rows                       | approvals.yaml shotoku_kaitou, days |
| 止めるデータセットが無い         | approvals            | locks: [shotoku_kaitou]                                       | locks: [shotoku]                                   | approvals.yaml shotoku_kaitou, locks |
| 受入の後でない工程               | jobs                 | then: [check]                                                 | then: [check, release]                             | uketsuke_daily.then    |
| 一覧の名の無い一覧の工程         | jobs                 | then: [check]                                                 | then: [check, lists]                               | uketsuke_daily, lists  |
| 一覧の工程の無い一覧             | jobs                 | then: [notify, lists, print]                                  | then: [notify, print]                              | shotoku_kaitou_daily, lists |
| 無い一覧                         | jobs                 | lists: [shotoku_horyuu]                                       | lists: [nanika]                                    | shotoku_kaitou_daily, nanika |
| 他のデータセットの表             | ikou_fuka            | into: {fuka: {title: 付加}}                                   | into: {menjo: {title: 付加}}                       | load.into, menjo       |
| 読み方の知る項目が無い           | shotoku_kaitou       | reader: asked                                                 | reader: by_hash                                    | shotoku_kaitou.yaml, by_hash, kojin_no |
| マッピングに無い割当て項目       | ikou_saitei          | by: todoke_code                                               | by: todoke                                         | ikou_saitei.yaml       |
""")  # fmt: skip


@pytest.mark.parametrize("case", WRONG, ids=[c["事例"] for c in WRONG])
def test_誤った行は名指しで拒否される(folder: Path, case: dict[str, str]) -> None:
    change(folder, case["頁"], case["元"], case["誤り"].replace("; ", "\n  "))
    with pytest.raises(DefinitionError) as refused:
        read_all()
    said = str(refused.value)
    assert refused.value.code == "NP-1101"
    assert not [word for word in case["名指し"].split(", ") if word not in said], said


def test_直していない頁は読める(folder: Path) -> None:
    read_all()
    assert set(registry.jobs()) and registry.approvals()["kokuho"].label == "国保"


def test_行の無い出力も余りの行も名指しされる(folder: Path) -> None:
    """A whole mapping more than rows."""
    text = (folder / "shotoku_shoukai.yaml").read_text(encoding="utf-8")
    (folder / "nanika.yaml").write_text(text.replace("dataset: shotoku_shoukai", "dataset: nanika"), encoding="utf-8")
    with pytest.raises(DefinitionError, match="nanika"):
        transfers()


def test_読まれない受入は名指しされる(folder: Path) -> None:
    text = (folder / "ikou_fuka.yaml").read_text(encoding="utf-8")
    (folder / "nanika.yaml").write_text(text.replace("dataset: ikou_fuka", "dataset: nanika"), encoding="utf-8")
    with pytest.raises(DefinitionError, match="nanika"):
        registry.jobs()


# ---- what is made of them --------------------------------------------------------------------------------------------------


def test_業務は受入が夜の順_その後に出力() -> None:
    jobs = registry.jobs()
    assert all(job.steps[-1] == "report" for job in jobs.values())
    house = registry.hokan().jobs
    assert [bool(job.reads) for job in jobs.values()] == sorted((bool(job.reads) for job in jobs.values()), reverse=True)
    assert all((bool(job.reads) + bool(job.sends)) == (name not in house) for name, job in jobs.items())
    assert [job.period for job in jobs.values()] == sorted(job.period for job in jobs.values())  # day, then month
    assert {r.id for name in jobs for r in registry.sent_by(name)} == set(transfers())
    assert jobs["kokuho_monthly"].sends == ("T04-IRYOHOKEN", "T05-SHUNOU")
    assert jobs["iten_monthly"].sends == ("T02-SEIHO", "T03-JIDOU") and jobs["iten_event"].sends[0] == "T01-JUMIN"


def test_承認の期限は日数か保存期間() -> None:
    assert registry.approvals()["teisei"].term == 30
    assert registry.approvals()["shotoku_kaitou"].term == layout.arriving()["shotoku_kaitou"].keep["quarantine"].days


def test_記録の操作は決まった語だけ() -> None:
    assert {row.operation for row in transfers().values()} <= set(Operation)


# ---- nothing lists them a second time --------------------------------------------------------------------------------------

#: of these a collection with two names is a second list; ``city`` makes the files, so it may name datasets
LISTED: dict[str, set[str]] = {
    "jobs": set(registry.jobs()), "approvals": set(registry.approvals()), "operations": {str(o) for o in Operation} - {"拒否"},  # also what becomes of a file
    "datasets": set(layout.layouts()),
}  # fmt: skip
PLACES = [
    *(p for room in ("etl", "demo", "city", "dags") for p in (ROOT / room).rglob("*.py")),
    ROOT / "tests" / "dags" / "office.py",
]


def collections(path: Path) -> Iterator[tuple[int, set[str]]]:
    """(line, texts) of each tuple, list, set and dict that is written out. ``A, B = "a", "b"`` is no list but two names, and a dict of
    functions is what the names mean."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    unpacked = {id(n.value) for n in ast.walk(tree) if isinstance(n, ast.Assign) and isinstance(n.targets[0], ast.Tuple)}
    for node in ast.walk(tree):
        parts: list[ast.expr | None] = []
        if isinstance(node, ast.Tuple | ast.List | ast.Set) and id(node) not in unpacked:
            parts = [*node.elts]
        elif isinstance(node, ast.Dict) and not all(
            isinstance(v, ast.Name | ast.Attribute | ast.Call | ast.Lambda) for v in node.values
        ):
            parts = [*node.keys, *node.values]
        yield getattr(node, "lineno", 0), {p.value for p in parts if isinstance(p, ast.Constant) and isinstance(p.value, str)}


@pytest.mark.parametrize("kind", LISTED)
def test_二つ目の一覧が無い(kind: str) -> None:
    places = [p for p in PLACES if not (kind == "datasets" and p.is_relative_to(ROOT / "city"))]
    found = [
        f"{p.relative_to(ROOT)}:{line} {sorted(names)}"
        for p in places
        for line, texts in collections(p)
        if len(names := texts & LISTED[kind]) > 1
    ]
    assert not found


def page_of(job: str) -> dict[str, list[Any]]:
    """Function -> the constants that a DAG page gives it; ``dag_display_name`` -> the title."""
    said: dict[str, list[Any]] = {"DAG": [], "step": [], "approval": [], "dag_display_name": []}
    for call in ast.walk(ast.parse((ROOT / "dags" / f"{job}.py").read_text(encoding="utf-8"))):
        if isinstance(call, ast.Call) and isinstance(call.func, ast.Name):
            said.setdefault(call.func.id, []).extend(a.value for a in call.args if isinstance(a, ast.Constant))
            said["dag_display_name"] += [
                k.value.value for k in call.keywords if k.arg == "dag_display_name" and isinstance(k.value, ast.Constant)
            ]
    return said


@pytest.mark.parametrize("job", registry.jobs())
def test_業務の頁は登録簿のとおり(job: str) -> None:
    """The operator's page names the job, its title, its steps and the kinds that are decided there (the order: tests/dags)."""
    said, found = page_of(job), registry.jobs()[job]
    assert (said["DAG"], said["dag_display_name"]) == ([job], [found.title])
    assert sorted(said["step"][::2]) == sorted(found.steps), "step(name, title)"
    assert (
        {row.approval.kind for row in registry.sent_by(job) if row.approval} <= set(said["approval"]) <= set(registry.approvals())
    )
