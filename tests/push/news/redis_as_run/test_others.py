"""Who is heard is counted while they are heard."""

from festival_push.push.news.redis.others import PROCESSES_MAX, Others


def test_others_are_counted_until_they_are_silent_and_we_are_none_of_them() -> None:
    now_s = 100.0
    others = Others("us", heartbeat_s=4.0, clock_s=lambda: now_s)
    for name in ("us", "a", "a", "b"):
        others.heard(name)
    assert others.count() == 2
    now_s = 112.0
    others.heard("b")
    assert others.count() == 2
    now_s = 112.1
    assert others.count() == 1
    now_s = 125.0
    assert others.count() == 0


def test_names_take_bounded_memory() -> None:
    others = Others("us", heartbeat_s=1.0, clock_s=lambda: 0.0)
    for number in range(2 * PROCESSES_MAX):
        others.heard(str(number))
    assert others.count() == PROCESSES_MAX
