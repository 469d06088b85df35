"""無操作: when a log-in of the pages ends, although an open page goes on asking by itself."""

from __future__ import annotations

from idle import BY_ITSELF, SESSIONS, Idle

HALF_AN_HOUR = 30 * 60


class Clock:
    now = 1000.0

    def __call__(self) -> float:
        return self.now


def opened() -> tuple[Clock, Idle]:
    clock = Clock()
    return clock, Idle(HALF_AN_HOUR, clock)


def test_開いたままの画面がたずね続けても_三十分で終わる() -> None:
    clock, idle = opened()
    assert not idle.over("a", "GET", "/ui/dags")
    for _ in range(HALF_AN_HOUR // 3):
        clock.now += 3
        assert not idle.over("a", "GET", "/ui/dags"), "the page asks every three seconds"
    clock.now += 3
    assert idle.over("a", "GET", "/ui/dags")
    assert idle.over("a", "POST", "/api/v2/dags"), "what is over stays over"
    assert not idle.over("b", "GET", "/ui/dags"), "another log-in is not meant"


def test_何かをすれば延びる() -> None:
    for method, path in (("POST", "/api/v2/x"), ("GET", "/ui/another")):
        clock, idle = opened()
        assert not idle.over("a", "GET", "/ui/dags")
        clock.now += HALF_AN_HOUR
        assert not idle.over("a", method, path), "on the last second"
        clock.now += HALF_AN_HOUR
        assert not idle.over("a", "GET", "/ui/third")
        clock.now += HALF_AN_HOUR + 1
        assert idle.over("a", method, path)


def test_しばらく見なかったものを見るのも操作である() -> None:
    clock, idle = opened()
    assert not idle.over("a", "GET", "/ui/dags")
    clock.now += BY_ITSELF
    assert not idle.over("a", "GET", "/ui/dags")
    clock.now += HALF_AN_HOUR
    assert not idle.over("a", "GET", "/ui/dags")


def test_覚える数には限りがある() -> None:
    idle = opened()[1]
    for number in range(SESSIONS + 5):
        idle.over(str(number), "GET", "/")
    assert len(idle.sessions) == SESSIONS
    for number in range(2000):
        idle.over("9999", "GET", f"/{number}")
    assert len(idle.sessions["9999"].looked) == 1000
