"""How fast a whole juki_idou file is decoded, against other ways, as ratios of one run: ``python benchmarks/decode.py [records]``.

Every way reads the same synthetic file from the page cache. pandas.read_fwf sees 100,000 records and is compared per record; polars
and iconv do less than we do (no types, no checks). Each way runs in its own process, so the peak memory is its own.
"""

from __future__ import annotations

import json
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np

ROOT = Path(__file__).resolve().parents[1]
SAMPLE = 100_000
WARDS = {"141313": "川崎区", "141321": "幸区", "141330": "中原区", "141348": "高津区", "141356": "多摩区", "141364": "宮前区", "141372": "麻生区"}
TOWNS = "王禅寺 木月 南加瀬 登戸 菅 鷺沼 溝口 宮崎 下小田中 新城 大島 藤崎 久地 細山 百合丘 生田 土橋 野川 井田 古市場".split()
FAMILY = "佐藤 鈴木 高橋 田中 伊藤 渡辺 山本 中村 小林 加藤 吉田 山田 佐々木 山口 松本 井上 木村 林 斎藤 清水 髙田 山﨑".split()
GIVEN = "翔太 彩 文子 誠 清 真琴 陽菜 蓮 結衣 大輔 美咲 健一 さくら 颯真 由美子 隆 恵 直樹 千尋 真理子 ひろみ 一郎".split()
PLACES = "北海道札幌市中央区北一条西 東京都世田谷区玉川 東京都大田区西蒲田 神奈川県横浜市鶴見区生麦 大阪府吹田市千里山西".split()
WIDE = str.maketrans("0123456789-", "０１２３４５６７８９－")


def _cells(texts: list[str], size: int, pad: str) -> np.ndarray:
    return np.array([(t + pad * size).encode("cp932")[:size] for t in texts], dtype=f"S{size}")


