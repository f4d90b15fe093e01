"""Checks the drawers of cash: each against its account, and against the transfers of its opening and its closing."""

from collections.abc import Mapping, Sequence

from festival_push.domain.desk.drawers import closing_transfer, difference_transfer, float_transfer
from festival_push.domain.desk.rows import Drawer
from festival_push.domain.rows import Transfer
from festival_push.domain.values import DrawerId, TransferId, drawer_account, drawer_of
from festival_push.ops.audit.findings import Findings
from festival_push.store.reads.audit.evidence import AuditReads, Totals


class DrawerAudit:
    """Reads the drawers once.

    Args:
        evidence: Reads the rows.
        findings: Where findings are added.
        standing: The accounts as of the first snapshot.
        page: Rows to read at a time.
    """

    def __init__(self, evidence: AuditReads, findings: Findings, standing: Totals, page: int) -> None:
        self._evidence = evidence
        self._findings = findings
        self._page = page
        self._checked_to = standing.transfer_seq
        self._balances = {
            drawer_id: account.balance
            for account in standing.accounts
            if (drawer_id := drawer_of(account.account_id)) is not None
        }

    async def run(self) -> None:
        """Check every drawer, and that no account is of none."""
        after, known = DrawerId(""), set[DrawerId]()
        while drawers := await self._evidence.drawers(after, self._page):
            for drawer, moves in drawers:
                known.add(drawer.drawer_id)
                balance = self._balances.get(drawer.drawer_id, 0)
                if (drawer.closed_after or 0) > self._checked_to:
                    balance = 0  # it was closed while the audit ran, and is looked at as it is now
                if (fault := drawer_fault(drawer, moves, balance)) is not None:
                    self._findings.add("drawers", f"Drawer {drawer.drawer_id} of {drawer.cashier_id} {fault}.")
            after = drawers[-1][0].drawer_id
        for drawer_id in sorted(self._balances.keys() - known):
            self._findings.add("drawers", f"Account {drawer_account(drawer_id)} is of a drawer that does not exist.")


def drawer_fault(drawer: Drawer, moves: Sequence[Transfer], balance: int) -> str | None:
    """Return what is wrong with a drawer; None if nothing is.

    Args:
        moves: The transfers of its opening and its closing, as far as there are any.
        balance: Its account's, minus the cash that should be in it.
    """
    found, named = {move.transfer_id: move for move in moves}, drawer.drawer_id
    brought = _came(drawer, found, float_transfer(named))
    over, left = _came(drawer, found, difference_transfer(named)), _came(drawer, found, closing_transfer(named))
    is_closed = not drawer.is_open
    tests = {
        f"began with {drawer.float_amount}, but {brought} came in": brought != drawer.float_amount,
        f"has given {balance} more than it had": balance > 0,
        f"is closed, but {-balance} are in it": is_closed and balance < 0,
        f"was closed with a difference of {drawer.difference}, but {over} is booked":
            is_closed and over != drawer.difference,
        f"was closed with {drawer.counted}, but {-left} went to the safe": is_closed and -left != drawer.counted,
        "is open, but transfers say that it was closed": not is_closed and bool(over or left),
    }  # fmt: skip
    return next((fault for fault, is_so in tests.items() if is_so), None)


def _came(drawer: Drawer, found: Mapping[TransferId, Transfer], transfer_id: TransferId) -> int:
    """Return how much cash a transfer brought into a drawer; less than 0: out of it."""
    if (move := found.get(transfer_id)) is None:
        return 0
    account = drawer_account(drawer.drawer_id)
    return move.amount * ((move.debit == account) - (move.credit == account))
