"""What a recipient of 都度の移転 would hold: acts on the records of the house, the files of a day applied one after the other, and what may be known."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from typing import Any

import kit
from kit import no
from sqlalchemy import Connection, text

from etl import jobs
from etl.core.mapping.layout import leaving
from etl.core.receipts import Changes
from etl.run import receipt
from etl.site import Site

Line = dict[str, Any]
SAITEI = "pension.saitei_rorei"
#: act -> statements with the parameters p (person), a, b, c; each is what an approval does: a version ends, another begins
ACTS = {
    "取得": ["insert into pension.shikaku (atena_no, kiso_nenkin_no, shubetsu_code, acquired_on, shutoku_jiyu_code, row_key)"
             " values (:p, :k, '1', cast(:a as date), '01', :p || '-' || :k || '-' || :a)"],
    "喪失": ["{shikaku} select {cols}, cast(:a as date), '58', null from old"],
    "喪失訂正": ["{shikaku} select {cols}, null, null, null from old"],
    "取消": ["update pension.shikaku set superseded_at = clock_timestamp() where atena_no = :p and superseded_at is null"],
    "種別": ["{shikaku} select atena_no, kiso_nenkin_no, :a, acquired_on, shutoku_jiyu_code, cast(:b as date), row_key, lost_on,"
             " soushitsu_jiyu_code, null from old"],
    "取得日訂正": ["update pension.shikaku set superseded_at = clock_timestamp() where atena_no = :p and superseded_at is null",
                   "insert into pension.shikaku (atena_no, kiso_nenkin_no, shubetsu_code, acquired_on, shutoku_jiyu_code, row_key)"
                   " values (:p, :k, '1', cast(:a as date), '01', :p || '-' || :k || '-' || :a)"],
    "備考": ["{shikaku} select {cols}, lost_on, soushitsu_jiyu_code, :a from old"],
    "免除": ["{menjo} select :k, :a, cast(:b || '-01' as date), cast(:c || '-01' as date), '02', null, :k || :a || :b, true from (select count(*) from old) as ended"],
    "免除受付": ["{menjo} select :k, :a, cast(:b || '-01' as date), cast(:c || '-01' as date), null, null, :k || :a || :b, false from (select count(*) from old) as ended"],
    "免除却下": ["{menjo} select :k, :a, cast(:b || '-01' as date), cast(:c || '-01' as date), '04', null, :k || :a || :b, true from (select count(*) from old) as ended"],
    "免除消滅": ["{menjo} select kiso_nenkin_no, menjo_code, from_month, to_month, saitei_kekka_code, cast(:c as date), row_key, true from old"],
    "付加": ["{fuka} select :k, cast(:a as date), null, :k || :a from (select count(*) from old) as ended"],
    "付加脱退": ["{fuka} select kiso_nenkin_no, kanyu_on, cast(:b as date), row_key from old"],
    "裁定": ["{saitei} select :p, :k, '51', :a, cast(:b as date), null, :p || :a || :b from (select count(*) from old) as ended"],
    "裁定結果": ["{saitei} select :p, :k, '51', :a, cast(:b as date), :c, :p || :a || :b from (select count(*) from old) as ended"],
}  # fmt: skip
_OLD = "update pension.{0} set superseded_at = clock_timestamp() where superseded_at is null and {1} returning *"
_FILLED = {
    "{shikaku}": f"with old as ({_OLD.format('shikaku', 'atena_no = :p')}) insert into pension.shikaku (atena_no, kiso_nenkin_no,"
                 " shubetsu_code, acquired_on, shutoku_jiyu_code, shubetsu_henkou_on, row_key, lost_on, soushitsu_jiyu_code, soushitsu_riyu)",
    "{cols}": "atena_no, kiso_nenkin_no, shubetsu_code, acquired_on, shutoku_jiyu_code, shubetsu_henkou_on, row_key",
    "{menjo}": f"with old as ({_OLD.format('menjo', 'row_key = :k || :a || :b')}) insert into pension.menjo"
               " (kiso_nenkin_no, menjo_code, from_month, to_month, saitei_kekka_code, shoumetsu_on, row_key, kettei_flag)",
    "{fuka}": f"with old as ({_OLD.format('fuka', 'row_key = :k || :a')}) insert into pension.fuka"
              " (kiso_nenkin_no, kanyu_on, dattai_on, row_key)",
    "{saitei}": f"with old as ({_OLD.format('saitei_rorei', 'row_key = :p || :a || :b')}) insert into pension.saitei_rorei"
                " (atena_no, kiso_nenkin_no, todoke_code, nenkin_code, uketsuke_on, kekka_code, row_key)",
}  # fmt: skip


def act(site: Site, *acts: str) -> None:
    """``取得 1 2015-04-01`` and so on: each in a transaction of its own."""
    for said in acts:
        word, person, *more = said.split()
        params = {
            "p": no(int(person)),
            "k": kit.kiso(int(person)),
            **dict.fromkeys("abc"),
            **dict(zip("abc", more, strict=False)),
        }
        for statement in ACTS[word]:
            filled = statement
            for place, ours in _FILLED.items():
                filled = filled.replace(place, ours)
            with owner(site) as connection:
                connection.execute(text(filled), params)


@contextmanager
def owner(site: Site) -> Iterator[Connection]:
    """The connection of the database's owner, for one transaction."""
    kit.query(site, "select 1")
    with vars(site)[kit.OWNER].begin() as connection:
        yield connection


def day(site: Site, on: date, user: str = "sousa01") -> Changes:
    """The step ``changes`` of a day."""
    run_id = jobs.start(site, "iten_event", on.isoformat(), user, None)
    jobs.step(site, run_id, "changes")
    found = receipt(site, run_id, Changes)
    assert found
    return found


def lines(found: Changes) -> dict[str, list[Line]]:
    """dataset -> the lines of its file, read again."""
    read = {}
    for output in found.outputs:
        layout = leaving()[output.dataset]
        read[output.dataset] = kit.csv_file(Path(output.path), layout).table.drop_columns("line").to_pylist()
    return read


class Recipient:
    """One that applies what it gets: nothing is added twice, nothing changed or taken back that it has not."""

    def __init__(self, dataset: str) -> None:
        self.key = leaving()[dataset].key
        self.has: dict[tuple[Any, ...], Line] = {}

    def apply(self, told: list[Line]) -> None:
        for line in told:
            key = tuple(line[name] for name in self.key)
            content = {k: v for k, v in line.items() if k not in ("koshin_kbn", "operator_id", "operated_on", "operated_time")}
            if line["koshin_kbn"] == "3":
                assert self.has.pop(key) == content, "it takes back what it gave"
            else:
                assert (key in self.has) == (line["koshin_kbn"] == "2")
                assert self.has.get(key) != content, "nothing is told twice"
                self.has[key] = content
