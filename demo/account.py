"""What an auditor asks after the month, from the tables themselves: counts, nobody's data."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from datetime import date
from typing import Any

from etl.core.law.kijitsu import kijitsu
from etl.core.law.todoke import todoke
from etl.core.mapping.layout import codes
from etl.core.mapping.transfers import transfers as registry
from etl.site import Site

WITHIN = 7  # days between 60歳到達 and another ground of 喪失 that count as meeting


def account(site: Site, on: date) -> Iterator[str]:
    """Lines for people: 免除 from intake to registration, and what was proposed where two grounds of 喪失 met."""
    age = kijitsu().age("soushitsu", on)
    with site.session() as session:
        kinds = [code for code, t in todoke().items() if t.group == "menjo"]
        exempt = session.rows("attest/menjo_keii", todoke=kinds)
        met = session.rows("attest/soushitsu_kasanari", age=age, within=WITHIN)
    yield "免除の届出・申請（受付 → 処理結果 → 免除）"
    for row in exempt:
        yield (
            f"  {codes('todoke')[row['todoke_code']]}　{row['intakes']:,}件 → {row['results']:,}件"
            f"（うち受付なし {row['without_intake']:,}件）→ {row['registered']:,}件"
        )
    yield f"60歳到達と死亡・国外転出が重なった {sum(row['persons'] for row in met):,}件"
    for row in met:
        event = codes("idou_jiyu")[row["idou_jiyu_code"]]
        order = f"{event}が先" if row["is_before"] else f"60歳到達が先又は同じ日（{event}）"
        lost = codes("jiyu").get(row["soushitsu_jiyu_code"] or "", "提案なし")
        yield f"  {order}　{row['persons']:,}件 → 喪失事由 {lost}、提案 {row['proposals']:,}件"


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
