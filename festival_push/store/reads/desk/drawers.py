"""Reads of drawers: lists, one drawer with its sums, and its bookings."""

# ruff: noqa: S608  # only names of columns and numbers of parameters are filled in

from collections import Counter
from typing import Final, NamedTuple

import msgspec

from festival_push.domain.desk.drawers import closing_transfer, difference_transfer, float_transfer
from festival_push.domain.desk.rows import Drawer
from festival_push.domain.rows import Transfer
from festival_push.domain.values import (
    DrawerId,
    TransferKind,
    UserId,
    desk_method_of,
    drawer_account,
    user_actor,
    wallet_owner,
)
from festival_push.store.database import Database
from festival_push.store.reads.orders import NEWEST
from festival_push.store.sql import Param, Rows
from festival_push.store.tables import DRAWERS, TRANSFERS

_NAME: Final = "(SELECT u.name FROM users AS u WHERE u.user_id = drawers.cashier_id)"
_LISTED: Final = f"SELECT {DRAWERS.columns}, {_NAME} FROM drawers WHERE TRUE"
_LAST: Final = "SELECT opened_at, drawer_id FROM drawers WHERE drawer_id ="
_ONE: Final = f"SELECT {DRAWERS.columns}, {_NAME} FROM drawers WHERE drawer_id = $1"
# What moved its cash, by kind, way, and whether it took something back; not what opened and closed it.
_SUMS: Final = """
    SELECT kind, 1, CASE WHEN reverses IS NULL THEN 0 ELSE 1 END, COUNT(*), CAST(SUM(amount) AS BIGINT)
      FROM transfers WHERE debit = $1 AND NOT (transfer_id {in_2}) GROUP BY 1, 2, 3
    UNION ALL
    SELECT kind, 0, CASE WHEN reverses IS NULL THEN 0 ELSE 1 END, COUNT(*), CAST(SUM(amount) AS BIGINT)
      FROM transfers WHERE credit = $1 AND NOT (transfer_id {in_2}) GROUP BY 1, 2, 3
"""
_BALANCE: Final = "SELECT balance FROM accounts WHERE account_id = $1"
# What its cashier took by other methods meanwhile, and what was taken back of that. The first words are of the index.
_BESIDE: Final = """
    SELECT debit, CAST(SUM(amount) AS BIGINT), CAST(SUM(back) AS BIGINT) FROM (
        SELECT t.debit, t.amount,
               COALESCE((SELECT SUM(r.amount) FROM transfers AS r WHERE r.reverses = t.transfer_id), 0) AS back
          FROM transfers AS t
         WHERE t.debit >= 'desk:' AND t.debit < 'desk;' AND t.actor = $1 AND t.seq > $2 AND t.seq <= $3
           AND t.kind = 'top-up') AS taken
     GROUP BY debit ORDER BY debit
"""
# Two bounded index ranges, merged, as an account's transactions are read.
_BOOKINGS: Final = f"""
    SELECT page.*, CAST(COALESCE(
               (SELECT SUM(r.amount) FROM transfers AS r WHERE r.reverses = page.transfer_id), 0) AS BIGINT), u.name
      FROM (SELECT * FROM (
                SELECT * FROM (SELECT {TRANSFERS.columns} FROM transfers WHERE debit = $1 AND seq < $2
                                ORDER BY seq DESC LIMIT $3) AS given
                UNION ALL
                SELECT * FROM (SELECT {TRANSFERS.columns} FROM transfers WHERE credit = $1 AND seq < $2
                                ORDER BY seq DESC LIMIT $3) AS received
            ) AS both_sides ORDER BY seq DESC LIMIT $3) AS page
      LEFT JOIN users AS u
        ON u.user_id = CASE WHEN page.debit >= 'user:' AND page.debit < 'user;' THEN substr(page.debit, 6)
                            WHEN page.credit >= 'user:' AND page.credit < 'user;' THEN substr(page.credit, 6) END
     ORDER BY seq DESC
"""


class DrawerSeen(NamedTuple):
    """A drawer, and its cashier's name."""

    drawer: Drawer
    cashier: str


class DrawerSums(msgspec.Struct, frozen=True, kw_only=True):
    """What went through a drawer, in minor units: float + top_ups − payouts + moved_in − moved_out = expected."""

    top_ups: int  # less what was given back of them
    payouts: int  # less what came back of them
    moved_in: int  # from the safe, without the float
    moved_out: int
    expected: int  # cash that should be in it, or that should have been when it was counted
    bookings: int  # of guests' money, with those that took others back
    other_methods: dict[str, int]  # what its cashier took meanwhile by other methods, less what was given back


