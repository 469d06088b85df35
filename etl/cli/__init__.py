"""``kokunen``: the use cases of the DAGs without Airflow. One module per group of commands; each says its own arguments."""

import sys

from etl.core.errors import DefinitionError

try:  # the city and its clock are read on import
    from etl.cli.main import main
except DefinitionError as error:
    print(f"{error}\n  → {error.remedy}", file=sys.stderr)
    raise SystemExit(error.exit_status) from None
except OSError as error:  # not even the catalogue of errors is there
    print(f"[NP-1101] 定義ファイルが読めません（{error.filename}）", file=sys.stderr)
    raise SystemExit(DefinitionError.exit_status) from None

__all__ = ["main"]
