"""職員: who works in the tests, and how they prove who they are: each has a log-in that holds, its token in a file of ours."""

from __future__ import annotations

import os
from datetime import date, datetime
from pathlib import Path

import psycopg

from etl.core.mapping.city import ZONE
from etl.shokuin import identity, proof

#: most may start and decide: what keeps somebody from deciding in most tests is what he made, not what he is
BOTH = ("操作者", "承認者")
ROLES: dict[str, tuple[str, ...]] = {
    **dict.fromkeys(("sousa01", "sousa02", "hirai01", "tanaka", "suzuki", "taro", "hanako"), BOTH),
    **dict.fromkeys(("shounin01", "shounin02", "shounin03"), ("承認者",)),
    "sousa03": ("操作者",),
    "kansa01": ("監査者",), "kanri01": ("管理者",), "kanri02": ("管理者",),
}  # fmt: skip


def today() -> date:
    """The day of the database's clock, by which the register goes; asked in the test, since midnight may come between."""
    return datetime.now(ZONE).date()


def register(owner_url: str, people: dict[str, tuple[str, ...]] | None = None) -> None:
    """These people, asked for by kanri01 and granted by kanri02, with a log-in each. For databases that are templates of others."""
    with psycopg.connect(owner_url) as owner:
        for name, roles in (people or ROLES).items():
            owner.execute(
                "insert into shokuin.touroku (user_name, unit, yakuwari, sees_numbers, from_on, totp, reason, asked_by, granted_by, granted_at)"
                " values (%s, '国民年金・福祉医療課', %s, false, '2020-04-01', false, '試験', 'kanri01', 'kanri02', now())",
                (name, list(roles)),
            )
            owner.execute(
                "insert into shokuin.kaigi (token_hash, person, user_name, terminal, ends_at)"
                " values (%s, ledger.person(%s), %s, '試験', '2099-12-31')",
                (identity.digest(f"token of {name}"), name, name),
            )


def log_in(folder: Path) -> None:
    """Their tokens lie in ``folder``, where the commands look for them."""
    os.environ["XDG_STATE_HOME"] = str(folder)
    for name in ROLES:
        proof.keep(name, f"token of {name}")
