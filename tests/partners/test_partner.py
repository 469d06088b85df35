"""相手先: 一人が登録し、別の一人が承認して初めて有効になる。つなぐのは、承認された鍵のサーバーだけ。"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import kit
import pytest
from kit import code_of

from etl import aitesaki, approve, cli
from etl import run as runs
from etl.aitesaki import Place
from etl.run import Run
from etl.site import Site
from tests.partners.sshd import Partner

NAME = "kiban-juminhyo"


def run_of(site: Site, user: str = "kanri01") -> Run:
    day = site.today
    started = runs.start(site, "partner_set", str(day), user, "試験", business_on=day, as_known_at=None, run_key=None)
    return runs.get(site, started)


@pytest.fixture
def place(site: Site, there: Partner) -> Place:
    """Where the server is; it knows the key that the house has made for it."""
    account = there.account()
    told = Place(NAME, account.host, account.port, account.user, account.host_key, account.folder)
    public = aitesaki.propose(site, run_of(site), told)[1]
    (there.home / "authorized").write_text(public + "\n")
    return told


def agreed(site: Site) -> None:
    assert approve.decide(site, "aitesaki", None, "shounin01")["approved"] == 1


def tried(site: Site) -> str | None:
    return code_of(lambda: aitesaki.try_out(site, run_of(site), NAME))


def test_承認されるまで何もつながず_承認されればつながり_記録が残る(site: Site, there: Partner, place: Place) -> None:
    assert tried(site) == "NP-4113"
    assert code_of(lambda: approve.decide(site, "aitesaki", None, "kanri01")) in ("NP-2030", "NP-1083")
    agreed(site)
    (there.folder / "a.ack").write_bytes(b"{}")
    assert aitesaki.try_out(site, run_of(site), NAME).files == 1 and [p.name for p in there.folder.iterdir()] == ["a.ack"]
    known = aitesaki.listed(site)[NAME]
    assert (known.place, known.maker, known.checker) == (place, "kanri01", "shounin01")
    told = kit.query(site, "select operation, object from audit.event where object like 'partner/%' order by event_id")
    assert told == [("相手先起案", f"partner/{NAME}"), ("相手先確認", f"partner/{NAME}")]


def test_新しい登録は承認されるまで前のままで_否認されれば前のまま(site: Site, there: Partner, place: Place) -> None:
    agreed(site)
    there.new_host_key()
    assert tried(site) == "NP-4102"
    fresh = replace(place, host_key=there.account().host_key)
    aitesaki.propose(site, run_of(site), fresh)
    assert tried(site) == "NP-4102" and aitesaki.listed(site)[NAME].place == place
    approve.decide(site, "aitesaki", None, "shounin01", "rejected", "相手先に確かめる")
    assert tried(site) == "NP-4102"
    aitesaki.propose(site, run_of(site), fresh)
    agreed(site)
    assert tried(site) is None


def test_後の起案は前の起案に代わり_待つのは一つ(site: Site, place: Place) -> None:
    aitesaki.propose(site, run_of(site), replace(place, port=2222))
    (waiting,) = approve.pending(site, "aitesaki")
    assert ":2222" in waiting.subject and "SHA256:" in waiting.subject and "戸籍住民サービス課" in waiting.subject


WRONG = kit.table("""
| 事例                 | 項目     | 値              | コード  |
|----------------------|----------|-----------------|---------|
| 登録簿にない相手先   | partner  | kiban-nai       | NP-4111 |
| 番地に空白           | host     | a b             | NP-4112 |
| 番地がない           | host     |                 | NP-4112 |
| 番地が命令の形       | host     | -oProxy=x       | NP-4112 |
| 利用者名が命令の形   | login    | -l              | NP-4112 |
| 利用者名がない       | login    |                 | NP-4112 |
| フォルダーがない     | folder   |                 | NP-4112 |
| 鍵でないもの         | host_key | ssh-ed25519 xyz | NP-4106 |
| 知らない種類の鍵     | host_key | ssh-dss AAAA    | NP-4106 |
""")


@pytest.mark.parametrize("case", WRONG, ids=[str(c["事例"]) for c in WRONG])
def test_書けない登録(site: Site, case: dict[str, str | None]) -> None:
    good = Place(
        NAME,
        "sftp.example.jp",
        22,
        "kokunen",
        "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIIiqKZJuZzDEvPjPxPEi+8tBJzJVTyDqRc6E1wUV6mEO",
        "/in",
    )
    wrong: dict[str, Any] = {str(case["項目"]): case["値"] or ""}
    assert code_of(lambda: aitesaki.propose(site, run_of(site), replace(good, **wrong))) == case["コード"]
    assert approve.pending(site, "aitesaki") == []


@pytest.mark.parametrize("port", [0, -1, 65536])
def test_ないポート(port: int) -> None:
    assert code_of(lambda: aitesaki.check(Place(NAME, "h", port, "u", "k", "/"))) == "NP-4112"


def test_命令(site: Site, there: Partner, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr("etl.cli.common.ready_site", lambda: site)
    kokunen: Callable[..., int] = lambda *words: cli.main([*words])  # noqa: E731
    account = there.account()
    where = ["--host", account.host, "--port", str(account.port), "--user", account.user, "--folder", account.folder]
    assert kokunen("partner", "set", NAME, *where, "--host-key", f"{account.host_key} root@x", "--as", "kanri01", "--json") == 0
    (there.home / "authorized").write_text(json.loads(capsys.readouterr().out)["public_key"] + "\n")
    assert kokunen("partner", "check", NAME, "--as", "kanri01") == 12 and "NP-4113" in capsys.readouterr().err
    agreed(site)
    assert kokunen("partner", "check", NAME, "--as", "kanri01") == 0
    assert "鍵は登録のとおり" in capsys.readouterr().out
    assert kokunen("partner", "list") == 0
    said = capsys.readouterr().out
    assert f"{account.host}:{account.port}" in said and "承認 shounin01" in said and "未登録" in said
    assert kokunen("partner", "set", NAME, *where, "--host-key", account.host_key, "--as", "shounin01") == 12
    assert "NP-1083" in capsys.readouterr().err
