"""移転: the files of a job's rows of ``transfers.yaml``. By day ``changes`` tells a recipient what it does not know yet, by month
``whole`` gives all that it has; to the others by month ``build`` → (approval) → ``release``.

A version is a month, a moment (``known_at``) and a 作成年月日: from these three the same bytes can be made at any time, so nothing personal waits
on disk for its approval. What leaves goes through ``etl.door``.
"""

from etl.transfer.build import build
from etl.transfer.changes import changes
from etl.transfer.month import DEFAULT_REASON, business_day
from etl.transfer.release import release
from etl.transfer.whole import whole

__all__ = ["DEFAULT_REASON", "build", "business_day", "changes", "release", "whole"]
