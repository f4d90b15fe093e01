"""Reads of an account's transfers, and of the held money that waits for its owner."""

# ruff: noqa: S608  # only names of columns and numbers of parameters are filled in

from collections.abc import Mapping, Sequence
from typing import Final, NamedTuple

from festival_push.domain.money.rows import Claim, UnreadReceipt, UnreadStatus
from festival_push.domain.rows import Receipt, Transfer
from festival_push.domain.values import AccountId, ClaimId, OrderId, ReceiptId, TransferId, UnreadId
from festival_push.store.database import Database
from festival_push.store.reads.ledger import Entry
from festival_push.store.reads.orders import NEWEST
from festival_push.store.sql import Param
from festival_push.store.tables import CLAIMS, RECEIPTS, TRANSFERS, UNREAD_RECEIPTS

# Two bounded index ranges, merged, because one condition with OR would read and sort all of an account's transfers.
TRANSACTIONS: Final = f"""
    SELECT * FROM (
        SELECT * FROM (SELECT {TRANSFERS.columns} FROM transfers WHERE debit = $1 AND seq < $2
                        ORDER BY seq DESC LIMIT $3) AS given
        UNION ALL
        SELECT * FROM (SELECT {TRANSFERS.columns} FROM transfers WHERE credit = $1 AND seq < $2
                        ORDER BY seq DESC LIMIT $3) AS received
    ) AS both_sides ORDER BY seq DESC LIMIT $3
"""
"""A page of an account's transfers: the account, the `seq` before which it begins, and how many."""
_TOP_UP: Final = f"""
    SELECT {TRANSFERS.columns},
           (SELECT CAST(SUM(back.amount) AS BIGINT) FROM transfers AS back WHERE back.reverses = $1)
      FROM transfers WHERE transfer_id = $1 AND credit = $2 AND kind = 'top-up'
"""
_WANTED_NAME: Final = "(SELECT name FROM users WHERE users.user_id = receipts.wanted_user_id)"
_HELD: Final = f"SELECT {RECEIPTS.columns}, {_WANTED_NAME} FROM receipts WHERE held > 0"
_HELD_NEWEST: Final = f"{_HELD} ORDER BY at DESC, receipt_id DESC LIMIT $1"
_HELD_OLDER: Final = f"""{_HELD} AND (at, receipt_id) < (SELECT at, receipt_id FROM receipts WHERE receipt_id = $2)
    ORDER BY at DESC, receipt_id DESC LIMIT $1"""


_STALLS_OF: Final = "SELECT order_id, vendor_name FROM orders WHERE order_id {in_1}"


class Wanted(NamedTuple):
    """A receipt of which money is held, and the name of the person it was meant for, if there is one."""

    receipt: Receipt
    name: str | None


_CLAIMS: Final = f"SELECT {CLAIMS.columns} FROM claims WHERE TRUE"
_CLAIMS_OLDER: Final = " AND (created_at, claim_id) < (SELECT created_at, claim_id FROM claims WHERE claim_id = $2)"
_UNREAD: Final = f"SELECT {UNREAD_RECEIPTS.columns} FROM unread_receipts WHERE"
_UNREAD_OLDER: Final = (
    " AND (created_at, unread_id) < (SELECT created_at, unread_id FROM unread_receipts WHERE unread_id = $2)"
)


class MoneyReads:
    """Reads of transfers by account, of held money, and of what providers take back or send unreadable.

    Every method may raise Unavailable.
    """

    def __init__(self, database: Database) -> None:
        self._database = database

    async def transactions(self, account_id: AccountId, *, before: int | None = None, limit: int) -> list[Transfer]:
        """Return a page of an account's transfers, newest first; `before` is the last `seq` of the page before."""
        (found,) = await self._database.past.read(
            (TRANSACTIONS, (account_id, NEWEST if before is None else before, limit))
        )
        return [TRANSFERS.decode(row) for row in found]

    async def stalls_of_orders(self, order_ids: Sequence[OrderId]) -> Mapping[OrderId, str]:
        """Return the names of the stalls where orders were placed, as they were then."""
        if not order_ids:
            return {}
        (found,) = await self._database.read((_STALLS_OF, (list(order_ids),)))
        return dict(found)

    async def top_up(self, transfer_id: TransferId, account_id: AccountId) -> Entry | None:
        """Return a top-up of this account, and how much of it was taken back; None if it is none."""
        (found,) = await self._database.read((_TOP_UP, (transfer_id, account_id)))
        return Entry(TRANSFERS.decode(found[0][:-1]), found[0][-1] or 0) if found else None

    async def held(self, *, before: ReceiptId | None = None, limit: int) -> list[Wanted]:
        """Return a page of receipts with held money, newest first; `before` is the last receipt of the page before."""
        page = (_HELD_NEWEST, (limit,)) if before is None else (_HELD_OLDER, (limit, before))
        (found,) = await self._database.read(page)
        return [Wanted(RECEIPTS.decode(row[:-1]), row[-1]) for row in found]

    async def claims(self, *, before: ClaimId | None = None, limit: int) -> list[Claim]:
        """Return a page of what providers take back, newest first; `before` is the last claim of the page before."""
        older, params = _older(_CLAIMS_OLDER, limit, before)
        (found,) = await self._database.read(
            (f"{_CLAIMS}{older} ORDER BY created_at DESC, claim_id DESC LIMIT $1", params)
        )
        return [CLAIMS.decode(row) for row in found]

    async def unread_receipts(
        self, *, waiting: bool = False, before: UnreadId | None = None, limit: int
    ) -> list[UnreadReceipt]:
        """Return a page of reports that could not be read, newest first.

        Args:
            waiting: Return only those that nobody has answered yet.
            before: The last report of the page before.
        """
        older, params = _older(_UNREAD_OLDER, limit, before)
        wanted = f"status = '{UnreadStatus.WAITING}'" if waiting else "TRUE"
        (found,) = await self._database.read(
            (f"{_UNREAD} {wanted}{older} ORDER BY created_at DESC, unread_id DESC LIMIT $1", params)
        )
        return [UNREAD_RECEIPTS.decode(row) for row in found]

    async def unread_receipt(self, unread_id: UnreadId) -> UnreadReceipt | None:
        """Return one report that could not be read; None if there is none."""
        (found,) = await self._database.read((f"{_UNREAD} unread_id = $1", (unread_id,)))
        return UNREAD_RECEIPTS.decode(found[0]) if found else None


def _older(condition: str, limit: int, before: str | None) -> tuple[str, list[Param]]:
    return ("", [limit]) if before is None else (condition, [limit, before])
