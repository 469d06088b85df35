"""F07, F08, F29: no room, no permission, no key. Nothing partial, the error says where, and afterwards a plain re-run is enough."""

from __future__ import annotations

import base64
import errno
import os
import resource
import signal
from collections.abc import Callable
from datetime import date
from functools import partial
from pathlib import Path
from typing import Any

import kit
import pytest
from kit import no

from etl import approve
from etl.core.errors import Refused, Unavailable
from etl.edge import atomic, inbox
from etl.platform import postgres
from etl.site import Site, make_keys
from tests.faults import crash
from tests.faults.crash import NEXT


def unavailable(site: Site, job: str, period: Any, code: str) -> Unavailable:
    error = kit.run(site, job, period)["error"]
    assert isinstance(error, Unavailable) and (error.code, error.exit_status) == (code, 13), error
    return error


@pytest.fixture(scope="module")
def month(states: Callable[..., Site], tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    with crash.copied(states(crash.agreed), tmp_path_factory.mktemp("month") / "home") as site:
        crash.run("kokuho_monthly", "2025-09")(site)
        return crash.picture(site)


@pytest.mark.parametrize(("limit", "left"), [(300, set()), (4000, {".dat", ".zip"})], ids=["ファイルの途中", "送受書の途中"])
def test_容量が尽きても途中のものは残らない(copies: crash.Copies, month: dict[str, Any], limit: int, left: set[str]) -> None:
    """A child may write no file longer than ``limit`` bytes; its error names the folder."""
    with copies(crash.agreed) as site:

        def without_room() -> None:
            own = crash.fresh(site)
            resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))
            error = unavailable(own, "kokuho_monthly", "2025-09", "NP-1026")
            assert "2025-09" in error.facts["volume"] and "EFBIG" in error.facts["volume"], error

        site.engine.dispose()
        assert crash.in_child(without_room) == (0, "")
        crash.assert_sound(site)
        assert {p.suffix for p in (site.outbox / "kokuho_shikaku_hoken").rglob("*") if p.is_file()} == {
            ".xlsx"
        } | left  # 保留一覧, as it waited
        crash.run("kokuho_monthly", "2025-09")(site)
        crash.same_as(site, month)


def test_保管庫の容量が尽きれば_原本は残り_空ければ保管される(copies: crash.Copies) -> None:
    """F07: what was loaded is loaded; nothing of the object is there, and the clear file waits for the next run."""
    with copies() as site:
        lying, before = crash.archived(site), sorted(p.name for p in (site.home / "archive").rglob("*") if p.is_file())

        def without_room() -> None:
            own = crash.fresh(site)
            resource.setrlimit(resource.RLIMIT_FSIZE, (300, 300))
            error = unavailable(own, "juki_daily", NEXT, "NP-1026")
            assert error.facts["volume"] == "archive・EFBIG", error

        site.engine.dispose()
        assert crash.in_child(without_room) == (0, "")
        crash.assert_sound(site)
        assert crash.archived(site) == lying
        assert sorted(p.name for p in (site.home / "archive").rglob("*") if p.is_file()) == before
        crash.run("juki_daily", NEXT)(site)
        crash.assert_sound(site)
        assert not [row for row in crash.archived(site) if row[0].startswith(f"JUKIIDOU_141305_{NEXT:%Y%m%d}")]


@pytest.mark.parametrize("dataset", ["kokuho_shikaku_hoken", "kokuho_shikaku_shunou"])
def test_出力先が使えなければ場所を示す(copies: crash.Copies, month: dict[str, Any], dataset: str) -> None:
    with copies(crash.agreed) as site:
        (site.outbox / dataset).rename(site.home / "elsewhere")
        (site.outbox / dataset).write_text("ここはフォルダーではない")
        error = unavailable(site, "kokuho_monthly", "2025-09", "NP-1026")
        assert "2025-09" in str(error) and ("ENOTDIR" in str(error) or "EEXIST" in str(error))
        (site.outbox / dataset).unlink()
        crash.run("kokuho_monthly", "2025-09")(site)
        crash.same_as(site, month)


