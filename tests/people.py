"""職員: who works in the tests, and how they prove who they are: each has a log-in that holds, its token in a file of ours."""

from __future__ import annotations

import os
from pathlib import Path

import psycopg

from etl.shokuin import identity, proof

ROLES = {
    "sousa01": "操作者", "sousa02": "操作者", "shounin01": "承認者", "shounin02": "承認者", "kansa01": "監査者", "kanri01": "管理者",
    "kanri02": "管理者", "taro": "操作者", "hanako": "承認者", "tanaka": "操作者", "suzuki": "承認者",
}  # fmt: skip
BOTH = ("操作者", "承認者")  # of names that the tests make both start and decide


def register(owner_url: str, people: dict[str, tuple[str, ...]] | None = None) -> None:
    """These people, asked for by kanri01 and granted by kanri02, with a log-in each. For databases that are templates of others."""
    with psycopg.connect(owner_url) as owner:
        for name, roles in (people or {n: (r,) for n, r in ROLES.items()}).items():
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
