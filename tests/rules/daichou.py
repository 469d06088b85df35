"""台帳: entries, reports and runs for the tests of the registers."""

from __future__ import annotations

from datetime import date

from etl import run as runs
from etl.daichou import entries as e
from etl.daichou import register
from etl.daichou.register import Row
from etl.run import Run
from etl.site import Site

TODAY = date(2027, 12, 31)  # KOKUNEN_TODAY of the tests
GIVEN: dict[str, dict[str, str]] = {
    "kami": {"箱番号": "R3-届-01", e.KIND: "届書", e.WARD: "川崎区", e.FROM: "2021-04-01", e.TO: "2022-03-31"},
    "baitai": {"製造番号": "SN-0001", e.KIND: "USB", e.ENTERED: "2026-04-01", e.KEY: "鍵1", e.HOLDER: "庶務"},
    "fukusei": {
        "指示番号": "指示-8-3", e.KIND: "抽出", e.CONTRACTOR: "保守業者", e.SLIP: "第12号", e.CONTENT: "資格のデータ", e.MEDIUM_NAME: "CD-R",
        e.QUANTITY: "3", e.HANDED: "2027-12-01",
    },
}  # fmt: skip
REPORT = {e.METHOD: "溶解", e.CERTIFICATE: "溶証第5号", e.DONE_ON: "2027-12-20", e.DONE_BY: "環境業者 山本"}


def run_of(site: Site, user: str = "sousa01") -> Run:
    return runs.get(
        site,
        runs.start(site, "daichou", str(TODAY), user, "随時", business_on=TODAY, as_known_at=None, run_key=None),
    )


def enter(site: Site, name: str = "kami", **cells: str) -> int:
    typed = e.typed(name, 0, {**GIVEN[name], **cells}, TODAY)
    return register.enter(site, run_of(site), [typed]).numbers[0]


def report(site: Site, number: int, name: str = "kami", user: str = "sousa01", **cells: str) -> int:
    quantity = None if name != "fukusei" else 3
    return register.report(site, run_of(site, user), name, number, {**REPORT, **cells}, quantity)


def now(site: Site, number: int, name: str = "kami") -> Row:
    return register.of(site, name, number)
