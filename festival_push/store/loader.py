"""From the needs of a batch to its book: one SELECT for each kind of row, all of them in one go."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from itertools import groupby
from typing import Any, Final

from festival_push.domain.book import Book, Needs
from festival_push.domain.queues import OpenOrders
from festival_push.domain.rows import Account, KeptAnswer
from festival_push.domain.topics import order_of, own_topics
from festival_push.domain.values import FEES, HELD, PAYOUTS, Rules, UserId, VendorId, user_account
from festival_push.store.database import Rows, Statement, Writer
from festival_push.store.reads_notices import UNREAD_MAX, newest_notices
from festival_push.store.reads_orders import NEWEST
from festival_push.store.tables import (
    ACCOUNTS,
    DISPLAYS,
    KEPT_ANSWERS,
    MENU_ITEMS,
    OPEN,
    OPEN_ORDER_COLUMNS,
    ORDERS,
    PAYMENT_REQUESTS,
    PAYOUT_ROWS,
    RECEIPTS,
    ROOMS,
    SPENT_TOKENS,
    USERS,
    VENDOR_CODES,
    VENDORS,
    Table,
    open_order_of,
)

Kept = dict[tuple[str, str], KeptAnswer]
"""Kept answers by scope and key."""
_Wants = Mapping[str, Sequence[str]]
"""Ids by what they name: a field of Needs, `accounts`, `queues` (the stalls whose open orders are wanted), or
`finished` (the orders of which it is asked whether they are)."""

_HEAD: Final[Statement] = ("SELECT position, transfer_seq FROM log_head WHERE id = 1", ())
# Every account that no person owns; there are a handful. `;` is the character after `:`.
_SYSTEM_ACCOUNTS: Final[Statement] = (
    f"""
    SELECT {ACCOUNTS.columns} FROM accounts WHERE account_id {{in_1}}
    UNION ALL SELECT {ACCOUNTS.columns} FROM accounts WHERE account_id >= 'funds:' AND account_id < 'funds;'
    """,  # noqa: S608  # names from our own code, as below
    ([HELD, FEES, PAYOUTS],),
)
_KEPT: Final = f"SELECT {KEPT_ANSWERS.columns} FROM kept_answers WHERE scope || ' ' || key {{in_1}}"  # noqa: S608
_OPEN_ORDERS: Final = (
    f"SELECT {OPEN_ORDER_COLUMNS} FROM orders WHERE {OPEN} AND vendor_id {{in_1}} ORDER BY vendor_id, placed"  # noqa: S608
)

_FINISHED: Final = f"SELECT order_id FROM orders WHERE order_id {{in_1}} AND NOT ({OPEN})"  # noqa: S608


def _by(table: Table[Any], column: str) -> str:
    return f"SELECT {table.columns} FROM {table.name} WHERE {column} {{in_1}}"  # noqa: S608


def _put(table: Table[Any], place: str) -> Callable[[Book, Rows], None]:
    """Decode into the book's dict `place`; the key is every table's first column."""

    def put(book: Book, rows: Rows) -> None:
        getattr(book, place).update((row[0], table.decode(row)) for row in rows)

    return put


def _put_accounts(book: Book, rows: Rows) -> None:
    for account_id, balance, overdraft in rows:
        book.accounts[account_id] = Account(account_id=account_id, balance=balance, overdraft=bool(overdraft))


def _put_finished(book: Book, rows: Rows) -> None:
    book.finished.update(order_id for (order_id,) in rows)


def _put_open_orders(book: Book, rows: Rows) -> None:
    for vendor_id, orders in groupby(map(open_order_of, rows), key=lambda order: order.vendor_id):
        book.open_orders[vendor_id] = OpenOrders(orders)


_KINDS: Final[dict[str, Sequence[tuple[str, Callable[[Book, Rows], None]]]]] = {
    "users": [(_by(USERS, "user_id"), _put(USERS, "users"))],
    "roles": [(_by(USERS, "role"), _put(USERS, "users"))],
    "top_up_codes": [(_by(USERS, "top_up_code"), _put(USERS, "users"))],
    "vendors": [(_by(VENDORS, "vendor_id"), _put(VENDORS, "vendors"))],
    "queues": [(_OPEN_ORDERS, _put_open_orders)],
    "items": [(_by(MENU_ITEMS, "item_id"), _put(MENU_ITEMS, "items"))],
    "orders": [(_by(ORDERS, "order_id"), _put(ORDERS, "orders"))],
    "receipts": [(_by(RECEIPTS, "receipt_id"), _put(RECEIPTS, "receipts"))],
    "vendor_codes": [(_by(VENDOR_CODES, "code_hash"), _put(VENDOR_CODES, "vendor_codes"))],
    "displays": [(_by(DISPLAYS, "display_id"), _put(DISPLAYS, "displays"))],
    "tokens": [(_by(SPENT_TOKENS, "jti"), _put(SPENT_TOKENS, "tokens"))],
    "payouts": [(_by(PAYOUT_ROWS, "payout_id"), _put(PAYOUT_ROWS, "payouts"))],
    "payment_requests": [(_by(PAYMENT_REQUESTS, "request_id"), _put(PAYMENT_REQUESTS, "payment_requests"))],
    "rooms": [(_by(ROOMS, "user_id"), _put(ROOMS, "rooms"))],
    "readers": [(_by(USERS, "user_id"), _put(USERS, "users"))],
    "accounts": [(_by(ACCOUNTS, "account_id"), _put_accounts)],
    "finished": [(_FINISHED, _put_finished)],
}


class Queues:
    """The stalls' open orders, carried from batch to batch: in a rush they are most of what a batch would read.

    Every change of an order tells an event. So they still hold when the log stands where the last batch left it; when
    another process has written meanwhile, or a batch came to nothing, they are read anew. So they are over a new
    connection: it may lead to another server, whose log has come to the same position by another way.
    """

    def __init__(self) -> None:
        self._left: tuple[int, int] | None = None  # position and connection of the last batch
        self._connection = 0
        self._by_vendor: dict[VendorId, OpenOrders] = {}

    def __contains__(self, vendor_id: VendorId) -> bool:
        return vendor_id in self._by_vendor

    def arrive(self, position: int, *, connection: int) -> None:
        """A transaction has begun at this position of the log; until `leave` nothing here can be relied on later."""
        if (position, connection) != self._left:
            self._by_vendor.clear()
        self._left, self._connection = None, connection

    def join(self, book: Book) -> None:
        """Give the book the open orders of its stalls; it changes them in place."""
        for vendor_id in book.vendors:
            self._by_vendor[vendor_id] = book.open_orders.get(vendor_id) or self._by_vendor.get(vendor_id, OpenOrders())
            book.open_orders[vendor_id] = self._by_vendor[vendor_id]

    def leave(self, position: int) -> None:
        """The transaction was committed, and the log stands here."""
        self._left = position, self._connection


async def load_book(
    writer: Writer, rules: Rules, needs: Needs, once: Iterable[tuple[str, str]], queues: Queues
) -> tuple[Book, Kept]:
    """Begin the transaction and read what a batch needs.

    Most batches take one group of SELECTs. What an order, a payment request, a room or a top-up code leads to takes a
    second one, and the stall of someone who ordered at another stall a third.
    """
    wants: dict[str, Sequence[str]] = {name: getattr(needs, name) for name in Needs.__struct_fields__}
    owners: set[UserId | VendorId] = {*needs.users, *needs.vendors}
    wants["accounts"] = [user_account(owner) for owner in owners]
    wants["finished"] = []  # which ones is known with the rooms
    wants["queues"] = [vendor_id for vendor_id in needs.vendors if vendor_id not in queues]
    once_ids = [f"{scope} {key}" for scope, key in once]
    kept_select: list[Statement] = [(_KEPT, (once_ids,))] if once_ids else []
    found = await writer.begin(_HEAD, _SYSTEM_ACCOUNTS, *kept_select, *_selects(wants))
    [(position, transfer_seq)] = found[0]
    book = Book(rules, position=position, transfer_seq=transfer_seq)
    queues.arrive(position, connection=writer.connections)
    _put_accounts(book, found[1])
    answers = map(KEPT_ANSWERS.decode, found[2]) if once_ids else ()
    kept = {(answer.scope, answer.key): answer for answer in answers}
    _fill(book, wants, found[2 + len(kept_select) :])
    asked = {name: set(ids) for name, ids in wants.items()}
    while wants := _led_to(book, asked, queues):
        _fill(book, wants, await writer.select(*_selects(wants)))
        for name, ids in wants.items():
            asked[name].update(ids)
    queues.join(book)
    await _load_unread(writer, book, needs.readers)
    return book, kept


async def _load_unread(writer: Writer, book: Book, readers: Sequence[UserId]) -> None:
    """A statement each: which topics are a person's is known only now. They are few: it is one command of a page."""
    book.unread = {user_id: [] for user_id in readers}
    users = [book.users[user_id] for user_id in readers if user_id in book.users]
    if not users:
        return
    found = await writer.select(
        *(newest_notices(own_topics(user), after=user.read_up_to, before=NEWEST, limit=UNREAD_MAX) for user in users)
    )
    for user, rows in zip(users, found, strict=True):
        book.unread[user.user_id] = [position for (position,) in reversed(rows)]


