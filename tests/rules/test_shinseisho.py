"""所得附票: 誰の附票がいつ印刷され、何が載り、何が載らず、何が記録に残るか。"""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import kit
import openpyxl
import psycopg
import pytest
from kit import DAY, no

from etl import ichiran, shinseisho
from etl import run as runs
from etl.cli import main
from etl.core.errors import KokunenError, Refused
from etl.run import get
from etl.site import Site
from tests.conftest import After, Once
from tests.rules.fuhyou import (
    APPLICATION,
    NEXT,
    PEOPLE,
    THIRD,
    answer,
    answer_all,
    application,
    apply,
    night,
    of_family,
    page_of,
    printed,
    questions,
    records,
    texts,
)


def test_最後の回答がそろった夜に印刷される(after: After) -> None:
    site = after(apply)
    first, *others = questions(site)
    answer(site, first)
    assert printed(site) == []
    result = answer(site, *others, on=THIRD, seq=2)
    [page] = printed(site)
    wanted = (
        "国民年金保険料　免除・納付猶予申請書　所得附票", no(70), "令和7年9月24日", "川崎区役所", "3100-000001", "架空　花子", "ｶｸｳ ﾊﾅｺ", "平成2年1月1日", "女",
        "神奈川県川崎市川崎区本人町１－１　架空荘２０１", "架空　夫", "神奈川県川崎市幸区配偶者町２－２", "架空　母（通称　架空　マリア）",
        "令和7年7月 から 令和8年6月 まで", "全額免除", "希望する", "相当年度 令和7年度", "合計所得金額", "100,000", "200,000", "300,000",
        "決定します", "1枚ごとに印刷の記録", "申請書に代わるものではありません",
    )  # fmt: skip
    for text in wanted:
        assert text in page.replace("\n", ""), text
    assert "判定不能" in page  # the answers lack what 全額免除 needs
    sheet = next(
        t for p in (site.outbox / "shori_kekka").rglob("*.txt") if result["run_id"] in (t := p.read_text(encoding="utf-8"))
    )
    assert "所得附票 1 枚" in sheet


def test_事前審査の参考が載る(after: After) -> None:
    site = after(apply)
    whole = dict.fromkeys(("rojin_fuyo", "tokutei_fuyo", "shogai_fuyo", "tokubetsu_shogai_fuyo", "nensho_fuyo", "jun_sonshitsu_yen",
        "zasson_koujo_yen", "iryohi_koujo_yen", "shakai_hoken_koujo_yen", "haiguu_tokubetsu_koujo_yen"), 0)  # fmt: skip
    flags = {"koujo_haiguu_flag": False, "honnin_gakusei_flag": False, "honnin_shogai_code": "0", "honnin_kafu_code": "0"}
    answer(site, *questions(site), income={**whole, **flags, "mishinkoku_flag": False, "goukei_shotoku_yen": 1_300_000})
    page = printed(site)[0].replace("\n", "")
    # one 一般扶養: 102万円 of 全額; 126～151, 166～191 and 206～231万円 of 一部
    assert "令和7年7月から令和8年6月まで一部の可能性可能確実確実" in page


def test_一枚ごとに誰がいつなぜ誰の所得を出したかが残る(after: After) -> None:
    site = after(apply, answer_all)
    ids = [r[0] for r in kit.query(site, "select shotoku_id from pension.shotoku order by atena_no")]
    [(what, who, user, has_reason, has_shimei4, counts)] = records(site)
    assert (what, who, user, has_reason, has_shimei4) == (f"所得附票/{no(70)}", no(1), "sousa01", True, True)
    [path] = (site.outbox / "shinseisho").rglob("*.pdf")
    assert json.loads(counts) == {"file": path.name, "kojin_no": 0, "others": [no(2), no(3)], "page": 1, "shotoku_id": ids}


