"""The window answers exactly what the log would, or not at all."""

from hypothesis import given
from hypothesis import strategies as st

from festival_push.domain.topics import SYSTEM
from festival_push.domain.values import Topic
from festival_push.push.hub.frames import frame_of
from festival_push.push.hub.window import Window
from tests.push.fake_log import ANNA, BEN, CROWD, row

TOPICS = [ANNA, BEN, CROWD, SYSTEM]


def filled(events: list[list[Topic]], *, start: int = 0, events_max: int = 100, bytes_max: int = 10**6) -> Window:
    window = Window(start, events_max=events_max, bytes_max=bytes_max)
    for position, topics in enumerate(events, start + 1):
        window.add(frame_of("e", row(position, *topics)))
    return window


@given(
    st.lists(st.lists(st.sampled_from(TOPICS), min_size=1, max_size=4)),
    st.integers(0, 20), st.integers(0, 2_000),
    st.lists(st.sampled_from(TOPICS[:3])), st.integers(0, 60), st.integers(0, 60),
)  # fmt: skip
def test_it_replays_the_log_or_says_that_it_cannot(
    events: list[list[Topic]], events_max: int, bytes_max: int, topics: list[Topic], after: int, up_to: int
) -> None:
    window = filled(events, events_max=events_max, bytes_max=bytes_max)
    assert len(window) <= events_max
    assert window._bytes <= bytes_max
    replayed = window.replay(topics, after, up_to)
    if replayed is None:
        assert after < window.covered_from
    else:
        assert [frame.position for frame in replayed] == [
            position
            for position, has in enumerate(events, 1)
            if after < position <= up_to and not set(has).isdisjoint(topics)
        ]


def test_it_keeps_as_much_as_it_may() -> None:
    window = filled([[ANNA]] * 10, start=5, events_max=4)
    assert window.covered_from == 11
    assert window.replay([ANNA], 10, 99) is None
    assert [frame.position for frame in window.replay([ANNA], 11, 99) or []] == [12, 13, 14, 15]


def test_forgotten_topics_leave_nothing_behind() -> None:
    window = filled([[Topic(f"user:{number}")] for number in range(50)], events_max=3)
    assert len(window._by_topic) == 3
