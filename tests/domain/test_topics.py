"""Who follows what."""

from festival_push.domain.people.keepers import STALLS_MAX, AppointKeeper
from festival_push.domain.topics import (
    ALL,
    BOARDS,
    SYSTEM,
    board_topic,
    order_topic,
    own_topics,
    role_topic,
    stall_topic,
    user_topic,
)
from festival_push.domain.values import OrderId, Part, Role, VendorId
from festival_push.domain.words.rooms import ROOMS_MAX
from festival_push.store.log import TOPICS_MAX
from tests.support.festival import ADMIN, ANNA, BEN, SUN, SUN_KEEPER, Festival


def test_topics_are_named_by_kind_and_id() -> None:
    names = [
        user_topic(ANNA),
        order_topic(OrderId("7")),
        board_topic(VendorId("sun")),
        role_topic(Role.ADMIN),
        stall_topic(SUN),
    ]
    assert names == ["user:anna", "order:7", "board:sun", "role:admin", "stall:sun"]


def test_a_person_follows_themselves_their_groups_their_stalls_and_everyone() -> None:
    book = Festival.opened().book
    customers, vendors, admins = map(role_topic, (Role.CUSTOMER, Role.VENDOR, Role.ADMIN))
    assert own_topics(book.person(ANNA)) == (user_topic(ANNA), customers, ALL)
    assert own_topics(book.person(ADMIN)) == (user_topic(ADMIN), customers, admins, ALL)
    assert own_topics(book.person(SUN_KEEPER)) == (user_topic(SUN_KEEPER), customers, vendors, ALL, stall_topic(SUN))


def test_who_keeps_a_stall_hears_the_stall_and_nothing_of_its_owner() -> None:
    festival = Festival.opened()
    festival.do(AppointKeeper(actor_id=SUN_KEEPER, vendor_id=SUN, user_id=BEN, part=Part.KEEPER))
    topics = own_topics(festival.book.person(BEN))
    assert stall_topic(SUN) in topics
    assert user_topic(SUN_KEEPER) not in topics


def test_a_replay_reads_all_topics_that_a_person_may_follow() -> None:
    assert 5 + STALLS_MAX + ROOMS_MAX <= TOPICS_MAX


def test_nobody_follows_the_system_or_what_boards_show() -> None:
    book = Festival.opened().book
    for user_id in book.users:
        assert not {SYSTEM, BOARDS} & {*own_topics(book.person(user_id))}