@pytest.mark.parametrize("why", [errno.EIO, errno.EACCES, errno.ESTALE], ids=["EIO", "EACCES", "ESTALE"])
def test_受信フォルダーが読めなければ後でやり直せる(copies: crash.Copies, monkeypatch: pytest.MonkeyPatch, why: int) -> None:
    """F08: the file stays where it is; nobody counts it as refused."""
    with copies() as site:
        before = crash.picture(site)
        lying = sorted(p.name for p in (site.inbox / "juki_idou").iterdir())

        def broken(_: Any) -> str:
            raise OSError(why, "broken")

        with monkeypatch.context() as patch:
            patch.setattr(inbox, "sha256", broken)
            error = unavailable(site, "juki_daily", NEXT, "NP-1026")
        assert "juki_idou" in str(error) and errno.errorcode[why] in str(error)
        assert crash.picture(site) == before
        assert sorted(p.name for p in (site.inbox / "juki_idou").iterdir()) == lying
        crash.run("juki_daily", NEXT)(site)


def test_データベースの容量が尽きても途中のものは残らない(copies: crash.Copies, owner_url_of: Callable[[Site], str]) -> None:
    """SQLSTATE 53100 in the middle of the merge."""
    import psycopg

    with copies() as site:
        with psycopg.connect(owner_url_of(site)) as owner:
            owner.execute(
                "create function pension.full() returns trigger language plpgsql as"
                " $$ begin raise exception 'could not extend file' using errcode = '53100'; end $$;"
                "create trigger full_disk before insert on pension.worklist for each row execute function pension.full()"
            )
        before = crash.picture(site)
        error = unavailable(site, "juki_daily", NEXT, "NP-1020")
        assert "53100" in str(error)
        assert crash.picture(site) == before
        with psycopg.connect(owner_url_of(site)) as owner:
            owner.execute("drop trigger full_disk on pension.worklist")
        crash.run("juki_daily", NEXT)(site)
        crash.assert_sound(site)


# ---- what a broken run left ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("job", ["kokuho_monthly", "juki_shoukai_daily"])
def test_書きかけのまま止められても残りは片付く(copies: crash.Copies, job: str) -> None:
    """SIGKILL between writing and renaming: half a file under a hidden name, which the next run removes."""
    period = {"kokuho_monthly": "2025-09", "juki_shoukai_daily": NEXT}[job]
    with copies(crash.agreed if job == "kokuho_monthly" else None) as site:

        def killed() -> None:
            os.fsync = lambda handle: os.kill(os.getpid(), signal.SIGKILL)  # type: ignore[assignment]
            kit.run(crash.fresh(site), job, period)

        site.engine.dispose()
        assert crash.in_child(killed)[0] == -signal.SIGKILL
        assert [p.suffix for p in site.outbox.rglob(".*")] == [".part"]
        crash.run(job, period)(site)
        crash.assert_sound(site)


def test_渡していない途中のものは_中身が変われば作り直す(copies: crash.Copies, monkeypatch: pytest.MonkeyPatch) -> None:
    """A month broke off after its archive; before it is run again a night comes in. Without a manifest nobody was given the first one."""
    with copies(crash.over) as site:
        crash.at(monkeypatch, "sealed", lambda: crash.terminate(site))
        assert kit.run(site, "kokuho_monthly", "2025-09", business_on=crash.OVER)["error"] is not None
        crash.later_night(site)
        assert kit.run(site, "kokuho_monthly", "2025-09", business_on=crash.OVER)["error"] is None
        crash.assert_sound(site)
        assert [len(list((site.outbox / "kokuho_shikaku_hoken").rglob(f"*{end}"))) for end in (".dat", ".zip", ".end")] == [
            1,
            1,
            1,
        ]


