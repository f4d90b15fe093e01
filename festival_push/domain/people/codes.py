"""Top-up codes as people type them: the one place that says when two are the same."""

import unicodedata
from collections.abc import Iterable
from string import ascii_lowercase, ascii_uppercase
from typing import Final

from festival_push.domain.rows import User

_UPPER: Final = str.maketrans(ascii_lowercase, ascii_uppercase)  # as SQL does: the letters of codes are ASCII
_LOOK_ALIKES: Final = str.maketrans("OIL", "011")

CODE_KEY_SQL: Final = (
    "replace(replace(replace(upper(replace(replace(top_up_code, '-', ''), ' ', '')), 'O', '0'), 'I', '1'), 'L', '1')"
)
"""The same of the column `top_up_code`, in exactly the words of its index, else the index would not be used."""


def code_key(code: str) -> str:
    """Return what is the same of all ways to type a code: no hyphens or blanks, capitals, look-alikes as digits."""
    plain = unicodedata.normalize("NFKC", code)
    kept = "".join(char for char in plain if not char.isspace() and unicodedata.category(char) not in ("Pd", "Cf"))
    return kept.translate(_UPPER).translate(_LOOK_ALIKES)


def owner_of(code: str, users: Iterable[User]) -> User | None:
    """Return who of these people owns a top-up code, however it was typed; None if nobody does, or several do."""
    key = code_key(code)
    alike = [user for user in users if code_key(user.top_up_code) == key]
    exact = (user for user in alike if user.top_up_code == code)
    return next(exact, alike[0] if len(alike) == 1 else None)
