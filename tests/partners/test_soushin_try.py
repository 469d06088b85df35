from tests.partners import library
from tests.partners.library import *
def test_a(site, tmp_path):
    library.ask(site)
    with library.partner(tmp_path/"there") as server:
        c = City(site, server)
        print(c.deliver())
        library.register(site, server)
        print(c.deliver()); print(list(c.lying())); print(library.sent(site))
        print(c.deliver())
        n=list(c.lying())[0]
        c.ack(n); print(c.deliver())
        print(kit.query(site,"select * from ledger.kakunin"), kit.query(site,"select * from ledger.hikiwatashi"), list(site.outbox.rglob("*")))
        print(kit.query(site,"select * from ledger.soushin_ima"))
        r=kit.run(site,"juki_shoukai_daily",date(2025,9,29)); print(r)
        assert 0
