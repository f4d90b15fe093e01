"""What must be heard in a room, and what may be, by when its reader was connected."""

from festival_push.simulate.festival import Visit
from festival_push.simulate.http.follower import Event
from festival_push.simulate.topics.rooms import bounds

TOLD = {5, 9, 12, 18, 25}  # of the order


def event(position: int, connected_s: float) -> Event:
    return Event(position, "-", "", None, connected_s + 1, connected_s)


def test_who_is_there_all_the_time_hears_all_from_joining_to_leaving() -> None:
    joined, left = event(10, 100.0), event(20, 100.0)
    events = [event(3, 50.0), joined, event(12, 100.0), event(18, 100.0), left]
    assert bounds(TOLD, events, joined, left, Visit(110.0, 120.0)) == ({12, 18}, {12, 18})


def test_who_was_away_when_they_joined_may_hear_what_they_missed() -> None:
    joined = event(10, 100.0)
    events = [event(7, 50.0), joined]
    assert bounds(TOLD, events, joined, None, Visit(90.0)) == ({12, 18, 25}, {9, 12, 18, 25})


def test_who_was_away_when_they_left_need_not_hear_the_last() -> None:
    joined, left = event(10, 50.0), event(20, 100.0)
    events = [joined, event(12, 50.0), left]
    assert bounds(TOLD, events, joined, left, Visit(60.0, 90.0)) == ({12}, {12, 18})


def test_nothing_is_heard_after_leaving() -> None:
    joined, left = event(10, 50.0), event(11, 50.0)
    assert bounds(TOLD, [joined, left], joined, left, Visit(60.0, 70.0)) == (set(), set())
