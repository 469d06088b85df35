"""SQL from mappings: what is made for a small dataset stands here in full; then the rules, one by one."""

from __future__ import annotations

import re
from typing import Any

import kit
import pytest
import yaml

from etl.core.mapping import tables
from etl.core.mapping.layout import Arriving, arriving

PAGE = """
dataset: tiny
title: 小さなファイル
direction: in
source: test
status: stand-in
from: 試験
basis: 試験
file: {name: "TINY_{business_on:yyyymmdd}.csv", format: csv, encoding: utf-8, bom: optional, newline: crlf, quote: rfc4180, header: labels}
key: [no, rev]
keep: {file: 30 days, rows: permanent}
load: {into: {tiny: {title: 小さな表}}, reader: csv, adds: {row_hash: bytes, kouho: flag}, drops: [city_code]}
not_content: [seen_at]
data:
  - {name: no, label: 番号, type: digits9, required: true}
  - {name: rev, label: 改訂番号, type: int}
  - {name: city_code, label: 市, type: digits6, required: true}
  - {name: atena_no, label: 宛名番号, type: digits15, required: true}
  - {name: kojin_no, label: 個人番号, type: kojin_no}
  - {name: born_on, label: 生年月日, type: date10, required: true}
  - {name: seen_at, label: 処理日時, type: ts14}
"""


def page() -> dict[str, Any]:
    return yaml.safe_load(re.sub(r"\bno, ", "'no', ", PAGE))


def layout(**changes: Any) -> Arriving:
    """The page with other words in it."""
    return Arriving.model_validate({**page(), **changes})


# ---- in full ---------------------------------------------------------------------------------------------------------------


def test_受入表() -> None:
    assert tables.staging_table(layout()) == (
        "create unlogged table staging.tiny (\n    line integer,\n    row_hash text,\n    kouho text,\n    no text,\n    rev text,\n    city_code text,\n"
        "    atena_no text,\n    kojin_hmac text,\n    kojin_cipher text,\n    born_on text,\n    seen_at text\n)"
    )


def test_百を超える項目の内容は_つなげた配列() -> None:
    """PostgreSQL gives no function more than 100 arguments."""
    more = [{"name": f"item_{n}", "label": f"項目{n}", "type": "text"} for n in range(150)]
    (array,) = re.findall(
        r"\((jsonb_build_array.*)\)::text as content", tables.rows_view(layout(data=[*page()["data"], *more])), re.DOTALL
    )
    parts = array.split(" || jsonb")
    assert [part.count(",") + 1 for part in parts] == [100, 55] and "item_149" in parts[-1]


def test_型の付いた行() -> None:
    assert tables.rows_view(layout()) == (
        "create view staging.tiny_rows as\nselect\n    line,\n    row_hash::bytea as row_hash,\n    kouho = 't' as kouho,\n    no,\n"
        "    rev::integer as rev,\n    atena_no,\n    kojin_hmac::bytea as kojin_hmac,\n    kojin_cipher::bytea as kojin_cipher,\n"
        "    born_on::date as born_on,\n    seen_at::timestamp as seen_at,\n    no || '-' || coalesce(rev::integer::text, '') as row_key,\n"
        "    jsonb_build_array(\n        no,\n        rev::integer,\n        atena_no,\n        kojin_hmac::bytea,\n        born_on::date\n    )::text as content\n"
        "from staging.tiny"
    )


def test_今ある行() -> None:
    assert tables.held_view(layout()) == (
        "create view staging.tiny_held as\nselect t.row_key, t.tiny_id as row_id, t.file_version, jsonb_build_array(\n        t.no,\n        t.rev,\n"
        "        t.atena_no,\n        v.hmac,\n        t.born_on\n    )::text as content\nfrom pension.tiny as t\n"
        "left join vault.kojin_no as v on v.kojin_id = t.kojin_id\nwhere t.superseded_at is null"
    )


def test_入る行() -> None:
    assert tables.entering_view(layout()) == (
        "create view staging.tiny_entering as\nselect\n    s.line,\n    s.no,\n    s.rev,\n    s.atena_no,\n    k.kojin_id,\n    s.born_on,\n    s.row_hash,\n"
        "    s.row_key,\n    'tiny' as target\nfrom staging.tiny_rows as s\n"
        "left join vault.kojin_no as k on k.atena_no = s.atena_no and k.hmac = s.kojin_hmac"
    )


def test_注記() -> None:
    assert list(tables.comments(layout())) == [
        "comment on table pension.tiny is '小さな表'",
        "comment on column pension.tiny.no is '番号'",
        "comment on column pension.tiny.rev is '改訂番号'",
        "comment on column pension.tiny.atena_no is '宛名番号'",
        "comment on column pension.tiny.kojin_id is '個人番号（vault の参照番号）'",
        "comment on column pension.tiny.born_on is '生年月日'",
    ]


