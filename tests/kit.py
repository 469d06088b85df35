"""The tests' own tools: pipe tables, inbound files written from a few named cells, whole runs."""

from __future__ import annotations

import csv
import io
import tempfile
from collections.abc import Callable
from datetime import date, datetime
from pathlib import Path
from typing import Any

import numpy as np
import psycopg
import pyarrow as pa

from etl import approve, jobs
from etl.core.codec import csvtext
from etl.core.codec.columns import arrow_schema, from_values
from etl.core.codec.csvtext import CsvRows
from etl.core.codec.decode import Decoder, JpsFile, read_jps, split
from etl.core.codec.digits import make_kojin_no
from etl.core.codec.encode import encode_csv, encode_fixed, encode_jps, end_file, totals
from etl.core.errors import KokunenError
from etl.core.mapping import registry
from etl.core.mapping.layout import Layout, layouts
from etl.core.mapping.names import format_name
from etl.hokan import reading
from etl.platform import postgres
from etl.result import result
from etl.site import Site

CITY = "141305"
DAY = date(2025, 9, 24)

#: what a row of 住民異動連携 has unless a test says otherwise
RESIDENT: dict[str, Any] = {
    "shichoson_code": CITY, "ku_code": "141313", "rireki_no": 1, "saishin_flag": True, "kojin_no": None,
    "setai_no": "000000050000001", "jumin_shubetsu_code": "1", "jumin_jotai_code": "1", "idou_jiyu_code": "01",
    "idou_on": date(2020, 4, 1), "todokede_on": None, "shori_at": datetime(2025, 9, 24, 9, 0, 0), "name": "架空　一郎",
    "name_kana": "ｶｸｳ ｲﾁﾛｳ", "sex_code": "1", "birth_on": date(1990, 1, 1), "birth_fusho_flag": False, "zokugara_code": "02000000",
    "address": "神奈川県川崎市川崎区架空町１－１", "shien_sochi_flag": False, "shori_teishi_flag": False, "sakujo_flag": False,
}  # fmt: skip

UKETSUKE: dict[str, Any] = {
    "todoke_code": "01", "juri_on": DAY, "uketsuke_ku_code": "141313", "name_kana": "ｶｸｳ ｲﾁﾛｳ", "birth_on": date(1990, 1, 1),
    "sex_code": "1", "honnin_kakunin_code": "1", "nyuryoku_user": "u001", "kakunin_user": "u002", "jotai_code": "1", "rev": 1,
}  # fmt: skip

#: what a row of 処理結果一覧 has unless a test says otherwise
KEKKA: dict[str, Any] = {
    "shichoson_code5": CITY[:5], "tsuchi_code": "70", "birth_on": date(1990, 1, 1), "sex_code": "1", "name_kana": "ｶｸｳ ｲﾁﾛｳ",
    "name": "架空　一郎", "address": "神奈川県川崎市川崎区架空町１－１", "todoke_code": "01", "kekka_code": "01", "henrei_code": "00",
    "shori_on": DAY, "gaitou_on": DAY, "shokken_flag": False,
}  # fmt: skip

#: what a row of 所得照会回答 has unless a test says otherwise
KAITOU: dict[str, Any] = {
    "atena_no": "000000000000001", "soutou_year": 2025, "fuka_year": 2025, "rireki_no": 1, "kaitou_code": "1", "name_kana": "ｶｸｳ ｲﾁﾛｳ",
    "birth_on": date(1990, 1, 1), "sex_code": "1", "address": "神奈川県川崎市川崎区架空町１－１", "goukei_shotoku_yen": 670_000,
}  # fmt: skip


def no(number: int | str) -> str:
    """A 宛名番号 of 15 digits."""
    return f"{int(number):015}"


def kiso(number: int | str) -> str:
    """A 基礎年金番号 of 10 digits."""
    return f"31{int(number):08}"


def kojin_no(number: int) -> str:
    """A synthetic 個人番号: begins with 0000, right check digit."""
    return make_kojin_no(f"0000{number:07}")


def table(text: str) -> list[dict[str, str | None]]:
    """A pipe table: first line names the columns, an empty cell is None."""
    lines = [
        [c.strip() for c in line.strip().strip("|").split("|")]
        for line in text.strip().splitlines()
        if set(line.strip()) - set("|-: ")
    ]
    return [dict(zip(lines[0], (c or None for c in line), strict=True)) for line in lines[1:]]


def day(text: str | None) -> date | None:
    return date.fromisoformat(text) if text else None


def _arrow(record: Any, rows: list[dict[str, Any]]) -> pa.Table:
    return pa.Table.from_arrays(
        [from_values(f, [r.get(f.name) for r in rows]) for f in record.stored], schema=arrow_schema(record)
    )


