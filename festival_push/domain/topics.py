"""Topics: the names that a stream may follow, and the topics that a person follows without asking."""

from typing import Final

from festival_push.domain.people.relations import Person
from festival_push.domain.values import OrderId, Role, Topic, UserId, VendorId

ALL: Final = Topic("all")
BOARDS: Final = Topic("boards")
"""What all pickup boards show: announcements for everybody."""
SYSTEM: Final = Topic("system")
"""Internal topic: tells the caches and streams of every process what has changed. No client follows it."""


def user_topic(user_id: UserId) -> Topic:
    """Return the topic of one person: what is told on it is for nobody else."""
    return Topic(f"user:{user_id}")


def stall_topic(vendor_id: VendorId) -> Topic:
    """Return the topic of one stall, which all its keepers follow."""
    return Topic(f"stall:{vendor_id}")


def stall_of(topic: Topic) -> VendorId | None:
    """Return the stall of a stall's topic; None for any other topic."""
    kind, _, name = topic.partition(":")
    return VendorId(name) if kind == "stall" else None


def order_topic(order_id: OrderId) -> Topic:
    """Return the topic of one order, for those who have joined its room."""
    return Topic(f"order:{order_id}")


def order_of(topic: Topic) -> OrderId | None:
    """Return the order of an order's topic; None for any other topic."""
    kind, _, name = topic.partition(":")
    return OrderId(name) if kind == "order" else None


def board_topic(vendor_id: VendorId) -> Topic:
    """Return the topic of one stall's pickup board."""
    return Topic(f"board:{vendor_id}")


def role_topic(role: Role) -> Topic:
    """Return the topic of everyone in one group; everybody is a customer."""
    return _OF_ROLE[role]


_OF_ROLE: Final = {role: Topic(f"role:{role.value}") for role in Role}  # one text for all streams that keep it
ORGANISERS: Final = role_topic(Role.ADMIN)


def own_topics(person: Person) -> tuple[Topic, ...]:
    """Return the topics that a person's stream follows without asking: theirs, their groups', their stalls'."""
    return (
        user_topic(person.user_id),
        *map(role_topic, person.groups),
        ALL,
        *map(stall_topic, person.stalls),
    )
