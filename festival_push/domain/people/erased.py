"""Who was erased, and what becomes of a text, an event or an answer that tells of them."""

import re
from collections.abc import Collection
from typing import Any, Final

import msgspec

from festival_push.domain.office.events import NewDeed
from festival_push.domain.values import UserId

ERASED_NAME: Final = "Erased guest"
_SAID: Final = "(erased)"
"""Stands for what somebody wrote, or for a text that had it in it."""
_WRITTEN: Final = frozenset({"customer-message", "vendor-message"})
_WORDS: Final = frozenset({"notes", "note", "iban", "accountHolder", "donorName", "donorEmail"})
"""Fields that people fill in; the reasons of notices too, but those of balances are of the program."""


class Erased(msgspec.Struct, frozen=True):
    """A person who was erased, under the name that they had until then."""

    user_id: UserId
    name: str


def concerns(value: object, ids: Collection[str]) -> bool:
    """Return whether a JSON value names one of these ids, of a person or of their orders."""
    if isinstance(value, str):
        return value in ids or value.partition(":")[2] in ids
    if isinstance(value, dict):
        return any(concerns(each, ids) for each in value.values())
    return isinstance(value, list) and any(concerns(each, ids) for each in value)


def erased_event(kind: str, event: dict[str, Any], name: str) -> dict[str, Any]:
    """Return an event that tells of an erased person, without their name and without what was written.

    One that tells of a deed stays: deeds are chained, and the audit compares the two.
    """
    if kind == NewDeed.TYPE:
        return event
    cleared = erased_json(event, name)
    assert isinstance(cleared, dict)
    params = cleared.get("params")
    has_reason = isinstance(params, dict) and "reason" in params
    if isinstance(params, dict) and has_reason:
        cleared["params"] = {**params, "reason": _SAID}
    if kind in _WRITTEN or event.get("code") == "order-message" or has_reason:
        cleared["message"] = _SAID
    return cleared


def erased_json(value: object, name: str) -> object:
    """Return a JSON value without the name, and without what people fill in."""
    if isinstance(value, str):
        return _without(value, name)
    if isinstance(value, list):
        return [erased_json(each, name) for each in value]
    if isinstance(value, dict):
        return {
            key: _SAID if key in _WORDS and isinstance(each, str) else erased_json(each, name)
            for key, each in value.items()
        }
    return value


def _without(text: str, name: str) -> str:
    """Return a text in which the name, where it stands as words of its own, is replaced."""
    if name not in text:
        return text
    return re.sub(rf"(?<!\w){re.escape(name)}(?!\w)", ERASED_NAME, text)
