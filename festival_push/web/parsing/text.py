"""Text that people type: composed, trimmed, and without what reorders, hides or stacks up on other text."""

import re
import unicodedata
from typing import Final

from festival_push.web.parsing.problems import field_error

NAME_CHARS_MAX: Final = 80
_MARKS_MAX: Final = 4  # on one letter; the fullest scripts need three
_REFUSED: Final = frozenset({"Cc", "Cf", "Cs", "Zl", "Zp"})
_ZWJ: Final = "\u200d"
_AFTER_JOINER: Final = re.compile(r"[\U0001f3fb-\U0001f3ff\ufe0f]")  # skin tones and the emoji form
_BLANK_LETTERS: Final = frozenset("\u115f\u1160\u2800\u3164\uffa0")  # letters and symbols without ink


def clean_line(text: str, *, field: str, chars_max: int, blank: bool = False) -> str:
    """Return one line of text as it is stored: composed (NFC) and trimmed. Raises BadRequest, which names the field."""
    line = unicodedata.normalize("NFC", text).strip()
    if len(line) > chars_max:
        raise field_error(field, f"must have at most {chars_max} characters")
    if (fault := _fault_in(line)) is not None:
        raise field_error(field, fault)
    if not blank and not _has_ink(line):
        raise field_error(field, "must not be blank")
    return line


def clean_name(text: str, field: str = "name") -> str:
    """Return a person's, stall's, item's or display's name as it is stored: 1 to 80 characters. Raises BadRequest."""
    return clean_line(text, field=field, chars_max=NAME_CHARS_MAX)


def name_from_outside(name: str | None, *, otherwise: str) -> str:
    """Return a name from an identity provider, cleaned; `otherwise`, which must be clean, if nothing fit is left."""
    kept = [char for char in unicodedata.normalize("NFC", name or "") if unicodedata.category(char) not in _REFUSED]
    line = "".join(kept).strip()[:NAME_CHARS_MAX].strip()
    return line if _has_ink(line) and _fault_in(line) is None else otherwise[:NAME_CHARS_MAX]


def _has_ink(line: str) -> bool:
    return any(not char.isspace() and char not in _BLANK_LETTERS and not _is_mark(char) for char in line)


def _is_mark(char: str) -> bool:
    return unicodedata.category(char) in {"Mn", "Me"}


def _fault_in(line: str) -> str | None:
    if line.isascii() and line.isprintable():
        return None
    marks = 0
    for index, char in enumerate(line):
        marks = marks + 1 if _is_mark(char) else 0
        if marks > _MARKS_MAX:
            return "stacks too many marks on one letter"
        if unicodedata.category(char) in _REFUSED and not (char == _ZWJ and _joins_emoji(line, index)):
            return "must be one line of visible characters"
    return None


def _joins_emoji(line: str, index: int) -> bool:
    """Return whether the joiner at this index stands between two emoji, as in a family or a rainbow flag."""
    before = _AFTER_JOINER.sub("", line[:index])[-1:]
    after = line[index + 1 : index + 2]
    return all(char and unicodedata.category(char) in {"So", "Cn"} for char in (before, after))
