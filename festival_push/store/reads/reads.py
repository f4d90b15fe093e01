"""All reads outside the committer: they return domain rows and values, each answer from one snapshot."""

# ruff: noqa: S608  # only names of columns and numbers of parameters are filled in

from typing import Final

import msgspec

from festival_push.domain.orders.orders import OrderSeen
from festival_push.domain.rows import User, Vendor
from festival_push.domain.topics import own_topics
from festival_push.domain.values import Topic, UserId, user_account
from festival_push.store.errors import Unavailable
from festival_push.store.reads.announcements import AnnouncementReads
from festival_push.store.reads.factors import FactorReads
from festival_push.store.reads.ledger import LedgerReads
from festival_push.store.reads.menus import MenuReads
from festival_push.store.reads.money import MoneyReads
from festival_push.store.reads.notifications import NotificationReads, count_unread
from festival_push.store.reads.orders import STALLS, OrderReads, seen_orders
from festival_push.store.reads.overview import OverviewReads
from festival_push.store.reads.payment_requests import PaymentRequestReads
from festival_push.store.reads.people import USER_BY_ID, PeopleReads
from festival_push.store.reads.rooms import RoomReads, rooms_in, rooms_statement
from festival_push.store.sql import Statement
from festival_push.store.tables import OPEN, OPEN_ORDER_COLUMNS, ORDERS, USERS, VENDORS

FINISHED_MAX: Final = 20
"""How many finished orders a profile shows, besides all the open ones."""
_TRIES_MAX: Final = 3

_HEAD: Final = "SELECT position, epoch FROM log_head"
_BALANCE: Final = "SELECT balance FROM accounts WHERE account_id = $1"
_VENDOR: Final = f"SELECT {VENDORS.columns} FROM vendors WHERE vendor_id = $1"


class Profile(msgspec.Struct, frozen=True, kw_only=True):
    """The contents of a person's page at one position of the log; the events after it bring the page up to date."""

    position: int
    epoch: str
    user: User
    vendor: Vendor | None  # the stall that the person keeps
    balance: int  # minor units in the wallet; for a stall keeper, in the stall's till
    # All open orders and the newest finished ones, newest first; for a stall keeper, the stall's.
    orders: tuple[OrderSeen, ...]
    unread: int  # notifications, up to UNREAD_MAX
    rooms: tuple[Topic, ...] = ()  # topics that the person follows besides their own


class Reads(
    PeopleReads, MenuReads, OrderReads, PaymentRequestReads, MoneyReads, NotificationReads, AnnouncementReads,
    RoomReads, LedgerReads, OverviewReads, FactorReads,
):  # fmt: skip
    """The reads of all nouns, over one database. Every method may raise Unavailable."""

    async def profile(self, user_id: UserId) -> Profile | None:
        """Return the contents of a person's page; None for an unknown person.

        Raises Unavailable, also if the person changes at each of `_TRIES_MAX` tries.
        """
        user = await self.user(user_id)
        for _ in range(_TRIES_MAX):
            if user is None:
                return None
            profile = await self._profile_of(user)
            if profile is None or _as_asked(profile.user, user):
                return profile
            user = profile.user  # it changed between the two reads, so the snapshot was read for an outdated user
        raise Unavailable(f"user {user_id} changes faster than it can be read")

    async def _profile_of(self, user: User) -> Profile | None:
        head, found, vendors, balances, listed, finished, beside, stalls, unread, rooms = await self._database.read(
            (_HEAD, ()),
            (USER_BY_ID, (user.user_id,)),
            (_VENDOR, (user.vendor_id or "",)),
            (_BALANCE, (user_account(user.account_owner),)),
            *_order_statements(user),
            count_unread(own_topics(user), user.read_up_to),
            rooms_statement(user.user_id),
        )
        if not found:
            return None
        orders = seen_orders([*listed, *finished], beside, stalls)
        orders.sort(key=lambda seen: seen.order.placed, reverse=True)
        ((position, epoch),) = head
        return Profile(
            position=position,
            epoch=epoch,
            user=USERS.decode(found[0]),
            vendor=VENDORS.decode(vendors[0]) if vendors else None,
            balance=balances[0][0] if balances else 0,
            orders=tuple(orders),
            unread=unread[0][0],
            rooms=rooms_in(rooms),
        )


def _order_statements(user: User) -> tuple[Statement, Statement, Statement, Statement]:
    """Return four SELECTs for a person or their stall.

    They read the open orders; the newest finished ones; all open orders of the stalls concerned, for the queue
    positions; and those stalls.
    """
    column, owner = ("user_id", user.user_id) if user.vendor_id is None else ("vendor_id", user.vendor_id)
    theirs = "= $1" if user.vendor_id else f"IN (SELECT vendor_id FROM orders WHERE user_id = $1 AND {OPEN})"
    return (
        (f"SELECT {ORDERS.columns} FROM orders WHERE {column} = $1 AND {OPEN}", (owner,)),
        (
            f"""SELECT {ORDERS.columns} FROM orders WHERE {column} = $1 AND status IN ('completed', 'cancelled')
                 ORDER BY placed DESC LIMIT $2""",
            (owner, FINISHED_MAX),
        ),
        (f"SELECT {OPEN_ORDER_COLUMNS} FROM orders WHERE {OPEN} AND vendor_id {theirs} ORDER BY placed", (owner,)),
        (f"{STALLS} {theirs}", (owner,)),
    )


def _as_asked(read: User, asked: User) -> bool:
    """Return True if the snapshot's parameters (own topics, vendor, read mark) did not change between the two reads."""
    return (own_topics(read), read.vendor_id, read.read_up_to) == (own_topics(asked), asked.vendor_id, asked.read_up_to)
