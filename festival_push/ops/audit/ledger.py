"""Checks the ledger, transfer by transfer, against the accounts and the orders."""

from collections.abc import Sequence

import msgspec

from festival_push.domain.orders.rows import Order
from festival_push.domain.rows import Transfer
from festival_push.domain.values import (
    COMMAND_LINE,
    DEPOSITS,
    FEES,
    HELD,
    LOSSES,
    SYSTEM_ACTOR,
    AccountId,
    OrderId,
    TransferId,
    TransferKind,
    allowance_account,
    allowance_owner,
    desk_method_of,
    is_cash,
    is_losses,
    may_overdraw,
    provider_of,
    till_account,
    user_account,
)
from festival_push.ops.audit.findings import Findings, Severity
from festival_push.store.reads.audit.evidence import AuditReads, Totals


class Moved(msgspec.Struct):
    """The sums that the transfers of one order have moved so far, in minor units; `purchases` is a count."""

    purchases: int = 0
    paid: int = 0
    tip: int = 0
    refunded: int = 0
    fee: int = 0
    fee_refunded: int = 0
    deposit: int = 0
    deposit_refunded: int = 0
    allowance: int = 0
    allowance_refunded: int = 0

    def add(self, transfer: Transfer) -> None:
        """Count one transfer of this order."""
        if transfer.kind is TransferKind.PURCHASE:
            self.purchases += 1
            self.paid += transfer.amount
        elif transfer.kind is TransferKind.TIP:
            self.tip += transfer.amount
        elif transfer.kind is TransferKind.REFUND:
            self.refunded += transfer.amount
        elif transfer.kind is TransferKind.FEE and transfer.credit == FEES:
            self.fee += transfer.amount
        elif transfer.kind is TransferKind.FEE:
            self.fee_refunded += transfer.amount
        elif transfer.kind is TransferKind.DEPOSIT and transfer.credit == DEPOSITS:
            self.deposit += transfer.amount
        elif transfer.kind is TransferKind.DEPOSIT:
            self.deposit_refunded += transfer.amount
        elif transfer.kind is TransferKind.ALLOWANCE and allowance_owner(transfer.debit) is not None:
            self.allowance += transfer.amount
        elif transfer.kind is TransferKind.ALLOWANCE:
            self.allowance_refunded += transfer.amount

    def explains(self, order: Order) -> bool:
        """Whether this is all that the order's row speaks of."""
        return self == told_by(order)


def told_by(order: Order) -> Moved:
    """Return what an order's row says that its transfers have moved."""
    refunded = order.refunded + order.tip_refunded
    return Moved(
        purchases=1,
        paid=order.total,
        tip=order.tip,
        refunded=refunded,
        fee=order.platform_fee,
        fee_refunded=order.fee_refunded,
        deposit=order.deposit,
        deposit_refunded=order.deposit_refunded,
        allowance=order.allowance,
        allowance_refunded=order.allowance_refunded,
    )


def ways(order: Order) -> dict[TransferKind, tuple[tuple[AccountId, AccountId], ...]]:
    """Return which accounts the transfers of an order may debit and credit, by kind."""
    customer, till = user_account(order.user_id), till_account(order.vendor_id)
    allowance = allowance_account(order.user_id)
    return {
        TransferKind.PURCHASE: ((customer, till),),
        TransferKind.TIP: ((customer, till),),
        TransferKind.REFUND: ((till, customer),),
        TransferKind.FEE: ((till, FEES), (FEES, till)),
        TransferKind.DEPOSIT: ((customer, DEPOSITS), (DEPOSITS, customer), (LOSSES, customer)),
        TransferKind.ALLOWANCE: ((allowance, customer), (customer, allowance)),
    }


