"""A near miss of a setting: which one was meant. One underscore too few would otherwise be looked for a night long."""

import re
from collections.abc import Iterator
from difflib import get_close_matches
from typing import Any, Final, get_args, get_origin

import msgspec

from festival_push.settings.sections import Settings
from festival_push.settings.sources import FILE_SUFFIX, PREFIX, Given, Keys, may_be_in_file

_BETWEEN_WORDS: Final = re.compile(r"[^a-z0-9]+")
_ALIKE: Final = 0.8  # of difflib's ratio: two letters of ten are other ones


def meant(keys: Keys, given: Given) -> str | None:
    """Return the setting that an unknown name is alike, as it is written where that name stood; None: none is."""
    names = {_plain(".".join(known)): known for known in _known(Settings, (), keys)}
    written = ".".join(keys).lower().removeprefix(PREFIX.lower())
    suffix = FILE_SUFFIX if given.is_variable and written.endswith(FILE_SUFFIX.lower()) else ""
    for found in get_close_matches(_plain(written.removesuffix(suffix.lower())), names, n=1, cutoff=_ALIKE):
        if given.is_variable:
            return variable_of(names[found]) + (suffix if may_be_in_file(names[found]) else "")
        return ".".join(names[found])
    return None


def variable_of(keys: Keys) -> str:
    """Return the environment variable of a setting."""
    return PREFIX + "__".join(key.replace("-", "_") for key in keys).upper()


def _plain(name: str) -> str:
    return _BETWEEN_WORDS.sub("", name)


def _known(kind: Any, above: Keys, keys: Keys) -> Iterator[Keys]:
    """Yield the path of each setting; for tables by name, with the name that `keys` has there."""
    if get_origin(kind) is dict and len(keys) > len(above):
        yield from _known(get_args(kind)[1], (*above, keys[len(above)]), keys)
    elif isinstance(kind, type) and issubclass(kind, msgspec.Struct):
        for field in msgspec.structs.fields(kind):
            yield from _known(field.type, (*above, field.name), keys)
    elif above:
        yield above