def _selects(wants: _Wants) -> list[Statement]:
    return [(sql, (list(ids),)) for name, ids in wants.items() if ids for sql, _ in _KINDS[name]]


def _fill(book: Book, wants: _Wants, found: Sequence[Rows]) -> None:
    fills = [fill for name, ids in wants.items() if ids for _, fill in _KINDS[name]]
    for fill, rows in zip(fills, found, strict=True):
        fill(book, rows)


def _led_to(book: Book, asked: Mapping[str, set[str]], queues: Queues) -> dict[str, Sequence[str]]:
    """What the loaded rows bring with them and nobody has asked for yet; empty when the book is whole."""
    users: set[UserId] = {order.user_id for order in book.orders.values()}
    vendors: set[VendorId] = {order.vendor_id for order in book.orders.values()}
    vendors.update(request.vendor_id for request in book.payment_requests.values())
    vendors.update(user.vendor_id for user in book.users.values() if user.vendor_id is not None)
    owners: set[UserId | VendorId] = {*users, *vendors, *book.users}
    owners.update(payout.owner_id for payout in book.payouts.values())
    lines = (line for request in book.payment_requests.values() for line in request.lines)
    items = {line.item_id for line in lines if line.item_id is not None}
    topics = (topic for rooms in book.rooms.values() for topic in rooms.topics)
    followed = {order_id for order_id in map(order_of, topics) if order_id is not None}
    wants: dict[str, Sequence[str]] = {
        "finished": sorted(followed - asked["finished"]),
        "users": sorted(users - asked["users"] - book.users.keys()),
        "vendors": sorted(vendors - asked["vendors"]),
        "items": sorted(items - asked["items"]),
        "queues": sorted(each for each in (vendors | book.vendors.keys()) - asked["queues"] if each not in queues),
        "accounts": sorted({user_account(owner) for owner in owners} - asked["accounts"]),
    }
    return {name: ids for name, ids in wants.items() if ids}