class Booking(NamedTuple):
    """A transfer of a drawer's cash, how much of it was taken back, and the guest whose wallet it concerned."""

    transfer: Transfer
    reversed: int
    guest_id: UserId | None
    guest: str | None


class DrawerReads:
    """Reads of drawers. Every method may raise Unavailable."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def drawers(
        self,
        *,
        is_open: bool | None = None,
        cashier_id: UserId | None = None,
        before: DrawerId | None = None,
        limit: int,
    ) -> list[DrawerSeen]:
        """Return a page of drawers, newest first.

        Args:
            is_open: None: open ones and closed ones.
            cashier_id: Whose; None: everybody's.
            before: The last drawer of the page before.
        """
        params: list[Param] = [limit]
        sql = _LISTED
        if is_open is not None:
            sql += " AND closed_at IS NULL" if is_open else " AND closed_at IS NOT NULL"
        if cashier_id is not None:
            params.append(cashier_id)
            sql += f" AND cashier_id = ${len(params)}"
        if before is not None:
            params.append(before)
            sql += f" AND (opened_at, drawer_id) < ({_LAST} ${len(params)})"
        (found,) = await self._database.read((f"{sql} ORDER BY opened_at DESC, drawer_id DESC LIMIT $1", params))
        return [_seen(row) for row in found]

    async def drawer(self, drawer_id: DrawerId) -> DrawerSeen | None:
        """Return a drawer; None if there is none of this id."""
        (found,) = await self._database.read((_ONE, (drawer_id,)))
        return _seen(found[0]) if found else None

    async def drawer_sums(self, drawer_id: DrawerId) -> tuple[DrawerSeen, DrawerSums] | None:
        """Return a drawer with its sums; None if there is none of this id."""
        seen = await self.drawer(drawer_id)
        if seen is None:
            return None
        drawer, account = seen.drawer, drawer_account(drawer_id)
        framing = [float_transfer(drawer_id), difference_transfer(drawer_id), closing_transfer(drawer_id)]
        until = NEWEST if drawer.closed_after is None else drawer.closed_after
        found, moved, balance, beside = await self._database.read(
            (_ONE, (drawer_id,)),
            (_SUMS, (account, framing)),
            (_BALANCE, (account,)),
            (_BESIDE, (user_actor(drawer.cashier_id), drawer.opened_after, until)),
        )
        seen = _seen(found[0])
        return seen, _sums(seen.drawer, moved, balance, beside)

    async def bookings(self, drawer_id: DrawerId, *, before: int | None = None, limit: int) -> list[Booking]:
        """Return a page of a drawer's transfers, newest first; `before` is the last `seq` of the page before."""
        params = (drawer_account(drawer_id), NEWEST if before is None else before, limit)
        (found,) = await self._database.past.read((_BOOKINGS, params))
        return [_booking(TRANSFERS.decode(row[:-2]), *row[-2:]) for row in found]


def _seen(row: tuple[object, ...]) -> DrawerSeen:
    return DrawerSeen(DRAWERS.decode(row[:-1]), str(row[-1]))


def _sums(drawer: Drawer, moved: Rows, balance: Rows, beside: Rows) -> DrawerSums:
    net, bookings = Counter[TransferKind](), 0
    cash = {True: 0, False: 0}
    for kind, came_in, takes_back, count, amount in moved:
        # A top-up that was given back is an adjustment; a payout that came back is a payout.
        booked = TransferKind.TOP_UP if kind == TransferKind.ADJUSTMENT and takes_back else TransferKind(kind)
        net[booked] += amount if came_in else -amount
        if booked is TransferKind.CASH:
            cash[bool(came_in)] += amount
        else:
            bookings += count
    if drawer.counted is None or drawer.difference is None:
        expected = -balance[0][0] if balance else 0
    else:
        expected = drawer.counted - drawer.difference
    return DrawerSums(
        top_ups=net[TransferKind.TOP_UP],
        payouts=-net[TransferKind.PAYOUT],
        moved_in=cash[True],
        moved_out=cash[False],
        expected=expected,
        bookings=bookings,
        other_methods={
            method: taken - back
            for account, taken, back in beside
            if (method := desk_method_of(account)) is not None and taken - back
        },
    )


def _booking(transfer: Transfer, taken_back: int, guest: str | None) -> Booking:
    return Booking(transfer, taken_back, wallet_owner(transfer.debit) or wallet_owner(transfer.credit), guest)
