"""The cashier's day at one drawer, from the float to the count; what is in it is reckoned beside the server."""

from collections.abc import Mapping
from typing import Final, NamedTuple

from festival_push.simulate.festival import Festival
from festival_push.simulate.findings import Law
from festival_push.simulate.http.client import Person
from festival_push.simulate.http.money_wire import Count, DeskPayout, Drawer, Move, Reversal
from festival_push.simulate.http.wire import Me, TopUp
from festival_push.simulate.opening import register, require
from festival_push.simulate.twice import send_maybe_twice

TOP_UP: Final = 3_000
FLOAT: Final = 10_000
DRAWERS_MAX: Final = 16
GUESTS_EACH: Final = 200
OVER: Final = (-250, 0, 100)  # what is too much when a drawer is counted, one drawer after the other
_LOST: Final = "lost phones"


async def open_drawers(festival: Festival) -> "list[Cashier]":
    """Make some people cashiers, each of whom opens a drawer. Raises SimulationError, ServerGone."""
    count = min(DRAWERS_MAX, 1 + festival.plan.customers // GUESTS_EACH)
    return [await _open_drawer(festival, number) for number in range(count)]


async def _open_drawer(festival: Festival, number: int) -> "Cashier":
    person = await register(festival, f"Simulated cashier {number + 1}")
    path = f"/v1/admin/users/{person.user_id}/cashier"
    require(await festival.client.post(path, {"cashier": True}, who=festival.organiser), 200, "a new cashier")
    body, key = {"name": f"Simulated gate {number + 1}", "float": FLOAT}, festival.new_key()
    answer = await festival.client.post("/v1/admin/drawers", body, who=person, key=key)
    require(answer, 201, "a drawer")
    return Cashier(festival, person, answer.read(Drawer).drawer_id, number)


class Taken(NamedTuple):
    """A top-up in cash, and whether its cash is in the cashier's drawer."""

    transaction_id: str
    in_drawer: bool


class Cashier:
    """Takes and gives cash."""

    def __init__(self, festival: Festival, person: Person, drawer_id: str, number: int) -> None:
        self._festival = festival
        self._over = OVER[number % len(OVER)]
        self._number = number
        self._person = person
        self._drawer = f"/v1/admin/drawers/{drawer_id}"
        self._dice = festival.dice(f"cashier {number}")
        self._took = self._paid = self._to_safe = self._bookings = 0

    @property
    def cash(self) -> int:
        """What should be in the drawer, in minor units."""
        return FLOAT + self._took - self._paid - self._to_safe

    async def top_up(self, user_id: str) -> "Taken | None":
        """Take cash for somebody's wallet. Sometimes it is sent twice.

        What a cashier may not take any more today, the organiser takes; None if not even they may.
        """
        festival = self._festival
        body = {"userId": user_id, "amount": TOP_UP, "method": "cash", "note": "simulation"}
        answer = await send_maybe_twice(festival, self._dice, "/v1/admin/top-ups", body, self._person)
        in_drawer = answer.code != "daily-limit"
        if not in_drawer:
            festival.refused += 1
            answer = await send_maybe_twice(festival, self._dice, "/v1/admin/top-ups", body)
        if answer.code == "daily-limit":
            festival.refused += 1
            return None
        if not festival.client.expect(answer, 201, "top-up"):
            return None
        got = answer.read(TopUp)
        if in_drawer:
            self._took += got.amount
            self._bookings += 1
        festival.model.top_up(user_id, got.transaction_id, got.amount, answer.sent_s)
        return Taken(got.transaction_id, in_drawer)

    async def finish(self) -> None:
        """Take a typo back, pay out, help somebody who has lost their phone, and close. Raises ServerGone."""
        await self._mistype()
        await self._pay_out()
        await self._find_new_phone()
        await self._collect()
        await self._close()

    async def _mistype(self) -> None:
        """Book a top-up that nobody paid, and take it back: once, and no second time."""
        festival, guest = self._festival, self._festival.guests[0].person
        taken = await self.top_up(guest.user_id)
        if taken is None or not taken.in_drawer:
            return
        path, body = f"/v1/admin/transfers/{taken.transaction_id}/reverse", {"all": True, "reason": "Wrong person"}
        answer = await send_maybe_twice(festival, self._dice, path, body, self._person)
        if festival.client.expect(answer, 201, "reversal"):
            back = answer.read(Reversal)
            festival.findings.check(Law.CASH, (back.amount, back.loss) == (TOP_UP, 0), f"a typo's reversal: {back}")
            self._took -= back.amount
            self._bookings += 1
            festival.model.take_back(guest.user_id, back.transaction_id, back.amount, answer.sent_s)
            await self._refused(path, body, "409 already-reversed")

    async def _pay_out(self) -> None:
        """Pay two guests out, one of them half. No drawer gives what it has not got."""
        festival, balances = self._festival, self._festival.model.balances
        owners = [guest.watch.owner for guest in festival.guests if balances[guest.watch.owner] > 1]
        owners = owners[2 * self._number :] or owners
        for owner, share in zip(owners, (1, 2), strict=False):
            path, amount = f"/v1/admin/people/{owner}/payouts", balances[owner] // share
            if amount > self.cash:
                await self._refused(path, {"amount": amount}, "409 drawer-short")
                continue
            answer = await send_maybe_twice(festival, self._dice, path, {"amount": amount}, self._person)
            if answer.code == "daily-limit":
                festival.refused += 1
            elif festival.client.expect(answer, 201, "cash payout"):
                paid = answer.read(DeskPayout)
                self._paid += paid.amount
                self._bookings += 1
                festival.model.leave(
                    owner, "payout", paid.transaction_id, paid.amount, answer.sent_s, to="paid out"
                )  # fmt: skip

    async def _find_new_phone(self) -> None:
        """Move the wallet of somebody who has lost their phone: all of it, and nobody is signed in there any more."""
        festival, client = self._festival, self._festival.client
        lost = await register(festival, "Simulated lost phone")
        new = await register(festival, "Simulated new phone")
        if await self.top_up(lost.user_id) is None:
            return
        festival.model.beside[_LOST] += TOP_UP
        path = f"/v1/admin/people/{lost.user_id}/move"
        body = {"toUserId": new.user_id, "reason": "Phone lost"}
        answer = await send_maybe_twice(festival, self._dice, path, body, self._person)
        if answer.status == 202:
            return  # it waits for a second organiser
        if client.expect(answer, 200, "move of a wallet"):
            moved = answer.read(Move)
            text = f"of {TOP_UP} in a wallet {moved.moved} were moved, and the new one has {moved.balance}"
            festival.findings.check(Law.BALANCES, moved.moved == moved.balance == TOP_UP, text)
            told = await client.get("/v1/me", who=new)
            if client.expect(told, 200, "me"):
                has = told.read(Me).wallet.balance
                festival.findings.check(Law.BALANCES, has == TOP_UP, f"the new wallet has {has}, {TOP_UP} were moved")
            gone = await client.get("/v1/me", who=lost)
            festival.findings.check(Law.REFUSALS, gone.status == 401, f"the lost phone is still signed in: {gone}")

    async def _collect(self) -> None:
        """Bring half of the cash to the safe."""
        festival, amount = self._festival, self.cash // 2
        body = {"direction": "out", "amount": amount, "reason": "Collected"}
        answer = await send_maybe_twice(festival, self._dice, f"{self._drawer}/cash", body, self._person)
        if festival.client.expect(answer, 201, "cash to the safe"):
            self._to_safe += amount

    async def _close(self) -> None:
        """Count, and close: with a difference not without a reason, and after that no cash comes in."""
        festival, counted = self._festival, self.cash + self._over
        await self._look("open")
        path, body = f"{self._drawer}/close", dict[str, object](counted=counted)
        if self._over:
            await self._refused(path, body, "409 difference-unexplained")
            body["reason"] = "Miscounted change"
        answer = await send_maybe_twice(festival, self._dice, path, body, self._person)
        if festival.client.expect(answer, 200, "closing of a drawer"):
            told = answer.read(Count)
            found = (told.expected, told.counted, told.difference)
            text = f"a drawer was closed with {found}; it should be {(self.cash, counted, self._over)}"
            festival.findings.check(Law.CASH, found == (self.cash, counted, self._over), text)
            await self._look("closed")
        late = {"userId": festival.guests[0].person.user_id, "amount": TOP_UP, "method": "cash"}
        await self._refused("/v1/admin/top-ups", late, "409 no-drawer")

    async def _look(self, status: str) -> None:
        """Compare what the server says of the drawer with what was done at it."""
        answer = await self._festival.client.get(self._drawer, who=self._person)
        if not self._festival.client.expect(answer, 200, "drawer"):
            return
        told = answer.read(Drawer)
        found = (told.status, told.float_, told.top_ups, told.payouts, told.moved_in, told.moved_out, told.expected)
        wanted = (status, FLOAT, self._took, self._paid, 0, self._to_safe, self.cash)
        self._festival.findings.check(Law.CASH, found == wanted, f"the drawer says {found}, and should say {wanted}")
        text = f"the drawer has {told.bookings} bookings of {self._bookings}"
        self._festival.findings.check(Law.CASH, status == "closed" or told.bookings == self._bookings, text)

    async def _refused(self, path: str, body: Mapping[str, object], refusal: str) -> None:
        """Try something that has one right answer."""
        key = self._festival.new_key()
        answer = await self._festival.client.post(path, body, who=self._person, key=key)
        if self._festival.findings.check(
            Law.REFUSALS, str(answer) == refusal, f"{path}: {answer} instead of {refusal}"
        ):
            self._festival.refused += 1
