"""The reads of the audit: bounded pages of rows, read-only, while servers go on working."""

# ruff: noqa: S608  # only names of columns and numbers of parameters are filled in

from collections.abc import Collection, Sequence
from typing import Final

import msgspec

from festival_push.domain.deposits.give_backs import claim_transfer
from festival_push.domain.deposits.rows import GiveBackOffer
from festival_push.domain.desk.rows import Drawer
from festival_push.domain.ledger import payout_fee_transfer, payout_transfer
from festival_push.domain.log import LogRow
from festival_push.domain.money.rows import Claim
from festival_push.domain.office.deeds import KeptDeed
from festival_push.domain.orders.rows import Order, PaymentRequest
from festival_push.domain.rows import Account, Payout, Receipt, Transfer
from festival_push.domain.values import (
    Actor,
    DrawerId,
    GiveBackId,
    OrderId,
    PaymentRequestId,
    PayoutId,
    ReceiptId,
    Topic,
    TransferId,
    UserId,
    VendorId,
)
from festival_push.store.database import Database
from festival_push.store.log import parse_topics, to_log_row
from festival_push.store.tables import (
    ACCOUNTS,
    CLAIMS,
    DEEDS,
    DRAWERS,
    GIVE_BACKS,
    OPEN,
    ORDERS,
    PAYMENT_REQUESTS,
    PAYOUT_ROWS,
    PRESENT,
    RECEIPTS,
    TRANSFERS,
)

