"""The treasurer's Monday: guests and stalls ask for their money, a run pays it, gifts are counted, books are closed."""

import csv
import io
import re
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from festival_push.simulate.festival import Festival
from festival_push.simulate.findings import Law
from festival_push.simulate.http.client import Answer, Person
from festival_push.simulate.http.money_wire import (
    Donation,
    Payout,
    PayoutAnswer,
    Run,
    RunAnswer,
    RunPage,
    Terms,
)
from festival_push.simulate.http.wire import Page
from festival_push.simulate.money.figures import check_figures
from festival_push.simulate.money.ibans import iban
from festival_push.simulate.twice import send_maybe_twice

GUESTS: Final = 3  # who ask for what they have left
GIFT: Final = 100
_AMOUNTS: Final = re.compile(rb"<InstdAmt[^>]*>([0-9.]+)</InstdAmt>")
_NOT_NOW: Final = frozenset({"money-unearned", "insufficient-funds"})
"""Of a till, with 409: the festival keeps what was sold in the last hours."""


async def settle_accounts(festival: Festival) -> None:
    """Play it. Raises ServerGone."""
    await Monday(festival).run()


@dataclass(frozen=True, kw_only=True)
class _Asked:
    person: Person
    till: str | None
    payout: Payout


class Monday:
    """Acts for all who want their money, and for the treasurer."""

    def __init__(self, festival: Festival) -> None:
        self._festival = festival
        self._client = festival.client
        self._dice = festival.dice("treasurer")
        self._asked: list[_Asked] = []

    async def run(self) -> None:
        """Pay everybody, and close the books. Raises ServerGone."""
        answer = await self._client.get("/v1/payouts/terms", who=self._festival.guests[0].person)
        if self._client.expect(answer, 200, "terms of payouts"):
            terms = answer.read(Terms)
            await self._donate(terms)
            await self._ask_as_guests(terms)
        await self._ask_as_stalls()
        if self._asked:
            await self._gather()
        await check_figures(self._festival)

    async def _donate(self, terms: Terms) -> None:
        """Give a little away, where the festival collects for something."""
        festival, guest = self._festival, self._festival.guests[-1]
        amount = min(GIFT, festival.model.balances[guest.watch.owner])
        if not amount:
            return
        path, body = "/v1/donations", {"amount": amount}
        answer = await send_maybe_twice(festival, self._dice, path, body, guest.person)
        if terms.donations_for is None:
            self._is_refused(answer, "409 no-donations", "donation")
        elif self._client.expect(answer, 201, "donation"):
            gift = answer.read(Donation)
            festival.model.leave(
                guest.watch.owner, "donation", gift.transaction_id, gift.amount, None, to="donations"
            )  # fmt: skip

    async def _ask_as_guests(self, terms: Terms) -> None:
        """Ask for all that is left, as far as the terms let one ask."""
        festival = self._festival
        most = terms.fee + max(terms.min, 1)
        rich = [guest for guest in festival.guests if festival.model.balances[guest.watch.owner] >= most]
        for guest in rich[:GUESTS]:
            answer = await self._ask(guest.person, {"all": True, "account": "wallet"})
            if terms.over:
                self._is_refused(answer, "409 payouts-over", "payout")
            elif self._client.expect(answer, 201, "payout"):
                payout = self._count(guest.watch.owner, guest.person, answer, till=None)
                left = festival.model.balances[guest.watch.owner]
                text = f"{guest.watch.owner} has {left} left after a payout of all: {payout}"
                festival.findings.check(Law.BALANCES, left == 0 and payout.fee == terms.fee, text)

    async def _ask_as_stalls(self) -> None:
        """Ask for each till, as its owner."""
        for stall in self._festival.stalls:
            if self._festival.model.balances[stall.vendor_id] <= 0:
                continue
            body = {"all": True, "account": "till", "vendorId": stall.vendor_id}
            answer = await self._ask(stall.keeper, body)
            if answer.status == 409 and answer.code in _NOT_NOW:
                self._festival.refused += 1
            elif self._client.expect(answer, 201, "payout of a till"):
                payout = self._count(stall.vendor_id, stall.keeper, answer, till=stall.vendor_id)
                self._festival.model.paid_out[stall.vendor_id] += payout.amount

    async def _ask(self, person: Person, body: dict[str, object]) -> Answer:
        bank = {"iban": iban(self._dice.randrange(10**10)), "accountHolder": "Simulated holder"}
        return await send_maybe_twice(
            self._festival, self._dice, "/v1/payouts", {**body, **bank, "pin": person.pin}, person
        )

    def _count(self, owner: str, person: Person, answer: Answer, *, till: str | None) -> Payout:
        payout, model = answer.read(PayoutAnswer).payout, self._festival.model
        self._asked.append(_Asked(person=person, till=till, payout=payout))
        name = payout.payout_id
        model.leave(owner, "payout", f"{name}-asked", payout.amount, None, to="paid out")
        if payout.fee:
            model.leave(owner, "fee", f"{name}-fee", payout.fee, None, to="fees of payouts")
        return payout

    async def _gather(self) -> None:
        """Gather a run of these payouts alone, fetch its files, and say that the bank has it."""
        festival = self._festival
        answer = await send_maybe_twice(festival, self._dice, "/v1/admin/payout-runs", {})
        if not self._client.expect(answer, 201, "payout run"):
            return
        path = f"/v1/admin/payout-runs/{answer.read(RunAnswer).run.run_id}"
        if (run := await self._leave_others_out(path)) is None:
            return
        wanted = (len(self._asked), sum(asked.payout.amount for asked in self._asked))
        text = f"the run has {(run.count, run.total)}, and {wanted} were asked for"
        festival.findings.check(Law.FIGURES, (run.count, run.total) == wanted, text)
        await self._fetch_files(path)
        await self._send(path)

    async def _leave_others_out(self, path: str) -> Run | None:
        """Take out what others have asked for on this server: a simulation pays none of it. Return the run."""
        ours, cursor = {asked.payout.payout_id for asked in self._asked}, ""
        others: list[str] = []
        while True:
            answer = await self._client.get(f"{path}?limit=200{cursor}", who=self._festival.organiser)
            if not self._client.expect(answer, 200, "payout run"):
                return None
            page = answer.read(RunPage)
            others += [one.payout_id for one in page.items if one.payout_id not in ours]
            if page.next is None:
                break
            cursor = f"&before={page.next}"
        run = page.run
        for payout_id in others:
            answer = await self._office(f"{path}/payouts/{payout_id}/remove", {"reason": "Not of this simulation"})
            if self._client.expect(answer, 200, "removal from a run"):
                run = answer.read(RunAnswer).run
        return run

    async def _fetch_files(self, path: str) -> None:
        """Compare the bank's file, where there is one, and the table, with what was asked for."""
        festival, unit = self._festival, Decimal(1).scaleb(-self._festival.currency_digits)
        wanted = sorted(asked.payout.amount * unit for asked in self._asked)
        answer = await self._client.get(f"{path}/sepa.xml", who=festival.organiser)
        if answer.status == 409:
            self._is_refused(answer, "409 not-sepa", "the bank's file")
        elif self._client.expect(answer, 200, "the bank's file"):
            found = sorted(Decimal(amount.decode()) for amount in _AMOUNTS.findall(answer.content))
            festival.findings.check(Law.FIGURES, found == wanted, f"the bank's file pays {found} instead of {wanted}")
        answer = await self._client.get(f"{path}.csv", who=festival.organiser)
        if self._client.expect(answer, 200, "the run's table"):
            rows = csv.DictReader(io.StringIO(answer.content.decode("utf-8-sig")))
            found = sorted(Decimal(row["amount"]) for row in rows)
            festival.findings.check(Law.FIGURES, found == wanted, f"the run's table has {found} instead of {wanted}")

    async def _send(self, path: str) -> None:
        """Say that the bank has it. Where the organiser's PIN or a second one is wanted, leave it as it was."""
        answer = await send_maybe_twice(self._festival, self._dice, f"{path}/sent", {})
        if answer.status == 202:
            return
        if str(answer) == "403 pin-required":
            self._client.expect(await self._office(f"{path}/undo", {}), 200, "undoing of a run")
        elif self._client.expect(answer, 200, "sending of a run"):
            self._is_refused(await self._office(f"{path}/undo", {}), "409 run-settled", "undoing of a sent run")
            for asked in self._asked:
                await self._is_paid(asked)

    async def _is_paid(self, asked: _Asked) -> None:
        side = "account=wallet" if asked.till is None else f"account=till&vendorId={asked.till}"
        answer = await self._client.get(f"/v1/me/payouts?{side}", who=asked.person)
        if self._client.expect(answer, 200, "own payouts"):
            found = {one.payout_id: one.status for one in answer.read(Page[Payout]).items}
            status = found.get(asked.payout.payout_id)
            text = f"payout {asked.payout.payout_id} was sent to the bank, and is {status}"
            self._festival.findings.check(Law.STEPS, status == "completed", text)

    async def _office(self, path: str, body: object) -> Answer:
        return await self._client.post(path, body, who=self._festival.organiser, key=self._festival.new_key())

    def _is_refused(self, answer: Answer, refusal: str, what: str) -> None:
        text = f"{what}: {answer} instead of {refusal}"
        if self._festival.findings.check(Law.REFUSALS, str(answer) == refusal, text):
            self._festival.refused += 1
