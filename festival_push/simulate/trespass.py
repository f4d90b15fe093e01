"""Try on purpose what nobody may do: each attempt has one right answer."""

import random
from itertools import cycle, islice
from typing import Any, Final, NamedTuple

from festival_push.simulate.festival import Festival, Guest, Stall
from festival_push.simulate.findings import Law
from festival_push.simulate.http.client import Answer, Person


class _Attempt(NamedTuple):
    path: str
    refusal: str  # status and code
    body: dict[str, Any] | None = None  # None: a GET
    keyed: bool = True
    signed_in: bool = True


_CUSTOMERS: Final = (
    _Attempt("/v1/orders/{theirs}", "404 not-found"),
    _Attempt("/v1/orders/{theirs}/cancel", "404 not-found", {}),
    _Attempt("/v1/orders/{theirs}/messages", "404 not-found", {"message": "Is this mine?"}),
    _Attempt("/v1/orders/{own}/status", "403 forbidden", {"status": "ready"}),
    _Attempt("/v1/orders/{own}/refund", "403 forbidden", {"all": True, "reason": "hungry"}),
    _Attempt("/v1/payouts", "400 invalid-request", {}),
    _Attempt("/v1/rooms/join", "404 not-found", {"room": "order-{theirs}"}),
    _Attempt("/v1/vendors/{stall}/keepers", "403 forbidden", {"userId": "{me}", "part": "owner"}),
    _Attempt("/v1/admin/top-ups", "403 forbidden", {"userId": "{me}", "amount": 5_000, "method": "cash"}),
    _Attempt("/v1/admin/transactions", "403 forbidden"),
    _Attempt("/v1/orders", "409 price-changed", {"vendorId": "{stall}", "items": "{line}", "expectedTotal": 1}),
    _Attempt("/v1/orders", "400 invalid-request", {"vendorId": "{stall}", "items": "{line}", "price": 1}),
    _Attempt("/v1/orders", "400 idempotency-key-required", {"vendorId": "{stall}", "items": "{line}"}, keyed=False),
    _Attempt("/v1/orders", "401 unauthorized", {"vendorId": "{stall}", "items": "{line}"}, signed_in=False),
)
_STALLS: Final = (
    _Attempt("/v1/orders/{theirs}", "404 not-found"),
    _Attempt("/v1/orders/{theirs}/status", "404 not-found", {"status": "completed"}),
    _Attempt("/v1/orders/{theirs}/cancel", "404 not-found", {"reason": "envy"}),
    _Attempt("/v1/vendors/{other}/menu", "404 not-found", {"name": "Nothing", "price": 1}),
    _Attempt("/v1/vendors/{other}/keepers", "404 not-found", {"userId": "{me}"}),
    _Attempt("/v1/payouts", "404 not-found", {"amount": 1, "account": "till", "vendorId": "{other}"}),
    _Attempt("/v1/admin/announcements", "403 forbidden", {"message": "Free food", "audience": "all"}),
)


async def trespass(festival: Festival, guest: Guest, dice: random.Random) -> None:
    """Let a customer make one forbidden attempt, once there are orders to try it on."""
    await _as_customer(festival, guest, dice, dice.choice(_CUSTOMERS))


async def trespass_at_stall(festival: Festival, stall: Stall, dice: random.Random) -> None:
    """Let a keeper make one forbidden attempt on another stall, if one has had an order lately."""
    await _as_keeper(festival, stall, dice, dice.choice(_STALLS))


async def trespass_in_each_way(festival: Festival) -> None:
    """Make each forbidden attempt once, at the end of the sale: the dice alone may have chosen none.

    Customers make none if all orders are one customer's; keepers make none if there was no order.
    """
    dice = festival.dice("trespasser")
    customers = [guest for guest in festival.guests if guest.orders and _of_other_guests(festival, guest)]
    for attempt, guest in zip(_CUSTOMERS, cycle(customers), strict=False):
        await _as_customer(festival, guest, dice, attempt)
    stalls = [stall for stall in festival.stalls if _of_other_stalls(festival, stall)]
    for attempt, stall in zip(_STALLS, cycle(stalls), strict=False):
        await _as_keeper(festival, stall, dice, attempt)


def _of_other_guests(festival: Festival, guest: Guest) -> list[str]:
    """Return the ids of the latest orders of other guests."""
    latest = islice(reversed(festival.model.orders.items()), 20)
    return [order_id for order_id, kept in latest if kept.customer != guest.person.user_id]


def _of_other_stalls(festival: Festival, stall: Stall) -> list[tuple[str, str]]:
    """Return the ids of the latest orders at other stalls, each with its stall's id."""
    latest = islice(reversed(festival.model.orders.items()), 20)
    return [(order_id, kept.stall) for order_id, kept in latest if kept.stall != stall.vendor_id]


async def _as_customer(festival: Festival, guest: Guest, dice: random.Random, attempt: _Attempt) -> None:
    theirs = _of_other_guests(festival, guest)
    if not theirs or not guest.orders:
        return
    stall = dice.choice(festival.stalls)
    # An item that is not sold out: for a sold-out one the answer is not `price-changed`.
    item = next((item for item in stall.prices if item not in stall.sold_out), "")
    names = {
        "theirs": dice.choice(theirs),
        "own": guest.orders[-1],
        "me": guest.person.user_id,
        "item": item,
        "stall": stall.vendor_id,
    }
    await _try(festival, guest.person, attempt, names)


async def _as_keeper(festival: Festival, stall: Stall, dice: random.Random, attempt: _Attempt) -> None:
    if others := _of_other_stalls(festival, stall):
        order_id, other = dice.choice(others)
        names = {"theirs": order_id, "other": other, "me": stall.keeper.user_id}
        await _try(festival, stall.keeper, attempt, names)


async def _try(festival: Festival, person: Person, attempt: _Attempt, names: dict[str, str]) -> None:
    who = person if attempt.signed_in else None
    path = attempt.path.format_map(names)
    answer: Answer
    if attempt.body is None:
        answer = await festival.client.get(path, who=who)
    else:
        body = {name: _filled(value, names) for name, value in attempt.body.items()}
        key = festival.new_key() if attempt.keyed else None
        answer = await festival.client.post(path, body, who=who, key=key)
    allowed = {attempt.refusal}
    if "price-changed" in attempt.refusal:
        allowed.add("409 item-unavailable")  # the item has sold out meanwhile
    text = f"{attempt.path} {attempt.body or ''}: {answer} instead of {attempt.refusal}"
    if festival.findings.check(Law.REFUSALS, str(answer) in allowed, text):
        festival.refused += 1


def _filled(value: object, names: dict[str, str]) -> object:
    if value == "{line}":
        return [{"itemId": names["item"], "quantity": 1}]
    return value.format_map(names) if isinstance(value, str) else value
