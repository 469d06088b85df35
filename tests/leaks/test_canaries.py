"""Canary people go through everything that can happen to them; afterwards they are looked for where nobody may be (spec 11).

Some are held, some are out of scope, some have rows with errors. Files are refused, rows contradict each other, database errors are
provoked. What a person reads, what is logged and what lies on disk must not know them; who is out of scope is in no table at all.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path
from typing import Any

import kit
import psycopg
import pytest
from kit import DAY, no

from city.canary import canaries
from etl import cli
from etl.core.errors import KokunenError
from etl.core.mapping.layout import layouts
from etl.edge import suites
from etl.ingest import turn
from etl.platform import postgres
from etl.site import Site
from tests import canary
from tests.faults import damage
from tests.leaks.rows import BORN, answer, intake, result, row

NEXT, THIRD = date(2025, 9, 25), date(2025, 9, 26)
HELD, OUTSIDE, INTAKE = canaries(12)[:4], canaries(12)[4:8], canaries(12)[8:]
DECIDED = canaries(14)[12:]  # only 日本年金機構 knows them
#: 個人番号 and who somebody is: nowhere outside the pension tables (and of those outside: nowhere)
PRIVATE = [n for c in canaries(14) for n in (c.name, c.name_kana, c.kojin_no, c.address, c.tel_no)] + [
    "金糸雀",
    *canary.dates(BORN),
]
#: the pages on which a second person sees whom the decision is about: names, and a birth date that differs
OPEN = ("pending", "pending results", "held answer")
UNWELL = {
    "cut file": 10, "too many bad rows": 10, "approval by the maker": 12, "month without a reason": 12, "reason with a number": 12,
    "cut medium": 10, "unforeseen": 1,
}  # fmt: skip
GONE = [n for c in OUTSIDE for n in c.needles] + [no(1000 + c.number) for c in OUTSIDE]


@pytest.fixture(scope="module")
def kokunen(town: Site) -> Iterator[Callable[..., int]]:
    """The command line on the module's Site; what it prints is kept."""
    patch = pytest.MonkeyPatch()
    patch.setattr("etl.cli.common.ready_site", lambda: town)
    yield lambda *argv: cli.main([*argv])
    patch.undo()


@pytest.fixture(scope="module")
def after(town: Site, kokunen: Callable[..., int], owner_url_of: Callable[[Site], str]) -> canary.Said:
    """Everything, once; then all that was said."""
    said = canary.Said()
    with canary.Listening(said) as listen:
        suites.preload()
        listen("preload")
        for about, argv in _month(town):
            said.statuses[about] = kokunen(*argv)
            listen(about)
        _provoke(town, owner_url_of(town), kokunen, said)
        said.statuses["unforeseen"] = _unforeseen(kokunen)
        listen("provoked")
    return said


