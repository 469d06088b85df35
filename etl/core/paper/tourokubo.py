"""登録簿を読む言葉: a row of the registry as people read it, a change of it in the form of 別添3 of the 評価書 (変更前・変更後), and the 取扱マニュアル:
to whom, for what purpose, how (P80).

A row is read as it was agreed to (``Transfer.text``): one of before need not be one that the program of now would take.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import date
from typing import Any

from etl.core.dates import wareki
from etl.core.mapping.city import city
from etl.core.mapping.layout import leaving
from etl.core.mapping.partners import partners
from etl.core.mapping.promises import promises
from etl.core.mapping.transfers import Transfer
from etl.core.paper.shinseisho import Form, Table

MANUAL, CHANGES = "特定個人情報の移転等　取扱マニュアル", "別添3　変更箇所"
CHANGE_HEADS = ("変更日", "項目", "変更前の記載", "変更後の記載", "提出時期", "提出時期に係る説明")
CHANGE_NOTES = (
    "移転等の登録簿（mappings/transfers.yaml）のうち、有効なものと違うところです。",
    "提出時期（事前・事後）は、重要な変更に当たるかを確かめて記入します。",
)
LIST_HEADS = ("番号", "あて先", "事項", "内容")
NONE, BEGUN, GONE = "―", "（新規）", "（削除）"
ON_APPROVAL = "承認の翌開庁日"
SUBJECTS = {
    "hihokensha": "国民年金の被保険者（資格のある者。取り消す行は、あった者）。世帯主・配偶者・受給権者は含まない",
    "taisho": "保有の対象者のうち宛名のない者（受付の本人・世帯主・配偶者、被保険者、受給権者、宛名番号の分からない処理結果）",
    "shotoku_needed": "受付中の免除等の申請・届出に所得が要る者（本人・配偶者・世帯主）",
}
CHANNELS = {"sftp": "システム連携基盤（SFTP）", "flash": "フラッシュメモリ（暗号化・送受書）", "cd-r": "CD-R（暗号化・送受書）"}
RULES = (
    "この表にないあて先・項目・対象者・方法では出しません。出そうとしても機械が断り、断ったことを記録します。",
    "変えるときは登録簿を改め、起案した者とは別の職員の承認を受けます。承認の翌開庁日から有効です。",
    "許可の期間の終わる 60 日前から、今の状態と処理結果表で知らせます。終わった後は出ません。",
)
LABEL = 0.2
Said = Mapping[str, Any]


def read(text: str) -> dict[str, Any]:
    """What was agreed to."""
    found: dict[str, Any] = json.loads(text)
    return found


def _labels(said: Said, names: list[str]) -> str:
    layout = leaving().get(said["dataset"])
    labels = layout.labels if layout else {}
    return "、".join(labels.get(name, name) for name in names)


def _data(said: Said) -> str:
    layout = leaving().get(said["dataset"])
    return f"{layout.title if layout else NONE}（{said['dataset']}）"


def _timing(said: Said) -> str:
    jobs = [said[name] for name in ("job", "monthly") if said.get(name)]
    return "\n".join(f"{job['title']}（{job['name']}）" + _needs(job) for job in jobs)


def _needs(job: Said) -> str:
    return f"　先に取り込むもの {'、'.join(job['needs'])}" if job.get("needs") else ""


def _channel(said: Said) -> str:
    kind, to = said["channel"]["kind"], said["channel"].get("to")
    return str(CHANNELS.get(kind, kind)) + (
        f"　相手先 {partners()[to].title if to in partners() else NONE}（{to}）" if to else ""
    )


def _span(said: Said) -> str:
    since, until = said["permission"]["from"], said["permission"].get("until")
    return f"{_day(since)} から{f' {_day(until)} まで' if until else '（終わりの定めなし）'}"


def _approval(said: Said) -> str:
    if about := said.get("approval"):
        return f"2回目以降の版と、ひとりでに出せない最初の版は、別の職員の承認（{about['label']}、{about['days']} 日以内）"
    return "業務日が離れた実行のときは、別の職員の承認" if said["kind"] == "照会" else NONE


def _holds(said: Said) -> str:
    about = said.get("holds")
    return f"{_labels(said, [about['item']])}のない行は出さない（{about['reason']}、{about['title']}）" if about else NONE


def _promises(said: Said) -> str:
    known = {f"P{promise.no}": promise.promise for promise in promises()}
    return "\n".join(f"{no}　{known.get(no, '')}" for no in said.get("promise", ())) or NONE


def _day(text: str) -> str:
    return wareki(date.fromisoformat(text))


#: label -> how it is read, with the items of the row that it reads
WORDS: dict[str, tuple[tuple[str, ...], Callable[[Said], str]]] = {
    "区分": (("kind",), lambda s: str(s["kind"])),
    "あて先": (("recipient",), lambda s: str(s["recipient"])),
    "法令上の根拠": (("basis",), lambda s: "\n".join(s["basis"])),
    "利用の目的": (("purpose",), lambda s: str(s["purpose"])),
    "対象者": (("subjects",), lambda s: str(SUBJECTS.get(s["subjects"], s["subjects"]))),
    "項目": (("items",), lambda s: _labels(s, s["items"])),
    "個人番号": (("kojin_no",), lambda s: "含む（宛名番号の分からない者を尋ねるときだけ）" if s.get("kojin_no") else "含まない"),
    "データ": (("dataset",), _data),
    "時期": (("job", "monthly"), _timing),
    "方法": (("channel",), _channel),
    "受領の確認": (
        ("acknowledged",),
        lambda s: f"{s['acknowledged']} 開庁日以内に受領の知らせを受ける" if s.get("acknowledged") else NONE,
    ),
    "許可": (("permission",), lambda s: str(s["permission"]["no"])),
    "許可の期間": (("permission",), _span),
    "内容の確認": (("permission",), lambda s: f"{_day(s['permission']['checked_on'])} に確認"),
    "要る承認": (("approval",), _approval),
    "出さない行": (("holds",), _holds),
    "評価書の約束": (("promise",), _promises),
    "記録の操作": (("operation",), lambda s: str(s["operation"])),
    "抽出の文": (("select",), lambda s: str(s["select"])),
    "結果の語": (("counts",), lambda s: str(s.get("counts") or NONE)),
}
PARTS = {
    "１　誰に、何の目的で": ("あて先", "区分", "法令上の根拠", "利用の目的"),
    "２　何を": ("データ", "対象者", "項目", "個人番号", "出さない行"),
    "３　いつ、どのように": ("時期", "方法", "受領の確認"),
    "４　許可と承認": ("許可", "許可の期間", "内容の確認", "要る承認", "評価書の約束"),
}


def words(said: Said) -> dict[str, str]:
    """label -> what the row says. What has no words here is shown as it is written."""
    found = {label: read(said) for label, (_, read) in WORDS.items()}
    known = {"id", *(name for names, _ in WORDS.values() for name in names)}
    return found | {name: json.dumps(value, ensure_ascii=False) for name, value in said.items() if name not in known}


def title(name: str, said: Said) -> str:
    """A row in one line."""
    return f"{name}　{said['recipient']}"


def changes(before: Mapping[str, Said], after: Mapping[str, Said], when: str, why: str) -> list[tuple[str, ...]]:
    """The lines of 別添3, row by row of the registry. ``when``: 変更日; ``why``: 提出時期に係る説明. 提出時期 is for people to write."""
    return [
        (when, item, old, new, "", why) for name in sorted({*before, *after}) for item, old, new in _change(name, before, after)
    ]


def _change(name: str, before: Mapping[str, Said], after: Mapping[str, Said]) -> Iterator[tuple[str, str, str]]:
    old, new = before.get(name), after.get(name)
    if old == new:
        return
    told = title(name, new or old or {})
    if old is None or new is None:
        for label, text in words(new or old or {}).items():
            if text != NONE:
                yield f"{told}　{label}", text if old else BEGUN, text if new else GONE
        return
    then, now = words(old), words(new)
    differ = [label for label in dict.fromkeys((*then, *now)) if then.get(label) != now.get(label)]
    for label in differ:
        yield f"{told}　{label}", then.get(label, NONE), now.get(label, NONE)
    if not differ:  # the same words for another text: shown as it is written
        yield told, json.dumps(old, ensure_ascii=False), json.dumps(new, ensure_ascii=False)


def in_short(before: Mapping[str, Said], after: Mapping[str, Said]) -> str:
    """What differs, in one line for a second person: of each row its labels."""
    told = []
    for name in sorted({*before, *after}):
        old, new = before.get(name), after.get(name)
        if old != new:
            lines = [item.rpartition("　")[2] for item, _, _ in _change(name, before, after)]
            told.append(f"{name} {BEGUN if old is None else GONE if new is None else '・'.join(lines)}")
    return "、".join(told)


def ending(rows: Iterable[Transfer], day: date) -> list[str]:
    """Permissions whose end has to be thought of, the nearest first."""
    found = sorted(((left, row) for row in rows if (left := row.permission.ends_in(day)) is not None), key=lambda one: one[0])
    return [
        f"{row.permission.no}（{row.id}　{row.recipient}）の許可は {wareki(row.permission.until or day)} "
        + (f"に終わります（あと {left} 日）" if left >= 0 else "に終わりました。何も出ません")
        for left, row in found
    ]


def listed(rows: Mapping[str, Said]) -> list[tuple[str, ...]]:
    """The manual as a list: a line for each thing that a row says."""
    return [(name, said["recipient"], label, text) for name, said in rows.items() for label, text in words(said).items()]


def manual(rows: Mapping[str, Said], unit: str, made_on: date, sha256: str) -> list[Form]:
    """The manual: a page that lists all of them, then a page for each."""
    about = (f"登録簿のハッシュ（SHA-256）\n　{sha256}",)
    return [_contents(rows, unit, made_on, about), *(_page(name, said, unit, made_on, about) for name, said in rows.items())]


def _corner(name: str, unit: str, made_on: date) -> tuple[str, ...]:
    return (name, f"{wareki(made_on)} 現在", f"{city()['name']}　{unit}")


def _contents(rows: Mapping[str, Said], unit: str, made_on: date, about: tuple[str, ...]) -> Form:
    lines = [
        (name, said["recipient"], said["purpose"], CHANNELS.get(said["channel"]["kind"], ""), _span(said))
        for name, said in rows.items()
    ]
    table = Table(
        "移転等のあて先と目的",
        (("番号", "あて先", "利用の目的", "方法", "許可の期間"), *lines),
        (0.12, 0.28, 0.26, 0.16, 0.18),
        (),
        head=True,
    )
    lead = ("　特定個人情報は、次のあて先に、次の目的のためにだけ渡します。この冊子は、有効な登録簿から作られます。",)
    return Form(MANUAL, _corner(f"{len(rows)} 件", unit, made_on), ((table,),), (*_numbered(RULES), *about), lead=lead, size=10.5)


def _page(name: str, said: Said, unit: str, made_on: date, about: tuple[str, ...]) -> Form:
    found = words(said)
    tables = [Table(head, tuple((label, found[label]) for label in labels), (LABEL, 1 - LABEL)) for head, labels in PARTS.items()]
    return Form(
        MANUAL, _corner(f"番号　{name}", unit, made_on), tuple((t,) for t in tables), (*_numbered(RULES), *about), size=10.5
    )


def _numbered(texts: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(f"{number}　{text}" for number, text in enumerate(texts, 1))
