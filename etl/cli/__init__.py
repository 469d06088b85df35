"""``kokunen``: the use cases of the DAGs without Airflow. One module per group of commands; each says its own arguments."""

from etl.cli.main import main

__all__ = ["main"]
