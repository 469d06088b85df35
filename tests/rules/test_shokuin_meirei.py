"""職員の命令: 最初の管理者を作り、一覧を取り込み、ログインして働く。パスワードは引数にも記録にも残らない。"""

from __future__ import annotations

import contextlib
import csv
import io
import json
import logging
import os
import pty
import re
import select
import subprocess
import sys
import time
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any, NamedTuple

import kit
import psycopg
import pyotp
import pytest

from etl.cli import main
from etl.platform import postgres
from tests import people

ROOT = Path(__file__).resolve().parents[2]
WORD = "shoki no kotoba 01"
HEAD = "職員,部署,役割,OS 利用者,個人番号,有効期間の初日,末日,契約番号,TOTP,申請者,理由\n"
PEOPLE = """kanri02,国民年金・福祉医療課,管理者,,,2026-04-01,,,,課長,新規
sousa01,川崎区役所,操作者,,○,2026-04-01,,,,課長,新規
shounin01,川崎区役所,承認者,,,2026-04-01,,,○,課長,新規
kansa01,国民年金・福祉医療課,監査者,,,2026-04-01,,,,課長,新規
"""


class Said(NamedTuple):
    status: int
    out: str
    err: str

    @property
    def json(self) -> dict[str, Any]:
        found: dict[str, Any] = json.loads(self.out)
        return found


class Office:
    """A home of its own, its people, and their tokens."""

    def __init__(self, folder: Path):
        self.folder, self.home = folder, folder / "home"
        self.words: dict[str, str] = {}
        self.secrets: dict[str, str] = {}
        self.tokens: dict[str, str] = {}

    def run(self, *args: str, by: str | None = None, stdin: str | bytes = "", **env: str) -> Said:
        """``kokunen …`` in this process, with the token of ``by``, and standard input that is no terminal."""
        out, err = io.StringIO(), io.StringIO()
        typed = io.TextIOWrapper(io.BytesIO(stdin.encode() if isinstance(stdin, str) else stdin))
        more = {"KOKUNEN_TOKEN": self.token(by)} if by else {}
        with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err), pytest.MonkeyPatch.context() as patch:
            patch.setattr(sys, "stdin", typed)
            patch.delenv("KOKUNEN_TOKEN", raising=False)
            for name, value in self.env(**more, **env).items():
                patch.setenv(name, value)
            umask = os.umask(0o022)
            try:
                status: Any = main(list(args))
            except SystemExit as ended:
                status = ended.code
            finally:
                os.umask(umask)
                logging.disable(logging.NOTSET)
        return Said(status, out.getvalue(), err.getvalue())

    def env(self, **more: str) -> dict[str, str]:
        kept = {name: value for name, value in os.environ.items() if name != "KOKUNEN_TOKEN"}
        return {**kept, "KOKUNEN_HOME": str(self.home), "XDG_STATE_HOME": str(self.folder / "state"), **more}

    def token(self, user: str) -> str:
        if user not in self.tokens:
            code = ["--code", pyotp.TOTP(self.secrets[user]).now()] if self.secrets.get(user) else []
            said = self.run("login", "--user", user, "--password-stdin", *code, stdin=self.words[user] + "\n")
            assert (said.status, said.err, said.out.count("\n")) == (0, "", 1), "the token only"
            self.tokens[user] = said.out.strip()
        return self.tokens[user]

    def query(self, sql: str) -> list[Any]:
        with psycopg.connect(postgres.urls(self.home)["owner"]) as owner:
            return owner.execute(sql.encode()).fetchall()


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Office]:
    made = Office(tmp_path_factory.mktemp("office"))
    said = made.run("init", "--admin", "kanri01", "--password-stdin", stdin=WORD + "\n")
    assert said.status == 0 and "kanri01" in said.out and WORD not in said.out + said.err
    made.words["kanri01"] = WORD
    people = made.folder / "people.csv"
    people.write_text(HEAD + PEOPLE, encoding="utf-8")
    dry = made.run("people", "import", str(people), "--dry-run", by="kanri01")
    assert (dry.status, dry.out) == (0, "新規 4 人、変更 0 人、変更なし 0 人（確認だけ）\n")
    keep = made.folder / "words.csv"
    assert made.run("people", "import", str(people), "--passwords", str(keep), by="kanri01").status == 0
    assert keep.stat().st_mode & 0o777 == 0o600
    for name, word, otpauth in list(csv.reader(keep.read_text(encoding="utf-8-sig").splitlines()))[1:]:
        made.words[name] = word
        if otpauth:
            made.secrets[name] = re.search(r"secret=(\w+)", otpauth)[1]  # type: ignore[index]
    yield made
    postgres.stop(made.home)


