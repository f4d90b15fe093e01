"""Tables: the columns, codec and statements of each row type, made at import from the fields in `domain/rows.py`."""

from collections.abc import Callable, Mapping, Sequence
from enum import StrEnum
from types import NoneType, UnionType
from typing import Any, Final, Generic, Literal, TypeVar, Union, get_args, get_origin, get_type_hints

import msgspec

from festival_push.domain.deposits.rows import GiveBackOffer
from festival_push.domain.desk.rows import Drawer
from festival_push.domain.money.rows import Claim, UnreadReceipt
from festival_push.domain.office.deeds import KeptDeed
from festival_push.domain.office.rows import Confirmation
from festival_push.domain.orders.rows import OpenOrder, Order, PaymentRequest
from festival_push.domain.payouts.rows import PayoutRun
from festival_push.domain.reports.rows import ZReport
from festival_push.domain.rows import (
    KINDS,
    Account,
    Announcement,
    Keeper,
    MenuItem,
    Payout,
    Receipt,
    Transfer,
    User,
    Vendor,
)
from festival_push.domain.signing_in.rows import Factor, Identity, Server, Session
from festival_push.domain.stall_rows import Display, Pairing
from festival_push.domain.values import OrderStatus
from festival_push.store.sql import Param, SqlRow

T = TypeVar("T", bound=msgspec.Struct)
_Convert = Callable[[Any], Any]


class Table(Generic[T]):
    """One table: a column for each field of `kind`, of the same name and in the same order.

    `columns` is the list for a SELECT whose rows `decode` takes; `append` is the INSERT for the values that `encode`
    returns.
    """

    def __init__(self, name: str, kind: type[T]) -> None:
        self.name = name
        self.kind = kind
        self.names = kind.__struct_fields__
        self.columns = ", ".join(self.names)
        values = ", ".join(f"${number}" for number in range(1, len(self.names) + 1))
        self.append = f"INSERT INTO {name} ({self.columns}) VALUES ({values})"  # noqa: S608  # names from our own code
        hints = get_type_hints(kind)
        codecs = [(index, _codec(hints[column])) for index, column in enumerate(self.names)]
        # Most columns need no conversion, so only the others are listed and cost a call.
        self._encoders = [(index, codec[0]) for index, codec in codecs if codec is not None]
        self._decoders = [(index, codec[1]) for index, codec in codecs if codec is not None]

    def encode(self, row: T) -> Sequence[Param]:
        """Return a row's column values, the parameters of `append` and `put`."""
        values = list(msgspec.structs.astuple(row))
        for index, encode in self._encoders:
            values[index] = encode(values[index])
        return values

    def decode(self, row: SqlRow) -> T:
        """Return the domain row of a row selected by `SELECT {columns}`."""
        values = list(row)
        for index, decode in self._decoders:
            values[index] = decode(values[index])
        return self.kind(**dict(zip(self.names, values, strict=True)))


class KeyedTable(Table[T]):
    """A table whose rows may be replaced: `put` inserts a row or replaces the one with its key; `drop` takes a key."""

    def __init__(self, name: str, kind: type[T], *, key: str) -> None:
        super().__init__(name, kind)
        self.key = key
        changes = ", ".join(f"{column} = excluded.{column}" for column in self.names if column != key)
        self.drop = f"DELETE FROM {name} WHERE {key} = $1"  # noqa: S608  # names from our own code
        self.put = f"{self.append} ON CONFLICT ({key}) DO UPDATE SET {changes}"


def _codec(hint: Any) -> tuple[_Convert, _Convert] | None:
    """Return the functions that convert a field to a column and back; None if the field needs no conversion."""
    inner = [kind for kind in get_args(hint) if kind is not NoneType]
    if get_origin(hint) in (Union, UnionType) and len(inner) == 1:
        assert _codec(inner[0]) is None, hint  # no optional field needs converting
        return None
    while not isinstance(hint, type) and hasattr(hint, "__supertype__"):  # NewType
        hint = hint.__supertype__
    if hint in (str, int) or get_origin(hint) is Literal:
        return None
    if hint is bool:
        return int, bool
    if isinstance(hint, type) and issubclass(hint, StrEnum):
        return str.__str__, {member.value: member for member in hint}.__getitem__
    assert get_origin(hint) is tuple, hint
    return _to_json, msgspec.json.Decoder(hint).decode


