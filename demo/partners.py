"""実演の相手先: a server of each on this machine, registered by one person and agreed to by another; what they say, and what is sent once more."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from city import sftp_server
from city.partners import Partner, start
from demo import people
from etl import aitesaki, approve, soushin
from etl.core.mapping.partners import giver, partners
from etl.site import Site

WHY = "実演（相手先）"
FOLDER = "aitesaki"  # of the home: the partners' folders
#: what does not go as it should: one refuses its second file, another says nothing of its third
AMISS = {"kiban-seiho": {"refuses": 2}, "kiban-jidou": {"silent": 3}}


@contextmanager
def running(site: Site) -> Iterator[dict[str, Partner]]:
    """The partners of the registry, whose servers run for the block."""
    made = {name: start(name, site.home / FOLDER / name, **AMISS.get(name, {})) for name in partners()}
    try:
        for partner in made.values():
            register(site, partner)
        approve.decide(site, aitesaki.APPROVAL, None, "shounin01", reason=WHY)
        yield made
    finally:
        for partner in made.values():
            partner.server.stop()


def register(site: Site, partner: Partner) -> None:
    """Its address and host key, as it told them; our public key for it, which it lets in."""
    key = sftp_server.pinned(partner.server.host_key)
    place = aitesaki.Place(partner.name, "127.0.0.1", partner.server.port, "kokunen", key, "/")
    with people.acting(site, "partner_set", "kanri01", WHY) as run:
        _, public = aitesaki.propose(site, run, place)
    partner.server.authorized.add(public)


def resent(site: Site) -> Iterator[str]:
    """What a recipient refused: put before a second person, who agrees; the next run sends it. Lines for people."""
    for one in soushin.waiting(site):
        if one.state == "refused":
            with people.acting(site, "partner_resend", "sousa01", WHY) as run:
                approval = soushin.propose(site, run, one.name)
            done = approve.decide(site, soushin.saisou.KIND, [approval], "shounin01", reason=WHY)
            yield f"{partners()[one.partner].title}が {one.name} の受領を拒みました。再送を起案し、{done['approved']} 件を承認者が承認しました（次の移転で送ります）"


def unconfirmed(site: Site) -> Iterator[str]:
    """What is unconfirmed at the end: nobody sends it again by himself."""
    for one in soushin.waiting(site):
        if one.state == "waiting":
            yield f"未確認: {one.name}　{partners()[one.partner].title}が何も言いません（自動では再送しません）"


def given(made: dict[str, Partner], path: Path | None) -> bool:
    """An answer that its sender lays on its own server, for the house to fetch. Whether there is any."""
    if path is None:
        return False
    made[giver(path.parent.name) or ""].give(path)
    return True
