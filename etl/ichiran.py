"""一覧: lists for people, as xlsx and PDF. What a list shows is ``mappings/ichiran.yaml``, which rows is ``sql/ichiran``.

Every list that is made is recorded (who, when, why, how many rows, its hashes) before it can be found: no record, no list.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from functools import cache
from typing import Any, Literal

from etl.audit import record, shimei4
from etl.core.codec.decode import decode_one
from etl.core.dates import nendo, wareki_month
from etl.core.errors import Refused
from etl.core.law import shinsa
from etl.core.law.kijitsu import kijitsu
from etl.core.law.shintatsu import next_opened, review_ends
from etl.core.mapping import registry
from etl.core.mapping.daichou import registers
from etl.core.mapping.fields import Frozen, Word
from etl.core.mapping.layout import codes, layouts, read_page
from etl.core.mapping.partners import partners
from etl.core.mapping.transfers import transfers
from etl.core.paper import daichou, iten, mishintatsu
from etl.core.paper.cells import cell_text
from etl.core.paper.shinseisho import PROTECTED
from etl.core.paper.soushin import STATES
from etl.core.paper.totsugo import CAUSES, by_cause
from etl.core.paper.totsugo import OUTCOMES as WORDS
from etl.core.receipts.house import List, Listed
from etl.core.states import Operation, Totsugo
from etl.definitions import MAPPINGS
from etl.door import papers
from etl.door.papers import Shelf
from etl.edge import paper, pdf
from etl.run import Run
from etl.site import Site

NO_ATENA = "宛名がないため表示しません"  # whether somebody is protected is not known either
MONTHS = ("from_month", "to_month")
FIRST = {Totsugo.DIFFERS: "の相違", Totsugo.DUPLICATE: "同じ内容"}  # a later result of an intake beside its first
REACHED = ("shutoku", "soushitsu", "rorei")  # ages (mappings/kijitsu.yaml)
OUTCOMES, HELD, HELD_LIST = "kikou_kekka", "shotoku_kaitou", "shotoku_horyuu"


class Column(Frozen):
    """A column: its head, the statement's column, and the code list that gives its words."""

    label: str
    name: str
    codes: str | None = None

    @property
    def labels(self) -> tuple[str, ...]:
        """A code and what it means stand in two columns."""
        return (f"{self.label}コード", self.label) if self.codes else (self.label,)

    def cells(self, value: Any) -> tuple[Any, ...]:
        if self.codes is None:
            return (value,)
        return value, None if value is None else codes(self.codes).get(value, "")


class Ichiran(Frozen):
    """A kind of list; ``by_outcome``: one list for each of these outcomes. ``span``, after a job: the rows of its day (no rows, an empty list),
    or all that are still open, whatever their day (no rows, no list). ``ahead``: it may be about days that are still to come. ``approval``: the
    kind of approval whose pending ones it shows. ``signs``: who signs it. ``person``: it is about one person (``of_person``)."""

    title: str
    rows: str
    columns: tuple[Column, ...]
    notes: tuple[str, ...] = ()
    by_outcome: dict[str, str] | None = None
    span: Literal["day", "open"] = "day"
    approval: Word | None = None
    ahead: bool = False
    signs: tuple[str, ...] = ()
    person: bool = False


@dataclass(frozen=True)
class Part:
    """A part of a list, and the rows that are in it."""

    label: str
    holds: Callable[[dict[str, Any]], bool]


def of_ward(ku: str) -> Part:
    """What a 受付区 has."""
    return Part(codes("uketsuke_ku")[ku], lambda row: row.get("uketsuke_ku_code", row.get("ku_code")) == ku)


def of_recipient(transfer: str) -> Part:
    """What the recipient of a row of the registry got, by all rows that name it."""
    recipient = transfers()[transfer].recipient
    datasets = {row.dataset for row in transfers().values() if row.recipient == recipient}
    return Part(recipient.partition("（")[0], lambda row: row.get("dataset") in datasets)