def _month(site: Site) -> Iterator[tuple[str, tuple[str, ...]]]:
    """The commands of a month, each after its files were put into the inbox."""
    operator, approver = ("--as", "sousa01"), ("--as", "shounin01")
    kihon = [{"atena_no": no(1000 + c.number), "kiso_nenkin_no": c.kiso_nenkin_no, "tel_no": c.tel_no} for c in HELD]
    kit.ikou(site, "ikou_nenkin_kihon", kihon)
    shikaku = {"shubetsu_code": "1", "acquired_on": date(2015, 4, 1), "shutoku_jiyu_code": "01"}
    kit.ikou(site, "ikou_shikaku", [{"atena_no": k["atena_no"], "kiso_nenkin_no": k["kiso_nenkin_no"], **shikaku} for k in kihon])
    yield "migration", ("run", "ikou_once", "--period", DAY.isoformat(), *operator)

    path = kit.uketsuke(site, [intake(c) for c in INTAKE])
    damage.replace(path, path.read_bytes().replace(INTAKE[3].kojin_no.encode(), b"000000000001"), len(INTAKE))
    yield "intakes", ("run", "uketsuke_daily", "--period", DAY.isoformat(), *operator, "--json")

    path = kit.juki(site, [row(c) for c in (*HELD, *OUTSIDE)], kubun="1", seq=1)
    damage.spoil(path, 4, "name_kana", HELD[3].name_kana[:6].encode("cp932") + b"\x80")  # a held person's bad row
    damage.spoil(path, 8, "sex_code", b"7")  # and one of somebody outside
    yield "register", ("run", "juki_daily", "--period", DAY.isoformat(), *operator)

    whole = kit.juki(site, [row(HELD[0], rireki_no=2)], on=NEXT, seq=2)
    damage.replace(whole, whole.read_bytes()[: 2 * damage.record_bytes("juki_idou") - 31], 1)
    yield "cut file", ("run", "juki_daily", "--period", NEXT.isoformat(), *operator)
    bad = kit.juki(site, [row(c, rireki_no=n) for n in range(2, 8) for c in (*HELD, *OUTSIDE)], on=NEXT, seq=2)
    for n in range(1, 31):
        damage.spoil(bad, n, "birth_on", b"19671103"[:4] + b"1399")
    yield "too many bad rows", ("run", "juki_daily", "--period", NEXT.isoformat(), *operator)
    night = kit.juki(site, [
        row(HELD[0], rireki_no=2, idou_jiyu_code="21", idou_on=date(2025, 9, 20), jumin_jotai_code="2"),
        row(HELD[1], rireki_no=2, katagaki="別館"), row(HELD[1], rireki_no=2),
        row(HELD[0], name=HELD[2].name), row(OUTSIDE[0], rireki_no=2, birth_on=date(1950, 1, 1)),
    ], on=NEXT, seq=2)  # fmt: skip
    same = night.read_bytes()
    yield "night", ("run", "juki_daily", "--period", NEXT.isoformat(), *operator, "--json")
    kit.put(site, "juki_idou", night.name, same, 5)
    yield "again", ("run", "juki_daily", "--period", NEXT.isoformat(), *operator)

    yield "questions", ("run", "juki_shoukai_daily", "--period", NEXT.isoformat(), *operator)
    yield "month", ("run", "kokuho_monthly", "--period", "2025-09", *operator, "--json")
    yield "first month approved", ("approve", "kokuho", "--all", *approver)
    yield "pending", ("approve", "idou", "--list", *approver)
    yield "approval by the maker", ("approve", "idou", "--all", *operator)
    yield "approval", ("approve", "idou", "--all", *approver)
    yield "month without a reason", ("run", "kokuho_monthly", "--period", "2025-09", *operator)
    yield "month again", ("run", "kokuho_monthly", "--period", "2025-09", *operator, "--reason", "資格の変更")
    yield "pending month", ("approve", "kokuho", "--list", "--json", *approver)
    yield "approved month", ("approve", "kokuho", "--all", *approver)
    yield (
        "reason with a number",
        ("run", "kokuho_monthly", "--period", "2025-09", *operator, "--reason", f"確認 {HELD[0].kojin_no}"),
    )
    kit.juki(site, [row(HELD[2], rireki_no=2)], on=NEXT, seq=2, version=2)
    yield "correction", ("run", "juki_daily", "--period", NEXT.isoformat(), *operator)
    yield "approved correction", ("approve", "teisei", "--all", *approver)
    yield "corrected", ("run", "juki_daily", "--period", NEXT.isoformat(), *operator)

    told = [
        result(HELD[1], todoke_code="02", jiyu_code="54"), result(INTAKE[0], uketsuke_no=no(1000 + INTAKE[0].number), birth_on=date(1968, 11, 3)),
        result(DECIDED[0], jiyu_code="01", shokken_flag=True), result(HELD[2], todoke_code="02", jiyu_code="54"),
    ]  # fmt: skip
    path = kit.kekka(site, told, on=NEXT)
    path.write_bytes(path.read_bytes()[:-31])
    yield "cut medium", ("run", "kikou_kekka", "--period", NEXT.isoformat(), *operator)
    path = kit.kekka(site, told, on=NEXT)
    path.write_bytes(path.read_bytes().replace(HELD[2].kojin_no.encode(), b"000000000001"))
    yield "results", ("run", "kikou_kekka", "--period", NEXT.isoformat(), *operator, "--json")
    yield "outcomes", ("export", "kikou_kekka_outcomes", "--period", NEXT.isoformat(), *operator)
    yield "pending results", ("approve", "kikou_kekka", "--list", *approver)
    yield "registration", ("approve", "kikou_kekka", "--all", *approver)
    number = f"{NEXT:%Y%m%d}0000001"
    applies = {"uketsuke_no": no(2000), "atena_no": no(1000 + HELD[1].number), "kiso_nenkin_no": HELD[1].kiso_nenkin_no}
    kit.uketsuke(site, [intake(HELD[1], **applies, todoke_code="41", menjo_code="20", menjo_year=2025)], on=NEXT, seq=2)
    yield "application", ("run", "uketsuke_daily", "--period", NEXT.isoformat(), *operator)
    yield "income asked for", ("run", "shotoku_shoukai_daily", "--period", NEXT.isoformat(), *operator, "--json")
    kit.kaitou(site, [  # one who was asked for with another birthday, and one whom nobody asked for
        {"shoukai_no": number, **answer(HELD[1], birth_on=date(1968, 11, 3))}, {"shoukai_no": number, **answer(OUTSIDE[1])},
    ], on=NEXT)  # fmt: skip
    yield "income", ("run", "shotoku_kaitou_daily", "--period", NEXT.isoformat(), *operator, "--json")
    yield "review", ("list", "menjo_shinsa", "--period", "2025-09", *operator)
    yield "held answer", ("approve", "shotoku_kaitou", "--list", *approver)
    yield "held answer accepted", ("approve", "shotoku_kaitou", "--all", *approver)
    yield "form", ("print", "menjo_shinseisho", "--period", "2025-09", "--uketsuke", no(2000), *operator)
    yield "list", ("list", "uketsuke_shoribo", "--period", "2025-09", *operator)
    yield "who is asked for by number", ("run", "juki_shoukai_daily", "--period", NEXT.isoformat(), *operator)
    yield "what changed", ("run", "iten_event", "--period", NEXT.isoformat(), *operator, "--json")
    yield "what left", ("list", "iten_daichou", "--period", "2025-01", "--to", site.today.isoformat(), *operator)
    yield "to whom", ("transfers", "of", no(1000 + HELD[1].number), *operator, "--reason", "本人からの問合せ", "--paper")
    yield "status", ("status", "--json")


