"""集合の名前と期日: ビューは states の言葉のとおりで、法令の数は表を直せば変わる。"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml
from sqlalchemy import Connection, text

from etl.core.law.kijitsu import kijitsu
from etl.core.law.todoke import nenkin
from etl.core.states import OPEN, STANDING, Jotai
from etl.definitions import DEFINITIONS
from etl.edge import db
from etl.site import Site

INTAKE = """insert into pension.uketsuke (uketsuke_no, todoke_code, juri_on, uketsuke_ku_code, atena_no, name_kana, birth_on, sex_code,
    honnin_kakunin_code, nyuryoku_user, kakunin_user, jotai_code, rev, row_key, file_id)
    values (:no, '09', '2025-07-01', '', '1', '', '2000-01-01', '1', '1', 'a', :by, :jotai, :rev, :no || '-' || :rev, 1)"""
LEDGER = """insert into ledger.run (run_id, run_key, job, period, user_name, unit, terminal, reason, business_on, definition_hash)
    values ('00000000-0000-0000-0000-000000000001', '', '', '', 'sousa01', '', '', '', '2025-07-01', '');
    insert into ledger.file (file_id, run_id, dataset, stream, resets, name, business_on, version, bytes, sha256, outcome)
    overriding system value values (1, '00000000-0000-0000-0000-000000000001', 'uketsuke', '', false, '', '2025-07-01', 1, 0, '', 'refused')"""
ON_DAY_61 = "select outcome from pension.uketsuke_outcome(date '2025-07-01' + 61)"
MIGRATE = "import sys; from etl.edge.db.migrate import migrate; migrate(sys.argv[1])"


@pytest.fixture
def owner(site: Site, owner_url: str) -> Iterator[Connection]:
    engine = db.engine(owner_url)
    with engine.connect() as connection:
        yield connection
    engine.dispose()


def intake(owner: Connection, no: str, jotai: str, by: str | None = "b", rev: int = 1) -> None:
    owner.execute(text(INTAKE), {"no": no, "jotai": jotai, "by": by, "rev": rev})


@pytest.mark.parametrize(("view", "words"), [("uketsuke_open", OPEN), ("uketsuke_standing", STANDING)])
def test_受付の集合は_states_のとおり(owner: Connection, view: str, words: tuple[Jotai, ...]) -> None:
    for jotai in Jotai:
        intake(owner, f"confirmed-{jotai}", jotai)
        intake(owner, f"alone-{jotai}", jotai, by=None)
        intake(owner, f"self-{jotai}", jotai, by="a")
        intake(owner, f"revised-{jotai}", jotai)
        intake(owner, f"revised-{jotai}", Jotai.TORISAGE, rev=2)
    found = owner.execute(text(f"select uketsuke_no from pension.{view}")).scalars()
    assert set(found) == {f"confirmed-{jotai}" for jotai in words}


def test_20歳前傷病の年金コードは届書の表のとおり(owner: Connection) -> None:
    said = {"20歳前障害": True, "障害": False}
    for name, about in nenkin().items():
        for code in about.codes:
            found = owner.execute(text("select pension.hatachi_mae(:code, null, null)"), {"code": code}).scalar()
            assert found is said.get(name), (name, code)


def test_ビューと関数の使う期日の名は表にある(owner: Connection) -> None:
    texts = owner.execute(
        text(
            "select pg_get_viewdef(c.oid) from pg_class as c where c.relkind = 'v' and c.relnamespace = 'pension'::regnamespace"
            " union all select coalesce(p.prosrc, '') || coalesce(pg_get_function_sqlbody(p.oid), '')"
            " from pg_proc as p where p.pronamespace = 'pension'::regnamespace"
        )
    ).scalars()
    calls = [call for said in texts for call in re.findall(r"kijitsu_on\((.*?), \w+\.?\w*\)", said, re.DOTALL)]
    used = {name for call in calls for name in re.findall(r"'(\w{3,})'", call)}
    assert used and used <= set(kijitsu().entries)


def test_超過の日数は表を直せば変わる(owner: Connection, owner_url: str, tmp_path: Path) -> None:
    owner.execute(text(LEDGER))
    intake(owner, "1", Jotai.SHINTATSU)
    owner.commit()
    assert owner.execute(text(ON_DAY_61)).scalar() == "overdue"
    for name in ("mappings", "expectations", "sql"):
        shutil.copytree(DEFINITIONS / name, tmp_path / "law" / name)
    page = tmp_path / "law" / "mappings" / "kijitsu.yaml"
    entries = [
        {**e, "amount": 90 if e["name"] == "kekka_choka" else e["amount"]}
        for e in yaml.safe_load(page.read_text(encoding="utf-8"))
    ]
    page.write_text(yaml.safe_dump(entries, allow_unicode=True), encoding="utf-8")
    env = {**os.environ, "KOKUNEN_DEFINITIONS": str(tmp_path / "law")}
    subprocess.run([sys.executable, "-c", MIGRATE, owner_url], env=env, cwd=DEFINITIONS, check=True)
    assert owner.execute(text(ON_DAY_61)).scalar() == "waiting"
    owner.rollback()
