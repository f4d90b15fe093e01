"""What every event is; `events.py` has them all."""

from typing import ClassVar

import msgspec


class Event(msgspec.Struct, frozen=True, kw_only=True, rename="camel", omit_defaults=True):
    """A fact, told to the topics it concerns."""

    TYPE: ClassVar[str]  # the SSE `event:` field and the log's `type` column
    TO: ClassVar[tuple[str, ...]] = ("system",)  # the topics that it may be sent to
    timestamp: str  # RFC 3339
