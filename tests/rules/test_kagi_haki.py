"""鍵の破棄: 要る鍵は捨てられず、控えの期間の間も捨てられない。捨てるには二人が要り、捨てた鍵では何も書けない。"""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import kit
import psycopg
import pytest
from kit import code_of

from etl import approve, kagi
from etl.cli import common, main
from etl.core.mapping import registry
from etl.core.mapping.keep import Period
from etl.site import Site, keys_used
from tests.conftest import copied
from tests.rules.kagi import at, clear, fill, night, retire, rotate, run_of


@pytest.fixture(scope="module")
def base(town: Site) -> Site:
    return fill(town)


@pytest.fixture
def site(base: Site, house: Path, tmp_path: Path) -> Iterator[Site]:
    with copied(house, base, tmp_path / "copy") as made:
        yield made


# ---- 鍵を手放す -------------------------------------------------------------------------------------------------------------------


def test_要る鍵も今の鍵も決まった鍵も手放せない(site: Site) -> None:
    for key_id, code in (
        ("kojin-no-01", "NP-3293"),
        ("row-hash-01", "NP-3293"),
        ("backup-01", "NP-3293"),
        ("kojin-no-09", "NP-3291"),
    ):
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


# ---- 命令 ------------------------------------------------------------------------------------------------------------------------

COMMANDS = kit.table("""
| 事例                 | 誰が      | 命令                                   | 終了 | 言うこと                          |
|----------------------|-----------|----------------------------------------|------|-----------------------------------|
| 一覧                 | kanri01   | keys list                              | 0    | kojin-no-hmac-01     固定  個人番号 |
| 更新                 | kanri01   | keys rotate kojin-no --reason 年次     | 0    | 新しい鍵は kojin-no-02 です       |
| 操作者が更新         | sousa03   | keys rotate row                        | 12   | NP-1083                           |
| 決まった鍵の更新     | kanri01   | keys rotate row-hash                   | 2    | NP-1001                           |
| 更新の後の一覧       | kanri01   | keys list                              | 0    | kojin-no-01          旧　  要するものなし |
| 控えの期間の間の破棄 | kanri01   | keys retire kojin-no-01                | 12   | NP-3293                           |
| 要る鍵の破棄         | kanri01   | keys retire row-01                     | 12   | NP-3293                           |
| ない鍵の破棄         | kanri01   | keys retire himitsu                    | 12   | NP-3291                           |
| 操作者が破棄         | sousa03   | keys retire kojin-no-01                | 12   | NP-1083                           |
""")


def test_命令(site: Site, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr(common, "ready_site", lambda: site)
    for case in COMMANDS:
        monkeypatch.setenv("KOKUNEN_TOKEN", f"token of {case['誰が']}")
        try:
            ended = main(str(case["命令"]).split())
        except SystemExit as usage:
            ended = int(usage.code or 0)
        said = "".join(capsys.readouterr())
        assert (ended, str(case["言うこと"]) in said) == (int(str(case["終了"])), True), (case["事例"], said)
    real = registry.hokan()
    gone = real.classes["H"].model_copy(update={"keep": Period(0, "days")})  # no copy of before is kept any more
    monkeypatch.setattr(registry, "hokan", lambda: real.model_copy(update={"classes": {**real.classes, "H": gone}}))
    monkeypatch.setenv("KOKUNEN_TOKEN", "token of kanri01")
    assert main(["keys", "retire", "kojin-no-01", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["gone"] is False
    monkeypatch.setenv("KOKUNEN_TOKEN", "token of shounin01")
    assert main(["approve", "kagi", "--list"]) == 0 and "鍵 kojin-no-01 の破棄" in capsys.readouterr().out
    assert main(["approve", "kagi", "--all"]) == 0
    monkeypatch.setenv("KOKUNEN_TOKEN", "token of kanri01")
    capsys.readouterr()
    assert main(["keys", "retire", "kojin-no-01"]) == 0 and "手放し" in capsys.readouterr().out
    assert main(["keys", "list", "--json"]) == 0
    keys = {key["key_id"]: key for key in json.loads(capsys.readouterr().out)["keys"]}
    assert (keys["kojin-no-01"]["retired"], keys["kojin-no-01"]["there"], keys["kojin-no-02"]["newest"]) == (True, False, True)
