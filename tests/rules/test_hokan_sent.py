"""送出物と帳票の保管: 出たものと作ったものは暗号化した控えを持ち、平文は引渡しの後に、帳票は日数の後に消える。"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import kit
import psycopg
import pytest
from kit import no

from etl import cli, hokan
from etl import run as runs
from etl.attest.status import status
from etl.core.mapping import registry
from etl.hokan import keys, reading
from etl.hokan.reading import Kept
from etl.retire.expire import expire as carry_out
from etl.retire.expire import look
from etl.site import Site
from tests.conftest import After

TODAY = date(2027, 12, 31)  # of the tests (conftest)
Kokunen = Callable[..., int]


def sent(site: Site) -> None:
    """A month that has left, of one insured person."""
    kit.insured(site, [{"atena_no": no(1)}])
    taken(site)
    assert len(kit.month(site)["outputs"]) == 2


def taken(site: Site) -> None:
    """A file of one resident was taken in."""
    kit.juki(site, [{"atena_no": no(1)}])
    kit.run(site, "juki_daily", kit.DAY)


def nothing_came(site: Site) -> None:
    """A run that took nothing in, and its two papers."""
    kit.run(site, "uketsuke_daily", kit.DAY)


def last_run(site: Site) -> str:
    return kit.query(site, "select run_id::text from ledger.run order by started_at desc")[0][0]


def main_file(site: Site) -> Path:  # the first that left
    return min(site.outbox.rglob("KOKUHO*.dat"))


@pytest.fixture
def kokunen(monkeypatch: pytest.MonkeyPatch) -> Kokunen:
    def typed(site: Site, *argv: str) -> int:
        """A command, typed at a Site."""
        monkeypatch.setattr("etl.cli.common.ready_site", lambda: site)
        return cli.main([*argv])

    return typed


def of(site: Site, kind: str) -> list[Kept]:
    return [kept for kept in reading.listed(site) if kept.kind == kind]


def opened(site: Site, kept: Kept, folder: Path) -> bytes:
    reading.store.open_sealed(site, kept.row, folder / "opened")
    return (folder / "opened").read_bytes()


def shelves(site: Site) -> dict[str, Path]:
    """Every file of the outbox by its name, manifests apart."""
    return {p.name: p for p in sorted((site.home / "outbox").rglob("*")) if p.is_file() and p.suffix != ".end"}


def test_出たものの各部と帳票は_控えが保管され_平文はまだ残る(after: After, tmp_path: Path) -> None:
    site = after(sent)
    there = shelves(site)
    passwords = {p.name: p for p in (site.keys.folder / "media").iterdir()}
    left = {name: path for name, path in there.items() if path.suffix in (".dat", ".zip")} | passwords
    assert {kept.name for kept in of(site, "D")} == set(left) and len(left) == 6
    assert {kept.name for kept in of(site, "B")} == {name for name in there if name not in left}
    for kept in (*of(site, "D"), *of(site, "B")):
        assert kept.clear and opened(site, kept, tmp_path) == {**there, **passwords}[kept.name].read_bytes()
    assert all(kept.due_on is None and kept.kept_from == TODAY for kept in of(site, "D"))


def test_帳票の期間は本人の分かるものが1年_そうでないものが10年(after: After) -> None:
    site = after(sent)
    found = {
        (kept.name.split("_")[0] if kept.dataset == "shori_kekka" else kept.name.rsplit("_", 1)[-1], kept.personal, kept.due_on)
        for kept in of(site, "B")
    }
    assert ("処理結果表", False, date(2037, 12, 31)) in found and ("送受書.xlsx", False, date(2037, 12, 31)) in found
    assert all(due == (TODAY.replace(year=2028) if personal else TODAY.replace(year=2037)) for _, personal, due in found)
    assert any(personal for _, personal, _ in found) == any("一覧" in kept.name for kept in of(site, "B"))


def test_もう一度動かしても控えは増えない(after: After) -> None:
    site = after(sent)
    before = {kept.object_key for kept in reading.listed(site)}
    kit.run(site, "kokuho_monthly", "2025-09")
    new = [kept for kept in reading.listed(site) if kept.object_key not in before]
    assert {kept.dataset for kept in new} == {"shori_kekka"}


def test_引渡しを登録すると平文が消え_無くなったとは言わない(after: After, kokunen: Kokunen) -> None:
    site = after(sent)
    path, name = main_file(site), main_file(site).name
    argv = ("--to", "国保年金課", "--receipt", "R7-12", "--as", "sousa01", "--on", "2027-12-30")
    assert kokunen(site, "archive", "handed", name, *argv) == 0
    gone = {p for p in shelves(site) if p.startswith(name.split(".")[0]) and not p.endswith(".xlsx")}
    assert gone == set() and not Path(f"{path}.end").exists()
    assert f"{Path(name).stem}_送受書.xlsx" in shelves(site), "the papers have days of their own"
    parts = [kept for kept in of(site, "D") if kept.name.startswith(Path(name).stem)]
    assert len(parts) == 3 and not [kept for kept in parts if kept.clear]
    handed, until = date(2027, 12, 30), date(2028, 1, 29)
    assert {(kept.kept_from, kept.due_on, kept.handed_on) for kept in parts} == {(handed, until, handed)}
    (event,) = kit.query(site, "select object, user_name, counts from audit.event where operation = '引渡し'")
    assert event[:2] == (name, "sousa01") and "国保年金課" in event[2] and "R7-12" in event[2]
    assert status(site).sent == ()
    again = runs.receipts(site, kit.run(site, "kokuho_monthly", "2025-09")["run_id"])
    assert "NP-2110" not in Path(again["report"].text).read_text(encoding="utf-8")  # type: ignore[union-attr]


def execute(site: Site, statement: str) -> None:
    with psycopg.connect(site.url_of("owner")) as owner:
        owner.execute(statement.encode())


WRONG = kit.table("""
| 事例                     | 名前    | 相手            | 番号  | 渡した日   | コード  |
|--------------------------|---------|-----------------|-------|------------|---------|
| 出ていないファイル       | X.dat   | 国保年金課      | 1     |            | NP-3208 |
| 明日                     |         | 国保年金課      | 1     | 2028-01-01 | NP-1007 |
| 出力より前               |         | 国保年金課      | 1     | 2025-09-30 | NP-3213 |
| 個人番号らしい受領番号   |         | 国保年金課      | 000090000012 |     | NP-1002 |
| 個人番号らしい相手       |         | 000090000012    | 1     |            | NP-1002 |
""")


@pytest.mark.parametrize("case", WRONG, ids=[c["事例"] for c in WRONG])
def test_誤った引渡しは断り_何も消さない(
    after: After, kokunen: Kokunen, capsys: pytest.CaptureFixture[str], case: dict[str, str]
) -> None:
    site = after(sent)
    name, before = case["名前"] or main_file(site).name, set(shelves(site))
    when = ("--on", case["渡した日"]) if case["渡した日"] else ()
    argv = ("--to", case["相手"], "--receipt", case["番号"], "--as", "sousa01", *when)
    assert kokunen(site, "archive", "handed", name, *argv) == 12
    assert case["コード"] in capsys.readouterr().err
    assert before <= set(shelves(site)) and kit.query(site, "select count(*) from ledger.hikiwatashi") == [(0,)]


def test_引渡しは一度だけ(after: After, kokunen: Kokunen, capsys: pytest.CaptureFixture[str]) -> None:
    site = after(sent)
    argv = ("archive", "handed", main_file(site).name, "--to", "国保年金課", "--receipt", "1", "--as", "sousa01")
    assert (kokunen(site, *argv), kokunen(site, *argv)) == (0, 12)
    assert "NP-3210" in capsys.readouterr().err


def test_渡した後に変わったファイルは消さず_変わったと言う(after: After, kokunen: Kokunen) -> None:
    site = after(sent)
    path = main_file(site)
    path.write_bytes(path.read_bytes() + b"X")
    assert kokunen(site, "archive", "handed", path.name, "--to", "国保年金課", "--receipt", "1", "--as", "sousa01") == 0
    assert path.exists() and "本体" in {one.part for one in status(site).sent if not one.missing}


DAYS = registry.hokan().classes["B"].clear.days  # type: ignore[union-attr]
CLEAR = kit.table("""
| 事例                   | 日 | 残る |
|------------------------|----|------|
| 作った日               | 0  | はい |
| 終わりの日             | 30 | はい |
| その翌日               | 31 |      |
| 一年後                 | 366 |     |
""")


def expire(site: Site, day: date) -> list[tuple[str, int]]:
    """What goes by the policy on a day: what the dry run told of, and that it went."""
    run = replace(runs.get(site, last_run(site)), business_on=day)
    hokan.copies(site, run)
    with site.session() as session:
        told = [(due.title, due.count) for due in look(session, site, day)]
    assert [(gone.title, gone.count) for gone in carry_out(site, run).gone] == told
    return told


@pytest.mark.parametrize("case", CLEAR, ids=[c["事例"] for c in CLEAR])
def test_帳票の平文は日数の翌日に消え_控えは残る(after: After, case: dict[str, str], tmp_path: Path) -> None:
    site = after(nothing_came)
    assert DAYS == 30 and len(of(site, "B")) == 2
    expire(site, TODAY + timedelta(days=int(case["日"])))
    assert bool(shelves(site)) == (case["残る"] == "はい") == of(site, "B")[0].clear
    assert opened(site, of(site, "B")[0], tmp_path)


def test_人が消した帳票も_書き換えた帳票も_控えのとおりではない(after: After) -> None:
    """Taken away by hand: it went. Changed by hand: another paper, which is kept as well, and goes with its own days."""
    site = after(nothing_came)
    one, two = shelves(site).values()
    one.unlink()
    two.write_bytes(b"changed")
    assert expire(site, TODAY) == []
    assert len(of(site, "B")) == 3
    assert expire(site, TODAY + timedelta(days=31)) == [("控えのある帳票の平文", 2)]
    papers = of(site, "B")
    assert not shelves(site) and [k.sha256 for k in papers if k.clear] == [k.sha256 for k in papers if k.name == two.name][:1]


# ---- reading again ---------------------------------------------------------------------------------------------------------------


def test_理由と記録のある者だけが読み出せる(after: After, kokunen: Kokunen, capsys: pytest.CaptureFixture[str]) -> None:
    site = after(taken)
    name = of(site, "C")[0].name
    assert kokunen(site, "archive", "read", name, "--as", "sousa01") == 12 and "NP-3207" in capsys.readouterr().err
    assert kokunen(site, "archive", "read", name, "--as", "shounin01", "--reason", "確認") == 12
    assert "NP-1083" in capsys.readouterr().err
    assert kit.query(site, "select count(*) from audit.event where operation = '保管物参照'") == [(0,)]
    assert kokunen(site, "archive", "read", name, "--as", "sousa01", "--reason", "訂正の確認", "--json") == 0
    given = Path(json.loads(capsys.readouterr().out)["path"])
    assert (
        given.read_bytes() == kit.juki_bytes([{"atena_no": no(1)}])
        and given.stat().st_mode & 0o777 == 0o600
        and given.parent.stat().st_mode & 0o077 == 0
    )
    told = kit.query(site, "select object, reason, user_name from audit.event where operation = '保管物参照'")
    assert told == [(name, "訂正の確認", "sousa01")]


def test_鍵が合わなければ_試みは記録され_何も出ない(after: After, kokunen: Kokunen, capsys: pytest.CaptureFixture[str]) -> None:
    site = after(taken)
    (kept,) = of(site, "C")
    bent = bytearray((site.home / "archive" / kept.object_key).read_bytes())
    bent[-1] ^= 1
    (site.home / "archive" / kept.object_key).write_bytes(bytes(bent))
    assert kokunen(site, "archive", "read", str(kept.object_id), "--as", "sousa01", "--reason", "監査") == 12
    assert "NP-3203" in capsys.readouterr().err
    assert not [p for p in (site.home / "yomidashi").rglob("*") if p.is_file()]
    assert kit.query(site, "select object from audit.event where operation = '保管物参照'") == [(kept.name,)]
    assert kokunen(site, "archive", "verify", "--json") == 12
    assert [one["code"] for one in json.loads(capsys.readouterr().out)["amiss"]] == ["NP-3203"]


def test_読み出したものは日数の後に消える(after: After, kokunen: Kokunen) -> None:
    site = after(taken)
    kokunen(site, "archive", "read", of(site, "C")[0].name, "--as", "sousa01", "--reason", "訂正")
    now, given = runs.now().date(), site.home / "yomidashi"
    (given / "copy.dat").write_bytes(b"x")  # somebody's own
    (given / "link").symlink_to(site.home / "archive")
    assert expire(site, now + timedelta(days=7)) == []
    assert expire(site, now + timedelta(days=8)) == [("読み出した控え", 3)] and list((site.home / "archive").iterdir())
    assert not list(given.iterdir())


WHICH = kit.table("""
| 事例           | 何      | コード  |
|----------------|---------|---------|
| 無い名前       | X.dat   | NP-3208 |
| 無い番号       | 999999  | NP-3208 |
| 同じ名前が二つ | 二つ    | NP-3212 |
| 消去済み       | 済み    | NP-3209 |
""")


def kept_twice_and_gone(site: Site) -> None:
    """An original; beside it two objects of one name, and one whose key is gone."""
    kit.uketsuke(site, [{"uketsuke_no": no(1), "atena_no": no(1)}])
    kit.run(site, "uketsuke_daily", kit.DAY)
    execute(site, "insert into ledger.object (object_key, class, dataset, period, name, origin, personal, run_id, bytes, sha256, sealed_bytes,"
        " sealed_sha256, kept_from, due_on, again_at, key_gone_at) select md5(n), 'B', 'x', '', n, n, false, run_id, 0, '', 0, '', kept_from, due_on, now(),"
        " case when n = '済み' then now() end from ledger.object, unnest(array['済み', '二つ']) as n where class = 'C'"
        " union all select md5('2'), 'B', 'x', '', '二つ', '二つ', false, run_id, 0, '', 0, '', kept_from, due_on, now(), null from ledger.object where class = 'C'")  # fmt: skip


@pytest.mark.parametrize("case", WHICH, ids=[c["事例"] for c in WHICH])
def test_選べないもの(after: After, case: dict[str, str], kokunen: Kokunen, capsys: pytest.CaptureFixture[str]) -> None:
    site = after(kept_twice_and_gone)
    assert kokunen(site, "archive", "read", case["何"], "--as", "sousa01", "--reason", "監査") == 12
    assert case["コード"] in capsys.readouterr().err


def test_一覧は在るものと状態を言う(after: After, kokunen: Kokunen, capsys: pytest.CaptureFixture[str]) -> None:
    site = after(sent)
    assert kokunen(site, "archive", "list", "--dataset", "juki_idou") == 0
    said = capsys.readouterr().out
    assert "暗号化のみ" in said and "JUKI" in said and "1 件" in said
    assert kokunen(site, "archive", "list", "--period", "2025-09", "--json") == 0
    states = {one["class"]: one["state"] for one in json.loads(capsys.readouterr().out)["objects"]}
    assert states == {"D": "引渡し待ち", "B": "平文あり"}
    assert kokunen(site, "archive", "verify") == 0
    assert "開かないもの 0 件" in capsys.readouterr().out


def test_鍵の更新は鍵だけを包み直し_保管物は書き直さない(
    after: After, kokunen: Kokunen, capsys: pytest.CaptureFixture[str]
) -> None:
    site = after(taken)
    before = {p.name: hashlib.sha256(p.read_bytes()).hexdigest() for p in (site.home / "archive").iterdir() if p.is_file()}
    assert kokunen(site, "keys", "rotate", "archive", "--as", "sousa01") == 12 and "NP-1083" in capsys.readouterr().err
    assert kokunen(site, "keys", "rotate", "archive", "--as", "kanri01", "--reason", "定期の更新", "--json") == 0
    done = json.loads(capsys.readouterr().out)
    assert done == {"key_id": "archive-02", "wrapped": len(before)}
    assert {site.keys.wrapped_by(name) for name in before} == {"archive-02"}
    assert before == {
        p.name: hashlib.sha256(p.read_bytes()).hexdigest() for p in (site.home / "archive").iterdir() if p.name in before
    }
    assert reading.verify(site, lambda *_: None).amiss == ()
    checked = kit.query(site, "select key_id from vault.key_check where key_id like 'archive%' order by 1")
    assert [key_id for (key_id,) in checked] == ["archive-01", "archive-02"]
    assert kit.query(site, "select object from audit.event where operation = '鍵更新'") == [("archive-02",)]
    kokunen(site, "keys", "list", "--json")
    listed = json.loads(capsys.readouterr().out)["keys"]
    uses = {one["key_id"]: (one["newest"], [use["what"] for use in one["uses"]]) for one in listed}
    assert uses["archive-01"] == (False, []) and uses["archive-02"] == (True, ["archive"]) and uses["kojin-no-01"][0]


def test_途中で止まった鍵の更新は続きから終わる(after: After) -> None:
    site = after(taken)

    def stop(done: int, of: int) -> None:
        if done == 2:
            raise KeyboardInterrupt

    run = runs.get(site, last_run(site))
    with pytest.raises(KeyboardInterrupt):
        keys.rotate(site, run, stop)
    assert sorted({site.keys.wrapped_by(name) for name in site.keys.objects()}) == ["archive-01", "archive-02"]
    assert reading.verify(site, lambda *_: None).amiss == (), "both keys open what they wrap"
    done = keys.rotate(site, run, lambda *_: None)
    assert done.key_id == "archive-02" and {site.keys.wrapped_by(name) for name in site.keys.objects()} == {"archive-02"}
    assert keys.rotate(site, run, lambda *_: None).key_id == "archive-03", "a rotation that came to its end is over"


def test_消去する鍵を鍵の更新が生き返らせない(after: After) -> None:
    site = after(taken)
    (kept,) = of(site, "C")
    execute(site, f"update ledger.object set again_at = now(), key_gone_at = now() where object_id = {kept.object_id}")
    keys.rotate(site, runs.get(site, last_run(site)), lambda *_: None)
    assert not site.keys.object_file(kept.object_key).exists()
