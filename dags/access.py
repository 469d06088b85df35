"""職責の分離: Airflow's four roles and who may do what in its pages. Not a DAG; ``etl.platform`` runs it when an installation is made.

Standard input: ``{"user": {"role": "操作者", "password": "..."}}``. Brings the metadata database to this version, then makes roles
and users; again: sets them to what is written here. The approval itself counts only in our own table (``etl.approve``), so that a
wrong tick here lets nothing through.
"""

from __future__ import annotations

import json
import sys
from typing import Any

READ, EDIT, CREATE, DELETE, MENU = "can_read", "can_edit", "can_create", "can_delete", "menu_access"
APPROVE = (EDIT, "HITL Detail")

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
    "承認者": ("Viewer", {APPROVE, (EDIT, "DAGs"), (READ, "Plugins"), (MENU, "HITL Detail")}, set()),
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
        manager.sync_roles()
        for name, (base, more, less) in ROLES.items():
            _set_role(manager, name, base, more, less)
        for name, user in users.items():
            _set_user(manager, name, **user)


def _set_role(manager: Any, name: str, base: str, more: set[tuple[str, str]], less: set[tuple[str, str]]) -> None:
    role = manager.find_role(name) or manager.add_role(name)
    begins = {(p.action.name, p.resource.name) for p in manager.find_role(base).permissions}
    wanted = (begins | more) - less
    for permission in list(role.permissions):
        if (permission.action.name, permission.resource.name) not in wanted:
            manager.remove_permission_from_role(role, permission)
    for action, resource in sorted(wanted):
        manager.add_permission_to_role(role, manager.create_permission(action, resource))


def _set_user(manager: Any, name: str, role: str, password: str) -> None:
    found = manager.find_user(username=name)
    if found is None:
        manager.add_user(name, name, role, f"{name}@kokunen.invalid", manager.find_role(role), password=password)
        return
    found.roles = [manager.find_role(role)]
    manager.update_user(found)
    manager.reset_password(found.id, password)


if __name__ == "__main__":
    main()