#: what breaks, and how it is mended
BROKEN = {
    "a check that fails": (
        f"alter table pension.atena add constraint no_canary check (name not like '%{HELD[0].name[:4]}%') not valid",
        "alter table pension.atena drop constraint no_canary",
    ),
    "a key that stands twice": (
        "create unique index one_address on pension.atena (address) where rireki_no > 20", "drop index pension.one_address",
    ),
    "a text that is no number": (
        "create function pension.broken() returns trigger language plpgsql as $$ begin perform new.name::integer; return new; end $$;"
        "create trigger broken before insert on pension.atena for each row execute function pension.broken()",
        "drop trigger broken on pension.atena; drop function pension.broken()",
    ),
    "a value that does not fit": (
        "create function pension.broken() returns trigger language plpgsql as $$ begin raise exception 'row % of %', new.atena_no, new.name"
        " using detail = new.address; end $$; create trigger broken before insert on pension.atena for each row execute function pension.broken()",
        "drop trigger broken on pension.atena; drop function pension.broken()",
    ),
}  # fmt: skip


def _provoke(site: Site, owner_url: str, kokunen: Callable[..., int], said: canary.Said) -> None:
    """Each broken thing once by the command line and once as an exception."""
    for number, (about, (break_it, mend)) in enumerate(BROKEN.items()):
        kit.juki(
            site, [row(HELD[0], rireki_no=21), row(HELD[2], rireki_no=22, address=HELD[0].address)], on=THIRD, seq=3, version=1
        )
        with psycopg.connect(owner_url) as owner:
            owner.execute(break_it)  # type: ignore[call-overload]
        status = kokunen("run", "juki_daily", "--period", THIRD.isoformat(), "--as", "sousa01")
        assert status == 11, (about, status)
        error = kit.run(site, "juki_daily", THIRD)["error"]
        assert isinstance(error, KokunenError) and error.code == "NP-1022", about
        for where, text in canary.said(error).items():
            said.add(f"{number} {about} {where}", text)
        with psycopg.connect(owner_url) as owner:
            owner.execute(mend)  # type: ignore[call-overload]


def _unforeseen(kokunen: Callable[..., int]) -> int:
    """A fault of ours whose text holds a value, behind another one."""

    def broken(*_: Any) -> None:
        try:
            raise KeyError(HELD[0].kojin_no)
        except KeyError:
            raise ValueError(f"cannot read {HELD[0].name} {BORN}")  # noqa: B904

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(turn, "duplicate_of", broken)
        return kokunen("run", "juki_daily", "--period", THIRD.isoformat(), "--as", "sousa01")