def test_最初の管理者は一度だけ_パスワードは渡すか一度だけ見せる(office: Office, tmp_path: Path) -> None:
    again = office.run("init", "--admin", "dareka", by="kanri01")
    assert (again.status, "NP-1087" in again.err) == (12, True)
    assert office.run("init").status == 0, "init by itself may be called at any time"
    lone = office.run("init", "--password-stdin", stdin=WORD)
    assert (lone.status, "NP-1001" in lone.err) == (2, True)
    short = Office(tmp_path).run("init", "--admin", "kanri01", "--password-stdin", stdin="short\n")
    assert (short.status, "NP-1086" in short.err, (tmp_path / "home").exists()) == (12, True, False)


def test_作ったパスワードは一度だけ表示し_それでログインできる(tmp_path_factory: pytest.TempPathFactory) -> None:
    other = Office(tmp_path_factory.mktemp("lone"))
    try:
        said = other.run("init", "--admin", "kanri01")
        word = re.search(r"kanri01 のパスワード: (\S+)", said.out)
        assert said.status == 0 and word
        other.words["kanri01"] = word[1]
        assert other.run("people", "list", by="kanri01").status == 0
        assert word[1] not in "".join(str(row) for row in other.query("select k::text from shokuin.kakunin as k"))
    finally:
        postgres.stop(other.home)


# 命令と役割。run は職員の役割だけを見る（期間の誤りより先）
COMMANDS = kit.table("""
| 命令                                  | 証明なし | 操作者 | 承認者 | 監査者 | 管理者 |
|---------------------------------------|----------|--------|--------|--------|--------|
| status                                | 0        | 0      | 0      | 0      | 0      |
| db url                                | 0        | 0      | 0      | 0      | 0      |
| db url --password                     | NP-1080  | NP-1083 | NP-1083 | NP-1083 | 0    |
| db url --jobs                         | NP-1080  | NP-1083 | NP-1083 | NP-1083 | 0    |
| approve idou                          | NP-1080  | 0      | 0      | 0      | 0      |
| approve idou --all                    | NP-1080  | NP-1083 | 0     | NP-1083 | NP-1083 |
| run uketsuke_daily --period 2026-10-30 | NP-1080 | 0      | NP-1083 | NP-1083 | NP-1083 |
| people list                           | NP-1080  | NP-1083 | 0     | 0      | 0      |
| people review                         | NP-1080  | NP-1083 | 0     | NP-1083 | 0      |
| people end dareka --reason x          | NP-1080  | NP-1083 | NP-1083 | NP-1083 | NP-1089 |
| people grant dareka --reason x        | NP-1080  | NP-1083 | NP-1083 | NP-1083 | NP-1089 |
| people password sousa01 --reason x    | NP-1080  |        | NP-1083 | NP-1083 |        |
""")
PEOPLE_OF = {"証明なし": None, "操作者": "sousa01", "承認者": "shounin01", "監査者": "kansa01", "管理者": "kanri02"}


@pytest.mark.parametrize("case", COMMANDS, ids=[str(c["命令"]) for c in COMMANDS])
def test_命令と役割(office: Office, case: dict[str, str | None]) -> None:
    for role, user in PEOPLE_OF.items():
        if (wanted := case[role]) is None:
            continue
        said = office.run(*(case["命令"] or "").split(), by=user)
        code = re.search(r"NP-\d{4}", said.err)
        assert (code[0] if code else str(said.status)) == wanted, (role, said.err)
        assert said.status == (0 if wanted == "0" else 12)


def test_証明なしの名前も_別の名前も断り_記録する(office: Office) -> None:
    before = office.query("select count(*) from audit.event where operation = '拒否'")[0][0]
    typed = office.run("approve", "idou", "--all", "--as", "shounin01")
    other = office.run("approve", "idou", "--all", "--as", "shounin01", by="sousa01")
    false = office.run("approve", "idou", "--all", "--as", "shounin01", KOKUNEN_TOKEN="x")  # noqa: S106
    assert ["NP-1080" in typed.err, "NP-1082" in other.err, "NP-1081" in false.err] == [True] * 3
    assert office.query("select count(*) from audit.event where operation = '拒否'")[0][0] == before + 3


