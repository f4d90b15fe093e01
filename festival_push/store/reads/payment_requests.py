"""Reads of payment requests, for the person who scans one."""

# ruff: noqa: S608  # only names of columns are filled in

from typing import Final

import msgspec

from festival_push.domain.orders.rows import PaymentRequest
from festival_push.domain.rows import Vendor
from festival_push.domain.values import PaymentRequestId, UserId
from festival_push.store.database import Database
from festival_push.store.tables import PAYMENT_REQUESTS, VENDORS

_REQUEST: Final = f"SELECT {PAYMENT_REQUESTS.columns} FROM payment_requests WHERE request_id = $1"
_OF_REQUEST: Final = "FROM payment_requests WHERE request_id = $1"
_VENDOR: Final = f"SELECT {VENDORS.columns} FROM vendors WHERE vendor_id = (SELECT vendor_id {_OF_REQUEST})"
_PAID_BY: Final = f"SELECT user_id FROM orders WHERE order_id = (SELECT order_id {_OF_REQUEST})"


class RequestSeen(msgspec.Struct, frozen=True, kw_only=True):
    """A payment request, the stall that made it, and who has paid it."""

    request: PaymentRequest
    vendor: Vendor
    paid_by: UserId | None


class PaymentRequestReads:
    """Reads of payment requests. Every method may raise Unavailable."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def payment_request(self, request_id: PaymentRequestId) -> RequestSeen | None:
        """Return a payment request; None if it is unknown.

        Checks no rights: the caller must use `domain.orders.payment_requests.require_scan`.
        """
        id_ = (request_id,)
        found, vendors, payers = await self._database.read((_REQUEST, id_), (_VENDOR, id_), (_PAID_BY, id_))
        if not found:
            return None
        return RequestSeen(
            request=PAYMENT_REQUESTS.decode(found[0]),
            vendor=VENDORS.decode(vendors[0]),
            paid_by=payers[0][0] if payers else None,
        )
