"""実演: a synthetic city lives through one month under the real scheduler, then everything stops again.

It is what the office does, by the same doors: an operator starts the runs over REST, a second person approves over REST.
"""

from __future__ import annotations

import os
import time
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from pathlib import Path

from city import Kikou, answer, answer_income, mend, synth
from city.partners import Partner
from demo import partners, people, shintatsu
from demo.account import account, transfers
from demo.rest import ENDED, Client
from demo.shoukyo import destroyed
from demo.story import deliver, exchanged, padded, told
from etl import jobs
from etl import result as results
from etl import run as runs
from etl import site as sites
from etl.core.dates import wareki
from etl.core.errors import Refused, Unavailable
from etl.core.law.eigyoubi import business_days
from etl.core.mapping import registry
from etl.core.receipts import Built, Reported
from etl.core.receipts.partners import Delivered, Fetched
from etl.platform import airflow
from etl.service import running

FIRST, LAST = date(2026, 10, 26), date(2026, 10, 30)  # one 全件 day and four nights
LATE = date(2026, 10, 27)  # the day whose 受付 file comes on the next one
#: days of 進達: from the page, then by commands; the second has what was returned of the first
REPORTED = (date(2026, 10, 27), date(2026, 10, 29))
SEED = 1
DONE = (*ENDED, "upstream_failed")
RUN_SECONDS = 180  # the longest a run of the demo may take
#: jobs that may run beside another, because neither looks at what the other writes: questions about 宛名 while income is taken in, questions about
#: income while recipients are told what the night has come to. Where both want the same lock for a moment, one tries again
ASKS_FOR_ATENA, TAKES_INCOME_IN = "juki_shoukai_daily", "shotoku_kaitou_daily"
TELLS_RECIPIENTS, ASKS_FOR_INCOME = "iten_event", "shotoku_shoukai_daily"
BESIDE = {ASKS_FOR_ATENA: TAKES_INCOME_IN, TELLS_RECIPIENTS: ASKS_FOR_INCOME}
ANSWERED = ("kikou_kekka", TAKES_INCOME_IN)
AGAIN_SECONDS = "1"
SHOWN = {"propose", "reconcile", "changes"}  # the sheets of jobs with such a step are shown at the end
#: the demo's runs are started by hand; the clock's own would come between them
BY_HAND = {"SCHEDULER__USE_JOB_SCHEDULE": "False"}


def demo(home: Path, residents: int) -> None:
    """A month of a synthetic city. Refused NP-9102 when the home holds something else, NP-9004 when a run fails."""
    if any((home / "inbox").glob("*/*")) and not (home / "synth.json").exists():
        raise Refused("NP-9102", file="inbox")
    say = _Clock()
    os.environ.setdefault("KOKUNEN_RETRY_SECONDS", AGAIN_SECONDS)
    if sites.Site(home, url="").today < LAST:  # a machine whose clock is behind the city's
        os.environ["KOKUNEN_TODAY"] = LAST.isoformat()
    with running(home, **BY_HAND) as supervisor:
        say(f"場所 {home}")
        people.enter(sites.open_site(home))
        supervisor.launch()
        say("データベースの準備ができました。Airflow を起動しています")
        made = synth(home, residents, SEED, FIRST, LAST)
        say(f"架空の市 {residents:,}人（年金基本 {made['kihon']:,}件、ファイル {len(made['files'])}個）を作りました")
        supervisor.ready()
        say(f"Airflow が起動しました {airflow.address(home)}")
        month = _Month(home, say)
        with partners.running(month.site) as month.partners:
            say(f"相手先 {len(month.partners)}か所のサーバーを登録し、承認しました")
            month.run_all()
        asked = [*account(month.site, LAST), *transfers(month.site)]
        certificate = destroyed(month.site, say)
    for sheet in month.sheets:
        print(f"\n{sheet.read_text(encoding='utf-8').rstrip()}")
    print("", *asked, sep="\n")
    _where_files_are(home)
    print(f"消去証明書 {certificate}")
    say("終わりました。動かしたものはすべて止めました")