def test_異動した職員は_その時点から断られ_一覧に終わりとして残る(office: Office) -> None:
    asked = office.run("people", "add", "shinjin", "--unit", "川崎区役所", "--role", "操作者", "--reason", "新規", by="sousa01")
    assert asked.status == 0
    own = office.run("people", "add", "shinjin02", "--unit", "川崎区役所", "--role", "操作者", "--reason", "新規", by="kanri01")
    denied = office.run("people", "grant", "shinjin02", "--reason", "新規", by="kanri01")
    assert (own.status, denied.status, "NP-2030" in denied.err) == (0, 12, True)
    granted = office.run("people", "grant", "shinjin", "--reason", "新規", "--json", by="kanri01")
    office.words["shinjin"] = granted.json["made"][0]["password"]
    assert office.run("approve", "idou", by="shinjin").status == 0
    assert office.run("people", "end", "shinjin", "--reason", "異動", by="kanri02").status == 0
    after = office.run("approve", "idou", by="shinjin")
    assert (after.status, "NP-1081" in after.err) == (12, True)
    again = office.run("login", "--user", "shinjin", "--password-stdin", stdin=office.words["shinjin"])
    assert (again.status, "NP-1084" in again.err) == (12, True)
    rows = office.run("people", "list", "--json", "--unit", "川崎区役所", by="kanri01").json["rows"]
    assert {(row["user_name"], row["state"]) for row in rows} >= {
        ("shinjin", "ended"),
        ("shinjin02", "asked"),
        ("sousa01", "in_force"),
    }


def test_作業者は契約と末日がなければ申請できず_誤りはすべて言う(office: Office) -> None:
    said = office.run("people", "add", "root", "--unit", "委託先", "--role", "作業者", "--reason", "委託", by="sousa01")
    assert said.status == 12 and "NP-1057" in said.err
    assert [line.split("：")[0] for line in said.err.splitlines() if "：" in line] == ["職員", "末日", "契約番号"]


def test_誤りのある一覧は_行と項目をすべて言い_何も登録しない(office: Office) -> None:
    people = office.folder / "bad.csv"
    people.write_text(
        HEAD + "atarashii,課,操作者,,,2026-04-01,,,,課長,新規\nroot,課,係長,,,きのう,,,,kanri01,\n", encoding="cp932"
    )
    said = office.run("people", "import", str(people), by="kanri01")
    lines = [line.split("：")[0] for line in said.err.splitlines() if line.startswith("行")]
    assert (said.status, lines) == (12, [f"行3 {item}" for item in ("職員", "役割", "有効期間の初日", "申請者", "理由")])
    assert "NP-1057" in said.err and "係長" not in said.err
    assert not office.query("select 1 from shokuin.touroku where user_name = 'atarashii'")
    missing = office.run("people", "import", str(office.folder / "nai.csv"), by="kanri01")
    assert (missing.status, "NP-1026" in missing.err) == (13, True)


def test_パスワードのファイルは新しい名前だけ(office: Office) -> None:
    people, there = office.folder / "one.csv", office.folder / "there.csv"
    people.write_text(HEAD + "hitori,川崎区役所,操作者,,,2026-04-01,,,,課長,新規\n", encoding="utf-8")
    there.write_text("mine")
    said = office.run("people", "import", str(people), "--passwords", str(there), by="kanri01")
    assert (said.status, "NP-1075" in said.err, there.read_text()) == (12, True, "mine")
    assert not office.query("select 1 from shokuin.touroku where user_name = 'hitori'")


def test_パスワードを忘れたら管理者が作り_本人は今のものを示して変える(office: Office) -> None:
    made = office.run("people", "password", "kansa01", "--reason", "本人が忘れたため", by="kanri01")
    word = re.search(r"のパスワード: (\S+)", made.out)
    assert made.status == 0 and word
    office.words["kansa01"] = word[1]
    office.tokens.pop("kansa01", None)
    wrong = office.run("people", "password", "--password-stdin", by="kansa01", stdin="chigau kotoba\natarashii kotoba 1\n")
    assert (wrong.status, "NP-1084" in wrong.err) == (12, True)
    time.sleep(1.1)
    done = office.run("people", "password", "--password-stdin", by="kansa01", stdin=f"{word[1]}\natarashii kotoba 1\n")
    assert done.status == 0 and "NP-1081" in office.run("people", "list", by="kansa01").err, "logged out everywhere"
    office.words["kansa01"] = "atarashii kotoba 1"
    office.tokens.pop("kansa01")
    assert office.run("people", "list", by="kansa01").status == 0


def test_二つ目の確認をなくしたら管理者が作り直し_前の番号は使えない(office: Office) -> None:
    before = office.secrets["shounin01"]
    made = office.run("people", "totp", "shounin01", "--reason", "端末を失ったため", "--json", by="kanri01").json
    assert made["otpauth"].startswith("otpauth://totp/") and made["secret"] in made["otpauth"] and made["password"] is None
    old = office.run(
        "login", "--user", "shounin01", "--password-stdin", "--code", pyotp.TOTP(before).now(), stdin=office.words["shounin01"]
    )
    assert (old.status, "NP-1084" in old.err) == (12, True)
    time.sleep(1.1)
    office.secrets["shounin01"] = made["secret"]
    office.tokens.pop("shounin01", None)
    code = pyotp.TOTP(made["secret"]).now()
    login = ("login", "--user", "shounin01", "--password-stdin", "--code", code)
    first, second = (office.run(*login, stdin=office.words["shounin01"]) for _ in range(2))
    assert (first.status, second.status, "NP-1084" in second.err) == (0, 12, True), "a number is good for once"
    office.tokens["shounin01"] = first.out.strip()


