"""Text that people type: composed, trimmed, and without what reorders, hides or stacks up on other text.

Names of real people are names, in every script. What nobody sees (control characters, marks of direction, blanks
without width, fillers, tags) comes along when text is pasted: it is dropped, and no reason to refuse a person.
"""

import unicodedata
from typing import Final

from festival_push.web.parsing.problems import field_error

NAME_CHARS_MAX: Final = 80
_MARKS_MAX: Final = 4  # on one letter; the fullest scripts need three
_UNSEEN: Final = frozenset({"Cc", "Cf", "Cs"})
_FILLERS: Final = frozenset("\u034f\u115f\u1160\u17b4\u17b5\u3164\uffa0")  # letters and marks without ink
_BRAILLE_BLANK: Final = "\u2800"
_ZWNJ: Final = "\u200c"
_ZWJ: Final = "\u200d"
_JOINERS: Final = frozenset({_ZWNJ, _ZWJ})
_JOINING_SCRIPTS: Final = (
    "ARABIC", "SYRIAC", "NKO", "MANDAIC", "MONGOLIAN", "PHAGS-PA", "ADLAM", "DEVANAGARI", "BENGALI", "GURMUKHI",
    "GUJARATI", "ORIYA", "TAMIL", "TELUGU", "KANNADA", "MALAYALAM", "SINHALA", "MYANMAR", "KHMER", "TIBETAN",
    "BALINESE", "JAVANESE", "TAI THAM", "CHAKMA",
)  # fmt: skip
"""The first words of the names of letters whose shape a joiner changes."""
_JOINED_ONLY_BEFORE: Final = frozenset("آأؤإاةدذرزوٱڈڑژۀۃەۇۈۋ")
"""Arabic letters that never join the next letter: nobody sees a ZWNJ after them."""
_EMOJI: Final = frozenset({"So", "Sk", "Cn"})  # Sk: the skin tones; Cn: younger than this Python


def clean_line(text: str, *, field: str, chars_max: int, blank: bool = False) -> str:
    """Return one line of text as it is stored: composed (NFC), trimmed, and without what nobody sees.

    Raises BadRequest, which names the field: it is too long, stacks marks, or nothing visible is left.
    """
    line = _seen(text)
    if len(line) > chars_max:
        raise field_error(field, f"must have at most {chars_max} characters")
    if _stacks_marks(line):
        raise field_error(field, "stacks too many marks on one letter")
    if not _has_ink(line) and (line or not blank):
        raise field_error(field, "must not be blank")
    return line


def clean_name(text: str, field: str = "name") -> str:
    """Return a person's, stall's, item's or display's name as it is stored: 1 to 80 characters. Raises BadRequest."""
    return clean_line(text, field=field, chars_max=NAME_CHARS_MAX)


def name_from_outside(name: str | None, *, otherwise: str) -> str:
    """Return a name from an identity provider, cleaned; `otherwise`, which must be clean, if nothing fit is left."""
    line = _seen(_seen(name or "")[:NAME_CHARS_MAX])
    return line if _has_ink(line) and not _stacks_marks(line) else otherwise[:NAME_CHARS_MAX]


def _seen(text: str) -> str:
    """Return what is seen of a text, on one line, with one blank between words."""
    if text.isascii() and text.isprintable():
        return " ".join(text.split())
    composed = unicodedata.normalize("NFC", text).replace(_BRAILLE_BLANK, " ")
    words = " ".join(composed.split())  # all of Unicode's blanks, and ends of lines
    kept: list[str] = []
    chars = [char for char in words if char in _JOINERS or not _is_clutter(char)]
    for index, char in enumerate(chars):
        before = kept[-1] if kept else ""
        if char in _JOINERS:
            after = next((other for other in chars[index + 1 :] if other not in _JOINERS), "")
            if not _joins(kept, char, after):
                continue
        elif _selects_variant(char) and not _has_variants(before, char):
            continue
        kept.append(char)
    # Once more, because what was apart may be together now.
    return unicodedata.normalize("NFC", " ".join("".join(kept).split()))


def _is_clutter(char: str) -> bool:
    return unicodedata.category(char) in _UNSEEN or char in _FILLERS


def _joins(kept: list[str], joiner: str, after: str) -> bool:
    """Return whether a joiner changes what is seen: in a script that has it, or between two emoji."""
    shown = [char for char in kept[-3:] if not _selects_variant(char)]
    before = shown[-1] if shown else ""
    if not before or before in _JOINERS or (kept and kept[-1] in _JOINERS):
        return False
    if joiner == _ZWJ and unicodedata.category(before) in _EMOJI:
        return bool(after) and unicodedata.category(after) in _EMOJI | {"Sm"}
    if not _is_of_joining_script(before):
        return False
    if unicodedata.combining(before) == 9 and joiner == _ZWJ:  # a virama: the half form, also at the end of a word
        return True
    is_invisible = joiner == _ZWNJ and before in _JOINED_ONLY_BEFORE
    return not is_invisible and bool(after) and _is_of_joining_script(after)


def _is_of_joining_script(char: str) -> bool:
    return unicodedata.category(char)[0] in "LM" and unicodedata.name(char, "").startswith(_JOINING_SCRIPTS)


def _selects_variant(char: str) -> bool:
    return "\ufe00" <= char <= "\ufe0f" or "\U000e0100" <= char <= "\U000e01ef" or "\u180b" <= char <= "\u180d"


def _has_variants(before: str, selector: str) -> bool:
    """Return whether a character has other forms: emoji and signs, Chinese characters, Mongolian letters."""
    if not before:
        return False
    if selector in "\ufe0e\ufe0f":
        return unicodedata.category(before) in {"So", "Sm", "Cn"} or before in "#*0123456789‼⁉"
    return unicodedata.name(before, "").startswith("MONGOLIAN" if selector < "\ufe00" else "CJK ")


def _has_ink(line: str) -> bool:
    return any(not char.isspace() and char not in _JOINERS and not _is_mark(char) for char in line)


def _is_mark(char: str) -> bool:
    return unicodedata.category(char) in {"Mn", "Me"}


def _stacks_marks(line: str) -> bool:
    marks = 0
    for char in line:
        marks = marks + 1 if _is_mark(char) else 0
        if marks > _MARKS_MAX:
            return True
    return False
