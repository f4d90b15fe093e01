"""Announcements: told once to their audience and to nobody else, edited and withdrawn by organisers only."""

from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from festival_push.domain.events import AnnouncementChanged, AnnouncementWithdrawn, NewNotification
from festival_push.domain.refusals import AlreadyWithdrawn, Forbidden, NotFound
from festival_push.domain.rows import Announcement
from festival_push.domain.topics import BOARDS, own_topics
from festival_push.domain.values import AnnouncementId, Audience, Instant, Position, Priority, Topic, UserId, rfc3339
from festival_push.domain.words.announcements import EditAnnouncement, WithdrawAnnouncement, audiences_of
from festival_push.domain.words.notifications import MarkRead
from tests.support.festival import (
    ADMIN,
    ANNA,
    BAR_KEEPER,
    BEN,
    NOON,
    SUN_KEEPER,
    AnyCommand,
    Festival,
    announcement_of,
)

PEOPLE = (ANNA, BEN, ADMIN, SUN_KEEPER, BAR_KEEPER)
HEARD_BY = {
    Audience.ALL: set(PEOPLE),
    Audience.CUSTOMERS: set(PEOPLE),  # everybody is one
    Audience.VENDORS: {SUN_KEEPER, BAR_KEEPER},
}
A1 = AnnouncementId("a1")
LATER = Instant(NOON + 60_000)

audiences = st.sampled_from(Audience)
priorities = st.sampled_from([None, *get_args(Priority)])
titles = st.sampled_from([None, "Rain"])


def hearers(festival: Festival, topics: tuple[Topic, ...]) -> set[UserId]:
    return {user_id for user_id in PEOPLE if set(own_topics(festival.book.person(user_id))) & set(topics)}


def announced(audience: Audience = Audience.ALL) -> Festival:
    """A festival with one announcement, a minute ago."""
    festival = Festival.opened()
    festival.do(announcement_of(audience, number=1, title="Rain"))
    festival.now = LATER
    return festival


def edit(actor_id: UserId = ADMIN, **changes: str) -> EditAnnouncement:
    return EditAnnouncement(actor_id=actor_id, announcement_id=A1, **changes)  # type: ignore[arg-type]  # a priority is a str


def withdraw(actor_id: UserId = ADMIN) -> WithdrawAnnouncement:
    return WithdrawAnnouncement(actor_id=actor_id, announcement_id=A1)


@given(audiences, priorities, titles)
def test_an_announcement_is_one_event_that_its_audience_hears(
    audience: Audience, priority: Priority | None, title: str | None
) -> None:
    festival = Festival.opened()
    decision = festival.decided(announcement_of(audience, number=1, title=title, priority=priority))
    (told,) = decision.events
    assert told.event == NewNotification(
        timestamp=rfc3339(NOON), message="Storm.", type="announcement", title=title, priority=priority,
        announcement_id=A1,
    )  # fmt: skip
    assert hearers(festival, told.topics) == HEARD_BY[audience]
    assert (BOARDS in told.topics) is (audience is Audience.ALL)
    assert decision.rows == (decision.reply,)
    assert decision.reply == Announcement(
        announcement_id=A1, message="Storm.", title=title, audience=audience, priority=priority or "normal",
        position=Position(festival.book.position), created_at=NOON, created_by=ADMIN,
    )  # fmt: skip


def test_its_position_is_that_of_its_event_also_after_others() -> None:
    festival = Festival.opened(funds=1_000)
    made = [festival.do(announcement_of(Audience.ALL, number=number)) for number in range(3)]
    for announcement in made:
        told = festival.events[announcement.position - 1].event
        assert isinstance(told, NewNotification)
        assert told.announcement_id == announcement.announcement_id


