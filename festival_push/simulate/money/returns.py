"""What goes back after a sale: the money for one piece of a line, and the deposit for cups."""

import random

from festival_push.simulate.festival import Festival, Stall
from festival_push.simulate.findings import Law
from festival_push.simulate.http.money_wire import Claimed, GiveBack
from festival_push.simulate.http.wire import Order, OrderAnswer
from festival_push.simulate.twice import send_maybe_twice


async def refund_piece(festival: Festival, dice: random.Random, stall: Stall, order: Order) -> None:
    """Refund one piece of a line: a stall that sells at once does it by itself, the organiser does it for others."""
    index = dice.randrange(len(order.items))
    line, who = order.items[index], stall.keeper if stall.at_once else None
    body = {"lines": [{"index": index, "quantity": 1}], "reason": "spilt"}
    answer = await send_maybe_twice(festival, dice, f"/v1/orders/{order.order_id}/refund", body, who)
    if festival.client.expect(answer, 200, "refund of a line"):
        festival.model.refund_piece(answer.read(OrderAnswer).order, line, answer.sent_s)


async def bring_back(festival: Festival, dice: random.Random, stall: Stall, order: Order) -> None:
    """Bring an order's cups back to its stall. Nobody gets the same deposit twice."""
    cups = [{"itemId": line.item_id, "quantity": line.quantity} for line in order.items if line.deposit]
    path, key = "/v1/give-backs", festival.new_key()
    answer = await festival.client.post(path, {"items": cups}, who=stall.keeper, key=key)
    if not festival.client.expect(answer, 201, "give-back"):
        return
    offer, customer = answer.read(GiveBack), festival.guest(order.user_id).person
    path = f"/v1/give-backs/{offer.give_back_id}/claim"
    answer = await send_maybe_twice(festival, dice, path, {}, customer)
    if festival.client.expect(answer, 200, "claim of a deposit"):
        got = answer.read(Claimed).total
        text = f"the cups of order {order.order_id} cost {order.deposit}, and {got} came back for them"
        festival.findings.check(Law.MONEY, got == offer.total == order.deposit, text)
        festival.model.bring_back(order, offer.give_back_id, got, answer.sent_s)
        again = await festival.client.post(path, {}, who=customer, key=festival.new_key())
        text = f"a deposit was claimed again: {again}"
        if festival.findings.check(Law.REFUSALS, str(again) == "409 already-claimed", text):
            festival.refused += 1
