"""ファイル名の型に合わないファイル: 取り込まず、黙って放置もせず、その名前を繰り返さない。"""

from __future__ import annotations

from kit import DAY, run

from etl import result as results
from etl.site import Site


def test_型に合わない名前は件数だけを知らせる(site: Site) -> None:
    folder = site.inbox / "juki_idou"
    folder.mkdir()
    (folder / "JUKIIDOU_架空一郎.dat").write_bytes(b"x")
    result = run(site, "juki_daily", DAY)
    said = results.messages(site, result["run_id"])
    assert result["files"] == [] and result["error"] is None
    assert any(line.startswith("[NP-2025]") and "1 件" in line for line in said)
    assert not any("架空" in line for line in said)
