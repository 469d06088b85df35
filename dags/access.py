"""職責の分離: the roles of Airflow's pages, exactly as ``mappings/rights.yaml`` has them. Not a DAG; ``etl.platform`` runs it at every start.

Brings the metadata database to this version, then sets the roles; who has them is the business of the register (``etl.platform.gamen``). What
was otherwise is told on standard output, a line ``戻しました`` each. The approval itself counts only in our own table (``etl.approve``), so
that a wrong tick here lets nothing through.
"""

from __future__ import annotations

from typing import Any

from etl.core.mapping.rights import rights
from etl.platform.gamen import SET_BACK

ACTIONS = {"read": "can_read", "edit": "can_edit", "create": "can_create", "delete": "can_delete", "menu": "menu_access"}


def main() -> None:
    from airflow.utils import db

    db.upgradedb()
    from airflow.providers.fab.auth_manager.cli_commands.utils import get_application_builder

    with get_application_builder() as builder:
        manager = builder.sm
        new = manager.find_role("管理者") is None
        manager.sync_roles()
        for role in manager.ROLE_CONFIGS:  # those of Airflow, which nobody has; Admin has everything
            if role["role"] != "Admin":
                _set_role(manager, role["role"], set(role["perms"]), new)
        for name in rights().yakuwari:
            _set_role(manager, name, {(ACTIONS[verb], what) for verb, what in rights().pages_of(name)}, new)


def _set_role(manager: Any, name: str, wanted: set[tuple[str, str]], new: bool) -> None:
    """Exactly these; what somebody added or took is told (not while an installation is made)."""
    role = manager.find_role(name)
    told, role = role is not None and not new, role or manager.add_role(name)
    held = {(p.action.name, p.resource.name): p for p in role.permissions}
    for key in sorted(set(held) - wanted):
        manager.remove_permission_from_role(role, held[key])
    for action, resource in sorted(wanted - set(held)):
        manager.add_permission_to_role(role, manager.create_permission(action, resource))
    if told and set(held) != wanted:
        more, less = (", ".join(f"{a} {r}" for a, r in sorted(x)) or "なし" for x in (set(held) - wanted, wanted - set(held)))
        print(f"{SET_BACK} 役割 {name}（加えられていたもの: {more}　外されていたもの: {less}）", flush=True)


if __name__ == "__main__":
    main()
