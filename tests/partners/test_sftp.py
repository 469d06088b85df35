"""SFTP: 相手先の本物の OpenSSH へ送り、受け取る。鍵が違えば何も送らず、切れても半端なファイルは残らない。"""

from __future__ import annotations

import hashlib
import os
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import paramiko
import pytest
from kit import code_of

from city import sftp_server
from etl.edge import sftp
from etl.edge.keys import partner_key
from etl.edge.sftp import Account, Server
from tests.partners.sshd import Partner, make_host_key

NAME = "ITENJUMN_141305_20261027_000001_01.csv"
CONTENT = os.urandom((1 << 20) + 7)


@pytest.fixture
def source(tmp_path: Path) -> Path:
    path = tmp_path / NAME
    path.write_bytes(CONTENT)
    return path


def put(account: Account, source: Path) -> None:
    with sftp.connected(account, 5) as server:
        server.put(source, source.name)


def test_送れば読み戻して確かめ_名前が付き_もう一度送っても同じ(there: Partner, source: Path) -> None:
    put(there.account(), source)
    assert {p.name: p.read_bytes() for p in there.folder.iterdir()} == {NAME: CONTENT}
    before = (there.folder / NAME).stat()
    put(there.account(), source)
    assert (there.folder / NAME).stat().st_mtime_ns == before.st_mtime_ns and len(list(there.folder.iterdir())) == 1


# ---- 相手先を確かめる ---------------------------------------------------------------------------------------------------------


def another(there: Partner) -> dict[str, object]:
    """The key of another server."""
    keep = (there.home / "host").read_bytes(), (there.home / "host.pub").read_bytes()
    make_host_key(there.home)
    pinned = (there.home / "host.pub").read_text().rsplit(" ", 1)[0]
    (there.home / "host").write_bytes(keep[0])
    (there.home / "host.pub").write_bytes(keep[1])
    return {"host_key": pinned}


def of_another_kind(there: Partner) -> dict[str, object]:
    subprocess.run(["ssh-keygen", "-q", "-t", "ecdsa", "-N", "", "-f", there.home / "other"], check=True)
    return {"host_key": (there.home / "other.pub").read_text().rsplit(" ", 1)[0]}


def stranger(there: Partner) -> dict[str, object]:
    partner_key(there.home / "stranger", "stranger")
    return {"key": there.home / "stranger"}


CASES: list[tuple[str, Callable[[Partner], dict[str, object]], str]] = [
    ("別の鍵のサーバー", another, "NP-4102"),
    ("別の種類の鍵のサーバー", of_another_kind, "NP-4102"),
    ("登録の書き方が違う", lambda _: {"host_key": "ssh-ed25519 これは鍵ではない"}, "NP-4106"),
    ("登録が空", lambda _: {"host_key": ""}, "NP-4106"),
    ("当方の鍵が知られていない", stranger, "NP-4103"),
    ("当方の鍵がない", lambda there: {"key": there.home / "nothing"}, "NP-4107"),
    ("利用者が違う", lambda _: {"user": "nobody-here"}, "NP-4103"),
    ("番地に誰もいない", lambda _: {"port": 9}, "NP-4101"),
    ("フォルダーがない", lambda there: {"folder": str(there.home / "nothing")}, "NP-4104"),
]


@pytest.mark.parametrize(("change", "code"), [case[1:] for case in CASES], ids=[case[0] for case in CASES])
def test_相手先と当方が互いに確かめられなければ何も置かない(
    there: Partner, source: Path, change: Callable[[Partner], dict[str, object]], code: str
) -> None:
    assert code_of(lambda: put(there.account(**change(there)), source)) == code
    assert not list(there.folder.iterdir())


