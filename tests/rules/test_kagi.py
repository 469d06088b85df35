"""鍵の更新: 個人番号の鍵と行の鍵を新しくし、書き直せるものをすべて書き直す。要る鍵は捨てられず、捨てるには二人が要る。"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import kit
import psycopg
import pytest
from kit import DAY, code_of, no

from etl import approve, kagi
from etl import run as runs
from etl.edge import failpoint
from etl.run import Run
from etl.shokuin import proof
from etl.site import Site, keys_used
from tests.conftest import copied
from tests.faults import damage

NEXT = date(2025, 9, 25)
PEOPLE = range(1, 6)


def run_of(site: Site, job: str = "keys_rotate", user: str = "kanri01") -> Run:
    run_id = runs.start(site, job, str(DAY), user, "年次", business_on=DAY, as_known_at=None, run_key=None)
    return runs.get(site, run_id)


def rotate(site: Site, purpose: str) -> kagi.Rotated:
    return kagi.rotate(site, run_of(site), purpose)


def retire(site: Site, key_id: str, days: int = 0) -> kagi.Given:
    return kagi.retire(site, run_of(site, "keys_retire"), key_id, days)


def night(site: Site, on: date = NEXT, seq: int = 2) -> None:
    """A new person with a number, and a bad row of somebody held."""
    numbers = (100 + seq, 1)
    rows = [
        {"atena_no": no(numbers[0]), "kojin_no": kit.kojin_no(numbers[0]), "idou_on": on},
        {"atena_no": no(1), "rireki_no": seq},
    ]
    damage.spoil(kit.juki(site, rows, on=on, seq=seq), 2, "sex_code", b"7")


@pytest.fixture(scope="module")
def base(town: Site) -> Site:
    """Five numbers, a quarantined record, a second factor, a record with 4情報."""
    kit.insured(town, [{"atena_no": no(n)} for n in PEOPLE])
    kit.juki(town, [{"atena_no": no(n), "kojin_no": kit.kojin_no(n)} for n in PEOPLE], kubun="1")
    assert kit.run(town, "juki_daily", DAY)["error"] is None
    night(town)
    gone = {"atena_no": no(2), "rireki_no": 2, "idou_jiyu_code": "21", "idou_on": NEXT, "jumin_jotai_code": "2"}
    assert kit.run(town, "juki_daily", NEXT)["error"] is None
    kit.juki(town, [gone], on=date(2025, 9, 26), seq=3)
    assert kit.run(town, "juki_daily", date(2025, 9, 26))["error"] is None
    assert approve.decide(town, "idou", None, "shounin01")["approved"] == 1
    proof.set_password(town, "kanri01", "sousa01", "himitsu no kotoba", "試験", totp="JBSWY3DPEHPK3PXP")
    return town


@pytest.fixture
def site(base: Site, house: Path, tmp_path: Path) -> Iterator[Site]:
    with copied(house, base, tmp_path / "copy") as made:
        yield made


def clear(site: Site) -> dict[str, list[bytes]]:
    """Everything that is encrypted, in clear."""
    found = {}
    for what, query in {
        "個人番号": "select key_id, cipher from vault.kojin_no order by kojin_id",
        "隔離": "select key_id, row_cipher from ledger.quarantine where row_cipher is not null order by file_id, line",
        "TOTP": "select key_id, totp_cipher from shokuin.kakunin where totp_cipher is not null order by person",
    }.items():
        found[what] = [site.keys.decrypt(key_id, bytes(cipher)) for key_id, cipher in kit.query(site, query)]
    events = [
        bytes(row[0]) for row in kit.query(site, "select shimei4 from audit.event where shimei4 is not null order by event_id")
    ]
    found["4情報"] = [site.keys.decrypt(blob.split(b":", 1)[0].decode(), blob.split(b":", 1)[1]) for blob in events]
    return found


def needed(site: Site) -> dict[str, dict[str, int]]:
    return {key.key_id: {use.what: use.n for use in key.uses} for key in kagi.listed(site)}


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
    assert newest == {"kojin-no-01", "kojin-no-hmac-01", "row-03", "row-hash-01"}
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


def at(monkeypatch: pytest.MonkeyPatch, name: str, work: Any) -> None:
    """``work`` happens once, at that point of whatever runs."""
    todo = [work]

    def reached(point: str) -> None:
        if point == name and todo:
            todo.pop()()

    monkeypatch.setattr(failpoint, "reached", reached)


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


# ---- 鍵を手放す -------------------------------------------------------------------------------------------------------------------


def test_要る鍵も今の鍵も決まった鍵も手放せない(site: Site) -> None:
    for key_id, code in (("kojin-no-01", "NP-3293"), ("row-hash-01", "NP-3293"), ("kojin-no-09", "NP-3291")):
        assert code_of(lambda k=key_id: retire(site, k)) == code  # type: ignore[misc]
    rotate(site, "kojin-no")
    rotate(site, "row")
    assert code_of(lambda: retire(site, "kojin-no-02")) == "NP-3293"
    assert code_of(lambda: retire(site, "kojin-no-hmac-01")) == "NP-3293"
    assert code_of(lambda: retire(site, "row-01")) == "NP-3293"  # the chain needs it for ever
    assert code_of(lambda: retire(site, "kojin-no-01", days=35)) == "NP-3293"  # so do copies of before
    assert kit.query(site, "select count(*) from ledger.approval where kind = 'kagi'") == [(0,)]


DECISIONS = kit.table("""
| 事例             | 誰が      | 決裁     | 決裁の結果 | もう一度 | 鍵   |
|------------------|-----------|----------|------------|----------|------|
| 別の職員が承認   | shounin01 | approved |            |          |      |
| 申請した本人     | kanri01   | approved | NP-1083    | NP-3292  | ある |
| 別の職員が否認   | shounin01 | rejected |            |          | ある |
| まだ決まらない   |           |          |            | NP-3292  | ある |
""")


@pytest.mark.parametrize("case", DECISIONS, ids=[str(c["事例"]) for c in DECISIONS])
def test_手放すには二人が要る(site: Site, case: dict[str, str | None]) -> None:
    rotate(site, "kojin-no")
    asked = retire(site, "kojin-no-01")
    assert (asked.gone, asked.approval is not None) == (False, True)
    if case["誰が"]:
        decided = code_of(lambda: approve.decide(site, "kagi", None, str(case["誰が"]), str(case["決裁"]), "残りなし"))
        assert decided == case["決裁の結果"]
    assert code_of(lambda: retire(site, "kojin-no-01")) == case["もう一度"]
    there = (site.keys.folder / "kojin-no-01.key").exists()
    assert (there, next(key.retired for key in kagi.listed(site) if key.key_id == "kojin-no-01")) == (
        case["鍵"] == "ある",
        not there,
    )


def given_up(site: Site) -> None:
    rotate(site, "kojin-no")
    retire(site, "kojin-no-01")
    approve.decide(site, "kagi", None, "shounin01")
    assert retire(site, "kojin-no-01").gone


def test_手放した後は_その鍵なしで働き_作り直されない(site: Site) -> None:
    before = clear(site)
    given_up(site)
    assert retire(site, "kojin-no-01").gone and clear(site) == before
    with site.session() as session:
        site.keys.create(keys_used(session))
    assert site.keys.ids("kojin-no") == ["kojin-no-02"]
    night(site, date(2025, 9, 29), 4)
    assert kit.run(site, "juki_daily", "2025-09-29")["error"] is None
    assert kit.query(site, "select operation, object from audit.event where operation = '鍵破棄'") == [("鍵破棄", "kojin-no-01")]


def test_書き込みの途中では手放せず_手放した鍵で始めた取込は何も書かない(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    rotate(site, "kojin-no")
    retire(site, "kojin-no-01")
    approve.decide(site, "kagi", None, "shounin01")
    night(site, date(2025, 9, 29), 4)
    found: list[str | None] = []
    at(monkeypatch, "rows entered", lambda: found.append(code_of(lambda: retire(site, "kojin-no-01"))))
    assert kit.run(site, "juki_daily", "2025-09-29")["error"] is None
    assert found == ["NP-1021"]
    pinned = dict.fromkeys(("kojin-no",), "kojin-no-01")
    night(site, date(2025, 9, 30), 5)
    real = type(site).with_keys_of_now

    def late(self: Site) -> Site:
        """As if it had begun before the rotation."""
        same = real(self)
        same.__dict__["keys"] = type(self.keys)(self.keys.folder, {**same.keys.pinned, **pinned})
        return same

    monkeypatch.setattr(Site, "with_keys_of_now", late)
    at(monkeypatch, "rows sent", lambda: retire(site, "kojin-no-01"))
    assert kit.only(kit.run(site, "juki_daily", "2025-09-30"))["code"] == "NP-3294"
    monkeypatch.undo()
    assert kit.run(site, "juki_daily", "2025-09-30")["error"] is None
    assert kit.kojin_no(105).encode() in clear(site)["個人番号"]


def test_承認した鍵だけを手放せる(site: Site) -> None:
    """With the code bypassed: the log-in of the keys can give up no key that needs another's approval, nor one that is needed."""
    rotate(site, "kojin-no")
    approval = retire(site, "kojin-no-01").approval
    call = "select vault.kagi_retire(%s, %s, 0, null, 'kanri01', '', '', '')"
    with psycopg.connect(site.url_of("keys"), autocommit=True) as keys:
        for key_id, state in (("kojin-no-01", "KN032"), ("row-01", "KN032")):
            with pytest.raises(psycopg.Error) as refused:
                keys.execute(call, (key_id, approval))
            assert refused.value.sqlstate == state
        approve.decide(site, "kagi", None, "shounin01")
        for key_id, state in (("row-01", "KN032"), ("kojin-no-02", "KN032")):
            with pytest.raises(psycopg.Error) as refused:
                keys.execute(call, (key_id, approval))
            assert refused.value.sqlstate == state
        with pytest.raises(psycopg.Error) as unasked:
            keys.execute("select vault.kagi_kojin_no(1, 0, 10)")
        assert unasked.value.sqlstate == "KN004"


RIGHTS = kit.table("""
| 誰が      | 更新    | 手放す  |
|-----------|---------|---------|
| kanri01   |         |         |
| sousa03   | NP-1083 | NP-1083 |
| shounin01 | NP-1083 | NP-1083 |
| kansa01   | NP-1083 | NP-1083 |
""")


@pytest.mark.parametrize("case", RIGHTS, ids=[str(c["誰が"]) for c in RIGHTS])
def test_鍵を扱える者(base: Site, case: dict[str, str | None]) -> None:
    for job, code in (("keys_rotate", case["更新"]), ("keys_retire", case["手放す"])):
        assert code_of(lambda j=job: run_of(base, j, str(case["誰が"]))) == code  # type: ignore[misc]
