"""Load the book of a batch from its needs: one SELECT for each kind of row, all in one round trip."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from itertools import groupby
from typing import Any, Final, NamedTuple

import msgspec

from festival_push.domain.book import Book
from festival_push.domain.deposits.rows import GiveBackOffer
from festival_push.domain.desk.rows import Drawer
from festival_push.domain.money.rows import Claim
from festival_push.domain.needs import first_needs, next_needs
from festival_push.domain.open_orders import OpenOrders
from festival_push.domain.orders.rows import Order, PaymentRequest
from festival_push.domain.payouts.rows import RUN_PAYOUTS_MAX
from festival_push.domain.people.codes import CODE_KEY_SQL
from festival_push.domain.row_kinds import Needs
from festival_push.domain.rows import KINDS, Account, Payout, User
from festival_push.domain.signing_in.rows import Factor, Session
from festival_push.domain.stall_rows import Display, Pairing, VendorName
from festival_push.domain.values import (
    CREW,
    DEPOSITS,
    DIFFERENCES,
    DONATIONS,
    FEES,
    HELD,
    LOSSES,
    PAYOUTS,
    SAFE,
    Instant,
    Rules,
    account_kind,
)
from festival_push.store.database import Writer
from festival_push.store.errors import Unavailable
from festival_push.store.sql import Rows, Statement
from festival_push.store.tables import (
    ACCOUNTS,
    AWAITS_RUN,
    KEEPERS,
    NOT_ENDED,
    OPEN,
    OPEN_ORDER_COLUMNS,
    PRESENT,
    TABLES,
    TRANSFERS,
    UNTYPED,
    open_order_of,
)
from festival_push.store.writing.answers import KEPT_ANSWERS, KeptAnswer
from festival_push.store.writing.loaded_last import load_reserves, load_unread
from festival_push.store.writing.open_orders_cache import LogState, OpenOrdersCache

Kept = dict[tuple[str, str], KeptAnswer]
"""Kept answers by scope and key."""
_HEAD: Final[Statement] = (
    """
    SELECT position, trimmed_to, epoch, transfer_seq, deed_seq, deed_hash, written_on, clock, currency, currency_digits
      FROM log_head WHERE id = 1
    """,
    (),
)
# All system accounts but drawers', which their rows bring; they are a handful. `;` is the character after `:`.
_SYSTEM_ACCOUNTS: Final[Statement] = (
    f"""
    SELECT {ACCOUNTS.columns} FROM accounts WHERE account_id {{in_1}}
    UNION ALL SELECT {ACCOUNTS.columns} FROM accounts WHERE account_id >= 'desk:' AND account_id < 'desk;'
    UNION ALL SELECT {ACCOUNTS.columns} FROM accounts WHERE account_id >= 'losses:' AND account_id < 'losses;'
    UNION ALL SELECT {ACCOUNTS.columns} FROM accounts WHERE account_id >= 'provider:' AND account_id < 'provider;'
    """,  # noqa: S608  # names from our own code, as below
    ([HELD, FEES, PAYOUTS, LOSSES, SAFE, DIFFERENCES, DEPOSITS, CREW, DONATIONS],),
)
_KEPT: Final = f"SELECT {KEPT_ANSWERS.columns} FROM kept_answers WHERE scope || ' ' || key {{in_1}}"  # noqa: S608
_OPEN_ORDERS: Final = (
    f"SELECT {OPEN_ORDER_COLUMNS} FROM orders WHERE {OPEN} AND vendor_id {{in_1}} ORDER BY vendor_id, placed"  # noqa: S608
)

_REVERSED: Final = "SELECT reverses, CAST(SUM(amount) AS BIGINT) FROM transfers WHERE reverses {in_1} GROUP BY reverses"
_WAITING_PAYOUTS: Final = f"""
    SELECT {TABLES[Payout].columns}, COUNT(*) OVER (PARTITION BY account_id < 'u') FROM payouts
     WHERE {AWAITS_RUN} AND CASE WHEN account_id < 'u' THEN 'till' ELSE 'wallet' END {{in_1}}
       AND NOT EXISTS (SELECT 1 FROM users AS u WHERE u.user_id = payouts.user_id
                          AND (u.suspended = 1 OR (u.frozen = 1 AND payouts.account_id >= 'u')))
     ORDER BY seq LIMIT {RUN_PAYOUTS_MAX}
