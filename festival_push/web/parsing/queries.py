"""Query parameters: how they are read, and those that many routes share."""

from typing import Annotated, Final
from urllib.parse import parse_qsl

import msgspec
from msgspec import Meta

PAGE_LIMIT: Final = 50


PAGE_LIMIT_MAX: Final = 200

_PARAMETERS_MAX: Final = 32


def sent_parameters(query_string: bytes) -> list[tuple[str, str]]:
    """Return the query parameters in their order.

    Only the first 32 are read: no route has so many, so where a wrong one matters there is one among them. A head has
    room for thousands, and each costs more than to send it.
    """
    parts = query_string.decode("latin-1").split("&", _PARAMETERS_MAX)[:_PARAMETERS_MAX]
    return parse_qsl("&".join(parts), keep_blank_values=True)


class PageQuery(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """`?limit=&before=`; a handler with more parameters subclasses it."""

    limit: Annotated[int, Meta(ge=1, le=PAGE_LIMIT_MAX)] = PAGE_LIMIT
    before: Annotated[int, Meta(ge=0, le=2**63 - 1)] | None = None


class NoQuery(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """No parameter at all."""
