"""What a suite found out about a file: counts and words of ours, never a value of a row (spec §11)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True)
class Finding:
    """One expectation of one dataset on one file. ``fail`` stops the file before anything changes, ``warn`` is shown.

    ``checked`` rows were looked at, ``unexpected`` of them do not meet it; ``code`` is the catalogue's (NP-30xx), None for ``warn``.
    """

    dataset: str
    expectation: str
    label: str
    severity: Literal["fail", "warn"]
    passed: bool
    checked: int
    unexpected: int
    code: str | None = None
