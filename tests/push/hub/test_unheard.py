"""What was passed over is known, or known to be forgotten."""

from hypothesis import given
from hypothesis import strategies as st

from festival_push.domain.values import Topic
from festival_push.push.hub.interest import mark_of
from festival_push.push.hub.unheard import Unheard

TOPICS = [Topic(f"user:{number}") for number in range(9)]


@given(
    st.lists(st.lists(st.sampled_from(TOPICS), max_size=3), max_size=60),
    st.integers(0, 9),
    st.lists(st.sampled_from(TOPICS), max_size=3),
)
def test_it_never_says_that_less_was_passed_over(events: list[list[Topic]], marks_max: int, asked: list[Topic]) -> None:
    unheard = Unheard(5, marks_max=marks_max)
    for position, topics in enumerate(events, 6):
        unheard.add(position, map(mark_of, topics))
    passed = [position for position, topics in enumerate(events, 6) if not set(topics).isdisjoint(asked)]
    assert unheard.last(asked) >= max(passed, default=5)
    assert len(unheard._newer) + len(unheard._older) <= 2 * (marks_max + 3)
    if unheard.known_from == 5:  # nothing is forgotten yet, and so it is exact
        assert unheard.last(asked) == max(passed, default=5)


def test_what_is_forgotten_is_at_most_what_came_before_two_generations() -> None:
    unheard = Unheard(0, marks_max=3)
    for position in range(1, 101):
        unheard.add(position, [position])
    assert 100 - 2 * 4 <= unheard.known_from <= 100 - 4