class LedgerAudit:
    """Walks the ledger once. In memory it keeps one number for each account, and the orders whose transfers, such as a
    later refund, have not all been read yet.

    Args:
        evidence: Reads the rows.
        findings: Where findings are added.
        standing: The accounts and totals as of the first snapshot, which fixes the last transfer to check.
        page: Transfers to read at a time.
    """

    def __init__(self, evidence: AuditReads, findings: Findings, standing: Totals, page: int) -> None:
        self._evidence = evidence
        self._findings = findings
        self._standing = standing
        self._page = page
        # Only stalls may be overdrawn, by refunds.
        self._tills = {till_account(vendor_id) for vendor_id in standing.stalls}
        self._balances: dict[AccountId, int] = {}
        self._reversed: dict[TransferId, int] = {}  # sums, of those few that were taken back
        self._unexplained: dict[OrderId, tuple[Order, Moved]] = {}

    async def run(self) -> dict[AccountId, int]:
        """Check the ledger, and return each account's balance after the last transfer, summed from the transfers."""
        seq, end = 0, self._standing.transfer_seq
        while seq < end:
            transfers, orders = await self._evidence.transfers(seq, end, self._page)
            if not transfers:
                self._findings.add("transfers", f"Transfers {seq + 1} to {end} are missing.")
                break
            await self._check_actors(transfers)
            await self._check_reversals(transfers)
            for transfer in transfers:
                if transfer.seq != seq + 1:
                    self._findings.add("transfers", f"Transfers {seq + 1} to {transfer.seq - 1} are missing.")
                seq = transfer.seq
                self._follow(transfer)
                self._explain(transfer, orders)
        self._check_balances()
        await self._check_unexplained()
        return self._balances

    async def _check_actors(self, transfers: Sequence[Transfer]) -> None:
        """Check that each transfer names somebody who exists, unless it was made before actors were kept."""
        named = [transfer for transfer in transfers if transfer.seq > self._standing.actors_after]
        if not named:
            return
        known = await self._evidence.actors({transfer.actor for transfer in named}) | {SYSTEM_ACTOR, COMMAND_LINE}
        for transfer in named:
            if transfer.actor not in known:
                text = f"Transfer {transfer.transfer_id} ({transfer.seq}) was made by {transfer.actor or 'nobody'}"
                self._findings.add("actors", f"{text}, who does not exist.", Severity.PAST)

    async def _check_reversals(self, transfers: Sequence[Transfer]) -> None:
        """Check that each transfer that takes another back goes its way back, and that all together take no more."""
        if not (named := {transfer.reverses for transfer in transfers if transfer.reverses is not None}):
            return
        known = await self._evidence.transfers_by_id(named)
        for transfer in transfers:
            if transfer.reverses is None:
                continue
            target = known.get(transfer.reverses)
            taken = self._reversed[transfer.reverses] = self._reversed.get(transfer.reverses, 0) + transfer.amount
            if (fault := reversal_fault(transfer, target, taken)) is not None:
                name = f"Transfer {transfer.transfer_id} ({transfer.seq}) takes {transfer.reverses} back"
                self._findings.add("reversals", f"{name}, which {fault}.")

    def _follow(self, transfer: Transfer) -> None:
        moves = (
            (transfer.debit, -transfer.amount, transfer.debit_balance),
            (transfer.credit, transfer.amount, transfer.credit_balance),
        )
        for account_id, amount, noted in moves:
            before = self._balances.get(account_id, 0)
            after = self._balances[account_id] = before + amount
            name = f"Transfer {transfer.transfer_id} ({transfer.seq})"
            if after != noted:
                text = f"{name} notes {noted} for {account_id}, which had {before} and moved by {amount}."
                self._findings.add("chain", text)
            if transfer.receipt_id is not None and desk_method_of(account_id) is not None:
                text = f"{name} moves money of the payment {transfer.receipt_id} at the desk ({account_id})."
                self._findings.add("accounts", text)
            if amount < 0 and after < 0 and not (may_overdraw(account_id) or account_id in self._tills):
                of_whom = "" if account_id == DEPOSITS else "customer "
                self._findings.add("overdrawn", f"{name} leaves {of_whom}{account_id} at {after}.")

    def _explain(self, transfer: Transfer, orders: dict[OrderId, Order]) -> None:
        if (order_id := transfer.order_id) is None:
            return
        if order_id in orders and transfer.seq == orders[order_id].placed:
            self._unexplained[order_id] = orders[order_id], Moved()
        if (known := self._unexplained.get(order_id)) is None:
            text = f"Transfer {transfer.transfer_id} ({transfer.kind}) is more than order {order_id} knows of."
            self._findings.add("orders", text)
            return
        order, moved = known
        if (transfer.debit, transfer.credit) not in ways(order).get(transfer.kind, ()):
            text = f"Transfer {transfer.transfer_id} ({transfer.kind}) goes from {transfer.debit} to {transfer.credit}"
            self._findings.add("orders", f"{text}, which is no way of order {order_id}.")
        moved.add(transfer)
        if moved.explains(order):
            del self._unexplained[order_id]

    def _check_balances(self) -> None:
        accounts = {account.account_id: account.balance for account in self._standing.accounts}
        for account_id in sorted(accounts.keys() | self._balances.keys()):
            balance, moved = accounts.get(account_id, 0), self._balances.get(account_id, 0)
            if balance != moved:
                text = f"Account {account_id} has {balance}, but its transfers sum to {moved}."
                self._findings.add("balances", text)

    async def _check_unexplained(self) -> None:
        """Check again the orders that the walk left unexplained, with their present rows and the transfers since then:
        they may have changed while the audit ran."""
        ids = sorted(self._unexplained)
        for start in range(0, len(ids), self._page):
            some = set(ids[start : start + self._page])
            end, orders = await self._evidence.orders_by_id(some)
            await self._catch_up(some, end)
            for order in orders:
                moved = self._unexplained[order.order_id][1]
                if not moved.explains(order):
                    row = _in_words(told_by(order))
                    text = f"Order {order.order_id} speaks of {row}; its transfers are {_in_words(moved)}."
                    self._findings.add("orders", text)

    async def _catch_up(self, ids: set[OrderId], end: int) -> None:
        seq = self._standing.transfer_seq
        while seq < end:
            transfers, _ = await self._evidence.transfers(seq, end, self._page)
            if not transfers:
                break  # a gap, which the next audit finds
            for transfer in transfers:
                if transfer.order_id in ids:
                    self._unexplained[transfer.order_id][1].add(transfer)
            seq = transfers[-1].seq


