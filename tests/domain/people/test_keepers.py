"""Keepers: appointed and dismissed by owners and organisers, and never without an owner."""

import pytest

from festival_push.domain.events import NewNotification, UserChanged
from festival_push.domain.people.keepers import AppointKeeper, DismissKeeper
from festival_push.domain.refusals import Forbidden, NotFound, OwnsStall, Refused
from festival_push.domain.rows import keeper_id
from festival_push.domain.topics import SYSTEM, stall_topic, user_topic
from festival_push.domain.values import Audience, Part, UserId, VendorId
from festival_push.domain.words.notifications import MarkRead
from tests.support.festival import ADMIN, ANNA, BAR, BAR_KEEPER, BEN, SUN, SUN_KEEPER, Festival, announcement_of, top_up


def appoint(
    user_id: UserId = BEN, *, part: Part = Part.KEEPER, actor_id: UserId = SUN_KEEPER, vendor_id: VendorId = SUN
) -> AppointKeeper:
    return AppointKeeper(actor_id=actor_id, vendor_id=vendor_id, user_id=user_id, part=part)


def dismiss(user_id: UserId = BEN, *, actor_id: UserId = SUN_KEEPER, vendor_id: VendorId = SUN) -> DismissKeeper:
    return DismissKeeper(actor_id=actor_id, vendor_id=vendor_id, user_id=user_id)


@pytest.mark.parametrize("actor_id", [SUN_KEEPER, ADMIN])
def test_owners_and_organisers_appoint_and_dismiss(actor_id: UserId) -> None:
    festival = Festival.opened()
    start = len(festival.events)
    person = festival.do(appoint(actor_id=actor_id))
    assert person == festival.book.person(BEN)
    assert person.stalls == {SUN: Part.KEEPER}
    assert [type(event) for event in festival.told(SYSTEM, after=start)] == [UserChanged]
    for topic in (user_topic(BEN), stall_topic(SUN)):
        assert [type(event) for event in festival.told(topic, after=start)] == [NewNotification]
    assert festival.decided(appoint(actor_id=actor_id)).rows == (), "again: nothing"
    decision = festival.decided(dismiss(actor_id=actor_id))
    assert [keeper.keeper_id for keeper in decision.dropped] == [keeper_id(SUN, BEN)]
    assert decision.reply == festival.book.person(BEN)
    assert decision.reply.stalls == {}
    with pytest.raises(NotFound):
        festival.do(dismiss(actor_id=actor_id))


@pytest.mark.parametrize(("actor_id", "refused"), [(ANNA, Forbidden), (BAR_KEEPER, NotFound)])
def test_nobody_else_appoints(actor_id: UserId, refused: type[Refused]) -> None:
    festival = Festival.opened()
    with pytest.raises(refused):
        festival.do(appoint(actor_id=actor_id))


def test_a_second_keeper_appoints_nobody_and_may_go() -> None:
    festival = Festival.opened()
    festival.do(appoint())
    for wish in (appoint(ANNA, actor_id=BEN), appoint(BEN, part=Part.OWNER, actor_id=BEN)):
        with pytest.raises(Forbidden):
            festival.do(wish)
    with pytest.raises(Forbidden):
        festival.do(dismiss(SUN_KEEPER, actor_id=BEN))
    assert festival.do(dismiss(actor_id=BEN)).stalls == {}


def test_an_owner_of_one_stall_and_keeper_of_another_appoints_only_there() -> None:
    festival = Festival.opened()
    festival.do(appoint(SUN_KEEPER, actor_id=BAR_KEEPER, vendor_id=BAR))
    festival.do(appoint(ANNA))
    with pytest.raises(Forbidden):
        festival.do(appoint(ANNA, vendor_id=BAR))


def test_the_last_owner_stays_until_there_is_another() -> None:
    festival = Festival.opened()
    for wish in (dismiss(SUN_KEEPER), dismiss(SUN_KEEPER, actor_id=ADMIN), appoint(SUN_KEEPER, part=Part.KEEPER)):
        with pytest.raises(OwnsStall):
            festival.do(wish)
    festival.do(appoint(part=Part.OWNER))
    assert festival.do(appoint(SUN_KEEPER, actor_id=BEN)).stalls == {SUN: Part.KEEPER}
    with pytest.raises(OwnsStall):
        festival.do(dismiss(actor_id=BEN))


def test_unknown_people_and_stalls_are_not_found() -> None:
    festival = Festival.opened()
    for wish in (appoint(UserId("nobody")), appoint(vendor_id=VendorId("nowhere")), dismiss(UserId("nobody"))):
        with pytest.raises(NotFound):
            festival.do(wish)


def test_what_a_stall_was_told_before_is_no_news_to_a_new_keeper() -> None:
    festival = Festival.opened()
    festival.do(announcement_of(Audience.VENDORS, number=1))
    for user_id, unread in ((ANNA, 0), (BEN, 1)):
        if unread:
            festival.do(top_up(BEN, 100, number=1))
        told = festival.book.position
        before = festival.book.users[user_id].read_up_to
        festival.do(appoint(user_id))
        assert festival.book.users[user_id].read_up_to == (before if unread else told)
        assert festival.do(MarkRead(actor_id=user_id, up_to=0)) >= 1, "their appointment is news"
