"""What every event is; `events.py` has them all."""

from typing import ClassVar

import msgspec

from festival_push.domain.values import Topic


class Event(msgspec.Struct, frozen=True, kw_only=True, rename="camel", omit_defaults=True):
    """A fact, told to the topics it concerns."""

    TYPE: ClassVar[str]  # the SSE `event:` field and the log's `type` column
    TO: ClassVar[tuple[str, ...]] = ("system",)  # the topics that it may be sent to
    timestamp: str  # RFC 3339


class Outgoing(msgspec.Struct, frozen=True):
    """An event and the topics that it is for; a stream that follows several of them still receives it once."""

    topics: tuple[Topic, ...]
    event: Event
