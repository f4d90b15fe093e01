"""Erase what is kept of a person besides the rows that commands read: in the transaction of the `ErasePerson`.

Events keep their positions, so that streams resume. Nothing that the ledger or the audit counts with is touched.
"""

# ruff: noqa: S608  # only names of our own tables are filled in

from collections.abc import Iterator, Sequence
from typing import Any, Final

import msgspec

from festival_push.domain.log import LogRow
from festival_push.domain.people.erased import ERASED_NAME, Erased, concerns, erased_event, erased_json
from festival_push.domain.topics import order_topic, role_topic, stall_topic, user_topic
from festival_push.domain.values import OrderId, Role, VendorId
from festival_push.store.database import Writer
from festival_push.store.sql import Write

_PAGE: Final = 1_000
"""Rows read at once, so that a long log needs little memory; all that is kept of them are those that change."""
_ORDERS: Final = "SELECT order_id, vendor_id, lines FROM orders WHERE user_id = $1"
_POSITIONS: Final = "SELECT DISTINCT position FROM log_topics WHERE topic {in_1} ORDER BY position"
_EVENTS: Final = "SELECT position, topics, type, data FROM event_log WHERE position {in_1}"
_OTHERS_ANSWERS: Final = """
    SELECT scope, key, body FROM kept_answers
     WHERE body LIKE '%' || $1 || '%' AND scope || ' ' || key > $2 ORDER BY scope || ' ' || key LIMIT $3
"""
_PUT_EVENT: Final = "UPDATE event_log SET data = $1 WHERE position = $2"
_BEGIN: Final = "INSERT INTO erasing (id) VALUES ($1)"
_END: Final = "DELETE FROM erasing WHERE id = $1"
"""Around the changes of events, which the database refuses otherwise."""
_PUT_ANSWER: Final = "UPDATE kept_answers SET body = $1 WHERE scope || ' ' || key = $2"
_PUT_LINES: Final = "UPDATE orders SET lines = $1 WHERE order_id = $2"
_NAMES: Final = (
    "UPDATE orders SET customer_name = $2 WHERE user_id = $1",
    "UPDATE payouts SET name = $2 WHERE user_id = $1",
)
_GONE: Final = (
    # What was paid out stays as it was paid: the bank's statement says the same.
    "UPDATE payouts SET note = NULL, iban = NULL, account_holder = NULL WHERE user_id = $1 AND status <> 'completed'",
    "UPDATE unread_receipts SET body = '' WHERE receipt_id IN (SELECT receipt_id FROM receipts WHERE user_id = $1)",
    "UPDATE receipts SET donor_name = NULL, donor_email = NULL, wanted_code = NULL WHERE user_id = $1",
    "UPDATE receipts SET donor_name = NULL, donor_email = NULL, wanted_code = NULL WHERE wanted_user_id = $1",
    *(f"DELETE FROM {table} WHERE user_id = $1" for table in ("identities", "factors", "recovery_codes", "rooms")),
    "DELETE FROM sessions WHERE user_id = $1",
)
_OWN_ANSWERS: Final = "DELETE FROM kept_answers WHERE scope || ' ' || key > $1 AND scope || ' ' || key < $2"

_decode: Final = msgspec.json.Decoder().decode
_encode: Final = msgspec.json.Encoder().encode


async def erasing_writes(writer: Writer, erased: Sequence[Erased]) -> list[Write]:
    """Return the statements that erase these people, to be written after all others. Raises as `Writer.select`."""
    return [write for person in erased for write in await _writes(writer, person)]


def erased_rows(rows: Sequence[LogRow], erased: Sequence[Erased]) -> list[LogRow]:
    """Return the new rows of the log as they are to be written: other commands of the batch may tell of them too."""
    for person in erased:
        rows = [_erased_row(row, person) for row in rows]
    return list(rows)


def _erased_row(row: LogRow, person: Erased) -> LogRow:
    event = _decode(row.data)
    if not _tells_of(row.topics, event, {person.user_id}, person):
        return row
    return msgspec.structs.replace(row, data=_text(erased_event(row.type, event, person.name)))


async def _writes(writer: Writer, person: Erased) -> list[Write]:
    [orders] = await writer.select((_ORDERS, (person.user_id,)))
    lines = [(_text(cleared), order_id) for order_id, _, text in orders if (cleared := _cleared(text, person))]
    own = f"{person.user_id} "
    return [
        *((sql, [(person.user_id, ERASED_NAME)]) for sql in _NAMES),
        *((sql, [(person.user_id,)]) for sql in _GONE),
        *_if_any(_PUT_LINES, lines),
        (_OWN_ANSWERS, [(own, f"{person.user_id}!")]),  # `!` is the character after the blank
        *_if_any(_PUT_ANSWER, await _answers(writer, person)),
        (_BEGIN, [(1,)]),
        *_if_any(_PUT_EVENT, await _events(writer, person, [(row[0], row[1]) for row in orders])),
        (_END, [(1,)]),
    ]


async def _answers(writer: Writer, person: Erased) -> list[tuple[str, str]]:
    found, after = [], ""
    while True:
        [page] = await writer.select((_OTHERS_ANSWERS, (person.user_id, after, _PAGE)))
        for scope, key, body in page:
            after = f"{scope} {key}"
            if not scope.startswith(f"{person.user_id} ") and (cleared := _cleared(body, person)) is not None:
                found.append((_text(cleared), after))
        if len(page) < _PAGE:
            return found


async def _events(writer: Writer, person: Erased, orders: Sequence[tuple[OrderId, VendorId]]) -> list[tuple[str, int]]:
    """Return the events that tell of somebody: theirs, and those of their orders and stalls, and the organisers'."""
    topics = {user_topic(person.user_id), role_topic(Role.ADMIN)}
    topics.update(stall_topic(vendor_id) for _, vendor_id in orders)
    topics.update(order_topic(order_id) for order_id, _ in orders)
    ids = {person.user_id, *(order_id for order_id, _ in orders)}
    found: list[tuple[str, int]] = []
    [rows] = await writer.select((_POSITIONS, (sorted(topics),)))
    for page in _pages([position for (position,) in rows]):
        [events] = await writer.select((_EVENTS, (page,)))
        for position, named, kind, data in events:
            event = _decode(data)
            if _tells_of(_decode(named), event, ids, person):
                text = _text(erased_event(kind, event, person.name))
                if text != data:
                    found.append((text, position))
    return found


def _pages(positions: list[int]) -> Iterator[list[int]]:
    for start in range(0, len(positions), _PAGE):
        yield positions[start : start + _PAGE]


def _tells_of(topics: Sequence[str], event: dict[str, Any], ids: set[Any], person: Erased) -> bool:
    params = event.get("params")
    named = isinstance(params, dict) and person.name in params.values()  # a notice to the office has no id
    return user_topic(person.user_id) in topics or named or concerns(event, ids)


def _cleared(text: str, person: Erased) -> object | None:
    """Return a JSON text's value without what tells of a person; None if that is the same."""
    value = _decode(text)
    cleared = erased_json(value, person.name)
    return None if cleared == value else cleared


def _text(value: object) -> str:
    return _encode(value).decode()


def _if_any(sql: str, rows: list[Any]) -> Iterator[Write]:
    if rows:
        yield sql, rows
