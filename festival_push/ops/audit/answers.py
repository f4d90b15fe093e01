"""Checks the answers that are kept for retries: each can be given again, and tells of what was committed."""

from collections.abc import Iterator
from typing import Any, Final

import msgspec

from festival_push.domain.people.erased import ERASED_NAME
from festival_push.domain.values import OrderId
from festival_push.ops.audit.findings import Findings
from festival_push.store.database import Database
from festival_push.store.reads.audit.evidence import AuditReads
from festival_push.store.reads.audit.kept_answers import Answered, kept_answers

_CHECK: Final = "answers"


async def check_answers(database: Database, findings: Findings, page: int) -> None:
    """Check every kept answer, and that there are the orders that they tell of. Raises Unavailable."""
    evidence, after = AuditReads(database), ""
    while (found := await kept_answers(database, after, page))[1]:
        position, answers = found
        for answer in answers:
            if (fault := answer_fault(answer, position)) is not None:
                findings.add(_CHECK, f"The answer to {_named(answer)} {fault}.")
        told = {answer: order_id for answer in answers for order_id in _orders_of(answer)}
        _, orders = await evidence.orders_by_id(set(told.values()))
        known = {order.order_id for order in orders}
        for answer, order_id in told.items():
            if order_id not in known:
                findings.add(_CHECK, f"The answer to {_named(answer)} tells of order {order_id}, which does not exist.")
        after = _named(answers[-1])


def answer_fault(answer: Answered, position: int) -> str | None:
    """Return what is wrong with an answer by itself; None if nothing is.

    Args:
        position: Where the log ends, at the moment at which the answer was read.
    """
    if not 200 <= answer.status < 500:
        return f"has status {answer.status}"
    if (body := _body(answer)) is None:
        return "can't be read"
    told = body.get("position")
    if isinstance(told, int) and told > position:
        return f"tells of event {told}, and the log ends at {position}"
    return None


def _orders_of(answer: Answered) -> Iterator[OrderId]:
    """Yield the order that a command made or changed. An id in which a person's name was erased is no id any more."""
    body = (_body(answer) or {}) if answer.status < 300 else {}
    order = body.get("order")
    order_id = order.get("orderId") if isinstance(order, dict) else body.get("orderId")
    if isinstance(order_id, str) and ERASED_NAME not in order_id:
        yield OrderId(order_id)


def _body(answer: Answered) -> dict[str, Any] | None:
    """Return the answer's object; an empty one if it is another value; None if it is no JSON."""
    try:
        body = msgspec.json.decode(answer.body)
    except (msgspec.DecodeError, UnicodeError):
        return None
    return body if isinstance(body, dict) else {}


def _named(answer: Answered) -> str:
    """Return the scope and the key, which together are an answer's key in the database."""
    return f"{answer.scope} {answer.key}"
