"""What customers do all day: order from a menu, cancel, ask, run out of money, and try what is forbidden."""

import asyncio
import random
from typing import Final, NamedTuple

import msgspec

from festival_push.simulate.festival import Festival, Guest, Stall
from festival_push.simulate.findings import Law
from festival_push.simulate.http.client import Answer
from festival_push.simulate.http.wire import Order, OrderAnswer, Told
from festival_push.simulate.money.desk import Desk
from festival_push.simulate.money.requests import pay_request
from festival_push.simulate.topics.rooms import Onlooker, track
from festival_push.simulate.trespass import trespass
from festival_push.simulate.twice import send_maybe_twice

PAUSE_S: Final = (0.4, 1.6)
_LINES_MAX: Final = 3
_EACH_MAX: Final = 2
_TIPS: Final = (0, 0, 0, 50, 100)  # minor units
_REFUSALS: Final = frozenset({"insufficient-funds", "item-unavailable", "too-many-open-orders", "vendor-busy"})
"""Of an order, with 409: what a customer does not see on the menu."""


class _Shortage(msgspec.Struct, frozen=True):
    balance: int
    total: int


class Scene(NamedTuple):
    """What all guests meet; `later` gets what they do when an order of theirs is ready."""

    festival: Festival
    desk: Desk
    onlooker: Onlooker
    later: asyncio.TaskGroup


