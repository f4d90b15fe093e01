"""The kinds of field that request bodies are made of; what does not fit is a 400 that names the field."""

import re
from typing import Annotated, Final

import msgspec
from msgspec import Meta

from festival_push.domain.refusals import NotFound
from festival_push.web.text import clean_line

AMOUNT_MAX: Final = 10**12  # of any amount, in minor units; what the organiser allows is `limits.amount_max`
ID_CHARS_MAX: Final = 128
NOTE_CHARS_MAX: Final = 140
_RAW_TIMES: Final = 5  # text may be longer before it is trimmed and composed
_ID: Final = re.compile(rf"[!-~]{{1,{ID_CHARS_MAX}}}")

# Looks ahead for a character that must not be there: Python's `$` also matches before a last line end.
_VISIBLE: Final = r"^(?![\s\S]*[^!-~])"

Id = Annotated[str, Meta(min_length=1, max_length=ID_CHARS_MAX, pattern=_VISIBLE, description="Opaque: visible ASCII.")]
Name = Annotated[str, Meta(min_length=1, max_length=400, description="1 to 80 characters, one line.")]
Note = Annotated[str, Meta(max_length=NOTE_CHARS_MAX * _RAW_TIMES, description="At most 140 characters, one line.")]
Amount = Annotated[int, Meta(ge=1, le=AMOUNT_MAX, description="Minor units; at most what the organiser allows.")]


class Body(msgspec.Struct, frozen=True, kw_only=True, rename="camel", forbid_unknown_fields=True):
    """A request's JSON object. A field without a default must be there; `null` is no value of any field."""


class Changes(Body, frozen=True, kw_only=True):
    """New values; what is left out stays as it is, but something must be there."""


def clean_note(text: str, field: str) -> str | None:
    """A note as it is kept; None when nothing is left of it. Raises BadRequest."""
    return clean_line(text, field=field, chars_max=NOTE_CHARS_MAX, blank=True) or None


def require_id(text: str, *, what: str) -> str:
    """A path's part as an id. Raises NotFound for what is no id of anything, so that no database is asked for it."""
    if not _ID.fullmatch(text):
        raise NotFound(what=what)
    return text
