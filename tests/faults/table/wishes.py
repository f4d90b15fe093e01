"""What people wish for while something breaks: orders with their steps, cancellations, top-ups, payment requests."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Final

from tests.faults.table.client import Client
from tests.support.ground import Person, Screen, Stall


@dataclass(frozen=True, kw_only=True)
class Cast:
    """Who is on the ground. Everything costs a cent, and there is enough money for all that is wished for."""

    admin: Person
    stalls: tuple[Stall, ...]
    customers: tuple[Person, ...]
    screens: tuple[Screen, ...]


async def top_up(client: Client, cast: Cast, person: Person, amount: int, *, at: int | None = None) -> int:
    """Take cash at the desk, at one server or any; return the position in the log after it."""
    body = {"userId": person.user_id, "amount": amount, "method": "cash", "note": "desk"}
    position: int = (await client.do(cast.admin, "/v1/admin/top-ups", body, at=at))["position"]
    return position


async def _top_up(client: Client, cast: Cast) -> None:
    await top_up(client, cast, client.dice.choice(cast.customers), client.dice.randint(1, 5))


async def _order(client: Client, cast: Cast) -> tuple[Stall, str]:
    stall = client.dice.choice(cast.stalls)
    lines = [{"itemId": next(iter(stall.items.values())), "quantity": client.dice.randint(1, 3)}]
    body = {"vendorId": stall.vendor_id, "items": lines}
    order = (await client.do(client.dice.choice(cast.customers), "/v1/orders", body))["order"]
    return stall, order["orderId"]


async def _order_and_serve(client: Client, cast: Cast) -> None:
    stall, order_id = await _order(client, cast)
    for status in ("ready", "completed"):
        await client.do(stall, f"/v1/orders/{order_id}/status", {"status": status})


async def _order_and_cancel(client: Client, cast: Cast) -> None:
    stall, order_id = await _order(client, cast)
    await client.do(stall, f"/v1/orders/{order_id}/cancel", {"reason": "Out of bread"})


async def _charge(client: Client, cast: Cast) -> None:
    stall = client.dice.choice(cast.stalls)
    body = {"amount": client.dice.randint(1, 3), "description": "Deposit"}
    request_id = (await client.do(stall, "/v1/payment-requests", body))["requestId"]
    await client.do(client.dice.choice(cast.customers), f"/v1/payment-requests/{request_id}/pay", {})


WISHES: Final[tuple[tuple[Callable[[Client, Cast], Awaitable[None]], int], ...]] = (
    (_order_and_serve, 5),
    (_order_and_cancel, 1),
    (_top_up, 3),
    (_charge, 1),
)
"""Each kind of wish, and how often it comes beside the others."""


async def wish(client: Client, cast: Cast) -> None:
    """Wish for one thing, and see it done to its end."""
    kinds, weights = zip(*WISHES, strict=True)
    await client.dice.choices(kinds, weights)[0](client, cast)
