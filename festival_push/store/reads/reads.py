"""All reads outside the committer: they return domain rows and values, each answer from one snapshot."""

# ruff: noqa: S608  # only names of columns and numbers of parameters are filled in

from typing import Final

import msgspec

from festival_push.domain.money.amounts import Currency
from festival_push.domain.orders.orders import OrderSeen
from festival_push.domain.people.relations import Person
from festival_push.domain.rows import Vendor
from festival_push.domain.topics import own_topics
from festival_push.domain.values import (
    Part,
    Topic,
    UserId,
    VendorId,
    allowance_account,
    till_account,
    user_account,
)
from festival_push.store.currency import kept_currency
from festival_push.store.database import ReplicaState
from festival_push.store.errors import Unavailable
from festival_push.store.reads.announcements import AnnouncementReads
from festival_push.store.reads.deposits.give_backs import GiveBackReads
from festival_push.store.reads.desk.drawers import DrawerReads
from festival_push.store.reads.factors import FactorReads
from festival_push.store.reads.guests.cards import CardReads
from festival_push.store.reads.guests.exporting import ExportReads
from festival_push.store.reads.guests.finding import FindingReads
from festival_push.store.reads.ledger import LedgerReads
from festival_push.store.reads.menus import MenuReads
from festival_push.store.reads.money import MoneyReads
from festival_push.store.reads.notifications import NotificationReads, count_unread
from festival_push.store.reads.office import OfficeReads
from festival_push.store.reads.orders import STALLS, OrderReads, seen_orders
from festival_push.store.reads.overview import OverviewReads
from festival_push.store.reads.payment_requests import PaymentRequestReads
from festival_push.store.reads.people import PERSON, PeopleReads, people_in
from festival_push.store.reads.reports.reports import ReportReads
from festival_push.store.reads.reports.z_reports import ZReportReads
from festival_push.store.reads.rooms import RoomReads, rooms_in, rooms_statement
from festival_push.store.sql import Rows, Statement
from festival_push.store.tables import OPEN, OPEN_ORDER_COLUMNS, ORDERS, VENDORS

FINISHED_MAX: Final = 20
"""How many finished orders a profile shows, besides all the open ones."""
_TRIES_MAX: Final = 3

_HEAD: Final = "SELECT position, epoch FROM log_head"
_BALANCES: Final = "SELECT account_id, balance FROM accounts WHERE account_id {in_1}"
_VENDORS: Final = f"SELECT {VENDORS.columns} FROM vendors WHERE vendor_id {{in_1}}"


class StallSeen(msgspec.Struct, frozen=True):
    """A stall, the part that a person has in it, the balance of its till in minor units, and its orders."""

    vendor: Vendor
    part: Part
    balance: int
    orders: tuple[OrderSeen, ...]  # all open ones and the newest finished ones, newest first


class Profile(msgspec.Struct, frozen=True, kw_only=True):
    """The contents of a person's page at one position of the log; the events after it bring the page up to date."""

    position: int
    epoch: str
    person: Person
    wallet: int  # minor units
    allowance: int = 0  # beside the wallet
    stalls: tuple[StallSeen, ...]  # in the order of `person.stalls`
    ordered: tuple[OrderSeen, ...]  # placed by the person: all open ones and the newest finished ones, newest first
    unread: int  # notifications, up to UNREAD_MAX
    rooms: tuple[Topic, ...] = ()  # topics that the person follows besides their own

    @property
    def stall(self) -> StallSeen | None:
        """Return the stall that requests which name none mean; None for organisers, and whoever keeps none."""
        return None if self.person.vendor_id is None else self.stalls[0]

    @property
    def balance(self) -> int:
        """Return the balance of `person.account_id`, in minor units: the stall's till, or the wallet."""
        return self.wallet if self.stall is None else self.stall.balance

    @property
    def orders(self) -> tuple[OrderSeen, ...]:
        """Return the stall's orders, or the person's own."""
        return self.ordered if self.stall is None else self.stall.orders