@pytest.mark.parametrize("actor_id", [ANNA, SUN_KEEPER])
def test_only_the_organiser_announces_edits_and_withdraws(actor_id: UserId) -> None:
    festival = announced()
    wishes: list[AnyCommand] = [
        announcement_of(Audience.ALL, number=2, actor_id=actor_id), edit(actor_id, message="Free beer!"),
        withdraw(actor_id),
    ]  # fmt: skip
    for wish in wishes:
        with pytest.raises(Forbidden):
            festival.do(wish)


@pytest.mark.parametrize("audience", Audience)
def test_an_edit_is_told_to_the_same_audience(audience: Audience) -> None:
    festival = announced(audience)
    before = festival.book.announcements[A1]
    decision = festival.decided(edit(message="Sun.", priority="high"))
    (told,) = decision.events
    assert told.event == AnnouncementChanged(
        timestamp=rfc3339(LATER), announcement_id=A1, message="Sun.", title="Rain", priority="high", audience=audience
    )
    assert told.topics == festival.events[before.position - 1].topics
    assert hearers(festival, told.topics) == HEARD_BY[audience]
    after = festival.book.announcements[A1]
    assert after is decision.reply
    assert (after.message, after.title, after.priority, after.edited_at) == ("Sun.", "Rain", "high", LATER)
    assert (after.position, after.created_at, after.created_by) == (before.position, NOON, ADMIN)


def test_an_empty_title_takes_the_title_away() -> None:
    festival = announced()
    assert festival.do(edit(title="")).title is None
    assert festival.decided(edit(title="")).events == ()


def test_the_same_words_again_change_nothing() -> None:
    festival = announced()
    decision = festival.decided(edit(message="Storm.", title="Rain", priority="normal"))
    assert (decision.rows, decision.events) == ((), ())
    assert decision.reply.edited_at is None


@pytest.mark.parametrize("audience", Audience)
def test_a_withdrawal_is_told_to_the_audience_once(audience: Audience) -> None:
    festival = announced(audience)
    decision = festival.decided(withdraw())
    (told,) = decision.events
    assert told.event == AnnouncementWithdrawn(timestamp=rfc3339(LATER), announcement_id=A1)
    assert hearers(festival, told.topics) == HEARD_BY[audience]
    assert festival.book.announcements[A1].withdrawn_at == LATER
    festival.now = Instant(LATER + 1)
    again = festival.decided(withdraw())
    assert (again.rows, again.events, again.reply) == ((), (), decision.reply)


def test_what_was_withdrawn_cannot_be_edited() -> None:
    festival = announced()
    festival.do(withdraw())
    for wish in (edit(message="Sun."), edit(message="Storm.")):
        with pytest.raises(AlreadyWithdrawn):
            festival.do(wish)


@pytest.mark.parametrize("wish", [edit(message="Sun."), withdraw()], ids=["edit", "withdraw"])
def test_an_unknown_announcement_is_not_found(wish: AnyCommand) -> None:
    with pytest.raises(NotFound) as raised:
        Festival.opened().do(wish)
    assert raised.value.what == "announcement"


def test_nobody_has_unread_what_was_withdrawn_and_an_edit_makes_nothing_unread() -> None:
    festival = announced(Audience.CUSTOMERS)
    position = festival.book.announcements[A1].position
    assert festival.do(MarkRead(actor_id=ANNA, up_to=position)) == 0
    festival.do(edit(message="Sun."))
    assert festival.do(MarkRead(actor_id=ANNA, up_to=position)) == 0
    assert festival.do(MarkRead(actor_id=BEN, up_to=0)) == 1
    festival.do(withdraw())
    assert festival.do(MarkRead(actor_id=BEN, up_to=0)) == 0


def test_people_belong_to_everybody_and_to_those_of_their_groups() -> None:
    book = Festival.opened().book
    for user_id in PEOPLE:
        assert {*audiences_of(book.person(user_id))} == {
            audience for audience, who in HEARD_BY.items() if user_id in who
        }
    assert audiences_of(None) == (Audience.ALL,)
