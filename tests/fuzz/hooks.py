"""What Schemathesis must know of this API that its configuration can't say; loaded by it, in its own process."""

import os
from typing import Any, Final

import schemathesis
from hypothesis import strategies as st
from schemathesis import HookContext

SELF: Final = frozenset(os.environ.get("FUZZ_SELF", "").split())
"""Ids of the people in whose name requests are made: nobody is to suspend them."""

_LETTERS: Final = st.characters(codec="utf-8", categories=("L", "N", "P", "S"), exclude_characters="\u2800")


def _has_ink(text: str) -> bool:
    """What `clean_line` looks at besides the kinds of characters."""
    return not any(char in "\u115f\u1160\u3164\uffa0" for char in text)


# A line of text that somebody may have typed; the server composes it, and that may change its length.
schemathesis.openapi.format("line", st.text(_LETTERS, min_size=1, max_size=60).filter(_has_ink))


@schemathesis.hook
def filter_path_parameters(context: HookContext, path_parameters: dict[str, Any] | None) -> bool:
    """Leave the people alone who make the requests."""
    del context
    return (path_parameters or {}).get("userId") not in SELF


@schemathesis.hook
def map_query(context: HookContext, query: dict[str, Any] | None) -> dict[str, Any] | None:
    """Don't wait long for events that nobody causes."""
    del context
    return {**query, "wait": 1} if query and query.get("wait") in range(2, 26) else query


@schemathesis.hook
def map_body(context: HookContext, body: Any) -> Any:
    """Write whole numbers as such: to JSON Schema `5.0` is an integer, to whoever counts money it is a float."""
    del context
    return _whole(body)


def _whole(value: Any) -> Any:
    match value:
        case float() if value.is_integer():
            return int(value)
        case dict():
            return {name: _whole(inner) for name, inner in value.items()}
        case list():
            return [_whole(inner) for inner in value]
        case _:
            return value