@cache
def kinds() -> dict[str, Ichiran]:
    """name -> list, of ``mappings/ichiran.yaml``. DefinitionError NP-1101."""
    found: dict[str, Ichiran] = read_page(MAPPINGS / "ichiran.yaml", dict[str, Ichiran])
    return found


def of_job(site: Site, run: Run) -> Listed:
    """The lists that ``jobs.yaml`` names for the run's job."""
    spans = ((name, _span(site, run, name)) for name in registry.jobs()[run.job].lists)
    return Listed(tuple(made for name, span in spans if span for made in make(site, run, name, *span)))


def _span(site: Site, run: Run, name: str) -> tuple[date, date] | None:
    if kinds()[name].span == "day":
        return run.day, run.day
    with site.session() as session:
        days = [row["business_on"] for row in session.rows(f"ichiran/{kinds()[name].rows}", first_on=date.min, last_on=run.day)]
    return (min(days), run.day) if days else None


def make(site: Site, run: Run, name: str, first_on: date, last_on: date, part: Part | None = None) -> list[List]:
    """Make a list (of the day ``last_on``, or of a period; the whole or a part) as xlsx and PDF on their shelf, by period.

    Refused NP-2201 when there is no such list.
    """
    if name not in kinds() or kinds()[name].person:
        raise Refused("NP-2201", item=name)
    kind, ages = kinds()[name], [kijitsu().age(age, last_on) for age in REACHED]
    ahead = json.dumps({name: about.ahead for name, about in registers().items()})
    period: dict[str, Any] = {"business_on": last_on, "first_on": first_on, "last_on": last_on, "ages": ages, "ahead": ahead}
    period["month_end"], period["next_report"] = (
        registers()["baitai"].month_end,
        review_ends(next_opened(min(last_on, site.today))),
    )
    with site.session() as session, papers.recorded(session, site) as sheaf:
        rows = [_shown(site, kind, row) for row in session.rows(f"ichiran/{kind.rows}", **period)]
        rows = [r for r in rows if part is None or part.holds(r)]
        label = part.label if part else ""
        head = _head(first_on, last_on, label)
        shown = {kind.title: rows} if not kind.by_outcome else _by_outcome(kind, rows)
        return [_put(sheaf, run, kind, title + (f"_{label}" if label else ""), found, head) for title, found in shown.items()]


def of_pending(site: Site, run: Run, approval: str) -> list[dict[str, str]] | None:
    """What waits for a second person, by label as it is read; recorded like a list, since it shows persons. None: no list shows this kind."""
    kind = next((kind for kind in kinds().values() if kind.approval == approval), None)
    if kind is None:
        return None
    with site.session() as session, session.transaction():
        rows = [_shown(site, kind, row) for row in session.rows(f"ichiran/{kind.rows}", first_on=date.min, last_on=date.max)]
        record(session, run, Operation.ICHIRAN, f"{run.period}/{kind.title}", {"rows": len(rows)})
    return [{c.label: " ".join(cell_text(v) for v in c.cells(row[c.name])).strip() for c in kind.columns} for row in rows]


def of_person(site: Site, run: Run, name: str, atena_no: str, *, printed: bool) -> tuple[list[dict[str, Any]], List | None]:
    """What a list says of one person, and the list as xlsx and PDF if it is wanted. That somebody looked is recorded with the person's 4情報."""
    kind = kinds()[name]
    with site.session() as session, papers.recorded(session, site) as sheaf:
        rows = [_shown(site, kind, row) for row in session.rows(f"ichiran/{kind.rows}", atena_no=atena_no)]
        made, hashes = _lay(sheaf, run, kind, kind.title, rows, f"宛名番号 {atena_no}", anew=True) if printed else (None, {})
        signs = shimei4(session, site, [atena_no]).get(atena_no)
        record(session, run, Operation.ITEN_SANSHOU, kind.title, {"rows": len(rows), **hashes}, atena_no=atena_no, shimei4=signs)
    return rows, made


