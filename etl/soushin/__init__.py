"""送信と受信: files go to partners' servers and come from there, each exactly once and in order; what a recipient says of them is kept.

A file's way: read again and compared with the ledger → laid down there, read back, named → noted here → its ``.end`` → recorded. Wherever it is
cut off, the next run looks what lies there and goes on. A recipient takes a file only when its ``.end`` lies beside it: one that was noted and
lies there no more was taken. Once more goes only what two people send again (P57, P86; F02, F26, F27).
"""

from etl.soushin.deliver import deliver
from etl.soushin.jushin import fetch
from etl.soushin.saisou import propose, waiting

__all__ = ["deliver", "fetch", "propose", "waiting"]
