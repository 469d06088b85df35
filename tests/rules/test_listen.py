"""画面の番地: 証明書がなければこの機械だけ。証明書があれば、その名前で開く。"""

from __future__ import annotations

from pathlib import Path

import pytest

from etl.core.errors import Refused
from etl.platform import listen
from tests import certificate
from tests.kit import table

CASES = table("""
| 場合               | KOKUNEN_HOST       | 証明書の名前                     | 結果                              |
| 何も指定しない     |                    |                                  | http://127.0.0.1                  |
| この機械           | localhost          |                                  | http://localhost                  |
| この機械（IPv6）   | ::1                |                                  | http://[::1]                      |
| ほかからも         | 0.0.0.0            |                                  | NP-1095                           |
| ほかの番地         | 192.0.2.7          |                                  | NP-1095                           |
| 市の名前           | nenkin.example.jp  |                                  | NP-1095                           |
| 証明書あり         | nenkin.example.jp  | nenkin.example.jp                | https://nenkin.example.jp         |
| 大文字             | Nenkin.example.jp  | nenkin.example.jp                | https://Nenkin.example.jp         |
| どこからも         | 0.0.0.0            | nenkin.example.jp                | https://nenkin.example.jp         |
| 番地の証明書       | 192.0.2.7          | 192.0.2.7                        | https://192.0.2.7                 |
| 星印               | nenkin.example.jp  | *.example.jp                     | https://nenkin.example.jp         |
| 星印は一段だけ     | a.nenkin.example.jp | *.example.jp                    | NP-1097                           |
| 星印だけで番地     | 0.0.0.0            | *.example.jp                     | NP-1097                           |
| ほかの名前         | nenkin.example.jp  | hoken.example.jp                 | NP-1097                           |
| 証明書だけこの機械 |                    | nenkin.example.jp                | https://nenkin.example.jp         |
""")


@pytest.mark.parametrize("case", CASES, ids=lambda c: c["場合"])
def test_開く番地(case: dict[str, str | None], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KOKUNEN_HOST", case["KOKUNEN_HOST"] or "")
    if case["証明書の名前"]:
        cert, key = certificate.make(tmp_path / "tls", (case["証明書の名前"],))
        monkeypatch.setenv("KOKUNEN_TLS_CERT", str(cert))
        monkeypatch.setenv("KOKUNEN_TLS_KEY", str(key))
    if case["結果"].startswith("NP-"):
        with pytest.raises(Refused, match=case["結果"]):
            listen.choose(tmp_path)
        return
    found = listen.choose(tmp_path)
    assert found.address == f"{case['結果']}:{found.port}" and listen.listening(tmp_path) == found
    assert (found.inner == found.port) == (found.cert is None), "what tasks talk to stays on this machine"
    assert found.tasks.startswith("http://127.0.0.1:") or found.cert is None


@pytest.mark.parametrize("wrong", ["期限切れ", "鍵が違う", "鍵がない", "証明書がない", "証明書でない"])
def test_使えない証明書では始まらない(wrong: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    cert, key = certificate.make(tmp_path / "tls", ("127.0.0.1",), days=-1 if wrong == "期限切れ" else 30)
    if wrong == "鍵が違う":
        key = certificate.make(tmp_path / "other", ("127.0.0.1",))[1]
    if wrong == "証明書でない":
        cert.write_text("市の証明書")
    if wrong != "証明書がない":
        monkeypatch.setenv("KOKUNEN_TLS_CERT", str(cert))
    if wrong != "鍵がない":
        monkeypatch.setenv("KOKUNEN_TLS_KEY", str(key))
    with pytest.raises(Refused, match="NP-1096"):
        listen.choose(tmp_path)


@pytest.mark.parametrize(
    ("told", "minutes"), [("", 30), ("1", 1), ("480", 480), ("0", None), ("481", None), ("半時間", None), ("-5", None)]
)
def test_無操作の分数(told: str, minutes: int | None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KOKUNEN_IDLE_MINUTES", told)
    if minutes is None:
        with pytest.raises(Refused, match="NP-1098"):
            listen.choose(tmp_path)
    else:
        assert listen.choose(tmp_path).idle == minutes
