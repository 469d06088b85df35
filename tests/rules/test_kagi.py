"""鍵の更新: 個人番号の鍵と行の鍵を新しくし、書き直せるものをすべて書き直す。途中の取込は始めた鍵で終わり、古い鍵で書いたものも読める。"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import kit
import pytest
from kit import code_of

from etl import kagi
from etl.shokuin import proof
from etl.site import Site, keys_used
from tests.conftest import copied
from tests.rules.kagi import at, clear, fill, needed, night, rotate, run_of


@pytest.fixture(scope="module")
def base(town: Site) -> Site:
    return fill(town)


@pytest.fixture
def site(base: Site, house: Path, tmp_path: Path) -> Iterator[Site]:
    with copied(house, base, tmp_path / "copy") as made:
        yield made


# ---- 更新 ------------------------------------------------------------------------------------------------------------------------


def test_書き直した後も_内容は同じで_古い鍵を要するのは記録だけ(site: Site) -> None:
    before = clear(site)
    assert {what: len(found) > 0 for what, found in before.items()} == dict.fromkeys(before, True)
    numbers = len(before["個人番号"])
    assert rotate(site, "kojin-no") == kagi.Rotated("kojin-no-02", numbers, 0)
    assert rotate(site, "row") == kagi.Rotated("row-02", len(before["隔離"]) + len(before["TOTP"]), 0)
    assert clear(site) == before
    found = needed(site)
    assert found["kojin-no-01"] == {} and found["kojin-no-02"] == {"vault.kojin_no": numbers}
    assert found["row-01"] == {"audit.event": len(before["4情報"])}
    assert found["row-02"] == {"ledger.quarantine": len(before["隔離"]), "shokuin.kakunin": 1}
    assert found["kojin-no-hmac-01"] == {"vault.kojin_no": numbers}


def test_もう一度更新すれば_もう一つ新しい鍵になる(site: Site) -> None:
    for number in (2, 3):
        assert rotate(site, "row").key_id == f"row-{number:02}"
    newest = {key.key_id for key in kagi.listed(site) if key.newest}
    assert newest >= {"kojin-no-01", "kojin-no-hmac-01", "row-03", "row-hash-01", "archive-01"} and "row-02" not in newest
    assert {key.key_id for key in kagi.listed(site) if key.fixed} == {"kojin-no-hmac-01", "row-hash-01"}


def test_更新の後も_取込も照合も本人確認もできる(site: Site) -> None:
    rotate(site, "kojin-no")
    rotate(site, "row")
    night(site, date(2025, 9, 29), 4)
    assert kit.run(site, "juki_daily", "2025-09-29")["error"] is None
    assert needed(site)["kojin-no-02"]["vault.kojin_no"] == len(clear(site)["個人番号"])
    with site.session() as session:
        assert set(site.keys.proofs(keys_used(session))) >= {"kojin-no-01", "kojin-no-02", "row-01", "row-02"}
    assert clear(site)["TOTP"] == [b"JBSWY3DPEHPK3PXP"]


def test_まとめて読むたびに_先に記録が残り_書くたびに件数が残る(site: Site) -> None:
    rotate(site, "kojin-no")
    rows = kit.query(
        site,
        "select operation, object, reason, counts from audit.event where operation in ('鍵更新参照', '鍵更新') order by event_id",
    )
    asked, written, ended = rows
    assert asked[:3] == ("鍵更新参照", "vault.kojin_no", "鍵の更新：年次")
    assert written[:2] == ("鍵更新", "vault.kojin_no") and f'"rows" : {len(clear(site)["個人番号"])}' in written[3]
    assert ended[:2] == ("鍵更新", "kojin-no-02")


def test_途中までの束も_次の束も書き直す(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(kagi, "MANY", 2)
    monkeypatch.setattr(kagi, "FEW", 1)
    before, told = clear(site), []
    done = kagi.rotate(site, run_of(site), "kojin-no", lambda n, of: told.append((n, of)))
    total = len(before["個人番号"])
    assert (done.written, told[-1], len(told)) == (total, (total, total), (total + 1) // 2)
    assert rotate(site, "row").left == 0 and clear(site) == before


# ---- 同時に ----------------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("point", ["staging emptied", "rows sent", "rows entered"])
def test_取込の途中で更新しても_始めた鍵で終わり_次の更新で書き直される(
    site: Site, monkeypatch: pytest.MonkeyPatch, point: str
) -> None:
    """F29: rotated mid-run."""
    night(site, date(2025, 9, 29), 4)

    def both() -> None:
        rotate(site, "kojin-no")
        rotate(site, "row")

    at(monkeypatch, point, both)
    assert kit.run(site, "juki_daily", "2025-09-29")["error"] is None
    before = clear(site)
    assert kit.kojin_no(104).encode() in before["個人番号"]
    assert needed(site)["kojin-no-01"] == {"vault.kojin_no": 1} and needed(site)["row-01"]["ledger.quarantine"] == 1
    assert rotate(site, "kojin-no") == kagi.Rotated("kojin-no-02", 1, 0)
    rotate(site, "row")
    assert clear(site) == before and needed(site)["kojin-no-01"] == {}


def test_二人が同時に更新することはできない(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    found = []
    at(monkeypatch, "key made", lambda: found.append(code_of(lambda: rotate(site, "kojin-no"))))
    assert (rotate(site, "row").key_id, found) == ("row-02", ["NP-1021"])


def test_書き直す間に設定し直したTOTPは_新しいものが残る(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    """Set by somebody who began before the rotation, after the old one was read."""
    before, real, todo = site.with_keys_of_now(), kagi._anew, [True]

    def meanwhile(*args: Any) -> list[bytes]:
        if "person" in args[3][0] and todo:
            todo.clear()
            proof.set_password(before, "kanri01", "sousa01", "himitsu no kotoba", "試験", totp="GEZDGNBVGY3TQOJQ")
        return real(*args)

    monkeypatch.setattr(kagi, "_anew", meanwhile)
    rotate(site, "row")
    assert (clear(site)["TOTP"], todo) == ([b"GEZDGNBVGY3TQOJQ"], [])
    assert "shokuin.kakunin" not in needed(site)["row-01"]


# ---- 鍵を失う・違う ---------------------------------------------------------------------------------------------------------------

LOST = kit.table("""
| 事例                   | すること | 更新    | 取込    |
|------------------------|----------|---------|---------|
| 古い鍵を消した         | unlink   | NP-1031 | NP-1031 |
| 古い鍵を別の鍵に替えた | other    | NP-1031 | NP-1031 |
| 古い鍵が壊れた         | broken   | NP-1031 | NP-1031 |
""")


@pytest.mark.parametrize("case", LOST, ids=[str(c["事例"]) for c in LOST])
def test_まだ要る鍵を失えば_何もせずに言う(site: Site, case: dict[str, str]) -> None:
    path = site.keys.folder / "kojin-no-01.key"
    rotate(site, "kojin-no")
    {
        "unlink": path.unlink, "broken": lambda: path.write_bytes(b"x"),
        "other": lambda: path.write_bytes((site.keys.folder / "row-01.key").read_bytes()),
    }[case["すること"]]()  # fmt: skip
    assert code_of(lambda: rotate(site, "kojin-no")) == case["更新"]
    night(site, date(2025, 9, 29), 4)
    assert getattr(kit.run(site, "juki_daily", "2025-09-29")["error"], "code", None) == case["取込"]
