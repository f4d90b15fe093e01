"""Rooms: who follows somebody else's order hears all of it, once, and nothing else."""

import asyncio
import random
import time
from collections.abc import Iterator, Sequence
from contextlib import suppress
from typing import Final

import msgspec

from festival_push.simulate.festival import Festival, Guest, Visit
from festival_push.simulate.findings import Law
from festival_push.simulate.http.follower import Event
from festival_push.simulate.http.wire import Told
from festival_push.simulate.model import FINAL

HEARD: Final = frozenset(
    {"order-status-changed", "order-ready", "customer-coming", "vendor-message", "customer-message"}
)
"""What an order tells in its room."""
ROOMS_MAX: Final = 20  # at a time; a person may be in 60
_STAY_S: Final = 5.0


class Onlooker:
    """The organiser, who joins the rooms of some orders, and leaves them when these are finished."""

    def __init__(self, festival: Festival, group: asyncio.TaskGroup) -> None:
        self._festival = festival
        self._group = group
        self._over = dict[str, asyncio.Event]()
        festival.organiser_watch.listener = self._hear
        festival.organiser_watch.looks_on = True

    def look_on(self, dice: random.Random, order_id: str) -> None:
        """Follow an order, some at a time; always the first one."""
        if len(self._over) < ROOMS_MAX and (not self._festival.visits or dice.random() < 0.1):
            self._over[order_id] = asyncio.Event()
            self._festival.visits[order_id] = Visit(time.monotonic())
            self._group.create_task(self._follow(order_id))

    async def _follow(self, order_id: str) -> None:
        visit = self._festival.visits[order_id]
        if await self._move("join", order_id):
            if self._festival.model.orders[order_id].status in FINAL:
                self._over[order_id].set()
            with suppress(TimeoutError):  # what does not come is missed at the end
                async with asyncio.timeout(_STAY_S):
                    await self._over[order_id].wait()
            visit.left_s = time.monotonic()
            await self._move("leave", order_id)
        del self._over[order_id]

    def _hear(self, name: str, told: Told) -> None:
        if name == "order-status-changed" and told.status in FINAL and (over := self._over.get(told.order_id or "")):
            over.set()

    async def _move(self, way: str, order_id: str) -> bool:
        festival, room = self._festival, f"order-{order_id}"
        answer = await festival.client.post(f"/v1/rooms/{way}", {"room": room}, who=festival.organiser)
        if not festival.client.expect(answer, 200, f"{way} a room"):
            return False
        name = "room-joined" if way == "join" else "room-left"
        festival.model.expect(festival.organiser_watch.owner, (name, room), None)
        return True


async def track(festival: Festival, guest: Guest, order_id: str) -> None:
    """Let a customer join the room of an order of theirs: they hear everything once, as before."""
    path, body = "/v1/orders/track", {"orderIds": [order_id]}
    answer = await festival.client.post(path, body, who=guest.person)
    if festival.client.expect(answer, 200, "tracking of an order"):
        festival.model.expect(guest.watch.owner, ("tracking-orders", order_id), None)


def check_rooms(festival: Festival) -> None:
    """Compare what the organiser has heard of each order with what its customer and its stall were told."""
    watch = festival.organiser_watch
    heard, moves = dict[str, set[int]](), dict[tuple[str, str], Event]()
    for event, told in _read(watch.events):
        if event.name in HEARD:
            heard.setdefault(told.order_id or "", set()).add(event.position)
        elif told.room:
            moves[event.name, told.room] = event
    for order_id, visit in festival.visits.items():
        joined, left = (moves.get((name, f"order-{order_id}")) for name in ("room-joined", "room-left"))
        if joined is None:
            continue  # another law misses it
        got, told_of = heard.pop(order_id, set()), _told_of(festival, order_id)
        must, may = bounds(told_of, watch.events, joined, left, visit)
        text = f"the room of order {order_id}: of {sorted(told_of)} {sorted(got)} was heard, {sorted(must)} must be"
        festival.findings.check(Law.ROOMS, must <= got <= may, text)
    festival.findings.check(Law.ROOMS, not heard, f"the organiser heard of {sorted(heard)} in no room of theirs")


def bounds(
    told_of: set[int], events: Sequence[Event], joined: Event, left: Event | None, visit: Visit
) -> tuple[set[int], set[int]]:
    """Return the positions that must have been heard in a room, and those that may have been.

    Whoever is away while they join may also hear what has happened since they went; of a room that they left while
    they were away, they hear no more.

    Args:
        told_of: All that was said of the order.
        events: All that came on the stream, in order.
        joined: The event of the joining, `left` that of the leaving.
    """
    may = {position for position in told_of if left is None or position < left.position}
    must = {position for position in may if position > joined.position}
    if joined.connected_s < visit.joined_s:
        may = must
    else:
        since = _before(events, joined)
        may = {position for position in may if position > since}
    if left is not None and left.connected_s >= visit.left_s:
        until = _before(events, left)
        must = {position for position in must if position <= until}
    return must, may


def _before(events: Sequence[Event], event: Event) -> int:
    """Return the position of the last event on a connection before that of `event`; 0 if there is none."""
    return max((one.position for one in events if one.connected_s < event.connected_s), default=0)


def _told_of(festival: Festival, order_id: str) -> set[int]:
    """Return the positions of all that was said in an order's room, as its customer and its stall got it."""
    kept = festival.model.orders[order_id]
    watches = (festival.guest(kept.customer).watch, festival.stall(kept.stall).watch)
    return {
        event.position
        for watch in watches
        for event in watch.events
        if event.name in HEARD and event.fact is not None and event.fact[1] == order_id
    }


def _read(events: list[Event]) -> Iterator[tuple[Event, Told]]:
    for event in events:
        if event.name in HEARD or event.name in {"room-joined", "room-left"}:
            yield event, msgspec.json.decode(event.data, type=Told)