def put(site: Site, dataset: str, name: str, data: bytes, count: int, end: bool = True) -> Path:
    """A file and its ``.end`` in the inbox."""
    folder = site.inbox / dataset
    folder.mkdir(parents=True, exist_ok=True)
    (folder / name).write_bytes(data)
    if end:
        (folder / f"{name}.end").write_bytes(end_file(name, data, count))
    return folder / name


def original(site: Site, name: str) -> bytes:
    """What came under this name and was taken in: it has left the inbox for the archive."""
    with site.session() as session, tempfile.TemporaryDirectory() as folder:
        reading.store.open_sealed(site, reading.find(session, name).row, Path(folder, name))
        return Path(folder, name).read_bytes()


def come_again(site: Site, name: str) -> Path:
    """Its sender sends it once more, with its ``.end``."""
    ((dataset, count),) = query(
        site, "select dataset, data_count from ledger.file where name = :n and outcome = 'accepted'", n=name
    )
    return put(site, dataset, name, original(site, name), count)


def juki_bytes(rows: list[dict[str, Any]], on: date = DAY, seq: int = 1, version: int = 1, kubun: str = "2") -> bytes:
    """A 住民異動連携 file; each row is RESIDENT with the given cells (``atena_no`` at least)."""
    layout = layouts()["juki_idou"]
    full = [{**RESIDENT, "setainushi_atena_no": r["atena_no"], **r} for r in rows]
    data = _arrow(layout.data, full)
    header = {
        "shichoson_code": CITY, "zenken_idou_kbn": kubun, "business_on": on, "created_at": datetime(on.year, on.month, on.day, 1),
        "seq": seq, "version": version,
    }  # fmt: skip
    return encode_fixed(layout, header, data, {"shichoson_code": CITY, **totals(data)})


def juki(site: Site, rows: list[dict[str, Any]], on: date = DAY, seq: int = 1, version: int = 1, kubun: str = "2") -> Path:
    name = format_name(layouts()["juki_idou"].file.name, city=CITY, business_on=on, seq=seq, version=version)
    return put(site, "juki_idou", name, juki_bytes(rows, on, seq, version, kubun), len(rows))


def uketsuke(site: Site, rows: list[dict[str, Any]], on: date = DAY, seq: int = 1, version: int = 1) -> Path:
    """A 受付情報 file; each row is UKETSUKE with the given cells (``uketsuke_no``, ``atena_no`` at least)."""
    layout = layouts()["uketsuke"]
    data = encode_csv(layout, _arrow(layout.data, [{**UKETSUKE, **r} for r in rows]))
    return put(
        site, "uketsuke", format_name(layout.file.name, city=CITY, business_on=on, seq=seq, version=version), data, len(rows)
    )


def kekka_bytes(rows: list[dict[str, Any]], on: date = DAY, baitai_no: int = 1) -> bytes:
    """A medium of 処理結果一覧 with one group; each row is KEKKA with the given cells."""
    layout = layouts()["kikou_kekka"]
    edge = {"shichoson_code5": CITY[:5], "tsuchi_code": "70", "created_on": on}
    data = _arrow(layout.data, [{**KEKKA, "created_on": on, **r} for r in rows])
    return encode_jps(layout, {"teishutsu_moto_id": CITY[:5], "baitai_no": baitai_no, "created_on": on}, [(edge, data)])


def kekka(site: Site, rows: list[dict[str, Any]], on: date = DAY, baitai_no: int = 1) -> Path:
    name = format_name(layouts()["kikou_kekka"].file.name, created_on=on, baitai_no=baitai_no)
    return put(site, "kikou_kekka", name, kekka_bytes(rows, on, baitai_no), len(rows), end=False)


def kaitou(site: Site, rows: list[dict[str, Any]], on: date = DAY, seq: int = 1, version: int = 1) -> Path:
    """A file of 所得照会回答; each row is KAITOU with the given cells (``shoukai_no`` at least)."""
    layout = layouts()["shotoku_kaitou"]
    data = _arrow(layout.data, [{**KAITOU, **r} for r in rows])
    header = {
        "shichoson_code": CITY, "zenken_idou_kbn": "3", "business_on": on, "created_at": datetime(on.year, on.month, on.day, 21), "seq": seq,
        "version": version,
    }  # fmt: skip
    whole = encode_fixed(layout, header, data, {"shichoson_code": CITY, **totals(data)})
    return put(
        site,
        "shotoku_kaitou",
        format_name(layout.file.name, city=CITY, business_on=on, seq=seq, version=version),
        whole,
        len(rows),
    )


def ikou(site: Site, dataset: str, rows: list[dict[str, Any]], on: date = DAY) -> Path:
    """A 移行 file of ``ikou_<…>``."""
    layout = layouts()[dataset]
    data = encode_csv(layout, _arrow(layout.data, rows))
    return put(site, dataset, format_name(layout.file.name, city=CITY, business_on=on), data, len(rows))


