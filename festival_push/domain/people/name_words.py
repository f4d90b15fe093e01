"""The words of a person's name, as the desk looks for them: case and accents don't matter."""

import unicodedata

from festival_push.domain.look_alikes import fold

_WITHIN: frozenset[str] = frozenset("'\u2019\u02bc`\u00b4")
"""Apostrophes, which people leave out: `O'Brien` is one word."""


def words_of(name: str) -> str:
    """Return the words of a name, or of what somebody types for one, once each, with one blank between them.

    They consist of letters, digits and signs that belong to letters; of a name without any, symbols such as emoji are
    its word. The words of the words are the words themselves.
    """
    folded = fold("".join(char for char in name if char not in _WITHIN))
    spaced = "".join(char if unicodedata.category(char)[0] in "LMN" else " " for char in folded)
    words = spaced.split() or ["".join(char for char in folded if unicodedata.category(char) in {"So", "Sc"})]
    return " ".join(dict.fromkeys(words))
