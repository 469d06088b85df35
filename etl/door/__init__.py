"""出口: the only code that writes under ``outbox/``. ``send`` for files of a dataset, ``papers`` for lists and sheets of the house.

choose → pack → send (permit → place → read back → seal → ledger → manifest). The door knows channels, not recipients: what differs between
them is a row of ``transfers.yaml``, the mapping and one statement. Doing it again is the same: what was placed and not recorded is found, not
made twice.
"""
