"""Names that people take for one: each name has a key, and two names are alike if their keys are equal.

The table of look-alikes is our own. The one of Unicode has six thousand rows, most of them for scripts that no sign is
written in; it calls `rn` and `m` alike, but not `e` and `é`, nor two names of which one has a blank or a dot more.
"""

# ruff: noqa: RUF001 - letters that look alike are what this is about

import re
import unicodedata
from typing import Final

# What stands for a letter, by that letter, after folding case. Where the two cases of a foreign letter look like
# different ones, the capital counts: signs are written in capitals, and only capitals are twins in every font.
_LOOK_ALIKES: Final = {
    "a": "аαɑᴀꭺ@", "ae": "æӕ", "b": "вβьʙᴃᏼ", "c": "сᴄꮯ", "d": "đðԁᴅꭰ", "e": "еεєᴇꭼ", "f": "ƒꜰϝ", "g": "ɡɢꮐ",
    "h": "нηһħհʜꮋ", "j": "јϳᴊꭻ", "k": "кκᴋꮶ", "l": "iıіιӏɪɩɫłʟ1|ǀꮮ", "m": "мμᴍꮇ", "n": "νпոɴŋ",
    "o": "оοσօᴏøө0", "oe": "œ", "p": "рρᴘþꮲ", "q": "ԛզ", "r": "гʀꮁ", "s": "ѕꜱꮪ$", "t": "тτᴛŧꭲ", "u": "սᴜ",
    "v": "ѵᴠꮩ", "w": "ωԝᴡꮃ", "x": "хχ", "y": "уυүʏꭹ", "z": "ζᴢꮓ", "3": "зӡ", "6": "б",
}  # fmt: skip
_LETTERS: Final = str.maketrans(
    {char.casefold(): letter for letter, chars in _LOOK_ALIKES.items() for char in chars}  # Cherokee folds upwards
)
_LUNATE: Final = str.maketrans("\u03f2\u03f9", "cc")  # would be composed to another look
_PAIRS: Final = (("rn", "m"), ("vv", "w"))
# Accents and the like, as people leave them out; not the vowel signs of scripts that are read by them.
_ACCENTS: Final = re.compile(r"[\u0300-\u036f\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff\ufe00-\ufe0f\ufe20-\ufe2f]")
_SYMBOLS: Final = "="  # begins the keys of names without a letter; no other key has it


def name_key(name: str) -> str:
    """Return what is left of a stall's name when everything is dropped that people overlook.

    Letters of one look are one letter; case, accents, blanks and punctuation don't count. A name of symbols alone, such
    as emoji, keeps these. The key of a key is the key itself.
    """
    folded = fold(name)
    key = "".join(char for char in folded.translate(_LETTERS) if unicodedata.category(char)[0] in "LMN")
    for pair, letter in _PAIRS:
        key = key.replace(pair, letter)
    return key or _SYMBOLS + "".join(char for char in folded if unicodedata.category(char)[0] in "PS" and char != "=")


def fold(name: str) -> str:
    """Return a text without case and accents, its digits those of ASCII."""
    text = unicodedata.normalize("NFKC", name.translate(_LUNATE)).casefold()
    bare = _ACCENTS.sub("", unicodedata.normalize("NFKD", text))
    digits = (str(unicodedata.decimal(char, char)) for char in bare)  # of any script
    return unicodedata.normalize("NFC", "".join(digits))
