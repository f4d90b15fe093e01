"""The kinds of field that request bodies are made of; what does not fit is a 400 that names the field."""

import unicodedata
from typing import Annotated, Final

from msgspec import Meta

AMOUNT_MAX: Final = 10**12  # of any amount, in minor units; what the organiser allows is `limits.amount_max`

# The patterns look ahead for a character that must not be there, because Python's `$` also matches before a last
# line end. They are written in the subset that JavaScript knows, so that they can stand in the API's description.
_ID: Final = r"^(?![\s\S]*[^!-~])"
_UNSEEN: Final = (
    r"\x00-\x1f\x7f-\x9f\u00ad\u061c\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb\ud800-\udfff"
)
"""Control characters, and the invisible ones that reorder or hide text; the joiners stay, emoji need them."""
_LINE: Final = rf"^(?![\s\S]*[{_UNSEEN}])"
_FILLED: Final = rf"{_LINE}(?=[\s\S]*\S)"

Id = Annotated[str, Meta(min_length=1, max_length=255, pattern=_ID, description="Opaque: visible ASCII.")]
Name = Annotated[str, Meta(max_length=80, pattern=_FILLED, description="One line of text, not blank.")]
Note = Annotated[str, Meta(max_length=140, pattern=_LINE, description="One line of text.")]
Description = Annotated[str, Meta(max_length=500, pattern=_LINE, description="One line of text.")]
Amount = Annotated[int, Meta(ge=1, le=AMOUNT_MAX, description="Minor units; at most what the organiser allows.")]


def clean(text: str) -> str:
    """The text as it is kept: composed, so that what looks equal is equal, and without blanks around it."""
    return unicodedata.normalize("NFC", text).strip()


def clean_or_none(text: str) -> str | None:
    """The text as it is kept; None when nothing is left of it."""
    return clean(text) or None
