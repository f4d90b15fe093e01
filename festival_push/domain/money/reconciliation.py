"""Reconciliation: where all money came from, where it is now, and which totals must be the same.

Three sets of rows record the same money, each kept by its own rules: the accounts' balances, the ledger's transfers,
and the rows that say why money moved (receipts, orders, payouts). Where two of them differ, something is wrong.
"""

from collections.abc import Iterable, Iterator
from typing import Literal

import msgspec
from msgspec import UNSET

from festival_push.domain.money.figures import ALLOWANCES, DRAWERS, PEOPLE, Figures, Received, Sold
from festival_push.domain.money.report import Cash, Comparison, Reconciliation, Source, Till, Wallets
from festival_push.domain.money.settlements import Movement, Settlement, settle
from festival_push.domain.rows import Vendor
from festival_push.domain.values import (
    CREW,
    DEPOSITS,
    DIFFERENCES,
    DONATIONS,
    FEES,
    HELD,
    LOSSES,
    PAYOUTS,
    SAFE,
    AccountId,
    PayoutStatus,
    TransferKind,
    desk_method_of,
    is_losses,
    is_source,
    provider_account,
    provider_of,
    till_account,
)


def reconcile(figures: Figures, providers: Iterable[str]) -> Reconciliation:
    """Return the report.

    Args:
        providers: The names of the configured providers, so that one without receipts is compared too.
    """
    books = _Books(figures, providers)
    comparisons = tuple(books.comparisons())
    off = dict.fromkeys((vendor.vendor_id for vendor in figures.vendors), 0)
    for comparison in comparisons:
        if comparison.vendor_id is not None and comparison.unit == "money":
            off[comparison.vendor_id] += abs(comparison.difference)
    return Reconciliation(
        position=figures.position,
        transfers=figures.transfer_seq,
        came_in=books.came_in,
        paid_out=books.paid_out,
        fees=books.net(FEES),
        donations=books.net(DONATIONS) or UNSET,
        held=books.net(HELD),
        losses=books.losses,
        sources=tuple(books.sources()),
        cash=books.cash,
        wallets=books.wallets(),
        tills=tuple(books.till(till, off[till.vendor.vendor_id]) for till in books.settlements),
        payouts={status: books.payouts(status) for status in PayoutStatus},
        comparisons=comparisons,
        balanced=not any(comparison.difference for comparison in comparisons),
        deposits=books.net(DEPOSITS) or UNSET,
        allowances=books.net(ALLOWANCES) or UNSET,
        crew=-books.net(CREW) or UNSET,
    )


