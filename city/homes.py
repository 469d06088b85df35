"""Single names, addresses and first rows, drawn as text: for the few people a night is about."""

from __future__ import annotations

import numpy as np

from city import rows, tables, words
from city.register import Register, Row, day8

Rng = np.random.Generator


def clear(raw: bytes) -> str:
    """A table entry as text."""
    return raw.decode("cp932").rstrip("\u3000 ")


def a_name(rng: Rng, sex: int, surname: int | None = None) -> tuple[str, str]:
    """氏名 and フリガナ of a Japanese; sex 1 male, 2 female."""
    known = tables.names()
    family = int(rng.integers(known.surnames)) if surname is None else surname
    given = int(rng.integers(known.male)) if sex == 1 else int(rng.integers(known.male, known.given))
    at = family * known.given + given
    return clear(bytes(known.text[at])), clear(bytes(known.kana[at]))


def a_foreign_name(rng: Rng, nation: int, sex: int) -> tuple[str, str]:
    """氏名 and フリガナ in the manner of a nationality (index into ``words.FOREIGN``)."""
    first, count = tables.names().foreign[nation, sex]
    at = first + int(rng.integers(count))
    return clear(bytes(tables.names().text[at])), clear(bytes(tables.names().kana[at]))


def new_home(rng: Rng, ward: str | None = None, avoid: str | None = None) -> Row:
    """Ward, postal code, address and building: in this ward, or in any but ``avoid``."""
    where = tables.places()
    towns = [t for first, count in where.by_ward for t in range(first, first + count)]
    towns = [t for t in towns if where.ward[t].decode() == (ward or where.ward[t].decode()) != avoid]
    town = towns[int(rng.integers(len(towns)))]
    room = int(rng.integers(len(tables.katagaki()))) if rng.random() < 0.6 else 0
    return {
        "ku_code": where.ward[town].decode(),
        "postal_code": where.postal[town].decode(),
        "address": _address(rng, town),
        "katagaki": clear(bytes(tables.katagaki()[room])),
    }


def _address(rng: Rng, town: int, numbered: bool = True) -> str:
    lot = int(rng.integers(1, len(tables.lots()))) if numbered else 0
    return clear(bytes(tables.places().prefix[town])) + clear(bytes(tables.lots()[lot]))


def outside(rng: Rng) -> str:
    """An address in another municipality."""
    first, count = tables.places().outside
    return _address(rng, first + int(rng.integers(count)))


def abroad(rng: Rng) -> str:
    """A place abroad."""
    first, count = tables.places().abroad
    return _address(rng, first + int(rng.integers(count)), numbered=False)


def still_here() -> Row:
    """Nothing left of a departure."""
    return {"tenshutsu_saki_address": "", "tenshutsu_saki_kbn": "", "shoujo_jiyu_code": "", "shoujo_on": ""}


def newcomers(rng: Rng, register: Register, people: list[int], code: str, on: str, foreign: bool, today: int) -> list[Row]:
    """The rows of a household that comes: a head, a spouse, a child; 履歴番号 is set when the row is written."""
    nation = int(rng.choice(len(words.FOREIGN), p=words.FOREIGN_WEIGHTS)) if foreign else -1
    surname, setai = int(rng.integers(tables.names().surnames)), register.new_setai()
    common = {
        **dict.fromkeys((f.name for f in rows.layout().columns), ""),
        **new_home(rng),
        "shichoson_code": "141305",
        "setai_no": setai,
        "jumin_shubetsu_code": "2" if foreign else "1",
        "jumin_jotai_code": "1",
        "birth_fusho_flag": "0",
        "setainushi_atena_no": register.atena(people[0]),
        "jumin_on": on,
        "jumin_jiyu_code": code,
        "jusho_on": on,
        "tennyu_moto_address": abroad(rng) if code == "02" else outside(rng) if code == "01" else "",
        "shien_sochi_flag": "0",
        "shori_teishi_flag": "0",
        "sakujo_flag": "0",
    }
    sex, age = int(rng.integers(1, 3)), int(rng.choice([21, 24, 28, 33, 38, 45, 52, 58, 63, 70]))
    sexes, ages = (sex, 3 - sex, int(rng.integers(1, 3))), (age, max(20, age - 3), max(0, min(17, age - 30)))
    out = []
    for place, person in enumerate(people):
        name, kana = a_foreign_name(rng, nation, sexes[place]) if foreign else a_name(rng, sexes[place], surname)
        zokugara = ("02", "12" if sexes[place] == 2 else "11", "20")[place] + "000000"
        born = day8(today - 400 - int(ages[place] * 365.25) - int(rng.integers(360)))
        own = {
            "atena_no": register.atena(person),
            "kojin_no": register.kojin(person),
            "name": name,
            "name_kana": kana,
            "birth_on": born,
        }
        out.append(common | own | {"sex_code": str(sexes[place]), "zokugara_code": zokugara} | _stay(rng, nation, today))
    return [row | {"setainushi_name": out[0]["name"], "hittousha_name": "" if foreign else out[0]["name"]} for row in out]


def _stay(rng: Rng, nation: int, today: int) -> Row:
    """Nationality and 在留資格 (留学) of a foreigner; nothing for a Japanese (-1)."""
    if nation < 0:
        return {}
    ends = day8(today + 200 + int(rng.integers(900)))
    return {"nationality_code": list(words.FOREIGN)[nation], "zairyu_shikaku_code": "T41", "zairyu_manryo_on": ends}


def child(rng: Rng, register: Register, mother: int, person: int, on: str) -> Row:
    """The first row of a newborn in its mother's household."""
    row = register.row(mother)
    sex = int(rng.integers(1, 3))
    name, kana = a_name(rng, sex)
    family, reading = row["name"].split("\u3000")[0], row["name_kana"].split(" ")[0]
    return {
        **row,
        **still_here(),
        "atena_no": register.atena(person),
        "kojin_no": register.kojin(person),
        "rireki_no": "",
        "idou_on": "",
        "name": f"{family}\u3000{name.split(chr(0x3000))[1]}",
        "name_kana": f"{reading} {kana.split(' ')[1]}",
        "tsusho": "",
        "sex_code": str(sex),
        "birth_on": on,
        "birth_fusho_flag": "0",
        "zokugara_code": "20000000",
        "jumin_on": on,
        "jumin_jiyu_code": "03",
        "jusho_on": on,
        "prev_address": "",
        "tennyu_moto_address": "",
        "shien_sochi_flag": "0",
        "shori_teishi_flag": "0",
    }
