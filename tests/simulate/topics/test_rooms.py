"""What must be heard in a room, and what may be, by when its reader was connected."""

import random
import time

import pytest

from festival_push.simulate.festival import Festival, Guest, Stall, Visit
from festival_push.simulate.findings import Law
from festival_push.simulate.http.client import Person
from festival_push.simulate.http.follower import Event
from festival_push.simulate.http.watch import Watch
from festival_push.simulate.model import Kept
from festival_push.simulate.topics.rooms import bounds, check_rooms

TOLD = {5, 9, 12, 18, 25}  # of the order


def event(position: int, connected_s: float) -> Event:
    return Event(position, "-", "", None, connected_s + 1, connected_s)


def test_who_is_there_all_the_time_hears_all_from_joining_to_leaving() -> None:
    joined, left = event(10, 100.0), event(20, 100.0)
    events = [event(3, 50.0), joined, event(12, 100.0), event(18, 100.0), left]
    assert bounds(TOLD, events, joined, left, Visit(110.0, 120.0)) == ({12, 18}, {12, 18})


def test_who_was_away_when_they_joined_may_hear_what_they_missed() -> None:
    joined = event(10, 100.0)
    events = [event(7, 50.0), joined]
    assert bounds(TOLD, events, joined, None, Visit(90.0)) == ({12, 18, 25}, {9, 12, 18, 25})


def test_who_was_away_when_they_left_need_not_hear_the_last() -> None:
    joined, left = event(10, 50.0), event(20, 100.0)
    events = [joined, event(12, 50.0), left]
    assert bounds(TOLD, events, joined, left, Visit(60.0, 90.0)) == ({12}, {12, 18})


def test_nothing_is_heard_after_leaving() -> None:
    joined, left = event(10, 50.0), event(11, 50.0)
    assert bounds(TOLD, [joined, left], joined, left, Visit(60.0, 70.0)) == (set(), set())


GREETING = '{"snapshot":{"wallet":{"balance":0},"stalls":[{"vendorId":"bar","balance":0}]}}'
STEP = '{"orderId":"o","status":"%s"}'


@pytest.mark.parametrize(("heard", "broken"), [((12, 14), 0), ((12,), 1), ((12, 14, 16), 1)])
def test_a_room_tells_what_its_order_told(festival: Festival, heard: tuple[int, ...], broken: int) -> None:
    """The organiser has joined at 11; the order has told of 10, 12 and 14."""
    dice = random.Random(1)  # noqa: S311 - a plan, no secret
    anna, keeper = Person(user_id="anna", token="-"), Person(user_id="keeper", token="-")
    guest = Guest(person=anna, watch=Watch(festival.client, anna, dice))
    bar = Watch(festival.client, keeper, dice, stall="bar")
    festival.guests.append(guest)
    festival.stalls.append(Stall(vendor_id="bar", keeper=keeper, watch=bar, prices={}))
    festival.model.orders["o"] = Kept(customer="anna", stall="bar", total=1, tip=0, fee=0)
    looker = festival.organiser_watch
    looker.looks_on = True
    for watch in (guest.watch, bar, looker):
        watch.take("connected", GREETING, "e.1")
    for watch in (guest.watch, bar):
        for position, status in ((10, "preparing"), (12, "ready"), (14, "completed")):
            watch.take("order-status-changed", STEP % status, f"e.{position}")
    festival.visits["o"] = Visit(time.monotonic())
    looker.take("room-joined", '{"room":"order-o"}', "e.11")
    for position in heard:
        looker.take(
            "order-status-changed", STEP % {12: "ready", 14: "completed", 16: "ready"}[position], f"e.{position}"
        )
    check_rooms(festival)
    assert festival.findings.broken[Law.ROOMS] == broken
    assert festival.findings.checked[Law.ROOMS] == 2