def test_印刷した附票は次の夜には刷らず_所得が訂正されればまた刷る(after: After) -> None:
    site = after(apply, answer_all)
    kit.run(site, "shotoku_kaitou_daily", THIRD)
    assert len(printed(site)) == len(records(site)) == 1
    number, who, year = questions(site)[0]
    kit.kaitou(site, [{"shoukai_no": number, "soutou_year": year, "goukei_shotoku_yen": 1, **{k: {**kit.RESIDENT, **PEOPLE[0]}[k] for k in (
        "atena_no", "name_kana", "birth_on", "sex_code", "address")}}], on=NEXT, version=2)  # fmt: skip
    kit.run(site, "shotoku_kaitou_daily", NEXT)
    kit.approve_all(site, "teisei")
    kit.run(site, "shotoku_kaitou_daily", NEXT)
    assert who == no(1) and len(printed(site)) == len(records(site)) == 2


def test_回答待ちで刷ったものは_改訂でそろえばまた刷る(after: After) -> None:
    site = after(apply)
    answer(site, *(q for q in questions(site) if q[1] != no(2)))
    run = night(site)
    shinseisho.of_applications(site, run, [no(70)])
    kit.uketsuke(site, [{**APPLICATION, "rev": 2, "haiguusha_atena_no": None}], on=THIRD, seq=2)
    kit.run(site, "uketsuke_daily", THIRD)
    assert kit.run(site, "shotoku_kaitou_daily", THIRD)["forms"] == 1
    kit.uketsuke(site, [{**APPLICATION, "rev": 3, "haiguusha_atena_no": None, "jotai_code": "2"}], on=THIRD, seq=3)
    kit.run(site, "uketsuke_daily", THIRD)
    assert kit.run(site, "shotoku_kaitou_daily", THIRD)["forms"] == 0  # 審査中: nothing on the paper is another
    assert len(printed(site)) == 2


def test_同じ実行の印刷をやり直しても_刷ったものは消えず忘れられない(after: After) -> None:
    site = after(apply)
    run = get(site, answer(site, *questions(site))["run_id"])
    assert [f.pages for f in shinseisho.after_answers(site, run).forms] == [1] and len(printed(site)) == 1
    kit.uketsuke(site, [{**APPLICATION, "rev": 2, "menjo_code": "22"}], on=THIRD, seq=2)
    kit.run(site, "uketsuke_daily", THIRD)
    made = shinseisho.after_answers(site, run).forms
    assert [texts(f.path)[0].count("半額免除") for f in made] == [1, 2] and len(printed(site)) == 2


def test_保留を認めた次の夜に刷る(site: Site) -> None:
    apply(site, {"haiguusha_atena_no": None, "setainushi_atena_no": no(1)})
    [(number, who, year)] = questions(site)
    kit.kaitou(site, [{"shoukai_no": number, "atena_no": who, "soutou_year": year}], on=NEXT)  # another address
    kit.run(site, "shotoku_kaitou_daily", NEXT)
    kit.approve_all(site, "shotoku_kaitou")
    assert printed(site) == []
    kit.run(site, "shotoku_kaitou_daily", THIRD)
    assert len(printed(site)) == 1


@pytest.mark.parametrize("how", ["記録が書けない", "確定できない"])
def test_記録が残らなければ紙も残らない(after: After, owner_url_of: Callable[[Site], str], how: str) -> None:
    site = after(apply)
    run = night(site)
    with psycopg.connect(owner_url_of(site), autocommit=True) as owner:
        if how == "記録が書けない":
            owner.execute("alter table audit.head rename to head_gone")
        else:
            owner.execute("create function refuse() returns trigger language plpgsql as $$ begin raise 'no'; end $$")
            owner.execute(
                "create constraint trigger t after insert on audit.event deferrable initially deferred for each row execute function refuse()"
            )
    with pytest.raises(KokunenError):
        shinseisho.of_applications(site, run, [no(70)])
    assert list((site.outbox / "shinseisho").rglob("*.pdf")) == [] and records(site) == []


PROTECTED = kit.table("""
| 事例                                   | 支援措置 | 載らない住所 |
|----------------------------------------|----------|--------------|
| 誰にもない                             |          |              |
| 本人（同じ世帯の世帯主も）             | 1        | 1 3          |
| 別の世帯の配偶者                       | 2        | 2            |
| 同じ世帯の世帯主（本人も）             | 3        | 1 3          |
| 申請に出てこない同じ世帯の子           | 4        | 1 3          |
""")