def _to_json(value: object) -> str:
    return msgspec.json.encode(value).decode()


def _keyed(kind: type[T]) -> KeyedTable[T]:
    return KeyedTable(KINDS[kind].table, kind, key=KINDS[kind].key)


USERS: Final = _keyed(User)
KEEPERS: Final = _keyed(Keeper)
VENDORS: Final = _keyed(Vendor)
ACCOUNTS: Final = _keyed(Account)
MENU_ITEMS: Final = _keyed(MenuItem)
ORDERS: Final = _keyed(Order)
RECEIPTS: Final = _keyed(Receipt)
CLAIMS: Final = _keyed(Claim)
UNREAD_RECEIPTS: Final = _keyed(UnreadReceipt)
DISPLAYS: Final = _keyed(Display)
PAIRINGS: Final = _keyed(Pairing)
FACTORS: Final = _keyed(Factor)
PAYOUT_ROWS: Final = _keyed(Payout)
PAYOUT_RUNS: Final = _keyed(PayoutRun)
SESSIONS: Final = _keyed(Session)
IDENTITIES: Final = _keyed(Identity)
SERVERS: Final = _keyed(Server)
PAYMENT_REQUESTS: Final = _keyed(PaymentRequest)
GIVE_BACKS: Final = _keyed(GiveBackOffer)
ANNOUNCEMENTS: Final = _keyed(Announcement)
CONFIRMATIONS: Final = _keyed(Confirmation)
Z_REPORTS: Final = _keyed(ZReport)
DRAWERS: Final = _keyed(Drawer)
TABLES: Final[Mapping[type[msgspec.Struct], KeyedTable[Any]]] = {kind: _keyed(kind) for kind in KINDS}
"""The tables of all kinds of row, in the order in which a batch writes them; those above are named by reads."""
TRANSFERS: Final = Table("transfers", Transfer)
DEEDS: Final = Table("deeds", KeptDeed)

OPEN: Final = "status IN ('pending', 'confirmed', 'preparing', 'ready')"
"""The condition for open orders, in exactly the words of the partial index, else the index would not be used."""
NOT_ENDED: Final = "ended = 0"
"""The condition for sessions that nobody has ended, in exactly the words of their partial index."""
UNTYPED: Final = "secret_hash IS NULL"
"""The condition for pairings whose code nobody has typed, in exactly the words of their partial index."""
PRESENT: Final = "ended_at IS NULL"
"""The condition for second factors that have not ended, in exactly the words of their partial index."""
AWAITS_RUN: Final = "status = 'requested' AND iban IS NOT NULL AND run_id IS NULL"
"""The condition for payouts that the next run takes, as `Payout.awaits_run`."""
HELD_OF_ORDER: Final = "total + tip - platform_fee - refunded - tip_refunded + fee_refunded"
"""What of an order is in its stall's till, as `Order.held`."""
_HELD: Final = f"{HELD_OF_ORDER} AS held"
OPEN_ORDER_COLUMNS: Final = ", ".join(_HELD if name == "held" else name for name in OpenOrder.__struct_fields__)
"""The columns that this index covers, so that the table itself is not read."""
_STATUSES: Final = {status.value: status for status in OrderStatus}


def open_order_of(row: SqlRow) -> OpenOrder:
    """Return the open order of a row selected by `SELECT {OPEN_ORDER_COLUMNS} FROM orders`."""
    order_id, vendor_id, user_id, number, status, placed, estimated_time, called_at, held = row
    return OpenOrder(order_id, vendor_id, user_id, number, _STATUSES[status], placed, estimated_time, called_at, held)