def before(site: Site) -> dict[str, Any]:
    """How many files left before it was kept whom each tells of, and until when."""
    with site.session() as session:
        return session.one("ichiran/iten_mae") or {}


def _head(first_on: date, last_on: date, label: str) -> str:
    days = cell_text(last_on) if first_on == last_on else f"{cell_text(first_on)} から {cell_text(last_on)} まで"
    return f"対象 {days}" + (f"　{label}" if label else "")


def _by_outcome(kind: Ichiran, rows: list[dict[str, Any]]) -> dict[str, list[dict[str, Any]]]:
    parts = {title: [r for r in rows if r["outcome"] == outcome] for outcome, title in (kind.by_outcome or {}).items()}
    return {title: part for title, part in parts.items() if part}


def _put(sheaf: papers.Sheaf, run: Run, kind: Ichiran, title: str, rows: list[dict[str, Any]], head: str) -> List:
    """Both files and their record."""
    made, hashes = _lay(sheaf, run, kind, title, rows, head)
    record(sheaf.session, run, Operation.ICHIRAN, f"{run.period}/{title}", {"rows": len(rows), **hashes})
    return made


def _lay(
    sheaf: papers.Sheaf, run: Run, kind: Ichiran, title: str, rows: list[dict[str, Any]], head: str, *, anew: bool = False
) -> tuple[List, dict[str, Any]]:  # fmt: skip
    """Both files, and their hashes. Their record is the caller's."""
    cells = [[cell for column in kind.columns for cell in column.cells(row[column.name])] for row in rows]
    causes = Counter(row["cause"] for row in rows if row.get("cause"))
    notes = (
        kind.notes + ((f"理由別の件数：{'、'.join(by_cause(causes))}",) if causes else ()) + SUMMED.get(kind.rows, _no_sum)(rows)
    )
    labels, lines = [label for column in kind.columns for label in column.labels], papers.heading(run, head)
    xlsx, twin = (made(title, labels, cells, notes, lines, kind.signs) for made in (paper.meisai, pdf.meisai_pdf))
    at = papers.at(sheaf.site, Shelf.ICHIRAN, run.period, f"{title}.xlsx")
    made = [sheaf.put(run, at, xlsx, anew=anew), sheaf.put(run, at.with_name(f"{title}.pdf"), twin, anew=anew)]
    return List(title, str(made[0].path), len(rows)), {"sha256": [paper.sha256 for paper in made]}


def _no_sum(_: list[dict[str, Any]]) -> tuple[str, ...]:
    return ()


def _shown(site: Site, kind: Ichiran, row: dict[str, Any]) -> dict[str, Any]:
    """The row as it is read: a few kinds say more than their statement does."""
    return SHOWN[kind.rows](site, row) if kind.rows in SHOWN else row


def _held(site: Site, row: dict[str, Any]) -> dict[str, Any]:
    """What a held answer says, taken out of its ciphertext, beside what 宛名 says."""
    said = decode_one(layouts()[HELD].data, site.keys.decrypt(row["key_id"], bytes(row["row_cipher"])))
    known, items = row["known"], row["fields"]
    hidden = {"address": PROTECTED} if row["protected"] else {"address": NO_ATENA} if row["name"] is None else {}
    return row | {
        "nendo": nendo(row["soutou_year"]), "place": f"{row['file_name']} 行{row['line']}",
        "item_labels": "\n".join(_label(HELD, i) for i in items),
        "known_values": "\n".join(hidden.get(i) or _value(HELD, i, known) for i in items),
        "said_values": "\n".join(hidden.get(i) or _value(HELD, i, said) for i in items),
    }  # fmt: skip