def insured(site: Site, people: list[dict[str, Any]], on: date = DAY) -> None:
    """Migrate 年金基本 and 資格 of these persons (atena_no; acquired_on, lost_on, shubetsu_code … as given) and load them."""
    ikou(
        site,
        "ikou_nenkin_kihon",
        [{"atena_no": p["atena_no"], "kiso_nenkin_no": p.get("kiso_nenkin_no", kiso(p["atena_no"]))} for p in people],
        on,
    )
    default = {"shubetsu_code": "1", "acquired_on": date(2015, 4, 1), "shutoku_jiyu_code": "01"}
    ikou(site, "ikou_shikaku", [{**default, "kiso_nenkin_no": kiso(p["atena_no"]), **p} for p in people], on)
    run(site, "ikou_once", on)


def run(
    site: Site, job: str, period: date | str, user: str = "sousa01", reason: str | None = None, **more: Any
) -> dict[str, Any]:
    """All steps of a job as the command line does; the result object, with ``error`` (a KokunenError or None)."""
    run_id = jobs.start(site, job, str(period), user, reason, **more)
    error: KokunenError | None = None
    for name in registry.jobs()[job].steps:
        try:
            jobs.step(site, run_id, name)
        except KokunenError as raised:
            error = raised
            break
    return {**result(site, run_id), "error": error}


def month(site: Site, period: str = "2025-09", **more: Any) -> dict[str, Any]:
    """A month that has left. Most tests make one before its end, or without its other days: a second person says yes, then it goes."""
    made = run(site, "kokuho_monthly", period, **more)
    if made["error"] or not made["proposals"]:
        return made
    approve_all(site, "kokuho")
    jobs.step(site, made["run_id"], "release")
    return {**result(site, made["run_id"]), "error": None}


def approve_all(site: Site, kind: str = "idou", user: str = "shounin01") -> dict[str, Any]:
    return approve.decide(site, kind, None, user)


def only(result: dict[str, Any]) -> dict[str, Any]:
    """The one file of a result; its error if there was one is in ``result``."""
    assert len(result["files"]) == 1, [f["name"] for f in result["files"]]
    return result["files"][0]


#: of each file of the 移転台帳 whether it left, of how many it says that it told, and of how many that is kept
TOLD = """select o.released_at, k.persons, (select count(*) from ledger.iten_soufu as h where h.output_id = k.output_id)
    from ledger.iten_kiroku as k join ledger.output as o using (output_id) order by k.output_id"""


def query(site: Site, sql: str, **params: Any) -> list[tuple[Any, ...]]:
    """Rows of the test's database, as its owner sees them. The connection stays for the next question (``part``)."""
    from sqlalchemy import text

    from etl.edge import db

    kept = vars(site)
    if OWNER not in kept:
        kept[OWNER] = db.engine(site.url_of("owner"))
    with db.session(kept[OWNER]) as s:
        return [tuple(r) for r in s.connection.execute(text(sql), params)]


OWNER = "_owner_of_the_tests"


def part(site: Site) -> None:
    """Let go of every connection to the Site's database."""
    site.engine.dispose()
    if owner := vars(site).pop(OWNER, None):
        owner.dispose()


_ADMINS: dict[Path, psycopg.Connection] = {}


def admin(house: Path) -> psycopg.Connection:
    """The administrator's connection to the server of a home, kept; made anew when a test has killed the server."""
    try:
        _ADMINS[house].execute("select 1")
    except (KeyError, psycopg.OperationalError):
        leave(house)
        _ADMINS[house] = psycopg.connect(postgres.ensure(house).admin_url, autocommit=True)
    return _ADMINS[house]


def leave(house: Path) -> None:
    """Let go of it."""
    if kept := _ADMINS.pop(house, None):
        kept.close()


def read_csv(data: bytes) -> list[list[str]]:
    return list(csv.reader(io.StringIO(data.decode("utf-8-sig"))))


def csv_file(path: Path, layout: Layout) -> CsvRows:
    """A CSV file, read at once."""
    with path.open("rb") as source:
        return csvtext.read_csv(source, path.name, layout)


def medium(path: Path) -> JpsFile:
    """A medium of 日本年金機構 for our city."""
    return read_jps(np.fromfile(path, np.uint8), layouts()["kikou_kekka"], path.name, CITY[:5])


def rows_of(output: dict[str, Any]) -> list[dict[str, Any]]:
    """The records of a file that left, decoded again."""
    layout = layouts()[output["dataset"]]
    return Decoder(layout.data).decode(split(Path(output["path"]).read_bytes(), layout, "").records).to_pylist()


def code_of(work: Callable[[], object]) -> str | None:
    """The code by which something is refused; None when it is not."""
    try:
        work()
    except KokunenError as error:
        return error.code
    return None