class _Clock:
    """Progress lines with the seconds since the beginning."""

    def __init__(self) -> None:
        self.began = time.monotonic()

    def __call__(self, text: str) -> None:
        print(f"[{time.monotonic() - self.began:6.1f}秒] {text}", flush=True)


class _Month:
    """The runs of the demo, in the order of the office: 移行, then each day 受付, 住基, 照会, then the month."""

    def __init__(self, home: Path, say: _Clock):
        self.home, self.say, self.site = home, say, sites.open_site(home)
        words = people.enter(self.site)
        self.operator, self.approver = (Client(airflow.address(home), u, words[u]) for u in ("sousa01", "shounin01"))
        self.sheets: list[Path] = []
        self.partners: dict[str, Partner] = {}
        self.kikou = Kikou(home)

    def run_all(self) -> None:
        self._await_dags()
        days = business_days(FIRST, LAST)
        self._run("ikou_once", days[0].isoformat())
        for number, day in enumerate(days):
            self.say(f"―― {wareki(day)}（{'月火水木金土日'[day.weekday()]}） ――")
            for line in deliver(self.home, LATE, day):
                self.say(line)
            for night in nights(first=day == FIRST):
                made = self._together({job.name: day.isoformat() for job in night})
                if day == days[-1]:
                    self.sheets += [sheet for job, sheet in zip(night, made, strict=True) if SHOWN & set(job.steps)]
            for line in partners.resent(self.site):
                self.say(line)
            if day in REPORTED:
                self._report(day)
            if day != days[-1]:
                self._answered(day, days[number + 1])
        month = f"{LAST:%Y-%m}"
        self.sheets += self._together({"iten_monthly": month, "kokuho_monthly": month, "backup_daily": LAST.isoformat()})
        for line in partners.unconfirmed(self.site):
            self.say(line)

    def _report(self, day: date) -> None:
        """進達, the first from the page: what it opens waits until an operator has fixed it and another person has approved it."""
        by_page = day == REPORTED[0]
        opened = self._opened(day) if by_page else shintatsu.opened(self.site, day)
        for line in shintatsu.fixed(self.site):
            self.say(line)
        if by_page:
            self._await(shintatsu.JOB, opened, day.isoformat(), "make")
        else:
            jobs.step(self.site, opened, "make")
        for line in shintatsu.handed(self.site, self.kikou):
            self.say(line)

    def _opened(self, day: date) -> str:
        run = self.operator.trigger(shintatsu.JOB, day.isoformat(), "実演")
        self._await(shintatsu.JOB, run, day.isoformat(), "report")
        return run

    def _await(self, dag: str, run: str, period: str, task: str) -> None:
        if self.operator.wait(dag, run, RUN_SECONDS, task, DONE) != "success":
            raise Refused("NP-9004", item=f"{dag} {period} {task}")

    def _answered(self, day: date, following: date) -> None:
        """What others say of the day until the next one."""
        if mend(self.home, self.kikou.returned, following):
            self.say(
                f"返戻された届書 {len(self.kikou.returned)} 件を区役所が補いました（翌営業日の受付ファイルに改訂が入ります）"
            )
        if self.kikou.answer(following):
            self.say(
                f"日本年金機構が進達の処理結果一覧を作りました（翌営業日に取り込みます。うち返戻 {len(self.kikou.returned)} 件）"
            )
        for question, reply in (("住基照会", answer), ("所得照会", answer_income)):
            if partners.given(self.partners, reply(self.home, day, following)):
                self.say(f"{question}に回答が置かれました（翌営業日に相手先から受け取り、取り込みます）")

    def _together(self, periods: Mapping[str, str]) -> list[Path]:
        """Runs of jobs, each for its period, beside each other; their sheets."""
        with ThreadPoolExecutor(len(periods)) as together:
            return list(together.map(self._run, *zip(*periods.items(), strict=True)))

    def _await_dags(self) -> None:
        deadline = time.monotonic() + 60
        while self.operator.get("/dags")["total_entries"] <= len(registry.jobs()) and time.monotonic() < deadline:
            time.sleep(0.3)

    def _run(self, dag: str, period: str) -> Path:
        """One run to its end, with the second person's approval if it asks for one. Returns its 処理結果表."""
        began = time.monotonic()
        run = self.operator.trigger(dag, period, "実演")
        state = self.operator.wait(dag, run, RUN_SECONDS)
        approved = self._decide(dag, run)
        run_id = self.operator.xcom(dag, run, "start")
        result = results.result(self.site, run_id)
        self.say(
            f"{padded(registry.jobs()[dag].title)} {told(result)}{exchanged(*self._receipts(run_id))}{approved}（{time.monotonic() - began:.1f}秒）"
        )
        built = runs.receipt(self.site, run_id, Built)
        for reason in dict.fromkeys(why for plan in (built.plans if built else ()) for why in plan.why):
            self.say(f"  承認を待った理由: {reason}")
        if state != "success":
            red = [t for t, s in self.operator.tasks(dag, run).items() if s == "failed"]
            for line in results.messages(self.site, run_id):
                print(line, flush=True)
            raise Refused("NP-9004", item=f"{dag} {period} {' '.join(red)}")
        report = runs.receipt(self.site, run_id, Reported)
        assert report  # a run that succeeded has made its sheet
        return Path(report.text)

    def _receipts(self, run_id: str) -> tuple[Fetched | None, Delivered | None]:
        """What came from partners and went to them."""
        return runs.receipt(self.site, run_id, Fetched), runs.receipt(self.site, run_id, Delivered)

    def _decide(self, dag: str, run: str) -> str:
        """The approver's decision, if the run let anything wait. An answer given before Airflow had noticed the question is asked for again."""
        if not (asked := self.operator.asked(dag, run)):
            return ""
        deadline = time.monotonic() + RUN_SECONDS
        while (state := self.operator.run("shounin", asked)["state"]) not in ENDED:
            if time.monotonic() > deadline:
                raise Unavailable("NP-9003", item=f"{dag} shounin")
            if self.operator.tasks("shounin", asked).get("approval") == "awaiting_input":
                time.sleep(0.15)
                status, _ = self.approver.answer(asked, "承認する", "実演")
                if status not in (200, 409):
                    raise Refused("NP-9005", item="hitlDetails", status=status)
            time.sleep(0.15)
        if state != "success":
            raise Refused("NP-9004", item=f"{dag} shounin")
        return "　承認者が承認しました"


def nights(*, first: bool = False) -> list[list[registry.Job]]:
    """The jobs of a night in the order of the office; those of a list run together. In the first nothing has been asked and reported yet, so
    nobody has answered."""
    aside = {shintatsu.JOB, *(ANSWERED if first else ())}
    every = [job for job in registry.jobs().values() if job.period == "day" and not job.once and job.reads + job.sends]
    nightly = {job.name: job for job in every if job.name not in aside}
    beside = {other: nightly[name] for name, other in BESIDE.items() if name in nightly and other in nightly}
    alone = [job for job in nightly.values() if job not in beside.values()]
    return [[job, beside[job.name]] if job.name in beside else [job] for job in alone]


def _where_files_are(home: Path) -> None:
    print(f"\n受信     {home / 'inbox'}\n出力     {home / 'outbox'}")
    for path in sorted((home / "outbox").glob(f"kokuho_*/{LAST:%Y-%m}/*.dat")):
        print(f"         {path.relative_to(home)}")
    print(f"処理結果 {home / 'outbox' / 'shori_kekka'}\n画面     make up（番地・利用者・パスワードを表示します）")
