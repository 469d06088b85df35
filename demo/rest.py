"""Airflow's REST API as one of its users sees it: start a run, wait for it, answer an approval. Standard library only."""

from __future__ import annotations

import json
import ssl
import time
import urllib.error
import urllib.request
from typing import Any
from urllib.parse import quote

from etl.core.errors import Refused, Unavailable

ENDED = ("success", "failed")


class Client:
    """One user, logged in. ``call`` returns (status, body); the other methods raise NP-9003 to NP-9005."""

    def __init__(self, address: str, user: str, password: str, context: ssl.SSLContext | None = None):
        self.address, self.user, self.password, self.context = address, user, password, context
        self.token = ""

    def call(self, method: str, path: str, body: Any = None) -> tuple[int, Any]:
        """One request below /api/v2, logging in when needed. Unavailable NP-9003 when nobody answers."""
        if not self.token:
            self._login()
        status, answer = self._send(method, f"/api/v2{path}", body, {"Authorization": f"Bearer {self.token}"})
        return status, answer

    def get(self, path: str) -> Any:
        return self._expect(path, *self.call("GET", path))

    def post(self, path: str, body: Any) -> Any:
        return self._expect(path, *self.call("POST", path, body))

    def trigger(self, dag: str, period: str, reason: str | None, **conf: Any) -> str:
        """A manual run for a period, as the page starts it (a job that is switched off is switched on); returns Airflow's run id."""
        if self.get(f"/dags/{dag}")["is_paused"]:
            self._expect(dag, *self.call("PATCH", f"/dags/{dag}?update_mask=is_paused", {"is_paused": False}))
        body = {"logical_date": None, "partition_key": period, "conf": {"reason": reason, **conf}}
        return str(self.post(f"/dags/{dag}/dagRuns", body)["dag_run_id"])

    def run(self, dag: str, run_id: str) -> dict[str, Any]:
        found: dict[str, Any] = self.get(f"/dags/{dag}/dagRuns/{quote(run_id)}")
        return found

    def tasks(self, dag: str, run_id: str) -> dict[str, str | None]:
        """task -> state"""
        found = self.get(f"/dags/{dag}/dagRuns/{quote(run_id)}/taskInstances")["task_instances"]
        return {t["task_id"]: t["state"] for t in found}

    def xcom(self, dag: str, run_id: str, task: str, key: str = "return_value") -> Any:
        return self.get(f"/dags/{dag}/dagRuns/{quote(run_id)}/taskInstances/{task}/xcomEntries/{key}")["value"]

    def wait(self, dag: str, run_id: str, seconds: float = 180, task: str | None = None, states: tuple[str, ...] = ENDED) -> str:
        """Until the run (or one task of it) is in one of ``states``. Unavailable NP-9003 after ``seconds``."""
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            try:
                state = self.tasks(dag, run_id).get(task) if task else self.run(dag, run_id)["state"]
            except Unavailable:  # the server is being restarted
                state = None
            if state in states:
                return state
            time.sleep(0.2)
        raise Unavailable("NP-9003", item=f"{dag} {task or ''}".strip())

    def asked(self, dag: str, run_id: str) -> str | None:
        """The run of ``shounin`` that asks about what this run let wait; None when it let nothing wait."""
        if self.tasks(dag, run_id).get("approval") != "success":
            return None
        return str(self.xcom(dag, run_id, "approval", "trigger_run_id"))

    def answer(self, asked: str, option: str, comment: str | None = None) -> tuple[int, Any]:
        """Decide an approval that waits; (status, body), since a refusal is an answer too."""
        path = f"/dags/shounin/dagRuns/{quote(asked)}/taskInstances/approval/-1/hitlDetails"
        return self.call("PATCH", path, {"chosen_options": [option], "params_input": {"comment": comment}})

    def _login(self) -> None:
        status, answer = self._send("POST", "/auth/token", {"username": self.user, "password": self.password}, {})
        self.token = self._expect("auth/token", status, answer)["access_token"]

    def _expect(self, path: str, status: int, answer: Any) -> Any:
        if status >= 500:  # its database is being restarted
            raise Unavailable("NP-9003", item=path.split("?")[0])
        if status >= 300:
            raise Refused("NP-9005", item=path.split("?")[0], status=status)
        return answer

    def _send(self, method: str, path: str, body: Any, headers: dict[str, str]) -> tuple[int, Any]:
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(
            self.address + path, data, {"Content-Type": "application/json", **headers}, method=method
        )
        try:
            with urllib.request.urlopen(request, timeout=30, context=self.context) as answer:
                return answer.status, _json(answer.read())
        except urllib.error.HTTPError as error:
            return error.code, _json(error.read())
        except OSError:
            raise Unavailable("NP-9003", item=path.split("?")[0]) from None


def _json(data: bytes) -> Any:
    try:
        return json.loads(data) if data else None
    except ValueError:
        return None
