"""What the keepers of stalls do: take each order that reaches their stream through its steps."""

import asyncio
from typing import Final

from festival_push.simulate.festival import Festival, Stall
from festival_push.simulate.http.client import Answer
from festival_push.simulate.http.wire import Message, Order, OrderAnswer, Told
from festival_push.simulate.model import FINAL
from festival_push.simulate.money.desk import Desk
from festival_push.simulate.money.returns import bring_back, refund_piece
from festival_push.simulate.trespass import trespass_at_stall

STEP_S: Final = (0.2, 1.2)
_NEXT: Final[dict[str, tuple[str, ...]]] = {
    "pending": ("confirmed", "preparing", "ready"),
    "confirmed": ("preparing", "ready"),
    "preparing": ("ready",),
    "ready": ("completed",),
}
_ESTIMATED: Final = frozenset({"confirmed", "preparing"})


class Keeper:
    """Acts for the keeper of one stall."""

    def __init__(self, festival: Festival, stall: Stall, desk: Desk, group: asyncio.TaskGroup) -> None:
        self._festival = festival
        self._stall = stall
        self._desk = desk
        self._group = group
        self._dice = festival.dice(f"stall {festival.stalls.index(stall)}")
        self._known: set[str] = set()
        stall.watch.listener = self._hear

    def _hear(self, name: str, told: Told) -> None:
        """Start to serve an order when its first status comes."""
        if name == "order-status-changed" and told.order_id and told.status and told.order_id not in self._known:
            self._known.add(told.order_id)
            serving = self._serve(told.order_id, told.status)
            try:
                self._group.create_task(serving)
            except RuntimeError:  # `run._sell` was stopped half way, and its task group with it: nobody serves any more
                serving.close()

    async def _serve(self, order_id: str, status: str) -> None:
        minutes: int | None = None  # the estimate that the customer was last told
        recalled = False
        while status not in FINAL:
            await self._festival.pause(self._dice, *STEP_S)
            whim = self._dice.random()
            if whim < 0.05:
                await self._write(order_id)
            asked = self._choose(status, whim)
            said, minutes = minutes, self._estimate(status, asked, minutes)
            answer = await self._step(order_id, asked, minutes)
            if answer.status == 409 and answer.code == "invalid-transition":
                self._festival.refused += 1
                return  # the customer has cancelled it
            if not self._festival.client.expect(answer, 200, f"{status} to {asked}"):
                return
            order = answer.read(OrderAnswer).order
            if asked != status or minutes != said:
                self._festival.model.step(order, asked, answer.sent_s)
            status = asked
            if status == "completed" and not recalled and self._dice.random() < 0.05:
                recalled = True
                status = await self._recall(order_id)
        if status == "completed":
            await self._after_hours(order_id)

    async def _recall(self, order_id: str) -> str:
        """Call a completed order's number again, and return the order's status then."""
        answer = await self._step(order_id, "ready", None)
        if answer.status == 409 and answer.code == "number-taken":
            self._festival.refused += 1
        elif self._festival.client.expect(answer, 200, "recall"):
            self._festival.model.step(answer.read(OrderAnswer).order, "ready", answer.sent_s)
            return "ready"
        return "completed"

    def _choose(self, status: str, whim: float) -> str:
        if whim > 0.97:
            return status  # the same step twice: nothing happens unless the estimate is new
        if whim > 0.94:
            return "preparing" if status == "ready" else "cancelled"  # it was not ready after all, or out of bread
        return self._dice.choice(_NEXT[status])

    def _estimate(self, status: str, asked: str, minutes: int | None) -> int | None:
        """Return the estimate to send, in minutes; one more than before, so that it surely differs."""
        if asked not in _ESTIMATED or (asked == status and self._dice.random() < 0.5):
            return minutes
        return self._dice.randint(1, 20) if minutes is None else minutes + 1

    async def _step(self, order_id: str, asked: str, minutes: int | None) -> Answer:
        body: dict[str, object] = {"status": asked}
        if asked == "cancelled":
            body["reason"] = "Out of bread"
        elif asked in _ESTIMATED and minutes is not None:
            body["estimatedTime"] = minutes
        path, key = f"/v1/orders/{order_id}/status", self._festival.new_key()
        return await self._festival.client.post(path, body, who=self._stall.keeper, key=key)

    async def _write(self, order_id: str) -> None:
        festival, message = self._festival, f"A little longer ({self._festival.new_key()})"
        path, key = f"/v1/orders/{order_id}/messages", festival.new_key()
        answer = await festival.client.post(path, {"message": message}, who=self._stall.keeper, key=key)
        if festival.client.expect(answer, 201, "message"):
            fact = ("vendor-message", order_id, message)
            festival.model.expect(answer.read(Message).user_id, fact, answer.sent_s)

    async def _after_hours(self, order_id: str) -> None:
        """Of some orders, money goes back; of some others, and the first one always, the cups are brought back."""
        answer = await self._festival.client.get(f"/v1/orders/{order_id}", who=self._stall.keeper)
        if not self._festival.client.expect(answer, 200, "order"):
            return
        order, whim = answer.read(Order), self._dice.random()
        if order.deposit and (whim > 0.6 or not self._festival.model.brought_back):
            await bring_back(self._festival, self._dice, self._stall, order)
        elif whim < 0.1:
            await self._desk.refund(order_id, order.total)
        elif whim < 0.25:
            await refund_piece(self._festival, self._dice, self._stall, order)
        if self._dice.random() < 0.1:
            await trespass_at_stall(self._festival, self._stall, self._dice)

    async def run_out(self) -> None:
        """Sell an item out now and then, and get it again, while there are orders to come."""
        festival, stall = self._festival, self._stall
        times = 0
        while festival.selling:
            await festival.pause(self._dice, 2.0 * festival.client.calm, 5.0 * festival.client.calm)
            times += 1
            item = self._dice.choice([item for item in stall.prices if item not in stall.stock])
            await self._switch(item, available=False)
            stall.sold_out[item] = times
            await festival.pause(self._dice, 1.0, 2.0)
            del stall.sold_out[item]
            await self._switch(item, available=True)

    async def _switch(self, item: str, *, available: bool) -> None:
        festival, keeper = self._festival, self._stall.keeper
        answer = await festival.client.patch(f"/v1/menu/{item}", {"available": available}, who=keeper)
        if festival.client.expect(answer, 200, "menu"):
            fact = ("menu-updated", item, available, self._stall.prices[item])
            # Everybody may order, stalls and the organiser too.
            festival.model.expect_broadly(["people"], fact, by=self._stall.watch.owner, sent_s=answer.sent_s)
