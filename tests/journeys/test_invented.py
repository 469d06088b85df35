"""増築: an invented recipient and an invented dataset enter as files and one registry row each; no Python is touched.

What is written and typed is CONTRIBUTING.md, word by word; a second recipient of another medium, format and 保留 stands below. The command line
runs in processes of its own (``tests/forked.py``), so nothing of this process's definitions is in the way.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import kit
import pytest

from etl.core.codec.decode import Decoder, split
from etl.core.mapping.layout import Arriving, load_layout
from etl.core.mapping.tables import pension_table
from etl.edge import inbox, media
from etl.platform import postgres
from etl.site import Site, open_site
from tests import canary
from tests.journeys.exercise import Block, Exercise, Said, blocks
from tests.paper.papers import cells, labelled

MONTH = ("run", "--period", "2025-09", "--as", "taro", "--json")
NUMBERS = ("000090000012", "000090000020")  # 個人番号 of the page

LOSSES = [
    Block("yaml", False, "mappings/fukushi_soushitsu.yaml", """
dataset: fukushi_soushitsu
title: 国民年金資格喪失情報（福祉課あて・月次）
direction: out
source: invented
status: stand-in
file: {name: "SOUSHITSU_{month:yyyymm}_{version:02}.csv", format: csv, encoding: utf-8, bom: optional, newline: crlf, quote: rfc4180, header: labels}
key: [atena_no, acquired_on]
keep: {file: 30 days, staging: 7 days, rows: permanent}
data:
  - {name: atena_no, label: 宛名番号, type: digits15, required: true}
  - {name: acquired_on, label: 資格取得日, type: date10, required: true}
  - {name: lost_on, label: 資格喪失日, type: date10, required: true}
"""),
    Block("yaml", False, "expectations/fukushi_soushitsu.yaml", """
dataset: fukushi_soushitsu
expectations:
  - {name: required, label: 必須項目, severity: fail, required: all}
"""),
    Block("sql", False, "sql/transfer/fukushi_soushitsu.sql", """-- what:   資格 of the month and when they ended
-- basis:  invented
-- grain:  one 資格, in the order of the file
-- params: month_first, month_last, known_at
select atena_no, acquired_on, lost_on
from pension.shikaku
where recorded_at <= :known_at and (superseded_at is null or superseded_at > :known_at)
    and acquired_on <= :month_last and (lost_on is null or lost_on >= :month_first)
order by atena_no, acquired_on
"""),
    Block("yaml", True, "mappings/transfers.yaml", """
- id: T98-FUKUSHI
  dataset: fukushi_soushitsu
  select: transfer/fukushi_soushitsu
  kind: 移転
  recipient: 福祉課（フラッシュメモリ）
  basis: [invented, invented too]
  purpose: 福祉
  subjects: hihokensha
  items: [atena_no, acquired_on, lost_on]
  job: {name: fukushi_monthly, title: 福祉への喪失情報の移転（月次）, period: month}
  channel: {kind: flash}
  permission: {no: "98", from: 2025-04-01, until: null, checked_on: 2025-04-01}
  promise: [P41]
  holds: {item: lost_on, reason: 喪失日なし, title: 喪失していない資格}
  approval: {kind: fukushi, label: 福祉, days: 7}
  operation: 移転
