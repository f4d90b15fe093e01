"""Notifications that were read: never unread again, never read before they came, told to every device."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from festival_push.domain.events import NotificationsRead
from festival_push.domain.refusals import NotFound
from festival_push.domain.topics import user_topic
from festival_push.domain.values import UserId
from festival_push.domain.words.notifications import MarkRead
from tests.support.festival import ADMIN, ANNA, BEN, Festival

FAR = 2**53


def test_reading_is_told_to_the_persons_other_devices() -> None:
    festival = Festival.opened(funds=1_000)
    first = festival.book.position
    festival.top_up(ANNA, 500)
    decision = festival.decided(MarkRead(actor_id=ANNA, up_to=first))
    (told,) = decision.events
    assert told.topics == (user_topic(ANNA),)
    assert told.event == NotificationsRead(timestamp=told.event.timestamp, up_to=first, unread=1)
    assert decision.reply == 1
    assert festival.book.users[ANNA].read_up_to == first


def test_what_has_not_been_told_yet_cannot_be_read() -> None:
    festival = Festival.opened(funds=1_000)
    head = festival.book.position
    assert festival.do(MarkRead(actor_id=ANNA, up_to=FAR)) == 0
    assert festival.book.users[ANNA].read_up_to == head
    festival.top_up(ANNA, 500)
    assert festival.do(MarkRead(actor_id=ANNA, up_to=head)) == 1


def test_a_device_that_is_behind_makes_nothing_unread() -> None:
    festival = Festival.opened(funds=1_000)
    festival.do(MarkRead(actor_id=ANNA, up_to=FAR))
    decision = festival.decided(MarkRead(actor_id=ANNA, up_to=1))
    assert (decision.reply, decision.events, decision.rows) == (0, (), ())


def test_nobody_reads_for_nobody() -> None:
    with pytest.raises(NotFound):
        Festival.opened().do(MarkRead(actor_id=UserId("nobody"), up_to=1))


@given(st.lists(st.tuples(st.sampled_from([ANNA, BEN, ADMIN]), st.integers(0, 60)), max_size=30))
def test_the_count_is_what_came_after_the_furthest_reading(steps: list[tuple[UserId, int]]) -> None:
    festival = Festival.opened()
    furthest: dict[UserId, int] = {}
    for user_id, up_to in steps:
        if up_to % 3 == 0 and user_id is not ADMIN:
            festival.top_up(user_id, 1)
            continue
        furthest[user_id] = max(furthest.get(user_id, 0), min(up_to, festival.book.position))
        came = [
            position
            for position, told in enumerate(festival.events, 1)
            if told.event.TYPE == "new-notification" and user_topic(user_id) in told.topics
        ]
        left = festival.do(MarkRead(actor_id=user_id, up_to=up_to))
        assert left == sum(1 for position in came if position > furthest[user_id])
