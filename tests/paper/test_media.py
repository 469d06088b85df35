"""媒体: an archive that only the password opens, and that tells nothing else."""

from __future__ import annotations

import os
import zipfile
from pathlib import Path

import pytest
import pyzipper

from etl.core.errors import DefinitionError, Refused, Unavailable
from etl.edge import media

PLAIN = ("D" + "000000000000011" * 6 + "\r\n").encode("cp932") * 500


@pytest.fixture
def source(tmp_path: Path) -> Path:
    path = tmp_path / "KOKUHOHK_141305_202509_01.dat"
    path.write_bytes(PLAIN)
    return path


@pytest.fixture
def sealed(tmp_path: Path, source: Path) -> tuple[Path, str]:
    target, password = tmp_path / "out" / "B0001.zip", media.new_password()
    media.seal(source, target, password)
    return target, password


def test_read_back(sealed: tuple[Path, str]) -> None:
    assert media.unseal(*sealed) == PLAIN


@pytest.mark.parametrize("plain", [b"", b"x", os.urandom(100_000)], ids=["empty", "one byte", "incompressible"])
def test_read_back_of_any_size(tmp_path: Path, plain: bytes) -> None:
    source, password = tmp_path / "a", media.new_password()
    source.write_bytes(plain)
    media.seal(source, tmp_path / "a.zip", password)
    assert media.unseal(tmp_path / "a.zip", password) == plain


def test_it_is_aes_256_without_crc(sealed: tuple[Path, str]) -> None:
    with pyzipper.AESZipFile(sealed[0]) as archive:
        (member,) = archive.infolist()
        assert (member.wz_aes_strength, member.wz_aes_version, member.wz_aes_vendor_id) == (3, 2, b"AE")
        assert member.CRC == 0
        archive.setpassword(sealed[1].encode())
        assert archive.read(member) == PLAIN


def test_without_the_password_only_neutral_facts(sealed: tuple[Path, str]) -> None:
    with zipfile.ZipFile(sealed[0]) as archive:
        (member,) = archive.infolist()
        assert (member.filename, member.date_time) == ("data.dat", (1980, 1, 1, 0, 0, 0))
        with pytest.raises(RuntimeError):
            archive.read(member, pwd=sealed[1].encode())
    raw = sealed[0].read_bytes()
    assert b"KOKUHO" not in raw and b"141305" not in raw and b"0000000000" not in raw


def test_two_archives_of_one_file_differ(tmp_path: Path, source: Path) -> None:
    password = media.new_password()
    for name in ("a.zip", "b.zip"):
        media.seal(source, tmp_path / name, password)
    assert (tmp_path / "a.zip").read_bytes() != (tmp_path / "b.zip").read_bytes()


def code(error: type[Exception], target: Path, password: str, **limit: int) -> str:
    with pytest.raises(error) as caught:
        media.unseal(target, password, **limit)
    assert password not in str(caught.value)
    return caught.value.code  # type: ignore[attr-defined]


def test_wrong_password(sealed: tuple[Path, str]) -> None:
    codes = {code(Refused, sealed[0], media.new_password()) for _ in range(20)}
    assert codes <= {"NP-3101", "NP-3104"}  # one in 65,536 passes the short check and fails at the HMAC


def test_more_than_one_member(tmp_path: Path) -> None:
    target, password = tmp_path / "two.zip", media.new_password()
    with pyzipper.AESZipFile(target, "w", encryption=pyzipper.WZ_AES) as archive:
        archive.setpassword(password.encode())
        archive.writestr("a", b"a")
        archive.writestr("b", b"b")
    assert code(Refused, target, password) == "NP-3102"


def test_over_the_limit(sealed: tuple[Path, str]) -> None:
    assert code(Refused, *sealed, limit=len(PLAIN) - 1) == "NP-3103"
    assert media.unseal(*sealed, limit=len(PLAIN)) == PLAIN


def test_weaker_encryption_is_refused(tmp_path: Path) -> None:
    password = media.new_password()
    with pyzipper.AESZipFile(tmp_path / "weak.zip", "w", encryption=pyzipper.WZ_AES, encryption_kwargs={"nbits": 128}) as archive:
        archive.setpassword(password.encode())
        archive.writestr("data.dat", PLAIN)
    with zipfile.ZipFile(tmp_path / "open.zip", "w") as plain:
        plain.writestr("data.dat", PLAIN)
    assert code(Refused, tmp_path / "weak.zip", password) == "NP-3104"
    assert code(Refused, tmp_path / "open.zip", password) == "NP-3104"


def test_damage_is_found(sealed: tuple[Path, str]) -> None:
    whole = sealed[0].read_bytes()
    with zipfile.ZipFile(sealed[0]) as archive:
        begin = archive.infolist()[0].header_offset + 30 + len("data.dat") + 11 + 18  # local header, AES extra, salt and check
    for position in (begin, begin + 40, len(whole) // 2):
        sealed[0].write_bytes(whole[:position] + bytes([whole[position] ^ 1]) + whole[position + 1 :])
        assert code(Refused, *sealed) == "NP-3104"
    for size in (0, 10, len(whole) // 2, len(whole) - 1):
        sealed[0].write_bytes(whole[:size])
        assert code(Refused, *sealed) == "NP-3104"


def test_a_lying_size_is_bounded(sealed: tuple[Path, str]) -> None:
    """The central directory claims 10 bytes, which nothing authenticates: neither a short result nor more than the limit."""
    raw = bytearray(sealed[0].read_bytes())
    entry = raw.index(b"PK\x01\x02")
    raw[entry + 24 : entry + 28] = (10).to_bytes(4, "little")
    sealed[0].write_bytes(raw)
    assert code(Refused, *sealed) == "NP-3104"
    assert code(Refused, *sealed, limit=100) == "NP-3103"


def test_missing_archive(tmp_path: Path) -> None:
    assert code(Unavailable, tmp_path / "none.zip", media.new_password()) == "NP-3106"


def test_passwords() -> None:
    many = {media.new_password() for _ in range(500)}
    assert len(many) == 500 and {len(p) for p in many} == {24}
    assert not set("".join(many)) & set("0Oo1Iil2Zz5Ss8B")
    assert len(set(media.ALPHABET)) == len(media.ALPHABET)


@pytest.mark.parametrize(
    ("password", "inner"), [("short", "data.dat"), ("", "data.dat"), ("x" * 24, "../data.dat"), ("x" * 24, "")]
)
def test_bad_orders(tmp_path: Path, source: Path, password: str, inner: str) -> None:
    with pytest.raises(DefinitionError) as caught:
        media.seal(source, tmp_path / "t.zip", password, inner)
    assert caught.value.code == "NP-3105" and not (tmp_path / "t.zip").exists()


def test_nothing_half_stays(tmp_path: Path, source: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The disk fails at fsync: no archive, no temporary file, and an earlier archive is untouched."""
    target, password = tmp_path / "out" / "t.zip", media.new_password()
    media.seal(source, target, password)
    before = target.read_bytes()

    def full(_: int) -> None:
        raise OSError(28, "no space")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(Unavailable) as caught:
        media.seal(source, target, password)
    assert caught.value.code == "NP-1026" and "ENOSPC" in str(caught.value)
    assert [p.name for p in target.parent.iterdir()] == ["t.zip"] and target.read_bytes() == before
