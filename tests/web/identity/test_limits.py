"""The arithmetic of budgets, and the local limiter."""

from hypothesis import given
from hypothesis import strategies as st

from festival_push.web.identity.limits import LocalRateLimiter
from tests.support.timing.clocks import Clock


def test_the_whole_budget_can_be_spent_at_once_and_then_no_more() -> None:
    limiter = LocalRateLimiter(clock_s=Clock())
    budgets = [limiter.take_now("a", 60, 60.0) for _ in range(61)]
    assert [budget.allowed for budget in budgets] == [True] * 60 + [False]
    assert [budget.remaining for budget in budgets] == [*range(59, -1, -1), 0]
    assert budgets[-1].headers() == {
        "RateLimit-Limit": "60", "RateLimit-Remaining": "0", "RateLimit-Reset": "60", "Retry-After": "1",
    }  # fmt: skip
    assert "Retry-After" not in budgets[0].headers()


def test_a_budget_comes_back_evenly() -> None:
    clock = Clock()
    limiter = LocalRateLimiter(clock_s=clock)
    for _ in range(60):
        limiter.take_now("a", 60, 60.0)
    clock.now_s += 2.0
    assert [limiter.take_now("a", 60, 60.0).allowed for _ in range(3)] == [True, True, False]
    clock.now_s += 60.0
    assert limiter.take_now("a", 60, 60.0).remaining == 59


def test_whoever_waits_as_told_is_let_in() -> None:
    clock = Clock()
    limiter = LocalRateLimiter(clock_s=clock)
    while (budget := limiter.take_now("a", 10, 900.0)).allowed:
        pass
    clock.now_s += budget.retry_after_s
    assert limiter.take_now("a", 10, 900.0).allowed


def test_one_callers_budget_is_not_anothers() -> None:
    limiter = LocalRateLimiter(clock_s=Clock())
    assert limiter.take_now("a", 1, 60.0).allowed
    assert not limiter.take_now("a", 1, 60.0).allowed
    assert limiter.take_now("b", 1, 60.0).allowed


def test_the_memory_is_bounded_and_the_least_recent_is_forgotten() -> None:
    limiter = LocalRateLimiter(clock_s=Clock(), keys_max=2)
    for key in ("a", "b", "a", "c"):
        limiter.take_now(key, 2, 60.0)
    assert not limiter.take_now("a", 2, 60.0).allowed  # kept
    assert limiter.take_now("b", 2, 60.0).remaining == 1  # anew


@given(limit=st.integers(1, 1000), waits_ms=st.lists(st.integers(0, 5_000), max_size=200))
def test_never_more_than_the_burst_and_the_rate_allow(limit: int, waits_ms: list[int]) -> None:
    clock = Clock()
    limiter = LocalRateLimiter(clock_s=clock)
    start_s, taken = clock.now_s, 0
    for wait_ms in waits_ms:
        clock.now_s += wait_ms / 1000
        budget = limiter.take_now("a", limit, 60.0)
        taken += budget.allowed
        assert 0 <= budget.remaining < limit
        assert 0 <= budget.reset_s <= 60
        assert taken <= limit + limit * (clock.now_s - start_s) / 60 + 1e-6


def test_a_budget_that_is_whole_again_takes_no_memory() -> None:
    clock = Clock()
    limiter = LocalRateLimiter(clock_s=clock)
    for number in range(1_000):
        limiter.take_now(f"user:{number}", 60, 60.0)
    assert not [limiter.take_now("spent", 1, 60.0) for _ in range(2)][1].allowed
    clock.now_s += 2.0
    for number in range(500):
        limiter.take_now(f"guest:{number}", 60, 60.0)
    assert len(limiter._paid_until_s) <= 501
    assert not limiter.take_now("spent", 1, 60.0).allowed
