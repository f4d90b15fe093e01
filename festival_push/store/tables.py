"""Tables: each row type's columns, codec and statements, made once at import from the fields of `domain/rows.py`."""

from collections.abc import Callable, Sequence
from enum import StrEnum
from types import NoneType, UnionType
from typing import Any, Final, Generic, TypeVar, Union, get_args, get_origin, get_type_hints

import msgspec

from festival_push.domain.rows import (
    Account,
    Display,
    KeptAnswer,
    MenuItem,
    OpenOrder,
    Order,
    PaymentRequest,
    Payout,
    Receipt,
    Rooms,
    SpentToken,
    Transfer,
    User,
    Vendor,
    VendorCode,
)
from festival_push.domain.values import OrderStatus
from festival_push.store.sql import Param, Row

T = TypeVar("T", bound=msgspec.Struct)
_Convert = Callable[[Any], Any]


class Table(Generic[T]):
    """One table: a column for each field of `kind`, of the same name and in the same order.

    `columns` is the list for a SELECT whose rows `decode` understands; `append` is the statement for the values that
    `encode` gives.
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
        # Most columns need nothing; only the others cost a call.
        self._encoders = [(index, codec[0]) for index, codec in codecs if codec is not None]
        self._decoders = [(index, codec[1]) for index, codec in codecs if codec is not None]

    def encode(self, row: T) -> Sequence[Param]:
        """The values of `put` and `append`."""
        values = list(msgspec.structs.astuple(row))
        for index, encode in self._encoders:
            values[index] = encode(values[index])
        return values

    def decode(self, row: Row) -> T:
        """A row of `SELECT {columns}`."""
        values = list(row)
        for index, decode in self._decoders:
            values[index] = decode(values[index])
        return self.kind(**dict(zip(self.names, values, strict=True)))


class KeyedTable(Table[T]):
    """A table whose rows are replaced: `put` is as `append`, but for a row with the same key."""

    def __init__(self, name: str, kind: type[T], *, key: str) -> None:
        super().__init__(name, kind)
        self.key = key
        changes = ", ".join(f"{column} = excluded.{column}" for column in self.names if column != key)
        self.put = f"{self.append} ON CONFLICT ({key}) DO UPDATE SET {changes}"


def _codec(hint: Any) -> tuple[_Convert, _Convert] | None:
    """How a field's type becomes a column's value, and back; None when it is one already."""
    inner = [kind for kind in get_args(hint) if kind is not NoneType]
    if get_origin(hint) in (Union, UnionType) and len(inner) == 1:
        assert _codec(inner[0]) is None, hint  # no optional field needs converting
        return None
    while not isinstance(hint, type) and hasattr(hint, "__supertype__"):  # NewType
        hint = hint.__supertype__
    if hint in (str, int):
        return None
    if hint is bool:
        return int, bool
    if isinstance(hint, type) and issubclass(hint, StrEnum):
        return str.__str__, {member.value: member for member in hint}.__getitem__
    assert get_origin(hint) is tuple, hint
    return _to_json, msgspec.json.Decoder(hint).decode


def _to_json(value: object) -> str:
    return msgspec.json.encode(value).decode()


USERS: Final = KeyedTable("users", User, key="user_id")
VENDORS: Final = KeyedTable("vendors", Vendor, key="vendor_id")
ACCOUNTS: Final = KeyedTable("accounts", Account, key="account_id")
TRANSFERS: Final = Table("transfers", Transfer)
MENU_ITEMS: Final = KeyedTable("menu_items", MenuItem, key="item_id")
ORDERS: Final = KeyedTable("orders", Order, key="order_id")
RECEIPTS: Final = KeyedTable("receipts", Receipt, key="receipt_id")
VENDOR_CODES: Final = KeyedTable("vendor_codes", VendorCode, key="code_hash")
DISPLAYS: Final = KeyedTable("displays", Display, key="display_id")
SPENT_TOKENS: Final = KeyedTable("spent_tokens", SpentToken, key="jti")
PAYOUT_ROWS: Final = KeyedTable("payouts", Payout, key="payout_id")
PAYMENT_REQUESTS: Final = KeyedTable("payment_requests", PaymentRequest, key="request_id")
ROOMS: Final = KeyedTable("rooms", Rooms, key="user_id")
KEPT_ANSWERS: Final = Table("kept_answers", KeptAnswer)

OPEN: Final = "status IN ('pending', 'confirmed', 'preparing', 'ready')"
"""True for open orders, in the very words of the partial index, which serves no other."""
OPEN_ORDER_COLUMNS: Final = ", ".join(OpenOrder.__struct_fields__)
"""What that index covers: the table itself is not read."""
_STATUSES: Final = {status.value: status for status in OrderStatus}


def open_order_of(row: Row) -> OpenOrder:
    """A row of `SELECT {OPEN_ORDER_COLUMNS} FROM orders`."""
    order_id, vendor_id, user_id, number, status, placed, estimated_time = row
    return OpenOrder(order_id, vendor_id, user_id, number, _STATUSES[status], placed, estimated_time)