_HEAD: Final = "SELECT position, transfer_seq, trimmed_to FROM log_head"
_DEEDS_HEAD: Final = """
    SELECT deed_seq, deed_hash, actors_after, (SELECT COALESCE(MAX(seq), 0) FROM deeds) FROM log_head
"""
_DEEDS: Final = f"SELECT {DEEDS.columns} FROM deeds WHERE seq > $1 AND seq <= $2 ORDER BY seq LIMIT $3"
_DEEDS_BY_SEQ: Final = f"SELECT {DEEDS.columns} FROM deeds WHERE seq {{in_1}}"
_ACTORS: Final = """
    SELECT 'user:' || user_id FROM users WHERE 'user:' || user_id {in_1}
    UNION ALL SELECT DISTINCT 'provider:' || provider FROM receipts WHERE 'provider:' || provider {in_1}
"""
_ACCOUNTS: Final = f"SELECT {ACCOUNTS.columns} FROM accounts"
_HELD: Final = "SELECT COALESCE(SUM(held), 0) FROM receipts WHERE held > 0"
_NUMBERS: Final = f"""
    SELECT vendor_id, number, COUNT(*) FROM orders WHERE {OPEN}
     GROUP BY vendor_id, number HAVING COUNT(*) > 1 ORDER BY vendor_id, number
"""
_STALLS: Final = """
    SELECT v.vendor_id, v.attended, COUNT(CASE WHEN u.suspended = 0 THEN 1 END),
           COUNT(CASE WHEN k.part = 'owner' THEN 1 END)
      FROM vendors AS v
      LEFT JOIN keepers AS k ON k.vendor_id = v.vendor_id LEFT JOIN users AS u ON u.user_id = k.user_id
     GROUP BY v.vendor_id, v.attended ORDER BY v.vendor_id
"""
_FACTORS: Final = f"""
    SELECT u.user_id, u.factors, COUNT(f.factor_id)
      FROM users AS u LEFT JOIN factors AS f ON f.user_id = u.user_id AND f.{PRESENT}
     GROUP BY u.user_id, u.factors HAVING u.factors <> COUNT(f.factor_id) ORDER BY u.user_id LIMIT $1
"""
_TRANSFERS: Final = f"SELECT {TRANSFERS.columns} FROM transfers WHERE seq > $1 AND seq <= $2 ORDER BY seq LIMIT $3"
_BOUGHT: Final = f"""
    SELECT {ORDERS.columns} FROM orders WHERE order_id IN (
        SELECT order_id FROM transfers
         WHERE seq > $1 AND seq <= $2 AND kind IN ('allowance', 'purchase') ORDER BY seq LIMIT $3)
"""
_TRANSFERS_BY_ID: Final = f"SELECT {TRANSFERS.columns} FROM transfers WHERE transfer_id {{in_1}}"
_ORDERS_BY_ID: Final = f"SELECT {ORDERS.columns} FROM orders WHERE order_id {{in_1}}"
_ORDERS: Final = f"SELECT {ORDERS.columns} FROM orders WHERE order_id > $1 ORDER BY order_id LIMIT $2"
_PURCHASES: Final = f"""
    SELECT {TRANSFERS.columns} FROM transfers WHERE seq IN (
        SELECT placed FROM (SELECT placed FROM orders WHERE order_id > $1 ORDER BY order_id LIMIT $2) AS page)
"""
_RECEIPTS: Final = f"SELECT {RECEIPTS.columns} FROM receipts WHERE receipt_id > $1 ORDER BY receipt_id LIMIT $2"
_RECEIVED: Final = f"""
    SELECT {TRANSFERS.columns} FROM transfers
     WHERE receipt_id IN (SELECT receipt_id FROM receipts WHERE receipt_id > $1 ORDER BY receipt_id LIMIT $2)
     ORDER BY seq
"""
_CLAIMS: Final = f"""
    SELECT {CLAIMS.columns} FROM claims
     WHERE receipt_id IN (SELECT receipt_id FROM receipts WHERE receipt_id > $1 ORDER BY receipt_id LIMIT $2)
"""
_PAYOUTS: Final = f"SELECT {PAYOUT_ROWS.columns} FROM payouts WHERE payout_id > $1 ORDER BY payout_id LIMIT $2"
_PAYOUT_MOVES: Final = f"""
    WITH found AS (SELECT payout_id FROM payouts WHERE payout_id > $1 ORDER BY payout_id LIMIT $2),
         page AS (SELECT payout_id || '-asked' AS id FROM found UNION ALL SELECT payout_id || '-fee' FROM found)
    SELECT {TRANSFERS.columns} FROM transfers WHERE transfer_id IN (SELECT id FROM page)
    UNION ALL SELECT {TRANSFERS.columns} FROM transfers WHERE reverses IN (SELECT id FROM page)
"""
_DRAWERS: Final = f"SELECT {DRAWERS.columns} FROM drawers WHERE drawer_id > $1 ORDER BY drawer_id LIMIT $2"
_DRAWER_MOVES: Final = f"""
    WITH page AS (SELECT drawer_id FROM drawers WHERE drawer_id > $1 ORDER BY drawer_id LIMIT $2)
    SELECT {TRANSFERS.columns} FROM transfers WHERE transfer_id IN (
        SELECT drawer_id || '-float' FROM page UNION ALL SELECT drawer_id || '-difference' FROM page
        UNION ALL SELECT drawer_id || '-closed' FROM page)
"""
_PAID_REQUESTS: Final = f"""
    SELECT {PAYMENT_REQUESTS.columns} FROM payment_requests
     WHERE request_id > $1 AND order_id IS NOT NULL ORDER BY request_id LIMIT $2
"""
_BY_REQUEST: Final = f"""
    SELECT {ORDERS.columns} FROM orders WHERE order_id IN (
        SELECT order_id FROM payment_requests
         WHERE request_id > $1 AND order_id IS NOT NULL ORDER BY request_id LIMIT $2)
"""
_CLAIMED: Final = f"""
    SELECT {GIVE_BACKS.columns} FROM give_backs
     WHERE give_back_id > $1 AND claimed_by IS NOT NULL ORDER BY give_back_id LIMIT $2
"""
_BY_CLAIM: Final = f"""
    SELECT {TRANSFERS.columns} FROM transfers WHERE transfer_id IN (
        SELECT give_back_id || '-claimed' FROM give_backs
         WHERE give_back_id > $1 AND claimed_by IS NOT NULL ORDER BY give_back_id LIMIT $2)
"""
_LOG: Final = """
    SELECT position, topics, type, data, at FROM event_log
     WHERE position > $1 AND position <= $2 ORDER BY position LIMIT $3
"""
_INDEXED: Final = """
    SELECT topic, position, notice FROM log_topics WHERE topic {in_1} AND position >= $2 AND position <= $3
"""
_TOPICS: Final = """
    SELECT page.topic, page.position, page.notice, e.topics
      FROM (SELECT topic, position, notice FROM log_topics WHERE (topic, position) > ($1, $2)
             ORDER BY topic, position LIMIT $3) AS page
      LEFT JOIN event_log AS e ON e.position = page.position
     ORDER BY page.topic, page.position
"""


class Kept(msgspec.Struct, frozen=True):
    """Whether a stall's row says that it is attended, how many keepers it has who are not suspended, and its owners."""

    attended: bool
    active: int
    owners: int


class Totals(msgspec.Struct, frozen=True, kw_only=True):
    """The head of the log, all accounts, and the totals that must agree with them, at one moment."""

    position: int
    transfer_seq: int
    trimmed_to: int
    accounts: list[Account]
    stalls: dict[VendorId, Kept]
    held: int  # sum of the receipts without an owner, in minor units
    deed_seq: int  # of the newest deed, as the head of the log has it, and its hash
    deed_hash: str
    newest_deed: int  # `seq` of the newest row; 0: there is none
    actors_after: int  # the last transfer that was made before actors were kept
    doubled_numbers: list[tuple[VendorId, int, int]]  # stall, pickup number, how many open orders hold it


