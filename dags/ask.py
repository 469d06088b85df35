"""伺い: puts before a second person what commands proposed, as runs of ``shounin``. Not a DAG; ``etl.platform.pages`` runs it.

Standard input: ``[{"name": "...", "conf": {"run_id": "...", "kinds": [...], "title": "..."}}]``. One that is there already stays.
"""

from __future__ import annotations

import json
import sys


def main() -> None:
    from airflow.api.common.trigger_dag import trigger_dag
    from airflow.exceptions import DagRunAlreadyExists
    from airflow.utils.types import DagRunTriggeredByType, DagRunType

    for question in json.load(sys.stdin):
        try:
            trigger_dag(
                "shounin", triggered_by=DagRunTriggeredByType.OPERATOR, run_type=DagRunType.OPERATOR_TRIGGERED,
                run_id=question["name"], conf=question["conf"],
            )  # fmt: skip
        except DagRunAlreadyExists:
            continue


if __name__ == "__main__":
    main()
