"""The events of one stream about itself. They have no position, because the log does not have them."""

from typing import Any, ClassVar

import msgspec


class Connected(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """The first frame of a stream; not logged. `snapshot` stands where the cursor could not be honoured."""

    TYPE: ClassVar[str] = "connected"
    user_id: str
    user_type: str
    message: str
    heartbeat: float  # seconds: the longest that a living stream is silent
    resumed: bool
    reason: str | msgspec.UnsetType = msgspec.UNSET
    snapshot: Any = msgspec.UNSET  # rendered by web: a person's wallet and orders, or a board


class StreamError(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """A fault of the stream itself, sent right before its end; not logged."""

    TYPE: ClassVar[str] = "error"
    code: str
    message: str


class Stale(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """The server can't tell whether anything has happened since; not logged. The stream ends soon after it."""

    TYPE: ClassVar[str] = "stale"
    since: str  # until then, everything was told
    message: str


class SessionExpiring(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """The stream's token is about to expire; not logged."""

    TYPE: ClassVar[str] = "session-expiring"
    expires_at: str
