"""One Airflow for all tests of this folder; the sample city is run through it once, before the first test that needs it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.dags.office import BY_COMMAND, DAYS, Office, close_office, open_office


@pytest.fixture(scope="session")
def office(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Office]:
    made = open_office(tmp_path_factory.mktemp("office"))
    try:
        yield made
    finally:
        close_office(made)


@pytest.fixture(scope="session")
def city(office: Office) -> Office:
    """Six business days, each night's approval left unanswered: none holds up the next. Two of them are run by commands, as an operator may."""
    office.bring(DAYS[0])
    assert office.run("ikou_once", DAYS[0]) == "success"
    for day in DAYS:
        office.bring(day)
        if day in BY_COMMAND:
            office.by_command(day, "uketsuke_daily", "juki_daily", "juki_shoukai_daily")
            continue
        assert office.run("uketsuke_daily", day) == "success"
        office.night(day)
        if day == DAYS[-1]:  # the day of the sample's results
            office.night(day, "kikou_kekka")
        asking = ["juki_shoukai_daily"]
        if day in DAYS[:2]:  # the days whose questions the sample's first answers are about
            asking.append("shotoku_shoukai_daily")
        started = [(dag, office.start(dag, day)) for dag in asking]
        assert {office.operator.wait(dag, run) for dag, run in started} == {"success"}
        if day == DAYS[2]:
            assert office.run("shotoku_kaitou_daily", day) == "success"
    return office