class Reads(
    PeopleReads, MenuReads, OrderReads, PaymentRequestReads, MoneyReads, NotificationReads, AnnouncementReads,
    RoomReads, LedgerReads, OverviewReads, FactorReads, OfficeReads, DrawerReads, FindingReads, CardReads,
    GiveBackReads, ReportReads, ZReportReads, ExportReads,
):  # fmt: skip
    """The reads of all nouns, over one database. Every method may raise Unavailable."""

    @property
    def replica(self) -> ReplicaState:
        """Return what is known of the replica for history."""
        return self._database.replica

    async def currency(self) -> Currency | None:
        """Return the currency that the database is in; None before its first start."""
        return await kept_currency(self._database)

    async def profile(self, user_id: UserId) -> Profile | None:
        """Return the contents of a person's page; None for an unknown person.

        Raises Unavailable, also if the person changes at each of `_TRIES_MAX` tries.
        """
        person = await self.person(user_id)
        for _ in range(_TRIES_MAX):
            if person is None:
                return None
            profile = await self._profile_of(person)
            if profile is None or _as_asked(profile.person, person):
                return profile
            person = profile.person  # it changed between the two reads, so the snapshot was read for an outdated one
        raise Unavailable(f"user {user_id} changes faster than it can be read")

    async def _profile_of(self, person: Person) -> Profile | None:
        stalls = list(person.stalls)
        accounts = [
            user_account(person.user_id), allowance_account(person.user_id), *map(till_account, stalls)
        ]  # fmt: skip
        head, found, vendors, balances, unread, rooms, *orders = await self._database.read(
            (_HEAD, ()),
            (PERSON, (person.user_id,)),
            (_VENDORS, (stalls,)),
            (_BALANCES, (accounts,)),
            count_unread(own_topics(person), person.user.read_up_to),
            rooms_statement(person.user_id),
            *_orders_of(person.user_id),
            *(statement for stall in stalls for statement in _orders_at(stall)),
        )
        if not found:
            return None
        held: dict[str, int] = dict(balances)
        known = {vendor.vendor_id: vendor for vendor in map(VENDORS.decode, vendors)}
        ((position, epoch),) = head
        return Profile(
            position=position,
            epoch=epoch,
            person=people_in(found)[0],
            wallet=held.get(accounts[0], 0),
            allowance=held.get(accounts[1], 0),
            stalls=tuple(
                StallSeen(known[stall], part, held.get(till_account(stall), 0), _newest_first(*orders[at : at + 4]))
                for at, (stall, part) in zip(range(4, len(orders), 4), person.stalls.items(), strict=True)
            ),
            ordered=_newest_first(*orders[:4]),
            unread=unread[0][0],
            rooms=rooms_in(rooms),
        )


def _newest_first(listed: Rows, finished: Rows, beside: Rows, stalls: Rows) -> tuple[OrderSeen, ...]:
    seen = seen_orders([*listed, *finished], beside, stalls)
    return tuple(sorted(seen, key=lambda each: each.order.placed, reverse=True))


def _orders_of(user_id: UserId) -> tuple[Statement, ...]:
    """Return four SELECTs for the orders that a person has placed, as `_order_statements` does."""
    theirs = f"IN (SELECT vendor_id FROM orders WHERE user_id = $1 AND {OPEN})"
    return _order_statements("user_id", user_id, theirs)


def _orders_at(vendor_id: VendorId) -> tuple[Statement, ...]:
    """Return four SELECTs for the orders at a stall, as `_order_statements` does."""
    return _order_statements("vendor_id", vendor_id, "= $1")


def _order_statements(column: str, owner: str, stalls: str) -> tuple[Statement, ...]:
    """Return four SELECTs.

    They read the open orders; the newest finished ones; all open orders of the stalls concerned, for the queue
    positions; and those stalls.
    """
    return (
        (f"SELECT {ORDERS.columns} FROM orders WHERE {column} = $1 AND {OPEN}", (owner,)),
        (
            f"""SELECT {ORDERS.columns} FROM orders WHERE {column} = $1 AND status IN ('completed', 'cancelled')
                 ORDER BY placed DESC LIMIT $2""",
            (owner, FINISHED_MAX),
        ),
        (f"SELECT {OPEN_ORDER_COLUMNS} FROM orders WHERE {OPEN} AND vendor_id {stalls} ORDER BY placed", (owner,)),
        (f"{STALLS} {stalls}", (owner,)),
    )


def _as_asked(read: Person, asked: Person) -> bool:
    """Return True if the snapshot's parameters (own topics, stalls, read mark) did not change between the two reads."""
    return (own_topics(read), read.stalls, read.user.read_up_to) == (
        own_topics(asked), asked.stalls, asked.user.read_up_to,
    )  # fmt: skip
