"""命令の言葉: 説明は選べるものを名称とともに示し、使い方の誤りは日本語で、示した例はそのまま打てる。"""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import pytest
from kit import table

from etl.cli import main, words
from etl.cli.main import parser
from etl.core.mapping import registry
from etl.core.mapping.layout import arriving
from etl.core.mapping.names import parse_name
from etl.ichiran import kinds


def _help(command: str, capsys: pytest.CaptureFixture[str]) -> str:
    with pytest.raises(SystemExit):
        main([command, "--help"])
    return capsys.readouterr().out


def test_説明は業務_承認_一覧_入力票を名称とともに示す(capsys: pytest.CaptureFixture[str]) -> None:
    shown = {
        "run": {name: job.title for name, job in registry.jobs().items()},
        "approve": {kind: about.label for kind, about in registry.approvals().items()},
        "list": {name: kind.title for name, kind in kinds().items() if not kind.person},
        "form": {name: layout.title for name, layout in arriving().items() if layout.file.form},
    }
    for command, known in shown.items():
        lines = _help(command, capsys).splitlines()
        for name, title in known.items():
            assert [line for line in lines if re.match(rf"  {name} +{re.escape(title)}", line)], (command, name)


@pytest.mark.parametrize("example", words.EXAMPLES.values())
def test_示した例はそのまま打てる(example: str, capsys: pytest.CaptureFixture[str]) -> None:
    _, *args = shlex.split(example)
    if args == ["--help"]:
        with pytest.raises(SystemExit) as ended:
            parser().parse_args(args)
        assert ended.value.code == 0 and capsys.readouterr().out.startswith("使い方: kokunen")
    else:
        assert parser().parse_args(args).command


SAID = table("""
| 引数                                | 言うこと                                              | 例                                             |
|-------------------------------------|-------------------------------------------------------|------------------------------------------------|
|                                     | 命令 がありません                                     | kokunen --help                                 |
| 01234567890                         | 命令 に選べないものが書かれています                   | kokunen --help                                 |
| run                                 | JOB, --period がありません                            | kokunen run juki_daily --period 2026-10-30     |
| run 01234567890  --period 2026-10   | JOB に選べないものが書かれています                    | kokunen run juki_daily --period 2026-10-30     |
| run juki_daily --period             | --period の後に値がありません                         | kokunen run juki_daily --period 2026-10-30     |
| run juki_daily --peri 2026-10-30    | --period がありません                                 | kokunen run juki_daily --period 2026-10-30     |
| approve idou --all --id 3           | --id と --all は一緒に書けません                      | kokunen approve idou --list                    |
| approve idou --id 一                | --id は数字で書きます                                 | kokunen approve idou --list                    |
| status --json 余り                  | 知らない引数があります                                | kokunen --help                                 |
""")


@pytest.mark.parametrize("case", SAID, ids=[c["引数"] or "なし" for c in SAID])
def test_使い方の誤りは日本語で_打ったものは繰り返さない(case: dict[str, str], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main((case["引数"] or "").split())
    said = capsys.readouterr()
    assert (ended.value.code, said.out) == (2, "")
    assert said.err == f"[NP-1001] 使い方が正しくありません（{case['言うこと']}）\n  → {case['例']}\n"


def test_入力票は実際に使える名前を示す(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("KOKUNEN_HOME", str(tmp_path))
    monkeypatch.setattr("logging.disable", lambda level: None)
    assert main(["form", "kikou_kekka"]) == 0
    [name] = re.findall(r"KIKOU[^ /]*?\.xlsx", capsys.readouterr().out)
    assert parse_name(arriving()["kikou_kekka"].file.form or "", name)


USAGE = table("""
| 事例                       | 引数                                                       |
|----------------------------|------------------------------------------------------------|
| 引数なし                   |                                                            |
| 知らない命令               | load                                                       |
| 知らない業務               | run juki --period 2025-09-24                               |
| 期間なし                   | run juki_daily                                             |
| 日次に月                   | run juki_daily --period 2025-09                            |
| 月次に日                   | run kokuho_monthly --period 2025-09-30                     |
| 時点が時刻でない           | run kokuho_monthly --period 2025-09 --as-known-at 昨日     |
| 知らない承認の種類         | approve juki --all                                         |
| 全部と番号を一緒に         | approve idou --all --id 3                                  |
| 番号が数字でない           | approve idou --id x                                        |
| ない受付区                 | list uketsuke_shoribo --period 2025-09 --ku 999999         |
| 印刷のない受付区           | print menjo_shinseisho --ku 川崎                           |
| 職員の命令だけ             | people                                                     |
| 知らない職員の命令         | people delete sousa01                                      |
| 部署のない申請             | people add sousa01 --role 操作者                           |
| 署名に部署がない           | people review --sign                                       |
| 種が負                     | synth --residents 500 --seed -5 --from 2025-09-01 --to 2025-09-02 |
| 種が数でない               | synth --residents 500 --seed 一 --from 2025-09-01 --to 2025-09-02 |
""")


@pytest.mark.parametrize("case", USAGE, ids=[c["事例"] for c in USAGE])
def test_使い方の誤りは2(case: dict[str, str], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main((case["引数"] or "").split())
    said = capsys.readouterr()
    assert (ended.value.code, said.out) == (2, "")
    assert said.err.startswith("[NP-10") and "NP-1099" not in said.err
    assert not any(word in said.err for word in ("Traceback", "usage", "invalid", "argument"))
