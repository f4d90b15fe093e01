"""Payment requests: a stall names what it is to be paid, and whoever is first pays it, once."""

import asyncio
import random
from typing import Final

from festival_push.simulate.festival import Festival, Guest, Stall
from festival_push.simulate.findings import Law
from festival_push.simulate.http.client import Answer
from festival_push.simulate.http.money_wire import Request, Requested
from festival_push.simulate.http.wire import Order, OrderAnswer

_REFUSALS: Final = frozenset({"already-paid", "insufficient-funds", "item-unavailable", "vendor-busy"})
"""Of a payment, with 409: somebody was quicker, or what a customer does not know."""


async def pay_request(
    festival: Festival, dice: random.Random, stall: Stall, guest: Guest, rival: Guest
) -> tuple[Guest, Order, Answer] | None:
    """Let a stall make a payment request, and two guests pay it at once; return who paid, their order, and the answer.

    None if nobody could.
    """
    client, item = festival.client, dice.choice([item for item in stall.prices if item not in stall.stock])
    quantity = dice.randint(1, 2)
    body = {"items": [{"itemId": item, "quantity": quantity}], "expiresIn": 600}
    path, key = "/v1/payment-requests", festival.new_key()
    answer = await client.post(path, body, who=stall.keeper, key=key)
    if answer.status == 409 and answer.code == "item-unavailable":
        festival.refused += 1
        return None
    if not client.expect(answer, 201, "payment request"):
        return None
    request, festival.requests = answer.read(Requested), festival.requests + 1
    path = f"/v1/payment-requests/{request.request_id}"
    people = (guest,) if rival is guest else (guest, rival)
    answers = await asyncio.gather(
        *(client.post(f"{path}/pay", {}, who=one.person, key=festival.new_key()) for one in people)
    )
    paid = [(one, answer) for one, answer in zip(people, answers, strict=True) if answer.status == 201]
    for answer in answers:
        if answer.status != 201:
            known = answer.status == 409 and answer.code in _REFUSALS
            festival.refused += festival.findings.check(Law.ANSWERS, known, f"payment of a request: {answer}")
    text = f"request {request.request_id} was paid {len(paid)} times: {[str(answer) for answer in answers]}"
    festival.findings.check(Law.REPEATS, len(paid) <= 1, text)
    if not paid:
        return None
    payer, answer = paid[0]
    order = answer.read(OrderAnswer).order
    wanted = stall.prices[item] * quantity
    text = f"request {request.request_id} of {wanted} was {request.total}, and order {order.order_id} is {order.total}"
    festival.findings.check(Law.MONEY, wanted == request.total == order.total, text)
    fact = ("payment-request-paid", request.request_id, order.order_id, request.total)
    festival.model.expect(stall.vendor_id, fact, answer.sent_s)
    await _is_paid(festival, stall, path, order.order_id)
    return payer, order, answer


async def _is_paid(festival: Festival, stall: Stall, path: str, order_id: str) -> None:
    """Check that the request is paid, by this order."""
    answer = await festival.client.get(path, who=stall.keeper)
    if festival.client.expect(answer, 200, "payment request"):
        told = answer.read(Request)
        text = f"{path} was paid by order {order_id}, and is {told}"
        festival.findings.check(Law.STEPS, (told.status, told.order_id) == ("paid", order_id), text)