def print_protected(site: Site) -> None:
    """A family for each case, all printed."""
    people, applications = [], []
    for at, case in enumerate(PROTECTED):
        family = (
            *PEOPLE[:2],
            {**PEOPLE[2], "address": "神奈川県川崎市川崎区世帯主町３－３"},
            {"atena_no": no(4), "address": "神奈川県川崎市川崎区子供町４－４"},
        )
        marked = ({**p, "shien_sochi_flag": str(int(p["atena_no"])) == case["支援措置"]} for p in family)
        people += [of_family(at, {"setai_no": kit.RESIDENT["setai_no"], **p}) for p in marked]
        of_child = {"uketsuke_no": no(71), "atena_no": no(4), "todoke_code": "01"}
        applications += [of_family(at, {**APPLICATION, **a}) for a in ({}, of_child)]
    apply(site, *applications, people=tuple(people))
    shinseisho.of_applications(site, night(site), [application(at) for at in range(len(PROTECTED))])
    assert len(printed(site)) == len(PROTECTED)


@pytest.mark.parametrize("case", PROTECTED, ids=lambda c: c["事例"])
def test_支援措置の世帯の住所は載らない(once: Once, case: dict[str, str | None]) -> None:
    page = page_of(once(print_protected), PROTECTED.index(case))
    hidden = (case["載らない住所"] or "").split()
    streets = {"1": "本人町", "2": "配偶者町", "3": "世帯主町"}
    assert {n for n, street in streets.items() if street not in page} == set(hidden)
    assert page.count("支援措置のため表示しません") == len(hidden)


def test_支援措置が終われば住所が載る(site: Site) -> None:
    apply(site, people=({**PEOPLE[0], "shien_sochi_flag": True}, *PEOPLE[1:]))
    kit.juki(site, [{**PEOPLE[0], "rireki_no": 2, "shien_sochi_flag": False, "idou_jiyu_code": "59"}], on=NEXT, seq=2)
    kit.run(site, "juki_daily", NEXT)
    run = night(site)
    shinseisho.of_applications(site, run, [no(70)])
    assert "本人町" in printed(site)[0]


HEADS: dict[str, tuple[dict[str, Any], str | None]] = {
    "本人": ({"setainushi_atena_no": no(1)}, "世帯主本人"),
    "配偶者": ({"setainushi_atena_no": no(2)}, "世帯主配偶者"),
    "別の人": ({}, "世帯主上の欄のとおり"),
    "書かれていない": ({"setainushi_atena_no": None}, "世帯主書かれていません"),
    "納付猶予は世帯主を見ない": ({"menjo_code": "30"}, None),
}


def print_heads(site: Site) -> None:
    """A family for each case, all printed."""
    applications = [of_family(at, {**APPLICATION, **cells}) for at, (cells, _) in enumerate(HEADS.values())]
    apply(site, *applications, people=tuple(of_family(at, p) for at in range(len(HEADS)) for p in PEOPLE))
    shinseisho.of_applications(site, night(site), [application(at) for at in range(len(HEADS))])
    assert len(printed(site)) == len(HEADS)


@pytest.mark.parametrize("at", range(len(HEADS)), ids=HEADS)
def test_世帯主が誰かが分かる(once: Once, at: int) -> None:
    told, page = list(HEADS.values())[at][1], page_of(once(print_heads), at)
    assert told in page if told else "世帯主" not in page.replace("配偶者・世帯主", "")


def test_受付区ごとに一つのファイルになり_期間と区で選べる(site: Site) -> None:
    alone = {"haiguusha_atena_no": None, "setainushi_atena_no": no(1)}
    wards = ("141313", "141321", "141313")
    apply(
        site,
        *({**alone, "uketsuke_no": no(70 + n), "uketsuke_ku_code": ward} for n, ward in enumerate(wards)),
        {**alone, "uketsuke_no": no(80), "juri_on": date(2025, 8, 1)},
    )
    answer(site, *questions(site))
    run = night(site, THIRD)
    month = (date(2025, 9, 1), date(2025, 9, 30))
    made = shinseisho.of_period(site, run, *month)
    assert [(m.ku, m.pages) for m in made] == [("川崎区役所", 2), ("幸区役所", 1)]
    assert [[no(n) in p for n in (70, 72)] for p in texts(made[0].path)] == [[True, False], [False, True]]
    assert [m.ku for m in shinseisho.of_period(site, run, *month, ku="141321")] == ["川崎区役所", "幸区役所", "幸区役所"]


