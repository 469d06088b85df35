"""出口: the only code that writes under ``outbox/``. ``send`` for files of a dataset, ``papers`` for lists and sheets of the house.

choose → pack → send (permit → place → read back → seal → ledger → manifest). The door knows channels, not recipients: a recipient
is a row of ``transfers.yaml``, a mapping and one statement. Doing it again changes nothing: a file placed but not recorded is
found, not made twice.
"""
