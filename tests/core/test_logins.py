"""ログインの失敗: when a user is locked, for how long, and that nothing slips through meanwhile."""

from __future__ import annotations

from logins import LOCKED, NAMES, TRIES, Logins


class Clock:
    now = 1000.0

    def __call__(self) -> float:
        return self.now


def fail(logins: Logins, name: str, times: int) -> list[bool]:
    locked = []
    for _ in range(times):
        assert logins.begin(name) == 0
        locked.append(logins.failed(name))
    return locked


def test_続けて失敗すると止まり_時が過ぎれば動く() -> None:
    clock = Clock()
    logins = Logins(clock)
    assert fail(logins, "kanri01", TRIES) == [False] * (TRIES - 1) + [True]
    assert logins.begin("kanri01") == LOCKED
    assert logins.begin(" ＫＡＮＲＩ01") == LOCKED, "the same user written otherwise"
    clock.now += LOCKED - 1
    assert logins.begin("kanri01") == 1
    clock.now += 1
    assert fail(logins, "kanri01", TRIES)[-1], "after that it begins anew"


def test_成功すれば数え直し_ほかの利用者には及ばない() -> None:
    logins = Logins(Clock())
    fail(logins, "sousa01", TRIES - 1)
    assert logins.begin("sousa01") == 0
    logins.succeeded("sousa01")
    assert fail(logins, "sousa01", TRIES)[-1]
    assert logins.begin("shounin01") == 0


def test_画面の成功はほかの失敗を消さず_失敗は時とともに忘れる() -> None:
    clock = Clock()
    logins = Logins(clock)
    fail(logins, "sousa01", TRIES - 1)
    assert logins.begin("sousa01") == 0
    logins.passed("sousa01")
    assert fail(logins, "sousa01", 1) == [True]
    fail(logins, "shounin01", TRIES - 1)
    clock.now += LOCKED
    assert fail(logins, "shounin01", 1) == [False]


def test_同時に試しても回数は増えない() -> None:
    logins = Logins(Clock())
    assert [logins.begin("sousa01") == 0 for _ in range(TRIES + 3)] == [True] * TRIES + [False] * 3


def test_失敗するたびに答えが遅くなる() -> None:
    logins = Logins(Clock())
    delays = []
    for _ in range(TRIES):
        logins.begin("sousa01")
        delays.append(logins.delay("sousa01"))
    assert delays == sorted(delays) and delays[0] > 0 and delays[-1] > delays[0]


def test_覚えておく名前には限りがある() -> None:
    logins = Logins(Clock())
    for number in range(NAMES + 10):
        logins.begin(f"dare{number}")
    assert len(logins.tried) == NAMES
