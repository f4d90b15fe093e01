"""Rooms: joined by those who may see them, left by anyone, and never too many."""

from contextlib import suppress

import msgspec
import pytest
from hypothesis import given

from festival_push.domain.events import RoomJoined, RoomLeft, RoomsChanged, TrackingOrders
from festival_push.domain.people.keepers import AppointKeeper, DismissKeeper
from festival_push.domain.refusals import NotFound, Refused, TooManyRooms
from festival_push.domain.rows import Rooms
from festival_push.domain.topics import SYSTEM, order_topic, own_topics, stall_topic, user_topic
from festival_push.domain.values import OrderId, OrderStatus, Part, Topic, UserId, VendorId, rfc3339
from festival_push.domain.words.rooms import ROOMS_MAX, JoinRoom, LeaveRoom, Room, TrackOrders, room_name
from tests.support.festival import ADMIN, ANNA, BAR_KEEPER, BEN, SUN, SUN_KEEPER, AnyCommand, Festival, step, wishes


def join(actor_id: UserId, *, order: str | None = None, user: str | None = None) -> JoinRoom:
    return JoinRoom(actor_id=actor_id, room=room_of(order, user))


def leave(actor_id: UserId, *, order: str | None = None, user: str | None = None) -> LeaveRoom:
    return LeaveRoom(actor_id=actor_id, room=room_of(order, user))


def room_of(order: str | None, user: str | None) -> Room:
    return Room(order_id=OrderId(order) if order else None, user_id=UserId(user) if user else None)


@pytest.fixture
def festival() -> Festival:
    """Anna has ordered at the sun."""
    festival = Festival.opened(funds=5_000)
    festival.placed()
    return festival


def order_id(festival: Festival) -> OrderId:
    return next(iter(festival.book.orders))


def test_joining_is_committed_before_it_is_told(festival: Festival) -> None:
    topic = order_topic(order_id(festival))
    decision = festival.decided(join(ANNA, order=order_id(festival)))
    changed, joined = decision.events
    assert changed.topics == (SYSTEM,)
    assert isinstance(changed.event, RoomsChanged)
    assert (changed.event.user_id, changed.event.topics) == (ANNA, (topic,))
    assert joined.topics == (user_topic(ANNA),)
    assert isinstance(joined.event, RoomJoined)
    assert joined.event.room == room_name(topic) == f"order-{order_id(festival)}"
    assert decision.reply == festival.book.rooms[ANNA].topics == (topic,)


def test_joining_twice_says_so_twice_and_changes_once(festival: Festival) -> None:
    festival.do(join(ANNA, order=order_id(festival)))
    again = festival.decided(join(ANNA, order=order_id(festival)))
    assert [type(told.event) for told in again.events] == [RoomJoined]
    assert again.rows == ()


def test_leaving_ends_it_and_leaving_again_changes_nothing(festival: Festival) -> None:
    festival.do(join(ANNA, order=order_id(festival)))
    left = festival.decided(leave(ANNA, order=order_id(festival)))
    assert [type(told.event) for told in left.events] == [RoomsChanged, RoomLeft]
    assert festival.book.rooms[ANNA].topics == ()
    again = festival.decided(leave(ANNA, order=order_id(festival)))
    assert (again.events, again.rows) == ((), ())


@pytest.mark.parametrize(
    ("actor_id", "sees_order", "sees_ben"),
    [
        (ANNA, True, False),
        (BEN, False, True),
        (SUN_KEEPER, True, False),
        (BAR_KEEPER, False, False),
        (ADMIN, True, True),
    ],
)
def test_only_those_who_may_see_it_follow_it(
    festival: Festival,
    actor_id: UserId,
    sees_order: bool,  # noqa: FBT001  # pytest passes parameters by name
    sees_ben: bool,  # noqa: FBT001
) -> None:
    wishes: dict[AnyCommand, bool] = {
        join(actor_id, order=order_id(festival)): sees_order,
        TrackOrders(actor_id=actor_id, order_ids=(order_id(festival),)): sees_order,
        join(actor_id, user=BEN): sees_ben,
        join(actor_id, order="none"): False,
        join(actor_id, user="nobody"): False,
    }
    for wish, allowed in wishes.items():
        if allowed:
            festival.do(wish)
        else:
            with pytest.raises(NotFound):
                festival.do(wish)


def test_ones_own_room_is_no_membership(festival: Festival) -> None:
    assert festival.do(join(ANNA, user=ANNA)) == ()
    assert festival.do(join(SUN_KEEPER, user="sun")) == ()
    assert festival.do(leave(ANNA, user=ANNA)) == ()
    assert not festival.book.rooms


def test_tracking_follows_all_the_orders_or_none(festival: Festival) -> None:
    ids = (order_id(festival), festival.placed().order_id)
    before = festival.book.position
    with pytest.raises(NotFound):
        festival.do(TrackOrders(actor_id=ANNA, order_ids=(*ids, OrderId("none"))))
    assert festival.book.position == before
    decision = festival.decided(TrackOrders(actor_id=ANNA, order_ids=ids))
    assert [type(told.event) for told in decision.events] == [RoomsChanged, TrackingOrders]
    assert (decision.reply.order_ids, decision.reply.message) == (ids, "Tracking 2 orders.")
    assert festival.book.rooms[ANNA].topics == tuple(map(order_topic, ids))
    assert festival.do(TrackOrders(actor_id=BEN, order_ids=())).message == "Tracking 0 orders."


def test_there_is_a_last_room(festival: Festival) -> None:
    full = tuple(Topic(f"order:{number}") for number in range(ROOMS_MAX))
    festival.book.rooms[ANNA] = Rooms(user_id=ANNA, topics=full)
    with pytest.raises(TooManyRooms) as refused:
        festival.do(join(ANNA, order=order_id(festival)))
    assert refused.value.rooms_max == ROOMS_MAX
    festival.do(leave(ANNA, order="7"))
    assert len(festival.do(join(ANNA, order=order_id(festival)))) == ROOMS_MAX


