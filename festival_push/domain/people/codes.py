"""Top-up codes as people type them: the one place that says when two are the same."""

import unicodedata
from string import ascii_lowercase, ascii_uppercase
from typing import Final

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
