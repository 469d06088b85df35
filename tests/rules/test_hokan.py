"""受信原本の保管: 取り込んだファイルは暗号化して保管し、受信フォルダーから消す。取り込んでいないものは残り、そう示される。"""

from __future__ import annotations

import hashlib
import shutil
from datetime import date
from pathlib import Path
from typing import Any

import kit
import pytest
from kit import no

from etl import hokan, jobs
from etl import run as runs
from etl.core.mapping.layout import arriving
from etl.core.receipts.house import Archived
from etl.edge import crypt
from etl.hokan import store
from etl.result import messages
from etl.site import Site
from tests.conftest import After
from tests.rules.test_form import TWO, keyed

NEXT, THIRD = date(2025, 9, 25), date(2025, 9, 26)


def objects(site: Site) -> list[dict[str, Any]]:
    names = (
        "object_key", "dataset", "period", "name", "origin", "sha256", "bytes", "sealed_sha256", "class", "file_id", "cleared",
    )  # fmt: skip
    rows = kit.query(
        site, "select object_key, dataset, period, name, origin, sha256, bytes, sealed_sha256, class, file_id, cleared_at is not null"
        " from ledger.object where class = 'C' order by object_id",
    )  # fmt: skip
    return [dict(zip(names, row, strict=True)) for row in rows]


def opened(site: Site, row: dict[str, Any], folder: Path) -> bytes:
    store.open_sealed(site, row, folder / "opened")
    return (folder / "opened").read_bytes()


def lying(site: Site) -> list[str]:
    return sorted(p.relative_to(site.inbox).as_posix() for p in site.inbox.rglob("*") if p.is_file())


def sheet(site: Site, run_id: str) -> str:
    """処理結果表 as text."""
    report = runs.receipts(site, run_id)["report"]
    return Path(report.text).read_text(encoding="utf-8")  # type: ignore[union-attr]


def put_one(site: Site, dataset: str) -> Path:
    if dataset == "juki_idou":
        return kit.juki(site, [{"atena_no": no(1)}])
    if dataset == "uketsuke":
        return kit.uketsuke(site, [{"uketsuke_no": no(1), "atena_no": no(1)}])
    if dataset == "kikou_kekka":
        return kit.kekka(site, [{"kiso_nenkin_no": kit.kiso(1)}])
    if dataset == "shotoku_kaitou":
        return kit.kaitou(site, [{"shoukai_no": "202509240000001"}])
    return kit.ikou(site, "ikou_nenkin_kihon", [{"atena_no": no(1), "kiso_nenkin_no": kit.kiso(1)}])


JOBS = {
    "juki_idou": "juki_daily", "uketsuke": "uketsuke_daily", "kikou_kekka": "kikou_kekka", "shotoku_kaitou": "shotoku_kaitou_daily",
    "ikou_nenkin_kihon": "ikou_once",
}  # fmt: skip


def taken(site: Site) -> None:
    """The file of the first day was taken in."""
    kit.juki(site, [{"atena_no": no(1)}])
    assert kit.run(site, "juki_daily", kit.DAY)["error"] is None


def next_taken(site: Site) -> None:
    """And that of the next."""
    kit.juki(site, [{"atena_no": no(1), "rireki_no": 2}], on=NEXT, seq=2)
    assert kit.run(site, "juki_daily", NEXT)["error"] is None


@pytest.mark.parametrize("dataset", JOBS)
def test_取り込んだ原本は暗号化して保管し_受信フォルダーから消える(site: Site, dataset: str, tmp_path: Path) -> None:
    path = put_one(site, dataset)
    clear = path.read_bytes()
    result = kit.run(site, JOBS[dataset], kit.DAY)
    assert (result["error"], kit.only(result)["outcome"], lying(site)) == (None, "accepted", [])
    (row,) = objects(site)
    kept = site.home / "archive" / row["object_key"]
    assert (row["class"], row["dataset"], row["name"], row["cleared"]) == ("C", dataset, path.name, True)
    assert (row["origin"], row["period"]) == (f"inbox/{dataset}/{path.name}", kit.DAY.isoformat())
    assert (row["sha256"], row["bytes"]) == (hashlib.sha256(clear).hexdigest(), len(clear))
    assert row["sealed_sha256"] == hashlib.sha256(kept.read_bytes()).hexdigest()
    assert clear[:40] not in kept.read_bytes() and kept.stat().st_mode & 0o777 == 0o600
    assert site.keys.object_file(row["object_key"]).stat().st_mode & 0o777 == 0o600
    assert opened(site, row, tmp_path) == clear
    assert [p.name for p in (site.home / "archive" / "writing").iterdir()] == []
    assert kit.query(site, "select object from audit.event where operation = '保管' and counts like '%\"class\": \"C\"%'") == [
        (path.name,)
    ]
    assert "受信原本 1 件を暗号化して保管し、受信フォルダーから消しました" in sheet(site, result["run_id"])
    assert runs.receipt(site, result["run_id"], Archived).originals == 1  # type: ignore[union-attr]