def test_残る表の下書き() -> None:
    assert tables.pension_table(layout(), "tiny") == (
        "create table pension.tiny (\n    tiny_id bigint generated always as identity primary key,\n    no text not null,\n    rev integer,\n"
        "    atena_no text not null,\n    kojin_id bigint,\n    born_on date not null,\n    row_hash bytea not null,\n    row_key text not null,\n"
        "    file_id bigint,\n    line integer,\n    file_version smallint not null default 1,\n    approval_id bigint,\n"
        "    recorded_at timestamptz not null default now(),\n    superseded_at timestamptz,\n    superseded_by_file bigint\n)"
    )


# ---- the rules -------------------------------------------------------------------------------------------------------------

TYPES = kit.table("""
| 型       | 列        |
|----------|-----------|
| digits15 | text      |
| text     | text      |
| hankaku  | text      |
| flag     | boolean   |
| int      | integer   |
| year     | integer   |
| yen      | bigint    |
| date8    | date      |
| date10   | date      |
| wareki7  | date      |
| month    | date      |
| month7   | date      |
| ts14     | timestamp |
| kojin_no | text      |
""")


@pytest.mark.parametrize("case", TYPES, ids=[c["型"] for c in TYPES])
def test_項目の型が列の型を決める(case: dict[str, str]) -> None:
    field = layout().data.fields[0].model_copy(update={"type": case["型"]})
    assert tables.sql_type(field) == case["列"]


def test_キーは受け入れた文字をつなぐ() -> None:
    """Numbers are cast, so ``01`` and ``1`` are one key; a part that may be missing counts as ''."""
    assert tables.row_key(layout(key=["no"])) == "no"
    assert tables.row_key(layout(key=["no", "born_on"])) == "no || '-' || born_on"


def test_無いことのある項目は空の文字とみなす() -> None:
    assert tables.row_key(layout(key=["no", "rev"])) == "no || '-' || coalesce(rev::integer::text, '')"


def test_キーが無ければ比べるものも無い() -> None:
    """A row is what its file and line are."""
    plain = layout(key=[])
    assert tables.held_view(plain) is None
    assert "row_key" not in tables.rows_view(plain) and "content" not in tables.rows_view(plain)
    assert "cast(null as text) as row_key" in tables.entering_view(plain)
    assert not any("tiny_held" in text for text in tables.generated(plain))


def split_by(**into: list[str]) -> Arriving:
    """A dataset whose rows enter several tables by the item ``no``."""
    load = {"into": {name: {"title": name, "only": codes} for name, codes in into.items()}, "by": "no", "reader": "csv"}
    return layout(load=load)


def test_二つの表のどちらに入るかは項目による() -> None:
    """The table without codes takes what is left; without such a table a row of another code enters none."""
    rest = split_by(one=["1", "3"], other=[])
    assert "case\n        when s.no in ('1', '3') then 'one'\n        else 'other'\n    end as target" in tables.entering_view(
        rest
    )
    none = split_by(one=["1"], two=["2"])
    assert (
        "case\n        when s.no in ('1') then 'one'\n        when s.no in ('2') then 'two'\n    end as target"
        in tables.entering_view(none)
    )
    for made in (rest, none):
        held = tables.held_view(made) or ""
        assert held.count("\nunion all\n") == 1 and all(f"from pension.{table} as t" in held for table in made.load.into)
        assert len([c for c in tables.comments(made) if c.startswith("comment on table")]) == 2


def test_残りを取る表は一つだけ() -> None:
    for wrong in ({"one": [], "other": []}, {"one": ["1"]}):
        with pytest.raises(ValueError, match="several tables"):
            split_by(**wrong)


def test_誰のものか言わない行の個人番号は番号だけで探す() -> None:
    fields = [f for f in page()["data"] if f["name"] != "atena_no"]
    nobody = layout(data=fields)
    assert tables.has_number(nobody) and not tables.of_persons(nobody)
    assert "where hmac = s.kojin_hmac order by atena_no nulls last, kojin_id limit 1" in tables.entering_view(nobody)


def test_個人番号の無い行は保管庫を見ない() -> None:
    fields = [f for f in page()["data"] if f["name"] != "kojin_no"]
    assert not tables.has_number(layout(data=fields))
    assert "vault" not in "".join(tables.generated(layout(data=fields)))


@pytest.mark.parametrize("dataset", arriving())
def test_どの受入も個人番号を平文で置かない(dataset: str) -> None:
    text = "\n".join(tables.generated(arriving()[dataset]))
    assert "kojin_no text" not in text and "kojin_no," not in text.replace("vault.kojin_no", "")
