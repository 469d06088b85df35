"""Rows that change the data of people who stay: 世帯, 氏名, 通称, 個人番号, corrections, 国籍, and corrections undone."""

from __future__ import annotations

import numpy as np

from city import homes, rows, words
from city.city import HEAD, OTHER
from city.night import Night
from city.register import day8


def small_fix(night: Night) -> None:
    """軽微な修正: the building's name is dropped."""
    _fix(night, "42", katagaki="")


def official_fix(night: Night) -> None:
    """職権修正, without a 届出."""
    _fix(night, "43", katagaki="")


def slip(night: Night) -> None:
    """誤記修正."""
    _fix(night, "44", prev_address="")


def _fix(night: Night, code: str, /, **changes: str) -> None:
    person = night.pick(held=True)
    if person is not None:
        night.register.fixes.append((person, night.register.row(person)))
        night.write(person, code, night.today, **changes)


def ask_number(night: Night) -> None:
    """個人番号の変更請求."""
    _fix(night, "45", kojin_no=night.register.new_kojin())


def correct_number(night: Night) -> None:
    """個人番号の職権修正."""
    _fix(night, "46", kojin_no=night.register.new_kojin())


def enter_number(night: Night) -> None:
    """個人番号の職権記載 of somebody without one."""
    person = night.pick(lambda p: bool(rows.without_number(np.array([p]))[0]))
    if person is not None:
        night.write(person, "47", night.today, kojin_no=night.register.new_kojin())


def new_code(night: Night) -> None:
    """住民票コードの変更請求 and 職権記載: nothing that this file carries changes."""
    _fix(night, "48")
    _fix(night, "49")


def separate(night: Night) -> None:
    """世帯分離: the last of a household becomes its own 世帯主; first where an exemption may depend on it."""
    people = night.household(lambda f: len(f) > 1 and night.grown(f[-1]), held=True)
    if people:
        row = night.register.row(people[-1])
        night.register.group(people[:-1])
        night.register.group(people[-1:])
        night.write(
            people[-1],
            "50",
            night.today,
            setai_no=night.register.new_setai(),
            zokugara_code="02000000",
            setainushi_atena_no=row["atena_no"],
            setainushi_name=row["name"],
        )


def join(night: Night) -> None:
    """世帯合併: somebody alone joins another household as 同居人."""
    alone, others = night.pick(lambda p: len(night.register.family(p)) == 1, held=True), night.household(lambda f: len(f) > 1)
    if alone is None or not others:
        return
    home = night.register.row(others[0])
    same = ("setai_no", "ku_code", "postal_code", "address", "katagaki", "setainushi_atena_no", "setainushi_name")
    night.register.group([*others, alone])
    night.write(
        alone,
        "51",
        night.today,
        **{k: home[k] for k in same},
        zokugara_code="99000000",
        prev_address=night.register.row(alone)["address"],
        jusho_on=day8(night.today),
    )


def relate(night: Night) -> None:
    """世帯変更: another 続柄."""
    person = night.pick(lambda p: night.register.city.role[p] not in (HEAD,), held=True)
    if person is not None:
        code = "96000000" if night.register.city.role[person] == OTHER else "99000000"
        night.register.fixes.append((person, night.register.row(person)))
        night.write(person, "52", night.today, zokugara_code=code)


def naturalise(night: Night) -> None:
    """帰化: 職権消除 as a foreigner and 職権記載 as a Japanese on the same day, two rows."""
    person = night.pick(lambda p: _foreign(night, p) and len(night.register.family(p)) == 1)
    if person is None:
        return
    today = day8(night.today)
    row = night.write(person, "24", night.today, jumin_jotai_code="9", shoujo_jiyu_code="24", shoujo_on=today)
    name, kana = homes.a_name(night.rng, int(row["sex_code"]))
    night.write(
        person,
        "04",
        night.today,
        **homes.still_here(),
        jumin_jotai_code="1",
        jumin_shubetsu_code="1",
        name=name,
        name_kana=kana,
        tsusho="",
        hittousha_name=name,
        setainushi_name=name,
        nationality_code="",
        zairyu_shikaku_code="",
        zairyu_manryo_on="",
        jumin_on=today,
        jumin_jiyu_code="04",
    )


def lose_nationality(night: Night) -> None:
    """国籍喪失: 職権消除 as a Japanese and 職権記載 as a foreigner on the same day."""
    person = night.pick(lambda p: not _foreign(night, p) and len(night.register.family(p)) == 1)
    if person is None:
        return
    today = day8(night.today)
    night.write(person, "25", night.today, jumin_jotai_code="9", shoujo_jiyu_code="25", shoujo_on=today)
    night.write(
        person,
        "05",
        night.today,
        **homes.still_here(),
        jumin_jotai_code="1",
        jumin_shubetsu_code="2",
        hittousha_name="",
        nationality_code="840",
        zairyu_shikaku_code="T61",
        zairyu_manryo_on=day8(night.today + 1000),
        jumin_on=today,
        jumin_jiyu_code="05",
    )


def _foreign(night: Night, person: int) -> bool:
    return bool(night.register.city.h_foreign[night.register.city.household[person]])


def add_tsusho(night: Night) -> None:
    """通称の記載."""
    person = night.pick(lambda p: _foreign(night, p) and not night.register.row(p)["tsusho"])
    if person is not None:
        night.write(person, "57", night.today, tsusho=words.TSUSHO[person % len(words.TSUSHO)])


def drop_tsusho(night: Night) -> None:
    """通称の削除."""
    person = night.pick(lambda p: _foreign(night, p) and bool(night.register.row(p)["tsusho"]))
    if person is not None:
        night.write(person, "58", night.today, tsusho="")


def old_name(night: Night) -> None:
    """旧氏の記載: 佐藤［髙橋］　恵."""
    person = night.pick(lambda p: night.register.city.sex[p] == 2 and not _foreign(night, p), held=True)
    if person is not None:
        family, given = night.register.row(person)["name"].split("\u3000")
        night.write(person, "54", night.today, name=f"{family}［髙橋］\u3000{given}")
        night.register.old_names.append(person)


def change_old_name(night: Night) -> None:
    """旧氏の変更."""
    for person in night.register.old_names[-1:]:
        night.write(person, "55", night.today, name=night.register.row(person)["name"].replace("髙橋", "山﨑"))


def drop_old_name(night: Night) -> None:
    """旧氏の削除."""
    for person in night.register.old_names[-1:]:
        family, given = night.register.row(person)["name"].split("\u3000")
        night.register.old_names.remove(person)
        night.write(person, "56", night.today, name=f"{family.split('［')[0]}\u3000{given}")


def cancel_fix(night: Night) -> None:
    """異動の取消し(修正): the row before the last correction comes back."""
    today = {p for p, _ in night.rows}
    past = [n for n, (p, _) in enumerate(night.register.fixes) if p not in today]
    if past:
        person, before = night.register.fixes.pop(past[-1])
        number = night.register.row(person)["rireki_no"]
        night.write(person, "59", night.today, {**before, "rireki_no": number, "idou_on": ""})
