"""The kinds of field that request bodies are made of; what does not fit is a 400 that names the field."""

import re
from typing import Annotated, ClassVar, Final, TypeVar

import msgspec
from msgspec import UNSET, Meta, UnsetType

from festival_push.domain.refusals import NotFound, Thing
from festival_push.web.parsing.text import NAME_CHARS_MAX, clean_line

T = TypeVar("T")

AMOUNT_MAX: Final = 10**12  # of any amount, in minor units; what the organiser allows is `limits.amount_max`
ID_CHARS_MAX: Final = 128
SIGN_IN_CHARS_MAX: Final = 64
TYPED_CHARS_MAX: Final = 160  # an id of before may be the name, and blanks may be typed into it
NOTE_CHARS_MAX: Final = 140
MESSAGE_CHARS_MAX: Final = 280
_RAW_TIMES: Final = 5  # text may be this many times longer before it is trimmed and composed
_ID: Final = re.compile(rf"[!-~]{{1,{ID_CHARS_MAX}}}")

# Looks ahead for a character that must not be there: Python's `$` also matches before a last line end.
_VISIBLE: Final = r"^[!-~](?![\s\S]*[^!-~])"

PUBLISHED: Final = "published"
"""Key of a field's JSON-schema overrides: the contract publishes a plainer form of the rule than the one checked."""


def matching(pattern: str, published: str, *, chars_max: int | None = None, description: str) -> Meta:
    """Return the rule for text that matches `pattern`; the contract shows `published`, a plainer form of it."""
    extra = {PUBLISHED: {"pattern": published}}
    return Meta(pattern=pattern, max_length=chars_max, description=description, extra_json_schema=extra)


def line_of(chars_max: int, *, blank: bool = False) -> Meta:
    """Return the rule for one line of text. It may be longer than `chars_max` until `clean_line` has trimmed it."""
    extra = {PUBLISHED: {"maxLength": chars_max, "format": "line"}}
    said = f"At most {chars_max} characters, one line." if blank else f"1 to {chars_max} characters, one line."
    return Meta(
        min_length=None if blank else 1, max_length=chars_max * _RAW_TIMES, description=said, extra_json_schema=extra
    )


_TRUE: Final = {PUBLISHED: {"const": True}}

Id = Annotated[str, matching(_VISIBLE, "^[!-~]+$", chars_max=ID_CHARS_MAX, description="Opaque: visible ASCII.")]
NewSignIn = Annotated[
    str,
    matching(
        _VISIBLE, "^[!-~]+$", chars_max=SIGN_IN_CHARS_MAX, description="Visible ASCII; case and hyphens don't matter."
    ),
]
TypedSignIn = Annotated[
    str,
    matching(
        r"^[ -~]*[!-~](?![\s\S]*[^ -~])",
        "^[ -~]*[!-~][ -~]*$",
        chars_max=TYPED_CHARS_MAX,
        description="As somebody types it: case, blanks and hyphens don't matter.",
    ),
]
Name = Annotated[str, line_of(NAME_CHARS_MAX)]
Note = Annotated[str, line_of(NOTE_CHARS_MAX, blank=True)]
Reason = Annotated[str, line_of(NOTE_CHARS_MAX)]
Message = Annotated[str, line_of(MESSAGE_CHARS_MAX)]
Amount = Annotated[int, Meta(ge=1, le=AMOUNT_MAX, description="Minor units; at most what the organiser allows.")]


class Body(msgspec.Struct, frozen=True, kw_only=True, rename="camel", forbid_unknown_fields=True):
    """A request's JSON object. A field without a default must be there; `null` is a value only where it clears one."""


class Changes(Body, frozen=True, kw_only=True):
    """New values; what is left out stays as it is, but something must be there."""


class AmountOrAll(Body, frozen=True, kw_only=True):
    """An amount, or everything that there is. `Call.share` requires exactly one: saying nothing never means all."""

    ALTERNATIVES: ClassVar[tuple[str, ...]] = ()  # fields of which one may stand instead of both

    amount: Amount | UnsetType = UNSET
    all: Annotated[bool, Meta(description="Instead of an amount.", extra_json_schema=_TRUE)] | UnsetType = UNSET


def given(value: T | UnsetType) -> T | None:
    """Return the value of an optional field, or None where it was left out."""
    return None if value is UNSET else value


def left_out(value: T | None) -> T | UnsetType:
    """Return the value of an answer's field, or UNSET, which leaves the field out, for None."""
    return UNSET if value is None else value


def clean_note(text: str, field: str) -> str | None:
    """Return a note as it is stored; None when nothing is left of it. Raises BadRequest."""
    return clean_line(text, field=field, chars_max=NOTE_CHARS_MAX, blank=True) or None


def clean_message(text: str) -> str:
    """Return a message as it is stored. Raises BadRequest."""
    return clean_line(text, field="message", chars_max=MESSAGE_CHARS_MAX)


def require_id(text: str, *, what: Thing) -> str:
    """Return a part of a path as an id. Raises NotFound if it can't be one, so that no database is asked for it."""
    if not _ID.fullmatch(text):
        raise NotFound(what=what)
    return text
