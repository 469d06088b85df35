"""職責の分離: Airflow's four roles and who may do what in its pages. Not a DAG; ``etl.platform`` runs it at every start.

Standard input: ``{"user": {"role": "操作者", "password": "..."}}``. Brings the metadata database to this version, then sets roles and
users to what is written here: nobody else stays active, nobody has another role. What was otherwise is told on standard output, a line
``戻しました`` each. The approval itself counts only in our own table (``etl.approve``), so that a wrong tick here lets nothing through.
"""

from __future__ import annotations

import json
import sys
from typing import Any

from werkzeug.security import check_password_hash

READ, EDIT, CREATE, DELETE, MENU = "can_read", "can_edit", "can_create", "can_delete", "menu_access"
APPROVE = (EDIT, "HITL Detail")
ANSWER = (EDIT, "DAG:shounin")  # an answer asks for the right to edit its DAG, which is also the right to pause it: this one only
#: who may do what is written here and nowhere else: nobody may change it in the pages
PEOPLE = ("Users", "Roles", "Passwords", "Permissions", "Permission Views", "View Menus")
TOLD = "戻しました"

#: role -> (built-in role it begins with, more, less)
ROLES: dict[str, tuple[str, set[tuple[str, str]], set[tuple[str, str]]]] = {
    "操作者": (
        "Viewer",
        {
            (CREATE, "DAG Runs"),
            (EDIT, "DAG Runs"),
            (EDIT, "Task Instances"),
            (CREATE, "Backfills"),
            (EDIT, "Backfills"),
            (EDIT, "DAGs"),
        }
        | {(READ, "Audit Logs"), (READ, "Plugins"), (MENU, "HITL Detail")},
        set(),
    ),
    "承認者": ("Viewer", {APPROVE, ANSWER, (READ, "Plugins"), (MENU, "HITL Detail")}, set()),
    "監査者": (
        "Viewer",
        {(READ, "Audit Logs"), (READ, "All Audit Logs"), (MENU, "Audit Logs"), (READ, "Plugins")},
        {(READ, "DAG Code")},
    ),
    "管理者": ("Admin", set(), {APPROVE, (CREATE, "XComs"), (EDIT, "XComs"), (DELETE, "XComs")}),  # nor forge an answer
}


def main() -> None:
    users = json.load(sys.stdin)
    from airflow.utils import db

    db.upgradedb()
    from airflow.providers.fab.auth_manager.cli_commands.utils import get_application_builder

    with get_application_builder() as builder:
        manager = builder.sm
        new = manager.find_role("管理者") is None
        manager.sync_roles()
        for role in manager.ROLE_CONFIGS:  # those of Airflow that ours begin with; Admin has everything
            if role["role"] != "Admin":
                _set_role(manager, role["role"], set(role["perms"]), new)
        for name, (base, more, less) in ROLES.items():
            begins = {(p.action.name, p.resource.name) for p in manager.find_role(base).permissions}
            wanted = {p for p in (begins | more) - less if p[1] not in PEOPLE or p[0] in (READ, MENU)}
            _set_role(manager, name, wanted, new)
        for found in manager.get_all_users():
            if found.username not in users and found.active:
                found.active, found.roles, found.groups = False, [], []
                manager.update_user(found)
                _tell(f"利用者 {found.username}（書かれていないので使えないように）")
        for name, user in users.items():
            _set_user(manager, name, **user)


def _tell(what: str) -> None:
    print(f"{TOLD} {what}", flush=True)


def _set_role(manager: Any, name: str, wanted: set[tuple[str, str]], new: bool) -> None:
    """Exactly these; what somebody added or took is told (not while an installation is made)."""
    role = manager.find_role(name) or manager.add_role(name)
    held = {(p.action.name, p.resource.name): p for p in role.permissions}
    for key in sorted(set(held) - wanted):
        manager.remove_permission_from_role(role, held[key])
    for action, resource in sorted(wanted - set(held)):
        manager.add_permission_to_role(role, manager.create_permission(action, resource))
    if not new and set(held) != wanted:
        more, less = (", ".join(f"{a} {r}" for a, r in sorted(x)) or "なし" for x in (set(held) - wanted, wanted - set(held)))
        _tell(f"役割 {name}（加えられていたもの: {more}　外されていたもの: {less}）")


def _set_user(manager: Any, name: str, role: str, password: str) -> None:
    found = manager.find_user(username=name)
    if found is None:
        manager.add_user(name, name, role, f"{name}@kokunen.invalid", manager.find_role(role), password=password)
        return
    held = sorted({r.name for r in found.roles} | {r.name for g in found.groups for r in g.roles})
    if held != [role] or not found.active:
        _tell(f"利用者 {name}（役割 {'、'.join(held) or 'なし'}{'' if found.active else '、使えない'} → {role}）")
    found.roles, found.groups, found.active = [manager.find_role(role)], [], True
    manager.update_user(found)
    if not check_password_hash(found.password, password):
        _tell(f"利用者 {name} のパスワード")
        manager.reset_password(found.id, password)


if __name__ == "__main__":
    main()
