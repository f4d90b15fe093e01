"""The expected state: money and events, computed from the acknowledged commands alone."""

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from typing import Final, Literal

from festival_push.simulate.facts import Fact
from festival_push.simulate.http.wire import Line, Order

FINAL: Final = frozenset({"completed", "cancelled"})

Audience = Literal["people", "stalls", "displays"]


@dataclass(kw_only=True)
class Kept:
    """The money and the status of one order."""

    customer: str
    stall: str
    total: int
    tip: int
    fee: int
    deposit: int = 0
    lines: tuple[Line, ...] = ()
    status: str = ""
    refunded: int = 0
    tip_refunded: int = 0
    lines_back: Counter[str] = field(default_factory=Counter)

    def fee_share(self, refunded: int) -> int:
        """Return the fee that goes back with `refunded` of the total: rounded down over all refunds together."""
        return self.fee * refunded // self.total

    @property
    def pieces(self) -> Counter[str]:
        """How many of each item the customer has, by item id: without those that were given back."""
        bought = Counter[str]()
        for line in self.lines:
            bought[line.item_id] += line.quantity
        return bought - self.lines_back


@dataclass(kw_only=True)
class Model:
    """The expected state of the server.

    Attributes:
        organiser: User id of the organiser, who sees every transfer.
        balances: The expected balances by user id, of stalls by vendor id, in minor units.
        facts: By user id, of stalls by vendor id, how often each fact must have come.
        broad: Likewise the facts that all of an audience must get; stalls are people, too.
        foretold: All facts that anybody must get.
        sent_s: When a command was sent that caused an event for another person (monotonic clock).
        broad_s: Likewise for what all of an audience get, and who sent it.
        brought_back: How often cups were brought back.
        came_in: All the money that was topped up and not taken back, in minor units.
        fees: All the fees that the organiser has kept, in minor units.
        beside: Money that is in no watched account, by where it is: deposits, paid out, donations, lost phones.
        paid_out: What stalls have asked for of their tills, by vendor id.
    """

    organiser: str
    balances: Counter[str] = field(default_factory=Counter)
    facts: dict[str, Counter[Fact]] = field(default_factory=lambda: defaultdict(Counter))
    broad: dict[Audience, Counter[Fact]] = field(default_factory=lambda: defaultdict(Counter))
    foretold: set[Fact] = field(default_factory=set)
    sent_s: dict[tuple[str, Fact], float] = field(default_factory=dict)
    broad_s: dict[Fact, tuple[str, float]] = field(default_factory=dict)
    orders: dict[str, Kept] = field(default_factory=dict)
    placed: int = 0
    brought_back: int = 0
    came_in: int = 0
    fees: int = 0
    beside: Counter[str] = field(default_factory=Counter)
    paid_out: Counter[str] = field(default_factory=Counter)

    def top_up(self, user_id: str, transaction_id: str, amount: int, sent_s: float) -> None:
        """Count money that came into a wallet."""
        self.came_in += amount
        self._move(user_id, "top-up", transaction_id, amount, sent_s)
        self.expect(user_id, ("payment-completed", transaction_id, amount), sent_s)
        self.expect(self.organiser, ("new-transaction", "top-up", transaction_id, amount), sent_s)

    def place(self, order: Order, sent_s: float) -> None:
        """Count an order that was paid. Its stall may have taken a step already, before the customer got the answer."""
        self.placed += 1
        kept = self._kept(order)
        kept.status = kept.status or order.status
        order_id = order.order_id
        self._move(kept.customer, "purchase", order_id, -kept.total, None)
        self._move(kept.stall, "sale", order_id, kept.total, sent_s)
        self._tell_organiser("purchase", order_id, kept.total, sent_s)
        if kept.tip:
            self._move(kept.customer, "tip", order_id, -kept.tip, None)
            self._move(kept.stall, "tip", order_id, kept.tip, sent_s)
            self._tell_organiser("tip", order_id, kept.tip, sent_s)
        self._move_deposit(order_id, kept, -kept.deposit, None)
        self._move_fee(order_id, kept, -kept.fee, sent_s)
        self.expect(kept.stall, ("new-order", order_id, kept.total), sent_s)
        self._tell_status(order_id, kept, order.status, None)

    def step(self, order: Order, status: str, sent_s: float) -> None:
        """Take a step of an order. Customer and stall may both cancel it: the second time changes nothing.

        The answer to a step may come after that to the cancellation which followed it.
        """
        kept = self._kept(order)
        if kept.status == status == "cancelled":
            return
        if kept.status != "cancelled":
            kept.status = status
        self._tell_status(order.order_id, kept, status, sent_s)
        if status == "ready":
            self.expect(kept.customer, ("order-ready", order.order_id), sent_s)
        if status == "cancelled":
            kept.lines_back += kept.pieces
            self._give_back(order.order_id, kept, kept.total - kept.refunded, sent_s, tip=kept.tip)
            self._move_deposit(order.order_id, kept, kept.deposit, sent_s)

    def come(self, order: Order, sent_s: float) -> None:
        """Count a customer who said that they are coming. The same call answered again changes nothing."""
        kept, fact = self._kept(order), ("customer-coming", order.order_id, order.coming_at)
        if fact not in self.facts[kept.customer]:
            self.expect(kept.customer, fact, None)
            self.expect(kept.stall, fact, sent_s)

    def refund(self, order: Order, amount: int, sent_s: float) -> None:
        """Count a refund of an amount by the organiser: it leaves tip and deposit.

        With the last of the total, all pieces are given back.
        """
        kept = self._kept(order)
        self._give_back(order.order_id, kept, amount, sent_s)
        if kept.refunded == kept.total:
            kept.lines_back += kept.pieces

    def refund_piece(self, order: Order, line: Line, sent_s: float) -> None:
        """Count a refund of one piece of a line, and of its deposit."""
        kept = self._kept(order)
        kept.lines_back[line.item_id] += 1
        self._give_back(order.order_id, kept, line.unit_price, sent_s)
        self._move_deposit(order.order_id, kept, line.deposit, sent_s)

    def bring_back(self, order: Order, give_back_id: str, amount: int, sent_s: float) -> None:
        """Count a deposit that a customer got for what they brought back to the stall."""
        self.brought_back += 1
        self.beside["deposits"] -= amount
        self._move(order.user_id, "deposit", None, amount, None)
        self.expect(order.vendor_id, ("give-back-claimed", give_back_id, amount), sent_s)

    def take_back(self, user_id: str, transaction_id: str, amount: int, sent_s: float) -> None:
        """Count a top-up that the desk has taken back."""
        self.came_in -= amount
        self._move(user_id, "adjustment", transaction_id, -amount, sent_s)
        self._tell_organiser("adjustment", transaction_id, amount, sent_s)

    def leave(self, owner: str, kind: str, transaction_id: str, amount: int, sent_s: float | None, *, to: str) -> None:
        """Count money that left a wallet or a till: a payout, its fee, or a donation; `to` is where it is now."""
        self.beside[to] += amount
        self._move(owner, kind, transaction_id, -amount, sent_s)
        self.expect(self.organiser, ("new-transaction", kind, transaction_id, amount), None)

    def expect(self, user_id: str, fact: Fact, sent_s: float | None) -> None:
        """Expect an event on the stream of this person or stall; `sent_s` is None if they caused it themselves."""
        self.facts[user_id][fact] += 1
        self.foretold.add(fact)
        if sent_s is not None:
            # Two equal events can't be told apart, so they give no measurement.
            self.sent_s[user_id, fact] = sent_s if self.facts[user_id][fact] == 1 else float("inf")

    def expect_broadly(self, audiences: Collection[Audience], fact: Fact, *, by: str, sent_s: float) -> None:
        """Expect an event on all streams of some audiences; `by` is who caused it."""
        for audience in audiences:
            self.broad[audience][fact] += 1
        self.foretold.add(fact)
        self.broad_s[fact] = (by, float("inf") if fact in self.broad_s else sent_s)

    def facts_of(self, owner: str, audiences: Iterable[Audience]) -> Counter[Fact]:
        """Return how often each fact must have come to somebody who belongs to some audiences."""
        return sum((self.broad[audience] for audience in audiences), Counter(self.facts[owner]))

    def caused_s(self, owner: str, fact: Fact) -> float | None:
        """Return when a command was sent that caused an event for another person; None if that is not measured."""
        if (sent_s := self.sent_s.get((owner, fact))) is not None:
            return sent_s
        by, sent_s = self.broad_s.get(fact, (owner, 0.0))
        return None if by == owner else sent_s

    def open_orders(self) -> int:
        """Return how many orders are not finished."""
        return sum(1 for kept in self.orders.values() if kept.status not in FINAL)

    def _kept(self, order: Order) -> Kept:
        new = Kept(
            customer=order.user_id, stall=order.vendor_id, total=order.total, tip=order.tip, fee=order.platform_fee,
            deposit=order.deposit, lines=order.items,
        )  # fmt: skip
        return self.orders.setdefault(order.order_id, new)

    def _give_back(self, order_id: str, kept: Kept, amount: int, sent_s: float, *, tip: int = 0) -> None:
        fee = kept.fee_share(kept.refunded + amount) - kept.fee_share(kept.refunded)
        kept.refunded += amount
        kept.tip_refunded += tip
        self._move_fee(order_id, kept, fee, sent_s)
        amount += tip
        self._move(kept.stall, "refund", order_id, -amount, sent_s)
        self._move(kept.customer, "refund", order_id, amount, sent_s)
        self._tell_organiser("refund", order_id, amount, sent_s)
        for user_id in (kept.customer, kept.stall):
            self.expect(user_id, ("order-refunded", order_id, amount), sent_s)

    def _move_fee(self, order_id: str, kept: Kept, amount: int, sent_s: float) -> None:
        if amount:
            self.fees -= amount
            self._move(kept.stall, "fee", order_id, amount, sent_s)
            self._tell_organiser("fee", order_id, abs(amount), sent_s)

    def _move_deposit(self, order_id: str, kept: Kept, amount: int, sent_s: float | None) -> None:
        """Move a deposit to the customer, or from them if the amount is negative."""
        if amount:
            self.beside["deposits"] -= amount
            self._move(kept.customer, "deposit", order_id, amount, sent_s)
            self.expect(self.organiser, ("new-transaction", "deposit", order_id, abs(amount)), sent_s)

    def _move(self, user_id: str, reason: str, cause: str | None, amount: int, sent_s: float | None) -> None:
        self.balances[user_id] += amount
        self.expect(user_id, ("balance-updated", reason, cause, amount), sent_s)

    def _tell_organiser(self, kind: str, order_id: str, amount: int, sent_s: float) -> None:
        self.expect(self.organiser, ("new-transaction", kind, order_id, amount), sent_s)

    def _tell_status(self, order_id: str, kept: Kept, status: str, sent_s: float | None) -> None:
        self.expect(kept.customer, ("order-status-changed", order_id, status), sent_s)
        self.expect(kept.stall, ("order-status-changed", order_id, status), None)
