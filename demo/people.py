"""架空の市の職員: registered as an office does it: the first administrator, then each asked for by one and granted by another."""

from __future__ import annotations

import json
import secrets
from datetime import date

from etl.edge import atomic
from etl.service import shown
from etl.shokuin import gamen, proof, register
from etl.shokuin.entries import Entry
from etl.site import Site

UNIT = "国民年金・福祉医療課"
PEOPLE = {"kanri01": "管理者", "kanri02": "管理者", "sousa01": "操作者", "shounin01": "承認者", "kansa01": "監査者"}
WHY = "架空の市の準備"
FROM = date(2020, 4, 1)  # before every day that is played


def enter(site: Site) -> dict[str, str]:
    """user -> password; made and registered once per home, the file first: a kill between leaves nobody without a password that is known."""
    words = {name: {"role": role, "password": secrets.token_urlsafe(12)} for name, role in PEOPLE.items()}
    atomic.write(shown(site.home), json.dumps(words, ensure_ascii=False).encode(), mode=0o600, once=True)
    kept = {name: about["password"] for name, about in json.loads(shown(site.home).read_bytes()).items()}
    there = {person.name for person in gamen.people(site)}
    first, second = list(PEOPLE)[:2]  # the second asks on paper for whoever comes, also for himself
    for name, role in PEOPLE.items():
        if name in there:
            continue
        if name == first:
            register.first(site, first, kept[name])
            continue
        register.enter(site, first, second, Entry(name, UNIT, (role,), from_on=FROM), WHY)
        proof.set_password(site, first, name, kept[name], WHY)
    return kept
