"""A juki_idou file of any size by columns, for benchmarks: random cells out of small pools. Nobody is real, numbers begin with 0000."""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np

from etl.core.codec.digits import make_kojin_no
from etl.core.mapping.layout import layouts

WARDS = {"141313": "川崎区", "141321": "幸区", "141330": "中原区", "141348": "高津区", "141356": "多摩区"}
TOWNS = [
    "王禅寺",
    "木月",
    "南加瀬",
    "登戸",
    "菅",
    "鷺沼",
    "溝口",
    "宮崎",
    "下小田中",
    "新城",
    "大島",
    "藤崎",
    "久地",
    "細山",
    "百合丘",
]
FAMILY = ["佐藤", "鈴木", "高橋", "田中", "伊藤", "渡辺", "山本", "小林", "佐々木", "松本", "林", "斎藤", "清水", "髙田", "山﨑"]
GIVEN = [
    "翔太",
    "彩",
    "文子",
    "誠",
    "清",
    "真琴",
    "陽菜",
    "蓮",
    "結衣",
    "大輔",
    "美咲",
    "健一",
    "さくら",
    "由美子",
    "千尋",
    "ひろみ",
]
PLACES = [
    "北海道札幌市中央区北一条西",
    "東京都世田谷区玉川",
    "東京都大田区西蒲田",
    "神奈川県横浜市鶴見区生麦",
    "大阪府吹田市千里山西",
]
KANA = ["ﾏｴﾀﾞ ﾌﾐｺ", "ｻﾄｳ ｼｮｳﾀ", "ﾜﾀﾅﾍﾞ ｱﾔ", "ﾔﾏﾓﾄ ﾏｺﾄ", "ﾊﾔｼ ｷﾖｼ"]
WIDE = str.maketrans("0123456789-", "０１２３４５６７８９－")
FIRST = 12_000_000  # the first 宛名番号


def _wide(*numbers: int) -> str:
    return "－".join(map(str, numbers)).translate(WIDE)


def _pool(texts: list[str], size: int, pad: str = " ") -> np.ndarray:
    """Padded cells; the first one is blank."""
    return np.array([(t + pad * size).encode("cp932")[:size] for t in ["", *texts]], dtype=f"S{size}")


class _Rows:
    """n rows to be filled column by column, blank at first."""

    def __init__(self, n: int, seed: int):
        self.n, self.rng, self.fields = n, np.random.default_rng(seed), layouts()["juki_idou"].data.fields
        names, formats = [f.name for f in self.fields], [f"S{f.size}" for f in self.fields]
        self.rows = np.empty(n, dtype=np.dtype({"names": [*names, "crlf"], "formats": [*formats, "S2"]}))
        for field in self.fields:
            blank = "　" if field.type == "zenkaku" else " "
            self.rows[field.name] = _pool([field.value or ""], field.size or 0, blank)[1 if field.value else 0]
        self.rows["crlf"] = b"\r\n"

    def fill(self, pool: np.ndarray, shares: dict[str, float]) -> None:
        """Random cells of the pool; ``shares``: column -> share of the rows that have any."""
        for name, share in shares.items():
            cells = pool[self.rng.integers(1, len(pool), self.n)]
            self.rows[name] = cells if share == 1 else np.where(self.rng.random(self.n) < share, cells, pool[0])

    def number(self, name: str, values: np.ndarray, size: int) -> None:
        self.rows[name] = np.char.zfill(values.astype(f"S{size}"), size)


def _fill_text(r: _Rows) -> None:
    names = _pool([f"{a}　{b}" for a in FAMILY for b in GIVEN], 50, "　")
    homes = [
        f"神奈川県川崎市{w}{t}{_wide(i % 9 + 1, i * 7 % 60 + 1, 8)}" for w in WARDS.values() for t in TOWNS for i in range(150)
    ]
    elsewhere = _pool([f"{p}{_wide(i % 9 + 1, i)}" for p in PLACES for i in range(1, 400)], 80, "　")
    rooms = _pool([f"{t}ハイツ{_wide(i)}号" for t in TOWNS for i in range(100, 500)], 60, "　")
    r.fill(names, {"name": 1, "setainushi_name": 1, "hittousha_name": 0.95, "tsusho": 0.02})
    r.fill(_pool(KANA, 40), {"name_kana": 1})
    r.fill(_pool(homes, 80, "　"), {"address": 1, "prev_address": 0.5})
    r.fill(elsewhere, {"tennyu_moto_address": 0.45, "tenshutsu_saki_address": 0.1})
    r.fill(rooms, {"katagaki": 0.45})


def _fill_codes(r: _Rows) -> None:
    days = np.arange("1925-01-01", "2025-09-01", dtype="datetime64[D]").astype(str).tolist()
    dates = _pool([d.replace("-", "") for d in days], 8)
    r.fill(dates, {f.name: 1 if f.required else 0.7 for f in r.fields if f.type == "date8"})
    r.fill(_pool([d.replace("-", "") + "124900" for d in days], 14), {"shori_at": 1})
    r.fill(_pool(["0", "1"], 1), {f.name: 1 for f in r.fields if f.type == "flag"})
    r.fill(_pool([make_kojin_no(f"0000{i:07}") for i in r.rng.integers(0, 10**7, 20_000).tolist()], 12), {"kojin_no": 0.98})
    r.fill(_pool(list(WARDS), 6), {"ku_code": 1})
    r.fill(_pool(["1", "2"], 1), {"jumin_shubetsu_code": 1, "jumin_jotai_code": 1, "sex_code": 1})
    r.fill(_pool(["41", "01", "03", "21", "23", "53"], 2), {"idou_jiyu_code": 1, "jumin_jiyu_code": 1, "shoujo_jiyu_code": 0.1})
    r.fill(_pool(["02000000", "12000000", "20000000"], 8), {"zokugara_code": 1})
    r.fill(_pool(["2150018", "2110025"], 7), {"postal_code": 1})


def make_file(path: Path, n: int, seed: int = 7) -> None:
    """``n`` records with header and trailer."""
    r = _Rows(n, seed)
    numbers = np.arange(FIRST, FIRST + n)
    r.rows["shichoson_code"] = b"141305"
    r.number("atena_no", numbers, 15)
    r.number("rireki_no", r.rng.integers(1, 20, n), 5)
    r.number("setai_no", np.arange(n) // 2 + 50_000_000, 15)
    r.rows["setainushi_atena_no"] = r.rows["atena_no"]
    _fill_text(r)
    _fill_codes(r)
    header = b"1141305JUKIIDOU1" + b"20250922" + b"20250922021000" + b"00010001"
    trailer = f"3141305{n:09}{int(numbers.sum()) % 10**18:018}".encode()
    with path.open("wb") as file:
        file.write(header.ljust(820) + b"\r\n")
        r.rows.tofile(file)
        file.write(trailer.ljust(820) + b"\r\n")


if __name__ == "__main__":
    make_file(Path(sys.argv[1]), int(sys.argv[2]))