def test_保存期間はマッピングが言い_受け入れた日の翌日から数える(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KOKUNEN_TODAY", "2026-02-01")
    kit.juki(site, [{"atena_no": no(1)}])
    kit.run(site, "juki_daily", kit.DAY)
    assert arriving()["juki_idou"].keep["file"].days == 30
    found = kit.query(site, "select kept_from, due_on from ledger.object where class = 'C'")
    assert found == [(date(2026, 2, 1), date(2026, 3, 3))]


def test_入力票の原本も保管する(site: Site) -> None:
    """A keyed form waits in the inbox for a second person; then it is an original like any other."""
    path = keyed(site, TWO)
    kit.run(site, "kikou_kekka", kit.DAY)
    assert path.exists() and objects(site) == []
    kit.approve_all(site, "teisei")
    kit.run(site, "kikou_kekka", kit.DAY)
    assert lying(site) == [] and [row["name"] for row in objects(site)] == [path.name]


STAY = kit.table("""
| 事例                   | 残る |
|------------------------|------|
| 拒否                   | はい |
| .endが無い             | はい |
| 番号が先               | はい |
| 名前が違う             | はい |
| 後の業務日             | はい |
| 同じ名前で別の内容     | はい |
| 同じ名前で同じ内容     |      |
""")


@pytest.mark.parametrize("case", STAY, ids=[c["事例"] for c in STAY])
def test_取り込んでいないものは受信フォルダーに残る(after: After, case: dict[str, str | None]) -> None:
    site = after(taken)
    name, data = objects(site)[0]["name"], kit.juki_bytes([{"atena_no": no(1)}])
    what = case["事例"]
    if what == "拒否":
        path = kit.juki(site, [{"atena_no": no(1), "rireki_no": 2}], on=NEXT, seq=2)
        path.write_bytes(path.read_bytes()[:-30])
    elif what == ".endが無い":
        path = kit.juki(site, [{"atena_no": no(1), "rireki_no": 2}], on=NEXT, seq=2)
        Path(f"{path}.end").unlink()
    elif what == "番号が先":
        path = kit.juki(site, [{"atena_no": no(1), "rireki_no": 2}], on=NEXT, seq=9)
    elif what == "名前が違う":
        path = kit.put(site, "juki_idou", "nanika.dat", data, 1)
    elif what == "後の業務日":
        path = kit.juki(site, [{"atena_no": no(1), "rireki_no": 2}], on=THIRD, seq=3)
    elif what == "同じ名前で別の内容":
        path = kit.juki(site, [{"atena_no": no(2)}])
    else:
        path = kit.put(site, "juki_idou", name, data, 1)
    kit.run(site, "juki_daily", kit.DAY if what.startswith("同じ") else NEXT)
    assert path.exists() == (case["残る"] == "はい")
    assert len(objects(site)) == 1


def test_重複受信の写しも消える_保管は一度だけ(site: Site) -> None:
    """A CSV says nothing of its number, so the same bytes may come under another name."""
    first = kit.uketsuke(site, [{"uketsuke_no": no(1), "atena_no": no(1)}], seq=1)
    data = first.read_bytes()
    kit.run(site, "uketsuke_daily", kit.DAY)
    other = kit.put(site, "uketsuke", first.name.replace("_000001_", "_000002_"), data, 1)
    assert other != first
    result = kit.run(site, "uketsuke_daily", kit.DAY)
    assert kit.only(result)["code"] == "NP-2023"
    assert (lying(site), len(objects(site))) == ([], 1)


@pytest.mark.parametrize(("lost", "code"), [("archive", "NP-3202"), ("keys/objects", "NP-3201")])
def test_保管物が失われていれば_もう一度届いた原本は消さない(site: Site, lost: str, code: str) -> None:
    """It is the only one there is."""
    path = kit.uketsuke(site, [{"uketsuke_no": no(1), "atena_no": no(1)}])
    kit.run(site, "uketsuke_daily", kit.DAY)
    (site.home / lost / objects(site)[0]["object_key"]).unlink()
    kit.uketsuke(site, [{"uketsuke_no": no(1), "atena_no": no(1)}])  # the same bytes
    assert code in str(kit.run(site, "uketsuke_daily", kit.DAY)["error"])
    assert path.exists()


def test_同じ内容が二つの名前で在っても_保管は一度だけ(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as stopped:
        stopped.setitem(jobs.STEPS, "archive", lambda site, run: Archived())
        first = kit.uketsuke(site, [{"uketsuke_no": no(1), "atena_no": no(1)}])
        kit.run(site, "uketsuke_daily", kit.DAY)
        kit.put(site, "uketsuke", first.name.replace("_000001_", "_000002_"), first.read_bytes(), 1)
        kit.run(site, "uketsuke_daily", kit.DAY)
        assert len(lying(site)) == 4
    assert kit.run(site, "uketsuke_daily", THIRD)["error"] is None
    assert (lying(site), len(objects(site))) == ([], 1)


def test_控えの失われた帳票の平文は消さない(site: Site) -> None:
    kit.uketsuke(site, [{"uketsuke_no": no(1), "atena_no": no(1)}])
    kit.run(site, "uketsuke_daily", kit.DAY)
    kit.run(site, "uketsuke_daily", kit.DAY)
    lost, *others = kit.query(site, "select object_key, origin from ledger.object where class = 'B' order by object_id")
    assert others
    (site.home / "archive" / lost[0]).unlink()
    assert kit.code_of(lambda: hokan.clear_papers(site, date(2029, 12, 31))) == "NP-3202"
    assert [origin for _, origin in (lost, *others) if (site.home / origin).exists()] == [lost[1]]


def test_空の二日のファイルはそれぞれ保管される(site: Site) -> None:
    """Two days without intakes have the same bytes; each is a file of its own."""
    kit.uketsuke(site, [], seq=1)
    kit.run(site, "uketsuke_daily", kit.DAY)
    kit.uketsuke(site, [], on=NEXT, seq=2)
    kit.run(site, "uketsuke_daily", NEXT)
    assert [row["period"] for row in objects(site)] == ["2025-09-24", "2025-09-25"]
    assert lying(site) == [] and len({row["sha256"] for row in objects(site)}) == 1


def test_前から在る導入の原本は_次の実行が保管する(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    """Files that an older version took in lie in the inbox; the ledger says so, whoever runs next."""
    with monkeypatch.context() as older:
        older.setitem(jobs.STEPS, "archive", lambda site, run: Archived())
        kit.juki(site, [{"atena_no": no(1)}])
        kit.run(site, "juki_daily", kit.DAY)
        assert len(lying(site)) == 2
    result = kit.run(site, "juki_daily", THIRD)
    assert result["error"] is None and lying(site) == []
    (row,) = objects(site)
    assert row["period"] == kit.DAY.isoformat()


# ---- what later runs say --------------------------------------------------------------------------------------------------------

MISSING = "この業務日のファイルは届いていません"


def test_取り込んで保管した日に_届いていないとは言わない(after: After) -> None:
    site = after(taken)
    ((first,),) = kit.query(site, "select run_id::text from ledger.run")
    assert not [m for m in messages(site, first) if MISSING in m]
    again = kit.run(site, "juki_daily", kit.DAY)
    assert again["files"] == [] and not [m for m in messages(site, again["run_id"]) if MISSING in m]
    assert [m for m in messages(site, kit.run(site, "juki_daily", NEXT)["run_id"]) if MISSING in m]


def test_遅れて届いた日は_先に取り込んだ日と別(after: After) -> None:
    """NEXT is taken in by the run of THIRD; a later run of NEXT does not miss it."""
    site = after(taken)
    kit.juki(site, [{"atena_no": no(1), "rireki_no": 2}], on=NEXT, seq=2)
    kit.run(site, "juki_daily", THIRD)
    assert lying(site) == []
    again = kit.run(site, "juki_daily", NEXT)
    assert again["files"] == [] and not [m for m in messages(site, again["run_id"]) if MISSING in m]


def test_番号の続きは保管した後も数える(after: After) -> None:
    site = after(taken, next_taken)
    kit.juki(site, [{"atena_no": no(1), "rireki_no": 4}], on=THIRD, seq=4)
    waits = kit.only(kit.run(site, "juki_daily", THIRD))
    assert (waits["outcome"], waits["code"]) == ("waiting", "NP-2021")


# ---- what is wrong -----------------------------------------------------------------------------------------------------------------


def test_消せない受信フォルダーは赤く終わり_次の実行が片付ける(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(self: Path, missing_ok: bool = False) -> None:
        if self.parent.parent.name == "inbox":
            raise PermissionError(13, "denied")
        unlink(self, missing_ok)

    unlink, path = Path.unlink, kit.juki(site, [{"atena_no": no(1)}])
    with monkeypatch.context() as denied:
        denied.setattr(Path, "unlink", refuse)
        result = kit.run(site, "juki_daily", kit.DAY)
    assert result["error"].code == "NP-3206" and "juki_idou・EACCES" in result["error"].sentence
    assert path.exists() and [row["cleared"] for row in objects(site)] == [False]
    assert kit.run(site, "juki_daily", kit.DAY)["error"] is None
    assert lying(site) == [] and [row["cleared"] for row in objects(site)] == [True]


def test_読み戻しが違えば何も残さず_平文は残る(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    path = kit.juki(site, [{"atena_no": no(1)}])
    sealed = crypt.seal

    def bent(source: Any, target: Path, key: bytes, label: crypt.Label) -> int:
        done = sealed(source, target, key, label)
        data = bytearray(target.read_bytes())
        data[-1] ^= 1
        target.write_bytes(bytes(data))
        return done

    with monkeypatch.context() as bad:
        bad.setattr(crypt, "seal", bent)
        assert kit.run(site, "juki_daily", kit.DAY)["error"].code == "NP-3205"
    assert path.exists() and objects(site) == []
    assert [p for p in (site.home / "archive").rglob("*") if p.is_file()] == [] == list((site.keys.folder / "objects").iterdir())


def test_取込の後に替えられたファイルは_保管も消去もしない(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    path = kit.juki(site, [{"atena_no": no(1)}])
    real = hokan.archive

    def replaced(site: Site, run: runs.Run) -> Archived:
        path.write_bytes(path.read_bytes()[:-1] + b"X")
        return real(site, run)

    with monkeypatch.context() as late:
        late.setitem(jobs.STEPS, "archive", replaced)
        kit.run(site, "juki_daily", kit.DAY)
    assert path.exists() and objects(site) == []


def test_鍵かファイルが入れ替わった保管物は開かない(after: After, tmp_path: Path) -> None:
    site = after(taken, next_taken)
    one, two = objects(site)
    archive, keys = site.home / "archive", site.keys.object_file

    def code(row: dict[str, Any]) -> str | None:
        return kit.code_of(lambda: store.open_sealed(site, row, tmp_path / "out"))

    assert code(one) is None
    (tmp_path / "out").unlink()
    shutil.copy(keys(one["object_key"]), tmp_path / "key")
    shutil.copy(archive / one["object_key"], tmp_path / "object")
    shutil.copy(keys(two["object_key"]), keys(one["object_key"]))
    assert code(one) == "NP-3203"
    keys(one["object_key"]).write_text("archive-01 AAAA")
    assert code(one) == "NP-3201"
    keys(one["object_key"]).unlink()
    assert code(one) == "NP-3201"
    shutil.copy(tmp_path / "key", keys(one["object_key"]))
    shutil.copy(archive / two["object_key"], archive / one["object_key"])
    assert code(one) == "NP-3203"
    (archive / one["object_key"]).unlink()
    assert code(one) == "NP-3202"
    shutil.copy(tmp_path / "object", archive / one["object_key"])
    assert code(one) is None
    (tmp_path / "out").unlink()
    (site.keys.folder / "archive-01.key").unlink()
    assert code(one) == "NP-1031"
    assert not (tmp_path / "out").exists()