"""  # noqa: S608  # the account of a till begins with `till:`, of a wallet with `user:`
# Whose wallet is frozen, or who is suspended, may have been robbed or be a fraud: somebody has to look at theirs.


_FINISHED: Final = f"SELECT order_id FROM orders WHERE order_id {{in_1}} AND NOT ({OPEN})"  # noqa: S608

_COUNTS: Final = {
    "menu_sizes": ("menu_items", "vendor_id", "deleted = 0"),
    "display_counts": ("displays", "vendor_id", "revoked = 0"),
    "payout_counts": ("payouts", "user_id", "status = 'requested'"),
    "order_counts": ("orders", "user_id", OPEN),
}
"""Table, column and condition of what is counted, by the fields of `Needs`; `domain.book.COUNTED` says the same."""


_BEFORE_ALL: Final = Instant(0)


class _Load(NamedTuple):
    """The SELECT for the ids of one field of `Needs`, and the function that puts its rows into the book."""

    select: str
    put: Callable[[Book, Rows], None]


def _rows_by(kind: type[msgspec.Struct], column: str) -> _Load:
    table, name = TABLES[kind], KINDS[kind].name
    select = f"SELECT {table.columns} FROM {table.name} WHERE {column} {{in_1}}"  # noqa: S608

    def put(book: Book, rows: Rows) -> None:
        getattr(book, name).update((row[0], table.decode(row)) for row in rows)  # the key is the first column

    return _Load(select, put)


def _count_by(name: str, table: str, column: str, where: str) -> _Load:
    """Return how to count rows; `where` is in the words of their index, so that no others are read."""

    def put(book: Book, rows: Rows) -> None:
        getattr(book, name).update(dict(rows))

    return _Load(f"SELECT {column}, count(*) FROM {table} WHERE {column} {{in_1}} AND {where} GROUP BY {column}", put)  # noqa: S608


def _keepers_by(column: str) -> _Load:
    def put(book: Book, rows: Rows) -> None:
        for row in rows:
            book.add_keeper(KEEPERS.decode(row))

    return _Load(f"SELECT {KEEPERS.columns} FROM keepers WHERE {column} {{in_1}}", put)  # noqa: S608


def _put_accounts(book: Book, rows: Rows) -> None:
    for account_id, balance, overdraft in rows:
        book.accounts[account_id] = Account(account_id=account_id, balance=balance, overdraft=bool(overdraft))


def _transfers_by(column: str) -> _Load:
    def put(book: Book, rows: Rows) -> None:
        book.transfers.update((transfer.transfer_id, transfer) for transfer in map(TRANSFERS.decode, rows))

    return _Load(f"SELECT {TRANSFERS.columns} FROM transfers WHERE {column} {{in_1}}", put)  # noqa: S608


def _put_reversed(book: Book, rows: Rows) -> None:
    book.reversed.update(dict(rows))


def _put_sign_ins(book: Book, rows: Rows) -> None:
    for user in map(TABLES[User].decode, rows):
        book.sign_ins[user.sign_in_key] = user


def _put_waiting_payouts(book: Book, rows: Rows) -> None:
    for *columns, waiting in rows:
        payout: Payout = TABLES[Payout].decode(tuple(columns))
        book.payouts[payout.payout_id] = payout
        kind = account_kind(payout.account_id)
        assert kind is not None, payout.account_id
        book.waiting_payouts[kind] = waiting


def _put_finished(book: Book, rows: Rows) -> None:
    book.finished.update(order_id for (order_id,) in rows)


def _put_open_orders(book: Book, rows: Rows) -> None:
    for vendor_id, orders in groupby(map(open_order_of, rows), key=lambda order: order.vendor_id):
        book.open_orders[vendor_id] = OpenOrders(orders)


_LOADS: Final[Mapping[str, _Load]] = {
    **{kind.name: _rows_by(struct, kind.key) for struct, kind in KINDS.items()},
    "keepers": _keepers_by("keeper_id"),
    "keepers_of": _keepers_by("vendor_id"),
    "stalls_of": _keepers_by("user_id"),
    "admins": _rows_by(User, "admin = 1 AND admin"),  # the first words are those of the index
    "ready_of": _rows_by(Order, f"status = 'ready' AND {OPEN} AND vendor_id"),  # OPEN is in the words of its index
    "name_keys": _rows_by(VendorName, "name_key"),
    "top_up_codes": _rows_by(User, CODE_KEY_SQL),
    "founders": _rows_by(User, "user_id"),
    "readers": _rows_by(User, "user_id"),
    "drawers_of": _rows_by(Drawer, "closed_at IS NULL AND cashier_id"),
    "displays_by": _rows_by(Display, "revoked = 0 AND created_by"),
    "pairings_by": _rows_by(Pairing, "status = 'waiting' AND created_by"),
    "requests_by": _rows_by(PaymentRequest, "order_id IS NULL AND created_by"),
    "give_backs_by": _rows_by(GiveBackOffer, "claimed_by IS NULL AND created_by"),
    "factors_of": _rows_by(Factor, f"{PRESENT} AND user_id"),
    "credentials": _rows_by(Factor, "credential_id"),
    "sign_ins": _Load(_rows_by(User, "sign_in_key").select, _put_sign_ins),
    "pairing_codes": _rows_by(Pairing, "code_hash"),
    "sessions_of": _rows_by(Session, f"{NOT_ENDED} AND user_id"),
    "offers": _rows_by(Pairing, f"{UNTYPED} AND vendor_id"),
    "accounts": _Load(_rows_by(Account, "account_id").select, _put_accounts),  # the most rows: decoded by hand
    "open_orders": _Load(_OPEN_ORDERS, _put_open_orders),
    "finished": _Load(_FINISHED, _put_finished),
    "transfers": _transfers_by("transfer_id"),
    "moved_by": _transfers_by("receipt_id"),
    "reversed": _Load(_REVERSED, _put_reversed),
    "claims_of": _rows_by(Claim, "receipt_id"),
    "payouts_in": _rows_by(Payout, "run_id"),
    "payouts_waiting": _Load(_WAITING_PAYOUTS, _put_waiting_payouts),
    **{name: _count_by(name, *counted) for name, counted in _COUNTS.items()},
}
"""By the fields of `Needs`."""


async def load_book(
    writer: Writer,
    rules: Rules,
    needs: Needs,
    once: Iterable[tuple[str, str]],
    queues: OpenOrdersCache,
    *,
    now: Instant = _BEFORE_ALL,
) -> tuple[Book, Kept]:
    """Begin the transaction and read what a batch needs.

    Most batches take one group of SELECTs. Rows that an order, a payment request, a room or a top-up code refers to
    take a second group; the stall of a keeper who ordered at another stall takes a third.

    Args:
        now: From when `Rules.stall_reserve_ms` counts back; without it all sales count.

    Returns:
        The book, and the kept answers to the requests in `once`, which are pairs of scope and key.
    Raises:
        Unavailable, WriteFailed, HeadMoved: As in `Writer`. Unavailable also if another server has set another
            currency.
    """
    wants = _wanted(first_needs(needs), queues)
    once_ids = [f"{scope} {key}" for scope, key in once]
    kept_select: list[Statement] = [(_KEPT, (once_ids,))] if once_ids else []
    changed_select = queues.changed()
    found = await writer.begin(_HEAD, _SYSTEM_ACCOUNTS, *changed_select, *kept_select, *_selects(wants))
    head, system_accounts, *found = found
    [(position, trimmed_to, epoch, transfer_seq, deed_seq, deed_hash, written_on, clock, *kept_currency)] = head
    _require_currency(kept_currency, rules)
    book = Book(rules, position=position, transfer_seq=transfer_seq, deed_seq=deed_seq, deed_hash=deed_hash)
    book.log, book.clock = (epoch, written_on), clock
    changed = found.pop(0) if changed_select else ()
    queues.arrive(LogState(epoch, position, writer.connections), trimmed_to, changed)
    _put_accounts(book, system_accounts)
    answers = map(KEPT_ANSWERS.decode, found.pop(0)) if once_ids else ()
    kept = {(answer.scope, answer.key): answer for answer in answers}
    _put(book, wants, found)
    asked: dict[str, set[str]] = {name: set(wants.get(name, ())) for name in Needs.__struct_fields__}
    asked["colleagues"].update(needs.colleagues)
    asked["sold_items"].update(map(str, needs.sold_items))
    while wants := _wanted(next_needs(book, asked), queues):
        _put(book, wants, await writer.select(*_selects(wants)))
        for name, ids in wants.items():
            asked[name].update(ids)
    queues.join(book)
    await load_reserves(writer, book, needs, now)
    await load_unread(writer, book, needs.readers)
    return book, kept


def _require_currency(kept: Sequence[Any], rules: Rules) -> None:
    """Refuse to count in one currency what another server, started since, counts in another."""
    if kept[0] is not None and kept != [rules.currency.code, rules.currency.digits]:
        raise Unavailable(
            f"another server has started with {kept[0]} and {kept[1]} digits after the point, and this one has "
            f"{rules.currency}: start it anew, with the same settings"
        )


def _wanted(needs: Needs, cache: OpenOrdersCache) -> dict[str, Sequence[str]]:
    """Return the ids to select, by the fields of `Needs`, without empty fields and cached open orders."""
    wants: dict[str, Sequence[str]] = {name: ids for name in Needs.__struct_fields__ if (ids := getattr(needs, name))}
    wants.pop("reserves", None)  # summed up last
    wants.pop("colleagues", None)  # whom they work with is found by their rows; `next_needs` names the stalls
    wants.pop("sold_items", None)  # as above: `next_needs` names the items
    if uncached := [vendor_id for vendor_id in needs.open_orders if vendor_id not in cache]:
        wants["open_orders"] = uncached
    else:
        wants.pop("open_orders", None)
    return wants


def _selects(wants: Mapping[str, Sequence[str]]) -> list[Statement]:
    return [(_LOADS[name].select, (list(ids),)) for name, ids in wants.items()]


def _put(book: Book, wants: Mapping[str, Sequence[str]], found: Sequence[Rows]) -> None:
    for name, rows in zip(wants, found, strict=True):
        _LOADS[name].put(book, rows)
