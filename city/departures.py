"""How people move and go: 転居, 転出 (予定, 確定), 国外転出, 死亡, 職権消除, and losses undone."""

from __future__ import annotations

import numpy as np

from city import homes
from city.chosen import MEETING_NIGHT, MEETINGS, nights
from city.city import CHILD, HEAD
from city.night import Night, first_of
from city.register import day8, day_of


def move(night: Night) -> None:
    """転居 inside the ward: the household keeps its number."""
    _move(night, other_ward=False)


def move_to_other_ward(night: Night) -> None:
    """転居 to another ward: new 世帯番号, same 宛名番号."""
    _move(night, other_ward=True)


def _move(night: Night, other_ward: bool) -> None:
    people = night.household(held=first_of(night, "41") or bool(night.rng.random() < 0.1))
    if not people:
        return
    on, before = night.a_day(), night.register.row(people[0])
    home = homes.new_home(night.rng, avoid=before["ku_code"]) if other_ward else homes.new_home(night.rng, ward=before["ku_code"])
    setai = night.register.new_setai() if other_ward else before["setai_no"]
    for person in people:
        night.write(person, "41", on, **home, setai_no=setai, prev_address=before["address"], jusho_on=day8(on))


def leave(night: Night) -> None:
    """国内転出, known only when it has happened."""
    _leave(night, "21", night.a_day(6), homes.outside(night.rng))


def leave_abroad(night: Night) -> None:
    """国外転出."""
    _leave(night, "22", night.a_day(6), homes.abroad(night.rng))


def plan_to_leave(night: Night) -> None:
    """国内転出 announced: 予定, confirmed some nights later (or, far ahead, after the period)."""
    people = night.household(held=all(row["tenshutsu_saki_kbn"] != "1" for _, row in night.rows))
    on, to = night.today + int(night.rng.choice([1, 2, 3, 20])), homes.outside(night.rng)
    for person in people:
        before = night.register.row(person)
        night.write(person, "21", on, tenshutsu_saki_address=to, tenshutsu_saki_kbn="1")
        night.register.planned.append((person, on))
        night.register.losses.append((person, before))


def _leave(night: Night, code: str, on: int, to: str) -> None:
    for person in night.household(held=first_of(night, code)):
        night.register.losses.append((person, night.register.row(person)))
        gone(night, person, code, on, to)


def confirm_departures(night: Night) -> None:
    """Planned departures whose day has come: 確定, one in three a day later than planned."""
    due = [(p, on) for p, on in night.register.planned if on < night.today]
    night.register.planned = [(p, on) for p, on in night.register.planned if on >= night.today]
    for person, on in due:
        late = int(night.rng.random() < 0.34) if on + 1 <= night.today else 0
        gone(night, person, "21", on + late, night.register.row(person)["tenshutsu_saki_address"])


def gone(night: Night, person: int, code: str, on: int, to: str) -> None:
    row = night.register.row(person)
    on = on if row["tenshutsu_saki_kbn"] == "1" else max(on, day_of(row["idou_on"]))
    night.write(
        person,
        code,
        on,
        jumin_jotai_code="2",
        tenshutsu_saki_address=to,
        tenshutsu_saki_kbn="2",
        shoujo_jiyu_code=code,
        shoujo_on=day8(on),
    )


def die(night: Night) -> None:
    """死亡: mostly the old; every other night somebody with an open 資格. The last of a household only, heads in ``head_dies``."""
    city, held = night.register.city, first_of(night, "23") and night.day.toordinal() % 2 == 0

    def may(person: int) -> bool:
        old = held or city.age(np.array([person]))[0] > 64 or night.rng.random() < 0.05
        return bool(old) and (len(night.register.family(person)) == 1 or city.role[person] != HEAD)

    person = night.pick(may, held)
    if person is not None:
        _die(night, person)


def _die(night: Night, person: int, on: int | None = None) -> None:
    on = max(on or night.a_day(6), day_of(night.register.row(person)["idou_on"]))
    night.register.losses.append((person, night.register.row(person)))
    night.write(person, "23", on, jumin_jotai_code="3", shoujo_jiyu_code="23", shoujo_on=day8(on))


def meet(night: Night) -> None:
    """Those who reach 60 in the week of another loss: the file of this night tells of it, for some after 60歳到達 was proposed."""
    if night.number != MEETING_NIGHT:
        return
    city = night.register.city
    for person, meeting in zip(city.chosen.meeting.tolist(), MEETINGS, strict=True):
        on = nights(city.day)[meeting.event]
        if on > night.today:  # a busy night for the benchmarks is many nights on one day
            continue
        if meeting.code == "23":
            _die(night, person, on)
        else:
            gone(night, person, meeting.code, on, homes.abroad(night.rng))


def head_dies(night: Night) -> None:
    """The 世帯主 dies: 死亡, and 世帯主変更 for everybody who stays."""
    people = night.household(lambda f: len(f) > 1 and night.register.city.role[f[0]] == HEAD and night.grown(f[1]), held=True)
    if not people:
        return
    _die(night, people[0])
    on = day_of(night.register.row(people[0])["idou_on"])
    head = night.register.row(people[1])
    for n, person in enumerate(people[1:]):
        role = "02000000" if n == 0 else "20000000" if night.register.city.role[person] == CHILD else "99000000"
        night.write(person, "53", on, setainushi_atena_no=head["atena_no"], setainushi_name=head["name"], zokugara_code=role)


def erase(night: Night) -> None:
    """職権消除: nobody lives there any more."""
    person = night.pick(lambda p: len(night.register.family(p)) == 1, held=True)
    if person is not None:
        on = night.today
        night.write(person, "26", on, jumin_jotai_code="9", shoujo_jiyu_code="26", shoujo_on=day8(on))


def cancel_loss(night: Night) -> None:
    """異動の取消し(減): the row before the last 21, 22 or 23 comes back, first for somebody with an open 資格."""
    today = {p for p, _ in night.rows}
    past = [n for n, (p, _) in enumerate(night.register.losses) if p not in today]
    if not past:
        return
    at = next((n for n in reversed(past) if night.register.losses[n][0] in night.register.open), past[-1])
    person, before = night.register.losses.pop(at)
    number = night.register.row(person)["rireki_no"]
    night.register.planned = [e for e in night.register.planned if e[0] != person]
    night.write(person, "28", night.today, {**before, "rireki_no": number, "idou_on": ""})
