"""都度の移転"""
from __future__ import annotations
import kit
from kit import no
from etl.site import Site


def test_一度(site: Site) -> None:
    kit.insured(site, [{"atena_no": no(1)}, {"atena_no": no(2)}])
    r = kit.run(site, "iten_event", kit.DAY)
    print(r)
    for o in r["outputs"]:
        print(open(o["path"]).read())
    print(kit.run(site, "iten_event", kit.DAY))
    assert 0
