"""What is followed here is heard, and a while longer; then it is forgotten."""

from hypothesis import given
from hypothesis import strategies as st

from festival_push.domain.topics import SYSTEM
from festival_push.domain.values import Topic
from festival_push.push.hub.interest import LINGER_S, MARKS_MAX, Interest, mark_of
from tests.push.fake_log import ANNA, BEN, CROWD
from tests.support.timing.clocks import Clock

ALWAYS = {mark_of(SYSTEM)}


def test_a_mark_is_the_same_in_every_process_and_version() -> None:
    assert (mark_of("all"), mark_of("user:anna")) == (991_457_757, 168_757_827)


def test_a_topic_is_heard_as_long_as_anybody_follows_it() -> None:
    interest = Interest(Clock(0.0))
    interest.follow([ANNA, CROWD])
    interest.follow([CROWD])
    interest.leave([ANNA, CROWD], lingers=False)
    assert interest.marks == ALWAYS | {mark_of(CROWD)}


def test_what_was_left_lingers_for_one_to_two_generations() -> None:
    clock = Clock(0.0)
    interest = Interest(clock)
    for topic in (ANNA, BEN):
        interest.follow([topic])
    interest.leave([ANNA])
    clock.now_s = LINGER_S
    interest.leave([BEN])
    assert {mark_of(ANNA), mark_of(BEN)} <= interest.marks
    interest.follow([ANNA])
    clock.now_s = 2 * LINGER_S
    interest.follow([CROWD])
    interest.leave([CROWD])
    assert interest.marks == ALWAYS | {mark_of(ANNA), mark_of(BEN), mark_of(CROWD)} - {mark_of(BEN)}


def test_who_comes_and_goes_takes_no_memory_for_ever() -> None:
    interest = Interest(Clock(0.0))
    for number in range(3 * MARKS_MAX):
        topic = Topic(f"user:{number}")
        interest.follow([topic])
        interest.leave([topic])
    assert len(interest.marks) <= 2 * MARKS_MAX + 2


@given(st.lists(st.tuples(st.sampled_from([ANNA, BEN, CROWD]), st.booleans(), st.floats(0, 2 * LINGER_S))))
def test_whoever_follows_is_heard_whatever_comes_and_goes(moves: list[tuple[Topic, bool, float]]) -> None:
    clock, followed = Clock(0.0), list[Topic]()
    interest = Interest(clock)
    for topic, lingers, wait_s in moves:
        clock.now_s += wait_s
        if topic in followed and not lingers:
            followed.remove(topic)
            interest.leave([topic], lingers=len(followed) % 2 == 0)
        else:
            followed.append(topic)
            interest.follow([topic])
        assert ALWAYS | {mark_of(topic) for topic in followed} <= interest.marks