class Indexed(msgspec.Struct, frozen=True):
    """One row of log_topics, with the topics that the event itself names in `told`; None if there is no such event."""

    topic: Topic
    position: int
    is_notification: bool
    told: tuple[Topic, ...] | None


class AuditReads:
    """Rows of one database for the audit. Every method reads one short snapshot and may raise Unavailable.

    Methods that take `after` and `limit` return the next `limit` rows after that key, in the order of the key.
    """

    def __init__(self, database: Database) -> None:
        self._database = database

    async def standing(self) -> Totals:
        """Return every balance, and the totals that must agree with them, at the same moment."""
        head, deeds, accounts, stalls, held, numbers = await self._database.read(
            (_HEAD, ()),
            (_DEEDS_HEAD, ()),
            (_ACCOUNTS, ()),
            (_STALLS, ()),
            (_HELD, ()),
            (_NUMBERS, ()),
        )
        ((position, transfer_seq, trimmed_to),) = head
        ((deed_seq, deed_hash, actors_after, newest_deed),) = deeds
        return Totals(
            position=position,
            transfer_seq=transfer_seq,
            trimmed_to=trimmed_to,
            accounts=[ACCOUNTS.decode(row) for row in accounts],
            stalls={row[0]: Kept(bool(row[1]), *row[2:]) for row in stalls},
            held=int(held[0][0]),
            deed_seq=deed_seq,
            deed_hash=deed_hash,
            newest_deed=newest_deed,
            actors_after=actors_after,
            doubled_numbers=[(vendor_id, number, count) for vendor_id, number, count in numbers],
        )

    async def miscounted_factors(self, limit: int) -> list[tuple[UserId, int, int]]:
        """Return people of whom another number of second factors is noted than they have: the id, and both numbers."""
        (found,) = await self._database.read((_FACTORS, (limit,)))
        return [(user_id, noted, present) for user_id, noted, present in found]

    async def transfers(self, after: int, up_to: int, limit: int) -> tuple[list[Transfer], dict[OrderId, Order]]:
        """Return the transfers with `after < seq <= up_to`, and the orders that they paid for, as they stand now."""
        page = (after, up_to, limit)
        found, bought = await self._database.read((_TRANSFERS, page), (_BOUGHT, page))
        orders = [ORDERS.decode(row) for row in bought]
        return [TRANSFERS.decode(row) for row in found], {order.order_id: order for order in orders}

    async def transfers_by_id(self, ids: Collection[TransferId]) -> dict[TransferId, Transfer]:
        """Return the transfers that exist among some ids, by id."""
        (found,) = await self._database.read((_TRANSFERS_BY_ID, (sorted(ids),)))
        transfers = [TRANSFERS.decode(row) for row in found]
        return {transfer.transfer_id: transfer for transfer in transfers}

    async def actors(self, names: Collection[Actor]) -> set[Actor]:
        """Return those of some actors that exist: people, and providers that have reported money."""
        (found,) = await self._database.read((_ACTORS, (sorted(names),)))
        return {Actor(name) for (name,) in found}

    async def deeds(self, after: int, up_to: int, limit: int) -> list[KeptDeed]:
        """Return the deeds with `after < seq <= up_to`."""
        (found,) = await self._database.read((_DEEDS, (after, up_to, limit)))
        return [DEEDS.decode(row) for row in found]

    async def deeds_by_seq(self, numbers: Collection[int]) -> dict[int, KeptDeed]:
        """Return the deeds that exist among some numbers, by number."""
        (found,) = await self._database.read((_DEEDS_BY_SEQ, (sorted(numbers),)))
        return {deed.seq: deed for deed in map(DEEDS.decode, found)}

    async def orders_by_id(self, ids: Collection[OrderId]) -> tuple[int, list[Order]]:
        """Return the newest transfer's `seq`, and the orders with these ids, as they stand at that moment."""
        head, found = await self._database.read((_HEAD, ()), (_ORDERS_BY_ID, (sorted(ids),)))
        return head[0][1], [ORDERS.decode(row) for row in found]

    async def orders(self, after: OrderId, limit: int) -> list[tuple[Order, Transfer | None]]:
        """Return orders by id, each with the transfer whose `seq` is the order's `placed`: its payment."""
        found, paid = await self._database.read((_ORDERS, (after, limit)), (_PURCHASES, (after, limit)))
        by_seq = {transfer.seq: transfer for transfer in map(TRANSFERS.decode, paid)}
        return [(order, by_seq.get(order.placed)) for order in map(ORDERS.decode, found)]

    async def receipts(self, after: ReceiptId, limit: int) -> list[tuple[Receipt, list[Transfer], list[Claim]]]:
        """Return receipts by id, each with all transfers of its money, and with the claims to it."""
        page = (after, limit)
        found, moved, claimed = await self._database.read((_RECEIPTS, page), (_RECEIVED, page), (_CLAIMS, page))
        moves: dict[ReceiptId | None, list[Transfer]] = {}
        for transfer in map(TRANSFERS.decode, moved):
            moves.setdefault(transfer.receipt_id, []).append(transfer)
        claims: dict[ReceiptId, list[Claim]] = {}
        for claim in map(CLAIMS.decode, claimed):
            claims.setdefault(claim.receipt_id, []).append(claim)
        return [
            (receipt, moves.get(receipt.receipt_id, []), claims.get(receipt.receipt_id, []))
            for receipt in map(RECEIPTS.decode, found)
        ]

    async def payouts(self, after: PayoutId, limit: int) -> list[tuple[Payout, list[Transfer]]]:
        """Return payouts by id, each with the transfers out of its account, one of them of its fee, and those back."""
        found, moved = await self._database.read((_PAYOUTS, (after, limit)), (_PAYOUT_MOVES, (after, limit)))
        moves: dict[TransferId, list[Transfer]] = {}
        for transfer in map(TRANSFERS.decode, moved):
            moves.setdefault(transfer.reverses or transfer.transfer_id, []).append(transfer)
        payouts = map(PAYOUT_ROWS.decode, found)
        return [
            (payout, [*moves.get(payout_transfer(key), []), *moves.get(payout_fee_transfer(key), [])])
            for payout in payouts
            for key in (payout.payout_id,)
        ]

    async def drawers(self, after: DrawerId, limit: int) -> list[tuple[Drawer, list[Transfer]]]:
        """Return drawers by id, each with the transfers of its opening and its closing."""
        found, moved = await self._database.read((_DRAWERS, (after, limit)), (_DRAWER_MOVES, (after, limit)))
        moves: dict[str, list[Transfer]] = {}
        for transfer in map(TRANSFERS.decode, moved):
            moves.setdefault(transfer.transfer_id.rpartition("-")[0], []).append(transfer)
        return [(drawer, moves.get(drawer.drawer_id, [])) for drawer in map(DRAWERS.decode, found)]

    async def paid_requests(self, after: PaymentRequestId, limit: int) -> list[tuple[PaymentRequest, Order | None]]:
        """Return paid payment requests by id, each with the order that it became."""
        found, placed = await self._database.read((_PAID_REQUESTS, (after, limit)), (_BY_REQUEST, (after, limit)))
        by_id = {order.order_id: order for order in map(ORDERS.decode, placed)}
        requests = map(PAYMENT_REQUESTS.decode, found)
        return [(request, by_id.get(request.order_id) if request.order_id else None) for request in requests]

    async def claimed(self, after: GiveBackId, limit: int) -> list[tuple[GiveBackOffer, Transfer | None]]:
        """Return the give-backs that were claimed by id, each with the transfer that gave the deposit back."""
        found, moved = await self._database.read((_CLAIMED, (after, limit)), (_BY_CLAIM, (after, limit)))
        by_id = {transfer.transfer_id: transfer for transfer in map(TRANSFERS.decode, moved)}
        return [(offer, by_id.get(claim_transfer(offer.give_back_id))) for offer in map(GIVE_BACKS.decode, found)]

    async def log(self, after: int, up_to: int, limit: int) -> tuple[int, list[LogRow]]:
        """Return `trimmed_to` of the log, and the events with `after < position <= up_to`."""
        head, found = await self._database.read((_HEAD, ()), (_LOG, (after, up_to, limit)))
        return head[0][2], [to_log_row(row) for row in found]

    async def indexed(self, rows: Sequence[LogRow]) -> tuple[int, dict[tuple[Topic, int], bool]]:
        """Return `trimmed_to` of the log, and these events' index entries: (topic, position) -> is it a notification.

        Args:
            rows: Events in the order of the log, at least one.
        """
        topics = sorted({topic for row in rows for topic in row.topics})
        head, found = await self._database.read((_HEAD, ()), (_INDEXED, (topics, rows[0].position, rows[-1].position)))
        return head[0][2], {(topic, position): bool(is_notification) for topic, position, is_notification in found}

    async def topics(self, after: tuple[Topic, int], limit: int) -> list[Indexed]:
        """Return the next rows of log_topics, ordered by topic and position."""
        (found,) = await self._database.read((_TOPICS, (*after, limit)))
        return [
            Indexed(topic, position, bool(is_notification), None if told is None else parse_topics(told))
            for topic, position, is_notification, told in found
        ]

    async def sqlite_says(self, pragma: str) -> list[tuple[object, ...]] | None:
        """Return SQLite's answer to `integrity_check`, `foreign_key_check` or `journal_mode`; None on PostgreSQL."""
        if self._database.dialect != "sqlite":
            return None
        (found,) = await self._database.read((f"PRAGMA {pragma}", ()))
        return found
