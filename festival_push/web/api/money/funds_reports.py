"""Read a payment provider's webhook, by the mapping that the organiser configured for that provider."""

import json
import re
from typing import Any, Final, NoReturn

import msgspec

from festival_push.domain.values import UserId
from festival_push.settings import FundsProvider
from festival_push.web.parsing.fields import AMOUNT_MAX
from festival_push.web.parsing.minor_units import BadAmount, parse_major, parse_minor

_ID: Final = re.compile(r"[!-~]{1,255}")
_TEXT_CHARS_MAX: Final = 200


class BadReport(Exception):
    """The body does not say what a payment must say: `field` is what is wrong, `message` says why."""

    def __init__(self, field: str, message: str, *, code: str | None = None) -> None:
        super().__init__(message)
        self.field = field  # as the provider's JSON names it
        self.message = message
        self.code = code


class FundsReport(msgspec.Struct, frozen=True, kw_only=True):
    """One payment, as reported."""

    external_id: str
    amount: int  # minor units, 1..AMOUNT_MAX
    user_id: UserId | None
    top_up_code: str | None
    donor_name: str | None
    donor_email: str | None


class _Number(str):
    """A JSON number as it was written: a float could not tell 0.1 from its neighbours."""

    __slots__ = ()


def read_report(body: bytes, mapping: FundsProvider, currency: str) -> FundsReport | None:
    """Read one webhook body.

    Args:
        mapping: The path of each field in the provider's JSON; dots lead into objects. An empty
            `status` means that the provider reports nothing but payments.
        currency: The festival's, ISO 4217.
    Returns:
        The payment, or None when the body reports something else than money that came in.
    Raises:
        BadReport: The body is not JSON, or a field is missing, malformed or in another currency.
    """
    tree = _parse(body)
    if mapping.status and not _is_paid(_required(tree, mapping.status), mapping):
        return None
    external_id = _required(tree, mapping.id)
    if not _ID.fullmatch(external_id):
        raise BadReport(mapping.id, "Expected 1 to 255 visible ASCII characters.")
    reported = _required(tree, mapping.currency)
    if reported.upper() != currency:
        raise BadReport(mapping.currency, f"This festival takes {currency}.", code="unsupported-currency")
    return FundsReport(
        external_id=str(external_id),
        amount=_amount(tree, mapping, currency),
        user_id=UserId(owner) if (owner := _owner(tree, mapping.user_id)) else None,
        top_up_code=_text(tree, mapping.top_up_code),  # typed by hand
        donor_name=_text(tree, mapping.donor_name),
        donor_email=_text(tree, mapping.donor_email),
    )


def _parse(body: bytes) -> dict[str, Any]:
    try:
        tree = json.loads(
            body.decode(),
            parse_float=_Number,
            parse_int=_Number,
            parse_constant=_refuse_constant,
            object_pairs_hook=_object,
        )
    except (ValueError, RecursionError) as error:  # a decode error of bytes or of JSON is a ValueError too
        raise BadReport("", "The body is not JSON.") from error
    if not isinstance(tree, dict):
        raise BadReport("", "The body is not a JSON object.")
    return tree


def _refuse_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is not JSON")


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """Refuse a name that stands twice in one object: of two amounts, another reader may have shown the other."""
    found = dict(pairs)
    if len(found) < len(pairs):
        raise ValueError("a name stands twice in one object")
    return found


def _find(tree: dict[str, Any], path: str) -> Any:
    """Return the value at a dotted path; None where there is none."""
    node: Any = tree
    for name in path.split("."):
        if not isinstance(node, dict):
            return None
        node = node.get(name)
    return node


def _required(tree: dict[str, Any], path: str) -> str:
    value = _find(tree, path)
    if not isinstance(value, str) or not value:
        raise BadReport(path, "This field is missing." if value is None else "Expected a text or a number.")
    return value


def _is_paid(status: str, mapping: FundsProvider) -> bool:
    return status.lower() in {paid.lower() for paid in mapping.paid_statuses}


def _amount(tree: dict[str, Any], mapping: FundsProvider, currency: str) -> int:
    text = _required(tree, mapping.amount)
    try:
        amount = parse_major(text, currency) if mapping.amount_unit == "major" else parse_minor(text)
    except BadAmount as error:
        raise BadReport(mapping.amount, str(error)) from error
    if not 1 <= amount <= AMOUNT_MAX:
        raise BadReport(mapping.amount, f"Expected 1 to {AMOUNT_MAX} minor units.")
    return amount


def _owner(tree: dict[str, Any], path: str) -> str | None:
    """Return the id or code of the person it is for; None if it can't be one: the money is held then, never refused."""
    value = _find(tree, path)
    if not isinstance(value, str) or not _ID.fullmatch(value.strip()):
        return None
    return str(value.strip())


def _text(tree: dict[str, Any], path: str) -> str | None:
    """Return a text for the organiser to read, without unprintable characters; None if nothing is left of it."""
    value = _find(tree, path)
    if not isinstance(value, str):
        return None
    return "".join(char for char in value if char.isprintable())[:_TEXT_CHARS_MAX].strip() or None
