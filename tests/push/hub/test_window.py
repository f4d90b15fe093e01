"""The window answers exactly what the log would, or not at all."""

from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from festival_push.domain.topics import SYSTEM
from festival_push.domain.values import Topic
from festival_push.push.hub import window as module
from festival_push.push.hub.frames import Frame, frame_of
from festival_push.push.hub.window import EVENT_BYTES, Window
from tests.push.fake_log import ANNA, BEN, CROWD, row

TOPICS = [ANNA, BEN, CROWD, SYSTEM]
SMALL = EVENT_BYTES + frame_of("e", row(99, data="{}")).size
PLENTY = 10**9

Events = Sequence[tuple[int, Sequence[Topic], int]]
"""Of each event: how many positions before it have none, its topics, and the length of its data."""
EVENTS = st.lists(
    st.tuples(
        st.sampled_from([0, 0, 0, 1, 7]),
        # One topic is busier than the others.
        st.one_of(st.just([CROWD]), st.lists(st.sampled_from(TOPICS), min_size=1, max_size=4, unique=True)),
        st.sampled_from([0, 2, 300, 2_000]),
    ),
    max_size=150,
)


@pytest.fixture(autouse=True)
def _topics_are_soon_busy(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_QUIET_MAX", 3)
    monkeypatch.setattr(module, "_BUSY_SHARE", 2)


def frame_at(position: int, *topics: Topic, data: str = "{}") -> Frame:
    return frame_of("e", row(position, *topics, data=data))


def filled(events: Events, *, start: int = 0, bytes_max: int = PLENTY) -> tuple[Window, list[Frame]]:
    """A window, and the whole log."""
    window, log = Window(start, bytes_max=bytes_max), []
    position = start
    for left_out, topics, length in events:
        position += left_out + 1
        log.append(frame_at(position, *topics, data="x" * length))
        window.add(log[-1])
        assert window.bytes == sum(map(bytes_of, window.frames)) <= bytes_max
    check(window)
    return window, log


def bytes_of(frame: Frame) -> int:
    return frame.size + EVENT_BYTES


def check(window: Window) -> None:
    """What the topics have is what the window has; what it says of a busy topic is so."""
    kept = {name: held if isinstance(held, list) else held.frames for name, held in window._by_topic.items()}
    assert all(kept.values())
    assert {frame for frames in kept.values() for frame in frames} == {
        frame for frame in window.frames if frame.topics != (SYSTEM,)
    }
    for held in window._by_topic.values():
        if not isinstance(held, list):
            assert held.size == sum(map(bytes_of, held.frames))
            assert held.size <= window._busy_bytes_max or len(held.frames) == 1


@given(
    EVENTS, st.integers(0, 40), st.integers(0, 60_000),
    st.lists(st.sampled_from(TOPICS[:3])), st.integers(0, 400), st.integers(0, 400),
)  # fmt: skip
def test_it_replays_the_log_or_says_that_it_cannot(
    events: Events, start: int, bytes_max: int, topics: list[Topic], after: int, up_to: int
) -> None:
    window, log = filled(events, start=start, bytes_max=bytes_max)
    replayed = window.replay(topics, after, up_to)
    assert window.covers(topics, after) == (replayed is not None)
    if replayed is None:
        assert after < start or any(frame not in window.frames for frame in log if after < frame.position)
    else:
        assert after >= start
        assert replayed == [
            frame for frame in log if after < frame.position <= up_to and not set(frame.topics).isdisjoint(topics)
        ]


def test_it_keeps_as_much_as_it_may() -> None:
    window, _ = filled([(0, [Topic(f"user:{number}")], 2) for number in range(10)], start=5, bytes_max=4 * SMALL)
    assert window.covered_from == 11
    assert window.replay([Topic("user:9")], 10, 99) is None
    kept = window.replay([Topic(f"user:{number}") for number in range(10)], 11, 99)
    assert [frame.position for frame in kept or []] == [12, 13, 14, 15]
    assert [window.frame(position) for position in (11, *range(12, 16), 16)] == [None, *(kept or []), None]


def test_a_busy_topic_does_not_shorten_the_past_of_the_quiet_ones() -> None:
    events = [(0, [ANNA], 2), *[(0, [CROWD], 2)] * 1_000, (0, [BEN], 2)]
    window, log = filled(events, bytes_max=40 * SMALL)
    assert window.replay([ANNA, BEN], 0, 2_000) == [log[0], log[-1]]
    assert window.replay([ANNA, CROWD], 0, 2_000) is None
    assert window.covers([CROWD], 1_000)
    assert len(window.frames) <= 2 + 20


def test_an_event_of_a_busy_and_a_quiet_topic_is_kept_for_the_quiet_one() -> None:
    window, log = filled([(0, [CROWD, ANNA], 2), *[(0, [CROWD], 2)] * 100], bytes_max=40 * SMALL)
    assert window.replay([ANNA], 0, 200) == [log[0]]
    assert not window.covers([CROWD], 0)


def test_an_event_larger_than_a_share_is_kept_while_it_is_the_newest() -> None:
    window, log = filled([(0, [CROWD], 2)] * 10 + [(0, [CROWD], 30 * SMALL)], bytes_max=40 * SMALL)
    assert window.replay([CROWD], 10, 11) == [log[-1]]


def test_forgotten_topics_leave_nothing_behind() -> None:
    window, _ = filled([(0, [Topic(f"user:{number}")], 2) for number in range(50)], bytes_max=3 * SMALL)
    assert len(window._by_topic) == 3


def test_nobody_can_follow_system() -> None:
    window, _ = filled([(0, [SYSTEM, ANNA], 2)])
    assert set(window._by_topic) == {ANNA}
