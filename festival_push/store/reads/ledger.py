"""Reads of the ledger for the organiser: transfers, payouts, and the settlements of stalls."""

# ruff: noqa: S608  # only names of columns and numbers of parameters are filled in

from typing import Final, NamedTuple

from festival_push.domain.money.settlements import Movement, Settlement, settle
from festival_push.domain.payouts.rows import RUN_PAYOUTS_MAX, PayoutRun
from festival_push.domain.rows import Payout, Transfer
from festival_push.domain.values import AccountId, PayoutRunId, PayoutStatus, TransferKind, VendorId, till_account
from festival_push.store.database import Database
from festival_push.store.reads.orders import NEWEST
from festival_push.store.tables import PAYOUT_ROWS, PAYOUT_RUNS, TRANSFERS, VENDORS

TAKEN_BACK: Final = """CAST(CASE
        WHEN kind = 'purchase' THEN (SELECT o.refunded FROM orders AS o WHERE o.order_id = page.order_id)
        WHEN kind = 'tip' THEN (SELECT o.tip_refunded FROM orders AS o WHERE o.order_id = page.order_id)
        WHEN credit = 'fees' AND page.order_id IS NOT NULL
             THEN (SELECT o.fee_refunded FROM orders AS o WHERE o.order_id = page.order_id)
        ELSE (SELECT SUM(back.amount) FROM transfers AS back WHERE back.reverses = page.transfer_id)
        END AS BIGINT)"""
"""How much of a transfer of `page` was taken back: by the transfers that name it, and of an order's by all of its
refunds."""
_LEDGER: Final = f"""
    SELECT {TRANSFERS.columns}, {TAKEN_BACK}
      FROM (SELECT {TRANSFERS.columns} FROM transfers WHERE seq < $1 ORDER BY seq DESC LIMIT $2) AS page
     ORDER BY seq DESC
"""
_PAYOUTS: Final = f"SELECT {PAYOUT_ROWS.columns} FROM payouts WHERE seq < $1 ORDER BY seq DESC LIMIT $2"
_PAYOUTS_OF: Final = f"""
    SELECT {PAYOUT_ROWS.columns} FROM payouts WHERE seq < $1 AND status = $3 ORDER BY seq DESC LIMIT $2
"""
_PAYOUTS_FROM: Final = f"""
    SELECT {PAYOUT_ROWS.columns} FROM payouts WHERE account_id = $3 AND seq < $1 ORDER BY seq DESC LIMIT $2
"""
_RUNS: Final = f"SELECT {PAYOUT_RUNS.columns} FROM payout_runs WHERE position < $1 ORDER BY position DESC LIMIT $2"
_RUN: Final = f"SELECT {PAYOUT_RUNS.columns} FROM payout_runs WHERE run_id = $1"
_PAYOUTS_IN: Final = f"""
    SELECT {PAYOUT_ROWS.columns} FROM payouts WHERE run_id = $3 AND seq < $1 ORDER BY seq DESC LIMIT $2
"""
_VENDOR: Final = f"SELECT {VENDORS.columns} FROM vendors WHERE vendor_id = $1"
_MOVED: Final = """
    SELECT kind, 0, COUNT(*), CAST(SUM(amount) AS BIGINT) FROM transfers WHERE debit = $1 GROUP BY kind
    UNION ALL
    SELECT kind, 1, COUNT(*), CAST(SUM(amount) AS BIGINT) FROM transfers WHERE credit = $1 GROUP BY kind
"""


class Entry(NamedTuple):
    """A transfer, and how much of it was taken back, in minor units."""

    transfer: Transfer
    reversed: int


class LedgerReads:
    """Reads of transfers, payouts and settlements. Every method may raise Unavailable."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def transfers(self, *, before: int | None = None, limit: int) -> list[Entry]:
        """Return a page of all transfers, newest first; `before` is the last `seq` of the page before."""
        (found,) = await self._database.past.read((_LEDGER, (NEWEST if before is None else before, limit)))
        return [Entry(TRANSFERS.decode(row[:-1]), row[-1] or 0) for row in found]

    async def payouts(
        self, *, status: PayoutStatus | None = None, before: int | None = None, limit: int
    ) -> list[Payout]:
        """Return a page of payouts, newest first; `before` is the last `seq` of the page before."""
        page = (NEWEST if before is None else before, limit)
        statement = (_PAYOUTS, page) if status is None else (_PAYOUTS_OF, (*page, status.value))
        (found,) = await self._database.read(statement)
        return [PAYOUT_ROWS.decode(row) for row in found]

    async def payouts_from(self, account_id: AccountId, *, before: int | None = None, limit: int) -> list[Payout]:
        """Return a page of an account's payouts, newest first; `before` is the last `seq` of the page before."""
        params = (NEWEST if before is None else before, limit, account_id)
        (found,) = await self._database.past.read((_PAYOUTS_FROM, params))
        return [PAYOUT_ROWS.decode(row) for row in found]

    async def payout_runs(self, *, before: int | None = None, limit: int) -> list[PayoutRun]:
        """Return a page of payout runs, newest first; `before` is the last `position` of the page before."""
        (found,) = await self._database.past.read((_RUNS, (NEWEST if before is None else before, limit)))
        return [PAYOUT_RUNS.decode(row) for row in found]

    async def payout_run(self, run_id: PayoutRunId) -> PayoutRun | None:
        """Return one payout run; None if there is none."""
        (found,) = await self._database.read((_RUN, (run_id,)))
        return PAYOUT_RUNS.decode(found[0]) if found else None

    async def payouts_in(self, run_id: PayoutRunId, *, before: int | None = None, limit: int) -> list[Payout]:
        """Return a page of a run's payouts, newest first; `before` is the last `seq` of the page before."""
        params = (NEWEST if before is None else before, limit, run_id)
        (found,) = await self._database.read((_PAYOUTS_IN, params))
        return [PAYOUT_ROWS.decode(row) for row in found]

    async def run_in_full(self, run_id: PayoutRunId) -> tuple[PayoutRun, list[Payout]] | None:
        """Return a run and all its payouts, oldest first, from one snapshot; None if there is none."""
        run, found = await self._database.read((_RUN, (run_id,)), (_PAYOUTS_IN, (NEWEST, RUN_PAYOUTS_MAX, run_id)))
        if not run:
            return None
        return PAYOUT_RUNS.decode(run[0]), [PAYOUT_ROWS.decode(row) for row in reversed(found)]

    async def settlement(self, vendor_id: VendorId) -> Settlement | None:
        """Return the settlement of a stall; None for an unknown stall."""
        found, moved = await self._database.past.read((_VENDOR, (vendor_id,)), (_MOVED, (till_account(vendor_id),)))
        if not found:
            return None
        movements = [
            Movement(kind=TransferKind(kind), credited=bool(credited), count=count, amount=amount)
            for kind, credited, count, amount in moved
        ]
        return settle(VENDORS.decode(found[0]), movements)