def test_渡したかもしれないものは作り直さない(copies: crash.Copies, monkeypatch: pytest.MonkeyPatch) -> None:
    """The manifest was there when the record was lost: a person has to look (NP-2102), nothing is sent again by itself. The other recipient gets its
    month."""
    with copies(crash.over) as site:
        crash.at(monkeypatch, "manifest placed", lambda: crash.terminate(site))
        assert kit.run(site, "kokuho_monthly", "2025-09", business_on=crash.OVER)["error"] is not None
        before = crash.outbox(site)
        crash.later_night(site)
        error = kit.run(site, "kokuho_monthly", "2025-09", business_on=crash.OVER)["error"]
        assert error and (error.code, error.exit_status) == ("NP-2102", 12)
        now = crash.outbox(site)
        assert before.items() <= now.items() and not [name for name in now.keys() - before.keys() if "KOKUHOSN" not in name]


def test_記録されていない照会と同じ番号の照会は作らない(copies: crash.Copies, monkeypatch: pytest.MonkeyPatch) -> None:
    """The manifest was there when the record was lost: two files must not have one number, so a person looks and moves the first (NP-2102)."""
    with copies() as site:
        crash.at(monkeypatch, "manifest placed", lambda: crash.terminate(site))
        assert kit.run(site, "juki_shoukai_daily", NEXT)["error"] is not None
        tomorrow = date(2025, 9, 26)
        kit.uketsuke(site, [{"uketsuke_no": no(2), "atena_no": no(70)}], on=tomorrow, seq=2)
        crash.run("uketsuke_daily", NEXT)(site)
        error = kit.run(site, "juki_shoukai_daily", tomorrow)["error"]
        assert error and (error.code, error.exit_status) == ("NP-2102", 12)
        site.outbox.joinpath("juki_shoukai").rename(site.home / "seen by a person")
        crash.run("juki_shoukai_daily", tomorrow)(site)
        crash.assert_sound(site)


# ---- keys ------------------------------------------------------------------------------------------------------------------

KEYS = ("kojin-no-01.key", "kojin-no-hmac-01.key", "row-01.key", "row-hash-01.key")


@pytest.mark.parametrize("name", KEYS)
@pytest.mark.parametrize("how", ["無い", "短い", "鍵ではない"])
def test_鍵が無ければ取り込まず_平文にもしない(copies: crash.Copies, name: str, how: str) -> None:
    with copies() as site:
        before = crash.picture(site)
        key = site.home / "keys" / name
        kept = key.read_bytes()
        key.unlink()
        if how != "無い":
            key.write_bytes(b"AAAA" if how == "短い" else b"\xff not base64 \n")
        error = unavailable(site, "juki_daily", NEXT, "NP-1031")
        assert name.split("-0")[0] in str(error)
        assert crash.picture(site) == before
        assert kit.query(site, "select count(*) from staging.juki_idou where kojin_cipher is not null") == [(0,)]
        key.write_bytes(kept)
        crash.run("juki_daily", NEXT)(site)
        crash.assert_sound(site)


@pytest.mark.parametrize("name", KEYS)
def test_別の鍵が置かれていれば取り込まない(copies: crash.Copies, name: str) -> None:
    """A whole key, but not ours: it would match nobody, and what it encrypts nobody could open together with the rest."""
    with copies() as site:
        before = crash.picture(site)
        key = site.home / "keys" / name
        kept = key.read_bytes()
        key.unlink()
        key.write_bytes(base64.b64encode(b"another key of thirty-two bytes!"))
        assert name.removesuffix(".key") in str(unavailable(site, "juki_daily", NEXT, "NP-1031"))
        with pytest.raises(Unavailable):
            approve.decide(site, "idou", None, "shounin01")
        assert crash.picture(site) == before
        key.write_bytes(kept)
        crash.run("juki_daily", NEXT)(site)


@pytest.mark.parametrize("name", [*KEYS, "kojin-no-hmac-01.key 別"])
def test_使った鍵は_準備が作り直さない(copies: crash.Copies, name: str) -> None:
    """``init`` says what to do (NP-1032), and makes nothing. With the key back it goes on."""
    with copies() as site:
        key = site.home / "keys" / name.split()[0]
        kept = key.read_bytes()
        key.unlink()
        if name.endswith("別"):
            key.write_bytes(base64.b64encode(b"another key of thirty-two bytes!"))
        before = sorted(p.name for p in key.parent.iterdir())
        with pytest.raises(Refused) as refused:
            make_keys(site)
        assert (refused.value.code, refused.value.exit_status) == ("NP-1032", 12) and key.name in str(refused.value)
        assert sorted(p.name for p in key.parent.iterdir()) == before
        key.write_bytes(kept)
        make_keys(site)


