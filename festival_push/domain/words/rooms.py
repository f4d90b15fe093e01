"""Rooms: topics that a person follows besides their own, on all their devices, until they leave."""

from collections.abc import Iterable
from typing import ClassVar, Final

import msgspec

from festival_push.domain.book import Book, Decision
from festival_push.domain.draft import Draft
from festival_push.domain.events import RoomJoined, RoomLeft, RoomsChanged, TrackingOrders
from festival_push.domain.orders.orders import require_sight
from festival_push.domain.people.relations import Act, Person, may
from festival_push.domain.refusals import NotFound, Refusals, TooManyRooms
from festival_push.domain.row_kinds import Needs
from festival_push.domain.rows import Rooms
from festival_push.domain.topics import SYSTEM, order_of, order_topic, own_topics, stall_topic, user_topic
from festival_push.domain.values import Instant, OrderId, Topic, UserId, VendorId

ROOMS_MAX: Final = 60
"""How many rooms one person may be in. With their own topics, their stalls' among them, a replay reads all of them."""


class Room(msgspec.Struct, frozen=True, kw_only=True):
    """A room, by its name on the wire: `user-<id>`, `stall-<id>` or `order-<id>`. One of the three is set.

    `user-<id>` of a stall's id means that stall too, as it did when a stall had no topic of its own.
    """

    user_id: UserId | None = None
    vendor_id: VendorId | None = None
    order_id: OrderId | None = None

    @property
    def topic(self) -> Topic:
        """Return the topic that the room is named after."""
        if self.order_id is not None:
            return order_topic(self.order_id)
        if self.vendor_id is not None:
            return stall_topic(self.vendor_id)
        assert self.user_id is not None
        return user_topic(self.user_id)

    @property
    def stall(self) -> VendorId | None:
        """Return the stall that the room may be about."""
        return VendorId(self.user_id) if self.user_id is not None else self.vendor_id

    @property
    def topics(self) -> tuple[Topic, ...]:
        """Return every topic that people in the room may follow."""
        return (self.topic,) if self.stall is None else tuple(dict.fromkeys((self.topic, stall_topic(self.stall))))


def room_name(topic: Topic) -> str:
    """Return a room's name on the wire: `user-<id>`, `stall-<id>` or `order-<id>`."""
    kind, _, name = topic.partition(":")
    return f"{kind}-{name}"


class JoinRoom(msgspec.Struct, frozen=True, kw_only=True):
    """Join a room."""

    REFUSES: ClassVar[Refusals] = (NotFound, TooManyRooms)

    actor_id: UserId
    room: Room

    def needs(self) -> Needs:
        user_id, stall, order_id = self.room.user_id, self.room.stall, self.room.order_id
        return Needs(
            users=(self.actor_id,) if user_id is None else (self.actor_id, user_id),
            vendors=() if stall is None else (stall,),
            orders=() if order_id is None else (order_id,),
            rooms=(self.actor_id,),
        )

    def decide(self, book: Book, now: Instant) -> Decision[tuple[Topic, ...]]:
        """Join the room; joining again only repeats the event. The reply is the topics of all the person's rooms.

        Raises NotFound for a room that the person may not see, TooManyRooms.
        """
        actor = book.actor(self.actor_id)
        seen = self._seen(book, actor)
        if not seen:
            raise NotFound(what="room")
        draft = Draft(book, now)
        topics = _follow(draft, actor, seen)
        joined = RoomJoined(timestamp=draft.timestamp, room=room_name(self.room.topic))
        draft.tell(joined, user_topic(actor.user_id))
        return draft.decision(topics)

    def _seen(self, book: Book, actor: Person) -> tuple[Topic, ...]:
        """Return the room's topics that the person may follow."""
        room = self.room
        if room.order_id is not None:
            require_sight(book.order(room.order_id), actor)
            return room.topics
        may_see = {
            stall_topic(stall): stall in book.vendors and may(actor, Act.SEE_STALL_ORDERS, vendor_id=stall)
            for stall in (room.stall,)
            if stall is not None
        }
        if (user_id := room.user_id) is not None:
            is_own = may(actor, Act.USE_ACCOUNT, user_id=user_id)
            may_see[room.topic] = is_own or (user_id in book.users and may(actor, Act.FOLLOW_ANYBODY))
        return tuple(topic for topic in room.topics if may_see[topic])


