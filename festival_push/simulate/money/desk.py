"""What the office does all day: top-ups, refunds, and announcements, some of which are edited or withdrawn."""

import asyncio
from collections.abc import Sequence
from itertools import cycle
from typing import Final

from festival_push.simulate.facts import Fact
from festival_push.simulate.festival import Festival, Guest
from festival_push.simulate.findings import Law
from festival_push.simulate.http.client import Answer
from festival_push.simulate.http.wire import Announcement, Funds, OrderAnswer
from festival_push.simulate.model import Audience
from festival_push.simulate.money.cashier import TOP_UP, Cashier
from festival_push.simulate.twice import send_maybe_twice

_HEARD_BY: Final[dict[str, tuple[Audience, ...]]] = {
    "all": ("people", "displays"),
    "customers": ("people",),  # everybody is a customer
    "vendors": ("stalls",),
}


class Desk:
    """Takes top-ups in cash and from the payment provider, gives refunds, and makes announcements."""

    def __init__(self, festival: Festival, cashiers: Sequence[Cashier]) -> None:
        self._festival = festival
        self._cashiers = cycle(cashiers)
        self._dice = festival.dice("desk")

    async def top_up(self, guest: Guest) -> None:
        """Top up a guest's wallet, in cash or by a provider's report; both are sometimes sent twice."""
        if self._festival.plan.webhook is not None and self._dice.random() < 0.5:
            await self._report(guest)
        else:
            await next(self._cashiers).top_up(guest.person.user_id)

    async def refund(self, order_id: str, total: int) -> None:
        """Refund some of a finished order's `total`, or all of it."""
        festival = self._festival
        amount = total if self._dice.random() < 0.3 else self._dice.randint(1, total)
        body = {"amount": amount, "reason": "cold"}
        path = f"/v1/orders/{order_id}/refund"
        answer = await send_maybe_twice(festival, self._dice, path, body)
        if festival.client.expect(answer, 200, "refund"):
            festival.model.refund(answer.read(OrderAnswer).order, amount, answer.sent_s)

    async def announce(self) -> None:
        """Make an announcement now and then, until the festival stops."""
        festival = self._festival
        while festival.selling:
            await festival.pause(self._dice, 2.0 * festival.client.calm, 5.0 * festival.client.calm)
            audience, message = self._dice.choice(list(_HEARD_BY)), f"Announcement {festival.new_key()}"
            body = {"message": message, "audience": audience}
            path = "/v1/admin/announcements"
            answer = await festival.client.post(path, body, who=festival.organiser, key=festival.new_key())
            if festival.client.expect(answer, 201, "announcement"):
                self._expect_heard(audience, ("new-notification", message), answer.sent_s)
                await self._reconsider(audience, answer.read(Announcement).announcement_id)

    async def _reconsider(self, audience: str, announcement_id: str) -> None:
        """Edit some announcements, and withdraw some."""
        festival, client = self._festival, self._festival.client
        path = f"/v1/admin/announcements/{announcement_id}"
        if self._dice.random() < 0.3:
            message = f"Correction {festival.new_key()}"
            answer = await client.patch(path, {"message": message}, who=festival.organiser)
            if client.expect(answer, 200, "edit of an announcement"):
                self._expect_heard(audience, ("announcement-changed", announcement_id, message), answer.sent_s)
        if self._dice.random() < 0.3:
            answer = await client.delete(path, who=festival.organiser)
            if client.expect(answer, 204, "withdrawal of an announcement"):
                self._expect_heard(audience, ("announcement-withdrawn", announcement_id), answer.sent_s)

    def _expect_heard(self, audience: str, fact: Fact, sent_s: float) -> None:
        festival = self._festival
        festival.model.expect_broadly(_HEARD_BY[audience], fact, by=festival.organiser_watch.owner, sent_s=sent_s)

    async def _report(self, guest: Guest) -> None:
        festival, webhook = self._festival, self._festival.plan.webhook
        assert webhook is not None
        payment_id = festival.new_key()
        body = webhook.report(payment_id, TOP_UP, festival.currency, festival.currency_digits, guest.person.top_up_code)

        async def send() -> Answer:
            headers = webhook.headers(payment_id, body)
            return await festival.client.post_raw(webhook.path, body, who=None, headers=headers)

        times = 2 if self._dice.random() < 0.2 else 1
        answers = await asyncio.gather(*(send() for _ in range(times)))
        if not all(festival.client.expect(answer, 200, "payment report") for answer in answers):
            return
        told = [answer.read(Funds) for answer in answers]
        # A report whose answer was lost has been sent again, so that even the first answer may say "duplicate".
        known = {"credited", "duplicate"}
        credited = sum(one.status == "credited" for one in told)
        same = len({one.transaction_id for one in told}) == 1 and {one.status for one in told} <= known
        text = f"payment {payment_id}, reported {times} times, was {[one.status for one in told]}"
        if festival.findings.check(Law.REPEATS, same and credited <= 1, text) and told[0].transaction_id:
            sent_s = min(answer.sent_s for answer in answers)
            festival.model.top_up(guest.person.user_id, told[0].transaction_id, TOP_UP, sent_s)