def make_file(path: Path, n: int, seed: int = 7) -> None:
    """``n`` synthetic records by columns; numbers begin with 0000, nobody is real."""
    from etl.core.digits import check_digit
    from etl.core.layout import layouts

    layout, rng = layouts()["juki_idou"], np.random.default_rng(seed)
    formats = [f"S{f.size}" for f in layout.data.fields] + ["S2"]
    rows = np.empty(n, dtype=np.dtype({"names": [f.name for f in layout.data.fields] + ["crlf"], "formats": formats}))

    def pick(cells: np.ndarray, share: float = 1.0) -> np.ndarray:
        """Random cells of a pool, its first (empty) one for the rest."""
        return np.where(rng.random(n) < share, cells[rng.integers(1, len(cells), n)], cells[0])

    for field in layout.data.fields:
        blank = "　" if field.type == "zenkaku" else " "
        assert field.size
        rows[field.name] = _cells([field.value or ""], field.size, blank)[0]
    names = _cells(["", *(f"{a}　{b}" for a in FAMILY for b in GIVEN)], 50, "　")
    days = np.array(["", *np.arange("1925-01-01", "2025-09-01", dtype="M8[D]").astype(str)])
    dates = _cells([d.replace("-", "") for d in days.tolist()], 8, " ")
    homes = _cells(["", *(f"神奈川県川崎市{w}{t}{str(i % 9 + 1).translate(WIDE)}－{str(i * 7 % 60 + 1).translate(WIDE)}－８"
                          for w in WARDS.values() for t in TOWNS for i in range(120))], 80, "　")  # fmt: skip
    elsewhere = _cells(["", *(f"{p}{str(i % 9 + 1).translate(WIDE)}－{str(i).translate(WIDE)}" for p in PLACES for i in range(1, 400))], 80, "　")
    rooms = _cells(["", *(f"{t}ハイツ{str(i).translate(WIDE)}号" for t in TOWNS for i in range(100, 500))], 60, "　")
    kojin = [f"0000{i:07}" for i in rng.integers(0, 10**7, 20_000).tolist()]
    rows["shichoson_code"], rows["ku_code"] = b"141305", np.array(list(WARDS), dtype="S6")[rng.integers(0, 7, n)]
    rows["atena_no"] = np.char.zfill(np.arange(12_000_000, 12_000_000 + n).astype("S15"), 15)
    rows["setai_no"] = rows["setainushi_atena_no"] = np.char.zfill((np.arange(n) // 2 + 50_000_000).astype("S15"), 15)
    rows["rireki_no"] = np.char.zfill(rng.integers(1, 20, n).astype("S5"), 5)
    rows["kojin_no"] = pick(_cells(["", *(k + check_digit(k) for k in kojin)], 12, " "), 0.98)
    rows["jumin_shubetsu_code"], rows["jumin_jotai_code"] = b"1", np.array([b"1", b"2", b"3"])[rng.integers(0, 3, n)]
    rows["idou_jiyu_code"], rows["jumin_jiyu_code"] = pick(_cells(["41", "01", "03", "21", "23", "53"], 2, " ")), b"01"
    for field in layout.data.fields:
        if field.type == "date8":
            rows[field.name] = pick(dates, 1.0 if field.required else 0.7)
        if field.type == "flag":
            rows[field.name] = np.array([b"0", b"1"])[rng.integers(0, 2, n)]
    rows["shori_at"] = np.char.add(pick(dates), b"124900")
    rows["name"], rows["setainushi_name"], rows["hittousha_name"] = pick(names), pick(names), pick(names, 0.95)
    rows["tsusho"] = pick(names, 0.02)
    rows["name_kana"] = pick(_cells(["", *(f"{a} {b}" for a in ("ﾏｴﾀﾞ", "ｻﾄｳ", "ﾜﾀﾅﾍﾞ") for b in ("ﾌﾐｺ", "ｼｮｳﾀ", "ｱﾔ"))], 40, " "))
    rows["sex_code"], rows["zokugara_code"], rows["postal_code"] = b"2", pick(_cells(["02000000", "12000000", "20000000"], 8, "0")), b"2150018"
    rows["address"], rows["katagaki"] = pick(homes), pick(rooms, 0.45)
    rows["prev_address"], rows["tennyu_moto_address"] = pick(homes, 0.5), pick(elsewhere, 0.45)
    rows["tenshutsu_saki_address"], rows["crlf"] = pick(elsewhere, 0.1), b"\r\n"
    header = b"1141305JUKIIDOU120250922" + b"20250922021000" + b"00010001"
    total = int(np.arange(12_000_000, 12_000_000 + n).sum()) % 10**18
    trailer = f"3141305{n:09}{total:018}".encode()
    path.write_bytes(header.ljust(820) + b"\r\n" + rows.tobytes() + trailer.ljust(820) + b"\r\n")


def ours(path: Path, n: int) -> None:
    """Every field of every record to Arrow, block by block."""
    from etl.core.decode import Decoder, open_fixed
    from etl.core.layout import layouts

    layout = layouts()["juki_idou"]
    decoder = Decoder(layout.data, city="141305")
    with open_fixed(path, layout) as file:
        assert sum(decoder.decode(block).num_rows for _, block in file.blocks()) == n


def check(path: Path, n: int) -> None:
    """Every field of every record checked, nothing decoded."""
    from etl.core.decode import Decoder, open_fixed
    from etl.core.layout import layouts

    layout = layouts()["juki_idou"]
    decoder = Decoder(layout.data, city="141305")
    with open_fixed(path, layout) as file:
        assert not any(decoder.check(block) for _, block in file.blocks())


def read_fwf(path: Path, n: int) -> None:
    """pandas.read_fwf of the first 100,000 records, all as text."""
    import pandas as pd

    from etl.core.layout import layouts

    with path.open("rb") as file:
        text = file.read(822 * (min(n, SAMPLE) + 1))[822:].decode("cp932")
    at, colspecs = 0, []
    for field in layouts()["juki_idou"].data.fields:  # characters, not bytes: kinder to read_fwf than the truth
        width = (field.size or 0) // (2 if field.type == "zenkaku" else 1)
        colspecs.append((at, at + width))
        at += width
    import io

    assert len(pd.read_fwf(io.StringIO(text), colspecs=colspecs, header=None, dtype=str)) == min(n, SAMPLE)


def polars(path: Path, n: int) -> None:
    """polars: slices of binary records, digits and dates cast, text left as bytes."""
    import polars as pl

    from etl.core.layout import layouts

    data = path.read_bytes()
    lines = pl.Series("line", [data[i : i + 820] for i in range(822, 822 * (n + 1), 822)], dtype=pl.Binary)
    columns = [pl.col("line").bin.slice((f.at or 1) - 1, f.size).alias(f.name) for f in layouts()["juki_idou"].columns]
    assert lines.to_frame().select(columns).height == n


def iconv(path: Path, n: int) -> None:
    """iconv of the whole file to UTF-8, nothing else."""
    subprocess.run(["iconv", "-f", "CP932", "-t", "UTF-8", "-o", "/dev/null", str(path)], check=True)


WAYS = {f.__name__: f for f in (ours, check, iconv, polars, read_fwf)}


def measure(way: str, path: Path, n: int) -> dict[str, float]:
    """Best seconds of three (one for the slow ways) and the peak memory in MB, in a process of its own."""
    out = subprocess.run([sys.executable, __file__, "--way", way, str(path), str(n)], check=True, capture_output=True, text=True)
    return json.loads(out.stdout)


def _run(way: str, path: Path, n: int) -> None:
    times = []
    for _ in range(1 if way in ("polars", "read_fwf") else 3):
        start = time.perf_counter()
        WAYS[way](path, n)
        times.append(time.perf_counter() - start)
    who = resource.RUSAGE_CHILDREN if way == "iconv" else resource.RUSAGE_SELF
    print(json.dumps({"seconds": min(times), "peak_mb": resource.getrusage(who).ru_maxrss / 1024}))


def main(n: int) -> None:
    """Prints one line per way: seconds, per million records, ratio to ours, peak memory."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "JUKIIDOU_141305_20250922_000100_01.dat"
        subprocess.run([sys.executable, __file__, "--make", str(path), str(n)], check=True)
        found = {way: measure(way, path, n) for way in WAYS}
    per = {way: f["seconds"] / (min(n, SAMPLE) if way == "read_fwf" else n) for way, f in found.items()}
    print(f"juki_idou {n:,} records of 822 bytes")
    for way, f in found.items():
        print(f"{way:10} {f['seconds']:8.3f} s {per[way] * 1e6:8.2f} s/M {per[way] / per['ours']:8.2f} x ours {f['peak_mb']:8.0f} MB")
    print(f"ours / iconv {per['ours'] / per['iconv']:.2f} (at most 1.5); read_fwf / ours {per['read_fwf'] / per['ours']:.0f} (at least 20)")


if __name__ == "__main__":
    sys.path.insert(0, str(ROOT))
    if sys.argv[1:2] == ["--way"]:
        _run(sys.argv[2], Path(sys.argv[3]), int(sys.argv[4]))
    elif sys.argv[1:2] == ["--make"]:
        make_file(Path(sys.argv[2]), int(sys.argv[3]))
    else:
        main(int(sys.argv[1]) if len(sys.argv) > 1 else 300_000)