# ---- what was left where ---------------------------------------------------------------------------------------------------


def test_月の間に起こるべきことが全部起きた(after: canary.Said, town: Site) -> None:
    """Otherwise the silence below would prove nothing."""
    assert {about: status for about, status in after.statuses.items() if status} == UNWELL
    outcomes = {r[0] for r in kit.query(town, "select outcome || coalesce(code, '') from ledger.file")}
    assert outcomes >= {"accepted", "refusedNP-1110", "refusedNP-2012", "duplicateNP-2023", "waitingNP-2022"}
    assert kit.query(town, "select count(*) from ledger.quarantine where row_cipher is not null")[0][0] >= 2
    assert kit.query(town, "select count(*) from vault.kojin_no")[0][0] >= len(HELD) - 1
    assert kit.query(town, "select count(*) from pension.atena where name like '金糸雀台%'")[0][0] >= len(HELD)


def test_画面と記録に出ない(after: canary.Said) -> None:
    opened = {name: text for name, text in after.texts.items() if name.partition(" ")[2] in OPEN}
    canary.assert_clean(PRIVATE, texts={name: text for name, text in after.texts.items() if name not in opened})
    canary.assert_clean([n for c in canaries(14) for n in (c.kojin_no, c.address, c.tel_no)], texts=opened)
    assert len(opened) == len(OPEN) and any(HELD[0].name in text for text in opened.values())


def test_データベースの記録に出ない(after: canary.Said, house: Path) -> None:
    canary.assert_clean(PRIVATE, paths=[house / "pg" / "server.log"])


def test_対象外の者はどの表にも無い(after: canary.Said, town: Site, owner_url_of: Callable[[Site], str]) -> None:
    canary.assert_clean(GONE, urls=[owner_url_of(town)])


def test_個人番号と基本情報は許された表のほかに無い(after: canary.Said, town: Site, owner_url_of: Callable[[Site], str]) -> None:
    canary.assert_clean([c.kojin_no for c in canaries(14)], urls=[owner_url_of(town)])
    canary.assert_clean(PRIVATE, urls=[owner_url_of(town)], allowed=("pension", "staging"))


def test_保管する行は対象外の者のものではない(after: canary.Said, town: Site, owner_url_of: Callable[[Site], str]) -> None:
    """Quarantined rows are kept encrypted, of persons held only; the ciphertexts open with the key and with nothing else."""
    with psycopg.connect(owner_url_of(town)) as owner:
        rows = owner.execute("select key_id, row_cipher from ledger.quarantine where row_cipher is not null").fetchall()
        numbers = owner.execute("select key_id, cipher from vault.kojin_no").fetchall()
    kept = {f"row {n}": town.keys.decrypt(key_id, cipher) for n, (key_id, cipher) in enumerate(rows)}
    canary.assert_clean(GONE, texts=kept)
    assert {town.keys.decrypt(k, c).decode() for k, c in numbers} <= {c.kojin_no for c in (*HELD, *INTAKE, *DECIDED)}


def test_個人番号を含む値の鍵のないハッシュは無い(after: canary.Said, town: Site, owner_url_of: Callable[[Site], str]) -> None:
    """There are so few 個人番号 that a plain hash of one, alone or in a row of which the rest is known, is as good as the number."""
    record = damage.record_bytes("juki_idou")
    plain = [c.kojin_no.encode() for c in canaries(14)]
    names = kit.query(town, "select name from ledger.object where dataset = 'juki_idou' and class = 'C'")
    files = [kit.original(town, name) for (name,) in names] + [p.read_bytes() for p in (town.inbox / "juki_idou").glob("*.dat")]
    assert len(names) > 1
    for data in files:
        rows = [data[at : at + record] for at in range(record, len(data) - record, record)]
        flag = layouts()["juki_idou"].data.field("saishin_flag").slice
        plain += [r[:-2] for r in rows] + [r[: flag.start] + b" " + r[flag.stop : -2] for r in rows]
    kinds = (hashlib.md5, hashlib.sha1, hashlib.sha256, hashlib.sha512, hashlib.blake2b, hashlib.blake2s)
    digests = {
        h for p in plain for k in kinds for h in (k(p).digest(), k(p).digest()[:16], hashlib.blake2b(p, digest_size=16).digest())
    }
    with psycopg.connect(owner_url_of(town)) as owner:
        kept = [
            r[0] for r in owner.execute("select row_hash from pension.atena union select hmac from vault.kojin_no").fetchall()
        ]
    assert len(kept) > len(HELD) and not digests & {bytes(k) for k in kept if k}