def test_ログアウトしたトークンはもう使えない(office: Office) -> None:
    token = office.token("sousa01")
    assert office.run("logout", KOKUNEN_TOKEN=token).out == "ログアウトしました（1 件）\n"
    office.tokens.pop("sousa01")
    assert "NP-1081" in office.run("approve", "idou", KOKUNEN_TOKEN=token).err


def test_端末ではパスワードを見せずにたずね_トークンを閉じたファイルに残す(office: Office) -> None:
    parent, child = pty.openpty()
    shell = subprocess.Popen(
        [sys.executable, "-m", "etl.cli", "login", "--user", "sousa01"], cwd=ROOT, env=office.env(), stdin=child, stdout=child, stderr=child,
        start_new_session=True, preexec_fn=lambda: __import__("fcntl").ioctl(0, __import__("termios").TIOCSCTTY, 0),
    )  # fmt: skip
    os.close(child)
    said = _read(parent, "パスワード")
    os.write(parent, (office.words["sousa01"] + "\n").encode())
    said += _read(parent, "まで")
    assert shell.wait(60) == 0
    assert office.words["sousa01"] not in said and "ログインしました" in said
    (kept,) = (office.folder / "state" / "kokunen").glob("*.token")
    assert kept.stat().st_mode & 0o777 == 0o600 and kept.read_text() not in said
    assert office.run("approve", "idou").status == 0 and office.run("approve", "idou", "--as", "ＳＯＵＳＡ０１").status == 0
    assert office.run("logout").status == 0 and not kept.exists()
    assert "NP-1080" in office.run("approve", "idou").err


def _read(terminal: int, until: str) -> str:
    said = b""
    while until not in said.decode(errors="ignore") and select.select([terminal], [], [], 60)[0]:
        said += os.read(terminal, 4096)
    return said.decode(errors="ignore")


def test_端末がなければ_標準入力から渡すように言う(office: Office) -> None:
    for command in (("login", "--user", "sousa01"), ("people", "password")):
        said = office.run(*command, by=None if command[0] == "login" else "sousa01")
        assert (said.status, "--password-stdin" in said.err) == (2, True)


@pytest.mark.parametrize("given", ["", "\n", "x" * 5000 + "\n", "\udcff\n"])
def test_標準入力のパスワードが読めなければ使い方の誤り(office: Office, given: str) -> None:
    said = office.run("login", "--user", "sousa01", "--password-stdin", stdin=given.encode(errors="surrogateescape"))
    assert (said.status, "NP-1001" in said.err, said.out) == (2, True, "")


def test_点検は部署ごとに署名し_見た一覧のハッシュで確かめる(office: Office) -> None:
    seen = office.run("people", "review", "--json", "--unit", "川崎区役所", by="shounin01").json["sheets"][0]
    other = office.run("people", "review", "--unit", "川崎区役所", "--sign", "--hash", "x", by="shounin01")
    assert (other.status, "NP-1058" in other.err) == (12, True)
    assert office.run("people", "review", "--sign", by="kanri01").status == 2
    signed = office.run("people", "review", "--unit", "川崎区役所", "--sign", "--hash", seen["content_hash"], by="shounin01")
    assert signed.status == 0 and "点検したと記録しました" in signed.out and seen["content_hash"] in signed.out
    listed = office.run("people", "list", by="kanri01").out
    assert "利用者" in listed and "50人以上100人未満: 範囲外" in listed and "委託先 0 人" in listed
    assert all("今年度未点検" not in line for line in listed.splitlines() if "川崎区役所" in line and " 申請 " in line)


def test_期限の切れた点検は今の状態に出る(office: Office) -> None:
    assert "職員登録の点検の期限切れ: 0" in office.run("status").out
    old = people.today() - timedelta(days=3 * 366)
    office.query(f"update shokuin.touroku set from_on = '{old}', granted_at = '{old}' where user_name = 'kansa01' returning 1")
    assert "職員登録の点検の期限切れ: 1" in office.run("status").out
    assert office.run("status", "--json").json["people_overdue"] == 1


def test_パスワードも鍵もトークンも_どの記録にも残っていない(office: Office) -> None:
    texts = "".join(
        str(row) for table in ("audit.event", "shokuin.touroku", "shokuin.kaigi", "shokuin.kakunin", "shokuin.shippai")
        for row in office.query(f"select t::text from {table} as t")
    )  # fmt: skip
    logs = "".join(path.read_text(errors="ignore") for path in office.home.rglob("*.log"))
    for secret in (*office.words.values(), *office.secrets.values(), *office.tokens.values()):
        assert secret not in texts and secret not in logs