def test_替えた後の鍵も前の鍵も_使ったなら無くせない(copies: crash.Copies) -> None:
    with copies() as site:
        (site.home / "keys" / "kojin-no-02.key").write_bytes(base64.b64encode(b"a second key of thirty-two bytes"))
        crash.run("juki_daily", NEXT)(crash.fresh(site))
        for name in ("kojin-no-01.key", "kojin-no-02.key"):
            kept = (site.home / "keys" / name).read_bytes()
            (site.home / "keys" / name).unlink()
            assert name.removesuffix(".key") in str(unavailable(site, "juki_daily", NEXT, "NP-1031"))
            with pytest.raises(Refused):
                make_keys(site)
            (site.home / "keys" / name).write_bytes(kept)


def test_まだ使っていない鍵は作れる(site: Site) -> None:
    (site.home / "keys" / "row-01.key").unlink()
    make_keys(site)
    assert (site.home / "keys" / "row-01.key").is_file()


@pytest.mark.parametrize("job", ["kokuho_monthly", "juki_shoukai_daily", "uketsuke_daily"])
def test_鍵が無ければ_どの業務も始めない(copies: crash.Copies, job: str) -> None:
    with copies() as site:
        before, lying = crash.picture(site), sorted(site.outbox.rglob("*"))
        (site.home / "keys" / "kojin-no-hmac-01.key").unlink()
        unavailable(site, job, {"kokuho_monthly": "2025-09"}.get(job, NEXT), "NP-1031")
        assert crash.picture(site) == before and sorted(site.outbox.rglob("*")) == lying


def test_データベースの管理者のパスワードが無ければ_初期設定がないとは言わない(tmp_path: Path) -> None:
    (tmp_path / "pg" / "data").mkdir(parents=True)
    (tmp_path / "pg" / "data" / "PG_VERSION").write_text("18")
    with pytest.raises(Refused) as refused:
        postgres.urls(tmp_path)
    assert (refused.value.code, refused.value.file) == ("NP-1032", "db/admin/password")


def test_鍵は全部書けたときだけ在る(tmp_path: Path) -> None:
    """SIGKILL while a key is made: there is none, and the next attempt makes it."""
    once = partial(atomic.write, mode=0o600, once=True)

    def killed() -> None:
        os.fsync = lambda handle: os.kill(os.getpid(), signal.SIGKILL)  # type: ignore[assignment]
        once(tmp_path / "x.key", b"first")

    assert crash.in_child(killed)[0] == -signal.SIGKILL
    assert not (tmp_path / "x.key").exists()
    once(tmp_path / "x.key", b"second")
    once(tmp_path / "x.key", b"third")
    assert (tmp_path / "x.key").read_bytes() == b"second"
    assert (tmp_path / "x.key").stat().st_mode & 0o777 == 0o600


def test_鍵を替えても前の行が読める(copies: crash.Copies, owner_url_of: Callable[[Site], str]) -> None:
    """Rotation: the newest key encrypts, each row names the key that opens it."""
    import psycopg

    with copies() as site:
        (site.home / "keys" / "kojin-no-02.key").write_bytes(b"ERERERERERERERERERERERERERERERERERERERERERE=")
        crash.run("juki_daily", NEXT)(crash.fresh(site))
        with psycopg.connect(owner_url_of(site)) as owner:
            rows = owner.execute("select key_id, cipher from vault.kojin_no order by kojin_id").fetchall()
        assert {k for k, _ in rows} == {"kojin-no-01", "kojin-no-02"}
        assert all(site.keys.decrypt(k, c).startswith(b"0000") for k, c in rows)
