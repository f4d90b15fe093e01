"""Query parameters that many routes share."""

from typing import Annotated, Final

import msgspec
from msgspec import Meta

PAGE_LIMIT: Final = 50


PAGE_LIMIT_MAX: Final = 200


class PageQuery(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """`?limit=&before=`; a handler with more parameters subclasses it."""

    limit: Annotated[int, Meta(ge=1, le=PAGE_LIMIT_MAX)] = PAGE_LIMIT
    before: Annotated[int, Meta(ge=0, le=2**63 - 1)] | None = None


class NoQuery(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """No parameter at all."""