"""),
]  # fmt: skip


@pytest.fixture(scope="module")
def exercise(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Exercise]:
    made = Exercise(tmp_path_factory.mktemp("exercise"))
    yield made
    postgres.stop(made.home)


@pytest.fixture(scope="module")
def recipient(exercise: Exercise) -> list[Said]:
    """The first fifteen minutes."""
    return exercise.follow("a new recipient")


@pytest.fixture(scope="module")
def dataset(exercise: Exercise, recipient: list[Said]) -> list[Said]:
    """The second."""
    return exercise.follow("a new inbound dataset")


@pytest.fixture(scope="module")
def site(exercise: Exercise, recipient: list[Said]) -> Iterator[Site]:
    """Its database, to look into."""
    made = open_site(exercise.home)
    yield made
    made.engine.dispose()


def month(exercise: Exercise, job: str, *more: str) -> dict[str, Any]:
    said = exercise.run(" ".join(("kokunen", MONTH[0], job, *MONTH[1:], *more)))
    assert said.status == 0, said.err
    return json.loads(said.out)


def outbox(exercise: Exercise, dataset: str) -> Path:
    return exercise.home / "outbox" / dataset / "2025-09"


# ---- a recipient -----------------------------------------------------------------------------------------------------------


def test_移転先_手引の命令は手引のとおりに答える(recipient: list[Said]) -> None:
    assert len(recipient) == 12
    for said in recipient:
        said.check()


def test_移転先_版ごとに本体と完了と書庫と送受書がある(exercise: Exercise, recipient: list[Said]) -> None:
    """No 宛名番号, another key, a CD-R: the archive opens to the very file, whose trailer adds up 基礎年金番号."""
    folder, layout = outbox(exercise, "kaigo_shikaku"), load_layout(exercise.folder / "mappings" / "kaigo_shikaku.yaml")
    names = [f"KAIGO_141305_202509_0{v}{end}" for v in (1, 2) for end in (".dat", ".dat.end", ".zip", "_送受書.xlsx")]
    assert {p.name for p in folder.iterdir()} == {*names, "KAIGO_141305_202509_02_差分一覧.xlsx"}
    lost = {}
    for version in (1, 2):
        path = folder / f"KAIGO_141305_202509_0{version}.dat"
        key = exercise.home / "keys" / "media" / f"{path.stem}.key"
        content = media.unseal(path.with_suffix(".zip"), key.read_text())
        assert content == path.read_bytes() and inbox.receive(path, sys.maxsize).count > 100
        found = split(content, layout, path.name)
        rows = Decoder(layout.data).decode(found.records)
        numbers, acquired, lost_on = (rows.column(n).to_pylist() for n in ("kiso_nenkin_no", "acquired_on", "lost_on"))
        assert (found.header["version"], found.trailer["count"]) == (version, rows.num_rows)
        assert found.trailer["hash_total"] == sum(map(int, numbers)) % 10**18
        keys = list(zip(numbers, acquired, strict=True))
        assert keys == sorted(set(keys))
        lost[version] = dict(zip(keys, lost_on, strict=True))
        slip = labelled(path.with_name(f"{path.stem}_送受書.xlsx"))
        assert {"健康福祉局長寿社会部介護保険課（CD-R）", "CD-R", path.name} <= {str(v) for v in slip.values()}
    changed = [k for k in lost[1] if lost[2].get(k, "gone") != lost[1][k]]
    assert len(changed) == 3 and len(lost[2]) <= len(lost[1])


def test_移転先_媒体台帳と承認と記録(site: Site) -> None:
    media_rows = "select kind, recipient from ledger.medium join ledger.output using (output_id) where dataset = 'kaigo_shikaku' order by version"
    assert kit.query(site, media_rows) == [("CD-R", "健康福祉局長寿社会部介護保険課（CD-R）")] * 2
    decided = kit.query(
        site, "select maker, checker, decision, expires_at::date - made_at::date from ledger.approval where kind = 'kaigo'"
    )
    assert [(*d[:3], d[3] in (14, 15)) for d in decided] == [("taro", "hanako", "approved", True)]
    said = kit.query(
        site, "select operation, user_name from audit.event where object like 'KAIGO%' and operation <> '保管' order by event_id"
    )
    assert said == [("移転", "taro"), ("移転起案", "taro"), ("移転", "taro")]


def test_移転先_同じ内容なら版は増えない(exercise: Exercise, recipient: list[Said]) -> None:
    before = {p.name: p.read_bytes() for p in outbox(exercise, "kaigo_shikaku").iterdir()}
    assert [o["version"] for o in month(exercise, "kaigo_monthly")["outputs"]] == [2]
    assert {p.name: p.read_bytes() for p in outbox(exercise, "kaigo_shikaku").iterdir()} == before
    assert exercise.run("kokunen status --json").out.count('"pending_kaigo": 0') == 1


def test_移転先_過去の時点の状態で同じバイト列ができる(exercise: Exercise, site: Site) -> None:
    moments = kit.query(site, "select version, known_at from ledger.output where dataset = 'kaigo_shikaku' order by version")
    for version, known_at in moments:
        (output,) = month(exercise, "kaigo_monthly", "--as-known-at", known_at.isoformat())["outputs"]
        assert Path(output["path"]).parent.name.startswith("reproduced-")
        assert (
            Path(output["path"]).read_bytes()
            == (outbox(exercise, "kaigo_shikaku") / f"KAIGO_141305_202509_0{version}.dat").read_bytes()
        )
    assert len(kit.query(site, "select from ledger.output where dataset = 'kaigo_shikaku'")) == len(moments) == 2


def test_別の移転先_CSVとフラッシュメモリと別の項目の保留(exercise: Exercise, recipient: list[Said]) -> None:
    """The door knows channels and formats, no recipient. A row that comes to a house that works lets nothing leave until two people agreed to it."""
    for block in LOSSES:
        exercise.write(block)
    assert exercise.run("kokunen init").status == 0
    run = " ".join(("kokunen", MONTH[0], "fukushi_monthly", *MONTH[1:], "--business-day"))
    assert "NP-4172" in exercise.run(f"{run} 2025-10-01").err
    for command in ("registry propose --as taro --reason 新しいあて先", "approve tourokubo --all --as hanako"):
        assert exercise.run(f"kokunen {command}").status == 0
    (entry,) = json.loads(exercise.run("kokunen registry list --json").out)["entries"]
    (output,) = month(exercise, "fukushi_monthly", "--business-day", entry["from_on"])["outputs"]
    path = Path(output["path"])
    heads, *rows = kit.read_csv(path.read_bytes())
    assert heads == ["宛名番号", "資格取得日", "資格喪失日"] and len(rows) == output["rows"] > 0
    assert all(lost_on for _, _, lost_on in rows)
    assert (
        media.unseal(path.with_suffix(".zip"), (exercise.home / "keys" / "media" / f"{path.stem}.key").read_text())
        == path.read_bytes()
    )
    slip = labelled(path.with_name(f"{path.stem}_送受書.xlsx"))
    assert {"フラッシュメモリ", "invented; invented too"} <= {str(v) for v in slip.values()}
    held = cells(path.with_name(f"{path.stem}_保留一覧.xlsx"))
    assert ["宛名番号", "資格取得日", "理由"] in held and len([row for row in held if row[-1] == "喪失日なし"]) > 100
    assert [o["version"] for o in month(exercise, "fukushi_monthly")["outputs"]] == [1]
    assert "未決裁（福祉）: 0" in exercise.run("kokunen status").out


# ---- an inbound dataset ----------------------------------------------------------------------------------------------------


def test_受入_手引の命令は手引のとおりに答える(dataset: list[Said]) -> None:
    assert len(dataset) == 7
    for said in dataset:
        said.check()


def test_受入_表は手引のとおりの下書きから(exercise: Exercise, dataset: list[Said]) -> None:
    layout = load_layout(exercise.folder / "mappings" / "shogai_techou.yaml")
    assert isinstance(layout, Arriving)
    (migration,) = (b for b in blocks("a new inbound dataset") if b.language == "sql")
    assert pension_table(layout, "shogai_techou") in migration.text
    assert dataset[0].out.rstrip() == pension_table(layout, "shogai_techou")


def test_受入_台帳と行と隔離(site: Site, dataset: list[Said]) -> None:
    outcomes = "select outcome, coalesce(code, ''), data_count, new_count, quarantined_count from ledger.file where dataset = 'shogai_techou' order by file_id"
    assert kit.query(site, outcomes) == [("accepted", "", 3, 3, 0), ("accepted", "", 1, 0, 1)]
    assert kit.query(site, "select count(*) from ledger.object where dataset = 'shogai_techou' and cleared_at is not null") == [
        (2,)
    ]
    assert not list((site.inbox / "shogai_techou").iterdir())
    rows = kit.query(site, "select row_key, koufu_on::text, kojin_id is null from pension.shogai_techou order by 1")
    assert rows == [("00000001", "2024-04-01", False), ("00000002", "2024-05-01", False), ("00000003", "2024-06-01", True)]
    quarantine = "select line, fields, kinds, row_cipher is not null from ledger.quarantine join ledger.file using (file_id) where dataset = 'shogai_techou'"
    assert kit.query(site, quarantine) == [(2, ["koufu_on"], ["not_a_day"], True)]
    comment = "select col_description('pension.shogai_techou'::regclass, 2), obj_description('pension.shogai_techou'::regclass)"
    assert kit.query(site, comment) == [("手帳番号", "障害者手帳")]


def test_受入_個人番号は保管庫だけにある(exercise: Exercise, site: Site, dataset: list[Said]) -> None:
    """The vault's id stands in the row; the number itself is in no table, log, list or answer."""
    stored = "select t.techou_no, v.hmac from pension.shogai_techou as t join vault.kojin_no as v using (kojin_id) order by 1"
    digests = site.keys.matcher().digests([number.encode() for number in NUMBERS])
    assert [(no, bytes(digest)) for no, digest in kit.query(site, stored)] == [
        (f"0000000{n}", d) for n, d in enumerate(digests, 1)
    ]
    texts = {f"{n} {said.command}": said.out + said.err for n, said in enumerate(dataset)}
    canary.assert_clean(NUMBERS, texts=texts, urls=[postgres.urls(exercise.home)["owner"]])
    canary.assert_clean(NUMBERS, paths=[exercise.home / "outbox", exercise.home / "pg" / "server.log"])


def test_手引の言葉は用語集に足りる(exercise: Exercise, dataset: list[Said]) -> None:
    said = exercise.run('python -c "from etl.core.mapping import terms; print(terms.missing())"')
    assert (said.out, said.err) == ("[]\n", "")
