"""Where the definitions are (mappings, expectations, sql): beside the code, or in the folder that KOKUNEN_DEFINITIONS names, whole."""

from __future__ import annotations

import os
from pathlib import Path

DEFINITIONS = Path(os.environ.get("KOKUNEN_DEFINITIONS") or Path(__file__).resolve().parents[1]).resolve()
MAPPINGS, EXPECTATIONS, SQL = (DEFINITIONS / name for name in ("mappings", "expectations", "sql"))