class _Books:
    """The figures, indexed by party for the parts of the report."""

    def __init__(self, figures: Figures, providers: Iterable[str]) -> None:
        self._figures = figures
        self._tills = {till_account(vendor.vendor_id) for vendor in figures.vendors}
        self._providers = {*providers, *(received.provider for received in figures.received)}
        self._net: dict[str, int] = {}
        for flow in figures.flows:
            self._net[flow.source] = self._net.get(flow.source, 0) - flow.amount
            self._net[flow.target] = self._net.get(flow.target, 0) + flow.amount
        parties = sorted({*map(AccountId, self._net), *map(AccountId, figures.balances)})
        self._sources = [party for party in parties if is_source(party)]
        self.cash = self._cash()
        self.came_in = self.cash.top_ups - sum(map(self.net, self._sources))
        self.paid_out = self.cash.payouts + self.net(PAYOUTS)
        self.losses = -sum(map(self.net, filter(is_losses, parties)))
        self.settlements = [settle(vendor, self._movements(vendor)) for vendor in figures.vendors]

    def net(self, party: str) -> int:
        """Return the balance of a party by its transfers: received minus given."""
        return self._net.get(party, 0)

    def _cash(self) -> Cash:
        """Return the totals of cash by the transfers; a payout that is taken back is of the kind of payouts too."""
        counted = {DRAWERS, SAFE}
        moved = {kind: 0 for kind in (TransferKind.TOP_UP, TransferKind.PAYOUT, TransferKind.ADJUSTMENT)}
        for flow in self._figures.flows:
            if flow.kind in moved and DIFFERENCES not in (flow.source, flow.target):
                moved[flow.kind] += flow.amount * ((flow.source in counted) - (flow.target in counted))
        return Cash(
            top_ups=moved[TransferKind.TOP_UP] + moved[TransferKind.ADJUSTMENT],
            payouts=-moved[TransferKind.PAYOUT],
            drawers=-self.net(DRAWERS),
            safe=-self.net(SAFE),
            differences=self.net(DIFFERENCES),
        )

    def _movements(self, vendor: Vendor) -> Iterator[Movement]:
        till = till_account(vendor.vendor_id)
        for flow in self._figures.flows:
            if till in (flow.source, flow.target) and flow.source != flow.target:
                credited = flow.target == till
                yield Movement(kind=flow.kind, credited=credited, count=flow.count, amount=flow.amount)

    def sources(self) -> Iterator[Source]:
        """Yield the totals of each provider and each method of the desk, by the transfers; receipts tell what is held,
        and what was assigned by hand."""
        for account in self._sources:
            provider = provider_of(account)
            received = self._received(provider)
            came_in = -self.net(account)
            yield Source(
                name=provider or desk_method_of(account) or "",
                provider=provider is not None,
                count=sum(flow.count for flow in self._figures.flows if flow.source == account),
                came_in=came_in,
                credited=came_in - received.assigned - received.held,
                assigned=received.assigned,
                held=received.held,
            )

    def wallets(self) -> Wallets:
        """Return the totals of all wallets of people together."""
        net = dict.fromkeys(TransferKind, 0)
        for flow in self._figures.flows:
            net[flow.kind] += flow.amount * ((flow.target == PEOPLE) - (flow.source == PEOPLE))
        return Wallets(
            count=self._figures.balances.get(PEOPLE, (0, 0))[0],
            top_ups=net[TransferKind.TOP_UP],
            purchases=-net[TransferKind.PURCHASE],
            tips=-net[TransferKind.TIP],
            refunds=net[TransferKind.REFUND],
            payouts=-net[TransferKind.PAYOUT],
            payout_fees=-net[TransferKind.FEE] or UNSET,
            donations=-net[TransferKind.DONATION] or UNSET,
            other=net[TransferKind.ADJUSTMENT] + net[TransferKind.CASH],
            balance=self._balance(PEOPLE),
            deposits=-net[TransferKind.DEPOSIT] or UNSET,
            allowances=net[TransferKind.ALLOWANCE] or UNSET,
        )

    def till(self, settled: Settlement, difference: int) -> Till:
        """Return the report's line for one stall."""
        party = till_account(settled.vendor.vendor_id)
        return Till(
            vendor_id=settled.vendor.vendor_id,
            name=settled.vendor.name,
            orders=settled.orders,
            sales=settled.sales,
            tips=settled.tips,
            refunds=settled.refunds,
            fees=settled.fees,
            payouts_requested=self.payouts(PayoutStatus.REQUESTED, party),
            payouts_completed=self.payouts(PayoutStatus.COMPLETED, party),
            other=settled.other,
            balance=self._balance(party),
            difference=difference,
        )

    def payouts(self, status: PayoutStatus, party: str | None = None) -> int:
        """Return the sum of the payouts in one status, of one party or of all, by the rows of the payouts."""
        return sum(
            row.amount
            for row in self._figures.paid_out
            if row.status is status and (party is None or row.party == party)
        )

    def _asked(self, party: str | None = None) -> int:
        return self.payouts(PayoutStatus.REQUESTED, party) + self.payouts(PayoutStatus.COMPLETED, party)

    def _paid_at_desk(self) -> int:
        return sum(row.amount for row in self._figures.paid_out if row.at_desk)

    def _balance(self, party: str) -> int:
        return self._figures.balances.get(party, (0, 0))[1]

    def _received(self, provider: str | None) -> Received:
        rows = (row for row in self._figures.received if row.provider == provider)
        return next(rows, Received(provider or "", 0, 0, 0, 0, 0, 0, 0))

    def _moved(self, source: str, target: str, kind: TransferKind) -> int:
        """Return the sum of the transfers of one kind; an empty party is any."""
        return sum(
            flow.amount
            for flow in self._figures.flows
            if flow.kind is kind and source in ("", flow.source) and target in ("", flow.target)
        )

    def comparisons(self) -> Iterator[Comparison]:
        """Yield every pair of totals that must be equal, the festival's grand total first."""
        left = self._balance(PEOPLE) + self._balance(HELD) + sum(map(self._balance, self._tills))
        left += self._balance(DEPOSITS) + self._balance(ALLOWANCES)
        kept = self.came_in + self.losses - self.net(CREW) - self.paid_out - self.net(FEES) - self.net(DONATIONS)
        made_of = "in + losses + crew − out − fees"
        if self.net(DONATIONS):
            made_of += " − donations"
        yield _same("the festival", "wallets + tills + held + deposits + allowances", left, made_of, kept)
        everything = sum(amount for _, amount in self._figures.balances.values())
        yield _same("all accounts", "sum of the balances", everything, "nothing", 0)
        numbered = sum(flow.count for flow in self._figures.flows)
        yield _same("the ledger", "transfers", numbered, "highest number", self._figures.transfer_seq, "rows")
        for party in sorted({*self._net, *self._figures.balances} - self._tills):
            yield _same(party, "balances", self._balance(party), "transfers", self.net(party))
        for provider in sorted(self._providers):
            yield from self._of_provider(provider)
        held = sum(row.held for row in self._figures.received)
        yield _same("held", "held of receipts", held, "account", self._balance(HELD))
        at_desk = self._paid_at_desk()
        yield _same("payouts", "asked for and completed", self._asked() - at_desk, "account", self._balance(PAYOUTS))
        yield _same("payouts at the desk", "paid", at_desk, "cash", self.cash.payouts)
        there = self.cash.drawers + self.cash.safe
        kept = self.cash.top_ups - self.cash.payouts + self.cash.differences
        yield _same("cash", "drawers + safe", there, "top-ups − payouts + differences", kept)
        yield from self._of_deposits()
        donated = self._moved(PEOPLE, DONATIONS, TransferKind.DONATION)
        donated -= self._moved(DONATIONS, PEOPLE, TransferKind.DONATION)
        if donated or self.net(DONATIONS):
            yield _same("donations", "of people", donated, "account", self._balance(DONATIONS))
        asked, moved = self._asked(PEOPLE), self.wallets().payouts
        yield _same("payouts of people", "asked for and completed", asked, "transfers", moved)
        for settled in self.settlements:
            yield from self._of_stall(settled)

    def _of_provider(self, name: str) -> Iterator[Comparison]:
        account, received = provider_account(name), self._received(name)
        paid = self._moved(account, "", TransferKind.TOP_UP)
        yield _same(f"provider {name}", "receipts", received.amount, "transfers", paid)
        back = self._moved("", account, TransferKind.ADJUSTMENT) - self._moved(account, "", TransferKind.ADJUSTMENT)
        gone = received.returned + received.claimed
        yield _same(f"provider {name}", "given back and claimed", gone, "transfers back", back)
        yield _same(f"provider {name}", "receipts without their transfer", received.astray, "none", 0, "rows")
        unexplained = self._figures.unexplained.get(account, 0)
        yield _same(f"provider {name}", "transfers without their receipt", unexplained, "none", 0, "rows")

    def _of_deposits(self) -> Iterator[Comparison]:
        """Compare what orders and give-backs say of deposits and allowances with the transfers."""
        rows = sum(row.deposit for row in self._figures.sold) - self._figures.given_back
        back = (self._moved(place, PEOPLE, TransferKind.DEPOSIT) for place in (DEPOSITS, LOSSES))
        moved = self._moved(PEOPLE, DEPOSITS, TransferKind.DEPOSIT) - sum(back)
        yield _same("deposits", "orders, less give-backs", rows, "transfers", moved)
        used = sum(row.allowance for row in self._figures.sold)
        spent = self._moved(ALLOWANCES, PEOPLE, TransferKind.ALLOWANCE)
        spent -= self._moved(PEOPLE, ALLOWANCES, TransferKind.ALLOWANCE)
        yield _same("allowances", "orders", used, "transfers", spent)

    def _of_stall(self, settled: Settlement) -> Iterator[Comparison]:
        vendor_id = settled.vendor.vendor_id
        sold = next((row for row in self._figures.sold if row.vendor_id == vendor_id), Sold(vendor_id, 0, 0, 0, 0, 0))
        till = till_account(vendor_id)
        asked = self._asked(till)
        for pair in (
            _same("balance", "account", self._balance(till), "transfers", settled.balance),
            _same("orders", "orders", sold.count, "purchases", settled.orders, "rows"),
            _same("sales", "orders", sold.total, "transfers", settled.sales),
            _same("tips", "orders", sold.tips, "transfers", settled.tips),
            _same("refunds", "orders", sold.refunded, "transfers", settled.refunds),
            _same("fees", "orders", sold.fee, "transfers", settled.fees),
            _same("payouts", "asked for and completed", asked, "transfers", settled.paid_out),
        ):
            yield msgspec.structs.replace(pair, what=f"{pair.what} of stall {vendor_id}", vendor_id=vendor_id)


def _same(
    what: str, one: str, one_total: int, other: str, other_total: int, unit: Literal["money", "rows"] = "money"
) -> Comparison:
    return Comparison(
        what=what,
        vendor_id=None,
        unit=unit,
        one=one,
        one_total=one_total,
        other=other,
        other_total=other_total,
        difference=one_total - other_total,
    )