class Customer:
    """Acts for one guest."""

    def __init__(self, scene: Scene, guest: Guest, dice: random.Random) -> None:
        self._festival = scene.festival
        self._desk = scene.desk
        self._onlooker = scene.onlooker
        self._group = scene.later
        self._guest = guest
        self._dice = dice
        self._sold_out: set[str] = set()
        guest.watch.listener = self._hear

    async def run(self) -> None:
        """Order until the orders are used up, or the festival stops."""
        await self._festival.pause(self._dice, 0.0, PAUSE_S[1])
        while await self._festival.take_order():
            if not await self._order():
                self._festival.attempts -= 1  # another guest may place it
            await self._festival.pause(self._dice, *PAUSE_S)
            if self._dice.random() < 0.2:
                await trespass(self._festival, self._guest, self._dice)

    def _hear(self, name: str, told: Told) -> None:
        if name == "menu-updated" and told.item_id:
            (self._sold_out.discard if told.available else self._sold_out.add)(told.item_id)
        elif name == "order-ready" and told.order_id and self._dice.random() < 0.3:
            coming = self._come(told.order_id)
            try:
                self._group.create_task(coming)
            except RuntimeError:  # its task group was stopped half way: nobody is served any more
                coming.close()

    async def _order(self) -> bool:
        """Try to place an order; return whether it was placed."""
        stall = self._dice.choice(self._festival.stalls)
        if not self._festival.requests or self._dice.random() < 0.05:
            return await self._pay_request(stall)
        lines = self._choose(stall)
        total = sum(stall.prices[item] * quantity for item, quantity in lines.items())
        deposit = sum(stall.deposits.get(item, 0) * quantity for item, quantity in lines.items())
        tip = self._dice.choice(_TIPS)
        if self._guest.watch.balance < total + tip + deposit and self._dice.random() < 0.9:
            await self._desk.top_up(self._guest)
        body = {
            "vendorId": stall.vendor_id,
            "items": [{"itemId": item, "quantity": quantity} for item, quantity in lines.items()],
            "expectedTotal": total,
            "expectedDeposit": deposit,
            "tip": tip,
        }
        gone = {item: stall.sold_out[item] for item in lines if item in stall.sold_out}
        answer = await send_maybe_twice(self._festival, self._dice, "/v1/orders", body, self._guest.person)
        if answer.status != 201:
            self._look_at_refusal(answer)
            return False
        order = answer.read(OrderAnswer).order
        wanted, costs = (total, tip, deposit), (order.total, order.tip, order.deposit)
        text = f"order {order.order_id}: total, tip and deposit are {costs}, and should be {wanted}"
        self._festival.findings.check(Law.MONEY, costs == wanted, text)
        still = [item for item, time in gone.items() if stall.sold_out.get(item) == time]
        self._festival.findings.check(
            Law.REFUSALS, not still, f"order {order.order_id} holds {still}, which is sold out"
        )
        self._festival.model.place(order, answer.sent_s)
        self._guest.orders.append(order.order_id)
        await self._afterwards(stall, order)
        return True

    async def _pay_request(self, stall: Stall) -> bool:
        """Pay what a stall has asked for, before another guest does; return whether one of both did."""
        others = [guest for guest in self._festival.guests if guest is not self._guest]
        rival = self._dice.choice(others or [self._guest])
        if (paid := await pay_request(self._festival, self._dice, stall, self._guest, rival)) is None:
            return False
        payer, order, answer = paid
        self._festival.model.place(order, answer.sent_s)
        payer.orders.append(order.order_id)
        return True

    def _choose(self, stall: Stall) -> dict[str, int]:
        """Choose quantities by item id; sometimes of a sold-out item, as a guest with an old page does."""
        fresh = [item for item in stall.prices if item not in self._sold_out or self._dice.random() < 0.1]
        items = self._dice.sample(
            fresh or list(stall.prices), k=min(len(fresh) or 1, self._dice.randint(1, _LINES_MAX))
        )
        return {item: self._dice.randint(1, _EACH_MAX) for item in items}

    def _look_at_refusal(self, answer: Answer) -> None:
        known = answer.status == 409 and answer.code in _REFUSALS
        if self._festival.findings.check(Law.ANSWERS, known, f"order: {answer}"):
            self._festival.refused += 1
        if answer.code == "insufficient-funds":
            short = answer.read(_Shortage)
            text = f"an order of {short.total} was refused with {short.balance} in the wallet"
            self._festival.findings.check(Law.REFUSALS, short.balance < short.total, text)

    async def _afterwards(self, stall: Stall, order: Order) -> None:
        self._onlooker.look_on(self._dice, order.order_id)
        whim = self._dice.random()
        if whim < 0.1:
            await self._cancel(order)
        elif whim < 0.2:
            await track(self._festival, self._guest, order.order_id)
        elif whim > 0.85:
            await self._ask(stall, order)

    async def _cancel(self, order: Order) -> None:
        path = f"/v1/orders/{order.order_id}/cancel"
        answer = await send_maybe_twice(self._festival, self._dice, path, {"reason": "too late"}, self._guest.person)
        if answer.status == 409 and answer.code == "invalid-transition":
            self._festival.refused += 1  # the stall was quicker, or the time to cancel is over
        elif self._festival.client.expect(answer, 200, "cancel"):
            self._festival.model.step(answer.read(OrderAnswer).order, "cancelled", answer.sent_s)

    async def _come(self, order_id: str) -> None:
        answer = await send_maybe_twice(
            self._festival, self._dice, f"/v1/orders/{order_id}/coming", {}, self._guest.person
        )
        if answer.status == 409 and answer.code == "not-ready":
            self._festival.refused += 1  # the stall was quicker
        elif self._festival.client.expect(answer, 200, "coming"):
            self._festival.model.come(answer.read(OrderAnswer).order, answer.sent_s)

    async def _ask(self, stall: Stall, order: Order) -> None:
        message = f"Without onions, please ({self._festival.new_key()})"
        path, body = f"/v1/orders/{order.order_id}/messages", {"message": message}
        answer = await send_maybe_twice(self._festival, self._dice, path, body, self._guest.person)
        if self._festival.client.expect(answer, 201, "message"):
            fact = ("customer-message", order.order_id, message)
            self._festival.model.expect(stall.vendor_id, fact, answer.sent_s)


async def run_guests(scene: Scene) -> None:
    """Run all guests until the orders are used up."""
    async with asyncio.TaskGroup() as group:
        for number, guest in enumerate(scene.festival.guests):
            group.create_task(Customer(scene, guest, scene.festival.dice(f"guest {number}")).run())
