"""Query parameters: how they are read, and those that many routes share."""

from typing import Annotated, Final
from urllib.parse import parse_qsl

import msgspec
from msgspec import Meta

from festival_push.web.parsing.problems import field_error

PAGE_LIMIT: Final = 50


PAGE_LIMIT_MAX: Final = 200

_PARAMETERS_MAX: Final = 32
_TOKENS: Final = frozenset({"access_token", "authorization", "bearer", "jwt", "token"})
"""Names that a client may take for a place for its token, which addresses in logs would give away."""


def sent_parameters(query_string: bytes) -> list[tuple[str, str]]:
    """Return the query parameters in their order.

    Only the first 32 are read: no route has so many, so where a wrong one matters there is one among them. A head has
    room for thousands, and each costs more than to send it.
    """
    parts = query_string.decode("latin-1").split("&", _PARAMETERS_MAX)[:_PARAMETERS_MAX]
    return parse_qsl("&".join(parts), keep_blank_values=True)


def single_parameters(query_string: bytes) -> dict[str, str]:
    """Return the query parameters by name. Raises BadRequest if one is given twice, or is null."""
    given: dict[str, str] = {}
    for name, value in sent_parameters(query_string):
        if name in given:
            raise field_error(name, "is given twice")
        if value.lower() == "null":  # msgspec would take it for None
            raise field_error(name, "must not be null")
        given[name] = value
    return given


def stream_parameters(query_string: bytes) -> dict[str, str]:
    """Return a stream's query parameters by name: of a repeated one the last counts, an empty one is none.

    They are taken as they come, because after a 400 an EventSource never tries again, and its libraries add some of
    their own. Raises BadRequest for a token only.
    """
    given = {}
    for name, value in sent_parameters(query_string):
        if name in _TOKENS:
            raise field_error(name, "must not stand in an address; send Authorization: Bearer, or a ticket")
        if value:
            given[name] = value
    return given


class PageQuery(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """`?limit=&before=`; a handler with more parameters subclasses it."""

    limit: Annotated[int, Meta(ge=1, le=PAGE_LIMIT_MAX)] = PAGE_LIMIT
    before: Annotated[int, Meta(ge=0, le=2**63 - 1)] | None = None


class NoQuery(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """No parameter at all."""