def _result(_site: Site, row: dict[str, Any]) -> dict[str, Any]:
    """That of a result has the city's data and 日本年金機構's side by side; a later one stands beside what the first said."""
    city, kikou, items = row["city"], row["kikou"], row["items"]
    before = row["first"] if row["first"] and row["outcome"] == Totsugo.DIFFERS else city
    return row | {
        "city_person": _person(city), "kikou_person": _person(kikou), "item_labels": "\n".join(_label(OUTCOMES, i) for i in items),
        "city_values": "\n".join(_value(OUTCOMES, i, before) for i in items), "kikou_values": "\n".join(_value(OUTCOMES, i, kikou) for i in items),
        "remarks": "\n".join(_remarks(row)),
    }  # fmt: skip


def _person(side: dict[str, Any]) -> str:
    sex = codes("sex").get(side["sex_code"] or "", "")
    return "\n".join(
        t
        for t in (
            side["name"],
            side["name_kana"],
            " ".join(t for t in (_value(OUTCOMES, "birth_on", side) if side["birth_on"] else "", sex) if t),
        )
        if t
    )


def _label(dataset: str, item: str) -> str:
    return layouts()[dataset].data.field(item).label


def _value(dataset: str, item: str, side: dict[str, Any]) -> str:
    """The value of a differing item in words; of a 個人番号 only that it is another one."""
    if item == "kojin_no":
        return "（番号が異なる）"
    value = side[item]
    if value is None:
        return "—"
    if item in MONTHS:
        return wareki_month(date.fromisoformat(str(value)))
    if item.endswith("_on"):
        return cell_text(date.fromisoformat(str(value)))
    if isinstance(value, bool):
        return str(int(value))
    known = layouts()[dataset].data.field(item).codes
    return f"{value} {codes(known).get(value, '')}".rstrip() if known else str(value)


def _remarks(row: dict[str, Any]) -> list[str]:
    found = [f"理由：{CAUSES[row['cause']]}"] if row["cause"] else []
    found += [f"保留：{row['hold_reason']}"] if row["hold_reason"] else []
    found += [f"先の結果（{row['first_place']}）と{FIRST[row['outcome']]}"] if row["first"] else []
    found += [f"候補：受付 {row['candidate_no']}（確認待ち）"] if row["candidate_no"] else []
    found += [f"漢字氏名：{row['name_relation']}"] if row["name_relation"] in ("縮退一致", "相違") else []
    return found + ([f"第{row['pass']}段で一致"] if row["uketsuke_no"] and row["pass"] and row["pass"] > 1 else [])


#: statement -> what its rows show beyond their columns
SHOWN: dict[str, Callable[[Site, dict[str, Any]], dict[str, Any]]] = {
    OUTCOMES: _result, "menjo_shinsa": lambda _, row: shinsa.listed(row), HELD_LIST: _held,
    "kekka_kian": lambda _, row: row | {
        "outcome_label": WORDS.get(row["outcome"], ""), "item_labels": "\n".join(_label(OUTCOMES, i) for i in row["items"] or ()),
        **{month: row[month] and wareki_month(row[month]) for month in MONTHS},
    },
    **dict.fromkeys(("daichou_kami", "daichou_baitai", "baitai_tanaoroshi", "daichou_fukusei", "daichou_kigen"), lambda _, row: daichou.listed(row)),
    **dict.fromkeys(("mishintatsu", "shintatsu_kigen"), lambda _, row: mishintatsu.unsent(row)),
    "shintatsu_daichou": lambda _, row: mishintatsu.reported(row),
    **dict.fromkeys(("iten_daichou", "iten_saki"), lambda _, row: iten.listed(row)),
    "mikakunin_soushin": lambda _, row: row | {
        "title_label": layouts()[row["dataset"]].title, "partner_label": partners()[row["partner"]].title, "state_label": STATES[row["state"]],
    },
    "sai_shihyou": lambda _, row: row | {"cause_labels": "\n".join(by_cause(row["causes"]))},
}  # fmt: skip

#: statement -> what is added up below its notes
SUMMED: dict[str, Callable[[list[dict[str, Any]]], tuple[str, ...]]] = {"iten_daichou": iten.totals}
