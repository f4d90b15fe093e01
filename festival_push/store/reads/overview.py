"""Reads of the festival's totals, for the organiser."""

from typing import Final

import msgspec

from festival_push.domain.values import (
    CREW,
    DEPOSITS,
    DIFFERENCES,
    DONATIONS,
    FEES,
    HELD,
    PAYOUTS,
    SAFE,
    AccountId,
    OrderStatus,
    Role,
    drawer_of,
    is_losses,
    is_source,
)
from festival_push.store.checks import Upkeep, read_upkeep
from festival_push.store.database import Database
from festival_push.store.sql import Statement

# Accounts of people and stalls; `;` is the character after `:`.
_OWNED: Final = "((account_id >= 'user:' AND account_id < 'user;') OR (account_id >= 'till:' AND account_id < 'till;'))"
_ALLOWANCE: Final = "(account_id >= 'allowance:' AND account_id < 'allowance;')"
_STATEMENTS: Final[tuple[Statement, ...]] = (
    ("SELECT position FROM log_head", ()),
    (
        """
        SELECT CASE WHEN admin = 1 THEN 'admin'
                    WHEN EXISTS (SELECT 1 FROM keepers WHERE keepers.user_id = users.user_id) THEN 'vendor'
                    ELSE 'customer' END, suspended, COUNT(*)
          FROM users GROUP BY 1, suspended
        """,
        (),
    ),
    (
        """
        SELECT COUNT(*), COUNT(CASE WHEN open = 1 THEN 1 END), COUNT(CASE WHEN open = 1 AND attended = 0 THEN 1 END)
          FROM vendors
        """,
        (),
    ),
    ("SELECT status, COUNT(*) FROM orders GROUP BY status", ()),
    (f"SELECT account_id, balance FROM accounts WHERE NOT ({_OWNED} OR {_ALLOWANCE})", ()),  # noqa: S608  # our own words
    (f"SELECT CAST(COALESCE(SUM(balance), 0) AS BIGINT) FROM accounts WHERE {_OWNED}", ()),  # noqa: S608
    (f"SELECT CAST(COALESCE(SUM(balance), 0) AS BIGINT) FROM accounts WHERE {_ALLOWANCE}", ()),  # noqa: S608
    ("SELECT COUNT(*) FROM payouts WHERE status = 'requested'", ()),
    ("SELECT CAST(COALESCE(SUM(amount - reversed), 0) AS BIGINT) FROM payouts WHERE drawer_id IS NOT NULL", ()),
)


class Overview(msgspec.Struct, frozen=True, kw_only=True):
    """Counts, and amounts in minor units, at one position of the log.

    came_in + losses + crew = wallets + held + fees + paid_out + deposits + allowances + donations.
    """

    position: int
    users: dict[Role, int]  # each person under the most that they are
    suspended: int
    vendors: int
    vendors_open: int
    vendors_unattended: int  # of the open ones: without a keeper who is not suspended
    orders: dict[OrderStatus, int]
    came_in: int
    wallets: int  # balances of people's wallets and stalls' tills
    held: int
    fees: int
    paid_out: int  # asked for or paid, in cash too
    payouts_requested: int
    losses: int  # taken back of what was spent already
    in_drawers: int  # cash
    in_safe: int  # cash that drawers gave, less what they got
    differences: int  # cash that was over at closings, less what was short
    crew: int  # granted as allowances, less what was taken back
    allowances: int  # of that not used yet
    deposits: int  # taken and not given back
    donations: int  # of guests, less what was taken back


class OverviewReads:
    """Reads of totals over all tables, for the organiser and for monitoring. Every method may raise Unavailable."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def held_total(self) -> int:
        """Return how much money waits to be assigned, in minor units."""
        [rows] = await self._database.read(("SELECT balance FROM accounts WHERE account_id = $1", (HELD,)))
        return int(rows[0][0]) if rows else 0

    async def upkeep(self) -> Upkeep | None:
        """Return what PostgreSQL keeps about its size, backups and audits; None with SQLite."""
        return await read_upkeep(self._database)

    async def overview(self) -> Overview:
        """Return all counts and amounts, from one snapshot."""
        found = await self._database.past.read(*_STATEMENTS)
        head, people, vendors, orders, accounts, wallets, allowances, requested, at_desk = found
        users, statuses = dict.fromkeys(Role, 0), dict.fromkeys(OrderStatus, 0)
        for role, _, count in people:
            users[Role(role)] += count
        for status, count in orders:
            statuses[OrderStatus(status)] += count
        balances: dict[AccountId, int] = {name: balance for name, balance in accounts}
        in_drawers = -sum(balance for name, balance in balances.items() if drawer_of(name) is not None)
        in_safe, differences = -balances.get(SAFE, 0), balances.get(DIFFERENCES, 0)
        paid_in_cash = int(at_desk[0][0])
        by_others = -sum(balance for name, balance in balances.items() if is_source(name))
        return Overview(
            position=head[0][0],
            users=users,
            suspended=sum(count for _, suspended, count in people if suspended),
            vendors=vendors[0][0],
            vendors_open=vendors[0][1],
            vendors_unattended=vendors[0][2],
            orders=statuses,
            came_in=by_others + in_drawers + in_safe - differences + paid_in_cash,
            losses=-sum(balance for name, balance in balances.items() if is_losses(name)),
            crew=-balances.get(CREW, 0),
            allowances=allowances[0][0],
            deposits=balances.get(DEPOSITS, 0),
            donations=balances.get(DONATIONS, 0),
            wallets=wallets[0][0],
            held=balances.get(HELD, 0),
            fees=balances.get(FEES, 0),
            paid_out=balances.get(PAYOUTS, 0) + paid_in_cash,
            payouts_requested=requested[0][0],
            in_drawers=in_drawers,
            in_safe=in_safe,
            differences=differences,
        )
