"""What an auditor asks after the month, from the tables themselves: counts, nobody's data."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from datetime import date
from typing import Any

from etl.core.law.kijitsu import kijitsu
from etl.core.mapping.layout import codes
from etl.core.mapping.transfers import transfers as registry
from etl.site import Site

AGAIN, OF_THEM = {"again": "再進達"}, {"returned": "返戻", "without_intake": "受付なし"}
WITHIN = 7  # days between 60歳到達 and another ground of 喪失 that count as meeting


def account(site: Site, on: date) -> Iterator[str]:
    """Lines for people: each 届書 from its intake to its registration, and what was proposed where two grounds of 喪失 met."""
    age = kijitsu().age("soushitsu", on)
    with site.session() as session:
        kinds = session.rows("attest/todoke_keii")
        met = session.rows("attest/soushitsu_kasanari", age=age, within=WITHIN)
    yield "届書（受付 → 進達 → 処理結果 → 登録）"
    for row in kinds:
        again, of_them = (_of_them(row, **words) for words in (AGAIN, OF_THEM))
        yield (
            f"  {codes('todoke')[row['todoke_code']]}　{row['intakes']:,}件 → {row['reported']:,}件{again} → "
            f"{row['results']:,}件{of_them} → {row['registered']:,}件"
        )
    yield f"60歳到達と死亡・国外転出が重なった {sum(row['persons'] for row in met):,}件"
    for row in met:
        event = codes("idou_jiyu")[row["idou_jiyu_code"]]
        order = f"{event}が先" if row["is_before"] else f"60歳到達が先又は同じ日（{event}）"
        lost = codes("jiyu").get(row["soushitsu_jiyu_code"] or "", "提案なし")
        yield f"  {order}　{row['persons']:,}件 → 喪失事由 {lost}、提案 {row['proposals']:,}件"


def _of_them(row: dict[str, Any], **words: str) -> str:
    """What there are of some, in brackets."""
    said = "、".join(f"{word} {row[key]:,}件" for key, word in words.items() if row[key])
    return f"（{said}）" if said else ""


def transfers(site: Site) -> Iterator[str]:
    """The 移転台帳 in a line for each row of the registry: files, rows, and how many the recipient says that it has."""
    left: dict[str, list[dict[str, Any]]] = defaultdict(list)
    with site.session() as session:
        for file in session.rows("ichiran/iten_daichou", first_on=date.min, last_on=date.max):
            left[file["transfer_id"]].append(file)
    yield "渡したもの（移転台帳）"
    for row in registry().values():
        files = left[row.id]
        confirmed = f"　受領確認 {sum(f['confirmed_at'] is not None for f in files):,}" if row.acknowledged else ""
        media = "　".join(f"{f['medium']} 媒体第{f['medium_no']}号" for f in files if f["medium_no"])
        counts = f"{len(files):,}ファイル　{sum(f['rows'] for f in files):,}行"
        yield f"  {row.id}　{row.recipient}　{counts}{confirmed}" + (f"　{media}" if media else "")