def test_途中で切れ_つなぎ直したら鍵が替わっていれば_そこで止まる(
    there: Partner, source: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    account = there.account()
    cut_after(there, monkeypatch, 2)
    assert code_of(lambda: put(account, source)) == "NP-4101"
    there.new_host_key()
    assert code_of(lambda: put(account, source)) == "NP-4102"
    assert [p.name for p in there.folder.iterdir()] == [f"{NAME}.part"]


# ---- 途中で切れる -------------------------------------------------------------------------------------------------------------


def cut_after(there: Partner, monkeypatch: pytest.MonkeyPatch, blocks: int) -> None:
    """The line is cut when so many blocks went; the server is there again for the next time."""
    write, sent = paramiko.SFTPFile.write, []

    def cut(self: paramiko.SFTPFile, data: bytes) -> None:
        if len(sent) == blocks:
            monkeypatch.setattr(paramiko.SFTPFile, "write", write)
            self.flush()
            self.sftp.get_channel().get_transport().sock.close()
        sent.append(1)
        write(self, data)

    monkeypatch.setattr(paramiko.SFTPFile, "write", cut)


@pytest.mark.parametrize("blocks", [0, 1, 3, 4])
def test_切れても名前は付かず_続きから送る(there: Partner, source: Path, monkeypatch: pytest.MonkeyPatch, blocks: int) -> None:
    cut_after(there, monkeypatch, blocks)
    assert code_of(lambda: put(there.account(), source)) == "NP-4101"
    assert not (there.folder / NAME).exists()
    put(there.account(), source)
    assert {p.name: p.read_bytes() for p in there.folder.iterdir()} == {NAME: CONTENT}


@pytest.mark.parametrize(
    "rest", [b"", CONTENT[:1000], CONTENT, b"x" * 1000, CONTENT + b"more"], ids=["空", "始め", "全部", "別のもの", "長すぎる"]
)
def test_残っていた途中のものは_始めと同じときだけ続きを送る(there: Partner, source: Path, rest: bytes) -> None:
    (there.folder / f"{NAME}.part").write_bytes(rest)
    put(there.account(), source)
    assert {p.name: p.read_bytes() for p in there.folder.iterdir()} == {NAME: CONTENT}


def test_続きを送るときは_ある分を二度送らない(there: Partner, source: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (there.folder / f"{NAME}.part").write_bytes(CONTENT[: 1 << 20])
    write, sent = paramiko.SFTPFile.write, []
    monkeypatch.setattr(paramiko.SFTPFile, "write", lambda self, data: (sent.append(len(data)), write(self, data))[1])
    put(there.account(), source)
    assert sum(sent) == 7


# ---- 相手先の都合 -------------------------------------------------------------------------------------------------------------


def test_同じ名前の別のファイルは書き換えない(there: Partner, source: Path) -> None:
    (there.folder / NAME).write_bytes(b"theirs")
    assert code_of(lambda: put(there.account(), source)) == "NP-4105"
    assert (there.folder / NAME).read_bytes() == b"theirs"


def test_書いたものと違うものが読めれば_名前は付かない(there: Partner, source: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    send = Server._send

    def bent(*sent: Any) -> None:
        send(*sent)
        with (there.folder / f"{NAME}.part").open("r+b") as part:
            part.write(b"\x00\x01\x02")

    monkeypatch.setattr(Server, "_send", bent)
    assert code_of(lambda: put(there.account(), source)) == "NP-4108"
    assert not list(there.folder.iterdir())


def test_空きがなければ名前は付かず_空けば続きから送る(tmp_path: Path, there: Partner, source: Path) -> None:
    small = ["mount", "-t", "tmpfs", "-o", "size=512k", "tmpfs", there.folder]
    if os.geteuid() != 0 or subprocess.run(small, capture_output=True).returncode:
        pytest.skip("may mount no small disk here")
    try:
        assert code_of(lambda: put(there.account(), source)) == "NP-4104"
        assert [p.name for p in there.folder.iterdir()] == [f"{NAME}.part"]
        subprocess.run(["mount", "-o", "remount,size=8m", there.folder], check=True)
        put(there.account(), source)
        assert {p.name: p.read_bytes() for p in there.folder.iterdir()} == {NAME: CONTENT}
    finally:
        subprocess.run(["umount", "-l", there.folder], check=True)


def test_拡張のないサーバーでも_名前は最後に付く(there: Partner, source: Path) -> None:
    there.stop()
    there.options = "-P posix-rename"
    there.start()
    put(there.account(), source)
    assert {p.name: p.read_bytes() for p in there.folder.iterdir()} == {NAME: CONTENT}


def test_書く権利がなければ何も置かない(there: Partner, source: Path) -> None:
    there.stop()
    there.options = "-R"
    there.start()
    assert code_of(lambda: put(there.account(), source)) == "NP-4104"
    assert code_of(lambda: tried(there)) == "NP-4104"
    assert not list(there.folder.iterdir())


# ---- 受け取る -----------------------------------------------------------------------------------------------------------------


def tried(there: Partner) -> list[str]:
    with sftp.connected(there.account(), 5) as server:
        server.probe()
        return server.names()


def test_一覧と試し書き(there: Partner) -> None:
    (there.folder / "a.ack").write_bytes(b"{}")
    assert tried(there) == ["a.ack"]


def test_読めない名前のファイルがあっても_ほかは見える(there: Partner) -> None:
    """A name in Shift_JIS, as somebody's tool leaves it."""
    Path(os.fsdecode(os.fsencode(there.folder) + b"/" + "受領.ack".encode("cp932"))).write_bytes(b"{}")
    (there.folder / "a.ack").write_bytes(b"{}")
    assert "a.ack" in tried(there) and len(tried(there)) == 2


def test_受け取ったものは相手先に残る(there: Partner, tmp_path: Path) -> None:
    (there.folder / "b.dat").write_bytes(CONTENT)
    with sftp.connected(there.account(), 5) as server:
        server.fetch("b.dat", tmp_path / "in" / "b.dat")
    got = tmp_path / "in" / "b.dat"
    assert hashlib.sha256(got.read_bytes()).digest() == hashlib.sha256(CONTENT).digest() and got.stat().st_mode & 0o077 == 0
    assert [p.name for p in there.folder.iterdir()] == ["b.dat"] and [p.name for p in got.parent.iterdir()] == ["b.dat"]


def test_受領の知らせが大きすぎれば読まない(there: Partner) -> None:
    (there.folder / "c.ack").write_bytes(bytes(sftp.SMALL + 1))

    def read(server: Server) -> bytes:
        return server.read("c.ack")

    with sftp.connected(there.account(), 5) as server:
        assert code_of(lambda: read(server)) == "NP-4109"


def test_鍵は一度だけ作り_本人しか読めない(tmp_path: Path) -> None:
    first = partner_key(tmp_path / "k" / "kiban", "kokunen")
    assert partner_key(tmp_path / "k" / "kiban", "kokunen") == first and first.startswith("ssh-ed25519 ")
    assert (tmp_path / "k" / "kiban").stat().st_mode & 0o777 == 0o600


# ---- 相手先の文字 -------------------------------------------------------------------------------------------------------------


def test_UTF8でない名前のファイルがあっても一覧は読める(there: Partner, source: Path) -> None:
    """Somebody laid files with Shift_JIS names there: they are not ours, and hold up nothing."""
    for name in ("受領.txt".encode("cp932"), b"\xff\xfe.ack", b"x\x01\n.ack"):
        Path(os.fsdecode(bytes(there.folder) + b"/" + name)).write_bytes(b"x")
    with sftp.connected(there.account(), 5) as server:
        assert len(server.names()) == len(server.listed()) == 3
        assert server.put(source, NAME) and NAME in server.listed()


def test_UTF8でない言葉で断る相手先(tmp_path: Path, source: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    said = [*sftp_server.SFTPServer.__init__.__globals__["SFTP_DESC"]]
    said[paramiko.SFTP_NO_SUCH_FILE] = "ファイルがありません".encode("cp932")
    monkeypatch.setitem(sftp_server.SFTPServer.__init__.__globals__, "SFTP_DESC", said)
    key, folder = tmp_path / "key", tmp_path / "there"
    folder.mkdir()
    server = sftp_server.start(folder, authorized=partner_key(key, "test"))
    account = Account("p", "127.0.0.1", server.port, "u", key, sftp_server.pinned(server.host_key), "/")
    try:
        put(account, source)
        assert code_of(lambda: put(Account(**{**vars(account), "folder": "/nowhere"}), source)) == "NP-4104"
    finally:
        server.stop()
    assert (folder / NAME).read_bytes() == CONTENT