class LeaveRoom(msgspec.Struct, frozen=True, kw_only=True):
    """Leave a room. A person's own topics are not rooms, so nobody can leave them."""

    REFUSES: ClassVar[Refusals] = (NotFound,)

    actor_id: UserId
    room: Room

    def needs(self) -> Needs:
        return Needs(users=(self.actor_id,), rooms=(self.actor_id,))

    def decide(self, book: Book, now: Instant) -> Decision[tuple[Topic, ...]]:
        """Leave the room; nothing happens if the person is not in it. Reply with the topics of the other rooms."""
        actor = book.actor(self.actor_id)
        draft = Draft(book, now)
        topics = followed = _followed(book, actor.user_id)
        if set(self.room.topics).intersection(followed):
            topics = tuple(topic for topic in followed if topic not in self.room.topics)
            change_rooms(draft, actor.user_id, topics)
            left = RoomLeft(timestamp=draft.timestamp, room=room_name(self.room.topic))
            draft.tell(left, user_topic(actor.user_id))
        return draft.decision(topics)


class TrackOrders(msgspec.Struct, frozen=True, kw_only=True):
    """Join the rooms of some orders."""

    REFUSES: ClassVar[Refusals] = (NotFound, TooManyRooms)

    actor_id: UserId
    order_ids: tuple[OrderId, ...]

    def needs(self) -> Needs:
        return Needs(users=(self.actor_id,), orders=self.order_ids, rooms=(self.actor_id,))

    def decide(self, book: Book, now: Instant) -> Decision[TrackingOrders]:
        """Join all of the rooms, or none. Raises NotFound, TooManyRooms."""
        actor = book.actor(self.actor_id)
        for order_id in self.order_ids:
            require_sight(book.order(order_id), actor)
        draft = Draft(book, now)
        _follow(draft, actor, map(order_topic, self.order_ids))
        count = len(self.order_ids)
        tracking = TrackingOrders(
            timestamp=draft.timestamp,
            order_ids=self.order_ids,
            message=f"Tracking {count} order{'' if count == 1 else 's'}.",
        )
        draft.tell(tracking, user_topic(actor.user_id))
        return draft.decision(tracking)


def change_rooms(draft: Draft, user_id: UserId, topics: tuple[Topic, ...]) -> None:
    """Replace the rooms of a person, and tell every process."""
    draft.put(Rooms(user_id=user_id, topics=topics))
    draft.tell(RoomsChanged(timestamp=draft.timestamp, user_id=user_id, topics=topics), SYSTEM)


def _followed(book: Book, user_id: UserId) -> tuple[Topic, ...]:
    rooms = book.rooms.get(user_id)
    return () if rooms is None else rooms.topics


def _follow(draft: Draft, actor: Person, wanted: Iterable[Topic]) -> tuple[Topic, ...]:
    """Join the wanted rooms that the person is not in yet, and return the topics of all their rooms.

    The internal change comes before the events that tell of it. Above ROOMS_MAX, rooms of finished orders are left to
    make space, the oldest first. Raises TooManyRooms if that is not enough.
    """
    followed, own = _followed(draft.book, actor.user_id), own_topics(actor)
    wanted = [topic for topic in wanted if topic not in own]
    topics = tuple(dict.fromkeys((*followed, *wanted)))
    spare = max(len(topics) - ROOMS_MAX, 0)
    over = [topic for topic in followed if order_of(topic) in draft.book.finished and topic not in wanted][:spare]
    topics = tuple(topic for topic in topics if topic not in over)
    if len(topics) > ROOMS_MAX:
        raise TooManyRooms(rooms_max=ROOMS_MAX)
    if topics != followed:
        change_rooms(draft, actor.user_id, topics)
    for topic in over:
        draft.tell(RoomLeft(timestamp=draft.timestamp, room=room_name(topic)), user_topic(actor.user_id))
    return topics
