"""The guest's card: all that the desk is shown of one person, read at one moment; and the history of their wallet."""

# ruff: noqa: S608  # only names of columns and numbers of parameters are filled in

from typing import Final, NamedTuple

import msgspec

from festival_push.domain.orders.rows import Order
from festival_push.domain.people.relations import Person
from festival_push.domain.rows import Payout, Transfer
from festival_push.domain.signing_in.rows import Session
from festival_push.domain.signing_in.sessions import SESSIONS_MAX
from festival_push.domain.values import UserId, VendorId, allowance_account, user_account
from festival_push.store.database import Database
from festival_push.store.reads.ledger import TAKEN_BACK
from festival_push.store.reads.money import TRANSACTIONS
from festival_push.store.reads.orders import NEWEST
from festival_push.store.reads.people import PERSON, SESSIONS_OF, people_in
from festival_push.store.tables import OPEN, ORDERS, PAYOUT_ROWS, SESSIONS, TRANSFERS

NEWEST_MAX: Final = 20
"""How many of the newest orders a card shows, besides the open ones, and how many payouts."""
_OPEN_MAX: Final = 100

_BALANCES: Final = "SELECT account_id, balance FROM accounts WHERE account_id {in_1}"
_OPEN_ORDERS: Final = f"""
    SELECT {ORDERS.columns} FROM orders WHERE user_id = $1 AND {OPEN} ORDER BY placed DESC LIMIT {_OPEN_MAX}
"""
_NEWEST_ORDERS: Final = f"""
    SELECT {ORDERS.columns} FROM orders WHERE user_id = $1 ORDER BY placed DESC LIMIT {NEWEST_MAX}
"""
_PAYOUTS: Final = f"""
    SELECT {PAYOUT_ROWS.columns} FROM payouts WHERE account_id = $1 ORDER BY seq DESC LIMIT {NEWEST_MAX}
"""
_STALLS: Final = """
    SELECT vendor_id, name FROM vendors WHERE vendor_id IN (SELECT vendor_id FROM keepers WHERE user_id = $1)
"""
_HISTORY: Final = f"""
    SELECT {TRANSFERS.columns}, {TAKEN_BACK},
           (SELECT o.vendor_name FROM orders AS o WHERE o.order_id = page.order_id),
           (SELECT u.name FROM users AS u WHERE page.actor LIKE 'user:%' AND u.user_id = substr(page.actor, 6))
      FROM ({TRANSACTIONS}) AS page ORDER BY seq DESC
"""


class GuestSeen(msgspec.Struct, frozen=True, kw_only=True):
    """A guest's card."""

    person: Person
    stalls: dict[VendorId, str]  # names of those that they keep
    balance: int  # of the wallet, in minor units
    allowance: int  # beside it
    orders: tuple[Order, ...]  # all open ones and the newest, newest first
    sessions: tuple[Session, ...]  # the last used first; some may have expired
    payouts: tuple[Payout, ...]  # of the wallet, the newest first


class HistoryEntry(NamedTuple):
    """A transfer of somebody's wallet."""

    transfer: Transfer
    reversed: int  # how much of it was taken back
    vendor_name: str | None  # of the stall whose order it is of
    actor_name: str | None  # of the person who moved it


class CardReads:
    """Reads of guests' cards. Every method may raise Unavailable."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def guest(self, user_id: UserId) -> GuestSeen | None:
        """Return somebody's card; None if the id is unknown."""
        account, beside = user_account(user_id), allowance_account(user_id)
        people, stalls, balances, open_orders, newest, sessions, payouts = await self._database.read(
            (PERSON, (user_id,)),
            (_STALLS, (user_id,)),
            (_BALANCES, ([account, beside],)),
            (_OPEN_ORDERS, (user_id,)),
            (_NEWEST_ORDERS, (user_id,)),
            (SESSIONS_OF, (user_id, 2 * SESSIONS_MAX)),
            (_PAYOUTS, (account,)),
        )
        if not people:
            return None
        held: dict[str, int] = dict(balances)
        orders = {order.order_id: order for order in map(ORDERS.decode, (*open_orders, *newest))}
        return GuestSeen(
            person=people_in(people)[0],
            stalls=dict(stalls),
            balance=held.get(account, 0),
            allowance=held.get(beside, 0),
            orders=tuple(sorted(orders.values(), key=lambda order: order.placed, reverse=True)),
            sessions=tuple(map(SESSIONS.decode, sessions)),
            payouts=tuple(map(PAYOUT_ROWS.decode, payouts)),
        )

    async def history(self, user_id: UserId, *, before: int | None = None, limit: int) -> list[HistoryEntry]:
        """Return a page of a wallet's transfers, newest first; `before` is the last `seq` of the page before."""
        params = (user_account(user_id), NEWEST if before is None else before, limit)
        (found,) = await self._database.past.read((_HISTORY, params))
        return [HistoryEntry(TRANSFERS.decode(row[:-3]), row[-3] or 0, row[-2], row[-1]) for row in found]