def test_同じものは同じバイトになる(after: After) -> None:
    site = after(apply, answer_all)
    run = night(site, THIRD)
    twice = [Path(shinseisho.of_applications(site, run, [no(70)])[0].path).read_bytes() for _ in range(2)]
    assert twice[0] == twice[1] and len(records(site)) == 3


def test_回答待ちの附票は番号で選べば出る(after: After) -> None:
    site = after(apply)
    answer(site, questions(site)[0])
    run = night(site)
    assert shinseisho.of_period(site, run, DAY, DAY) == []
    shinseisho.of_applications(site, run, [no(70)])
    assert "配偶者：回答待ち" in printed(site)[0] and "100,000" in printed(site)[0]


CLOSED: dict[str, dict[str, Any]] = {
    "進達済": {"jotai_code": "4"},
    "免除でない届": {"todoke_code": "01"},
    "未確認": {"kakunin_user": None},
}


def apply_closed(site: Site) -> None:
    applications = [of_family(at, {**APPLICATION, **cells}) for at, cells in enumerate(CLOSED.values())]
    apply(site, *applications, people=tuple(of_family(at, p) for at in range(len(CLOSED)) for p in PEOPLE))


@pytest.mark.parametrize("at", range(len(CLOSED)), ids=CLOSED)
def test_審査中の免除等の申請でなければ断る(after: After, at: int) -> None:
    site = after(apply_closed)
    with pytest.raises(Refused, match="NP-2202"):
        shinseisho.of_applications(site, night(site), [application(at)])
    assert printed(site) == [] and records(site) == []


def test_改訂で外れた人の所得は審査にも附票にも使わない(after: After) -> None:
    site = after(apply, answer_all)
    kit.uketsuke(site, [{**APPLICATION, "rev": 2, "haiguusha_atena_no": None}], on=THIRD, seq=2)
    kit.run(site, "uketsuke_daily", THIRD)
    run = night(site, THIRD)
    *_, made = shinseisho.of_applications(site, run, [no(70)])
    [page] = texts(made.path)
    assert "300,000" in page and "200,000" not in page and "架空　夫" not in page


def test_印刷記録の一覧に誰がいつなぜ誰の分を刷ったかが並ぶ(after: After) -> None:
    site = after(apply, answer_all)
    run = night(site, THIRD)
    today = runs.now().date()
    [made] = ichiran.make(site, run, "insatsu_kiroku", today, today)
    [row] = [r for r in openpyxl.load_workbook(made.path).active.iter_rows(values_only=True) if no(70) in map(str, r)]
    assert (
        row[0].date() == today
        and row[1] == "sousa01"
        and row[4]
        and row[5:9] == (no(70), "141313", "川崎区役所", no(1))
        and row[10:] == (1, "出力")
    )


def test_命令は作ったものを示し_なければないと言う(
    after: After, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    site = after(apply)
    monkeypatch.setattr("etl.cli.common.ready_site", lambda: site)
    monkeypatch.setattr("logging.disable", lambda level: None)
    assert main(["print", "menjo_shinseisho", "--period", "2025-09", "--as", "sousa01"]) == 0
    assert "該当なし" in capsys.readouterr().out
    answer_all(site)
    assert main(["print", "menjo_shinseisho", "--period", "2025-09", "--as", "sousa02", "--reason", "窓口交付", "--json"]) == 0
    [made] = json.loads(capsys.readouterr().out)["forms"]
    assert (made["ku"], made["pages"]) == ("川崎区役所", 1) and Path(made["path"]).is_file()
    assert kit.query(site, "select user_name, reason from audit.event where operation = '印刷' order by event_id")[-1] == (
        "sousa02",
        "窓口交付",
    )
    assert main(["print", "menjo_shinseisho", "--uketsuke", no(71), "--as", "sousa01"]) == 12
    assert "NP-2202" in capsys.readouterr().err