def reversal_fault(transfer: Transfer, target: Transfer | None, taken: int) -> str | None:
    """Return what is wrong with what a transfer takes back; None if nothing is.

    Args:
        target: What it takes back; None if that does not exist.
        taken: How much was taken back of it, with this transfer, in minor units.
    """
    if target is None or target.seq >= transfer.seq:
        return "was not made before it"
    if taken > target.amount:
        return f"moved {target.amount}, of which {taken} was taken back"
    places = {target.debit}
    if is_cash(target.debit) and is_cash(transfer.credit):  # another drawer, or the safe: the first may be closed
        places.add(transfer.credit)
    if target.receipt_id is not None:  # a provider's money is held again, or the provider takes it back itself
        places |= {HELD, *(side for side in (transfer.credit,) if provider_of(side) is not None)}
    from_there = transfer.debit == target.credit or (is_cash(target.credit) and is_cash(transfer.debit))
    if transfer.credit not in places or not (from_there or is_losses(transfer.debit)):
        return f"moved money from {target.debit} to {target.credit}, by another way"
    return None


def _in_words(moved: Moved) -> str:
    return (
        f"{moved.purchases} purchase of {moved.paid}, a tip of {moved.tip}, {moved.refunded} refunded, "
        f"a fee of {moved.fee}, {moved.fee_refunded} of it given back, a deposit of {moved.deposit}, "
        f"{moved.deposit_refunded} of it given back, {moved.allowance} by the allowance, "
        f"{moved.allowance_refunded} of it given back"
    )