def test_rooms_of_finished_orders_make_way_the_oldest_first(festival: Festival) -> None:
    done = [festival.placed() for _ in range(3)]
    rest = tuple(Topic(f"order:{number}") for number in range(ROOMS_MAX - 3))
    one, two, three = (order_topic(order.order_id) for order in done)
    festival.book.rooms[ANNA] = Rooms(user_id=ANNA, topics=(rest[0], one, two, three, *rest[1:]))
    for order in done[1:]:
        festival.do(step(order.order_id, SUN_KEEPER, OrderStatus.CANCELLED))
    topic = order_topic(order_id(festival))
    decision = festival.decided(join(ANNA, order=order_id(festival)))
    assert decision.reply == (rest[0], one, three, *rest[1:], topic)
    changed, left, joined = (told.event for told in decision.events)
    assert isinstance(changed, RoomsChanged)
    assert changed.topics == decision.reply
    assert left == RoomLeft(timestamp=rfc3339(festival.now), room=room_name(two))
    assert isinstance(joined, RoomJoined)
    festival.do(join(ANNA, order=done[2].order_id))  # it is finished, and asked for: it stays
    assert three in festival.book.rooms[ANNA].topics
    with pytest.raises(TooManyRooms):
        festival.do(TrackOrders(actor_id=ANNA, order_ids=(done[2].order_id, festival.placed().order_id)))


@given(wishes(max_size=60))
def test_membership_is_what_the_system_events_say_and_only_what_may_be_seen(commands: list[AnyCommand]) -> None:
    festival = Festival.opened(funds=8_000)
    for command in commands:
        with suppress(Refused):
            festival.do(command)
    told = {event.user_id: event.topics for event in festival.told(SYSTEM) if isinstance(event, RoomsChanged)}
    assert {user_id: rooms.topics for user_id, rooms in festival.book.rooms.items()} == told
    for user_id, topics in told.items():
        person = festival.book.person(user_id)
        assert len(topics) == len(set(topics)) <= ROOMS_MAX
        assert not set(topics) & set(own_topics(person))
        for topic in topics:
            kind, _, name = topic.partition(":")
            if user_id is not ADMIN:
                assert kind == "order"
                order = festival.book.orders[OrderId(name)]
                assert user_id == order.user_id or order.vendor_id in person.stalls


def test_a_room_is_a_value() -> None:
    assert msgspec.structs.astuple(room_of("o", None)) == (None, None, "o")


# The rooms of stalls


def test_a_keepers_own_stall_is_no_room_to_join(festival: Festival) -> None:
    for user_id in (SUN_KEEPER, hired(festival)):
        assert festival.do(JoinRoom(actor_id=user_id, room=Room(vendor_id=SUN))) == ()
        assert festival.do(join(user_id, user="sun")) == ()
    with pytest.raises(NotFound):
        festival.do(join(ANNA, user=SUN_KEEPER))


def test_an_organiser_joins_and_leaves_a_stall(festival: Festival) -> None:
    room = Room(vendor_id=SUN)
    assert festival.do(JoinRoom(actor_id=ADMIN, room=room)) == (stall_topic(SUN),)
    assert room_name(stall_topic(SUN)) == "stall-sun"
    assert festival.do(LeaveRoom(actor_id=ADMIN, room=room)) == ()
    with pytest.raises(NotFound):
        festival.do(JoinRoom(actor_id=ADMIN, room=Room(vendor_id=VendorId("nowhere"))))


def test_the_room_of_a_person_whose_id_is_a_stalls_is_both_as_before(festival: Festival) -> None:
    assert festival.do(join(ADMIN, user="sun")) == (user_topic(SUN_KEEPER), stall_topic(SUN))
    assert festival.do(leave(ADMIN, user="sun")) == ()


@pytest.mark.parametrize("user_id", [ANNA, BEN, BAR_KEEPER])
def test_a_stalls_room_is_for_its_keepers_and_organisers(festival: Festival, user_id: UserId) -> None:
    with pytest.raises(NotFound):
        festival.do(JoinRoom(actor_id=user_id, room=Room(vendor_id=SUN)))


def hired(festival: Festival) -> UserId:
    """Ben, who keeps the sun too."""
    festival.do(AppointKeeper(actor_id=SUN_KEEPER, vendor_id=SUN, user_id=BEN, part=Part.KEEPER))
    return BEN


def test_a_dismissed_keeper_is_in_no_room_any_more(festival: Festival) -> None:
    ben = hired(festival)
    festival.do(join(ben, order=order_id(festival)))
    festival.do(DismissKeeper(actor_id=ben, vendor_id=SUN, user_id=ben))
    assert festival.book.rooms[ben].topics == ()
    assert stall_topic(SUN) not in own_topics(festival.book.person(ben))
    with pytest.raises(NotFound):
        festival.do(join(ben, order=order_id(festival)))


def test_a_room_that_becomes_ones_own_is_left(festival: Festival) -> None:
    festival.do(join(ADMIN, user=SUN))
    festival.do(join(ADMIN, order=order_id(festival)))
    decision = festival.decided(AppointKeeper(actor_id=ADMIN, vendor_id=SUN, user_id=ADMIN, part=Part.KEEPER))
    assert stall_topic(SUN) not in festival.book.rooms[ADMIN].topics
    assert order_topic(order_id(festival)) in festival.book.rooms[ADMIN].topics
    assert sum(isinstance(told.event, RoomsChanged) for told in decision.events) == 1
