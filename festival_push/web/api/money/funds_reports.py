"""Read a payment provider's webhook, by the mapping that the organiser configured for that provider."""

import re
from enum import StrEnum
from typing import Any, Final

import msgspec

from festival_push.domain.values import UserId
from festival_push.settings import FundsProvider
from festival_push.web.api.money.report_amounts import parse_reported
from festival_push.web.api.money.report_trees import BadTree, find, read_tree
from festival_push.web.parsing.fields import AMOUNT_MAX
from festival_push.web.parsing.minor_units import BadAmount

_ID: Final = re.compile(r"[!-~]{1,255}")
_TEXT_CHARS_MAX: Final = 200


class Meaning(StrEnum):
    """What an event of a provider means; the names are those of `[funds.<name>.events]`."""

    PAID = "paid"
    REFUNDED = "refunded"
    REFUNDED_TOTAL = "refunded_total"
    REFUND_FAILED = "refund_failed"
    DISPUTED = "disputed"
    DISPUTE_WON = "dispute_won"
    IGNORED = "ignored"
    UNKNOWN = "unknown"  # a type of event that no meaning names


class BadReport(Exception):
    """The body does not say what a report must say: `field` is what is wrong, `message` says why."""

    def __init__(self, field: str, message: str, *, meaning: str = "", external_id: str | None = None) -> None:
        super().__init__(message)
        self.field = field  # as the provider names it; empty: the whole body
        self.message = message
        self.meaning = meaning  # as far as it was understood; empty: not at all
        self.external_id = external_id  # of the payment, if that could be read


class FundsReport(msgspec.Struct, frozen=True, kw_only=True):
    """One payment, or one claim to a payment, as reported."""

    meaning: Meaning
    external_id: str  # of the payment
    claim_id: str  # of the refund or the dispute; the payment's own: all refunds of it so far
    amount: int  # minor units, 1..AMOUNT_MAX
    user_id: UserId | None
    top_up_code: str | None
    donor_name: str | None
    donor_email: str | None


def read_report(body: bytes, mapping: FundsProvider, currency: str, *, content_type: str = "") -> FundsReport | Meaning:
    """Read one webhook body.

    Args:
        mapping: What stands where in the provider's bodies, and which of its events mean what.
        currency: The festival's, ISO 4217.
        content_type: The header.
    Returns:
        The report, or IGNORED or UNKNOWN when nothing follows from it.
    Raises:
        BadReport: The body is neither JSON nor a form, or a field is missing, malformed or in another currency.
    """
    try:
        tree = read_tree(body, content_type)
    except BadTree as error:
        raise BadReport("", str(error)) from error
    meaning = _meaning(tree, mapping)
    if meaning in (Meaning.IGNORED, Meaning.UNKNOWN):
        return meaning
    external_id = None
    try:
        external_id = _id(tree, mapping.id)
        return _report(tree, mapping, currency, meaning, external_id)
    except BadReport as error:
        raise BadReport(error.field, error.message, meaning=meaning.value, external_id=external_id) from error


def _meaning(tree: dict[str, Any], mapping: FundsProvider) -> Meaning:
    if not mapping.event:
        paid = not mapping.status or _is_paid(_required(tree, mapping.status), mapping)
        return Meaning.PAID if paid else Meaning.IGNORED
    event = _required(tree, mapping.event).lower()
    status = find(tree, mapping.status)[1] if mapping.status else None
    text = str(status).lower() if isinstance(status, str | bool) else ""
    for wanted in (f"{event}:{text}", event):
        for meaning in Meaning:
            if wanted in (known.lower() for known in getattr(mapping.events, meaning.value, ())):
                return meaning
    return Meaning.UNKNOWN


def _report(
    tree: dict[str, Any], mapping: FundsProvider, currency: str, meaning: Meaning, external_id: str
) -> FundsReport:
    _require_currency(tree, mapping, currency)
    total = meaning is Meaning.REFUNDED_TOTAL
    return FundsReport(
        meaning=meaning,
        external_id=external_id,
        claim_id=external_id if total or meaning is Meaning.PAID else _claim_id(tree, mapping, meaning, external_id),
        amount=_amount(tree, (total and mapping.refunded_total) or mapping.amount, mapping, currency),
        user_id=UserId(owner) if (owner := _owner(tree, mapping.user_id)) else None,
        top_up_code=_text(tree, mapping.top_up_code),  # typed by hand
        donor_name=_text(tree, mapping.donor_name),
        donor_email=_text(tree, mapping.donor_email),
    )


def _claim_id(tree: dict[str, Any], mapping: FundsProvider, meaning: Meaning, external_id: str) -> str:
    """Return the id of a refund or a dispute; a provider that has none has one of each for a payment at most."""
    if mapping.claim_id:
        return _id(tree, mapping.claim_id)
    refund = meaning in (Meaning.REFUNDED, Meaning.REFUND_FAILED)
    return external_id if refund else f"{external_id}#dispute"


def _required(tree: dict[str, Any], paths: str) -> str:
    path, value = find(tree, paths)
    if not isinstance(value, str) or not value:
        raise BadReport(path, "This field is missing." if value is None else "Expected a text or a number.")
    return value


def _id(tree: dict[str, Any], paths: str) -> str:
    found = _required(tree, paths)
    if not _ID.fullmatch(found):
        raise BadReport(find(tree, paths)[0], "Expected 1 to 255 visible ASCII characters.")
    return str(found)


def _is_paid(status: str, mapping: FundsProvider) -> bool:
    return status.lower() in {paid.lower() for paid in mapping.paid_statuses}


def _require_currency(tree: dict[str, Any], mapping: FundsProvider, currency: str) -> None:
    said = find(tree, mapping.currency)[1] if mapping.currency else None
    silent = said in (None, "") and mapping.only_currency
    reported = silent or _required(tree, mapping.currency)
    if reported.upper() != currency:
        raise BadReport(find(tree, mapping.currency)[0], f"This festival takes {currency}.")


def _amount(tree: dict[str, Any], paths: str, mapping: FundsProvider, currency: str) -> int:
    path = find(tree, paths)[0]
    try:
        amount = parse_reported(_required(tree, paths), mapping, currency)
    except BadAmount as error:
        raise BadReport(path, str(error)) from error
    if not 1 <= amount <= AMOUNT_MAX:
        raise BadReport(path, f"Expected 1 to {AMOUNT_MAX} minor units.")
    return amount


def _owner(tree: dict[str, Any], paths: str) -> str | None:
    """Return the id of the person it is for; None if it can't be one: the money is held then, never refused."""
    value = find(tree, paths)[1]
    if not isinstance(value, str) or not _ID.fullmatch(value.strip()):
        return None
    return str(value.strip())


def _text(tree: dict[str, Any], paths: str) -> str | None:
    """Return a text for the organiser to read, without unprintable characters; None if nothing is left of it."""
    value = find(tree, paths)[1]
    if not isinstance(value, str):
        return None
    return "".join(char for char in value if char.isprintable())[:_TEXT_CHARS_MAX].strip() or None