def test_取り込んだ原本の平文は_受信フォルダーにも保管庫にも一時フォルダーにも無い(after: canary.Said, town: Site) -> None:
    """What lies in the inbox yet was not taken in; of what is in the archive nothing can be read."""
    taken = {name for (name,) in kit.query(town, "select name from ledger.object where class = 'C'")}
    lying = {p.name for p in town.inbox.rglob("*") if p.is_file()}
    assert len(taken) >= 5 and not taken & {name.removesuffix(".end") for name in lying}
    folders = [p for p in town.home.iterdir() if p.name not in ("inbox", "outbox", "pg")]
    assert {"archive", "keys", "aside"} <= {p.name for p in folders}
    canary.assert_clean([*PRIVATE, *GONE], paths=folders)
    assert not [p for folder in folders for p in folder.rglob("*.part")]


def test_ファイルに残らない(after: canary.Said, town: Site) -> None:
    """Receipts of paper, suites and archives; the outbound files themselves carry what the law lets them carry."""
    lists = {p for p in (town.outbox / "ichiran").rglob("*") if p.is_file()}  # who prints one is recorded; never a 個人番号
    forms = set((town.outbox / "shinseisho").rglob("*.pdf"))  # so is every page of these
    permitted = {*town.outbox.rglob("*.dat"), *town.outbox.rglob("ITEN*.csv")}
    others = [p for p in town.outbox.rglob("*") if p.is_file() and p not in permitted | lists | forms]
    assert {p.suffix for p in lists} == {".xlsx", ".pdf"}
    canary.assert_clean([n for c in canaries(14) for n in (c.kojin_no, c.address, c.tel_no)], paths=lists)
    assert canary.in_paths(forms, [HELD[1].name, HELD[1].address])  # who applied; nobody else, and nobody's 個人番号
    canary.assert_clean(
        [n for c in canaries(14) for n in (c.kojin_no, *((c.name, c.address) if c != HELD[1] else ()))], paths=forms
    )
    assert {p.suffix for p in others} >= {".xlsx", ".txt", ".html", ".zip", ".end"}
    canary.assert_clean(PRIVATE, paths=[*others, town.home / "keys"])
    asked = {p for p in permitted if p.parent.parent.name == "juki_shoukai"}  # who is not held is asked for by number
    needles = [n for c in canaries(14) for n in (c.name, c.name_kana, c.kojin_no, c.address, c.tel_no)]
    assert {p.name[:8] for p in permitted} >= {"ITENJUMN", "ITENSEIH", "ITENJIDO", "KOKUHOHK", "KOKUHOSN"}
    canary.assert_clean(
        [*needles, *canary.dates(BORN)], paths=permitted - asked
    )  # of the five none has a number, a name or an address
    canary.assert_clean([n for n in needles if n != DECIDED[0].kojin_no], paths=asked)
    canary.assert_clean(GONE, paths=[town.outbox])


def test_名前に出ない(after: canary.Said, town: Site) -> None:
    names = "\n".join(str(p) for p in town.outbox.rglob("*"))
    canary.assert_clean([*PRIVATE, *GONE, *(no(1000 + c.number) for c in HELD)], texts={"names": names})


def test_サーバーは値を記録に書かない設定で動く(house: Path) -> None:
    """Errors go to ``etl/platform/server_log.py`` and not past it (tests/faults/test_refusals.py)."""
    settings = ("log_statement", "log_min_duration_statement", "log_min_error_statement", "log_error_verbosity")
    with psycopg.connect(postgres.ensure(house).admin_url) as admin:
        shown = {s: admin.execute("select current_setting(%s)", (s,)).fetchone() for s in settings}
    assert shown == {
        "log_statement": ("none",), "log_min_duration_statement": ("-1",), "log_min_error_statement": ("panic",), "log_error_verbosity": ("terse",),
    }  # fmt: skip
